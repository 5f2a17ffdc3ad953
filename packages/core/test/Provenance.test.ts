import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { join, split } from "../src/domain/Event.ts"
import type { FieldName, Fields } from "../src/domain/Field.ts"
import type { Policy } from "../src/domain/Policy.ts"
import { consider } from "../src/sync/Consider.ts"
import { outcomeEvent } from "../src/sync/Outcome.ts"
import { type Fate, provenance } from "../src/sync/Provenance.ts"
import { type History, given, january, noonOf, policy, someone } from "./Given.ts"

const followed = (history: History, rules: Partial<Policy> = {}, day = january(20)) =>
  provenance(history.events, policy(rules), noonOf(day))

/** Where one field of one event ended. */
const fateOf = (
  history: History,
  position: number,
  field: FieldName,
  rules: Partial<Policy> = {}
): Fate | undefined => {
  const found = followed(history, rules)
    .fates.get(position)
    ?.find((one) => one.field === field)
  if (found === undefined) return undefined
  const { field: _, ...fate } = found
  return fate
}

const originOf = (history: History, position: number, field: FieldName, rules: Partial<Policy> = {}) =>
  followed(history, rules)
    .origins.get(position)
    ?.find((one) => one.field === field)

const sent = (position: number, type: Extract<Fate, { readonly fate: "sent" }>["type"] = "UserCreated", status = 200) =>
  ({ fate: "sent", position, request: "q", type, status }) as const

describe("provenance: from a source's event to the request", () => {
  it("names the request that carried a value, its event and answer", () => {
    const history = given()
      .appeared({ ...someone, title: "Clerk" })
      .created({ ...someone, title: "Clerk" })
    assert.deepStrictEqual(fateOf(history, 1, "title"), sent(2))
  })

  it("names the event by which the source said otherwise before the value went out", () => {
    const history = given().appeared(someone).created(someone).changed({ title: "Cook" }).changed({ title: "Head" })
    history.applied("UserUpdated", { title: "Head" })
    assert.deepStrictEqual(fateOf(history, 3, "title"), { fate: "superseded", position: 4 })
    assert.deepStrictEqual(fateOf(history, 4, "title"), sent(5, "UserUpdated"))
  })

  it("names the event that called a planned value off, and the day a value waits for", () => {
    const history = given()
      .appeared(someone)
      .changed({ title: "Head" }, { effectiveOn: january(25) })
    assert.deepStrictEqual(fateOf(history, 2, "title"), { fate: "waits", from: january(25) })
    history.changed({}, { withdrawn: [january(25)] })
    assert.deepStrictEqual(fateOf(history, 2, "title"), { fate: "superseded", position: 3 })
  })

  it("names the value of a later day that is in force in the place of a corrected earlier one", () => {
    const history = given()
      .appeared({ ...someone, title: "Head" }, { effectiveOn: january(9) })
      .changed({ title: "Cook" }, { effectiveOn: january(4) })
    assert.deepStrictEqual(fateOf(history, 2, "title"), { fate: "superseded", position: 1 })
  })

  it("names the source that is believed instead, and says that a source has no say any more", () => {
    const history = given()
      .appeared({ ...someone, title: "Clerk" })
      .appeared({ title: "Cook" }, { source: "crm" })
    assert.deepStrictEqual(fateOf(history, 2, "title"), { fate: "overruled", position: 1, source: "hr" })
    const left = given().appeared({ officeId: "B" }, { source: "crm" }).appeared(someone).vanished("crm")
    assert.deepStrictEqual(fateOf(left, 1, "officeId"), { fate: "unheard" })
  })

  it("says what the configuration withholds, replaces by a default, or takes for nobody's manager", () => {
    const history = given("e-1").appeared({ ...someone, gender: "F", title: null, supervisorId: "e-1" })
    const mapping = { withhold: ["gender"], defaults: { title: "Member" } } as const
    assert.deepStrictEqual(fateOf(history, 1, "gender", { mapping }), { fate: "withheld", because: "withhold" })
    assert.deepStrictEqual(fateOf(history, 1, "title", { mapping }), { fate: "withheld", because: "default" })
    assert.deepStrictEqual(fateOf(history, 1, "supervisorId"), { fate: "withheld", because: "own-manager" })
  })

  it("says that Together had the value before, or that there is nothing to send", () => {
    const history = given()
      .appeared({ ...someone, title: "Clerk", officeId: null })
      .found({ ...someone, title: "Clerk" })
    assert.deepStrictEqual(fateOf(history, 1, "title"), { fate: "at-together", position: 2 })
    assert.deepStrictEqual(fateOf(history, 1, "officeId"), { fate: "empty" })
  })

  it("follows a refused payload, until another request takes the value", () => {
    const history = given().appeared(someone).refused("UserRejected", someone)
    assert.deepStrictEqual(fateOf(history, 1, "email"), sent(2, "UserRejected", 400))
    history.released().created(someone)
    assert.deepStrictEqual(fateOf(history, 1, "email"), sent(4))
    history.drifted({ email: "other@acme.test" }).applied("UserUpdated", { email: someone.email! })
    assert.deepStrictEqual(fateOf(history, 1, "email"), sent(4))
  })

  it("follows the status that a removal stands for", () => {
    const history = given().appeared(someone).created(someone).removed()
    assert.deepStrictEqual(fateOf(history, 3, "status"), { fate: "not-sent" })
    history.applied("UserUpdated", { status: "terminated" })
    assert.deepStrictEqual(fateOf(history, 3, "status"), sent(4, "UserUpdated"))
    assert.deepStrictEqual(fateOf(given().appeared(someone).vanished(), 2, "status"), undefined)
  })

  it("leaves to the person's own reason what was not sent", () => {
    assert.deepStrictEqual(fateOf(given().appeared({ title: "Clerk" }), 1, "title"), { fate: "not-sent" })
  })
})

