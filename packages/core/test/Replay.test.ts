import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import type { FieldValue } from "../src/domain/Field.ts"
import type { Policy } from "../src/domain/Policy.ts"
import { desired, values } from "../src/sync/Desired.ts"
import { type ReplayedEmployee, replay } from "../src/sync/Replay.ts"
import { type History, given, january, noonOf, policy } from "./Given.ts"

interface View {
  /** How many of the history's events were known. */
  readonly position?: number
  /** The day on which that was all that was known. */
  readonly on?: string
  readonly effectiveOn?: string
  readonly rules?: Partial<Policy>
}

const replayed = (history: History, { effectiveOn, on = january(20), position, rules = {} }: View = {}) =>
  replay(history.stream, history.events, {
    position: position ?? history.events.length,
    known: noonOf(on),
    effectiveOn: effectiveOn ?? on,
    policy: policy(rules)
  })

const titleOf = (employee: ReplayedEmployee | undefined): FieldValue | undefined => employee?.fields.title?.value

const seen = (history: History, view: View) => {
  const employee = replayed(history, view)
  return [employee?.presence, titleOf(employee)]
}

describe("replay", () => {
  it("gives each value with the event and the source it came from", () => {
    const history = given().appeared({ title: "Clerk" }).appeared({ title: "Head", officeId: "B" }, { source: "crm" })
    assert.deepStrictEqual(replayed(history), {
      stream: history.stream,
      employeeId: "e-1",
      presence: "present",
      fields: {
        title: { value: "Clerk", position: 1, source: "hr" },
        officeId: { value: "B", position: 2, source: "crm" }
      },
      scope: { inside: true }
    })
  })

  it("names the rule that keeps somebody out of the scope", () => {
    const rules = { scope: { exclude: [{ title: "Clerk" }] } }
    const { scope } = replayed(given().appeared({ title: "Clerk" }), { rules }) ?? assert.fail()
    assert.deepStrictEqual(scope, { inside: false, rule: "scope.exclude[0]" })
  })

  it("knows nobody before their first event, and nobody of whom an erasure left only the name of the stream", () => {
    const history = given().appeared({ title: "Clerk" })
    assert.isUndefined(replayed(history, { position: 0 }))
    const erased = history.events.map((recorded) => {
      const { employeeId: _, ...event } = recorded.event as Extract<typeof recorded.event, { type: "EmployeeAppeared" }>
      return { ...recorded, event }
    })
    const viewpoint = { position: 9, known: noonOf(january(9)), effectiveOn: january(9), policy: policy() }
    assert.isUndefined(replay(history.stream, erased, viewpoint))
  })
})

describe("replay: two times", () => {
  it("shows a correction only from when it was learned, and then for the days it is about", () => {
    const history = given()
      .on(january(2))
      .appeared({ title: "Clerk" })
      .on(january(15))
      .changed({ title: "Head" }, { effectiveOn: january(5) })
    const view = (position: number, on: number, day: number) =>
      seen(history, { position, on: january(on), effectiveOn: january(day) })[1]
    assert.strictEqual(view(1, 10, 6), "Clerk")
    assert.strictEqual(view(2, 15, 6), "Head")
    assert.strictEqual(view(2, 15, 4), "Clerk")
  })

  it("expects somebody hired for a day to come, and has them from that day on", () => {
    const history = given()
      .on(january(2))
      .appeared({ title: "Clerk" }, { effectiveOn: january(10) })
    const view = (on: number, day: number) => seen(history, { on: january(on), effectiveOn: january(day) })
    assert.deepStrictEqual(view(2, 2), ["expected", undefined])
    assert.deepStrictEqual(view(2, 10), ["present", "Clerk"])
    assert.deepStrictEqual(view(12, 9), ["expected", undefined])
    assert.deepStrictEqual(view(12, 10), ["present", "Clerk"])
  })

  it("expects somebody on days before anything held of them, though no word has a day of its own", () => {
    const history = given().on(january(5)).appeared({ title: "Clerk" })
    assert.deepStrictEqual(seen(history, { effectiveOn: january(4) }), ["expected", undefined])
    assert.deepStrictEqual(seen(history, { effectiveOn: january(5) }), ["present", "Clerk"])
  })

  it("lets the later of two words of one day hold, and shows the earlier one to who knew no more", () => {
    const history = given()
      .on(january(5))
      .appeared({ title: "Clerk" })
      .changed({ title: "Cook" })
      .changed({ title: "Head" })
    const titles = [1, 2, 3].map((position) => seen(history, { position, on: january(5) })[1])
    assert.deepStrictEqual(titles, ["Clerk", "Cook", "Head"])
    assert.strictEqual(seen(history, { effectiveOn: january(5) })[1], "Head")
  })

  it("shows a rehire as gone in between", () => {
    const history = given()
      .on(january(2))
      .appeared({ title: "Clerk" })
      .on(january(6))
      .vanished()
      .on(january(12))
      .appeared({ title: "Head" })
    const view = (day: number) => seen(history, { effectiveOn: january(day) })
    assert.deepStrictEqual(view(5), ["present", "Clerk"])
    assert.deepStrictEqual(view(6), ["vanished", "Clerk"])
    assert.deepStrictEqual(view(11), ["vanished", "Clerk"])
    assert.deepStrictEqual(view(12), ["present", "Head"])
  })

  it("draws the consequence of an absence on the day it is due, and not before", () => {
    const rules: Partial<Policy> = { absence: { policy: "terminate", afterDays: 3 } }
    const history = given().on(january(2)).appeared({ status: "active" }).on(january(6)).vanished()
    const status = (day: number) => replayed(history, { rules, effectiveOn: january(day) })?.fields.status?.value
    assert.deepStrictEqual([5, 8, 9, 25].map(status), ["active", "active", "terminated", "terminated"])
  })

  it("forgets a planned change that was called off, also for days before the word that called it off", () => {
    const history = given()
      .on(january(2))
      .appeared({ title: "Clerk" })
      .changed({ title: "Head" }, { effectiveOn: january(8) })
      .on(january(12))
      .changed({ officeId: "B" }, { withdrawn: [january(8)] })
    assert.strictEqual(seen(history, { effectiveOn: january(9), position: 2, on: january(10) })[1], "Head")
    assert.strictEqual(seen(history, { effectiveOn: january(9) })[1], "Clerk")
  })
})

