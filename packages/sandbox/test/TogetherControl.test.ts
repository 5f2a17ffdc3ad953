import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { TogetherSandbox } from "../src/TogetherServer.ts"
import { call, gary, person, post, stored } from "./Caller.ts"

const control = (sandbox: TogetherSandbox, method: string, what: string, body?: unknown) =>
  Effect.promise(() =>
    fetch(`${sandbox.url}/_sandbox/${what}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  )

describe("TogetherControl", () => {
  it.live("shows the judge's report and the users with their marks, without credentials", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, gary)
      yield* sandbox.mark("e-1", "gone")
      const report = yield* Effect.promise(async () => (await fetch(`${sandbox.url}/_sandbox/report`)).json())
      assert.deepInclude(report, { requests: 1, byStatus: { "201": 1 }, violations: { spacing: 0, concurrency: 0 } })
      const users = yield* Effect.promise(async () => (await fetch(`${sandbox.url}/_sandbox/users`)).json())
      assert.deepStrictEqual(users, [{ userId: "usr_00000001", fields: gary, mark: "gone" }])
    })
  )

  it.live("marks and unmarks a user", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ users: [gary] })
      assert.strictEqual((yield* control(sandbox, "POST", "users/e-1/mark", { as: "conflicted" })).status, 204)
      assert.strictEqual((yield* post(sandbox, gary)).status, 409)
      assert.strictEqual((yield* control(sandbox, "POST", "users/e-1/mark", { as: null })).status, 204)
      assert.strictEqual((yield* post(sandbox, gary)).status, 204)
    })
  )

  it.live("edits a field at Together, so that the next post finds drift", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ users: [{ ...gary, title: "Analyst" }] })
      assert.strictEqual((yield* control(sandbox, "PATCH", "users/e-1", { title: "Gardener" })).status, 204)
      assert.include(yield* stored(sandbox, "e-1"), { title: "Gardener", lastName: "Smith" })
      assert.strictEqual((yield* post(sandbox, { employeeId: "e-1", title: "Analyst" })).status, 200)
      yield* sandbox.edit("usr_00000001", { email: "new@example.com" })
      assert.strictEqual((yield* post(sandbox, person(2, { email: "new@example.com" }))).status, 400)
    })
  )

  it.live("plants a person without an employeeId", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      assert.strictEqual((yield* control(sandbox, "POST", "users", { email: "guest@example.com" })).status, 204)
      assert.deepStrictEqual((yield* call(sandbox)).json, [{ userId: "usr_00000001", email: "guest@example.com" }])
    })
  )

  it.live("forgets everything, or only what it is told", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ users: [gary] })
      yield* call(sandbox)
      yield* sandbox.inject({ fault: { kind: "status", status: 503 } })
      assert.strictEqual((yield* control(sandbox, "POST", "reset", { only: ["judge", "faults"] })).status, 204)
      assert.strictEqual((yield* sandbox.report).requests, 0)
      assert.strictEqual((yield* call(sandbox)).status, 200)
      assert.lengthOf(yield* sandbox.users, 1)
      assert.strictEqual((yield* control(sandbox, "POST", "reset")).status, 204)
      assert.lengthOf(yield* sandbox.users, 0)
    })
  )

  it.live("refuses what it does not understand and changes nothing", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ users: [gary] })
      assert.strictEqual((yield* control(sandbox, "POST", "users/e-1/mark", { as: "dead" })).status, 400)
      assert.strictEqual((yield* control(sandbox, "POST", "users/e-2/mark", { as: "gone" })).status, 404)
      assert.strictEqual((yield* control(sandbox, "POST", "faults", { fault: { kind: "earthquake" } })).status, 400)
      assert.strictEqual((yield* control(sandbox, "GET", "secrets")).status, 404)
      assert.strictEqual((yield* post(sandbox, gary)).status, 204)
    })
  )
})
