import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { TogetherSandbox } from "../src/TogetherServer.ts"
import { call, gary, person, post } from "./Caller.ts"

const five = [1, 2, 3, 4, 5].map((n) => person(n))
const ids = (list: unknown) => (list as ReadonlyArray<{ employeeId: string }>).map((user) => user.employeeId)

describe("TogetherRoutes: required headers", () => {
  it.live.each(["organization-id", "client-id", "api-key"])("answers 401 when %s is missing or wrong", (name) =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      const missing = yield* call(sandbox, { method: "POST", body: gary, without: name })
      assert.strictEqual(missing.status, 401)
      assert.deepStrictEqual(missing.json, { error: `header ${name} is missing` })
      const wrong = yield* call(sandbox, { method: "POST", body: gary, headers: { [name]: "other" } })
      assert.strictEqual(wrong.status, 401)
      assert.lengthOf(yield* sandbox.users, 0)
      assert.strictEqual((yield* sandbox.report).byStatus["401"], 2)
    })
  )

  it.live("wants content-type application/json on every operation, and takes a charset", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      assert.strictEqual((yield* call(sandbox, { without: "content-type" })).status, 401)
      const text = { "content-type": "text/plain" }
      assert.strictEqual((yield* call(sandbox, { method: "POST", body: gary, headers: text })).status, 401)
      const charset = { "content-type": "application/json; charset=utf-8" }
      assert.strictEqual((yield* call(sandbox, { method: "POST", body: gary, headers: charset })).status, 201)
    })
  )

  it.live("takes the credentials it was started with", () =>
    Effect.gen(function* () {
      const credentials = { organizationId: "acme", clientId: "c", apiKey: "k" }
      const sandbox = yield* TogetherSandbox.start({ credentials })
      assert.strictEqual((yield* call(sandbox)).status, 401)
      const headers = { "organization-id": "acme", "client-id": "c", "api-key": "k" }
      assert.strictEqual((yield* call(sandbox, { headers })).status, 200)
    })
  )
})

describe("TogetherRoutes: paths", () => {
  it.live.each([
    ["DELETE", "/public/user/usr_00000001"],
    ["PUT", "/public/user"],
    ["GET", "/public/user/"],
    ["GET", "/public/users"],
    ["GET", "/user"],
    ["GET", "/public/user/a/b"],
    ["GET", "/public/user/%E0%A4%A"],
    ["GET", "/public/demo-organization/registerUser"]
  ] as const)("has no operation %s %s", ([method, path]) =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      assert.strictEqual((yield* call(sandbox, { method, path })).status, 404)
    })
  )
})

describe("TogetherRoutes: the list", () => {
  it.live("is a bare array", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ users: five, pageSize: 2 })
      const reply = yield* call(sandbox)
      assert.deepStrictEqual(ids(reply.json), ["e-1", "e-2", "e-3", "e-4", "e-5"])
      assert.isNull(reply.headers.get("link"))
    })
  )

  it.live("is an envelope", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ users: five, listShape: "envelope" })
      const { users } = (yield* call(sandbox)).json as { users: unknown }
      assert.lengthOf(ids(users), 5)
    })
  )

  it.live("comes in pages whose links lead to everybody exactly once", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ users: five, listShape: "pages", pageSize: 2 })
      const seen: Array<string> = []
      let path: string | undefined = "/public/user"
      while (path !== undefined) {
        const reply: { json: unknown; headers: Headers } = yield* call(sandbox, { path })
        seen.push(...ids(reply.json))
        const link: string | undefined = /<([^>]+)>; rel="next"/.exec(reply.headers.get("link") ?? "")?.[1]
        path = link?.slice(sandbox.url.length)
      }
      assert.deepStrictEqual(seen, ["e-1", "e-2", "e-3", "e-4", "e-5"])
      assert.strictEqual((yield* sandbox.report).requests, 3)
    })
  )

  it.live("caps per_page, and refuses pages that are no number", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ users: five, listShape: "pages", pageSize: 4 })
      assert.lengthOf(ids((yield* call(sandbox, { path: "/public/user?per_page=100" })).json), 4)
      assert.lengthOf(ids((yield* call(sandbox, { path: "/public/user?per_page=1&page=5" })).json), 1)
      assert.lengthOf(ids((yield* call(sandbox, { path: "/public/user?page=3" })).json), 0)
      assert.strictEqual((yield* call(sandbox, { path: "/public/user?page=zero" })).status, 400)
    })
  )

  it.live("shows what was posted, with Together's own id", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, gary)
      assert.deepStrictEqual((yield* call(sandbox)).json, [{ userId: "usr_00000001", ...gary }])
    })
  )
})
