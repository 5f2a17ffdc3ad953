import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Pull, Random, Schedule, Schema } from "effect"
import { TestClock } from "effect/testing"

import { TogetherFault } from "../src/TogetherReply.ts"
import { answered, type Ending, pace, pauseAfter, schedule } from "../src/TogetherSchedule.ts"

const fault = (retryAfterMillis?: number, status = 503) =>
  new TogetherFault({
    status,
    problem: `Together answered ${status}.`,
    ...(retryAfterMillis === undefined ? {} : { retryAfterMillis })
  })

/** Chance that always gives the same number from 0 to 1; 0.5 is no jitter at all. */
const luck = (number: number) =>
  Effect.provideService(Random.Random, { nextDoubleUnsafe: () => number, nextIntUnsafe: () => 0 })

/** Seconds between requests that end so, one after the other, as the schedule itself sleeps them. */
const quiet = Effect.fnUntraced(function* (endings: ReadonlyArray<Ending>) {
  const next = yield* Schedule.toStepWithSleep(schedule)
  const fiber = yield* Effect.forkChild(
    Effect.forEach(endings, (ending) =>
      Effect.gen(function* () {
        const from = yield* Clock.currentTimeMillis
        yield* next(ending)
        return Math.round((yield* Clock.currentTimeMillis) - from) / 1000
      })
    ).pipe(Pull.catchDone(Effect.die))
  )
  yield* TestClock.adjust("2 days")
  return yield* Fiber.join(fiber)
})

const times = (count: number, ending: Ending) => Array.from({ length: count }, () => ending)

const Chance = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

describe("TogetherSchedule: 1 request per second, 1 request at a time", () => {
  it.effect("leaves a second from the end of a request to the start of the next", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* quiet(times(4, answered)), [1, 1, 1, 1])
      assert.strictEqual(Duration.toMillis(pace), 1000)
    })
  )
})

describe("TogetherSchedule: for 429/500/502/503 exponentially back off", () => {
  it.effect("doubles from 2 s and is capped at 5 min", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* quiet(times(11, fault())), [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
    }).pipe(luck(0.5))
  )

  it.effect.each([429, 500, 502, 503, undefined])("does so after %s", (status) =>
    Effect.gen(function* () {
      const ending = new TogetherFault({ problem: "", ...(status === undefined ? {} : { status }) })
      assert.deepStrictEqual(yield* quiet(times(3, ending)), [2, 4, 8])
    }).pipe(luck(0.5))
  )

  it.effect("begins anew after an answer", () =>
    Effect.gen(function* () {
      const endings = [...times(3, fault()), answered, fault(), fault(), answered, answered, fault()]
      assert.deepStrictEqual(yield* quiet(endings), [2, 4, 8, 1, 2, 4, 1, 1, 2])
    }).pipe(luck(0.5))
  )

  it.effect.prop(
    "jitters within a fifth, never below the pace, never above 5 min",
    [Chance],
    ([chance]) =>
      Effect.gen(function* () {
        const plain = [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
        const jittered = yield* Effect.provide(quiet(times(10, fault())), TestClock.layer())
        for (const [index, seconds] of plain.entries()) {
          assert.isAtLeast(jittered[index]!, Math.max(1, seconds * 0.8 - 0.001))
          assert.isAtMost(jittered[index]!, Math.min(300, seconds * 1.2 + 0.001))
        }
      }).pipe(luck(chance)),
    { arbitrary: { runs: 25 } }
  )

  it.effect("jitters at all, so that many who failed together do not come back together", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Effect.provide(quiet(times(2, fault())), TestClock.layer()), [1.6, 3.2])
    }).pipe(luck(0))
  )
})

describe("TogetherSchedule: Retry-After", () => {
  it.effect("waits as long as the server asks, without jitter below it and beyond the cap", () =>
    Effect.gen(function* () {
      const endings = [fault(60_000, 429), fault(0), fault(), fault(3_600_000), fault()]
      assert.deepStrictEqual(yield* quiet(endings), [60, 3.2, 6.4, 3600, 25.6])
    }).pipe(luck(0))
  )

  it.effect("stays quiet about one that is shorter than its own wait", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* quiet(times(3, fault(1000))), [2, 4, 8])
    }).pipe(luck(0.5))
  )
})

describe("TogetherSchedule: taken up by another process", () => {
  it.effect("pauses as the schedule would after so many faults in a row", () =>
    Effect.gen(function* () {
      const pauses = yield* Effect.forEach([0, 1, 2, 7, 8, 9, 1_000_000_000], (faults) => pauseAfter(faults, fault()))
      assert.deepStrictEqual(pauses, [2000, 4000, 8000, 256_000, 300_000, 300_000, 300_000])
    }).pipe(luck(0.5))
  )

  it.effect("needs no more than the pace after an answer, however many faults there were", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* Effect.forEach([0, 5, 100], (faults) => pauseAfter(faults, answered)),
        [1000, 1000, 1000]
      )
    })
  )

  it.effect("keeps to Retry-After", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* pauseAfter(3, fault(7_200_000)), 7_200_000)
      assert.strictEqual(yield* pauseAfter(3, fault(1000)), 16_000)
    }).pipe(luck(0.5))
  )
})
