import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { emptyRecord, evolveRecord, foldRecord } from "../src/directory/EmployeeRecord.ts"
import { employeeUuid } from "../src/domain/Employee.ts"
import { acme, january } from "./Given.ts"
import { type Told, ann, at, bea, cleo, told } from "./GivenDirectory.ts"

const account = "c0000000-0000-4000-8000-000000000001"

describe("EmployeeRecord", () => {
  it("begins empty: HR's people have one without an event", () => {
    assert.deepStrictEqual(foldRecord(ann, []), emptyRecord(ann))
    assert.isNull(emptyRecord(ann).created)
  })

  it("knows who made it, and when, for good", () => {
    const one = told().by("key:k").on(january(3)).created({ name: "Ada", email: "a@acme.test" }, account)
    one.by("root").on(january(9)).updated({ name: "Ada Byron" })
    assert.deepInclude(one.record, { name: "Ada Byron", email: "a@acme.test", account, version: 2 })
    assert.deepStrictEqual(one.record.created, { at: at(january(3)), actor: "key:k" })
  })

  it("ties an account, leaves it, and unties it", () => {
    const one = told().created(undefined, account)
    assert.strictEqual(one.updated({ role: "lead" }).record.account, account)
    assert.isNull(one.updated({}, null).record.account)
  })

  it("keeps an emptied member of the profile as emptied", () => {
    const { profile } = told().profiled({ bio: "x", gender: "f" }).profiled({ bio: null }).record
    assert.deepStrictEqual(profile, { bio: null, gender: "f" })
  })

  it("has a key from the event that gives it", () => {
    assert.deepInclude(told().created().keyed("0042").record, {
      person: employeeUuid(acme, "0042"),
      employeeId: "0042"
    })
  })

  it("has managers of several kinds, each once, and loses the one that is named", () => {
    const one = told().assigned(bea).assigned(bea, "mentor").assigned(cleo, "mentor").assigned(bea)
    assert.deepStrictEqual(one.record.managers, [
      { manager: bea, kind: "mentor" },
      { manager: cleo, kind: "mentor" },
      { manager: bea, kind: "supervisor" }
    ])
    assert.deepStrictEqual(one.unassigned(bea, "mentor").record.managers, [
      { manager: cleo, kind: "mentor" },
      { manager: bea, kind: "supervisor" }
    ])
  })

  it("has the memberships of the last word alone", () => {
    const one = told()
      .and({ type: "MembershipsSet", memberships: [{ group: "g1", kind: "member" }] })
      .and({ type: "MembershipsSet", memberships: [{ group: "g2", kind: "lead" }] })
    assert.deepStrictEqual(one.record.memberships, [{ group: "g2", kind: "lead" }])
  })

  it("stays as it was, but for its version, over an event of something else", () => {
    const one = told().created()
    const before = one.record
    assert.deepStrictEqual(one.and({ type: "GroupCreated", name: "x", kind: "y" }).record, { ...before, version: 2 })
  })

  it("loses what an erasure takes, and nothing else", () => {
    const erased = told().and({ type: "DirectoryEmployeeCreated" }).assigned(bea).record
    assert.deepInclude(erased, { name: undefined, email: undefined, role: null })
    assert.isNotNull(erased.created)
    assert.lengthOf(erased.managers, 1)
  })

  const acts = fc.array(
    fc.constantFrom<(one: Told) => Told>(
      (one) => one.created(),
      (one) => one.updated({ name: "B" }),
      (one) => one.profiled({ bio: null }),
      (one) => one.keyed("1"),
      (one) => one.assigned(bea),
      (one) => one.unassigned(bea)
    )
  )

  it("is the same whether it is folded at once or in two parts", () => {
    fc.assert(
      fc.property(acts, fc.nat(), (some, at) => {
        const { events, id, record } = some.reduce((one, act) => act(one), told())
        const cut = at % (events.length + 1)
        assert.deepStrictEqual(events.slice(cut).reduce(evolveRecord, foldRecord(id, events.slice(0, cut))), record)
      })
    )
  })
})
