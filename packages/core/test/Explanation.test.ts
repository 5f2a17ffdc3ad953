import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import type { Fields } from "../src/domain/Field.ts"
import type { Policy } from "../src/domain/Policy.ts"
import { consider } from "../src/sync/Consider.ts"
import { type Circumstances, type Explanation, codeOf, explain, explanationCodes } from "../src/sync/Explanation.ts"
import { type Plan, PlanBuilder } from "../src/sync/Plan.ts"
import { Queue } from "../src/sync/Queue.ts"
import { type History, given, january, noonOf, policy, someone } from "./Given.ts"

const moment = noonOf(january(20))

const calm: Circumstances = {
  moment,
  gate: undefined,
  place: undefined,
  heldSince: () => undefined,
  managerId: undefined,
  pause: null,
  circuit: null,
  notBefore: null,
  requestMillis: 1100
}

const of = (history: History, around: Partial<Circumstances> = {}, rules: Partial<Policy> = {}): Explanation =>
  explain(history.person, consider(history.person, policy(rules), moment), { ...calm, ...around })

const place = { place: 3, of: 12, request: 2 }

const refused = { since: `${january(1)}T12:00:00.000000Z`, answer: "no" }

describe("explain: the person's own gates", () => {
  it("names who was never in a source, and who is there no more", () => {
    assert.deepStrictEqual(of(given().appeared(someone).vanished()), { code: "not-in-any-source" })
    const known = given().appeared(someone).created(someone).on(january(9)).vanished()
    assert.deepStrictEqual(of(known), { code: "absent", since: january(9) })
  })

  it("names the refused row of whom nothing else is known, or only that they left", () => {
    assert.deepStrictEqual(of(given().rejected()), { code: "row-rejected" })
    assert.deepStrictEqual(of(given().appeared(someone).vanished().rejected()), { code: "row-rejected" })
    assert.deepStrictEqual(of(given().appeared(someone).created(someone).vanished().rejected()), {
      code: "row-rejected"
    })
  })

  it("names the day, the rule and the fields that somebody waits for", () => {
    const ahead = given().appeared(someone, { effectiveOn: january(25) })
    assert.deepStrictEqual(of(ahead), { code: "waits-for-date", from: january(25) })
    const scope = { exclude: [{ title: "Guest" }] }
    assert.deepStrictEqual(of(given().appeared({ ...someone, title: "Guest" }), {}, { scope }), {
      code: "out-of-scope",
      rule: "scope.exclude[0]"
    })
    const fields = ["email"] as const
    assert.deepStrictEqual(of(given().appeared({ ...someone, email: null })), { code: "required-missing", fields })
  })

  it("names Together's refusal with its words and since when", () => {
    const conflicted = given().appeared(someone).refused("UserConflicted", someone, "no", { status: 409 })
    assert.deepStrictEqual(of(conflicted), { code: "conflicted", status: 409, ...refused })
    const gone = given().appeared(someone).refused("UserGone", someone, "no", { status: 410 })
    assert.deepStrictEqual(of(gone), { code: "gone", status: 410, ...refused })
    const rejected = given().appeared(someone).refused("UserRejected", someone)
    assert.deepStrictEqual(of(rejected), { code: "rejected", status: 400, ...refused })
  })

  it("knows nobody again who was erased", () => {
    const erased = given().and({ type: "EmployeeVanished", source: "hr", run: "r", day: january(1) })
    assert.deepStrictEqual(of(erased), { code: "erased" })
  })
})

describe("explain: what is around the person", () => {
  const joiner = given().appeared(someone)

  it("names what the plan holds before what the service waits for", () => {
    const held = { _tag: "Held", kind: "joins", people: 9, limit: 5 } as const
    const pause = { since: "s", by: "Ann", reason: "a look" }
    const around = { gate: held, pause, heldSince: () => "then" }
    assert.deepStrictEqual(of(joiner, around), { code: "held", kind: "joins", people: 9, limit: 5, since: "then" })
    const waiting = { gate: { _tag: "WaitsForManager" }, managerId: "boss", pause } as const
    assert.deepStrictEqual(of(joiner, waiting), { code: "waits-for-manager", managerId: "boss" })
  })

  it("names the pause before the circuit, and both before the queue", () => {
    const pause = { since: "s", by: "Ann", reason: "a look" }
    const circuit = { since: "t", reason: "401" }
    assert.deepStrictEqual(of(joiner, { place, pause, circuit }), {
      code: "paused",
      since: "s",
      by: "Ann",
      because: "a look"
    })
    assert.deepStrictEqual(of(joiner, { place, circuit }), { code: "circuit-open", since: "t", because: "401" })
  })

  it("names the place in the queue and the earliest time, not sooner than the lane lets a request out", () => {
    assert.deepStrictEqual(of(joiner, { place }), { code: "queued", ...place, earliest: "2026-01-20T12:00:01.100Z" })
    const notBefore = "2026-01-20T12:05:00.000000Z"
    assert.deepInclude(of(joiner, { place, notBefore }), { earliest: "2026-01-20T12:05:01.100Z" })
    assert.deepInclude(of(joiner, { place, notBefore: "2026-01-20T11:00:00Z" }), {
      earliest: "2026-01-20T12:00:01.100Z"
    })
  })

  it("does not stop by a pause whom nothing is to be sent of", () => {
    const pause = { since: "s", by: "Ann", reason: "a look" }
    const settled = given().appeared(someone).created(someone)
    assert.deepStrictEqual(of(settled, { pause }), { code: "up-to-date" })
    assert.deepStrictEqual(of(settled.rejected(), { pause }), { code: "row-rejected" })
  })
})

