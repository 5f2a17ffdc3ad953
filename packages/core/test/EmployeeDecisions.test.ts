import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as fc from "fast-check"

import { type EmployeeProfile, employeeProfileMembers } from "../src/contract/Employees.ts"
import {
  type Decision,
  type Known,
  decideCreate,
  decideManager,
  decideManagerRemoval,
  decideProfile,
  decideReport,
  decideUpdate
} from "../src/directory/EmployeeDecisions.ts"
import { employeeRecordStream } from "../src/directory/EmployeeRecord.ts"
import { employeeStream, employeeUuid } from "../src/domain/Employee.ts"
import type { Event, NewEvent } from "../src/domain/Event.ts"
import { type History, acme, given, january, someone } from "./Given.ts"
import {
  afterwards,
  ann,
  bea,
  cleo,
  directoryFirst,
  hrFirst,
  known,
  occasion,
  shownOf,
  told,
  toldOf,
  viewed
} from "./GivenDirectory.ts"

const account = "c0000000-0000-4000-8000-000000000001"

const eventsOf = (decision: Decision): ReadonlyArray<NewEvent> => Result.getOrThrow(decision)
const said = (decision: Decision): ReadonlyArray<Event> => eventsOf(decision).map(({ event }) => event)
const typesOf = (decision: Decision) => said(decision).map(({ type }) => type)

const refusal = (decision: Decision) => {
  assert.isTrue(Result.isFailure(decision), "the decision is refused")
  return Result.isFailure(decision) ? decision.failure : undefined
}

const conflictIn = (decision: Decision) => {
  const failure = refusal(decision)
  return failure?._tag === "Conflict" ? `${failure.field} ${failure.problem}` : failure?._tag
}

const hrPerson = (fields = {}) =>
  given()
    .on(january(2))
    .appeared({ ...someone, ...fields })
const ofHr = (history: History): Known => known(toldOf(history), history)
const ofApi = (): Known => known(told().created({ name: "Ada Byron", email: "ada@acme.test" }))

/** Made through the API, and keyed. */
const keyed = (): Known => {
  const before = ofApi()
  return afterwards(before, eventsOf(decideProfile(occasion(), before, { employeeNumber: "e-1" }, "merge", false)))
}

const nobody = () => known(told())

const as = (before: Known, details: { readonly name?: string; readonly email?: string; readonly account?: string }) => {
  const view = shownOf(before)!
  return { name: view.name, email: view.email ?? "", ...details }
}

describe("decideCreate", () => {
  it("records who is made, as the API was told, in the employee's own stream", () => {
    const details = { name: "Ada Byron", email: "ada@acme.test", account, role: "lead" }
    assert.deepStrictEqual(decideCreate(occasion(), ann, details), [
      {
        stream: employeeRecordStream(ann),
        event: {
          type: "DirectoryEmployeeCreated",
          account,
          details: { name: "Ada Byron", email: "ada@acme.test", role: "lead" }
        },
        actor: "account:admin",
        effectiveOn: null,
        causation: null
      }
    ])
  })

  it("shows what was asked for, and says nothing in the log of people", () => {
    const events = decideCreate(occasion(), ann, { name: "Cher", email: "c@acme.test" })
    assert.deepInclude(shownOf(afterwards(known(told()), events)), { name: "Cher", email: "c@acme.test", role: null })
    assert.lengthOf(events, 1)
  })
})

