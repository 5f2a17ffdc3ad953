import { randomUUID } from "node:crypto"

import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"

import { directories } from "./Directories.ts"
import { bodyOf, type Known, operations, pathOf } from "./Example.ts"
import { given } from "./Given.ts"
import * as Served from "./Served.ts"

/** What stands in the path is somebody's; `type` and `value` describe a plugin, and a name is anybody's. */
const names = ({ operation, path }: Known) =>
  [...path.matchAll(/:(\w+)/gu)]
    .map(([, name = ""]) => name)
    .filter(
      (name) =>
        !["type", "externalId", "value", "name"].includes(name) && (name !== "key" || operation.startsWith("delete"))
    )

const naming = operations.filter((known) => names(known).length > 0)

const noBodies = [
  "none",
  "0",
  "00000000-0000-4000-8000-000000000000",
  "x".repeat(3000),
  "%",
  "a/b",
  "ä ö",
  "'; --",
  "%00"
]

const bodyFor = (known: Known, body: unknown) => (known.hasBody ? { body } : {})

for (const { name, directory } of directories) {
  describe(`Reach, ${name}`, () => {
    layer(Served.layer(directory), { excludeTestServices: true })((it) => {
      // Nothing here changes anything that another test looks at.
      const shared = Effect.runSync(Effect.cached(given))

      for (const known of naming) {
        const { operation, method } = known

        it.effect(`does not find what is another organization's at ${operation}`, () =>
          Effect.gen(function* () {
            const { ask, ours, theirs } = yield* shared
            const call = { token: theirs.tokens.ORG_ADMIN, ...bodyFor(known, bodyOf(operation, theirs)) }
            const { status, text } = yield* ask(method, pathOf(known, ours), call)
            assert.strictEqual(status, 404)
            assert.notInclude(text, "another")
          })
        )

        it.effect(`does not find at ${operation} what is not there`, () =>
          Effect.gen(function* () {
            const { ask, ours } = yield* shared
            for (const missing of names(known)) {
              for (const id of noBodies) {
                const call = { token: ours.tokens.ORG_ADMIN, ...bodyFor(known, bodyOf(operation, ours)) }
                const { status, headers } = yield* ask(method, pathOf(known, ours, { [missing]: id }), call)
                assert.strictEqual(status, 404, `${missing}: ${id}`)
                assert.strictEqual(headers.get("content-type"), "application/problem+json")
              }
            }
          })
        )
      }

      it.effect("shows nobody another organization in any list", () =>
        Effect.gen(function* () {
          const { ask, ours, theirs } = yield* shared
          const lists = operations.filter(({ operation, method }) => method === "GET" && operation.startsWith("list"))
          for (const known of lists) {
            const { status, text } = yield* ask("GET", pathOf(known, ours), { token: ours.tokens.ORG_ADMIN })
            assert.strictEqual(status, 200, known.operation)
            assert.notInclude(text, theirs.id, known.operation)
          }
        })
      )

      it.effect("refuses to write into another organization by way of the body", () =>
        Effect.gen(function* () {
          const { ask, ours, theirs } = yield* shared
          const token = ours.tokens.ORG_ADMIN
          const grant = (body: object) => ask("POST", `/account/${ours.user.id}/grant`, { token, body })
          assert.strictEqual((yield* grant({ orgId: theirs.id, role: "ORG_ADMIN" })).status, 404)
          assert.strictEqual((yield* grant({ role: "MANAGER", employeeId: theirs.worker })).status, 400)
          const manager = { managerId: theirs.boss, type: "mentor" }
          assert.strictEqual(
            (yield* ask("POST", `/employee/${ours.worker}/managers`, { token, body: manager })).status,
            400
          )
          const groups = [{ groupId: theirs.group }]
          const set = yield* ask("POST", `/entity/${ours.worker}/groups`, { token, body: groups })
          assert.strictEqual(set.status, 400)
          assert.strictEqual(set.json.errors[0].field, "0.groupId")
        })
      )

      it.effect("asks a token of no organization for one where the current one is meant", () =>
        Effect.gen(function* () {
          const { ask, root, ours } = yield* shared
          for (const known of operations) {
            if (reachesAll.has(known.operation)) continue
            const body = bodyFor(known, bodyOf(known.operation, ours))
            const { status, json } = yield* ask(known.method, pathOf(known, ours), { token: root, ...body })
            assert.strictEqual(status, 400, known.operation)
            assert.strictEqual(json.errors[0].field, "org", known.operation)
          }
        })
      )

      it.effect("asks it of every role but SUPER_ADMIN at every operation", () =>
        Effect.gen(function* () {
          const { ask, token, ours } = yield* shared
          const made = yield* token({ role: "ORG_ADMIN" })
          for (const known of operations) {
            if (known.operation === "createOrganization") continue
            const body = bodyFor(known, bodyOf(known.operation, ours))
            const { status } = yield* ask(known.method, pathOf(known, ours), { token: made, ...body })
            assert.strictEqual(status, 400, known.operation)
          }
        })
      )

      it.effect("lets a SUPER_ADMIN see every organization and account", () =>
        Effect.gen(function* () {
          const { ask, root, ours, theirs } = yield* shared
          const all = yield* ask("GET", "/organization", { token: root })
          for (const side of [ours, theirs]) {
            assert.include(all.text, side.id)
            assert.strictEqual((yield* ask("GET", `/organization/${side.id}`, { token: root })).json.keys.length, 2)
            assert.strictEqual((yield* ask("GET", `/account/${side.admin.email}`, { token: root })).status, 200)
          }
          const accounts = yield* ask("GET", "/account", { token: root })
          assert.include(accounts.text, ours.admin.email)
          assert.include(accounts.text, theirs.admin.email)
        })
      )

      it.effect("lets a SUPER_ADMIN act in the organization that the token is for, and only there", () =>
        Effect.gen(function* () {
          const { ask, token, ours, theirs } = yield* shared
          const made = yield* token({ role: "SUPER_ADMIN", organization: ours.id })
          assert.strictEqual((yield* ask("GET", `/employee/${ours.worker}`, { token: made })).status, 200)
          assert.strictEqual((yield* ask("GET", `/employee/${theirs.worker}`, { token: made })).status, 404)
          const account = yield* ask("POST", "/account", { token: made, body: { email: `${randomUUID()}@ours.com` } })
          assert.strictEqual(account.status, 201)
          const seen = yield* ask("GET", `/account/${account.json.id}`, { token: ours.tokens.ORG_ADMIN })
          assert.strictEqual(seen.status, 200)
        })
      )

      it.effect("shows keys and plugins to an ORG_ADMIN, and to nobody less", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* shared
          for (const role of ["EMPLOYEE", "MANAGER", "ORG_ADMIN"] as const) {
            const { json } = yield* ask("GET", `/organization/${ours.id}`, { token: ours.tokens[role] })
            const shown = role === "ORG_ADMIN"
            assert.deepStrictEqual([json.keys.length, json.apps.length], shown ? [2, 1] : [0, 0], role)
          }
        })
      )
    })
  })
}

/** What a SUPER_ADMIN asks without an organization of the token's own. */
const reachesAll = new Set<string>([
  "listOrganizations",
  "createOrganization",
  "getOrganization",
  "updateOrganization",
  "getOrganizationProfile",
  "replaceOrganizationProfile",
  "updateOrganizationProfile",
  "getOrganizationByAlias",
  "listOrganizationsByApp",
  "listOrganizationsByAppId",
  "listOrganizationsByAppData",
  "listOrganizationsByAppSecret",
  "createOrganizationKey",
  "deleteOrganizationKey",
  "listAccounts",
  "createAccount",
  "getAccount",
  "updateAccount",
  "grantRole",
  "listAccountEmployees"
])
