/**
 * Works a plan off: takes one wave after the other to the sink and records every answer before the next is asked for.
 *
 * What goes out is worked out from the log just before (`Decide`). A crash between a request and its record leaves the
 * request to be made again; it is keyed and idempotent. The plan's budget is kept: what it does not cover is left.
 */
import { Data, Effect } from "effect"

import type { StoreError } from "../contract/EventLog.ts"
import { type Answer, Sink } from "../contract/Sink.ts"
import type { Policy } from "../domain/Policy.ts"
import { type Decided, decideRegistration, decideUpserts } from "./Decide.ts"
import { type Common, outcomeEvent, registrationEvent } from "./Outcome.ts"
import type { Operation, Plan } from "./Plan.ts"
import { type Entry, type Recorder, recordAnswer } from "./Record.ts"

export interface ReconcileProgress {
  /** Requests answered, and people settled by them. */
  readonly requests: number
  readonly settled: number
  readonly planned: { readonly requests: number; readonly people: number }
  /** The last request was an array that was refused: its people are asked again in parts. */
  readonly refused?: { readonly people: number; readonly status: number }
}

export interface ReconcileRequest extends Recorder {
  readonly policy: Policy
  readonly plan: Plan
  /** Most people one request may carry. */
  readonly arraySize: number
  readonly onProgress?: (progress: ReconcileProgress) => Effect.Effect<void>
}

export interface ReconcileReport {
  readonly requests: number
  readonly settled: number
  /** Operations that the budget did not cover. */
  readonly left: number
}

/** Ends the run; the operations that were not settled are in the next plan. */
class BudgetSpent extends Data.TaggedError("BudgetSpent") {}

/** So often may people have news between the decision and the request. */
const decisions = 20

export const reconcile = Effect.fn("Reconcile.reconcile")(function* (request: ReconcileRequest) {
  const { plan } = request
  const people = plan.waves.reduce((n, wave) => n + wave.length, 0)
  const planned = { requests: plan.budget.least, people }
  let done = { requests: 0, settled: 0, planned }
  let answered = 0
  const count = Effect.fnUntraced(function* (answer: Answer) {
    const settled = answer.verdicts.length + (answer.registered === undefined ? 0 : 1)
    const made = answer.unmade === true ? 0 : 1
    done = { ...done, requests: done.requests + made, settled: done.settled + settled }
    yield* request.onProgress?.({ ...done, ...refusalOf(answer) }) ?? Effect.void
    if (answer.deferral !== undefined) return
    answered++
    if (answered >= plan.budget.most && done.settled < people) return yield* new BudgetSpent()
  })
  const budgetSpent = yield* Effect.forEach(plan.waves, (wave) => work(request, wave, count), { discard: true }).pipe(
    Effect.as(false),
    Effect.catchTag("BudgetSpent", () => Effect.succeed(true))
  )
  const { requests, settled } = done
  return { requests, settled, left: budgetSpent ? people - settled : 0 } satisfies ReconcileReport
})

const refusalOf = ({ deferral, members, status, verdicts }: Answer) =>
  members > 1 && verdicts.length === 0 && deferral === undefined && status !== undefined
    ? { refused: { people: members, status } }
    : {}

type Count = (answer: Answer) => Effect.Effect<void, BudgetSpent>

const work = (request: ReconcileRequest, wave: ReadonlyArray<Operation>, count: Count) =>
  wave[0]?.class === "registration"
    ? Effect.forEach(wave, (operation) => again(registerOne(request, operation, count)), { discard: true })
    : again(applyWave(request, wave, count))

/** Until nobody had news in between. */
const again = <E, R>(attempt: Effect.Effect<void, E, R>) =>
  Effect.retry(attempt, { times: decisions, while: isVersionConflict })

const isVersionConflict = (error: unknown): boolean =>
  (error as Partial<StoreError>)._tag === "StoreError" && (error as StoreError).reason._tag === "VersionConflict"

const applyWave = Effect.fnUntraced(function* (
  request: ReconcileRequest,
  wave: ReadonlyArray<Operation>,
  count: Count
) {
  const sink = yield* Sink
  const decided = yield* decideUpserts(request, wave)
  if (decided.items.length === 0) return
  const errand = errandOf(request, decided, count, (answer, common) =>
    answer.verdicts.map(({ upsert, verdict }) => ({
      stream: upsert.stream,
      event: outcomeEvent(upsert, verdict, common)
    }))
  )
  yield* sink.apply(decided.items, request.arraySize, errand)
})

const registerOne = Effect.fnUntraced(function* (request: ReconcileRequest, operation: Operation, count: Count) {
  const sink = yield* Sink
  const decided = yield* decideRegistration(request, operation)
  const [registration] = decided.items
  if (registration === undefined) return
  const errand = errandOf(request, decided, count, (answer, common) => {
    if (answer.registered === undefined) return []
    const event = registrationEvent(registration, answer.registered, common)
    return [{ stream: registration.stream, event }]
  })
  yield* sink.register(registration, errand)
})

type Outcomes = (answer: Answer, common: Common) => ReadonlyArray<Entry>

const errandOf = (request: ReconcileRequest, decided: Decided<unknown>, count: Count, outcomes: Outcomes) => {
  const { configurationHash, organization, run, urgency = "routine" } = request
  const basis = { decidedAt: decided.position, clock: decided.moment.instant, configurationHash }
  const report = Effect.fnUntraced(function* (answer: Answer) {
    const { id: sink } = yield* Sink
    const { members, request: name } = answer
    yield* recordAnswer(request, answer, outcomes(answer, { ...basis, sink, request: name, members }))
    yield* count(answer)
  })
  return { organization, run, urgency, basis, report }
}