describe("provenance: from an outcome to the source's event", () => {
  it("names the event, the source and the place of each value", () => {
    const history = given()
      .appeared({ ...someone, title: "Clerk" })
      .created({ ...someone, title: "Clerk" })
    const origin = { field: "title", from: "source", position: 1, source: "hr", locator: "hr.csv:2" } as const
    assert.deepStrictEqual(originOf(history, 2, "title"), origin)
  })

  it("names the configuration for a default, and HR's event for a translated value", () => {
    const mapping = { defaults: { officeId: "HQ" }, translate: { title: { Clerk: "Assistant" } } }
    const fields = { ...someone, title: "Assistant", officeId: "HQ" }
    const history = given()
      .appeared({ ...someone, title: "Clerk" })
      .created(fields)
    assert.deepStrictEqual(originOf(history, 2, "officeId", { mapping }), { field: "officeId", from: "configuration" })
    assert.deepInclude(originOf(history, 2, "title", { mapping }), { from: "source", position: 1 })
  })

  it("does not guess where the rules in force would have sent something else", () => {
    const history = given()
      .appeared({ ...someone, title: "Clerk" })
      .created({ ...someone, title: "Assistant" })
    const origin = { field: "title", from: "earlier-configuration" } as const
    assert.deepStrictEqual(originOf(history, 2, "title"), origin)
    assert.deepStrictEqual(originOf(history, 2, "title", { mapping: { withhold: ["title"] } }), origin)
  })

  it("takes what was known when the request was decided, not what came before the answer", () => {
    const history = given().appeared({ ...someone, title: "Clerk" })
    const { event } = given()
      .appeared({})
      .created({ ...someone, title: "Clerk" }).events[1]!
    history.changed({ title: "Head" }).and(event)
    assert.deepInclude(originOf(history, 3, "title"), { from: "source", position: 1 })
    assert.deepStrictEqual(fateOf(history, 1, "title"), sent(3))
    assert.deepStrictEqual(fateOf(history, 2, "title"), { fate: "not-sent" })
  })

  it("traces what an erasure left", () => {
    const history = given()
      .appeared({ ...someone, title: "Clerk" })
      .created({ title: "Clerk" })
    const bare = history.events.map((one) => {
      const { data } = split(one.event)
      return { ...one, event: join(one.event.type, { data, personal: null }) }
    })
    const { origins } = provenance(bare, policy(), noonOf(january(20)))
    assert.deepInclude(origins.get(2)?.[0], { field: "title", from: "source", position: 1 })
  })
})

/** What may happen to somebody: a word of a source, or a request with its answer. */
const happenings = fc.array(
  fc.record({
    day: fc.integer({ min: 0, max: 3 }),
    source: fc.constantFrom("hr", "crm"),
    what: fc.constantFrom("says", "says", "plans", "loses", "removes", "send", "send", "refuse", "release", "found"),
    fields: fc.record(
      {
        title: fc.constantFrom("a", "b", null),
        officeId: fc.constantFrom("a", "b", null),
        status: fc.constantFrom("active", "leave", "terminated"),
        supervisorId: fc.constantFrom("e-1", "e-2", null),
        gender: fc.constantFrom("F", "M")
      },
      { requiredKeys: [] }
    )
  }),
  { minLength: 1, maxLength: 12 }
)

