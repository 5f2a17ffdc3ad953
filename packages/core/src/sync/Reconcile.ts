/**
 * Works a plan off: takes one batch after the other to the sink and records every answer before the next is asked for.
 *
 * The payload of a batch is worked out from the log just before it is sent, so a change that came in meanwhile goes out
 * with it and one that was taken back does not go out at all. A crash between a request and its record leaves the
 * request to be made again; it is keyed and idempotent.
 */
import { Effect } from "effect"

import { EventLog } from "../contract/EventLog.ts"
import { type Answer, Sink, type SinkError, type Upsert } from "../contract/Sink.ts"
import { uuidV5 } from "../domain/Digest.ts"
import { employeeStream } from "../domain/Employee.ts"
import type { NewEvent } from "../domain/Event.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { type Consideration, consider, withoutSupervisor } from "./Consider.ts"
import { momentIn } from "./Moment.ts"
import { deferredEvent, outcomeEvent } from "./Outcome.ts"
import type { Operation, Plan } from "./Plan.ts"
import { type Person, reduce } from "./Reduce.ts"

export interface ReconcileProgress {
  /** Requests answered, and people settled by them. */
  readonly requests: number
  readonly settled: number
  readonly planned: { readonly requests: number; readonly people: number }
}

export interface ReconcileRequest {
  readonly organization: OrganizationId
  readonly policy: Policy
  readonly plan: Plan
  /** A UUID: the run that the requests belong to. */
  readonly run: string
  readonly configurationHash: string
  readonly onProgress?: (progress: ReconcileProgress) => Effect.Effect<void>
}

export interface ReconcileReport {
  readonly requests: number
  readonly settled: number
}

export const reconcile = Effect.fn("Reconcile.reconcile")(function* (request: ReconcileRequest) {
  const planned = { requests: request.plan.requests, people: request.plan.batches.reduce((n, b) => n + b.length, 0) }
  let done = { requests: 0, settled: 0, planned }
  for (const batch of request.plan.batches) {
    const decided = yield* decide(request, batch)
    if (decided.upserts.length === 0) continue
    const sink = yield* Sink
    const settle = (answer: Answer) =>
      record(request, decided, answer).pipe(
        Effect.andThen(
          Effect.suspend(() => {
            done = { ...done, requests: done.requests + 1, settled: done.settled + answer.verdicts.length }
            return request.onProgress?.(done) ?? Effect.void
          })
        )
      )
    yield* sink
      .apply(decided.upserts, settle)
      .pipe(Effect.tapErrorTag("SinkError", (error) => recordRefusal(request, error)))
  }
  return { requests: done.requests, settled: done.settled } satisfies ReconcileReport
})

/** What goes out for the people of one batch, and what it was decided from. */
interface Decided {
  readonly moment: Moment
  readonly position: number
  readonly upserts: ReadonlyArray<Upsert>
}

const decide = Effect.fnUntraced(function* (request: ReconcileRequest, batch: ReadonlyArray<Operation>) {
  const log = yield* EventLog
  const moment = yield* momentIn(request.policy.timezone)
  const { position } = yield* log.head(request.organization)
  const histories = yield* log.streams(
    request.organization,
    batch.map((operation) => operation.stream)
  )
  const people = [...histories].map(([stream, events]): readonly [Person, Consideration] => {
    const person = reduce(stream, events)
    return [person, consider(person, request.policy, moment)]
  })
  const there = yield* managersThere(
    request.organization,
    people.map(([, considered]) => supervisorOf(considered))
  )
  const byStream = new Map(people.map(([person, considered]) => [person.stream, considered]))
  const upserts = batch.flatMap(({ stream }) => upsertOf(stream, byStream.get(stream), there))
  return { moment, position, upserts } satisfies Decided
})

const supervisorOf = (considered: Consideration | undefined): string | undefined => {
  const supervisor = considered?._tag === "Send" ? considered.changes.supervisorId : undefined
  return typeof supervisor === "string" ? supervisor : undefined
}

/** Which of these managers have an entry at Together, to which a report can be tied. */
const managersThere = Effect.fnUntraced(function* (
  organization: OrganizationId,
  managers: ReadonlyArray<string | undefined>
) {
  const log = yield* EventLog
  const names = new Map(
    managers.flatMap((id) => (id === undefined ? [] : [[employeeStream(organization, id), id] as const]))
  )
  const histories = yield* log.streams(organization, [...names.keys()])
  const there = [...histories].filter(([stream, events]) => reduce(stream, events).sink.known)
  return new Set(there.map(([stream]) => names.get(stream as `employee:${string}`)))
})

/** Nothing, where there is no longer anything to send, or only a manager who is not there yet. */
const upsertOf = (
  stream: string,
  considered: Consideration | undefined,
  there: ReadonlySet<string | undefined>
): ReadonlyArray<Upsert> => {
  if (considered?._tag !== "Send") return []
  const supervisor = supervisorOf(considered)
  const owed = supervisor !== undefined && !there.has(supervisor)
  const fields = owed ? withoutSupervisor(considered.changes) : considered.changes
  if (Object.keys(fields).length === 0) return []
  return [{ stream, employeeId: considered.employeeId, known: considered.known, fields }]
}

const record = Effect.fnUntraced(function* (request: ReconcileRequest, decided: Decided, answer: Answer) {
  const { id } = yield* Sink
  const decision = {
    sink: id,
    decidedAt: decided.position,
    clock: decided.moment.instant,
    request: answer.request,
    members: answer.members,
    configurationHash: request.configurationHash
  }
  const outcomes = answer.verdicts.map(({ upsert, verdict }) => ({
    stream: upsert.stream,
    event: outcomeEvent(upsert, verdict, decision)
  }))
  const { deferral } = answer
  const deferred = deferral === undefined ? [] : [{ stream: `sink:${id}`, event: deferredEvent(id, answer, deferral) }]
  yield* append(request, `answer ${answer.request}`, [...outcomes, ...deferred])
})

/** The refusal of the key is the one answer that concerns nobody in particular. */
const recordRefusal = Effect.fnUntraced(function* (request: ReconcileRequest, error: SinkError) {
  if (error.reason._tag !== "CredentialsRejected") return
  const { id: sink } = yield* Sink
  const { configurationHash, run } = request
  const event = { type: "CredentialsRefused", sink, request: run, configurationHash } as const
  yield* append(request, "credentials refused", [{ stream: `sink:${sink}`, event }])
})

const append = Effect.fnUntraced(function* (
  { organization, run }: ReconcileRequest,
  key: string,
  entries: ReadonlyArray<Pick<NewEvent, "stream" | "event">>
) {
  if (entries.length === 0) return
  const log = yield* EventLog
  const { id } = yield* Sink
  const events = entries.map((entry): NewEvent => ({
    ...entry,
    actor: `sink:${id}`,
    effectiveOn: null,
    causation: null
  }))
  yield* log.append(organization, { appendKey: uuidV5(run, key), events, runId: run })
})
