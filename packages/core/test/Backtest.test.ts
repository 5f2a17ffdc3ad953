import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import type { Policy } from "../src/domain/Policy.ts"
import { Backtest, type Regime } from "../src/sync/Backtest.ts"
import { Days } from "../src/sync/Days.ts"
import { type History, given, january, policy, someone } from "./Given.ts"

const month = new Days(january(1), january(31), "UTC")

const always = (rules: Partial<Policy> = {}, batchSize = 100): Regime => ({
  rules: () => policy(rules),
  turns: [],
  batchSize
})

/** One set of rules up to a day of January, another from it on. */
const changing = (day: number, first: Partial<Policy>, then: Partial<Policy>): Regime => ({
  rules: (on) => policy(on + 1 < day ? first : then),
  turns: [day - 1],
  batchSize: 100
})

const backtest = (people: ReadonlyArray<History>, before: Regime, after: Regime, days = month) => {
  const test = new Backtest(days, before, after)
  for (const { events } of people) test.add(events)
  return test.finish()
}

/** What was sent by day, as `DAY: REQUESTS requests, PEOPLE people`, where the rules that are tried differ. */
const told = ({ days }: ReturnType<typeof backtest>) =>
  days.map(
    ({ after, before, day }) => `${day}: ${before.requests}/${before.people} -> ${after.requests}/${after.people}`
  )

const joiner = (id: string, fields = {}) =>
  given(id)
    .on(january(2))
    .appeared({ ...someone, ...fields })

