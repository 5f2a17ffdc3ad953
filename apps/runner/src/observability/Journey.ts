/**
 * Follows each change from the reading that found it to the request that carried it, in one trace.
 *
 * Told by `ObservedLane` of every request that was recorded; looks into the log which changes it carried, and adds two
 * spans to the trace of each run that found some of them: `Change.waiting`, from the log to the request, and
 * `Change.sending`, the request itself. The request stands once more, as `Lane.request`, in the trace of the pass that
 * made it; both are linked. Works apart from the lane, which never waits for it, and only where spans are collected.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import type { NewEvent, RecordedEvent } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { DateTime, Effect, Exit, Option, Queue, Tracer, Context } from "effect"

import { endOf, outcomeOf } from "./RequestMeters.ts"
import { traceOf } from "./Traces.ts"

/** A request and what it led to. Times are nanoseconds since 1970. */
export interface Answered {
  readonly organization: OrganizationId
  readonly startedAt: bigint
  readonly endedAt: bigint
  readonly events: ReadonlyArray<NewEvent>
  /** The sender's run. */
  readonly run: string | undefined
  readonly span: Tracer.AnySpan | undefined
}

/** Requests that wait to be followed; a minute's worth is plenty. */
const most = 100

const nobody = (): void => {}

/** Answers with whoever is to be told; works for as long as the scope. */
export const makeJourney = Effect.gen(function* () {
  const tracer = yield* Effect.tracer
  if (tracer === Tracer.nativeTracer) return nobody
  const queue = yield* Queue.sliding<Answered>(most)
  yield* Queue.take(queue).pipe(
    Effect.flatMap((answered) => follow(tracer, answered)),
    Effect.catch((error) => Effect.logDebug("A request is missing from the traces", error)),
    Effect.forever,
    Effect.withTracerEnabled(false),
    Effect.forkScoped
  )
  return (answered: Answered) => void Queue.offerUnsafe(queue, answered)
})

const follow = Effect.fnUntraced(function* (tracer: Tracer.Tracer, answered: Answered) {
  const end = endOf(answered.events)
  if (end === undefined) return
  const { endedAt, events, organization, run, span, startedAt } = answered
  const outcomes = events.flatMap((event) => outcomeOf(event) ?? [])
  const counts = Object.fromEntries(
    [...new Set(outcomes.map(({ outcome }) => outcome))].map((name) => [
      `rollcall.outcome.${name}`,
      outcomes.filter(({ outcome }) => outcome === name).length
    ])
  )
  const attributes = {
    "rollcall.organization": organization,
    "rollcall.request": end.request,
    "rollcall.operation": end.operation,
    "rollcall.members": end.members,
    ...(run === undefined ? {} : { "rollcall.sender.run": run }),
    ...(end.status === undefined ? {} : { "http.response.status_code": end.status }),
    ...counts
  }
  const made = drawn(tracer, { name: "Lane.request", parent: span, startedAt, endedAt, attributes })
  for (const change of yield* changesIn(organization, events)) {
    const parent = traceOf(change.run)
    const since = change.recordedAt < startedAt ? change.recordedAt : startedAt
    const about = {
      "rollcall.run": change.run,
      "rollcall.people": change.people,
      "rollcall.position.first": change.first,
      "rollcall.position.last": change.last
    }
    const where = { ...attributes, ...about }
    drawn(tracer, { name: "Change.waiting", parent, startedAt: since, endedAt: startedAt, attributes: where })
    drawn(tracer, { name: "Change.sending", parent, startedAt, endedAt, attributes: where, link: made })
  }
})

interface Drawing {
  readonly name: string
  readonly parent: Tracer.AnySpan | undefined
  readonly startedAt: bigint
  readonly endedAt: bigint
  readonly attributes: Readonly<Record<string, unknown>>
  readonly link?: Tracer.AnySpan
}

/** A span of something that is over. */
const drawn = (tracer: Tracer.Tracer, { attributes, endedAt, link, name, parent, startedAt }: Drawing): Tracer.Span => {
  const span = tracer.span({
    name,
    parent: Option.fromUndefinedOr(parent),
    annotations: Context.empty(),
    links: link === undefined ? [] : [{ span: link, attributes: {} }],
    startTime: startedAt,
    kind: "client",
    root: false,
    sampled: true
  })
  for (const [key, value] of Object.entries(attributes)) span.attribute(key, value)
  span.end(endedAt, Exit.void)
  return span
}

/** What one run found that one request carried. */
interface Change {
  readonly run: string
  readonly people: number
  readonly first: number
  readonly last: number
  readonly recordedAt: bigint
}

const changesIn = Effect.fnUntraced(function* (organization: OrganizationId, events: ReadonlyArray<NewEvent>) {
  const log = yield* EventLog
  const outcomes = events.filter(({ event }) => event.type.startsWith("User") && "request" in event)
  const histories = yield* log.streams(
    organization,
    outcomes.map(({ stream }) => stream)
  )
  const byRun = new Map<string, Change>()
  for (const { event, stream } of outcomes) {
    if (!("request" in event && "decidedAt" in event)) continue
    const told = carriedBy(histories.get(stream) ?? [], event.request, event.decidedAt)
    for (const [run, words] of Map.groupBy(told, ({ run }) => run)) {
      const known = byRun.get(run)
      const positions = words.map(({ position }) => position)
      const times = words.map(({ recordedAt }) => nanosOf(recordedAt))
      byRun.set(run, {
        run,
        people: (known?.people ?? 0) + 1,
        first: Math.min(known?.first ?? Infinity, ...positions),
        last: Math.max(known?.last ?? 0, ...positions),
        recordedAt: [...times, ...(known === undefined ? [] : [known.recordedAt])].reduce((a, b) => (a < b ? a : b))
      })
    }
  }
  return [...byRun.values()]
})

/** What sources said of a person since Together's answer before this one, as far as the request knew it. */
const carriedBy = (history: ReadonlyArray<RecordedEvent>, request: string, decidedAt: number) => {
  const at = history.findIndex((one) => isOutcome(one) && "request" in one.event && one.event.request === request)
  const before = history.slice(0, Math.max(0, at)).findLastIndex(isOutcome)
  return history
    .slice(before + 1, Math.max(0, at))
    .flatMap(({ event, position, recordedAt }) =>
      event.type.startsWith("Employee") && "run" in event && position <= decidedAt
        ? [{ run: event.run, position, recordedAt }]
        : []
    )
}

const isOutcome = ({ event }: RecordedEvent): boolean => event.type.startsWith("User") && "payloadHash" in event

const nanosOf = (time: string): bigint => BigInt(DateTime.toEpochMillis(DateTime.makeUnsafe(time))) * 1_000_000n
