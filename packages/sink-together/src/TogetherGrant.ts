/**
 * What is done with a grant: the request is made in time or not at all, its answer is reported, and the lane is free.
 *
 * Called by `TogetherLane` where nothing can interrupt it; only waiting and the HTTP exchange can be interrupted, and
 * then that is reported as well. A grant is never left behind, for nobody else could send before its deadline.
 */
import type { Grant } from "@rollcall/core/contract/Lane"
import type { Answer, Report } from "@rollcall/core/contract/Sink"
import { Clock, Duration, Effect, Exit } from "effect"

import { readReply, type Received, type TogetherError, TogetherFault } from "./TogetherReply.ts"
import type { TogetherRequest, Understood } from "./TogetherRequest.ts"
import { answered, pauseAfter } from "./TogetherSchedule.ts"

/** A grant and its time, in milliseconds on this process's monotonic clock. */
export interface Granted {
  readonly grant: Grant
  readonly askedAt: number
  /** The request may start. */
  readonly opensAt: number
  readonly timeoutMillis: number
}

/** What a grant came to. */
export type Used<A> = Understood<A> | TogetherError | { readonly _tag: "Unused"; readonly age: number }

/** Interrupted, or broken by a defect. */
interface BrokenOff {
  readonly _tag: "BrokenOff"
  readonly made: boolean
  readonly interrupted: boolean
}

/** Milliseconds on a clock that no adjustment turns back. */
export const monotonic = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

/** A request that would start so late after its grant allows it is not made: what the lane said may no longer hold. */
const freshMillis = 100

/** The same, counted from when the grant was asked for. */
const longestMillis = 5000

/** Uses the grant up. `onStart` is done as the request goes out, `onEnd` hears when one that was made has ended. */
export const useGrant = Effect.fnUntraced(function* <A, E, R>(
  granted: Granted,
  request: TogetherRequest<A>,
  report: Report<E, R>,
  onStart: Effect.Effect<void>,
  onEnd: (endedAt: number) => void
): Effect.fn.Return<Used<A>, E, R> {
  let made = false
  const exit = yield* Effect.exit(
    Effect.interruptible(
      attempt(
        granted,
        request,
        Effect.andThen(
          Effect.sync(() => {
            made = true
          }),
          onStart
        )
      )
    )
  )
  const endedAt = yield* monotonic
  if (made) onEnd(endedAt)
  if (Exit.isFailure(exit)) {
    const brokenOff = { _tag: "BrokenOff", made, interrupted: Exit.hasInterrupts(exit) } as const
    yield* report(yield* answerOf(granted.grant, brokenOff, endedAt))
    return yield* Effect.failCause(exit.cause)
  }
  const used = yield* understood(request, exit.value)
  yield* report(yield* answerOf(granted.grant, used, endedAt))
  return used
})

const attempt = Effect.fnUntraced(function* <A>(
  granted: Granted,
  request: TogetherRequest<A>,
  onStart: Effect.Effect<void>
) {
  const { askedAt, opensAt, timeoutMillis, grant } = granted
  yield* sleepUntil(opensAt)
  const now = yield* monotonic
  const left = askedAt + grant.startsAfterMillis + timeoutMillis - now
  if (now - opensAt > freshMillis || now - askedAt > longestMillis || left <= 0) return unused(now - askedAt)
  yield* onStart
  return yield* request.exchange.pipe(
    Effect.timeoutOrElse({ duration: left, orElse: () => Effect.fail(unanswered(timeoutMillis)) }),
    Effect.catch((fault) => Effect.succeed(fault))
  )
})

const unanswered = (millis: number) =>
  new TogetherFault({ problem: `Together did not answer within ${Duration.format(Duration.millis(millis))}.` })

const unused = (age: number) => ({ _tag: "Unused" as const, age })

/** A timer may fire a fraction early; the vendor's second is a whole one. */
const sleepUntil = Effect.fnUntraced(function* (time: number) {
  for (let now = yield* monotonic; now < time; now = yield* monotonic) yield* Effect.sleep(Math.ceil(time - now))
})

const understood = <A>(
  { understand }: TogetherRequest<A>,
  came: Received | TogetherFault | ReturnType<typeof unused>
): Effect.Effect<Used<A>> =>
  Effect.map(Clock.currentTimeMillis, (now): Used<A> => {
    if ("_tag" in came) return came
    const reply = readReply(came, now)
    return "_tag" in reply ? reply : understand(reply)
  })

/** What is reported, and how the lane goes on. */
const answerOf = (grant: Grant, used: Used<unknown> | BrokenOff, endedAt: number) =>
  Effect.map(pauseAfter(grant.faults, used._tag === "TogetherFault" ? used : answered), (pauseMillis): Answer => {
    const { request, operation, members } = grant
    const status = "status" in used && used.status !== undefined ? { status: used.status } : {}
    const ending = { grant, endedAt, pauseMillis, ...laneAfter(grant, used) }
    const answer = { request, operation, members, ...status, verdicts: [], ending }
    if (used._tag === "Understood") return { ...answer, ...told(used) }
    if (used._tag === "TogetherKeyRefused") return { ...answer, credentialsRefused: true }
    const unmade = used._tag === "Unused" || (used._tag === "BrokenOff" && !used.made)
    const deferral = { reason: reasonOf(used), waitMillis: pauseMillis }
    return { ...answer, deferral, ...(unmade ? { unmade } : {}) }
  })

const told = ({ verdicts = [], registered, arraysRefused }: Understood<unknown>) => ({
  verdicts,
  ...(registered === undefined ? {} : { registered }),
  ...(arraysRefused === undefined ? {} : { arraysRefused })
})

/** Whoever answers something that nobody understands says nothing of the credentials. */
const laneAfter = ({ faults }: Grant, used: Used<unknown> | BrokenOff) => {
  switch (used._tag) {
    case "Understood":
      return { faults: 0, circuit: { _tag: "close" as const } }
    case "TogetherMisread":
      return { faults: 0 }
    case "TogetherKeyRefused":
      return { faults: 0, circuit: { _tag: "open" as const, reason: `Together answered ${used.status}.` } }
    case "TogetherFault":
      return { faults: faults + 1 }
    default:
      return { faults }
  }
}

const reasonOf = (used: Exclude<Used<unknown>, Understood<unknown>> | BrokenOff): string => {
  switch (used._tag) {
    case "Unused":
      return `the grant was ${Math.round(used.age)} ms old and was not used`
    case "BrokenOff": {
      const what = used.interrupted ? "the run was interrupted" : "the run broke off"
      return used.made ? `${what}; what became of the request is not known` : `${what} before the request was made`
    }
    case "TogetherKeyRefused":
      return `Together answered ${used.status}.`
    default:
      return used.problem
  }
}