describe("decideUpdate", () => {
  it("records what differs alone", () => {
    const decision = decideUpdate(occasion(), ofApi(), { name: "Ada King", email: "ada@acme.test" })
    assert.deepStrictEqual(said(decision), [{ type: "DirectoryEmployeeUpdated", details: { name: "Ada King" } }])
  })

  it("says it again in the person's stream, where there is a key", () => {
    const [, word, ...others] = eventsOf(decideUpdate(occasion(), keyed(), as(keyed(), { name: "Ada King" })))
    assert.deepStrictEqual(others, [])
    assert.strictEqual(word?.stream, employeeStream(acme, "e-1"))
    assert.deepInclude(word?.event, { type: "EmployeeChanged", source: "directory", fields: { lastName: "King" } })
  })

  it("refuses what HR says otherwise and is believed in, and names the source", () => {
    const before = ofHr(hrPerson())
    const message = conflictIn(decideUpdate(occasion(), before, as(before, { name: "Ada King" })))
    assert.include(message, "name")
    assert.include(message, '"hr"')
    assert.include(conflictIn(decideUpdate(occasion(), before, as(before, { email: "x@acme.test" }))), '"hr"')
  })

  it("does it where the API is believed more, as an amendment of HR's word", () => {
    const before = ofHr(hrPerson())
    const decision = decideUpdate(occasion(directoryFirst), before, as(before, { name: "Ada King" }))
    assert.deepStrictEqual(typesOf(decision), ["DirectoryEmployeeUpdated", "EmployeeAmended"])
    assert.strictEqual(shownOf(afterwards(before, eventsOf(decision)), directoryFirst)?.name, "Ada King")
  })

  it("gives an address to somebody for whom HR lists none", () => {
    const history = given().appeared({ firstName: "Ada", lastName: "Byron", status: "active" })
    const before = ofHr(history)
    const decision = decideUpdate(occasion(), before, as(before, { email: "ada@acme.test" }))
    assert.strictEqual(shownOf(afterwards(before, eventsOf(decision)))?.email, "ada@acme.test")
  })

  it("ties an account and sets a role of HR's people, too, and says nothing of it to the engine", () => {
    const before = ofHr(hrPerson())
    const decision = decideUpdate(occasion(), before, { ...as(before, { account }), role: "lead" })
    assert.deepStrictEqual(typesOf(decision), ["DirectoryEmployeeUpdated"])
    assert.deepInclude(shownOf(afterwards(before, eventsOf(decision))), { account, role: "lead" })
  })

  it("tells Together of no last name any more when the name has become one word", () => {
    const [, word] = said(decideUpdate(occasion(), keyed(), as(keyed(), { name: "Cher" })))
    assert.deepInclude(word, { fields: { firstName: "Cher", lastName: null } })
  })

  it("finds nobody where there is nobody", () => {
    assert.strictEqual(refusal(decideUpdate(occasion(), nobody(), { name: "x", email: "y" }))?._tag, "NotFound")
    const erased = given().and({
      type: "EmployeeAppeared",
      source: "hr",
      run: "r",
      day: january(1),
      locator: "hr.csv:2",
      fields: {}
    })
    assert.strictEqual(refusal(decideUpdate(occasion(), ofHr(erased), { name: "x", email: "y" }))?._tag, "NotFound")
  })
})

const number = (before: Known, employeeNumber: string | null, taken = false) =>
  decideProfile(occasion(), before, { employeeNumber }, "merge", taken)

