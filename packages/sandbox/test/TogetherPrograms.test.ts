import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { TogetherSandbox } from "../src/TogetherServer.ts"
import { call, gary } from "./Caller.ts"

const path = "/public/demo-organization/registerUser"
const programs = [{ programId: "p-1", matchTypeIds: ["one", "group"] }]
const good = { employeeId: "e-1", programId: "p-1", roles: { mentor: true, mentee: false } }
const started = TogetherSandbox.start({ programs, users: [gary] })
const register = (sandbox: TogetherSandbox, body: unknown) => call(sandbox, { method: "POST", path, body })

describe("TogetherPrograms", () => {
  it.live.each([{ employeeId: "e-1" }, { userId: "usr_00000001" }, { email: "GARY@example.com" }])(
    "registers the user named by %o",
    (identity) =>
      Effect.gen(function* () {
        const sandbox = yield* started
        const { programId, roles } = good
        assert.strictEqual((yield* register(sandbox, { ...identity, programId, roles })).status, 200)
        assert.deepStrictEqual(yield* sandbox.registrations, [
          { userId: "usr_00000001", programId, roles, matchTypeIds: ["one", "group"], times: 1 }
        ])
      })
  )

  it.live.each([
    ["no identity", { ...good, employeeId: undefined }],
    ["two identities", { ...good, email: "gary@example.com" }],
    ["an unknown employeeId", { ...good, employeeId: "e-2" }],
    ["a userId as employeeId", { ...good, employeeId: "usr_00000001" }],
    ["an employeeId as userId", { ...good, employeeId: undefined, userId: "e-1" }],
    ["no program", { ...good, programId: undefined }],
    ["an unknown program", { ...good, programId: "p-2" }],
    ["a match type of another program", { ...good, matchTypeIds: ["three"] }],
    ["match types that are no array", { ...good, matchTypeIds: "one" }],
    ["no roles", { ...good, roles: undefined }],
    ["an empty map of roles", { ...good, roles: {} }],
    ["no role that is true", { ...good, roles: { mentor: false } }],
    ["a role that is no boolean", { ...good, roles: { mentor: true, mentee: "yes" } }],
    ["roles in an array", { ...good, roles: ["mentor"] }],
    ["an array", [good]]
  ] as const)("refuses %s with 400", ([, body]) =>
    Effect.gen(function* () {
      const sandbox = yield* started
      const reply = yield* register(sandbox, body)
      assert.strictEqual(reply.status, 400)
      assert.property(reply.json, "error")
      assert.lengthOf(yield* sandbox.registrations, 0)
    })
  )

  it.live("takes a part of the match types, and the same call twice", () =>
    Effect.gen(function* () {
      const sandbox = yield* started
      yield* register(sandbox, good)
      assert.strictEqual((yield* register(sandbox, { ...good, matchTypeIds: ["one"] })).status, 200)
      const [registration, ...others] = yield* sandbox.registrations
      assert.deepInclude(registration, { matchTypeIds: ["one"], times: 2 })
      assert.lengthOf(others, 0)
    })
  )

  it.live("refuses a user who is gone with 400 and another organization with 401", () =>
    Effect.gen(function* () {
      const sandbox = yield* started
      const other = yield* call(sandbox, { method: "POST", path: "/public/other/registerUser", body: good })
      assert.strictEqual(other.status, 401)
      yield* sandbox.mark("e-1", "gone")
      assert.strictEqual((yield* register(sandbox, good)).status, 400)
    })
  )
})
