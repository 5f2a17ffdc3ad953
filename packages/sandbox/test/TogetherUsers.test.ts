import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { TogetherSandbox } from "../src/TogetherServer.ts"
import { call, gary, person, post, stored } from "./Caller.ts"

describe("TogetherUsers: create, update, nothing to do", () => {
  it.live("creates with 201, updates with 200, and says 204 without a body when nothing changes", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      const created = yield* post(sandbox, gary)
      assert.strictEqual(created.status, 201)
      assert.include(created.json, { employeeId: "e-1", userId: "usr_00000001" })
      assert.strictEqual((yield* post(sandbox, { employeeId: "e-1", title: "Analyst" })).status, 200)
      const same = yield* post(sandbox, { employeeId: "e-1", title: "Analyst" })
      assert.strictEqual(same.status, 204)
      assert.strictEqual(same.text, "")
    })
  )

  it.live("overwrites supplied fields alone and keeps unknown ones", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, { ...gary, title: "Analyst", management_level: { rank: 3 } })
      yield* post(sandbox, { employeeId: "e-1", title: "Associate" })
      assert.deepStrictEqual(yield* stored(sandbox, "e-1"), {
        ...gary,
        title: "Associate",
        management_level: { rank: 3 }
      })
    })
  )

  it.live("finds the existing record by employeeNumber alone", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, { ...gary, employeeNumber: "17" })
      assert.strictEqual((yield* post(sandbox, { employeeNumber: "17", title: "Analyst" })).status, 200)
      assert.strictEqual((yield* sandbox.users).length, 1)
      assert.include(yield* stored(sandbox, "e-1"), { title: "Analyst" })
    })
  )

  it.live("creates another record for a post without a key, and the judge counts the duplicate", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      const { employeeId: _employeeId, ...keyless } = gary
      assert.strictEqual((yield* post(sandbox, keyless)).status, 201)
      assert.strictEqual((yield* sandbox.report).duplicates, 0)
      assert.strictEqual((yield* post(sandbox, { ...keyless, email: "GARY@example.com" })).status, 201)
      assert.strictEqual((yield* sandbox.report).duplicates, 1)
      assert.strictEqual((yield* sandbox.users).length, 2)
    })
  )

  it.live("never takes a userId from a payload", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, { ...gary, userId: "mine" })
      assert.deepStrictEqual(yield* stored(sandbox, "e-1"), gary)
      assert.strictEqual((yield* post(sandbox, { employeeId: "e-1", userId: "mine" })).status, 204)
    })
  )
})

describe("TogetherUsers: what a single post is refused for", () => {
  const refusals: ReadonlyArray<readonly [field: string, payload: Record<string, unknown>]> = [
    ["firstName", { ...gary, employeeId: "e-9", email: "x@example.com", firstName: undefined }],
    ["lastName", { ...gary, employeeId: "e-9", email: "x@example.com", lastName: undefined }],
    ["email", { ...gary, employeeId: "e-9", email: undefined }],
    ["employeeStatusCode", { ...gary, employeeId: "e-9", email: "x@example.com", employeeStatusCode: undefined }],
    ["employeeId", { ...gary, employeeId: "" }],
    ["employeeId", { ...gary, employeeId: 7 }],
    ["firstName", { employeeId: "e-1", firstName: "" }],
    ["lastName", { employeeId: "e-1", lastName: null }],
    ["email", { employeeId: "e-1", email: "gary" }],
    ["email", { employeeId: "e-2", email: "GARY@EXAMPLE.COM" }],
    ["email", { ...gary, employeeId: "e-9" }],
    ["employeeStatusCode", { employeeId: "e-1", employeeStatusCode: "a" }],
    ["employeeStatusCode", { employeeId: "e-1", employeeStatusCode: "Active" }],
    ["supervisorId", { employeeId: "e-1", supervisorId: "nobody" }],
    ["supervisorId", { employeeId: "e-1", supervisorId: "e-1" }],
    ["supervisorId", { employeeId: "e-1", supervisorId: ["e-2"] }],
    ["dateInJob", { employeeId: "e-1", dateInJob: "2019-01-01" }],
    ["dateInJob", { employeeId: "e-1", dateInJob: "2019-02-30T00:00:00.000Z" }],
    ["dateOfBirth", { employeeId: "e-1", dateOfBirth: "01/02/2019" }],
    ["lastUpdated", { employeeId: "e-1", lastUpdated: 1_546_300_800_000 }],
    ["remote", { employeeId: "e-1", remote: "false" }],
    ["alternateEmails", { employeeId: "e-1", alternateEmails: "a@example.com" }],
    ["alternateEmails", { employeeId: "e-1", alternateEmails: [1] }],
    ["title", { employeeId: "e-1", title: 5 }],
    ["employeeNumber", { employeeId: "e-1", employeeNumber: "20" }]
  ]

  it.live.each(refusals)("refuses a bad %s with 400, names it, and changes nothing", ([field, payload]) =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, [gary, person(2, { employeeNumber: "20" })])
      const before = yield* sandbox.users
      const reply = yield* post(sandbox, payload)
      assert.strictEqual(reply.status, 400)
      assert.include(reply.json, { field })
      assert.deepStrictEqual(yield* sandbox.users, before)
    })
  )

  it.live.each([
    { supervisorId: "e-2" },
    { supervisorId: "" },
    { title: "", middleName: null, remote: null, dateInJob: "", alternateEmails: null },
    { dateInJob: "2019-01-01T00:00:00.000Z", dateOfBirth: "1980-02-29T00:00:00+02:00" },
    { remote: true, alternateEmails: ["gsmith@example.com"] },
    { employeeStatusCode: "T", dateOfTermination: "2026-01-31T00:00:00Z" },
    { employeeStatusCode: "L", gender: "M", anything: [1, { goes: true }] },
    { email: "Gary@Example.com" }
  ])("stays quiet about %o", (fields) =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, [gary, person(2)])
      assert.include([200, 204], (yield* post(sandbox, { employeeId: "e-1", ...fields })).status)
    })
  )

  it.live("counts absent, null and empty text as the same nothing", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, gary)
      assert.strictEqual((yield* post(sandbox, { employeeId: "e-1", title: "", gender: null })).status, 204)
      yield* post(sandbox, { employeeId: "e-1", title: "Analyst" })
      assert.strictEqual((yield* post(sandbox, { employeeId: "e-1", title: null })).status, 200)
    })
  )

  it.live("lets any supervisor pass when it is told not to be strict, but never oneself", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ strictSupervisor: false })
      assert.strictEqual((yield* post(sandbox, { ...gary, supervisorId: "nobody" })).status, 201)
      assert.strictEqual((yield* post(sandbox, { employeeId: "e-1", supervisorId: "e-1" })).status, 400)
    })
  )

  it.live("refuses what is no user and what is no JSON", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      assert.strictEqual((yield* post(sandbox, "Gary")).status, 400)
      const broken = yield* call(sandbox, { method: "POST", raw: '{ "employeeId": "e-1", }' })
      assert.strictEqual(broken.status, 400)
      assert.property(broken.json, "error")
      assert.strictEqual((yield* call(sandbox, { method: "POST" })).status, 400)
    })
  )
})

