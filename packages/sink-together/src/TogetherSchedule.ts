/**
 * The vendor's rule about when the next request may be made, as one Effect Schedule.
 *
 * "1 request per second, 1 request at a time. If receiving 429/500/502/503's you are expected to exponentially back-off
 * and try again later." (User API, Rate Limit and Error Handling.) The lane keeps the single file; this schedule says how
 * long it stays quiet after each request.
 */
import { Duration, Effect, Pull, Schedule } from "effect"

import { TogetherFault } from "./TogetherReply.ts"

/** How a request ended: with an answer, whatever it says of the people in it, or with a fault. */
export type Ending = { readonly _tag: "Answered" } | TogetherFault

export const answered: Ending = { _tag: "Answered" }

/** From the end of one request to the start of the next, so that arrivals are at least as far apart on any network. */
export const pace = Duration.seconds(1)

const longest = Duration.minutes(5)

/** 2 s, 4 s, 8 s ... up to 5 min, each give or take a fifth. */
const backoff = Schedule.min([Schedule.exponential("2 seconds"), Schedule.spaced(longest)]).pipe(Schedule.jittered)

/**
 * Stepped with each request's ending; its delay is the least time from that end to the start of the next request. After
 * an answer that is the pace, and the backoff begins anew. After a fault it is the backoff, and never less than the pace
 * or than what the server asks for with Retry-After.
 */
export const schedule = Schedule.fromStep(
  Effect.sync(() => {
    let inARow = Schedule.toStep(backoff)
    return Effect.fnUntraced(function* (now: number, ending: Ending) {
      if (ending._tag === "Answered") {
        inARow = Schedule.toStep(backoff)
        return step(ending, pace)
      }
      const next = yield* inARow
      inARow = Effect.succeed(next)
      const [, wait] = yield* next(now, ending)
      const asked = Duration.millis(ending.retryAfterMillis ?? 0)
      return step(ending, Duration.max(Duration.max(pace, asked), Duration.min(wait, longest)))
    })
  })
)

const step = (ending: Ending, wait: Duration.Duration): [Ending, Duration.Duration] => [ending, wait]

const fault = new TogetherFault({ problem: "A request before." })

/** The backoff is at its longest after so many faults. */
const enough = 9

/**
 * Milliseconds of quiet after a request that ended so, when `faultsBefore` in a row had ended with a fault: the same
 * schedule, taken up where another process may have left it.
 */
export const pauseAfter = Effect.fnUntraced(function* (faultsBefore: number, ending: Ending) {
  const next = yield* Schedule.toStep(schedule)
  for (let n = Math.min(faultsBefore, enough); n > 0; n--) yield* next(0, fault)
  const [, wait] = yield* next(0, ending)
  return Math.ceil(Duration.toMillis(wait))
}, Pull.catchDone(Effect.die))
