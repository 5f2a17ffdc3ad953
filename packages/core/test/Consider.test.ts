import { assert, describe, it } from "@effect/vitest"

import type { Fields } from "../src/domain/Field.ts"
import type { Policy } from "../src/domain/Policy.ts"
import { type Consideration, type Gate, consider, payloadHash, withoutSupervisor } from "../src/sync/Consider.ts"
import { type History, given, january, noonOf, policy, someone } from "./Given.ts"

const judge = (history: History, rules: Partial<Policy> = {}, day = january(20)) =>
  consider(history.person, policy(rules), noonOf(day))

const stops = (gate: Gate): Consideration => ({ _tag: "Blocked", gate })

const sends = (known: boolean, changes: Fields): Consideration => ({ _tag: "Send", employeeId: "e-1", known, changes })

const upToDate: Consideration = { _tag: "UpToDate" }

describe("consider: what is sent", () => {
  it("sends a joiner with every field that has a value", () => {
    const history = given().appeared({ ...someone, title: "Clerk", officeId: null, alternateEmails: [], gender: "" })
    assert.deepStrictEqual(judge(history), sends(false, { ...someone, title: "Clerk" }))
  })

  it("sends a flag that says no", () => {
    assert.deepInclude(judge(given().appeared({ ...someone, remote: false })), {
      changes: { ...someone, remote: false }
    })
  })

  it("sends a known person the changed fields alone, emptied ones among them", () => {
    const history = given().appeared({ ...someone, title: "Head", officeId: null })
    history.created({ ...someone, title: "Clerk", officeId: "B" })
    assert.deepStrictEqual(judge(history), sends(true, { title: "Head", officeId: null }))
  })

  it("stays quiet when Together holds what is wanted", () => {
    assert.deepStrictEqual(judge(given().appeared(someone).created(someone)), upToDate)
  })

  it("stays quiet about emptying what was never filled", () => {
    const history = given()
      .appeared({ ...someone, title: null, alternateEmails: [] })
      .created(someone)
    assert.deepStrictEqual(judge(history), upToDate)
  })

  it("stays quiet about a list that holds the same", () => {
    const listed = { ...someone, alternateEmails: ["a@x", "b@x"] }
    assert.deepStrictEqual(judge(given().appeared(listed).created(listed)), upToDate)
  })

  it("sends what the mapping makes of a value", () => {
    const mapping = { translate: { title: { Clerk: "Assistant" } }, withhold: ["email" as const] }
    const history = given()
      .appeared({ ...someone, title: "Clerk", email: "new@acme.test" })
      .created(someone)
    assert.deepStrictEqual(judge(history, { mapping }), sends(true, { title: "Assistant" }))
  })

  it("names no manager for who is their own", () => {
    assert.deepStrictEqual(judge(given().appeared({ ...someone, supervisorId: "e-1" })), sends(false, someone))
  })
})

describe("consider: the gates", () => {
  it("stops an erased person", () => {
    const history = given().and({
      type: "EmployeeAppeared",
      source: "hr",
      run: "r",
      day: january(1),
      locator: "hr.csv:2",
      fields: {}
    })
    assert.deepStrictEqual(judge(history), stops({ _tag: "Erased" }))
  })

  it("stops a person whom no source has ever had", () => {
    assert.deepStrictEqual(judge(given().created(someone)), stops({ _tag: "NotInAnySource" }))
  })

  it("stops whoever begins on a day to come, until that day", () => {
    const history = given().appeared(someone, { effectiveOn: january(21) })
    assert.deepStrictEqual(judge(history), stops({ _tag: "WaitsForDate", from: january(21) }))
    assert.deepStrictEqual(judge(history, {}, january(21)), sends(false, someone))
  })

  it("never sends again whom Together deleted", () => {
    const history = given().appeared(someone).created(someone).refused("UserGone", {})
    assert.deepStrictEqual(judge(history.changed({ title: "Head" })), stops({ _tag: "Gone" }))
  })

  it("never sends again whom Together has a conflict about", () => {
    const history = given().appeared(someone).refused("UserConflicted", someone)
    assert.deepStrictEqual(judge(history.changed({ title: "Head" })), stops({ _tag: "Conflicted" }))
  })

  it("stops a joiner outside the scope, by the rule that says so", () => {
    const scope = { exclude: [{ title: "Intern" }] }
    const history = given().appeared({ ...someone, title: "Intern" })
    assert.deepStrictEqual(judge(history, { scope }), stops({ _tag: "OutOfScope", rule: "scope.exclude[0]" }))
    assert.deepInclude(judge(history.changed({ title: "Clerk" }), { scope }), { _tag: "Send" })
  })

  it("judges the scope by what HR says, not by what is sent", () => {
    const scope = { exclude: [{ employeeTypeCode: "CON" }] }
    const mapping = { withhold: ["employeeTypeCode" as const] }
    const contractor = given().appeared({ ...someone, employeeTypeCode: "CON" })
    assert.deepStrictEqual(
      judge(contractor, { scope, mapping }),
      stops({ _tag: "OutOfScope", rule: "scope.exclude[0]" })
    )
  })

  it("stops a joiner without a required field, by name", () => {
    const history = given().appeared({ ...someone, email: null, lastName: "" })
    assert.deepStrictEqual(judge(history), stops({ _tag: "RequiredMissing", fields: ["lastName", "email"] }))
  })

  it("stops a change that would empty a required field, and no other", () => {
    const history = given()
      .appeared({ ...someone, email: null })
      .created(someone)
    assert.deepStrictEqual(judge(history), stops({ _tag: "RequiredMissing", fields: ["email"] }))
    const incomplete = given().appeared({ title: "Head" }).created(someone)
    assert.deepStrictEqual(judge(incomplete), sends(true, { title: "Head" }))
  })
})

