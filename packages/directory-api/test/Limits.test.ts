import { request } from "node:http"

import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"

import { inMemory } from "./Directories.ts"
import { given } from "./Given.ts"
import * as Served from "./Served.ts"

const largest = 256 * 1024

/** Without a length: in chunks of 16 KiB. */
const chunked = (url: string, token: string, body: string) =>
  Effect.callback<number>((resume) => {
    const { hostname, port } = new URL(url)
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
    const sent = request({ hostname, port, method: "POST", path: "/api/v1/group", headers }, (response) => {
      response.resume()
      resume(Effect.succeed(response.statusCode ?? 0))
    })
    // The server may hang up on what it does not want to read.
    sent.on("error", () => undefined)
    for (let at = 0; at < body.length; at += 16_384) sent.write(body.slice(at, at + 16_384))
    sent.end()
  })

const padded = (length: number) => {
  const empty = JSON.stringify({ name: "Chess club", type: "club", padding: "" })
  return JSON.stringify({ name: "Chess club", type: "club", padding: "x".repeat(length - empty.length) })
}

for (const { name, directory } of inMemory) {
  describe(`Limits, ${name}`, () => {
    layer(Served.layer(directory), { excludeTestServices: true })((it) => {
      it.effect("reads bodies of up to 256 KiB", () =>
        Effect.gen(function* () {
          const { ask, url, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          assert.strictEqual((yield* ask("POST", "/group", { token, raw: padded(largest) })).status, 201)
          assert.strictEqual(yield* chunked(url, token, padded(largest)), 201)
        })
      )

      it.effect("refuses larger ones with 413, also those that do not say how large they are", () =>
        Effect.gen(function* () {
          const { ask, url, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          for (const length of [largest + 1, largest * 4]) {
            const { status, headers, json } = yield* ask("POST", "/group", { token, raw: padded(length) })
            assert.strictEqual(status, 413)
            assert.strictEqual(headers.get("content-type"), "application/problem+json")
            assert.deepInclude(json, { title: "Content Too Large", status: 413 })
            assert.strictEqual(yield* chunked(url, token, padded(length)), 413)
          }
          assert.strictEqual((yield* ask("GET", "/group", { token })).status, 200)
        })
      )

      it.effect("reads application/json, and no other type", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const raw = JSON.stringify({ name: "Chess club", type: "club" })
          const asked = (type: string) =>
            ask("POST", "/group", { token: ours.tokens.ORG_ADMIN, raw, headers: { "content-type": type } })
          for (const type of [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/json;charset=UTF-8"
          ]) {
            assert.strictEqual((yield* asked(type)).status, 201, type)
          }
          const others = [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonx",
            "application/merge-patch+json",
            "text/json",
            "*/*",
            "x"
          ]
          for (const type of others) {
            const { status, headers, json } = yield* asked(type)
            assert.strictEqual(status, 415, type)
            assert.strictEqual(headers.get("content-type"), "application/problem+json")
            assert.deepInclude(json, { title: "Unsupported Media Type", status: 415 })
          }
        })
      )

      it.effect("asks for a token and a role before it reads a body", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const raw = padded(largest * 2)
          assert.strictEqual((yield* ask("POST", "/group", { raw })).status, 401)
          assert.strictEqual((yield* ask("POST", "/group", { raw, token: ours.tokens.EMPLOYEE })).status, 403)
        })
      )

      it.effect("bears with JSON of any depth and any number of wrong entries", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          const deep = "[".repeat(100_000) + "]".repeat(100_000)
          const group = (json: string) => ask("POST", "/group", { token, raw: json })
          assert.strictEqual((yield* group(`{"name":"Chess","type":"club","more":${deep}}`)).status, 201)
          const wrong = yield* group(`{"name":${deep},"type":"club"}`)
          assert.strictEqual(wrong.status, 400)
          assert.isBelow(wrong.text.length, 500)
          const memberships = (raw: string) => ask("POST", `/entity/${ours.worker}/groups`, { token, raw })
          const many = yield* memberships(`[${Array.from({ length: 50_000 }, () => "{}").join(",")}]`)
          assert.strictEqual(many.status, 400)
          assert.isAtMost(many.json.errors.length, 50)
          const entry = JSON.stringify({ groupId: ours.group })
          const long = yield* memberships(`[${Array.from({ length: 1001 }, () => entry).join(",")}]`)
          assert.strictEqual(long.status, 400)
          assert.include(long.json.detail, "1000")
        })
      )

      it.effect("reads __proto__ as a member like any other", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const raw = '{"name":"Chess","type":"club","__proto__":{"name":7,"polluted":true},"constructor":null}'
          assert.strictEqual((yield* ask("POST", "/group", { token: ours.tokens.ORG_ADMIN, raw })).status, 201)
          assert.strictEqual(
            (yield* ask("POST", "/group", {
              token: ours.tokens.ORG_ADMIN,
              raw: '{"__proto__":{"name":"x","type":"y"}}'
            })).status,
            400
          )
          assert.isUndefined(({} as { readonly polluted?: unknown }).polluted)
        })
      )

      it.effect("names the parameter of a query that is wrong", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const token = ours.tokens.EMPLOYEE
          for (const limit of ["0", "10001", "-1", "1.5", "1e3", "0x10", "x", "", "%20", "1%00", "99999999999"]) {
            const { status, json } = yield* ask("GET", `/employee?limit=${limit}`, { token })
            assert.strictEqual(status, 400, limit)
            assert.deepStrictEqual(json.errors, [{ field: "limit", problem: "must be a whole number from 1 to 10000" }])
          }
          for (const query of ["limit=1&limit=2", "status=a&status=b", "status=%00", "type=", "after=", "after=%00"]) {
            const { status, json } = yield* ask("GET", `/employee?${query}`, { token })
            assert.strictEqual(status, 400, query)
            assert.strictEqual(json.errors[0].field, query.split("=")[0])
          }
          assert.strictEqual((yield* ask("GET", "/employee?unknown=1&limit=10000", { token })).status, 200)
        })
      )
    })
  })
}
