/**
 * What tests do: take in what a source says, make a plan, work it off.
 */
import { Effect } from "effect"

import { EventLog } from "../src/contract/EventLog.ts"
import { Sink } from "../src/contract/Sink.ts"
import type { Source, SourceError, SourceMessage } from "../src/contract/Source.ts"
import { employeeStream } from "../src/domain/Employee.ts"
import type { Policy } from "../src/domain/Policy.ts"
import { ingest } from "../src/sync/Ingest.ts"
import type { Batch, IngestProgress } from "../src/sync/Intake.ts"
import { momentIn } from "../src/sync/Moment.ts"
import type { Guarding } from "../src/sync/Plan.ts"
import { type Rehearsal, makePlan, makePlanFor } from "../src/sync/Planning.ts"
import { type ReconcileProgress, reconcile } from "../src/sync/Reconcile.ts"
import { verify } from "../src/sync/Verify.ts"
import { acme, newRun, policy, saying } from "./Given.ts"
import type { MemorySink } from "./MemorySink.ts"

interface Reading {
  readonly name?: string
  readonly failure?: SourceError
  readonly rehearse?: (batch: Batch) => void
  readonly onProgress?: (progress: IngestProgress) => Effect.Effect<void>
}

/** Takes in everything a source says, on the clock's day. */
export const readFrom = Effect.fnUntraced(function* (source: Source<unknown>, reading: Reading = {}) {
  const { name = "hr", failure: _, ...rest } = reading
  const { day } = yield* momentIn("UTC")
  const plugin = { id: "test", version: "1.0.0" }
  const run = newRun()
  return yield* ingest({ organization: acme, name, plugin, source, run, day, configurationHash: "c", ...rest })
})

export const read = (messages: ReadonlyArray<SourceMessage<unknown>>, reading: Reading = {}) =>
  readFrom(saying(messages, reading.failure), reading)

export const plan = Effect.fnUntraced(function* (
  rules: Partial<Policy> = {},
  options: { readonly batchSize?: number; readonly rehearsal?: Rehearsal; readonly guarding?: Guarding } = {}
) {
  const { batchSize = 100, guarding = unguarded, ...rest } = options
  const moment = yield* momentIn("UTC")
  const tariff = { batchSize, requestMillis: 1000 }
  return yield* makePlan({ organization: acme, policy: policy(rules), moment, tariff, guarding, ...rest })
})

/** A plan for some people alone. */
export const planFor = Effect.fnUntraced(function* (employeeIds: ReadonlyArray<string>, rules: Partial<Policy> = {}) {
  const moment = yield* momentIn("UTC")
  const tariff = { batchSize: 100, requestMillis: 1000 }
  return yield* makePlanFor(
    { organization: acme, policy: policy(rules), moment, tariff, guarding: unguarded },
    employeeIds
  )
})

/** Works a plan off: the one given, or one made now. */
export const pass = Effect.fnUntraced(function* (
  { service }: MemorySink,
  given: Partial<{
    readonly rules: Partial<Policy>
    readonly made: Effect.Success<ReturnType<typeof plan>>
    readonly onProgress: (progress: ReconcileProgress) => Effect.Effect<void>
  }> = {}
) {
  const { rules = {}, onProgress } = given
  const made = given.made ?? (yield* plan(rules, { batchSize: service.batchSize }))
  return yield* reconcile({
    organization: acme,
    policy: policy(rules),
    plan: made,
    run: newRun(),
    configurationHash: "c",
    arraySize: service.batchSize,
    ...(onProgress === undefined ? {} : { onProgress })
  }).pipe(Effect.provideService(Sink, service))
})

/** Nothing was approved, and a first sync was completed. */
export const unguarded: Guarding = { approvals: new Set(), established: true }

/** Reads Together's list and compares it with what is believed to be there. */
export const readList = Effect.fnUntraced(function* ({ service }: MemorySink, rules: Partial<Policy> = {}) {
  const request = { organization: acme, policy: policy(rules), run: newRun(), configurationHash: "c" }
  return yield* verify(request).pipe(Effect.provideService(Sink, service))
})

/** An operator's word that a person is to be sent again. */
export const release = Effect.fnUntraced(function* (employeeId: string) {
  const log = yield* EventLog
  const event = { type: "HoldReleased", by: "grace", reason: "settled with support" } as const
  const stream = employeeStream(acme, employeeId)
  const entry = { stream, event, actor: "operator:grace", effectiveOn: null, causation: null }
  yield* log.append(acme, { appendKey: newRun(), events: [entry] })
})