/** One thing that HR says, so many days after what it said before, of a day so far from the one it is said on. */
const saying = fc.record({
  kind: fc.constantFrom("appeared", "changed", "changed", "changed", "vanished", "removed", "created" as const),
  later: fc.integer({ min: 0, max: 2 }),
  ahead: fc.option(fc.integer({ min: -6, max: 6 })),
  field: fc.constantFrom("title", "officeId", "departmentId" as const),
  value: fc.option(fc.constantFrom("A", "B", "C"))
})

type Saying = Readonly<{
  kind: "appeared" | "changed" | "vanished" | "removed" | "created"
  later: number
  ahead: number | null
  field: "title" | "officeId" | "departmentId"
  value: string | null
}>

const dayNumbers = (sayings: ReadonlyArray<Saying>): ReadonlyArray<number> => {
  let day = 7
  return sayings.map(({ later }) => (day += later))
}

const said = (history: History, { ahead, field, kind, value }: Saying, day: number): History => {
  const fields = { [field]: value }
  history.on(january(day))
  if (kind === "vanished") return history.vanished()
  if (kind === "removed") return history.removed()
  if (kind === "created") return history.created(fields)
  return history[kind](fields, ahead === null ? {} : { effectiveOn: january(day + ahead) })
}

const told = (sayings: ReadonlyArray<Saying>): History => {
  const days = dayNumbers(sayings)
  return sayings.reduce((history, one, i) => said(history, one, days[i] as number), given())
}

/** The same by brute force: of what was known, what had begun, in the order of the days and then of the log. */
const modelled = (sayings: ReadonlyArray<Saying>, position: number, day: number) => {
  const days = dayNumbers(sayings)
  const words = sayings
    .map(({ ahead, field, kind, value }, i) => ({
      kind,
      field,
      value,
      place: i,
      from: (days[i] as number) + (kind === "appeared" || kind === "changed" ? (ahead ?? 0) : 0)
    }))
    .slice(0, position)
    .filter(({ from, kind }) => kind !== "created" && from <= day)
  const fields = words
    .filter(({ kind }) => kind === "appeared" || kind === "changed")
    .toSorted((a, b) => a.from - b.from || a.place - b.place)
    .map(({ field, value }) => [field, value] as const)
  return { presence: words.at(-1)?.kind, fields: Object.fromEntries(fields) }
}

const presences: Readonly<Record<string, string>> = { vanished: "vanished", removed: "removed" }

const sayings = fc.array(saying, { minLength: 1, maxLength: 10 })

describe("replay: laws", () => {
  it("is what is wanted now, at the head of the log and on today's day", () => {
    fc.assert(
      fc.property(sayings, fc.integer({ min: 0, max: 5 }), (some, later) => {
        const history = told(some)
        const today = january((dayNumbers(some).at(-1) ?? 7) + later)
        const rules: Partial<Policy> = { absence: { policy: "terminate", afterDays: 2 } }
        const { presence, fields } = replayed(history, { on: today, rules }) ?? assert.fail()
        const now = desired(history.person, policy(rules), noonOf(today))
        assert.deepStrictEqual({ presence, fields }, { presence: now.presence, fields: now.fields })
      })
    )
  })

  it("never knows what was recorded later", () => {
    fc.assert(
      fc.property(sayings, sayings, fc.integer({ min: 1, max: 30 }), (some, more, day) => {
        const on = january(dayNumbers(some).at(-1) ?? 7)
        const view = { position: some.length, on, effectiveOn: january(day) }
        assert.deepStrictEqual(replayed(told([...some, ...more]), view), replayed(told(some), view))
      })
    )
  })

  it("is what a model by brute force says, for any two times", () => {
    fc.assert(
      fc.property(sayings, fc.nat(9), fc.integer({ min: 1, max: 31 }), (some, cut, day) => {
        const position = 1 + (cut % some.length)
        const on = dayNumbers(some)[position - 1] as number
        const employee = replayed(told(some), { position, on: january(on), effectiveOn: january(day) })
        const model = modelled(some, position, day)
        if (employee === undefined) assert.fail()
        // A removal is sent as a termination, which is no source's word.
        const { status: _, ...fields } = values(employee.fields)
        assert.deepStrictEqual(fields, model.fields)
        if (day >= on || model.presence === undefined) return
        assert.strictEqual(employee.presence, presences[model.presence] ?? "present")
      })
    )
  })
})
