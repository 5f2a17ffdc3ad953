/**
 * The vendor's rule about when the next request may be made, as one Effect Schedule.
 *
 * "1 request per second, 1 request at a time. If receiving 429/500/502/503's you are expected to exponentially back-off
 * and try again later." (User API, Rate Limit and Error Handling.) `TogetherLane` keeps the pace and the single file;
 * this schedule says how long to stay away after a fault.
 */
import { Duration, Effect, Schedule } from "effect"

import type { TogetherError } from "./TogetherReply.ts"

/** From the end of one request to the start of the next, so that arrivals are at least as far apart on any network. */
export const pace = Duration.seconds(1)

const first = Duration.seconds(2)
const longest = Duration.minutes(5)

/**
 * 2 s, 4 s, 8 s ... up to 5 min, each give or take a fifth; never shorter than the pace, and never shorter than what the
 * server asks for with Retry-After. Ends when `patience` is used up, or would be by what the server asks for.
 */
export const backoff = (patience: Duration.Duration) =>
  Schedule.min([Schedule.exponential(first), Schedule.spaced(longest)]).pipe(
    Schedule.jittered,
    Schedule.setInputType<TogetherError>(),
    Schedule.while(({ input }) => input._tag === "TogetherFault"),
    Schedule.modifyDelay(({ duration, input }) =>
      Effect.succeed(Duration.max(Duration.max(duration, pace), asked(input)))
    ),
    Schedule.while(({ elapsed, input }) => elapsed + Duration.toMillis(asked(input)) < Duration.toMillis(patience))
  )

const asked = (error: TogetherError): Duration.Duration =>
  Duration.millis(error._tag === "TogetherFault" ? (error.retryAfterMillis ?? 0) : 0)
