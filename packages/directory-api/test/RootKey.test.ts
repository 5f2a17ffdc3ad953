import { inspect } from "node:util"

import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"

import { decode } from "../src/RootKey.ts"

const bytesOf = (text: string) => Effect.map(decode(Redacted.make(text)), (key) => Buffer.from(Redacted.value(key)))

const random = Buffer.from("aF3-".repeat(16))

describe("RootKey", () => {
  it.effect("reads base64 as the bytes that it stands for", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* bytesOf(`${random.toString("base64")}\n`), random)
    })
  )

  it.effect("reads any other text as its own bytes", () =>
    Effect.gen(function* () {
      const text = "correct horse battery staple, änd möre"
      assert.deepStrictEqual(yield* bytesOf(text), Buffer.from(text, "utf8"))
    })
  )

  it.effect("reads what is base64 of too few bytes as a text that is long enough", () =>
    Effect.gen(function* () {
      const text = "abcdefghijklmnopqrstuvwxyzabcdefghijklmn"
      assert.deepStrictEqual(yield* bytesOf(text), Buffer.from(text, "utf8"))
    })
  )

  it.effect("refuses fewer than 32 bytes, and says how to make a key", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(bytesOf("too short to be a key"))
      assert.include(refused.message, "21 bytes")
      assert.include(refused.message, "crypto.randomBytes(48)")
      assert.notInclude(refused.message, "too short to be")
      assert.include((yield* Effect.flip(bytesOf("  "))).message, "empty")
    })
  )

  it.effect("is not shown where it is printed", () =>
    Effect.gen(function* () {
      const key = yield* decode(Redacted.make(random.toString("base64")))
      assert.notInclude(`${inspect(key)} ${JSON.stringify({ key })}`, random.toString("base64").slice(0, 12))
    })
  )
})
