/**
 * Tokens: JWTs (RFC 7519) signed with HS256 by the root key or by an organization's key.
 *
 * `Admission` verifies one with every request, `rollcall token` makes them. Whether a key is still in force is asked each
 * time. Every refusal looks the same from outside; why it was is told to the service's log alone, without a word of who.
 */
import { Accounts, type Account } from "@rollcall/core/contract/Accounts"
import type { StoreError } from "@rollcall/core/contract/EventLog"
import { Organizations, type SigningKey } from "@rollcall/core/contract/Organizations"
import { cappedRole, grantableRoles, type Role, roles } from "@rollcall/core/domain/Role"
import { Clock, DateTime, Duration, Effect, Predicate, Schema } from "effect"
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from "jose"

import type { CallerOf } from "./Caller.ts"
import type { RootKey } from "./RootKey.ts"
import { type KeyOrigin, rememberingSigningKeys, signingKeyOf } from "./SigningSecret.ts"
import { isStorable, isUuidText } from "./Text.ts"

const algorithm = "HS256"
const audience = "directory-server"
/** Seconds by which two clocks may differ. */
const tolerance = 30

/** `reason` is for the log: it names no person and repeats nothing of the token. */
export class TokenRefused extends Schema.TaggedError<TokenRefused>()("TokenRefused", { reason: Schema.String }) {}

const refuse = (reason: string) => new TokenRefused({ reason })

export interface TokenRequest {
  /** Null: signed with the root key. */
  readonly key: KeyOrigin | null
  readonly organization?: string
  /** An account's id or e-mail address. */
  readonly subject?: string
  readonly role?: Role
  readonly lifetime: Duration.Duration
}

/** Says what is asked, and checks none of it: a token that goes too far is refused where it is used. */
export const mint = Effect.fnUntraced(function* (rootKey: RootKey, request: TokenRequest) {
  const secret = yield* signingKeyOf(rootKey, request.key)
  const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
  const claims: JWTPayload = {
    ...(request.organization === undefined ? {} : { org: request.organization }),
    ...(request.role === undefined ? {} : { role: request.role })
  }
  const token = new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, typ: "JWT", ...(request.key === null ? {} : { kid: request.key.id }) })
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + Math.floor(Duration.toSeconds(request.lifetime)))
  if (request.subject !== undefined) token.setSubject(request.subject)
  return yield* Effect.promise(() => token.sign(secret))
})

export type Verify = (token: string) => Effect.Effect<CallerOf, TokenRefused | StoreError>

export const makeVerify = Effect.fnUntraced(function* (rootKey: RootKey) {
  const organizations = yield* Organizations
  const accounts = yield* Accounts
  const secretFor = rememberingSigningKeys(rootKey)
  // No organization is ever taken away, so what was there once need not be asked for again.
  const known = new Set<string>()

  const keyOf = Effect.fnUntraced(function* (kid: unknown) {
    if (kid === undefined) return null
    if (!Predicate.isString(kid) || !isUuidText(kid)) return yield* refuse("its key id (kid) is none of ours")
    const key = yield* organizations.signingKey(kid.toLowerCase())
    return key ?? (yield* refuse("its key (kid) was revoked or never made"))
  })

  const organizationOf = Effect.fnUntraced(function* (claims: JWTPayload, key: SigningKey | null) {
    const { org } = claims
    if (org === undefined) return key === null ? null : key.organization
    if (!Predicate.isString(org) || !isUuidText(org)) return yield* refuse("org is no organization's id")
    const id = org.toLowerCase()
    if (key !== null) return key.organization === id ? id : yield* refuse("org is not the organization of its key")
    if (known.has(id)) return id
    yield* Effect.catchTag(organizations.get(id), "DirectoryRefused", () => refuse("org is no organization"))
    known.add(id)
    return id
  })

  const accountOf = Effect.fnUntraced(function* ({ sub }: JWTPayload, organization: string | null) {
    if (sub === undefined) return null
    if (sub === "" || sub.length > 320 || !isStorable(sub)) return yield* refuse("sub is no account")
    const account = yield* accounts
      .find(organization, isUuidText(sub) ? sub.toLowerCase() : sub)
      .pipe(Effect.catchTag("DirectoryRefused", () => refuse("sub is no account of the organization")))
    return account.active ? account : yield* refuse("sub is an account that is not active")
  })

  const verify: Verify = Effect.fnUntraced(function* (token: string) {
    const key = yield* keyOf(yield* keyIdOf(token))
    const secret = yield* secretFor(key)
    const now = yield* DateTime.now
    const claims = yield* Effect.tryPromise({
      try: () =>
        jwtVerify(token, secret, {
          algorithms: [algorithm],
          audience,
          clockTolerance: tolerance,
          requiredClaims: ["exp"],
          currentDate: DateTime.toDateUtc(now)
        }),
      catch: (error) => refuse(reasonOf(error))
    })
    const { payload } = claims
    yield* checkIssuedAt(payload, DateTime.toEpochMillis(now) / 1000)
    const organization = yield* organizationOf(payload, key)
    const account = yield* accountOf(payload, organization)
    const role = yield* roleOf(payload, key, account, organization)
    const actor = account !== null ? `account:${account.id}` : key !== null ? `key:${key.id}` : "root"
    return { actor, organization, role, account: account?.id ?? null, ownOnly: false }
  })
  return verify
})

/** Before anything is verified: nothing of it counts but which key to verify with. */
const keyIdOf = (token: string): Effect.Effect<unknown, TokenRefused> =>
  Effect.try({
    try: () => decodeProtectedHeader(token),
    catch: () => refuse("it is no JWT")
  }).pipe(
    Effect.flatMap((header) =>
      header.alg === algorithm
        ? Effect.succeed<unknown>(header.kid)
        : Effect.fail(refuse(`its algorithm is not ${algorithm}`))
    )
  )

/** jose looks at `iat` only where an age is limited. */
const checkIssuedAt = ({ iat }: JWTPayload, now: number): Effect.Effect<void, TokenRefused> =>
  iat === undefined || (Number.isFinite(iat) && iat <= now + tolerance)
    ? Effect.void
    : Effect.fail(refuse("it was issued in the future (iat)"))

const roleOf = Effect.fnUntraced(function* (
  { role }: JWTPayload,
  key: SigningKey | null,
  account: Account | null,
  organization: string | null
) {
  const said = role === undefined ? grantedRole(account, organization) : roles.find((known) => known === role)
  if (said === undefined) {
    return yield* refuse(
      role !== undefined
        ? "role is none of ours"
        : account === null
          ? "it names neither a user (sub) nor a role"
          : "sub was granted no role in the organization"
    )
  }
  if (key === null) return said
  const mayBe: Role | undefined = grantableRoles.find((grantable) => grantable === said)
  if (mayBe === undefined) return yield* refuse(`role ${said} can be said by the root key alone`)
  return key.limitToRole === null ? mayBe : cappedRole(mayBe, key.limitToRole)
})

const grantedRole = (account: Account | null, organization: string | null): Role | undefined =>
  account?.grants.find(({ orgId }) => orgId === organization)?.role

const reasonOf = (error: unknown): string => {
  if (error instanceof errors.JWTExpired) return "it has expired"
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.reason === "missing" ? `${error.claim} is missing` : `${error.claim} is not what it must be`
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return "it is not signed with the key that it names"
  return "it is no JWT"
}