describe("Queue", () => {
  const batches = [["a", "b"], ["a"], ["c"]].map((all) => all.map((stream) => ({ stream })))

  it("counts each person once, with the first request that carries them", () => {
    const queue = new Queue(batches)
    assert.deepStrictEqual(queue.placeOf("a"), { place: 1, of: 3, request: 1 })
    assert.deepStrictEqual(queue.placeOf("c"), { place: 3, of: 3, request: 3 })
    assert.isUndefined(queue.placeOf("d"))
  })

  it("puts news that came since behind everybody", () => {
    assert.deepStrictEqual(new Queue(batches).last, { place: 4, of: 4, request: 4 })
    assert.deepStrictEqual(new Queue([]).last, { place: 1, of: 1, request: 1 })
  })
})

const keys = ["a", "b", "c", "d", "e", "f"]

const fields: fc.Arbitrary<Fields> = fc.record({
  firstName: fc.constantFrom("Ada", "Ada", null),
  lastName: fc.constant("Byron"),
  email: fc.constant("ada@acme.test"),
  status: fc.constantFrom("active", "active", "terminated"),
  title: fc.constantFrom("Clerk", "Guest"),
  supervisorId: fc.constantFrom(...keys, "nobody", null)
})

/** Somebody at any point of a life. */
const lives = fc.array(
  fc.record({
    was: fields,
    is: fields,
    known: fc.boolean(),
    what: fc.constantFrom("stays", "changes", "vanishes", "removed", "spoilt", "refused", "conflicted", "gone", "ahead")
  }),
  { minLength: 1, maxLength: keys.length }
)

const lived = (all: typeof lives extends fc.Arbitrary<infer A> ? A : never): ReadonlyArray<History> =>
  all.map(({ is, known, was, what }, i) => {
    const history = given(keys[i])
    if (what === "ahead") return history.appeared(is, { effectiveOn: january(25) })
    if (what === "spoilt" && !known) return history.rejected()
    history.appeared(was)
    if (known) history.created(was)
    if (what === "changes") history.changed(is)
    if (what === "vanishes") history.vanished()
    if (what === "removed") history.removed()
    if (what === "spoilt") history.rejected()
    if (what === "refused") history.changed(is).refused("UserRejected", known ? is : { ...was, ...is })
    if (what === "conflicted") history.refused("UserConflicted", was)
    if (what === "gone") history.refused("UserGone", was)
    return history
  })

const rules: Partial<Policy> = {
  scope: { exclude: [{ title: "Guest" }] },
  guard: { leavers: { count: 1, percent: 0 }, clears: "off", keyChanges: "off", joins: { count: 3, percent: 0 } }
}

const planOf = (histories: ReadonlyArray<History>): Plan => {
  const builder = new PlanBuilder(policy(rules), moment, { approvals: new Set(), established: true })
  for (const history of histories) builder.add(history.person)
  return builder.finish({ batchSize: 2, requestMillis: 1100 })
}

describe("explain, for any people", () => {
  it("gives each of them one reason of the list, the one that the plan has for them", () => {
    fc.assert(
      fc.property(lives, (all) => {
        const histories = lived(all)
        const plan = planOf(histories)
        const queue = new Queue(plan.batches)
        const order = [...new Set(plan.batches.flat().map(({ stream }) => stream))]
        for (const history of histories) {
          const { stream } = history
          const gate = plan.blocked.find((blocked) => blocked.stream === stream)?.gate
          const explained = of(history, { gate, place: queue.placeOf(stream) }, rules)
          assert.include(explanationCodes, explained.code)
          const request = plan.batches.findIndex((batch) => batch.some((operation) => operation.stream === stream))
          if (gate !== undefined) assert.strictEqual(explained.code, codeOf(gate))
          else if (request < 0) {
            const spoilt = Object.keys(history.person.rejections).length > 0
            assert.strictEqual(explained.code, spoilt ? "row-rejected" : "up-to-date")
          } else {
            const place = order.indexOf(stream) + 1
            assert.deepInclude(explained, { code: "queued", place, of: order.length, request: request + 1 })
          }
        }
      }),
      { numRuns: 500 }
    )
  })
})
