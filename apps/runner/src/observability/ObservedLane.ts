/**
 * The lane, with somebody beside it who writes down each request: for the metrics, the traces and the log.
 *
 * Changes nothing of what the lane does. What is told is what was recorded; a release that the lane refuses or has seen
 * before is not counted.
 */
import { Lane } from "@rollcall/core/contract/Lane"
import { Clock, Effect, Option } from "effect"

import { makeJourney } from "./Journey.ts"
import type { LaneTime } from "./LaneTime.ts"
import { countRequest, endOf } from "./RequestMeters.ts"

/** `timeOf`: where the time of an organization's lane is kept. */
export const observedLane = Effect.fnUntraced(function* (timeOf: (organization: string) => LaneTime | undefined) {
  const lane = yield* Lane
  const clock = yield* Clock.Clock
  const journey = yield* makeJourney
  const millis = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  /** When requests under way may start. */
  const underWay = new Map<string, number>()
  return Lane.of({
    ...lane,
    grant: Effect.fnUntraced(function* (asked) {
      const reply = yield* lane.grant(asked)
      if (reply._tag !== "Granted") return reply
      const now = millis()
      underWay.set(asked.request, now + (reply.opensInMillis ?? reply.grant.startsAfterMillis))
      timeOf(asked.organization)?.busy(now)
      return reply
    }),
    release: Effect.fnUntraced(function* (organization, release, append) {
      const now = millis()
      const endedAt = now - release.endedMillisAgo
      const appended = yield* lane.release(organization, release, append)
      const { request } = release.grant
      const startedAt = Math.min(underWay.get(request) ?? endedAt, endedAt)
      underWay.delete(request)
      timeOf(organization)?.busy(millis(), endedAt + release.pauseMillis)
      if (appended.replayed) return appended
      yield* countRequest(organization, (endedAt - startedAt) / 1000, append.events)
      const wallNow = clock.currentTimeNanosUnsafe()
      const wall = (at: number) => wallNow - BigInt(Math.round((millis() - at) * 1e6))
      const span = Option.getOrUndefined(yield* Effect.option(Effect.currentSpan))
      const times = { startedAt: wall(startedAt), endedAt: wall(endedAt) }
      journey({ organization, run: append.runId, span, events: append.events, ...times })
      const end = endOf(append.events)
      yield* Effect.logDebug(end?.type === "RequestDeferred" ? "Request deferred" : "Request answered").pipe(
        Effect.annotateLogs({
          organization,
          run: append.runId,
          request,
          operation: end?.operation,
          members: end?.members,
          status: end?.status,
          position: appended.lastPosition
        })
      )
      return appended
    })
  })
})
