/**
 * Sends what a plan says: look before anybody is created, work it off, look again when that is due, repair what differs.
 *
 * Called by `SyncRun` and, whenever there is something to be sent, by the service. The plan is made from the log as it
 * is then, also a second time, after what Together's list showed.
 */
import { Sink } from "@rollcall/core/contract/Sink"
import type { Moment } from "@rollcall/core/domain/Policy"
import type { IngestReport } from "@rollcall/core/sync/Ingest"
import type { IngestProgress } from "@rollcall/core/sync/Intake"
import type { Plan } from "@rollcall/core/sync/Plan"
import { noteHolds } from "@rollcall/core/sync/Quarantine"
import { type ReconcileProgress, reconcile } from "@rollcall/core/sync/Reconcile"
import type { Recorder } from "@rollcall/core/sync/Record"
import { type VerifyReport, verify } from "@rollcall/core/sync/Verify"
import { Effect } from "effect"

import type { Organization } from "./ConfigurationFile.ts"
import { type SinkStanding, isVerificationDue } from "./SinkStanding.ts"

/** Who is told how it goes. */
export interface Watch {
  readonly ingesting: (progress: IngestProgress) => Effect.Effect<void>
  readonly ingested: (report: IngestReport) => Effect.Effect<void>
  /** `looks`: Together's list is read once more after the plan, in requests that the budget does not count. */
  readonly planned: (plan: Plan, looks: boolean) => Effect.Effect<void>
  readonly reconciling: (progress: ReconcileProgress) => Effect.Effect<void>
  readonly verified: (report: VerifyReport) => Effect.Effect<void>
}

/** What a plan is made with. */
export const pickPlanning = ({ guarding, tariff }: SinkStanding) => ({ guarding, tariff })

/** A plan that is about to be sent says in the log what of it is held. */
export const noting = <E, R>({ organization, run }: Recorder, plan: Effect.Effect<Plan, E, R>) =>
  Effect.tap(
    plan,
    Effect.fnUntraced(function* ({ held }: Plan) {
      const { id: sink } = yield* Sink
      yield* noteHolds({ organization, run, sink }, held)
    })
  )

export interface Sending<E, R> {
  readonly policy: Organization["policy"]
  readonly recorder: Recorder
  /** Makes the plan from the log as it then is. */
  readonly plan: Effect.Effect<Plan, E, R>
  readonly standing: SinkStanding
  readonly watch: Watch
  readonly moment: Moment
  readonly verifyNow: boolean
}

/** Looks before anybody is created, works the plan off, looks again when that is due, and works off what was found. */
export const send = Effect.fnUntraced(function* <E, R>(sending: Sending<E, R>) {
  const { moment, plan, policy, recorder, standing, watch } = sending
  let made = yield* plan
  const creates = made.counts.joiner + made.counts.link > 0
  const before = creates ? yield* look(sending) : undefined
  if (before?.news === true) made = yield* plan
  const daily = !creates && isVerificationDue(standing, moment)
  const due = sending.verifyNow || standing.verified === null || daily
  const looks = due && recorder.urgency === "routine"
  yield* watch.planned(made, looks)
  const work = (made: Plan) =>
    reconcile({ ...recorder, policy, plan: made, arraySize: standing.tariff.batchSize, onProgress: watch.reconciling })
  const worked = yield* work(made)
  let [left, requests] = [worked.left, (before?.requests ?? 0) + worked.requests]
  if (!looks || left > 0) return { left, made, requests }
  const after = yield* look(sending)
  requests += after.requests
  if (after.news) {
    const repair = yield* plan
    if (repair.waves.length > 0) yield* watch.planned(repair, false)
    const repaired = yield* work(repair)
    left = repaired.left
    requests += repaired.requests
  }
  return { left, made, requests }
})

const look = <E, R>({ policy, recorder, watch }: Sending<E, R>) =>
  Effect.tap(verify({ ...recorder, policy }), watch.verified)
