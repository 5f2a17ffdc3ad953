import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"

import { EventLog } from "../src/contract/EventLog.ts"
import { employeeStream } from "../src/domain/Employee.ts"
import { type GuardLimits, defaultGuard } from "../src/domain/Policy.ts"
import { type Suspect, approvalOf, judge } from "../src/sync/Guard.ts"
import { approve, foldQuarantine, guardStream, noteHolds, quarantineOf } from "../src/sync/Quarantine.ts"
import { acme, everyone, itIs, january, newRun, row, someone } from "./Given.ts"
import { withEmptyLog } from "./MemoryLog.ts"
import { makeMemorySink, usersOf } from "./MemorySink.ts"
import { pass, plan, read } from "./When.ts"

const off: GuardLimits = { leavers: "off", clears: "off", keyChanges: "off", joins: "off" }
const leaver = (n: number): Suspect => ({ stream: `employee:${n}`, kinds: ["leavers"], mark: `${n}` })
const many = (count: number) => Array.from({ length: count }, (_, n) => leaver(n))
const none = new Set<string>()

describe("Guard", () => {
  it("holds all of a kind that is over the larger of count and percent, and nothing below", () => {
    const limits = { ...off, leavers: { count: 10, percent: 5 } }
    const at = (people: number, known: number) => judge(many(people), limits, none, { known, established: true })
    assert.deepStrictEqual(at(10, 100), [])
    assert.deepInclude(at(11, 100)[0], { kind: "leavers", people: 11, limit: 10, known: 100 })
    assert.deepStrictEqual(at(50, 1000), [])
    assert.strictEqual(at(51, 1000)[0]?.members.length, 51)
  })

  it("counts nobody whose very change was approved", () => {
    const limits = { ...off, leavers: { count: 2, percent: 0 } }
    const approved = new Set([approvalOf("leavers", leaver(0)), approvalOf("leavers", leaver(1))])
    assert.deepStrictEqual(judge(many(4), limits, approved, { known: 100, established: true }), [])
    const otherChange = new Set([approvalOf("leavers", { ...leaver(0), mark: "x" })])
    assert.strictEqual(judge(many(3), limits, otherChange, { known: 100, established: true })[0]?.people, 3)
  })

  it("counts no joiners before a first sync was completed, and everybody's leavers always", () => {
    const joiners = many(1000).map((one): Suspect => ({ ...one, kinds: ["joins"] }))
    assert.deepStrictEqual(judge(joiners, defaultGuard, none, { known: 0, established: false }), [])
    assert.strictEqual(judge(joiners, defaultGuard, none, { known: 10, established: true })[0]?.kind, "joins")
    assert.strictEqual(judge(many(11), defaultGuard, none, { known: 10, established: false })[0]?.kind, "leavers")
  })

  it("is off where the configuration says so", () => {
    assert.deepStrictEqual(judge(many(1000), off, none, { known: 1000, established: true }), [])
  })

  it("names the same people by the same digest in whatever order they come", () =>
    fc.assert(
      fc.property(fc.shuffledSubarray(many(20), { minLength: 20 }), (shuffled) => {
        const limits = { ...off, leavers: { count: 0, percent: 0 } }
        const situation = { known: 20, established: true }
        assert.deepStrictEqual(judge(shuffled, limits, none, situation), judge(many(20), limits, none, situation))
      })
    ))
})

const guard = { ...off, leavers: { count: 5, percent: 0 }, clears: { count: 1, percent: 0 } }
const keys = Array.from({ length: 20 }, (_, n) => `${100 + n}`)
const staff = (change: (key: string, n: number) => object = () => ({})) =>
  everyone(
    ...keys.map((key, n) => row(key, { ...someone, email: `${key}@acme.test`, title: "Clerk", ...change(key, n) }))
  )

/** Twenty people, all at Together as HR has them. */
const settled = Effect.gen(function* () {
  yield* itIs(january(1))
  const sink = makeMemorySink()
  yield* read(staff())
  yield* pass(sink, { rules: { guard } })
  return sink
})

const guardedPlan = Effect.gen(function* () {
  const { approvals } = yield* quarantineOf(acme, "together")
  return yield* plan({ guard }, { guarding: { approvals, established: true } })
})

