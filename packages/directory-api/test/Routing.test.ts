import { request } from "node:http"

import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"

import { directories } from "./Directories.ts"
import { operations, pathOf } from "./Example.ts"
import { given } from "./Given.ts"
import * as Served from "./Served.ts"

/** The address as it is written: fetch would tidy it. */
const raw = (url: string, method: string, path: string, token: string) =>
  Effect.callback<number>((resume) => {
    const { hostname, port } = new URL(url)
    const sent = request(
      { hostname, port, method, path, headers: { authorization: `Bearer ${token}` } },
      (response) => {
        response.resume()
        response.on("end", () => resume(Effect.succeed(response.statusCode ?? 0)))
      }
    )
    sent.end()
  })

for (const { name, directory } of directories) {
  describe(`Routing, ${name}`, () => {
    layer(Served.layer(directory), { excludeTestServices: true })((it) => {
      it.effect("takes what is static before what is any text, wherever both fit", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          const get = (path: string) => ask("GET", path, { token })
          const post = (path: string, body: unknown) => ask("POST", path, { token, body })
          const patch = (path: string, body: unknown) => ask("PATCH", path, { token, body })

          yield* patch("/organization/profile", { location: "Here" })
          assert.deepStrictEqual((yield* get("/organization/profile")).json, { location: "Here" })
          assert.deepStrictEqual((yield* post("/organization/profile", { location: "There" })).json, {
            location: "There"
          })
          assert.isArray((yield* get("/account/org-admins")).json)
          assert.isArray((yield* get("/account/for-org")).json)
          assert.strictEqual((yield* post("/organization/keys", { name: "key" })).status, 201)
          const { json: key } = yield* post("/organization/keys", { name: "key" })
          assert.strictEqual((yield* ask("DELETE", `/organization/keys/${key.id}`, { token })).json.id, key.id)
        })
      )

      it.effect("tells two templates apart where both fit", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          const get = (path: string) => ask("GET", path, { token })
          const detail = (path: string) =>
            Effect.map(get(path), ({ status, json }) => `${status} ${json.detail ?? json.length}`)
          // An alias or an app of that name, not the profile of an organization of that id.
          assert.strictEqual(yield* detail("/organization/alias/profile"), "404 There is no such organization.")
          assert.strictEqual(yield* detail("/organization/by-app/profile"), "200 0")
          // People of that name, not the managers or the profile of an employee of that id.
          for (const word of ["managers", "profile"]) {
            assert.strictEqual(yield* detail(`/employee/by-name/${word}`), "200 0")
            assert.match(
              yield* detail(`/employee/by-account/${word}`),
              /^404 There is no such (?:account|employee)\.$/u
            )
            assert.strictEqual(yield* detail(`/employee/by-manager/${word}`), "404 There is no such employee.")
          }
          // The account of that id.
          assert.strictEqual(yield* detail("/account/org-admins/employees"), "404 There is no such account.")
          assert.strictEqual(yield* detail("/account/for-org/employees"), "404 There is no such account.")
          assert.strictEqual(yield* detail("/organization/keys/profile"), "404 There is no such organization.")
          assert.strictEqual(yield* detail("/organization/profile/profile"), "404 There is no such organization.")
          assert.strictEqual(yield* detail("/organization/keys"), "404 There is no such organization.")
          assert.strictEqual(yield* detail("/employee/by-name"), "404 There is no such employee.")
        })
      )

      it.effect("keeps the words that stand in paths from becoming aliases", () =>
        Effect.gen(function* () {
          const { ask, root } = yield* given
          for (const alias of ["profile", "keys", "alias", "by-app", "by-app-id", "by-app-data", "by-app-secret"]) {
            const { status, json } = yield* ask("POST", "/organization", { token: root, body: { name: "X", alias } })
            assert.strictEqual(status, 400)
            assert.deepStrictEqual(json.errors, [{ field: "alias", problem: "is a word that stands in paths" }])
          }
        })
      )

      it.effect("reads names and addresses in whatever alphabet out of the path", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          for (const path of ["/employee/by-name/Ken%20S%C3%A1nchez", "/employee/by-name/KEN%20S%C3%81NCHEZ"]) {
            assert.strictEqual((yield* ask("GET", path, { token })).json[0]?.id, ours.boss)
          }
          for (const email of [
            "o'brien+tag=1@ours-x.com",
            "josé.ñ#1@exämple.com",
            "a/b@c.de",
            "100%@c.de",
            "a?b&c@d.ef"
          ]) {
            const made = yield* ask("POST", "/account", { token, body: { email } })
            assert.strictEqual(made.status, 201)
            const path = `/account/${encodeURIComponent(email)}`
            const found = yield* ask("GET", path, { token })
            assert.strictEqual(found.json.id, made.json.id)
            assert.strictEqual((yield* ask("PATCH", path, { token, body: { email, name: "New" } })).json.name, "New")
            assert.strictEqual((yield* ask("GET", `${path}/employees`, { token })).status, 200)
          }
          assert.strictEqual(
            (yield* ask("GET", `/employee/${ours.worker.toUpperCase()}`, { token })).json.id,
            ours.worker
          )
        })
      )

      it.effect("answers 404 to what no path is, with a token and without", () =>
        Effect.gen(function* () {
          const { ask, url, ours } = yield* given
          for (const path of [
            "/api",
            "/api/v1",
            "/api/v2/employee",
            "/api/v1/Employee",
            "/api/v1//employee",
            "/api/v1/employee/x/",
            "/api/v1/employees"
          ]) {
            for (const token of [undefined, ours.tokens.ORG_ADMIN]) {
              const { status, headers, json } = yield* ask("GET", path, { token })
              assert.strictEqual(status, 404, path)
              assert.strictEqual(headers.get("content-type"), "application/problem+json")
              assert.deepInclude(json, { type: "about:blank", title: "Not Found", status: 404 })
            }
          }
          const bad = ["%", "%E0%A4%A", "%ff", "%zz", "%00", "%ED%A0%80", "a%2", "..%2f..", "%2e%2e"]
          for (const segment of bad) {
            for (const path of ["employee", "account", "group", "organization", "employee/by-name", "entity"]) {
              for (const rest of ["", "/groups", "/profile"]) {
                const status = yield* raw(url, "GET", `/api/v1/${path}/${segment}${rest}`, ours.tokens.ORG_ADMIN)
                assert.include([200, 400, 404], status, `${path}/${segment}${rest}`)
              }
            }
          }
          for (const path of ["*", "/", "//", "/api/v1/../../etc/passwd", "http://other/api/v1/nothing", "/%"]) {
            assert.strictEqual(yield* raw(url, "GET", path, ours.tokens.ORG_ADMIN), 404, path)
          }
        })
      )

      it.effect("does not take an empty id for the current organization, or for everybody", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          assert.strictEqual((yield* ask("PATCH", "/organization/", { token, body: { name: "Lost" } })).status, 404)
          for (const path of [
            "/organization/",
            "/account/",
            "/employee/",
            "/employee//profile",
            "/group/",
            "/employee/by-manager/"
          ]) {
            assert.strictEqual((yield* ask("GET", path, { token })).status, 404, path)
          }
        })
      )

      it.effect("answers 405 to a method that a path does not have, and says which it has", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const allow = (method: string, path: string) =>
            Effect.map(ask(method, path), ({ status, headers }) => `${status} ${headers.get("allow")}`)
          assert.strictEqual(yield* allow("PUT", "/employee"), "405 GET, HEAD, POST, OPTIONS")
          assert.strictEqual(yield* allow("DELETE", "/organization/profile"), "405 GET, HEAD, POST, PATCH, OPTIONS")
          assert.strictEqual(yield* allow("POST", `/employee/${ours.worker}`), "405 GET, HEAD, PATCH, OPTIONS")
          assert.strictEqual(yield* allow("GET", `/account/${ours.user.id}/grant`), "405 POST, OPTIONS")
          assert.strictEqual(yield* allow("HEAD", `/account/${ours.user.id}/grant`), "405 POST, OPTIONS")
          assert.strictEqual(yield* allow("PATCH", "/openapi.json"), "405 GET, HEAD, OPTIONS")
          for (const known of operations) {
            const { status, headers } = yield* ask("PUT", pathOf(known, ours))
            assert.strictEqual(status, 405)
            assert.include(headers.get("allow"), known.method)
          }
        })
      )

      it.effect("answers OPTIONS with the methods, and HEAD like GET without a body", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const origin = { origin: "https://evil.example", "access-control-request-method": "POST" }
          const options = yield* ask("OPTIONS", "/employee", { headers: origin })
          assert.strictEqual(`${options.status} ${options.headers.get("allow")}`, "204 GET, HEAD, POST, OPTIONS")
          assert.isNull(options.headers.get("access-control-allow-origin"))
          assert.strictEqual((yield* ask("OPTIONS", "/nothing")).status, 404)
          const { EMPLOYEE } = ours.tokens
          const head = yield* ask("HEAD", "/employee", { token: EMPLOYEE })
          const get = yield* ask("GET", "/employee", { token: EMPLOYEE })
          assert.strictEqual(head.status, 200)
          assert.strictEqual(head.text, "")
          assert.strictEqual(head.headers.get("content-length"), String(Buffer.byteLength(get.text)))
          assert.strictEqual((yield* ask("HEAD", "/employee")).status, 401)
          assert.strictEqual(
            (yield* ask("GET", "/employee", { token: EMPLOYEE, headers: origin })).headers.get(
              "access-control-allow-origin"
            ),
            null
          )
        })
      )
    })
  })
}
