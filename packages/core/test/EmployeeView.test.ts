import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { shownSupervisor } from "../src/directory/EmployeeView.ts"
import { uuidV5 } from "../src/domain/Digest.ts"
import { employeeUuid, organizationUuid } from "../src/domain/Employee.ts"
import type { Absence } from "../src/domain/Policy.ts"
import { type History, acme, given, january, someone } from "./Given.ts"
import { ann, at, bea, directoryFirst, hrFirst, told, toldOf, viewed } from "./GivenDirectory.ts"

const hrPerson = (fields = {}) =>
  given()
    .on(january(2))
    .appeared({ ...someone, ...fields })

const shownOf = (history: History, rules = hrFirst, day = january(20)) => viewed(toldOf(history), history, rules, day)

const group = (name: string) => uuidV5(organizationUuid(acme), name)

describe("EmployeeView: HR's people", () => {
  it("shows somebody HR knows, under the person's own id, as old as HR's first word", () => {
    const history = hrPerson({ employeeTypeCode: "FT", title: "Clerk", gender: "f", dateOfBirth: "1815-12-10" })
    const trace = { at: at(january(2)), actor: "test" }
    assert.deepStrictEqual(shownOf(history), {
      id: employeeUuid(acme, "e-1"),
      person: employeeUuid(acme, "e-1"),
      name: "Ada Byron",
      email: "ada@acme.test",
      account: null,
      role: null,
      type: "FT",
      status: "ACTIVE",
      statusTrace: trace,
      created: trace,
      employeeNumber: "e-1",
      profile: {
        employeeNumber: "e-1",
        firstName: "Ada",
        lastName: "Byron",
        birthDate: "1815-12-10",
        gender: "f",
        companyRole: "Clerk"
      },
      made: false,
      managers: [],
      places: [],
      turnsOn: null,
      hr: { name: "hr", email: "hr", firstName: "hr", lastName: "hr", gender: "hr", birthDate: "hr", companyRole: "hr" }
    })
  })

  it("is called by the preferred name before the first, else by what there is", () => {
    assert.strictEqual(shownOf(hrPerson({ preferredName: "Lady" }))?.name, "Lady Byron")
    assert.strictEqual(shownOf(hrPerson({ firstName: null }))?.name, "Byron")
    assert.strictEqual(shownOf(hrPerson({ firstName: null, lastName: "" }))?.name, "ada@acme.test")
    assert.strictEqual(shownOf(hrPerson({ firstName: null, lastName: null, email: null }))?.name, "e-1")
  })

  it("has the manager HR names, by the person, and none where HR names the person themselves", () => {
    assert.deepStrictEqual(shownOf(hrPerson({ supervisorId: "7" }))?.managers, [
      { by: "hr", person: employeeUuid(acme, "7"), kind: "supervisor" }
    ])
    assert.deepStrictEqual(shownOf(hrPerson({ supervisorId: "e-1" }))?.managers, [])
    assert.deepStrictEqual(shownOf(hrPerson({ supervisorId: null }))?.managers, [])
  })

  it("is in the department and the office HR names, by their ids or else by their names", () => {
    const history = hrPerson({ departmentId: "D1", departmentName: "Sales", officeAddress: "1 Main St" })
    assert.deepStrictEqual(shownOf(history)?.places, [
      { group: group("department:D1"), kind: "department", name: "Sales", position: 1 },
      { group: group("office:1 Main St"), kind: "office", name: "1 Main St", position: 1 }
    ])
    history.changed({ departmentName: "Trade" })
    assert.deepInclude(shownOf(history)?.places[0], { group: group("department:D1"), name: "Trade", position: 2 })
    assert.strictEqual(shownOf(history)?.profile.location, "1 Main St")
  })

  it("is nobody before the first day, who appears on it", () => {
    const history = given().appeared(someone, { effectiveOn: january(21) })
    assert.isUndefined(shownOf(history))
    assert.strictEqual(shownOf(history, hrFirst, january(21))?.name, "Ada Byron")
  })

  it("is nobody where HR never said anything, and after an erasure", () => {
    assert.isUndefined(shownOf(given()))
    assert.isUndefined(shownOf(given().created(someone)))
    assert.isUndefined(shownOf(given().amended({ title: "Head" })))
    const common = { source: "hr", run: "r", day: january(1), locator: "hr.csv:2" }
    assert.isUndefined(
      shownOf(given().and({ type: "EmployeeAppeared", ...common, fields: { status: "active", title: "Clerk" } }))
    )
  })
})

