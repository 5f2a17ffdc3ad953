/**
 * Hashes and name-based identifiers, as pure functions of their input.
 *
 * Called by the pure steps (payload hash, configuration hash) and by the event log (hash chain, stream names). The only
 * file of core that reaches outside `effect`: `node:crypto` hashes synchronously, so pure steps can stay pure.
 */
import { createHmac, hash } from "node:crypto"

/** SHA-256 of a text (as UTF-8), in lower-case hexadecimal. */
export const sha256 = (text: string): string => hash("sha256", text)

/** HMAC-SHA256 of a text (as UTF-8) under a key (as UTF-8), in lower-case hexadecimal. */
export const hmacSha256 = (key: string, text: string): string => createHmac("sha256", key).update(text).digest("hex")

/**
 * The same JSON text for the same value whatever the order of its keys; `undefined` members are left out. For hashing
 * only: what is stored keeps its own bytes.
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
  return `{${members.join(",")}}`
}

/** UUID version 5 (RFC 9562, section 5.5): the same name in the same namespace is always the same UUID. */
export const uuidV5 = (namespace: string, name: string): string => {
  const space = Buffer.from(namespace.replaceAll("-", ""), "hex")
  const digest = hash("sha1", Buffer.concat([space, Buffer.from(name)]), "buffer")
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80
  const hex = digest.toString("hex", 0, 16)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}