describe("TogetherUsers: marked users", () => {
  it.live("answers 409 to every update of a conflicted user until the mark is taken away", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, gary)
      yield* sandbox.mark("e-1", "conflicted")
      assert.strictEqual((yield* post(sandbox, { employeeId: "e-1", title: "Analyst" })).status, 409)
      assert.strictEqual((yield* post(sandbox, gary)).status, 409)
      assert.deepStrictEqual(yield* stored(sandbox, "e-1"), gary)
      yield* sandbox.mark("e-1", null)
      assert.strictEqual((yield* post(sandbox, { employeeId: "e-1", title: "Analyst" })).status, 200)
    })
  )

  it.live("answers 410 for a gone user, lists it no more, and frees its e-mail address", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, [gary, person(2)])
      yield* sandbox.mark("e-1", "gone")
      assert.strictEqual((yield* post(sandbox, gary)).status, 410)
      assert.strictEqual((yield* call(sandbox, { path: "/public/user/usr_00000001" })).status, 410)
      assert.lengthOf((yield* call(sandbox)).json as Array<unknown>, 1)
      assert.strictEqual((yield* post(sandbox, { employeeId: "e-2", supervisorId: "e-1" })).status, 400)
      assert.strictEqual((yield* post(sandbox, { ...gary, employeeId: "e-3" })).status, 201)
    })
  )

  it.live("tells the person at the keyboard when there is nobody to mark", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      const error = yield* Effect.flip(sandbox.mark("nobody", "gone"))
      assert.strictEqual(error.reason._tag, "UserUnknown")
      assert.include(error.message, '"nobody"')
    })
  )
})

describe("TogetherUsers: by userId", () => {
  it.live("reads and updates one user by Together's own id", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, gary)
      const path = "/public/user/usr_00000001"
      assert.deepStrictEqual((yield* call(sandbox, { path })).json, { userId: "usr_00000001", ...gary })
      assert.strictEqual((yield* call(sandbox, { method: "POST", path, body: { title: "Analyst" } })).status, 200)
      assert.strictEqual((yield* call(sandbox, { method: "POST", path, body: { title: "Analyst" } })).status, 204)
      assert.strictEqual((yield* call(sandbox, { method: "POST", path, body: { lastName: "" } })).status, 400)
      assert.strictEqual((yield* call(sandbox, { method: "POST", path, body: [gary] })).status, 400)
    })
  )

  it.live("answers 404 for an unknown userId and creates nobody", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      const path = "/public/user/e-1"
      assert.strictEqual((yield* call(sandbox, { path })).status, 404)
      assert.strictEqual((yield* call(sandbox, { method: "POST", path, body: gary })).status, 404)
      assert.lengthOf(yield* sandbox.users, 0)
    })
  )

  it.live("links a person without a key to an employeeId, but not to somebody else's", () =>
    Effect.gen(function* () {
      const { employeeId: _employeeId, ...keyless } = gary
      const sandbox = yield* TogetherSandbox.start({ users: [keyless, person(2)] })
      const path = "/public/user/usr_00000001"
      assert.strictEqual((yield* call(sandbox, { method: "POST", path, body: { employeeId: "e-2" } })).status, 400)
      assert.strictEqual((yield* call(sandbox, { method: "POST", path, body: { employeeId: "e-1" } })).status, 200)
      assert.strictEqual((yield* post(sandbox, gary)).status, 204)
      assert.strictEqual((yield* sandbox.report).duplicates, 0)
    })
  )
})
