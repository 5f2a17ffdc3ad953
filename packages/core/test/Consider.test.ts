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

/** Known with `clerk`, as HR says; Together's list shows a `Cook`. */
const clerk = { ...someone, title: "Clerk" }
const edited = () => given().appeared(clerk).created(clerk).drifted({ title: "Cook" })

describe("consider: drift", () => {
  it("sends HR's value again for what was edited at Together", () => {
    assert.deepStrictEqual(judge(edited()), sends(true, { title: "Clerk" }))
    assert.deepStrictEqual(judge(edited().applied("UserUpdated", { title: "Clerk" })), upToDate)
  })

  it("sends nothing of it where drift is only reported", () => {
    assert.deepStrictEqual(judge(edited(), { drift: "report" }), upToDate)
    assert.deepStrictEqual(
      judge(edited().changed({ officeId: "B" }), { drift: "report" }),
      sends(true, { officeId: "B" })
    )
  })

  it("stays quiet where the entry holds by chance what HR wants by now", () => {
    assert.deepStrictEqual(judge(edited().changed({ title: "Cook" })), upToDate)
  })

  it("stays quiet about an edited field on which HR has no word", () => {
    const history = given()
      .appeared(someone)
      .found({ ...someone, title: "Clerk" })
      .drifted({ title: "Cook" })
    assert.deepStrictEqual(judge(history), upToDate)
  })

  it("does not take back an edit of somebody outside the scope", () => {
    const scope = { exclude: [{ title: "Clerk" }] }
    assert.deepStrictEqual(judge(edited(), { scope }), stops({ _tag: "OutOfScope", rule: "scope.exclude[0]" }))
  })

  it("terminates again who was made active again there", () => {
    const left = { ...someone, status: "terminated" }
    const history = given().appeared(left).created(left).drifted({ status: "active" })
    assert.deepStrictEqual(judge(history), sends(true, { status: "terminated" }))
  })
})

const missed = (fields: Fields = {}) =>
  given()
    .appeared({ ...clerk, ...fields })
    .created(clerk)
    .missed()

describe("consider: a missing entry", () => {
  it("is made again with everything", () => {
    assert.deepStrictEqual(judge(missed({ officeId: null })), sends(false, clerk))
  })

  it("is not made again where drift is only reported", () => {
    assert.deepStrictEqual(judge(missed(), { drift: "report" }), upToDate)
  })

  it("is not made again for a leaver, nor for whom no source has any more, nor out of scope", () => {
    assert.deepStrictEqual(judge(missed({ status: "terminated" })), upToDate)
    assert.deepStrictEqual(judge(missed().vanished()), stops({ _tag: "Absent", since: january(1) }))
    const scope = { exclude: [{ title: "Clerk" }] }
    assert.deepStrictEqual(judge(missed(), { scope }), stops({ _tag: "OutOfScope", rule: "scope.exclude[0]" }))
  })

  it("is not made again once Together has refused that", () => {
    assert.deepStrictEqual(judge(missed().refused("UserRejected", clerk)), stops({ _tag: "Rejected", answer: "no" }))
    assert.deepStrictEqual(judge(missed().refused("UserGone", clerk)), stops({ _tag: "Gone" }))
  })
})

const vanishedAfterChange = () => given().appeared(clerk).created(clerk).changed({ title: "Cook" }).vanished()

describe("consider: somebody whom no source has any more", () => {
  it("gets nothing while absence is only reported, not even what HR said before", () => {
    assert.deepStrictEqual(judge(vanishedAfterChange()), stops({ _tag: "Absent", since: january(1) }))
  })

  it("is not brought back when somebody terminated them at Together", () => {
    const history = given().appeared(clerk).created(clerk).vanished().drifted({ status: "terminated" })
    assert.deepStrictEqual(judge(history), stops({ _tag: "Absent", since: january(1) }))
  })

  it("is not refreshed", () => {
    const history = given().appeared(clerk).created(clerk).vanished()
    assert.deepStrictEqual(judge(history, { refresh: "daily" }), stops({ _tag: "Absent", since: january(1) }))
  })

  it("is sent as the policy says, once it says so", () => {
    const absence = { policy: "terminate" } as const
    assert.deepStrictEqual(
      judge(vanishedAfterChange(), { absence }),
      sends(true, { title: "Cook", status: "terminated" })
    )
  })

  it("is done with once Together has them as terminated", () => {
    const history = given()
      .appeared({ ...clerk, status: "terminated" })
      .created({ ...clerk, status: "terminated" })
    assert.deepStrictEqual(judge(history.vanished()), upToDate)
  })
})

