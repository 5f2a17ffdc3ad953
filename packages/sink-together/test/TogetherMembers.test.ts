import { assert, describe, it } from "@effect/vitest"

import { readMembers } from "../src/TogetherMembers.ts"

const three = ["e-1", "e-2", "e-3"]

/** What is said of e-1, e-2, e-3, in short. */
const words = (body: unknown, employeeIds = three) =>
  readMembers(JSON.stringify(body), employeeIds)?.map((word) =>
    word._tag === "Refused" ? `${word.status} ${word.text}` : word._tag === "Accepted" ? word.status : word._tag
  )

const said = (employeeId: string) => ({ employeeId, message: "no" })

const mixed = [
  { employeeId: "e-1", status: 201 },
  { employeeId: "e-2", status: 409, error: "modified" },
  { employeeId: "e-3", status: 503 }
]

describe("TogetherMembers: a list that speaks of each member", () => {
  it.each(["results", "users", "data", "members", "errors"])("is read bare, and under %s", (name) => {
    assert.deepStrictEqual(words(mixed), [201, "409 modified", "Undecided"])
    assert.deepStrictEqual(words({ ok: false, [name]: mixed }), [201, "409 modified", "Undecided"])
  })

  it("is read in whatever order it comes", () => {
    assert.deepStrictEqual(words(mixed.toReversed()), [201, "409 modified", "Undecided"])
  })

  it("may call the status statusCode or code", () => {
    assert.deepStrictEqual(
      words([
        { employeeId: "e-1", statusCode: 200 },
        { employeeId: "e-2", code: 410, message: "deleted" },
        { employeeId: "e-3", status: "error", code: 400, errors: ["email", "title"] }
      ]),
      [200, "410 deleted", '400 ["email","title"]']
    )
  })

  it("goes by the order of the request where it names nobody", () => {
    assert.deepStrictEqual(words([{ status: 200 }, { status: 204 }, { status: 400, error: "no" }]), [
      200,
      204,
      "400 no"
    ])
  })

  it.each([401, 403, 429, 500, 502, 503, 599])("takes %i for no verdict", (status) => {
    assert.deepStrictEqual(words([{ employeeId: "e-1", status }], ["e-1"]), ["Undecided"])
  })

  it("leaves those open whom it does not name, when it names successes", () => {
    assert.deepStrictEqual(words(mixed.slice(0, 2)), [201, "409 modified", "Undecided"])
  })
})

describe("TogetherMembers: a list of failures alone", () => {
  it("says nothing against those whom it does not name", () => {
    const failures = [{ employeeId: "e-2", error: "email is required" }]
    for (const body of [failures, { errors: failures }, { created: 2, errors: failures }])
      assert.deepStrictEqual(words(body), ["Unnamed", "400 email is required", "Unnamed"])
  })

  it("takes a message for a failure's where only some are named, and under errors", () => {
    assert.deepStrictEqual(words([said("e-3")]), ["Unnamed", "Unnamed", "400 no"])
    assert.deepStrictEqual(words({ errors: three.map(said) }), ["400 no", "400 no", "400 no"])
    assert.isUndefined(words(three.map(said)))
  })
})

describe("TogetherMembers: stays quiet about anything else", () => {
  it.each([
    ["nothing", null],
    ["a number", 3],
    ["how many were received", { received: 3 }],
    ["an empty list", []],
    ["an empty list of errors", { errors: [] }],
    ["the users as they are now", three.map((employeeId) => ({ employeeId, firstName: "Gary", status: "active" }))],
    ["texts", ["ok", "ok", "ok"]],
    ["fewer than were sent, without names", [{ status: 200 }, { status: 400 }]],
    ["somebody who was not sent", [{ employeeId: "e-9", status: 400 }]],
    ["one person twice", [mixed[0], mixed[0], mixed[1]]],
    ["names here and there", [{ employeeId: "e-1", status: 200 }, { status: 200 }, { status: 200 }]],
    ["a status that is none", [{ employeeId: "e-1", status: 7 }]],
    ["an entry that says nothing", [mixed[0], { employeeId: "e-2" }, mixed[2]]],
    ["no error at all", [{ employeeId: "e-2", error: null }]]
  ])("%s", (_, body) => {
    assert.isUndefined(words(body))
  })

  it("an empty body", () => {
    assert.isUndefined(readMembers("", three))
  })
})