describe("EmployeeView: days to come", () => {
  it("shows what holds today, and says when the next word holds", () => {
    const history = hrPerson()
      .changed({ lastName: "King" }, { effectiveOn: january(22) })
      .changed({ lastName: "Lovelace" }, { effectiveOn: january(25) })
    assert.deepInclude(shownOf(history, hrFirst, january(21)), { name: "Ada Byron", turnsOn: january(22) })
    assert.deepInclude(shownOf(history, hrFirst, january(22)), { name: "Ada King", turnsOn: january(25) })
    assert.deepInclude(shownOf(history, hrFirst, january(25)), { name: "Ada Lovelace", turnsOn: null })
  })

  it("forgets a word that was called off", () => {
    const history = hrPerson()
      .changed({ title: "Head" }, { effectiveOn: january(22) })
      .changed({}, { withdrawn: [january(22)] })
    assert.isNull(shownOf(history)?.turnsOn)
  })

  it("looks again on the day on which an absence has its consequence", () => {
    const absence: Absence = { policy: "terminate", afterDays: 5 }
    const history = hrPerson().on(january(18)).vanished()
    assert.deepInclude(shownOf(history, { ...hrFirst, absence }), { status: "ACTIVE", turnsOn: january(23) })
    const after = shownOf(history, { ...hrFirst, absence }, january(23))
    assert.deepInclude(after, { status: "TERMINATED", turnsOn: null })
  })

  it("changes on no day but those it names", () => {
    const day = fc.integer({ min: 2, max: 28 })
    const versions = fc.array(fc.tuple(day, fc.constantFrom("a", "b", "c")), { maxLength: 4 })
    const absences = fc.record({
      policy: fc.constantFrom("report" as const, "suspend" as const, "terminate" as const),
      afterDays: fc.nat(9)
    })
    fc.assert(
      fc.property(versions, fc.option(day), absences, (some, gone, absence) => {
        const history = hrPerson()
        for (const [from, lastName] of some) history.changed({ lastName }, { effectiveOn: january(from) })
        if (gone !== null) history.on(january(gone)).vanished()
        const rules = { ...hrFirst, absence }
        for (let today = gone ?? 2; today < 31; today++) {
          const { turnsOn, ...now } = shownOf(history, rules, january(today))!
          const { turnsOn: _, ...next } = shownOf(history, rules, january(today + 1))!
          if (turnsOn !== january(today + 1)) assert.deepStrictEqual(next, now)
          else assert.isTrue(turnsOn > january(today))
        }
      })
    )
  })
})

describe("EmployeeView: who left", () => {
  it("is terminated by HR's own word, with its trace", () => {
    const history = hrPerson().on(january(9)).changed({ status: "terminated" })
    assert.deepInclude(shownOf(history), { status: "TERMINATED", statusTrace: { at: at(january(9)), actor: "test" } })
  })

  it("is terminated by a removal, and by an absence as the policy says, with its trace", () => {
    const removed = hrPerson().on(january(9)).removed()
    assert.deepInclude(shownOf(removed), { status: "TERMINATED", statusTrace: { at: at(january(9)), actor: "test" } })
    const vanished = hrPerson().on(january(9)).vanished()
    const status = (policy: Absence["policy"]) => shownOf(vanished, { ...hrFirst, absence: { policy } })?.status
    assert.deepStrictEqual(
      [status("report"), status("suspend"), status("terminate")],
      ["ACTIVE", "LEAVE", "TERMINATED"]
    )
  })

  it("is on leave where HR says so, and active where HR says nothing that is known", () => {
    assert.strictEqual(shownOf(hrPerson({ status: "leave" }))?.status, "LEAVE")
    for (const status of [null, "retired"]) assert.strictEqual(shownOf(hrPerson({ status }))?.status, "ACTIVE")
  })

  it("comes back", () => {
    const history = hrPerson().on(january(9)).removed().on(january(12)).appeared(someone)
    const { created, status, statusTrace } = shownOf(history)!
    assert.deepStrictEqual([status, statusTrace.at, created.at], ["ACTIVE", at(january(12)), at(january(2))])
  })

  it("is not kept by a remark of the API's", () => {
    const history = hrPerson().on(january(9)).amended({ title: "Head" }).removed()
    for (const rules of [hrFirst, directoryFirst]) assert.strictEqual(shownOf(history, rules)?.status, "TERMINATED")
  })
})

const made = () => told().by("account:boss").on(january(3)).created({ name: "Ada Byron", email: "A@acme.test" })

const keyed = () => made().keyed("e-1")
const saidOfIt = () =>
  given()
    .on(january(4))
    .appeared({ firstName: "Ada", lastName: "Byron", email: "A@acme.test", status: "active" }, { source: "directory" })

