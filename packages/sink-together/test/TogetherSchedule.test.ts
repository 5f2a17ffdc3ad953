import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Random, Schema } from "effect"
import { TestClock } from "effect/testing"

import { type TogetherError, TogetherFault, TogetherKeyRefused, TogetherMisread } from "../src/TogetherReply.ts"
import { backoff, pace } from "../src/TogetherSchedule.ts"

const fault = (retryAfterMillis?: number) =>
  new TogetherFault({
    status: 503,
    problem: "Together answered 503.",
    ...(retryAfterMillis === undefined ? {} : { retryAfterMillis })
  })

/** Chance that always gives the same number from 0 to 1; 0.5 is no jitter at all. */
const luck = (number: number) =>
  Effect.provideService(Random.Random, { nextDoubleUnsafe: () => number, nextIntUnsafe: () => 0 })

/** The waits before the second, third, ... attempt in milliseconds; the last error is met for ever. */
const waits = Effect.fnUntraced(function* (errors: ReadonlyArray<TogetherError>, patience: Duration.Input) {
  const attempts: Array<number> = []
  const request = Effect.gen(function* () {
    attempts.push(yield* Clock.currentTimeMillis)
    return yield* Effect.fail(errors[attempts.length - 1] ?? errors.at(-1))
  })
  const schedule = backoff(Duration.fromInputUnsafe(patience))
  const retried = Effect.retry(request as Effect.Effect<never, TogetherError>, schedule)
  const fiber = yield* Effect.forkChild(Effect.exit(retried))
  yield* TestClock.adjust("2 days")
  yield* Fiber.join(fiber)
  return attempts.slice(1).map((at, index) => Math.round(at - attempts[index]!))
})

describe("TogetherSchedule: how long to stay away", () => {
  it.effect("doubles from 2 s and is capped at 5 min", () =>
    Effect.gen(function* () {
      const seconds = (yield* waits([fault()], "30 minutes")).map((millis) => millis / 1000)
      assert.deepStrictEqual(seconds, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300, 300])
    }).pipe(luck(0.5))
  )

  it.effect.prop(
    "jitters within a fifth and is never shorter than the pace",
    [Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))],
    ([chance]) =>
      Effect.gen(function* () {
        const plain = [2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((seconds) => seconds * 1000)
        const jittered = yield* Effect.provide(waits([fault()], "60 minutes"), TestClock.layer())
        for (const [index, millis] of plain.entries()) {
          assert.isAtLeast(jittered[index]!, Math.max(1000, millis * 0.8 - 1))
          assert.isAtMost(jittered[index]!, millis * 1.2 + 1)
        }
      }).pipe(luck(chance)),
    { arbitrary: { runs: 25 } }
  )

  it.effect("jitters at all", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        (yield* Effect.provide(waits([fault()], "5 seconds"), TestClock.layer())).slice(0, 2),
        [1600, 3200]
      )
    }).pipe(luck(0))
  )

  it("keeps the pace of one request a second", () => {
    assert.strictEqual(Duration.toMillis(pace), 1000)
  })

  it.effect("waits as long as the server asks, without jitter below it", () =>
    Effect.gen(function* () {
      const faults = [fault(60_000), fault(0), fault(), fault(3_600_000), fault()]
      assert.deepStrictEqual((yield* waits(faults, "2 hours")).slice(0, 5), [60_000, 3200, 6400, 3_600_000, 25_600])
    }).pipe(luck(0))
  )

  it.effect("stays quiet about a Retry-After that is shorter than its own wait", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* waits([fault(1000)], "1 minute")).slice(0, 3), [2000, 4000, 8000])
    }).pipe(luck(0.5))
  )
})

describe("TogetherSchedule: when to stop", () => {
  it.effect("ends when patience is used up", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* waits([fault()], "1 minute"), [2000, 4000, 8000, 16_000, 32_000])
    }).pipe(luck(0.5))
  )

  it.effect("ends at once without any patience", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* waits([fault()], 0), [])
      assert.deepStrictEqual(yield* waits([fault(3_600_000)], 0), [])
    })
  )

  it.effect.each([
    new TogetherKeyRefused({ status: 401 }),
    new TogetherMisread({ status: 302, problem: "Together answered 302." })
  ])("does not try again after $_tag, not even when it comes after faults", (error) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* waits([error], "1 hour"), [])
      assert.deepStrictEqual(yield* waits([fault(), error], "1 hour"), [2000])
    }).pipe(luck(0.5))
  )
})