const recased = () => given().appeared(clerk).created(clerk).drifted({ title: "CLERK" })

describe("consider: a value that Together comes back to after it took a repair", () => {
  const repair = sends(true, { title: "Clerk" })

  it("is repaired once more by the person's own request, and then let be", () => {
    assert.deepStrictEqual(judge(recased()), repair)
    const again = recased().applied("UserUpdated", { title: "Clerk" }).drifted({ title: "CLERK" })
    assert.deepStrictEqual(judge(again), upToDate)
  })

  it("is repaired again where only an array took the repair", () => {
    const again = recased().applied("UserUpdated", { title: "Clerk" }, { members: 5 }).drifted({ title: "CLERK" })
    assert.deepStrictEqual(judge(again), repair)
  })

  it("is repaired again when the repair was seen to hold in between", () => {
    const again = recased().applied("UserUpdated", { title: "Clerk" }).resolved().drifted({ title: "CLERK" })
    assert.deepStrictEqual(judge(again), repair)
  })

  it("is repaired when it is yet another value, and overwritten when HR has a new one", () => {
    const again = recased().applied("UserUpdated", { title: "Clerk" })
    assert.deepStrictEqual(judge(again.drifted({ title: "Cook" })), repair)
    const news = recased().applied("UserUpdated", { title: "Clerk" }).drifted({ title: "CLERK" })
    assert.deepStrictEqual(judge(news.changed({ title: "Chef" })), sends(true, { title: "Chef" }))
  })
})

describe("consider: an entry that Rollcall did not make", () => {
  it("gets only what differs, when it has the person's key", () => {
    const history = given()
      .appeared({ ...clerk, officeId: "B" })
      .found({ ...someone, title: "Cook" })
    assert.deepStrictEqual(judge(history), sends(true, { title: "Clerk", officeId: "B" }))
    assert.deepStrictEqual(judge(given().appeared(clerk).found(clerk)), upToDate)
  })

  it("gets everything, by its own id, when it has only the person's address", () => {
    const history = given().appeared(clerk).foundByAddress("u-9")
    assert.deepStrictEqual(judge(history), {
      _tag: "Send",
      employeeId: "e-1",
      known: false,
      changes: clerk,
      userId: "u-9"
    })
    assert.deepStrictEqual(judge(history.created(clerk)), upToDate)
  })

  it("is held when it was refused by that id, and is nobody's when there is none of that id", () => {
    const found = () => given().appeared(clerk).foundByAddress("u-9")
    const held = found().refused("UserRejected", clerk, "no", { userId: "u-9" })
    assert.deepStrictEqual(judge(held), stops({ _tag: "Rejected", answer: "no" }))
    const none = found().refused("UserRejected", clerk, "no", { userId: "u-9", status: 404 })
    assert.deepStrictEqual(judge(none), sends(false, clerk))
  })
})

describe("consider: a release", () => {
  it("lets a refused payload be sent once more", () => {
    const history = given().appeared(someone).refused("UserRejected", someone).released()
    assert.deepStrictEqual(judge(history), sends(false, someone))
    assert.deepStrictEqual(judge(history.refused("UserRejected", someone)), stops({ _tag: "Rejected", answer: "no" }))
  })

  it("lets who was conflicted be sent once more", () => {
    const history = given().appeared(someone).refused("UserConflicted", someone).released()
    assert.deepStrictEqual(judge(history), sends(true, someone))
    assert.deepStrictEqual(judge(history.refused("UserConflicted", someone)), stops({ _tag: "Conflicted" }))
  })

  it("does nothing for who is gone", () => {
    const history = given().appeared(someone).created(someone).refused("UserGone", {}).released()
    assert.deepStrictEqual(judge(history), stops({ _tag: "Gone" }))
  })
})

