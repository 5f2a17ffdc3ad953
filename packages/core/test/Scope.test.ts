import { assert, describe, it } from "@effect/vitest"

import type { Fields } from "../src/domain/Field.ts"
import type { Condition, Scope } from "../src/domain/Policy.ts"
import { judgeScope } from "../src/sync/Scope.ts"

const clerk: Fields = { title: "Clerk", departmentId: "SALES-1", remote: false, alternateEmails: ["a@x", "b@x"] }

const inside = (condition: Condition, fields: Fields = clerk): boolean =>
  judgeScope({ include: [condition] }, fields).inside

describe("judgeScope", () => {
  it("takes everyone in when nothing is configured", () => {
    assert.deepStrictEqual(judgeScope({}, clerk), { inside: true })
    assert.deepStrictEqual(judgeScope({ include: [], exclude: [] }, clerk), { inside: true })
  })

  it("takes in whoever meets one of the conditions, and names the rule that keeps others out", () => {
    const scope: Scope = { include: [{ title: "Head" }, { title: "Clerk" }] }
    assert.deepStrictEqual(judgeScope(scope, clerk), { inside: true })
    assert.deepStrictEqual(judgeScope(scope, { title: "Cook" }), { inside: false, rule: "scope.include" })
  })

  it("lets an exclusion win, and names which", () => {
    const scope: Scope = { include: [{ title: "Clerk" }], exclude: [{ title: "Head" }, { departmentId: "SALES-1" }] }
    assert.deepStrictEqual(judgeScope(scope, clerk), { inside: false, rule: "scope.exclude[1]" })
    assert.deepStrictEqual(judgeScope(scope, { ...clerk, departmentId: "HR" }), { inside: true })
  })

  it("asks for every field of a condition", () => {
    assert.isTrue(inside({ title: "Clerk", departmentId: "SALES-1" }))
    assert.isFalse(inside({ title: "Clerk", departmentId: "HR" }))
  })

  it("compares a value, letter for letter", () => {
    assert.isTrue(inside({ remote: false }))
    assert.isFalse(inside({ remote: true }))
    assert.isFalse(inside({ title: "clerk" }))
  })

  it("compares with one of several values", () => {
    assert.isTrue(inside({ title: ["Head", "Clerk"] }))
    assert.isFalse(inside({ title: ["Head"] }))
    assert.isFalse(inside({ title: [] }))
  })

  it("takes null for empty or unknown", () => {
    assert.isTrue(inside({ officeId: null }))
    assert.isTrue(inside({ officeId: null }, { officeId: null }))
    assert.isTrue(inside({ officeId: [null, "B"] }))
    assert.isFalse(inside({ title: null }))
  })

  it("looks for a pattern in texts, and finds none in a missing one", () => {
    assert.isTrue(inside({ departmentId: { matches: "^SALES-" } }))
    assert.isFalse(inside({ departmentId: { matches: "^HR" } }))
    assert.isFalse(inside({ officeId: { matches: "" } }))
  })

  it("turns an expectation round", () => {
    assert.isTrue(inside({ title: { not: "Head" } }))
    assert.isFalse(inside({ title: { not: ["Head", "Clerk"] } }))
    assert.isTrue(inside({ title: { not: null } }))
    assert.isFalse(inside({ officeId: { not: null } }))
    assert.isTrue(inside({ officeId: { not: "B" } }))
  })

  it("finds a value among several", () => {
    assert.isTrue(inside({ alternateEmails: "b@x" }))
    assert.isFalse(inside({ alternateEmails: "c@x" }))
    assert.isFalse(inside({ alternateEmails: { not: "b@x" } }))
  })
})