const rules: Partial<Policy> = {
  mapping: { withhold: ["gender"], defaults: { officeId: "HQ" }, translate: { title: { a: "A" } } },
  absence: { policy: "suspend" }
}

type Happenings = typeof happenings extends fc.Arbitrary<infer A> ? A : never

/** A life as the engine itself would write it: what goes out is what `consider` says then. */
const live = (all: Happenings): { readonly history: History; readonly day: string } => {
  const history = given("e-1").on(january(1)).appeared(someone)
  let date = 1
  for (const { day, fields, source, what } of all) {
    date = Math.min(28, date + day)
    history.on(january(date))
    const presence = history.person.sources[source]?.presence
    if (what === "says") {
      if (presence === "present") history.changed(fields, { source })
      else history.appeared({ ...someone, ...fields }, { source })
    } else if (what === "plans") history.appeared(fields, { source, effectiveOn: january(date + 2) })
    else if (what === "loses" && presence === "present") history.vanished(source)
    else if (what === "removes" && presence === "present") history.removed(source)
    else if (what === "release") history.released()
    else if (what === "found" && !history.person.sink.known) history.found({ ...someone, ...fields })
    else if (what === "send" || what === "refuse") request(history, january(date), what)
  }
  return { history, day: january(date) }
}

const request = (history: History, day: string, what: "send" | "refuse"): void => {
  const moment = noonOf(day)
  const considered = consider(history.person, policy(rules), moment)
  if (considered._tag !== "Send") return
  const { changes: fields, employeeId, known } = considered
  const { stream, version } = history.person
  const upsert = { stream, version, employeeId, known, fields, news: fields }
  const basis = { sink: "together", request: "q", members: 1, configurationHash: "c" }
  const verdict =
    what === "send"
      ? ({ _tag: "Applied", as: known ? "updated" : "created", status: 200 } as const)
      : ({ _tag: "Refused", as: "rejected", status: 400 } as const)
  history.and(outcomeEvent(upsert, verdict, { ...basis, decidedAt: history.events.length, clock: moment.instant }))
}

describe("provenance, for any life", () => {
  it("traces every field of every outcome to an event that says it, or to the configuration", () => {
    fc.assert(
      fc.property(happenings, (all) => {
        const { day, history } = live(all)
        const { origins } = followed(history, rules, day)
        for (const { event, position } of history.events) {
          if (!("payloadHash" in event) || !event.type.startsWith("User")) continue
          const traced = origins.get(position) ?? []
          if ("fields" in event)
            assert.sameMembers(
              traced.map(({ field }) => field),
              Object.keys(event.fields)
            )
          else assert.isNotEmpty(traced)
          for (const origin of traced) {
            assert.notStrictEqual(origin.from, "earlier-configuration")
            if (origin.from !== "source") continue
            const said = history.events[origin.position - 1]!.event
            assert.isBelow(origin.position, position)
            if ("fields" in said) assert.property(said.fields, origin.field)
            else assert.strictEqual(origin.field, "status")
          }
        }
      }),
      { numRuns: 1000 }
    )
  })

  it("gives every field of every source's event one end, and the two ways agree", () => {
    fc.assert(
      fc.property(happenings, (all) => {
        const { day, history } = live(all)
        const { fates, origins } = followed(history, rules, day)
        for (const { event, position } of history.events) {
          if (!("source" in event)) continue
          const ends = fates.get(position) ?? []
          const fields: Fields = "fields" in event ? event.fields : {}
          if ("fields" in event)
            assert.sameMembers(
              ends.map(({ field }) => field),
              Object.keys(fields)
            )
          for (const { field, ...end } of ends) {
            const other = "position" in end ? history.events[end.position - 1]?.event : undefined
            const carrying = [...origins].flatMap(([at, all]) =>
              all.some((one) => one.field === field && one.from === "source" && one.position === position) ? [at] : []
            )
            if (end.fate === "sent") assert.include(carrying, end.position)
            else assert.deepStrictEqual(carrying, [])
            if (end.fate === "overruled") assert.deepInclude(other, { source: end.source })
            if (end.fate === "superseded") assert.deepInclude(other, { source: event.source })
          }
        }
      }),
      { numRuns: 1000 }
    )
  })
})