describe("consider: leavers", () => {
  const leaver = { ...someone, status: "terminated" } as const

  it("sends a leaver Together never heard of, unless only known ones are wanted", () => {
    assert.deepStrictEqual(judge(given().appeared(leaver)), sends(false, leaver))
    assert.deepStrictEqual(
      judge(given().appeared(leaver), { scope: { leavers: "known" } }),
      stops({ _tag: "OutOfScope", rule: "scope.leavers" })
    )
  })

  it("sends a known leaver either way", () => {
    const history = given().appeared(leaver).created(someone)
    assert.deepStrictEqual(judge(history, { scope: { leavers: "known" } }), sends(true, { status: "terminated" }))
  })

  const scope = { include: [{ departmentId: "SALES" }] }

  it("sends the news that somebody left also when HR has emptied their e-mail", () => {
    const left = { ...someone, status: "terminated", email: null }
    assert.deepStrictEqual(judge(given().appeared(left).created(someone)), sends(true, { status: "terminated" }))
  })

  it("does not make a leaver of somebody Together never had, because a file no longer has them", () => {
    const absence = { policy: "terminate" as const }
    assert.deepStrictEqual(judge(given().appeared(someone).vanished(), { absence }), stops({ _tag: "NotInAnySource" }))
    const there = given().appeared(someone).created(someone).vanished()
    assert.deepStrictEqual(judge(there, { absence }), sends(true, { status: "terminated" }))
  })

  it("leaves a known person outside the scope alone", () => {
    const history = given()
      .appeared({ ...someone, departmentId: "HR" })
      .created({ ...someone, departmentId: "SALES" })
    assert.deepStrictEqual(judge(history, { scope }), stops({ _tag: "OutOfScope", rule: "scope.include" }))
  })

  it("sends a known person outside the scope the news that they left, and nothing else", () => {
    const history = given()
      .appeared({ ...leaver, departmentId: "HR", dateOfTermination: january(5) })
      .created({ ...someone, departmentId: "SALES" })
    const news = { status: "terminated", dateOfTermination: january(5) }
    assert.deepStrictEqual(judge(history, { scope }), sends(true, news))
    assert.deepStrictEqual(
      judge(history.applied("UserUpdated", news), { scope }),
      stops({ _tag: "OutOfScope", rule: "scope.include" })
    )
  })
})

describe("consider: a refused payload", () => {
  it("is held, with Together's reason, until the payload changes", () => {
    const history = given().appeared(someone).refused("UserRejected", someone, "email taken")
    assert.deepStrictEqual(judge(history), stops({ _tag: "Rejected", answer: "email taken" }))
    assert.deepStrictEqual(
      judge(history.changed({ email: "b@acme.test" })),
      sends(false, { ...someone, email: "b@acme.test" })
    )
    assert.deepStrictEqual(
      judge(history.changed({ email: someone.email! })),
      stops({ _tag: "Rejected", answer: "email taken" })
    )
  })

  it("is held with the manager in it", () => {
    const fields = { ...someone, supervisorId: "boss" }
    assert.deepStrictEqual(
      judge(given().appeared(fields).refused("UserRejected", fields)),
      stops({ _tag: "Rejected", answer: "no" })
    )
  })

  it("is held also where it was sent without the manager who is still owed", () => {
    const history = given()
      .appeared({ ...someone, supervisorId: "boss" })
      .refused("UserRejected", someone)
    assert.deepStrictEqual(judge(history), stops({ _tag: "Rejected", answer: "no" }))
  })

  it("stays quiet when the change that was refused is taken back", () => {
    const history = given()
      .appeared({ ...someone, title: "X" })
      .created(someone)
      .refused("UserRejected", { title: "X" })
    assert.deepStrictEqual(judge(history), stops({ _tag: "Rejected", answer: "no" }))
    assert.deepStrictEqual(judge(history.changed({ title: null })), upToDate)
  })
})

describe("payloadHash", () => {
  it("depends on the key and on every value, and not on their order", () => {
    const hash = payloadHash("e-1", { title: "Clerk", officeId: "B" })
    assert.strictEqual(payloadHash("e-1", { officeId: "B", title: "Clerk" }), hash)
    assert.notStrictEqual(payloadHash("e-2", { title: "Clerk", officeId: "B" }), hash)
    assert.notStrictEqual(payloadHash("e-1", { title: "Clerk", officeId: null }), hash)
    assert.notStrictEqual(payloadHash("e-1", { title: "Clerk" }), hash)
  })

  it("is taken of the rest where the manager is withheld", () => {
    assert.deepStrictEqual(withoutSupervisor({ title: "Clerk", supervisorId: "boss" }), { title: "Clerk" })
  })
})