describe("a backtest", () => {
  it("says what a wider scope would have sent, and when", () => {
    const people = [joiner("a", { title: "Clerk" }), joiner("b", { title: "Contractor" })]
    const scope = { exclude: [{ title: "Contractor" }] }
    const report = backtest(people, always({ scope }), always())
    assert.deepStrictEqual(told(report), ["2026-01-02: 1/1 -> 1/2"])
    assert.deepInclude(report, { people: 2, affected: 1, requests: { before: 1, after: 1 } })
    assert.strictEqual(report.examples[0]?.employeeId, "b")
    assert.deepStrictEqual(report.fields, { firstName: 1, lastName: 1, email: 1, status: 1, title: 1 })
  })

  it("says what a withheld field would have saved", () => {
    const mover = joiner("a", { title: "Clerk" }).on(january(9)).changed({ title: "Head" })
    const report = backtest([mover], always(), always({ mapping: { withhold: ["title"] } }))
    assert.deepStrictEqual(told(report), ["2026-01-09: 1/1 -> 0/0"])
    assert.deepStrictEqual(report.fields, { title: 1 })
  })

  it("counts a place in a program as a request of its own", () => {
    const programs = [{ programId: "p-1", who: [{ title: "Head" }], roles: { mentor: true } }] as const
    const report = backtest([joiner("a", { title: "Head" }), joiner("b")], always(), always({ programs }))
    assert.deepStrictEqual(told(report), ["2026-01-02: 1/2 -> 2/2"])
    assert.deepStrictEqual([report.programs, report.affected], [{ "p-1": 1 }, 1])
  })

  it("names the days on which the guard would have stopped a run, and how many it would have held", () => {
    const leavers = ["a", "b", "c"].map((id) => joiner(id).on(january(20)).changed({ status: "terminated" }))
    const guard = { ...policy().guard, leavers: { count: 2, percent: 0 } } as const
    const report = backtest(leavers, always(), always({ guard }))
    assert.deepStrictEqual(told(report), ["2026-01-20: 1/3 -> 1/3"])
    assert.deepStrictEqual(report.days[0]?.after.stops, [{ kind: "leavers", people: 3, limit: 2, known: 3 }])
    assert.deepStrictEqual(report.days[0]?.before.stops, [])
    assert.strictEqual(report.affected, 0)
  })

  it("sees a known address come back under another key", () => {
    const again = given("n").on(january(20)).appeared(someone)
    const guard = { ...policy().guard, keyChanges: { count: 0, percent: 0 } } as const
    const report = backtest([joiner("a"), again], always(), always({ guard }))
    assert.deepStrictEqual(
      report.days.map(({ after, day }) => [day, after.stops.map(({ kind }) => kind)]),
      [[january(20), ["keyChanges"]]]
    )
  })

  it("lets a longer absence have its consequence later", () => {
    const absent = joiner("a").on(january(10)).vanished()
    assert.deepStrictEqual(told(backtest([absent], terminatingAfter(2), terminatingAfter(5))), [
      "2026-01-12: 1/1 -> 0/0",
      "2026-01-15: 0/0 -> 1/1"
    ])
  })

  it("waits for the day from which a change holds", () => {
    const planned = joiner("a", { title: "Clerk" })
      .on(january(3))
      .changed({ title: "Head" }, { effectiveOn: january(25) })
    const report = backtest([planned], always(), always({ mapping: { translate: { title: { Head: "Chief" } } } }))
    assert.deepStrictEqual([told(report), report.fields], [[], { title: 1 }])
  })

  it("names a manager on the day on which Together has them, and nobody who never comes", () => {
    const people = [
      joiner("a", { supervisorId: "m" }),
      joiner("b").on(january(5)).changed({ supervisorId: "m" }),
      joiner("c").on(january(5)).changed({ supervisorId: "nobody" }),
      given("m").on(january(9)).appeared(someone)
    ]
    const nothing = always({ scope: { exclude: [{ status: "active" }] } })
    assert.deepStrictEqual(told(backtest(people, nothing, always())), [
      "2026-01-02: 0/0 -> 1/3",
      "2026-01-09: 0/0 -> 2/3"
    ])
  })

  it("counts the day's call of everybody in arrays", () => {
    const people = ["a", "b", "c"].map((id) => joiner(id))
    const [never, daily] = [always({ refresh: "never" }, 2), always({ refresh: "daily" }, 2)]
    const { requests } = backtest(people, never, daily)
    // Two arrays of two, on each of the 29 days after the one on which they came.
    assert.deepStrictEqual(requests, { before: 2, after: 2 + 2 * 29 })
  })

  it("takes for each day the rules that were in force on it", () => {
    const mover = joiner("a", { title: "Clerk" }).on(january(9)).changed({ title: "Head" })
    const withheld = { mapping: { withhold: ["title"] } } as const
    const report = backtest([mover], changing(15, withheld, {}), always())
    assert.deepStrictEqual(told(report), ["2026-01-09: 0/0 -> 1/1", "2026-01-15: 1/1 -> 0/0"])
  })

  it("begins with what Together had on the first day, and leaves out who was erased", () => {
    const there = joiner("a", { title: "Clerk" })
      .created({ ...someone, title: "Clerk" })
      .on(january(20))
      .changed({ title: "Head" })
    const erased = given("e")
      .on(january(2))
      .and({ type: "EmployeeVanished", source: "hr", run: "r", day: january(2) })
    const later = new Days(january(10), january(31), "UTC")
    const report = backtest([there, erased], always(), always({ mapping: { withhold: ["title"] } }), later)
    assert.deepStrictEqual([told(report), report.people], [["2026-01-20: 1/1 -> 0/0"], 1])
  })

  it("never sends to whom Together refused for good, under whatever rules", () => {
    const gone = joiner("a").refused("UserGone", someone, "deleted", { status: 410 })
    assert.deepStrictEqual(backtest([gone], always(), always()).requests, { before: 0, after: 0 })
  })

  const word = fc.record({
    day: fc.integer({ min: 2, max: 30 }),
    title: fc.constantFrom("Clerk", "Head", "Contractor"),
    status: fc.constantFrom("active" as const, "terminated" as const),
    gone: fc.boolean()
  })
  const lives = fc.array(fc.array(word, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 })
  it("finds no difference between rules and themselves, whatever happened", () => {
    const rules = always({
      absence: { policy: "suspend", afterDays: 2 },
      refresh: "daily",
      scope: { exclude: [{ title: "Contractor" }] }
    })
    fc.assert(
      fc.property(lives, (given) => {
        const report = backtest(given.map(live), rules, rules)
        assert.deepStrictEqual([told(report), report.affected, report.fields], [[], 0, {}])
        assert.strictEqual(report.requests.before, report.requests.after)
      })
    )
  })

  it("sends nothing, and saves everything, where nobody is in scope", () => {
    const nobody = always({ scope: { exclude: [{ firstName: someone.firstName as string }], leavers: "known" } })
    fc.assert(
      fc.property(lives, (given) => {
        assert.strictEqual(backtest(given.map(live), always(), nobody).requests.after, 0)
      })
    )
  })
})

const terminatingAfter = (afterDays: number) => always({ absence: { policy: "terminate", afterDays } })

/** A person's life in January, of words on given days. */
const live = (
  words: ReadonlyArray<{ day: number; title: string; status: "active" | "terminated"; gone: boolean }>,
  n: number
) => {
  const person = given(`e-${n}`)
  for (const { day, gone, status, title } of words.toSorted((a, b) => a.day - b.day)) {
    person.on(january(day))
    if (person.events.length === 0) person.appeared({ ...someone, title, status })
    else if (gone) person.vanished()
    else person.appeared({ title, status })
  }
  return person
}
