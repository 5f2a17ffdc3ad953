/**
 * The lane: the single file in which all requests of one API key go out, one at a time and at the vendor's pace.
 *
 * Everything that talks to Together goes through `Lane.take`. Nothing here knows what is sent. A process cannot know
 * when the one before it sent its last request, so a lane begins with a full pause.
 */
import { Clock, Context, Duration, Effect, Layer, Semaphore } from "effect"

import { pace } from "./TogetherSchedule.ts"

export class TogetherLane extends Context.Service<
  TogetherLane,
  {
    /** Runs one request when its turn has come; the next turn begins a full pause after its end, however it ends. */
    readonly take: <A, E, R>(request: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>()("@rollcall/sink-together/TogetherLane") {
  static readonly layer = Layer.effect(
    TogetherLane,
    Effect.gen(function* () {
      const single = yield* Semaphore.make(1)
      let next = (yield* monotonic) + Duration.toMillis(pace)
      const pause = Effect.gen(function* () {
        // A timer may fire a fraction early; the vendor's second is a whole one.
        for (let now = yield* monotonic; now < next; now = yield* monotonic) yield* Effect.sleep(Math.ceil(next - now))
      })
      const leave = Effect.map(monotonic, (now) => {
        next = now + Duration.toMillis(pace)
      })
      return TogetherLane.of({
        take: (request) => single.withPermits(1)(Effect.andThen(pause, Effect.ensuring(request, leave)))
      })
    })
  )
}

/** Milliseconds on a clock that no adjustment turns back. */
const monotonic = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)
