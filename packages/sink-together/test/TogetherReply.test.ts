import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"

import {
  type Reply,
  type TogetherError,
  TogetherMisread,
  plain,
  readReply,
  readRetryAfter,
  wordsOf
} from "../src/TogetherReply.ts"

const now = DateTime.makeUnsafe("2026-11-22T12:00:00Z").epochMilliseconds

const read = (status: number, text = "", headers: Record<string, string> = {}) =>
  readReply({ status, headers, text }, now)

const kindOf = (reply: Reply | TogetherError) =>
  "_tag" in reply ? reply._tag : reply.accepted ? "accepted" : "refused"

const after = (header: string | undefined) => readRetryAfter(header, now)

describe("TogetherReply: the table of response codes", () => {
  it.each([
    [200, "accepted"],
    [201, "accepted"],
    [204, "accepted"],
    [400, "refused"],
    [401, "TogetherKeyRefused"],
    [409, "refused"],
    [410, "refused"],
    [429, "TogetherFault"],
    [500, "TogetherFault"],
    [502, "TogetherFault"],
    [503, "TogetherFault"]
  ] as const)("reads %i as %s", (status, kind) => {
    const reply = read(status)
    assert.strictEqual(kindOf(reply), kind)
    assert.strictEqual(reply.status, status)
  })

  it.each([
    [403, "TogetherKeyRefused"],
    [404, "refused"],
    [413, "refused"],
    [422, "refused"],
    [504, "TogetherFault"],
    [520, "TogetherFault"],
    [599, "TogetherFault"]
  ] as const)("reads %i, which is in no table, as %s", (status, kind) => {
    assert.strictEqual(kindOf(read(status)), kind)
  })

  it("takes a 207 for a success that has yet to be read, and for one in no table where nobody reads it", () => {
    const reply = read(207, "[]")
    assert.deepStrictEqual(reply, { status: 207, accepted: true, text: "[]" })
    assert.deepInclude(plain(reply as Reply), { _tag: "TogetherMisread", status: 207 })
    assert.deepStrictEqual(plain({ status: 200, accepted: true, text: "" }), { status: 200, accepted: true, text: "" })
    assert.deepInclude(read(207, "<html>"), { _tag: "TogetherFault", status: 207 })
  })

  it.each([202, 206, 300, 301, 302, 303, 304, 307, 308, 402, 405, 406, 408, 418, 451])(
    "refuses to guess at %i",
    (status) => {
      const reply = read(status, "{}", { location: "https://elsewhere.example/" })
      assert.deepInclude(reply, { _tag: "TogetherMisread", status })
    }
  )

  it("keeps the words of a refusal, whatever they are", () => {
    assert.deepStrictEqual(read(400, '{"error":"email is required"}'), {
      status: 400,
      accepted: false,
      text: '{"error":"email is required"}'
    })
    assert.deepStrictEqual(read(409, "no: 1 < 2"), { status: 409, accepted: false, text: "no: 1 < 2" })
  })

  it("does not take a web page for Together's refusal of anybody", () => {
    assert.instanceOf(read(400, "<html>Request blocked</html>"), TogetherMisread)
  })
})

describe("TogetherReply: the words that are kept", () => {
  it("are a thousand characters at most, and never half of one", () => {
    assert.strictEqual(wordsOf("x".repeat(1000)), "x".repeat(1000))
    const long = wordsOf(`${"x".repeat(998)}😀${"y".repeat(5000)}`)
    assert.lengthOf(long, 1000)
    assert.isTrue(long.startsWith("x".repeat(998)))
    assert.isTrue(long.isWellFormed())
  })
})

describe("TogetherReply: the Link header", () => {
  it("goes along with a success", () => {
    assert.deepInclude(read(200, "[]", { link: "</x>; rel=next" }), { link: "</x>; rel=next" })
    assert.notProperty(read(200, "[]"), "link")
  })
})

describe("TogetherReply: bodies of a success", () => {
  it("takes JSON of any shape, and nothing at all", () => {
    for (const text of ["{}", "[]", '[{"employeeId":"e-1"}]', "null", ' {"a":1}\n'])
      assert.deepStrictEqual(read(200, text), { status: 200, accepted: true, text })
    for (const status of [200, 201]) assert.deepStrictEqual(read(status), { status, accepted: true, text: "" })
    assert.deepStrictEqual(read(200, " \r\n"), { status: 200, accepted: true, text: "" })
  })

  it("does not look at the body of a 204", () => {
    assert.deepStrictEqual(read(204, "<html>"), { status: 204, accepted: true, text: "" })
  })

  it.each([200, 201])("refuses a page with %i: it comes from something in between", (status) => {
    const reply = read(status, "<!doctype html><html><body>We'll be back soon</body></html>")
    assert.deepInclude(reply, { _tag: "TogetherFault", status })
  })

  it("refuses JSON that breaks off", () => {
    for (const text of ['{"employeeId":"e-', "[{}", '"', "{"])
      assert.deepInclude(read(200, text), { _tag: "TogetherFault", status: 200 }, text)
  })

  it("never repeats what such a body says", () => {
    assert.notInclude(JSON.stringify(read(200, "<b>Gary Smith</b>")), "Gary")
  })
})

describe("TogetherReply: Retry-After", () => {
  it("reads seconds", () => {
    assert.strictEqual(after("0"), 0)
    assert.strictEqual(after("2"), 2000)
    assert.strictEqual(after(" 120 "), 120_000)
  })

  it("reads an HTTP date as the distance to it", () => {
    assert.strictEqual(after("Sun, 22 Nov 2026 12:00:30 GMT"), 30_000)
    assert.strictEqual(after("Mon, 23 Nov 2026 00:00:00 GMT"), 12 * 3_600_000)
  })

  it("reads a date that is past as no wait", () => {
    assert.strictEqual(after("Sun, 22 Nov 2026 11:59:59 GMT"), 0)
    assert.strictEqual(after("Sun, 06 Nov 1994 08:49:37 GMT"), 0)
  })

  it.each([
    undefined,
    "",
    "soon",
    "-5",
    "1.5",
    "2, 2",
    "1e3",
    "٣",
    "Sun, 22 Nov 2026",
    "Sun, 22 Foo 2026 12:00:30 GMT",
    "Sun, 99 Nov 2026 12:00:30 GMT",
    "Sun, 22 Nov 2026 25:00:30 GMT",
    "2026-11-22T12:00:30Z"
  ])("stays quiet about %j", (header) => {
    assert.isUndefined(after(header))
  })

  it("survives a number that is none any more", () => {
    assert.deepInclude(read(429, "", { "retry-after": "9".repeat(400) }), { _tag: "TogetherFault", status: 429 })
  })

  it("reaches the fault with every status that asks for patience", () => {
    for (const status of [429, 500, 502, 503])
      assert.deepInclude(read(status, "", { "retry-after": "7" }), { _tag: "TogetherFault", retryAfterMillis: 7000 })
    assert.notProperty(read(503), "retryAfterMillis")
    assert.notProperty(read(503, "", { "retry-after": "soon" }), "retryAfterMillis")
  })
})
