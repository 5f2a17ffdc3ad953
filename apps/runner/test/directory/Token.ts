/**
 * Signs a JSON Web Token (RFC 7519) with HMAC-SHA256 from node:crypto alone, as docs/directory.md describes it to whoever
 * calls the Directory API; so it shares nothing with the library the server verifies by.
 */
import { createHmac } from "node:crypto"

export interface Claims {
  readonly role?: string
  readonly org?: string
  readonly sub?: string
  readonly aud?: string
  /** Seconds since 1970; the year 2100 unless said otherwise. */
  readonly exp?: number
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url")

/** `keyId` is absent where the root key signs. */
export const signToken = (secret: Buffer, claims: Claims, keyId?: string): string => {
  const header = { alg: "HS256", typ: "JWT", ...(keyId === undefined ? {} : { kid: keyId }) }
  const content = `${part(header)}.${part({ aud: "directory-server", exp: 4_102_444_800, ...claims })}`
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`
}
