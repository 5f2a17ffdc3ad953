import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"

import { TogetherLane } from "../src/TogetherLane.ts"

interface Visit {
  readonly name: string
  readonly from: number
  to: number
}

/** A request of so many milliseconds that ends in its own way; its time in the lane goes to the log. */
const visit = Effect.fnUntraced(function* <E = never>(
  log: Array<Visit>,
  name: string,
  millis: number,
  ending: Effect.Effect<void, E> = Effect.void
) {
  const lane = yield* TogetherLane
  const request = Effect.gen(function* () {
    const seen: Visit = { name, from: yield* Clock.currentTimeMillis, to: Number.NaN }
    log.push(seen)
    yield* Effect.sleep(millis).pipe(
      Effect.andThen(ending),
      Effect.ensuring(Effect.map(Clock.currentTimeMillis, (now) => (seen.to = now)))
    )
  })
  return yield* Effect.exit(lane.take(request))
})

const go = (log: Array<Visit>, name: string, millis: number) => Effect.forkChild(visit(log, name, millis))

const times = (log: ReadonlyArray<Visit>) => log.map(({ from, name, to }) => [name, from, to])

const lane = Effect.provide(TogetherLane.layer)

describe("TogetherLane", () => {
  it.effect("begins with a full pause", () =>
    Effect.gen(function* () {
      const log: Array<Visit> = []
      yield* go(log, "first", 200)
      yield* TestClock.adjust(999)
      assert.deepStrictEqual(log, [])
      yield* TestClock.adjust(1)
      assert.lengthOf(log, 1)
      yield* TestClock.adjust(200)
      assert.deepStrictEqual(times(log), [["first", 1000, 1200]])
    }).pipe(lane)
  )

  it.effect("lets two that start together go one after the other", () =>
    Effect.gen(function* () {
      const log: Array<Visit> = []
      yield* go(log, "a", 300)
      yield* go(log, "b", 50)
      yield* go(log, "c", 0)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(times(log), [
        ["a", 1000, 1300],
        ["b", 2300, 2350],
        ["c", 3350, 3350]
      ])
    }).pipe(lane)
  )

  it.effect("counts the second from the end of a long request, not from its start", () =>
    Effect.gen(function* () {
      const log: Array<Visit> = []
      yield* go(log, "long", 60_000)
      yield* go(log, "next", 10)
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(times(log), [
        ["long", 1000, 61_000],
        ["next", 62_000, 62_010]
      ])
    }).pipe(lane)
  )

  it.effect("stays quiet when the last request is long over", () =>
    Effect.gen(function* () {
      const log: Array<Visit> = []
      yield* TestClock.adjust("1 minute")
      yield* go(log, "late", 5)
      yield* TestClock.adjust(5)
      assert.deepStrictEqual(times(log), [["late", 60_000, 60_005]])
    }).pipe(lane)
  )

  it.effect.each([
    ["fails", Effect.fail("no")],
    ["dies", Effect.die(new Error("no"))],
    ["interrupts itself", Effect.interrupt]
  ] as const)("pauses as long after a request that %s", ([, ending]) =>
    Effect.gen(function* () {
      const log: Array<Visit> = []
      yield* Effect.forkChild(visit(log, "bad", 400, ending))
      yield* go(log, "next", 10)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(times(log), [
        ["bad", 1000, 1400],
        ["next", 2400, 2410]
      ])
    }).pipe(lane)
  )

  it.effect("passes on what a request gives or fails with", () =>
    Effect.gen(function* () {
      const { take } = yield* TogetherLane
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* take(Effect.succeed(7)), 7)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Effect.flip(take(Effect.fail("no"))), "no")
    }).pipe(lane)
  )

  it.effect("pauses as long after a request that was interrupted", () =>
    Effect.gen(function* () {
      const log: Array<Visit> = []
      const fiber = yield* go(log, "cut", 60_000)
      yield* go(log, "next", 10)
      yield* TestClock.adjust(1700)
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(times(log), [
        ["cut", 1000, 1700],
        ["next", 2700, 2710]
      ])
    }).pipe(lane)
  )

  it.effect("keeps the places of the others when one who waits is interrupted", () =>
    Effect.gen(function* () {
      const log: Array<Visit> = []
      yield* go(log, "a", 500)
      const gone = yield* go(log, "gone", 500)
      yield* go(log, "b", 500)
      const goneToo = yield* go(log, "gone too", 500)
      yield* go(log, "c", 500)
      yield* TestClock.adjust(1200)
      yield* Fiber.interrupt(gone)
      yield* Fiber.interrupt(goneToo)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(times(log), [
        ["a", 1000, 1500],
        ["b", 2500, 3000],
        ["c", 4000, 4500]
      ])
    }).pipe(lane)
  )

  it.effect("lets the next go when one is interrupted in its pause, and owes nothing for it", () =>
    Effect.gen(function* () {
      const log: Array<Visit> = []
      const gone = yield* go(log, "gone", 500)
      yield* go(log, "b", 500)
      yield* TestClock.adjust(600)
      yield* Fiber.interrupt(gone)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(times(log), [["b", 1000, 1500]])
    }).pipe(lane)
  )

  it.effect("does not mind a clock that is set back", () =>
    Effect.gen(function* () {
      const log: Array<Visit> = []
      yield* TestClock.adjust("1 hour")
      yield* visit(log, "before", 0)
      yield* TestClock.setTime(0)
      yield* go(log, "after", 0)
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(times(log), [
        ["before", 3_600_000, 3_600_000],
        ["after", 1000, 1000]
      ])
    }).pipe(lane)
  )

  it.effect("waits on when a timer fires early", () =>
    Effect.gen(function* () {
      const log: Array<Visit> = []
      const clock = yield* Clock.Clock
      const hasty: Clock.Clock = {
        currentTimeMillis: clock.currentTimeMillis,
        currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
        currentTimeNanos: clock.currentTimeNanos,
        currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
        monotonicTimeNanos: clock.monotonicTimeNanos,
        monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
        sleep: (duration) => clock.sleep(Duration.millis(Math.max(0.5, Duration.toMillis(duration) - 0.5)))
      }
      yield* Effect.forkChild(Effect.provideService(visit(log, "a", 10), Clock.Clock, hasty))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(log[0]?.from, 1000)
    }).pipe(lane)
  )

  const Requests = Schema.Array(
    Schema.Struct({
      after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1500 })),
      lasts: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3000 })),
      ends: Schema.Literals(["succeeds", "fails", "is interrupted"])
    })
  ).check(Schema.isMaxLength(8))

  it.effect.prop(
    "serves everyone singly and a second apart, whoever comes when and ends how",
    [Requests],
    ([requests]) =>
      Effect.gen(function* () {
        const log: Array<Visit> = []
        for (const [index, { after, ends, lasts }] of requests.entries()) {
          yield* TestClock.adjust(after)
          const ending = ends === "fails" ? Effect.fail("no") : Effect.void
          const fiber = yield* Effect.forkChild(visit(log, `${index}`, lasts, ending))
          if (ends === "is interrupted")
            yield* Effect.forkChild(Effect.andThen(Effect.sleep(lasts + 700), Fiber.interrupt(fiber)))
        }
        yield* TestClock.adjust("10 minutes")
        const served = new Set(log.map(({ name }) => name))
        for (const [index, { ends }] of requests.entries())
          assert.isTrue(ends === "is interrupted" || served.has(`${index}`))
        for (const [index, { from }] of log.entries())
          assert.isAtLeast(from - (log[index - 1]?.to ?? 0), 1000, JSON.stringify(log))
      }).pipe(lane, Effect.provide(TestClock.layer())),
    { arbitrary: { runs: 40 } }
  )
})
