import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"

import { inject, noFaults, take } from "../src/UltiProFaults.ts"
import type { Fault, FaultRule } from "../src/UltiProFaults.ts"
import { UltiProSandbox } from "../src/UltiProServer.ts"
import { ask, askNow, employments, linkOf, persons } from "./UltiProCaller.ts"

const down: Fault = { kind: "status", status: 503 }
const start = (...faults: ReadonlyArray<FaultRule>) => UltiProSandbox.start({ population: 60, faults })
const struck = (rules: ReadonlyArray<FaultRule>, pages: ReadonlyArray<number>) => {
  let faults = inject(noFaults, rules)
  return pages.map((page) => {
    const [fault, next] = take(faults, { method: "GET", path: page < 9 ? persons : employments, page })
    faults = next
    return fault !== undefined
  })
}
const pageOf = (page: number) => `${persons}?per_Page=20&page=${page}`

const outcomeOf = (sandbox: UltiProSandbox, signal?: AbortSignal) =>
  Effect.promise(() =>
    askNow(sandbox, persons, signal === undefined ? {} : { signal }).then(
      ({ status }) => String(status),
      (cause: unknown) => String(cause)
    )
  )

describe("UltiProFaults: which request meets one", () => {
  it("strikes the next request once by default, or the next n", () => {
    assert.deepStrictEqual(struck([{ fault: down }], [1, 2, 3]), [true, false, false])
    assert.deepStrictEqual(struck([{ fault: down, times: 2 }], [1, 2, 3]), [true, true, false])
  })

  it("strikes by path, page, ordinal and predicate, and lets the others pass", () => {
    assert.deepStrictEqual(struck([{ fault: down, path: "employment" }], [1, 2, 9]), [false, false, true])
    assert.deepStrictEqual(struck([{ fault: down, page: 2 }], [1, 2, 2]), [false, true, false])
    assert.deepStrictEqual(struck([{ fault: down, ordinal: 3 }], [1, 1, 1, 1]), [false, false, true, false])
    const even: FaultRule = { fault: down, times: 9, when: ({ ordinal }) => ordinal % 2 === 0 }
    assert.deepStrictEqual(struck([even], [1, 1, 1, 1]), [false, true, false, true])
    assert.deepStrictEqual(struck([{ fault: down, path: "employment", page: 1 }], [1, 9]), [false, false])
  })
})

