import { createHmac } from "node:crypto"

import { assert, describe, layer } from "@effect/vitest"
import { Organizations } from "@rollcall/core/contract/Organizations"
import { includesRole, roles } from "@rollcall/core/domain/Role"
import { Duration, Effect, Redacted } from "effect"

import { permissions } from "../src/Permission.ts"
import { secretOf } from "../src/SigningSecret.ts"
import { inMemory } from "./Directories.ts"
import { bodyOf, operations, pathOf } from "./Example.ts"
import { given } from "./Given.ts"
import { rootKey } from "./GivenRootKey.ts"
import * as Served from "./Served.ts"

const root = Redacted.value(rootKey)

const part = (json: object) => Buffer.from(JSON.stringify(json)).toString("base64url")

const forged = (header: object, claims: object, secret: Uint8Array = root, hash = "sha256") => {
  const text = `${part(header)}.${part(claims)}`
  return `${text}.${createHmac(hash, secret).update(text).digest("base64url")}`
}

/** A token of each kind that is not let in. */
const refusals = Effect.gen(function* () {
  const world = yield* given
  const organizations = yield* Organizations
  const { ours, theirs } = world
  const revoked = yield* organizations.createKey("root", ours.id, { name: "revoked" })
  yield* organizations.revokeKey("root", ours.id, revoked.id)
  const good = { aud: "directory-server", exp: 99_999_999_999, org: ours.id, role: "ORG_ADMIN" }
  const none: string | undefined = undefined
  const tokens: ReadonlyArray<readonly [string, string | undefined]> = [
    ["no token", none],
    ["an empty one", ""],
    ["garbage", "garbage"],
    ["a revoked key", yield* world.token({ key: revoked, role: "ORG_ADMIN" })],
    ["an unknown key", yield* world.token({ key: { ...ours.key, id: crypto.randomUUID() }, role: "ORG_ADMIN" })],
    ["the key of another", forged({ alg: "HS256", kid: ours.key.id }, good, secretOf(rootKey, theirs.key))],
    ["the organization of another", yield* world.token({ key: theirs.key, role: "ORG_ADMIN", organization: ours.id })],
    ["a user of another", yield* world.token({ key: ours.key, subject: theirs.admin.email })],
    ["the algorithm none", `${part({ alg: "none" })}.${part(good)}.`],
    ["the algorithm HS512", forged({ alg: "HS512" }, good, root, "sha512")],
    ["the algorithm RS256", forged({ alg: "RS256" }, good)],
    ["an expiry that is over", yield* world.token({ role: "SUPER_ADMIN", lifetime: Duration.minutes(-2) })],
    ["no expiry", forged({ alg: "HS256" }, { aud: good.aud, org: ours.id, role: "SUPER_ADMIN" })],
    ["another audience", forged({ alg: "HS256" }, { ...good, aud: "another-server" })],
    ["SUPER_ADMIN of a key", yield* world.token({ key: ours.key, role: "SUPER_ADMIN" })]
  ]
  return { ...world, tokens }
})

for (const { name, directory } of inMemory) {
  describe(`The door, ${name}`, () => {
    layer(Served.layer(directory), { excludeTestServices: true })((it) => {
      for (const known of operations) {
        const { operation, method } = known
        const { least } = permissions[operation]

        it.effect(`refuses every wrong token at ${operation}, and always in the same words`, () =>
          Effect.gen(function* () {
            const { ask, ours, tokens } = yield* refusals
            const answers = new Set<string>()
            for (const [what, token] of tokens) {
              const body = bodyOf(operation, ours)
              const { status, headers, text } = yield* ask(method, pathOf(known, ours), { token, body })
              assert.strictEqual(status, 401, what)
              assert.strictEqual(headers.get("www-authenticate"), "Bearer", what)
              assert.strictEqual(headers.get("content-type"), "application/problem+json", what)
              answers.add(text)
            }
            assert.strictEqual(answers.size, 1)
          })
        )

        it.effect(`lets ${least} in at ${operation}, and nobody less`, () =>
          Effect.gen(function* () {
            const world = yield* given
            const { ask, ours, token } = world
            for (const role of roles) {
              const allowed = includesRole(role, least)
              const made = yield* token({ role, organization: ours.id })
              const path = pathOf(known, ours, operation.startsWith("delete") && !allowed ? { key: ours.key.id } : {})
              const { status, json } = yield* ask(method, path, { token: made, body: bodyOf(operation, ours) })
              if (allowed) {
                // The first to remove something finds it; who comes after, as everybody else, does not.
                assert.include([200, 201, 404], status, role)
                if (!/^(?:delete|remove)/u.test(operation)) assert.isBelow(status, 300, role)
              } else {
                assert.strictEqual(status, 403, role)
                assert.include(json.detail, least)
              }
            }
          })
        )
      }

      it.effect("says why a token was refused in the log, and names nobody there", () =>
        Effect.gen(function* () {
          const { ask, ours, theirs, token, logged } = yield* given
          const wrong = yield* token({ key: ours.key, subject: theirs.admin.email })
          yield* ask("GET", "/employee", { token: wrong })
          yield* ask("GET", "/employee", {
            token: yield* token({ role: "SUPER_ADMIN", lifetime: Duration.minutes(-2) })
          })
          assert.isTrue(logged.some((line) => line.includes("sub is no account of the organization")))
          assert.isTrue(logged.some((line) => line.includes("it has expired")))
          assert.notInclude(logged.join("\n"), theirs.admin.email)
          assert.notInclude(logged.join("\n"), wrong.slice(-20))
        })
      )

      it.effect("reads the scheme in any case, and takes no other", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const asked = (authorization: string) => ask("GET", "/employee", { headers: { authorization } })
          assert.strictEqual((yield* asked(`bearer  ${ours.tokens.EMPLOYEE}`)).status, 200)
          assert.strictEqual((yield* asked(`Basic ${ours.tokens.EMPLOYEE}`)).status, 401)
          assert.strictEqual((yield* asked(ours.tokens.EMPLOYEE)).status, 401)
        })
      )
    })
  })
}