describe("decideProfile", () => {
  it("merges, or replaces what is the API's to empty", () => {
    const history = hrPerson({ gender: "f" })
    const before = known(toldOf(history).profiled({ bio: "x", timezone: "UTC" }), history)
    assert.deepStrictEqual(said(decideProfile(occasion(), before, { bio: "y" }, "merge", false)), [
      { type: "EmployeeProfileChanged", details: { bio: "y" } }
    ])
    assert.deepStrictEqual(said(decideProfile(occasion(), before, { bio: "y" }, "replace", false)), [
      { type: "EmployeeProfileChanged", details: { bio: "y", timezone: null } }
    ])
  })

  it("amends HR's word where HR says nothing", () => {
    const before = ofHr(hrPerson())
    const decision = decideProfile(occasion(), before, { companyRole: "Clerk" }, "merge", false)
    assert.deepStrictEqual(typesOf(decision), ["EmployeeProfileChanged", "EmployeeAmended"])
    assert.deepInclude(said(decision)[1], { fields: { title: "Clerk" } })
    assert.strictEqual(shownOf(afterwards(before, eventsOf(decision)))?.profile.companyRole, "Clerk")
  })

  it("refuses to say, or to empty, what HR says otherwise", () => {
    const before = ofHr(hrPerson({ gender: "f" }))
    assert.include(conflictIn(decideProfile(occasion(), before, { gender: "m" }, "merge", false)), '"hr"')
    assert.include(conflictIn(decideProfile(occasion(), before, { gender: null }, "merge", false)), "gender")
  })

  it("gives a key once: the person is vouched for in the stream of that key from then on", () => {
    const decision = decideProfile(occasion(), ofApi(), { employeeNumber: "e-1" }, "merge", false)
    const person = employeeUuid(acme, "e-1")
    const [event, word, ...others] = eventsOf(decision)
    assert.deepStrictEqual(others, [])
    assert.deepStrictEqual(event?.event, { type: "EmployeeKeyed", person, employeeId: "e-1" })
    assert.strictEqual(word?.stream, employeeStream(acme, "e-1"))
    assert.deepInclude(word?.event, {
      type: "EmployeeAppeared",
      employeeId: "e-1",
      fields: { firstName: "Ada", lastName: "Byron", email: "ada@acme.test", status: "active" }
    })
    assert.deepInclude(shownOf(keyed()), { id: ann, person, employeeNumber: "e-1" })
  })

  it("refuses a key that somebody has, another key, and to take one away", () => {
    assert.include(conflictIn(number(ofApi(), "e-1", true)), "employeeNumber")
    assert.include(conflictIn(number(keyed(), "e-2")), "employeeNumber")
    assert.include(conflictIn(number(keyed(), null)), "employeeNumber")
    assert.include(conflictIn(number(ofHr(hrPerson()), "e-2")), "employeeNumber")
    assert.deepStrictEqual(said(number(keyed(), "e-1", true)), [])
    assert.deepStrictEqual(said(number(ofApi(), null)), [])
  })

  it("leaves the key where a replacement does not name it", () => {
    assert.deepStrictEqual(said(decideProfile(occasion(), keyed(), {}, "replace", false)), [])
  })

  it("finds nobody where there is nobody", () => {
    assert.strictEqual(refusal(decideProfile(occasion(), nobody(), {}, "merge", false))?._tag, "NotFound")
  })
})

const link = (manager = bea, more: Partial<Parameters<typeof decideManager>[2]> = {}) => ({
  manager,
  kind: "supervisor",
  circular: false,
  shown: false,
  key: null,
  ...more
})

