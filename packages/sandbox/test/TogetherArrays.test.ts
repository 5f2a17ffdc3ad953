import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { arrayModes, upsertArray } from "../src/TogetherArrays.ts"
import { TogetherSandbox } from "../src/TogetherServer.ts"
import { everyone, noUsers } from "../src/TogetherUsers.ts"
import { call, person, post } from "./Caller.ts"

const bad = person(2, { employeeStatusCode: "X" })
const mixed = [person(1), bad, person(3)]
const idsAfter = (sandbox: TogetherSandbox) =>
  Effect.map(sandbox.users, (users) => users.map((user) => user.fields["employeeId"]))

describe("TogetherArrays: all members good", () => {
  it.live.each(arrayModes.filter((mode) => mode !== "no-arrays" && mode !== "per-member"))(
    "answers 201, then 200, then 204 in the mode %s",
    (arrayMode) =>
      Effect.gen(function* () {
        const sandbox = yield* TogetherSandbox.start({ arrayMode })
        assert.strictEqual((yield* post(sandbox, [person(1), person(2)])).status, 201)
        assert.strictEqual((yield* post(sandbox, [person(1), person(2, { title: "Analyst" })])).status, 200)
        assert.strictEqual((yield* post(sandbox, [person(1), person(2)])).status, 204)
        assert.strictEqual((yield* post(sandbox, [person(1), person(3)])).status, 201)
        assert.strictEqual((yield* sandbox.report).members, 8)
      })
  )

  it.live("counts a manager earlier in the array as existing, and a later one not", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      const report = person(2, { supervisorId: "e-1" })
      assert.strictEqual((yield* post(sandbox, [report, person(1)])).status, 400)
      assert.strictEqual((yield* post(sandbox, [person(1), report])).status, 201)
    })
  )

  it.live("patches a user that stands twice in one array", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      assert.strictEqual((yield* post(sandbox, [person(1), person(1, { title: "Analyst" })])).status, 201)
      assert.lengthOf(yield* sandbox.users, 1)
    })
  )
})

describe("TogetherArrays: one member bad", () => {
  it.live("refuse-whole applies nothing and gives a bare reason", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      const reply = yield* post(sandbox, mixed)
      assert.strictEqual(reply.status, 400)
      assert.deepStrictEqual(reply.json, { error: "employeeStatusCode must be A, T or L" })
      assert.deepStrictEqual(yield* idsAfter(sandbox), [])
    })
  )

  it.live("apply-until-bad keeps the members before it and names it", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ arrayMode: "apply-until-bad" })
      const reply = yield* post(sandbox, mixed)
      assert.strictEqual(reply.status, 400)
      assert.deepInclude(reply.json, { field: "employeeStatusCode", member: { index: 1, employeeId: "e-2" } })
      assert.deepStrictEqual(yield* idsAfter(sandbox), ["e-1"])
    })
  )

  it.live("skip-bad leaves it out in silence", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ arrayMode: "skip-bad" })
      const reply = yield* post(sandbox, mixed)
      assert.strictEqual(reply.status, 200)
      assert.deepStrictEqual(reply.json, { received: 3 })
      assert.deepStrictEqual(yield* idsAfter(sandbox), ["e-1", "e-3"])
    })
  )

  it.live("per-member gives every member its own status", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ arrayMode: "per-member" })
      yield* post(sandbox, person(4))
      yield* sandbox.mark("e-4", "conflicted")
      const reply = yield* post(sandbox, [...mixed, person(4), 7])
      assert.strictEqual(reply.status, 200)
      assert.deepStrictEqual(reply.json, [
        { employeeId: "e-1", status: 201 },
        { employeeId: "e-2", status: 400, error: "employeeStatusCode must be A, T or L" },
        { employeeId: "e-3", status: 201 },
        { employeeId: "e-4", status: 409, error: "this user has been modified permanently on Together's side" },
        { employeeId: null, status: 400, error: "a user must be a JSON object" }
      ])
    })
  )

  it.live("no-arrays refuses even a good array, and takes the same users one by one", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ arrayMode: "no-arrays" })
      assert.strictEqual((yield* post(sandbox, [person(1)])).status, 400)
      assert.strictEqual((yield* post(sandbox, person(1))).status, 201)
    })
  )

  it.live.each([
    ["conflicted", 409],
    ["gone", 410]
  ] as const)("refuse-whole answers a %s member with %i", ([as, status]) =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, person(1))
      yield* sandbox.mark("e-1", as)
      assert.strictEqual((yield* post(sandbox, [person(2), person(1), bad])).status, status)
      assert.deepStrictEqual(yield* idsAfter(sandbox), ["e-1"])
    })
  )

  it("counts no duplicates of a refused array", () => {
    const { employeeId: _employeeId, ...keyless } = person(1)
    const rules = { strictSupervisor: true }
    const refused = upsertArray(noUsers, [keyless, keyless, bad], "refuse-whole", rules)
    assert.strictEqual(refused.duplicates, 0)
    assert.lengthOf(everyone(refused.users), 0)
    assert.strictEqual(upsertArray(noUsers, [keyless, keyless, bad], "skip-bad", rules).duplicates, 1)
  })
})

describe("TogetherArrays: sizes", () => {
  it.live("answers 413 to an array or a body over its limit and keeps nothing", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ maxMembers: 2, maxBodyBytes: 600 })
      assert.strictEqual((yield* post(sandbox, [person(1), person(2), person(3)])).status, 413)
      assert.strictEqual((yield* post(sandbox, person(1, { title: "x".repeat(600) }))).status, 413)
      assert.strictEqual((yield* post(sandbox, person(1, { title: "x".repeat(3_000_000) }))).status, 413)
      assert.lengthOf(yield* sandbox.users, 0)
      assert.strictEqual((yield* post(sandbox, [person(1), person(2)])).status, 201)
    })
  )

  it.live("refuses an empty array", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      assert.strictEqual((yield* call(sandbox, { method: "POST", raw: "[]" })).status, 400)
    })
  )
})
