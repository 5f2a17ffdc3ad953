import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"

import { inject, noFaults, take } from "../src/TogetherFaults.ts"
import type { Fault, FaultRule } from "../src/TogetherFaults.ts"
import { TogetherSandbox } from "../src/TogetherServer.ts"
import { call, callNow, gary, post, stored } from "./Caller.ts"

const down: Fault = { kind: "status", status: 503 }
const afterRequests = (rules: ReadonlyArray<FaultRule>, paths: ReadonlyArray<string>) => {
  let faults = inject(noFaults, rules)
  return paths.map((path) => {
    const [fault, next] = take(faults, { method: "GET", path })
    faults = next
    return fault !== undefined
  })
}

describe("TogetherFaults: which request meets one", () => {
  const paths = ["/public/user", "/public/user", "/public/acme/registerUser", "/public/user"]

  it("strikes the next request once by default, or the next n", () => {
    assert.deepStrictEqual(afterRequests([{ fault: down }], paths), [true, false, false, false])
    assert.deepStrictEqual(afterRequests([{ fault: down, times: 3 }], paths), [true, true, true, false])
  })

  it("strikes by ordinal, by path and by predicate, and lets the others pass", () => {
    assert.deepStrictEqual(afterRequests([{ fault: down, ordinal: 2 }], paths), [false, true, false, false])
    assert.deepStrictEqual(afterRequests([{ fault: down, path: "registerUser" }], paths), [false, false, true, false])
    const even: FaultRule = { fault: down, times: 9, when: ({ ordinal }) => ordinal % 2 === 0 }
    assert.deepStrictEqual(afterRequests([even], paths), [false, true, false, true])
    assert.deepStrictEqual(afterRequests([{ fault: down, method: "POST" }], paths), [false, false, false, false])
  })
})

describe("TogetherFaults over HTTP", () => {
  it.live.each([429, 500, 502, 503])("answers %i without applying, then works again", (status) =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ faults: [{ fault: { kind: "status", status } }] })
      const refused = yield* post(sandbox, gary)
      assert.strictEqual(refused.status, status)
      assert.isNull(refused.headers.get("retry-after"))
      assert.lengthOf(yield* sandbox.users, 0)
      assert.strictEqual((yield* post(sandbox, gary)).status, 201)
    })
  )

  it.live("gives Retry-After in seconds or as an HTTP-date", () =>
    Effect.gen(function* () {
      const fault = { kind: "status", status: 429, retryAfter: 30 } as const
      const sandbox = yield* TogetherSandbox.start({
        faults: [{ fault }, { fault: { ...fault, retryAfterForm: "http-date" } }]
      })
      assert.strictEqual((yield* call(sandbox)).headers.get("retry-after"), "30")
      const date = (yield* call(sandbox)).headers.get("retry-after") ?? ""
      assert.match(date, /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/)
      const ahead = DateTime.makeUnsafe(date).epochMilliseconds - (yield* DateTime.now).epochMilliseconds
      assert.isTrue(ahead > 28_000 && ahead <= 31_000)
    })
  )

  it.live("delays an answer that was applied at once", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ faults: [{ fault: { kind: "delay", ms: 80 } }] })
      const reply = yield* post(sandbox, gary)
      assert.strictEqual(reply.status, 201)
      const [request] = (yield* sandbox.report).journal
      assert.isAtLeast((request?.endedAt ?? 0) - (request?.arrivedAt ?? 0), 75)
    })
  )

  it.live.each([false, true])("hangs until the client goes away (applied: %s)", (applied) =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ faults: [{ fault: { kind: "hang", applied } }] })
      const signal = AbortSignal.timeout(60)
      const error = yield* Effect.promise(() =>
        callNow(sandbox, { method: "POST", body: gary, signal }).then(
          () => "answered",
          (cause: unknown) => String(cause)
        )
      )
      assert.match(error, /timeout|abort/i)
      yield* Effect.sleep(30)
      const judged = yield* sandbox.report
      assert.deepInclude(judged, { unanswered: 1, inFlight: 0, byStatus: {} })
      assert.lengthOf(yield* sandbox.users, applied ? 1 : 0)
    })
  )

  it.live.each([
    ["reset-before", 0],
    ["reset-after", 1]
  ] as const)("cuts the connection with %s and leaves %i users", ([kind, users]) =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ faults: [{ fault: { kind } }] })
      const outcome = yield* Effect.promise(() =>
        callNow(sandbox, { method: "POST", body: gary }).catch((cause: unknown) => cause)
      )
      assert.instanceOf(outcome, TypeError)
      assert.lengthOf(yield* sandbox.users, users)
      assert.strictEqual((yield* post(sandbox, gary)).status, users === 0 ? 201 : 204)
    })
  )

  it.live("sends a page with status 200 and applies nothing", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ faults: [{ fault: { kind: "html" } }] })
      const reply = yield* post(sandbox, gary)
      assert.strictEqual(reply.status, 200)
      assert.include(reply.headers.get("content-type") ?? "", "text/html")
      assert.lengthOf(yield* sandbox.users, 0)
    })
  )

  it.live("cuts the JSON of an answer that was applied", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ faults: [{ fault: { kind: "truncated" }, times: 2 }] })
      const created = yield* post(sandbox, gary)
      assert.strictEqual(created.status, 201)
      assert.isUndefined(created.json)
      assert.deepStrictEqual(yield* stored(sandbox, "e-1"), gary)
      const list = yield* call(sandbox)
      assert.strictEqual(list.status, 200)
      assert.isUndefined(list.json)
    })
  )

  it.live("takes rules at run time, from the process and over the control endpoint", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* sandbox.inject({ fault: down })
      assert.strictEqual((yield* call(sandbox)).status, 503)
      const rules = [{ fault: { kind: "status", status: 502 }, times: 1, path: "/public/user" }]
      const planned = yield* call(sandbox, { method: "POST", path: "/_sandbox/faults", body: rules })
      assert.strictEqual(planned.status, 204)
      assert.strictEqual((yield* call(sandbox)).status, 502)
      assert.strictEqual((yield* call(sandbox)).status, 200)
    })
  )
})