const daily: Partial<Policy> = { refresh: "daily" }

/** Known since noon of the fifth, as HR says. */
const there = (fields: Fields = {}) =>
  given()
    .on(january(5))
    .appeared({ ...clerk, ...fields })
    .created({ ...clerk, ...fields })

const onTheNinth = (history: History) => judge(history, daily, january(9))

const refusedRefresh = () => there().on(january(6)).refused("UserRejected", clerk, "no such office")

describe("consider: the day's refresh", () => {
  it("sends every field that has a value, when a day is over", () => {
    const history = there({ officeId: null, alternateEmails: [] })
    const refresh: Consideration = { _tag: "Refresh", employeeId: "e-1", fields: clerk }
    assert.deepStrictEqual(judge(history, daily, january(6)), refresh)
  })

  it("is due for an entry that Rollcall found and never sent", () => {
    const history = given().on(january(5)).appeared(clerk).found(clerk)
    assert.deepInclude(judge(history, daily, january(6)), { _tag: "Refresh" })
    assert.deepStrictEqual(judge(history, daily, january(5)), upToDate)
  })

  it("is done for a day once Together has taken it", () => {
    assert.deepStrictEqual(judge(there().on(january(6)).refreshed(clerk), daily, january(6)), upToDate)
  })

  it("comes with the news where there are any", () => {
    assert.deepStrictEqual(judge(there().changed({ title: "Head" }), daily, january(6)), sends(true, { title: "Head" }))
  })

  it("is not wanted where it is not configured, nor where drift is only reported", () => {
    assert.deepStrictEqual(judge(there(), {}, january(9)), upToDate)
    assert.deepStrictEqual(judge(there(), { ...daily, drift: "report" }, january(9)), upToDate)
  })

  it("never comes for leavers, nor for whom is out of scope", () => {
    assert.deepStrictEqual(judge(there({ status: "terminated" }), daily, january(9)), upToDate)
    const scope = { exclude: [{ title: "Clerk" }] }
    const out = stops({ _tag: "OutOfScope", rule: "scope.exclude[0]" })
    assert.deepStrictEqual(judge(there(), { ...daily, scope }, january(9)), out)
  })

  it("never comes for whom Together has refused", () => {
    assert.deepStrictEqual(onTheNinth(there().refused("UserGone", {})), stops({ _tag: "Gone" }))
    assert.deepStrictEqual(onTheNinth(there().refused("UserConflicted", {})), stops({ _tag: "Conflicted" }))
    const rejected = there().changed({ title: "X" }).refused("UserRejected", { title: "X" })
    assert.deepStrictEqual(onTheNinth(rejected), stops({ _tag: "Rejected", answer: "no" }))
  })

  it("is not repeated, once it was refused, before something changes or someone releases the person", () => {
    const held = stops({ _tag: "Rejected", answer: "no such office" })
    assert.deepStrictEqual(onTheNinth(refusedRefresh()), held)
    assert.deepInclude(onTheNinth(refusedRefresh().released()), { _tag: "Refresh" })
    assert.deepInclude(onTheNinth(refusedRefresh().changed({ officeId: "B" })), { _tag: "Send" })
  })

  it("goes out again when the change that was refused is taken back", () => {
    const history = there().changed({ title: "X" }).refused("UserRejected", { title: "X" }).changed({ title: "Clerk" })
    assert.deepInclude(judge(history, daily, january(9)), { _tag: "Refresh" })
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

  it("depends on the id that an entry is written by", () => {
    const hashes = [payloadHash("e-1", {}), payloadHash("e-1", {}, "u-1"), payloadHash("e-1", {}, "u-2")]
    assert.strictEqual(new Set(hashes).size, 3)
  })

  it("is taken of the rest where the manager is withheld", () => {
    assert.deepStrictEqual(withoutSupervisor({ title: "Clerk", supervisorId: "boss" }), { title: "Clerk" })
  })
})
