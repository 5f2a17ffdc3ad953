/**
 * Counts what this process asked of Together and what came of it.
 *
 * Told by `ObservedLane` of each request that was recorded, once; what other processes sent is theirs to count.
 */
import type { NewEvent } from "@rollcall/core/domain/Event"
import { Effect, Metric } from "effect"

const requests = Metric.counter("rollcall_requests_total", {
  description: "Requests to Together by operation and status; status none: no answer.",
  incremental: true
})

const outcomes = Metric.counter("rollcall_outcomes_total", {
  description: "Answers about people by outcome and status, as they were recorded.",
  incremental: true
})

const durations = Metric.histogram("rollcall_request_duration_seconds", {
  description: "Time from a request to its answer or its fault.",
  boundaries: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
})

const outcomeNames = {
  UserCreated: "created",
  UserUpdated: "updated",
  UserUnchanged: "unchanged",
  UserRejected: "rejected",
  UserConflicted: "conflicted",
  UserGone: "gone",
  ProgramRegistered: "registered",
  ProgramRefused: "registration-refused"
} as const

type OutcomeName = (typeof outcomeNames)[keyof typeof outcomeNames]

/** Of one event, where it is an answer about somebody. */
export const outcomeOf = ({
  event
}: NewEvent): { readonly outcome: OutcomeName; readonly status: number } | undefined =>
  event.type in outcomeNames && "status" in event && event.status !== undefined
    ? { outcome: outcomeNames[event.type as keyof typeof outcomeNames], status: event.status }
    : undefined

/** How a request ended, of the events it led to. */
export const endOf = (events: ReadonlyArray<NewEvent>) => {
  for (const { event } of events) {
    if (event.type === "RequestAnswered" || event.type === "RequestDeferred") return event
  }
  return undefined
}

export const countRequest = Effect.fnUntraced(function* (
  organization: string,
  seconds: number,
  events: ReadonlyArray<NewEvent>
) {
  const end = endOf(events)
  if (end === undefined) return
  const { operation } = end
  const status = end.status === undefined ? "none" : String(end.status)
  yield* Metric.update(Metric.withAttributes(requests, { organization, operation, status }), 1)
  yield* Metric.update(Metric.withAttributes(durations, { organization, operation, unit: "s" }), seconds)
  for (const event of events) {
    const found = outcomeOf(event)
    if (found === undefined) continue
    const labels = { organization, outcome: found.outcome, status: String(found.status) }
    yield* Metric.update(Metric.withAttributes(outcomes, labels), 1)
  }
})
