import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import type { Fields } from "../src/domain/Field.ts"
import type { Policy } from "../src/domain/Policy.ts"
import { values } from "../src/sync/Desired.ts"
import { type ReplayedEmployee, replay } from "../src/sync/Replay.ts"
import { type Difference, differenceBetween } from "../src/sync/ReplayDifference.ts"
import { type History, given, january, noonOf, policy } from "./Given.ts"

const at = (history: History, position: number, day = january(20), rules: Partial<Policy> = {}) =>
  replay(history.stream, history.events, { position, known: noonOf(day), effectiveOn: day, policy: policy(rules) })

const between = (history: History, earlier: number, later: number) =>
  differenceBetween(at(history, earlier), at(history, later))

describe("the difference of two replays", () => {
  it("names changed fields with the old and the new value and where each came from", () => {
    const history = given().appeared({ title: "Clerk", officeId: "B" }).changed({ title: "Head" })
    const { fields, kind } = between(history, 1, 2) ?? assert.fail()
    assert.strictEqual(kind, "changed")
    assert.deepStrictEqual(fields, {
      title: {
        from: { value: "Clerk", position: 1, source: "hr" },
        to: { value: "Head", position: 2, source: "hr" }
      }
    })
  })

  it("has people join when they appear, come back, or are no longer terminated", () => {
    const history = given()
      .appeared({ status: "active" })
      .vanished()
      .appeared({ status: "active" })
      .changed({ status: "terminated" })
      .changed({ status: "leave" })
    const kinds = [1, 2, 3, 4, 5].map((position) => between(history, position - 1, position)?.kind)
    assert.deepStrictEqual(kinds, ["joined", "left", "joined", "left", "joined"])
  })

  it("counts somebody expected as a change, and as a joiner only when their day comes", () => {
    const history = given().appeared({ title: "Clerk" }, { effectiveOn: january(10) })
    const [before, expected, there] = [at(history, 0), at(history, 1, january(9)), at(history, 1, january(10))]
    assert.strictEqual(differenceBetween(before, expected)?.kind, "changed")
    assert.strictEqual(differenceBetween(expected, there)?.kind, "joined")
  })

  it("names a scope that changed with the rules alone", () => {
    const history = given().appeared({ title: "Clerk" })
    const outside = at(history, 1, january(20), { scope: { exclude: [{ title: "Clerk" }] } })
    const difference = differenceBetween(at(history, 1), outside) ?? assert.fail()
    assert.deepStrictEqual(difference.fields, {})
    assert.deepStrictEqual(difference.to.scope, { inside: false, rule: "scope.exclude[0]" })
  })

  it("stays quiet where an equal value came from another event, and where Together alone said something", () => {
    const history = given().appeared({ title: "Clerk" }).changed({ title: "Clerk" }).created({ title: "Clerk" })
    assert.isUndefined(between(history, 1, 3))
    assert.isUndefined(differenceBetween(undefined, undefined))
  })
})

/** What is compared of somebody; of whom nothing was ever said there is nothing. */
interface Shown {
  readonly presence: string
  readonly inside: boolean | null
  readonly fields: Fields
}

const nobody: Shown = { presence: "unknown", inside: null, fields: {} }

const shown = (employee: ReplayedEmployee | undefined): Shown =>
  employee === undefined || employee.presence === "unknown"
    ? nobody
    : { presence: employee.presence, inside: employee.scope.inside, fields: values(employee.fields) }

const applied = (before: Shown, difference: Difference | undefined): Shown => {
  if (difference === undefined) return before
  const fields: Record<string, unknown> = { ...before.fields }
  for (const [name, { to }] of Object.entries(difference.fields)) {
    if (to === undefined) delete fields[name]
    else fields[name] = to.value
  }
  const { presence, scope } = difference.to
  return { presence, inside: scope?.inside ?? null, fields }
}

const step = fc.record({
  kind: fc.constantFrom("appeared", "changed", "changed", "vanished", "removed" as const),
  fields: fc.record(
    {
      title: fc.option(fc.constantFrom("Clerk", "Head")),
      status: fc.constantFrom("active", "terminated"),
      alternateEmails: fc.subarray(["a@x", "b@x"])
    },
    { requiredKeys: [] }
  )
})

const history = fc
  .array(step, { minLength: 1, maxLength: 8 })
  .map((steps) =>
    steps.reduce(
      (told, { fields, kind }) => (kind === "vanished" || kind === "removed" ? told[kind]() : told[kind](fields)),
      given()
    )
  )

const rules = { scope: { exclude: [{ title: "Head" }] } }

describe("differences: laws", () => {
  it("are none between a time and itself", () => {
    fc.assert(
      fc.property(history, fc.nat(8), (told, position) => {
        const then = at(told, position, january(20), rules)
        assert.isUndefined(differenceBetween(then, then))
      })
    )
  })

  it("one after the other add up to the direct one", () => {
    fc.assert(
      fc.property(history, fc.tuple(fc.nat(8), fc.nat(8), fc.nat(8)), (told, positions) => {
        const [a, b, c] = positions.map((position) => at(told, position, january(20), rules))
        const stepwise = applied(applied(shown(a), differenceBetween(a, b)), differenceBetween(b, c))
        assert.deepStrictEqual(stepwise, shown(c))
        assert.deepStrictEqual(stepwise, applied(shown(a), differenceBetween(a, c)))
      })
    )
  })
})