describe("A plan under the guard", () => {
  it.effect("sends nothing of what is held, and everything else", () =>
    Effect.gen(function* () {
      const sink = yield* settled
      yield* itIs(january(2))
      yield* read(staff((_, n) => (n < 15 ? { status: "terminated" } : { title: "Head" })))
      const made = yield* guardedPlan
      assert.deepInclude(made.held[0], { kind: "leavers", people: 15, limit: 5, known: 20 })
      assert.deepInclude(made.counts, { leaver: 0, mover: 5 })
      assert.strictEqual(made.blocked.filter(({ gate }) => gate._tag === "Held").length, 15)
      yield* pass(sink, { rules: { guard }, made })
      const users = usersOf(sink)
      assert.strictEqual(users.filter(({ fields }) => fields.status === "terminated").length, 0)
      assert.strictEqual(users.filter(({ fields }) => fields.title === "Head").length, 5)
    }).pipe(withEmptyLog)
  )

  it.effect("sends those who were approved, once, and holds the others", () =>
    Effect.gen(function* () {
      const sink = yield* settled
      yield* itIs(january(2))
      yield* read(staff((_, n) => (n < 15 ? { status: "terminated" } : {})))
      const held = (yield* guardedPlan).held
      yield* noteHolds({ organization: acme, sink: "together", run: newRun() }, held)
      const hold = (yield* quarantineOf(acme, "together")).open.get("leavers")!
      const streams = keys.slice(0, 4).map((key) => employeeStream(acme, key) as string)
      const members = held[0]!.members.filter(({ stream }) => streams.includes(stream))
      yield* approve({ organization: acme, sink: "together", hold, by: "grace", reason: "they did leave", members })
      const made = yield* guardedPlan
      assert.deepInclude(made.counts, { leaver: 4 })
      assert.strictEqual(made.held[0]?.people, 11)
      yield* pass(sink, { rules: { guard }, made })
      assert.strictEqual(usersOf(sink).filter(({ fields }) => fields.status === "terminated").length, 4)
      yield* read(staff())
      yield* pass(sink, { rules: { guard } })
      yield* itIs(january(3))
      yield* read(staff((_, n) => (n < 15 ? { status: "terminated", dateOfTermination: january(3) } : {})))
      assert.strictEqual((yield* guardedPlan).held[0]?.people, 15)
    }).pipe(withEmptyLog)
  )

  it.effect("holds people who lose a field, and known addresses under new keys", () =>
    Effect.gen(function* () {
      yield* settled
      yield* itIs(january(2))
      yield* read(staff((_, n) => (n < 2 ? { title: null } : {})))
      assert.deepInclude((yield* guardedPlan).held[0], { kind: "clears", people: 2, limit: 1 })
      yield* read(staff())
      yield* read(everyone(...keys.map((key) => row(`new-${key}`, { ...someone, email: `${key}@acme.test` }))))
      const strict = { guard: { ...off, keyChanges: { count: 5, percent: 0 } } }
      const made = yield* plan(strict)
      assert.deepInclude(made.held[0], { kind: "keyChanges", people: 20 })
    }).pipe(withEmptyLog)
  )

  it.effect("leaves whom HR made a leaver after the plan was made to the next plan", () =>
    Effect.gen(function* () {
      const sink = yield* settled
      yield* itIs(january(2))
      yield* read(staff(() => ({ title: "Head" })))
      const made = yield* guardedPlan
      yield* read(staff(() => ({ title: "Head", status: "terminated" })))
      yield* pass(sink, { rules: { guard }, made })
      assert.strictEqual(usersOf(sink).filter(({ fields }) => fields.status === "terminated").length, 0)
      assert.strictEqual((yield* guardedPlan).held[0]?.people, 20)
    }).pipe(withEmptyLog)
  )
})

const note = (people: number) =>
  noteHolds(
    { organization: acme, sink: "together", run: newRun() },
    judge(many(people), guard, none, { known: 20, established: true })
  )

describe("Quarantine", () => {
  it.effect("records a hold once, anew for other people, and its end", () =>
    Effect.gen(function* () {
      yield* settled
      assert.strictEqual((yield* note(6)).fresh.length, 1)
      assert.deepStrictEqual(yield* note(6), { fresh: [], ended: [] })
      assert.strictEqual((yield* note(7)).fresh.length, 1)
      const since = (yield* quarantineOf(acme, "together")).open.get("leavers")?.since
      assert.strictEqual((yield* note(0)).ended.length, 1)
      const log = yield* EventLog
      const events = yield* log.stream(acme, guardStream("together"))
      assert.deepStrictEqual(
        events.map(({ event }) => event.type),
        ["PlanHeld", "PlanHeld", "HoldEnded"]
      )
      assert.strictEqual(since, events[0]?.recordedAt)
      assert.strictEqual(foldQuarantine(events).open.size, 0)
    }).pipe(withEmptyLog)
  )
})
