import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"

import { answer, arrive, decide, end, freshJudge, pardoned, report, resumedJudge } from "../src/TogetherJudge.ts"
import type { Judge } from "../src/TogetherJudge.ts"
import { TogetherSandbox } from "../src/TogetherServer.ts"
import { call, gary, post } from "./Caller.ts"

const wallOf = (at: number) => 1_700_000_000_000 + at

const come = (judge: Judge) => arrive(judge, { at: 0, wall: 0, method: "POST", path: "/public/user" })

/** Requests as [arrival, end] in milliseconds, in the order of arrival; an end of null never comes. */
const judgeOf = (requests: ReadonlyArray<readonly [number, number | null]>, from: Judge = freshJudge) => {
  const moments = requests.flatMap(([from, to], index) => [
    { at: from, index, over: false },
    ...(to === null ? [] : [{ at: to, index, over: true }])
  ])
  const ids = new Map<number, number>()
  let judge = from
  for (const { at, index, over } of moments.toSorted((a, b) => a.at - b.at)) {
    if (over) {
      judge = end(judge, ids.get(index) ?? 0, at)
      continue
    }
    const [request, next] = arrive(judge, { at, wall: wallOf(at), method: "POST", path: "/public/user" })
    ids.set(index, request.id)
    judge = next
  }
  return report(judge)
}

describe("TogetherJudge under given times", () => {
  it("stays quiet about a client that keeps a second and one at a time", () => {
    const judged = judgeOf([
      [0, 300],
      [1000, 1900],
      [2000.5, 2001]
    ])
    assert.deepStrictEqual(judged.violations, { spacing: 0, concurrency: 0 })
    assert.strictEqual(judged.smallestSpacing, 1000)
    assert.strictEqual(judged.largestInFlight, 1)
    assert.strictEqual(judged.requests, 3)
    assert.strictEqual(judged.inFlight, 0)
  })

  it("measures from arrival to arrival, not from the end", () => {
    assert.strictEqual(
      judgeOf([
        [0, 900],
        [999, 1000]
      ]).violations.spacing,
      0
    )
    assert.strictEqual(
      judgeOf([
        [0, 1],
        [500, 501],
        [1200, 1201]
      ]).violations.spacing,
      2
    )
  })

  it("tolerates 5 ms of timer granularity and no more", () => {
    assert.strictEqual(
      judgeOf([
        [0, 1],
        [995, 996]
      ]).violations.spacing,
      0
    )
    assert.strictEqual(
      judgeOf([
        [0, 1],
        [994.9, 996]
      ]).violations.spacing,
      1
    )
  })

  it("sees a request that arrives while another is open, however far apart they are", () => {
    const judged = judgeOf([
      [0, 5000],
      [2000, 2100],
      [4000, null]
    ])
    assert.deepStrictEqual(judged.violations, { spacing: 0, concurrency: 2 })
    assert.strictEqual(judged.largestInFlight, 2)
    assert.strictEqual(judged.inFlight, 1)
  })

  it("takes a request that arrives in the very moment of the other's end as serial", () => {
    const judged = judgeOf([
      [0, 1000],
      [1000, 1001]
    ])
    assert.strictEqual(judged.violations.concurrency, 0)
  })

  it("compares the first arrival after a restart by the wall clock", () => {
    const first = report(freshJudge)
    const after = (wall: number | null) => judgeOf([[7, 8]], resumedJudge(first, wall))
    assert.strictEqual(after(wallOf(7) - 400).violations.spacing, 1)
    assert.strictEqual(after(wallOf(7) - 400).smallestSpacing, 400)
    assert.strictEqual(after(wallOf(7) - 1000).violations.spacing, 0)
    assert.isNull(after(wallOf(7) + 60_000).smallestSpacing)
    assert.isNull(after(null).smallestSpacing)
  })

  it("keeps counting members, duplicates, statuses and silence", () => {
    const [first, afterFirst] = come(freshJudge)
    const answered = end(
      answer(decide(afterFirst, first.id, { members: 3, duplicates: 1 }), first.id, 201),
      first.id,
      1
    )
    const [second, afterSecond] = come(answered)
    const judged = report(end(end(afterSecond, second.id, 2), second.id, 3))
    assert.deepInclude(judged, { members: 3, duplicates: 1, unanswered: 1, byStatus: { "201": 1 } })
    assert.deepInclude(judged.journal[0], { members: 3, status: 201, arrivedAt: 0, endedAt: 1 })
    assert.deepInclude(judged.journal[1], { status: null, endedAt: 2, violations: ["spacing"] })
  })

  it("forgets the sums on a pardon but still knows the last arrival and what is open", () => {
    const [, open] = arrive(freshJudge, { at: 0, wall: 0, method: "GET", path: "/public/user" })
    const [next] = arrive(pardoned(open), { at: 10, wall: 10, method: "GET", path: "/public/user" })
    assert.deepStrictEqual(next.violations, ["spacing", "concurrency"])
    assert.strictEqual(report(pardoned(open)).requests, 0)
  })
})

describe("TogetherJudge over HTTP", () => {
  it.live("sees a planted spacing violation of serial requests", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, gary)
      yield* call(sandbox, { without: "api-key" })
      const judged = yield* sandbox.report
      assert.deepStrictEqual(judged.violations, { spacing: 1, concurrency: 0 })
      assert.isBelow(judged.smallestSpacing ?? Infinity, 995)
      assert.strictEqual(judged.largestInFlight, 1)
      assert.deepStrictEqual(judged.byStatus, { "201": 1, "401": 1 })
    })
  )

  it.live("sees planted concurrency", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ latency: 60 })
      yield* Effect.all([call(sandbox), call(sandbox), call(sandbox)], { concurrency: "unbounded" })
      const judged = yield* sandbox.report
      assert.deepStrictEqual(judged.violations, { spacing: 2, concurrency: 2 })
      assert.strictEqual(judged.largestInFlight, 3)
      assert.strictEqual(judged.inFlight, 0)
    })
  )

  it.live("stays quiet about a client that waits", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* post(sandbox, gary)
      yield* Effect.sleep(1010)
      yield* post(sandbox, { employeeId: "e-1", title: "Analyst" })
      const judged = yield* sandbox.report
      assert.deepStrictEqual(judged.violations, { spacing: 0, concurrency: 0 })
      assert.isAtLeast(judged.smallestSpacing ?? 0, 1000)
    })
  )

  it.effect("measures in virtual time when it was started under a test clock", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* call(sandbox)
      yield* TestClock.adjust(1000)
      yield* call(sandbox)
      const quiet = yield* sandbox.report
      assert.strictEqual(quiet.smallestSpacing, 1000)
      assert.strictEqual(quiet.violations.spacing, 0)
      yield* TestClock.adjust(900)
      yield* call(sandbox)
      assert.strictEqual((yield* sandbox.report).violations.spacing, 1)
    })
  )

  it.live("answers 429 to the same requests when it enforces the rate, and applies none of them", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start({ enforceRate: true })
      assert.strictEqual((yield* call(sandbox)).status, 200)
      assert.strictEqual((yield* post(sandbox, gary)).status, 429)
      assert.lengthOf(yield* sandbox.users, 0)
    })
  )

  it.live("judges unknown paths too, and never its own control endpoints", () =>
    Effect.gen(function* () {
      const sandbox = yield* TogetherSandbox.start()
      yield* call(sandbox, { path: "/nowhere" })
      yield* call(sandbox, { path: "/_sandbox/report" })
      yield* call(sandbox, { path: "/_sandbox/users" })
      assert.strictEqual((yield* sandbox.report).requests, 1)
    })
  )
})