describe("decideManager", () => {
  it("assigns a manager of any kind", () => {
    assert.deepStrictEqual(said(decideManager(occasion(), ofApi(), link(bea, { kind: "mentor" }))), [
      { type: "ManagerAssigned", manager: bea, kind: "mentor" }
    ])
  })

  it("puts a supervisor in the place of the one before, and nobody else", () => {
    const before = known(told().created().assigned(bea).assigned(bea, "mentor"))
    assert.deepStrictEqual(said(decideManager(occasion(), before, link(cleo))), [
      { type: "ManagerRemoved", manager: bea, kind: "supervisor" },
      { type: "ManagerAssigned", manager: cleo, kind: "supervisor" }
    ])
    assert.deepStrictEqual(typesOf(decideManager(occasion(), before, link(cleo, { kind: "mentor" }))), [
      "ManagerAssigned"
    ])
  })

  it("names the supervisor to the engine by key, where both have one", () => {
    const [, word] = said(decideManager(occasion(), keyed(), link(bea, { key: "7" })))
    assert.deepInclude(word, { type: "EmployeeChanged", fields: { supervisorId: "7" } })
    assert.deepStrictEqual(typesOf(decideManager(occasion(), keyed(), link())), ["ManagerAssigned"])
    assert.deepStrictEqual(typesOf(decideManager(occasion(), ofApi(), link(bea, { key: "7" }))), ["ManagerAssigned"])
  })

  it("refuses oneself, and a circle", () => {
    assert.include(conflictIn(decideManager(occasion(), ofApi(), link(ann))), "managerId")
    assert.include(conflictIn(decideManager(occasion(), ofApi(), link(bea, { circular: true }))), "circle")
  })

  it("refuses a supervisor where HR names another and is believed, and takes any other kind", () => {
    const before = ofHr(hrPerson({ supervisorId: "7" }))
    assert.include(conflictIn(decideManager(occasion(), before, link(bea, { key: "9" }))), '"hr"')
    assert.deepStrictEqual(typesOf(decideManager(occasion(), before, link(bea, { kind: "mentor" }))), [
      "ManagerAssigned"
    ])
    const believed = decideManager(occasion(directoryFirst), before, link(bea, { key: "9" }))
    assert.deepStrictEqual(typesOf(believed), ["ManagerAssigned", "EmployeeAmended"])
  })

  it("stays quiet about a manager who is shown already, and not about one whom HR's hides", () => {
    assert.deepStrictEqual(said(decideManager(occasion(), ofApi(), link(bea, { shown: true }))), [])
    const history = hrPerson({ supervisorId: "7" }).amended({ supervisorId: "9" })
    const hidden = known(toldOf(history).assigned(bea), history, "9")
    assert.include(conflictIn(decideManager(occasion(), hidden, link(bea, { key: "9" }))), '"hr"')
  })

  it("finds nobody where there is nobody", () => {
    assert.strictEqual(refusal(decideManager(occasion(), nobody(), link()))?._tag, "NotFound")
  })
})

const api = (kind: string) => ({ kind, hr: false })

describe("decideManagerRemoval", () => {
  it("takes the manager away, of whatever kind", () => {
    const before = known(told().created().assigned(bea).assigned(bea, "mentor"))
    const decision = decideManagerRemoval(occasion(), before, bea, [api("mentor"), api("supervisor")])
    assert.deepStrictEqual(said(decision), [
      { type: "ManagerRemoved", manager: bea, kind: "mentor" },
      { type: "ManagerRemoved", manager: bea, kind: "supervisor" }
    ])
  })

  it("tells the engine that there is no supervisor any more", () => {
    const assigned = afterwards(keyed(), eventsOf(decideManager(occasion(), keyed(), link(bea, { key: "7" }))))
    const before = { ...assigned, supervisorKey: "7" }
    const [, word] = said(decideManagerRemoval(occasion(), before, bea, [api("supervisor")]))
    assert.deepInclude(word, { type: "EmployeeChanged", fields: { supervisorId: null } })
  })

  it("refuses what HR says, and finds no manager where there is none", () => {
    const before = ofHr(hrPerson({ supervisorId: "7" }))
    const hrs = decideManagerRemoval(occasion(), before, bea, [{ kind: "supervisor", hr: true }])
    assert.include(conflictIn(hrs), '"hr"')
    assert.strictEqual(refusal(decideManagerRemoval(occasion(), before, bea, []))?._tag, "NotFound")
  })
})

describe("decideReport", () => {
  it("says the supervisor's new key, once", () => {
    const before = { ...keyed(), supervisorKey: "7" }
    const events = decideReport(occasion(), before)
    assert.deepStrictEqual(
      events.map(({ event }) => event.type),
      ["EmployeeChanged"]
    )
    assert.deepStrictEqual(decideReport(occasion(), afterwards(before, events)), [])
  })

  it("stays quiet about a report who has no key", () => {
    assert.deepStrictEqual(decideReport(occasion(), { ...ofApi(), supervisorKey: "7" }), [])
  })
})

