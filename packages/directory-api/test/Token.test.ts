import { createHmac, createSign, generateKeyPairSync } from "node:crypto"

import { assert, describe, it } from "@effect/vitest"
import { Accounts } from "@rollcall/core/contract/Accounts"
import { Organizations, type SigningKey } from "@rollcall/core/contract/Organizations"
import { Duration, Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"

import { secretOf } from "../src/SigningSecret.ts"
import { makeVerify, mint, type TokenRequest } from "../src/Token.ts"
import { rootKey } from "./GivenRootKey.ts"
import * as MemoryDirectory from "./MemoryDirectory.ts"

type Claims = Readonly<Record<string, unknown>>

const part = (json: Claims) => Buffer.from(JSON.stringify(json)).toString("base64url")

/** Signs as any client would, with nothing of ours. */
const signed = (secret: Uint8Array, header: Claims, claims: Claims, hash = "sha256") => {
  const text = `${part(header)}.${part(claims)}`
  return `${text}.${createHmac(hash, secret).update(text).digest("base64url")}`
}

const root = Redacted.value(rootKey)
const byRoot = (claims: Claims) => signed(root, { alg: "HS256" }, claims)

const good = { aud: "directory-server", exp: 600, role: "SUPER_ADMIN" }

const minted = (request: Partial<TokenRequest>) =>
  mint(rootKey, { key: null, lifetime: Duration.minutes(10), ...request })

/** Two organizations; the first has a user who was granted MANAGER, and a key. */
const world = Effect.gen(function* () {
  const organizations = yield* Organizations
  const accounts = yield* Accounts
  const { id } = yield* organizations.create("root", { name: "Ours" })
  const other = yield* organizations.create("root", { name: "Theirs" })
  const key = yield* organizations.createKey("root", id, { name: "key" })
  const limited = yield* organizations.createKey("root", id, { name: "limited", limitToRole: "MANAGER" })
  const user = yield* accounts.create("root", id, { email: "terri@ours.com" })
  yield* accounts.grant("root", id, user.id, { orgId: id, role: "MANAGER" })
  const stranger = yield* accounts.create("root", other.id, { email: "stranger@theirs.com" })
  return {
    organizations,
    accounts,
    id,
    other: other.id,
    key,
    limited,
    user,
    stranger,
    verify: yield* makeVerify(rootKey)
  }
})

const test = <E>(name: string, run: (given: Effect.Success<typeof world>) => Effect.Effect<void, E>) =>
  it.effect(name, () => Effect.flatMap(world, run).pipe(Effect.provide(MemoryDirectory.layer)))

const refused = ({ verify }: Effect.Success<typeof world>, token: string) =>
  Effect.map(Effect.flip(verify(token)), (error) => (error._tag === "TokenRefused" ? error.reason : error._tag))

const secret = (key: SigningKey) => secretOf(rootKey, key)

describe("Token", () => {
  test("takes the root key's word for whatever role and organization", ({ verify, id }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* verify(yield* minted({ role: "SUPER_ADMIN" })), {
        actor: "root",
        organization: null,
        role: "SUPER_ADMIN",
        account: null,
        ownOnly: false
      })
      const caller = yield* verify(yield* minted({ role: "EMPLOYEE", organization: id.toUpperCase() }))
      assert.deepInclude(caller, { organization: id, role: "EMPLOYEE", actor: "root" })
    }))

  test("takes what a client signs with the secret of a key", ({ verify, id, key }) =>
    Effect.gen(function* () {
      const token = signed(secret(key), { alg: "HS256", kid: key.id }, { ...good, role: "ORG_ADMIN" })
      const caller = yield* verify(token)
      assert.deepInclude(caller, { actor: `key:${key.id}`, organization: id, role: "ORG_ADMIN" })
    }))

  test("takes the role that the user was granted, and names the user", ({ verify, id, key, user }) =>
    Effect.gen(function* () {
      const expected = { actor: `account:${user.id}`, organization: id, role: "MANAGER" as const, account: user.id }
      for (const subject of [user.id, user.id.toUpperCase(), "Terri@Ours.com"]) {
        assert.deepInclude(yield* verify(yield* minted({ key, subject })), expected)
        assert.deepInclude(yield* verify(yield* minted({ organization: id, subject })), expected)
      }
      assert.deepInclude(yield* verify(yield* minted({ key, subject: user.id, role: "EMPLOYEE" })), {
        role: "EMPLOYEE"
      })
    }))

  test("caps the role by the limit of the key", ({ verify, limited, user }) =>
    Effect.gen(function* () {
      const cases = [
        [{ role: "ORG_ADMIN" }, "MANAGER"],
        [{ role: "EMPLOYEE" }, "EMPLOYEE"],
        [{ subject: user.id }, "MANAGER"]
      ] as const
      for (const [request, role] of cases) {
        assert.deepInclude(yield* verify(yield* minted({ key: limited, ...request })), { role })
      }
    }))

  test("refuses SUPER_ADMIN of a key, and roles that there are not", (given) =>
    Effect.gen(function* () {
      assert.include(yield* refused(given, yield* minted({ key: given.key, role: "SUPER_ADMIN" })), "root key alone")
      for (const role of ["super_admin", "ADMIN", "", 7, null, ["ORG_ADMIN"]]) {
        assert.include(yield* refused(given, signed(root, { alg: "HS256" }, { ...good, role })), "none of ours")
      }
    }))

  test("refuses a user of another organization, one who was granted nothing, and nobody", (given) =>
    Effect.gen(function* () {
      const { key, stranger, id, accounts } = given
      assert.include(yield* refused(given, yield* minted({ key, subject: stranger.id })), "no account")
      assert.include(yield* refused(given, yield* minted({ key, subject: "stranger@theirs.com" })), "no account")
      const idle = yield* accounts.create("root", id, { email: "idle@ours.com" })
      assert.include(yield* refused(given, yield* minted({ key, subject: idle.id })), "granted no role")
      assert.include(yield* refused(given, yield* minted({ key })), "neither a user")
      for (const sub of ["", "a\0b", "x".repeat(1000), "\ud800"]) {
        assert.include(yield* refused(given, signed(root, { alg: "HS256" }, { ...good, sub })), "no account")
      }
    }))

  test("refuses an organization that the key does not have, and one that is not there", (given) =>
    Effect.gen(function* () {
      const { key, other } = given
      const role = "ORG_ADMIN"
      assert.include(
        yield* refused(given, yield* minted({ key, role, organization: other })),
        "not the organization of"
      )
      const organization = "00000000-0000-4000-8000-000000000000"
      assert.include(yield* refused(given, yield* minted({ role, organization })), "no organization")
      for (const org of ["adventure", "a\0", 7, null, {}]) {
        assert.include(yield* refused(given, signed(root, { alg: "HS256" }, { ...good, org })), "no organization's id")
      }
    }))

  test("refuses keys that are unknown or revoked, the moment they are", (given) =>
    Effect.gen(function* () {
      const { key, id, organizations, verify } = given
      const token = yield* minted({ key, role: "ORG_ADMIN" })
      yield* verify(token)
      yield* organizations.revokeKey("root", id, key.id)
      assert.include(yield* refused(given, token), "revoked")
      for (const kid of ["00000000-0000-4000-8000-000000000000", "key", "", "a\0", 7, null, {}]) {
        assert.include(yield* refused(given, signed(root, { alg: "HS256", kid }, good)), "(kid)")
      }
    }))

  test("refuses what another key signed", (given) =>
    Effect.gen(function* () {
      const { key, limited } = given
      const header = { alg: "HS256", kid: key.id }
      assert.include(yield* refused(given, signed(secret(limited), header, good)), "not signed")
      assert.include(yield* refused(given, signed(root, header, good)), "not signed")
      assert.include(yield* refused(given, signed(secret(key), { alg: "HS256" }, good)), "not signed")
    }))

  test("refuses every algorithm but HS256", (given) =>
    Effect.gen(function* () {
      const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
      const text = `${part({ alg: "RS256" })}.${part(good)}`
      const pem = publicKey.export({ type: "spki", format: "pem" })
      const tokens = [
        `${part({ alg: "none" })}.${part(good)}.`,
        signed(root, { alg: "none" }, good),
        signed(root, { alg: "HS512" }, good, "sha512"),
        signed(root, { alg: "HS384" }, good, "sha384"),
        signed(root, { alg: "hs256" }, good),
        signed(root, {}, good),
        `${text}.${createSign("sha256").update(text).sign(privateKey, "base64url")}`
      ]
      for (const token of tokens) assert.include(yield* refused(given, token), "algorithm")
      assert.include(yield* refused(given, signed(Buffer.from(pem), { alg: "HS256" }, good)), "not signed")
    }))

  test("refuses what was changed, or is no token at all", (given) =>
    Effect.gen(function* () {
      const [header = "", , signature = ""] = signed(root, { alg: "HS256" }, good).split(".")
      assert.include(yield* refused(given, `${header}.${part({ ...good, exp: 9999 })}.${signature}`), "not signed")
      const nothing = [
        "",
        "x",
        ".",
        "..",
        "a.b.c",
        "a.b.c.d.e",
        `${header}.`,
        `${header}..${signature}`,
        "Bearer",
        "{}"
      ]
      for (const token of nothing) yield* refused(given, token)
      const critical = signed(root, { alg: "HS256", crit: ["b64"], b64: false }, good)
      yield* refused(given, critical)
      yield* refused(given, signed(root, { alg: "HS256", crit: ["new"], new: 1 }, good))
    }))

  test("wants an expiry and the right audience", (given) =>
    Effect.gen(function* () {
      const { verify } = given
      assert.include(yield* refused(given, byRoot({ aud: good.aud, role: good.role })), "exp is missing")
      assert.include(yield* refused(given, byRoot({ exp: 600, role: good.role })), "aud is missing")
      assert.include(yield* refused(given, byRoot({ ...good, aud: "Directory-Server" })), "aud is not")
      assert.include(yield* refused(given, byRoot({ ...good, exp: "600" })), "exp is not")
      yield* verify(byRoot({ ...good, aud: ["other", "directory-server"] }))
    }))

  test("bears with clocks that differ by 30 seconds, and no more", (given) =>
    Effect.gen(function* () {
      const { verify } = given
      yield* TestClock.adjust("1 hour")
      const lasting = { ...good, exp: 9999 }
      for (const claims of [{ exp: 3600 - 29 }, { nbf: 3600 + 29 }, { iat: 3600 + 29 }])
        yield* verify(byRoot({ ...lasting, ...claims }))
      assert.include(yield* refused(given, byRoot({ ...lasting, exp: 3600 - 30 })), "expired")
      assert.include(yield* refused(given, byRoot({ ...lasting, nbf: 3600 + 31 })), "nbf")
      assert.include(yield* refused(given, byRoot({ ...lasting, iat: 3600 + 31 })), "iat")
      for (const iat of ["now", null, {}]) yield* refused(given, byRoot({ ...lasting, iat }))
    }))

  test("derives a secret from the root key and the key alone", ({ key, limited }) =>
    Effect.sync(() => {
      const other = Redacted.make(new Uint8Array(48).fill(7))
      assert.strictEqual(secret(key).length, 32)
      assert.deepStrictEqual(secret(key), secretOf(rootKey, { id: key.id, salt: key.salt }))
      assert.notDeepEqual(secret(key), secret(limited))
      assert.notDeepEqual(secret(key), secretOf(other, key))
      assert.notDeepEqual(secret(key), secretOf(rootKey, { ...key, salt: limited.salt }))
      assert.notDeepEqual(secret(key), secretOf(rootKey, { ...key, id: limited.id }))
    }))
})