describe("UltiProFaults over HTTP", () => {
  it.live.each([401, 403, 404, 429, 500, 502, 503])("answers %i in UKG's error shape, then works again", (status) =>
    Effect.gen(function* () {
      const sandbox = yield* start({ fault: { kind: "status", status } })
      const refused = yield* ask(sandbox, persons)
      assert.strictEqual(refused.status, status)
      assert.include(refused.json, { code: String(status), errorCount: 1 })
      assert.isNull(refused.headers.get("retry-after"))
      assert.strictEqual((yield* ask(sandbox, persons)).status, 200)
    })
  )

  it.live("gives Retry-After in seconds or as an HTTP-date", () =>
    Effect.gen(function* () {
      const fault = { kind: "status", status: 429, retryAfter: 30 } as const
      const sandbox = yield* start({ fault }, { fault: { ...fault, retryAfterForm: "http-date" } })
      assert.strictEqual((yield* ask(sandbox, persons)).headers.get("retry-after"), "30")
      const date = (yield* ask(sandbox, persons)).headers.get("retry-after") ?? ""
      assert.match(date, /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/)
      const ahead = DateTime.makeUnsafe(date).epochMilliseconds - (yield* DateTime.now).epochMilliseconds
      assert.isTrue(ahead > 28_000 && ahead <= 31_000)
    })
  )

  it.live("delays an answer", () =>
    Effect.gen(function* () {
      const sandbox = yield* start({ fault: { kind: "delay", ms: 80 } })
      assert.strictEqual((yield* ask(sandbox, persons)).status, 200)
      const [request] = (yield* sandbox.report).journal
      assert.isAtLeast((request?.endedAt ?? 0) - (request?.arrivedAt ?? 0), 75)
    })
  )

  it.live("hangs until the client goes away", () =>
    Effect.gen(function* () {
      const sandbox = yield* start({ fault: { kind: "hang" } })
      assert.match(yield* outcomeOf(sandbox, AbortSignal.timeout(60)), /timeout|abort/i)
      yield* Effect.sleep(30)
      assert.deepInclude(yield* sandbox.report, { unanswered: 1, inFlight: 0, byStatus: {} })
    })
  )

  it.live("resets the connection", () =>
    Effect.gen(function* () {
      const sandbox = yield* start({ fault: { kind: "reset" } })
      assert.match(yield* outcomeOf(sandbox), /fetch failed|reset/i)
      assert.strictEqual(yield* outcomeOf(sandbox), "200")
    })
  )

  it.live("sends a page of HTML with 200, and JSON that stops in the middle", () =>
    Effect.gen(function* () {
      const sandbox = yield* start({ fault: { kind: "html" } }, { fault: { kind: "truncated" } })
      const page = yield* ask(sandbox, persons)
      assert.strictEqual(page.status, 200)
      assert.include(page.headers.get("content-type"), "text/html")
      const cut = yield* ask(sandbox, persons)
      assert.deepStrictEqual([cut.status, cut.json], [200, undefined])
      assert.isTrue(cut.text.startsWith("[{"))
    })
  )

  it.live("repeats the page before under the links of the page that was asked for", () =>
    Effect.gen(function* () {
      const sandbox = yield* start({ fault: { kind: "repeat-page" }, page: 2 })
      const first = yield* ask(sandbox, pageOf(1))
      const repeated = yield* ask(sandbox, pageOf(2))
      assert.strictEqual(repeated.text, first.text)
      assert.include(linkOf(repeated, "next"), "page=3")
      assert.notStrictEqual((yield* ask(sandbox, pageOf(2))).text, first.text)
    })
  )

  it.live("shows nobody at all, and the rows inside an object", () =>
    Effect.gen(function* () {
      const sandbox = yield* start({ fault: { kind: "empty" } }, { fault: { kind: "object" } })
      const empty = yield* ask(sandbox, persons)
      assert.deepStrictEqual([empty.status, empty.json, empty.headers.get("link")], [200, [], null])
      const wrapped = yield* ask(sandbox, persons)
      assert.isArray((wrapped.json as { value: unknown }).value)
    })
  )

  it.live("wraps and empties configuration as well", () =>
    Effect.gen(function* () {
      const sandbox = yield* start(
        { fault: { kind: "empty" }, path: "jobs" },
        { fault: { kind: "object" }, path: "jobs" }
      )
      assert.deepStrictEqual((yield* ask(sandbox, "/configuration/v1/jobs")).json, [])
      assert.property((yield* ask(sandbox, "/configuration/v1/jobs")).json, "value")
    })
  )

  it.live("points the next page at another origin", () =>
    Effect.gen(function* () {
      const sandbox = yield* start({ fault: { kind: "foreign-next", origin: "http://127.0.0.1:1" } })
      const reply = yield* ask(sandbox, persons)
      assert.strictEqual(reply.rows.length, 62)
      assert.strictEqual(new URL(linkOf(reply, "next") ?? "").origin, "http://127.0.0.1:1")
    })
  )

  it.live("takes rules while it runs, and forgets them", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      yield* sandbox.inject([{ fault: down }, { fault: down, times: 50 }])
      assert.strictEqual((yield* ask(sandbox, persons)).status, 503)
      assert.strictEqual((yield* ask(sandbox, persons)).status, 503)
      yield* sandbox.calm
      assert.strictEqual((yield* ask(sandbox, persons)).status, 200)
    })
  )
})