const texts = fc.constantFrom("a", "b c", "d")
const fields = fc.record(
  {
    firstName: fc.option(texts),
    lastName: fc.option(texts),
    preferredName: fc.option(texts),
    email: fc.option(fc.constantFrom("x@acme.test", "y@acme.test")),
    gender: fc.option(texts),
    title: fc.option(texts),
    officeAddress: fc.option(texts)
  },
  { requiredKeys: [] }
)
const members = fc.constantFrom(...employeeProfileMembers.filter((member) => member !== "employeeNumber"))
const profiles = fc.dictionary(members, fc.option(texts), { maxKeys: 4 }) as fc.Arbitrary<EmployeeProfile>
const rules = fc.constantFrom(hrFirst, directoryFirst)
const modes = fc.constantFrom("replace" as const, "merge" as const)
const writes = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("update" as const),
      name: texts,
      email: fc.constantFrom("x@acme.test", "z@acme.test")
    }),
    fc.record({ kind: fc.constant("profile" as const), profile: profiles, mode: modes }),
    fc.record({ kind: fc.constant("key" as const) })
  ),
  { maxLength: 5 }
)

type Write = typeof writes extends fc.Arbitrary<ReadonlyArray<infer A>> ? A : never

const decide = (policy: typeof hrFirst, before: Known, write: Write): Decision =>
  write.kind === "update"
    ? decideUpdate(occasion(policy), before, write)
    : write.kind === "key"
      ? decideProfile(occasion(policy), before, { employeeNumber: "e-1" }, "merge", false)
      : decideProfile(occasion(policy), before, write.profile, write.mode, false)

const beginnings = fc.oneof(
  fields.map((said) => ofHr(given().appeared({ status: "active", ...said }))),
  fc.constant(ofApi())
)

const carriedOut = (policy: typeof hrFirst, before: Known, some: ReadonlyArray<Write>) =>
  some.reduce((now, write) => {
    const decision = decide(policy, now, write)
    return Result.isSuccess(decision) ? afterwards(now, decision.success) : now
  }, before)

describe("decisions, for any employee", () => {
  it("record nothing when what is shown is sent back", () => {
    fc.assert(
      fc.property(rules, beginnings, writes, (policy, beginning, some) => {
        const before = carriedOut(policy, beginning, some)
        const view = shownOf(before, policy)!
        const { account, email, name, role } = view
        const details = { name, ...(account === null ? {} : { account }), ...(role === null ? {} : { role }) }
        if (email !== null)
          assert.deepStrictEqual(said(decideUpdate(occasion(policy), before, { ...details, email })), [])
        for (const mode of ["replace", "merge"] as const) {
          assert.deepStrictEqual(said(decideProfile(occasion(policy), before, view.profile, mode, true)), [])
        }
      })
    )
  })

  it("show what was asked for, or are refused and change nothing", () => {
    fc.assert(
      fc.property(rules, beginnings, writes, (policy, beginning, some) => {
        let now = beginning
        for (const write of some) {
          const decision = decide(policy, now, write)
          if (Result.isFailure(decision)) continue
          now = afterwards(now, decision.success)
          const view = shownOf(now, policy)!
          if (write.kind === "update") assert.deepInclude(view, { name: write.name, email: write.email })
          else if (write.kind === "key") assert.strictEqual(view.employeeNumber, "e-1")
          else {
            for (const [member, value] of Object.entries(write.profile)) {
              assert.strictEqual(view.profile[member as "bio"] ?? null, value)
            }
          }
        }
      })
    )
  })

  it("record nothing when the same is asked for again", () => {
    fc.assert(
      fc.property(rules, beginnings, writes, (policy, beginning, some) => {
        for (const write of some) {
          const first = decide(policy, beginning, write)
          if (Result.isFailure(first)) continue
          const after = afterwards(beginning, first.success)
          assert.deepStrictEqual(said(decide(policy, after, write)), [])
        }
      })
    )
  })

  it("show the same when their streams are read again", () => {
    const history = hrPerson().amended({ gender: "f" })
    const one = toldOf(history).profiled({ gender: "f" }).assigned(bea)
    assert.deepStrictEqual(viewed(one, history), viewed(one, history))
  })
})