describe("EmployeeView: those the API made", () => {
  it("is shown without a key, as the API was told", () => {
    const one = made().updated({ role: "lead" }).profiled({ bio: "x", gender: null })
    const trace = { at: at(january(3)), actor: "account:boss" }
    assert.deepStrictEqual(viewed(one), {
      id: ann,
      person: null,
      name: "Ada Byron",
      email: "A@acme.test",
      account: null,
      role: "lead",
      type: null,
      status: "ACTIVE",
      statusTrace: trace,
      created: trace,
      employeeNumber: null,
      profile: { bio: "x" },
      made: true,
      managers: [],
      places: [],
      turnsOn: null,
      hr: {}
    })
  })

  it("keeps its id and its age when it gets a key, and when HR comes to know the person by it", () => {
    const before = viewed(keyed(), saidOfIt())
    assert.deepInclude(before, { id: ann, person: employeeUuid(acme, "e-1"), employeeNumber: "e-1", name: "Ada Byron" })
    const history = saidOfIt().appeared({ firstName: "Augusta", lastName: "King", title: "Clerk" })
    const after = viewed(keyed(), history)
    assert.deepInclude(after, { id: ann, name: "Augusta King", email: "A@acme.test", made: true })
    assert.deepStrictEqual(after?.created, before?.created)
    assert.deepInclude(after?.hr, { name: "hr", companyRole: "hr" })
    assert.notProperty(after?.hr, "email")
  })

  it("shows the API's word where the API is believed more", () => {
    const history = saidOfIt().appeared({ firstName: "Augusta", lastName: "King", title: "Clerk" })
    const after = viewed(keyed(), history, directoryFirst)
    assert.deepInclude(after, { name: "Ada Byron", hr: { companyRole: "hr" } })
    assert.strictEqual(after?.profile.companyRole, "Clerk")
  })

  it("is HR's to terminate where HR is believed more", () => {
    const history = saidOfIt().appeared({ ...someone, status: "terminated" })
    assert.strictEqual(viewed(keyed(), history)?.status, "TERMINATED")
    assert.strictEqual(viewed(keyed(), history, directoryFirst)?.status, "ACTIVE")
  })
})

const amended = () => hrPerson({ title: "Clerk" }).amended({ title: "Head", gender: "f" })

const about = (history: History) => toldOf(history).profiled({ companyRole: "Head", gender: "f", bio: "x" })

const assigned = (history: History) => toldOf(history).assigned(bea).assigned(bea, "mentor")

const hrs = { by: "hr", person: employeeUuid(acme, "7"), kind: "supervisor" } as const

const mentor = { by: "api", manager: bea, kind: "mentor" } as const

const supervisor = { by: "api", manager: bea, kind: "supervisor" } as const

const profile = (rules: typeof hrFirst) => viewed(about(amended()), amended(), rules)?.profile

describe("EmployeeView: whose word counts", () => {
  it("shows HR's value before the API's, or the other way round, by the precedence", () => {
    assert.deepInclude(profile(hrFirst), { companyRole: "Clerk", gender: "f", bio: "x" })
    assert.deepInclude(profile(directoryFirst), { companyRole: "Head", gender: "f", bio: "x" })
  })

  it("shows HR's supervisor unless the API's is believed, and the API's other managers in any case", () => {
    const history = hrPerson({ supervisorId: "7" }).amended({ supervisorId: "9" })
    const one = assigned(history)
    assert.deepStrictEqual(viewed(one, history)?.managers, [hrs, mentor])
    assert.deepStrictEqual(viewed(one, history, directoryFirst)?.managers, [supervisor, mentor])
    assert.isUndefined(shownSupervisor(viewed(one, history)!, one.record))
    assert.strictEqual(shownSupervisor(viewed(one, history, directoryFirst)!, one.record), bea)
  })

  it("shows the API's supervisor where HR names none", () => {
    const history = hrPerson().amended({ supervisorId: "9" })
    assert.deepStrictEqual(viewed(assigned(history), history)?.managers, [supervisor, mentor])
  })

  it("shows no supervisor where HR says that there is none and is believed", () => {
    const history = hrPerson({ supervisorId: null }).amended({ supervisorId: "9" })
    assert.deepStrictEqual(viewed(assigned(history), history)?.managers, [mentor])
    assert.deepStrictEqual(viewed(assigned(history), history, directoryFirst)?.managers, [supervisor, mentor])
  })

  it("takes the location told before the office, and none where it was emptied", () => {
    const history = hrPerson({ officeId: "B", officeAddress: null })
    assert.strictEqual(shownOf(history)?.profile.location, "B")
    assert.strictEqual(viewed(toldOf(history).profiled({ location: "Home" }), history)?.profile.location, "Home")
    assert.notProperty(viewed(toldOf(history).profiled({ location: null }), history)?.profile, "location")
  })
})
