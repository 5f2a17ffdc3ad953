/**
 * The root key: `ROLLCALL_ROOT_KEY`, 32 bytes or more, from which every organization's key is derived.
 *
 * Read once where the service starts and where `rollcall token` makes a token. It stays Redacted; no message repeats it.
 */
import { Effect, Redacted, Schema } from "effect"

/** The bytes that the root key signs with. */
export type RootKey = Redacted.Redacted<Uint8Array>

/** RFC 7518, section 3.2: a key of the size of the hash output or larger must be used. */
const least = 32

export class RootKeyRefused extends Schema.TaggedError<RootKeyRefused>()("RootKeyRefused", {
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.problem} ${this.remedy}`
  }
}

/** Base64 (RFC 4648) where it is that of 32 bytes or more; otherwise the text's own bytes, in UTF-8. */
export const decode = (written: Redacted.Redacted): Effect.Effect<RootKey, RootKeyRefused> => {
  const text = Redacted.value(written).trim()
  const decoded = isBase64(text) ? Buffer.from(text, "base64") : Buffer.of()
  const bytes = decoded.length >= least ? decoded : Buffer.from(text, "utf8")
  return bytes.length < least
    ? Effect.fail(tooShort(bytes.length))
    : Effect.succeed(Redacted.make(new Uint8Array(bytes), { label: "root key" }))
}

const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/u.test(text)

const tooShort = (length: number) =>
  new RootKeyRefused({
    problem: length === 0 ? "The root key is empty." : `The root key has ${length} bytes; it needs ${least} or more.`,
    remedy: `Make one: node -p "crypto.randomBytes(48).toString('base64')"`
  })
