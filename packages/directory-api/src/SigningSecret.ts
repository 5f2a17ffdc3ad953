/**
 * The secrets that tokens are signed with: the root key's own bytes, and one of each organization's key.
 *
 * A key's secret is stored nowhere. It is derived (HKDF-SHA256, RFC 5869) from the root key, the key's salt and its id,
 * when it is made and again when a token names it. Whoever asks has seen to it that the key is in force.
 */
import { hkdfSync } from "node:crypto"

import type { SigningKey } from "@rollcall/core/contract/Organizations"
import { Effect, Redacted } from "effect"

import type { RootKey } from "./RootKey.ts"

/** What a secret is derived from. */
export type KeyOrigin = Pick<SigningKey, "id" | "salt">

/** The bytes an organization signs with, as its `secretBase64` holds them. */
export const secretOf = (rootKey: RootKey, { id, salt }: KeyOrigin): Uint8Array =>
  new Uint8Array(
    hkdfSync("sha256", Redacted.value(rootKey), Buffer.from(salt, "hex"), `rollcall directory key ${id}`, 32)
  )

type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

const importKey = (secret: Uint8Array): Effect.Effect<CryptoKey> =>
  Effect.promise(() =>
    crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"])
  )

/** Imports the secret of a key; null: of the root key. */
export const signingKeyOf = (rootKey: RootKey, key: KeyOrigin | null): Effect.Effect<CryptoKey> =>
  Effect.suspend(() => importKey(key === null ? Redacted.value(rootKey) : secretOf(rootKey, key)))

/** More than any service has keys in use; the oldest is forgotten and derived again. */
const most = 1000

/** The same, remembering what was imported: deriving and importing take longer than verifying. */
export const rememberingSigningKeys = (rootKey: RootKey): ((key: KeyOrigin | null) => Effect.Effect<CryptoKey>) => {
  const known = new Map<string, CryptoKey>()
  return Effect.fnUntraced(function* (key: KeyOrigin | null) {
    const name = key === null ? "root" : `${key.id} ${key.salt}`
    const found = known.get(name)
    if (found !== undefined) return found
    const made = yield* signingKeyOf(rootKey, key)
    const [oldest] = known.keys()
    if (known.size >= most && oldest !== undefined) known.delete(oldest)
    known.set(name, made)
    return made
  })
}
