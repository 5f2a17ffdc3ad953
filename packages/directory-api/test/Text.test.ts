import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

import { isCountryCode } from "../src/CountryCode.ts"
import * as Text from "../src/Text.ts"

const accepts = (schema: Schema.Codec<string, string>, values: ReadonlyArray<string>) => {
  for (const value of values) assert.isTrue(Schema.is(Schema.toEncoded(schema))(value) && decodes(schema, value), value)
}

const decodes = (schema: Schema.Codec<string, string>, value: string) =>
  Effect.runSync(Effect.isSuccess(Schema.decodeUnknownEffect(schema)(value)))

const refuses = (schema: Schema.Codec<string, string>, values: ReadonlyArray<string>) => {
  for (const value of values) assert.isFalse(decodes(schema, value), JSON.stringify(value))
}

describe("Text", () => {
  it("takes a line in whatever alphabet, and nothing that surrounds or breaks it", () => {
    accepts(Text.line("", ""), [
      "K",
      "Ken Sánchez",
      "佐藤 花子",
      "🚲",
      "O'Brien-Smith, Jr.",
      "x".repeat(200),
      "🚲".repeat(200)
    ])
    refuses(Text.line("", ""), ["", " ", " Ken", "Ken ", "Ken\n", "Ken\tS", "K\0", "\ud800", "x".repeat(201)])
  })

  it("takes prose of many lines, but no NUL and no half character", () => {
    accepts(Text.prose("", ""), ["One.\n\nTwo.\n", "  indented"])
    refuses(Text.prose("", ""), ["", " \n ", "a\0b", "a\udfffb", "x".repeat(10_001)])
  })

  it("takes e-mail addresses", () => {
    accepts(Text.email("", ""), [
      "a@b.co",
      "ken.s+x_y'z@sub.adventure-works.co.uk",
      "josé@exämple.com",
      "x@y.museum",
      `${"a".repeat(64)}@b.co`
    ])
    refuses(Text.email("", ""), [
      "ken",
      "ken@",
      "@b.co",
      "ken@localhost",
      "a b@c.de",
      "a@b@c.de",
      "a..b@c.de",
      ".a@c.de",
      "a.@c.de",
      "a@-c.de",
      "a@c..de",
      "<a@c.de>",
      `${"a".repeat(65)}@b.co`,
      `a@${"b".repeat(250)}.co`
    ])
  })

  it("takes dates that exist", () => {
    accepts(Text.date("", ""), ["1969-01-29", "2024-02-29", "2000-02-29"])
    refuses(Text.date("", ""), [
      "2023-02-29",
      "1900-02-29",
      "2023-04-31",
      "2023-13-01",
      "2023-00-10",
      "2023-1-1",
      "29.01.1969"
    ])
    refuses(Text.date("", ""), ["2023-01-01T00:00:00Z", "20230101", "+002023-01-01"])
  })

  it("takes web addresses, and no other kind", () => {
    accepts(Text.webAddress("", ""), ["https://adventure-works.com", "http://a.b/c?d=e#f", "https://exämple.com/ü"])
    refuses(Text.webAddress("", ""), [
      "adventure-works.com",
      "javascript:alert(1)",
      "ftp://a.b",
      "https://",
      "https://a b.com"
    ])
  })

  it("takes time zones and countries that there are", () => {
    accepts(Text.timeZone, ["Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC"])
    refuses(Text.timeZone, ["Mars/Base", "+01:00", "Europe/", "berlin"])
    accepts(Text.countryCode, ["US", "DE"])
    refuses(Text.countryCode, ["us", "USA", "EU", "ZZ", "U"])
    assert.strictEqual(isCountryCode("GB"), true)
    assert.strictEqual(isCountryCode("UK"), false)
  })

  it("takes aliases, but none of the words that stand in paths", () => {
    accepts(Text.alias, ["adventure-works", "a", "7", "a".repeat(63)])
    refuses(Text.alias, ["Adventure", "-a", "a-", "a_b", "a b", "a".repeat(64), ...Text.reservedAliases])
  })

  it("reads a UUID in any case, and writes it in lower", () => {
    const id = "0F8FAD5B-D9CB-469F-A165-70867728950E"
    assert.strictEqual(Schema.decodeSync(Text.uuid(""))(id), id.toLowerCase())
    assert.strictEqual(Schema.decodeSync(Text.pathId(""))(id), id.toLowerCase())
    assert.strictEqual(Schema.decodeSync(Text.pathId(""))("Ken@Works.com"), "Ken@Works.com")
    refuses(Text.uuid(""), ["", "x", `${id}0`, id.replaceAll("-", ""), `{${id}}`])
  })
})
