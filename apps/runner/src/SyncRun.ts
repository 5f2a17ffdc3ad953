/**
 * One whole run for one organization: look at the sources, prove the credentials, take in, plan, reconcile, verify.
 *
 * Called by `sync` and `demo`. Whatever can be found wrong beforehand is found before anything is taken in: the sources'
 * files and headers, and, under a configuration that Together has not answered yet, the credentials. Before anybody is
 * created at Together its list is read, so that who is there already is tied to the key and not created a second time.
 */
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { Sink } from "@rollcall/core/contract/Sink"
import type { SourceError } from "@rollcall/core/contract/Source"
import { uuidV5 } from "@rollcall/core/domain/Digest"
import type { EmployeeId } from "@rollcall/core/domain/Employee"
import type { Moment } from "@rollcall/core/domain/Policy"
import { type IngestReport, ingest } from "@rollcall/core/sync/Ingest"
import { momentIn } from "@rollcall/core/sync/Moment"
import type { Plan } from "@rollcall/core/sync/Plan"
import { Rehearsal, makePlan, makePlanFor } from "@rollcall/core/sync/Planning"
import { type Recorder, errandFor } from "@rollcall/core/sync/Record"
import { Effect } from "effect"

import { adoptConfiguration } from "./Adoption.ts"
import type { Organization } from "./ConfigurationFile.ts"
import { requireSending } from "./operations/Pausing.ts"
import { type Watch, noting, pickPlanning, send } from "./SendRun.ts"
import { acceptCredentials, sinkStanding } from "./SinkStanding.ts"
import { type OpenSource, type SourceNeeds, openSources } from "./Sources.ts"

export type SyncMode =
  /** Everything. */
  | "send"
  /** Takes HR's word into the log and sends nothing. */
  | "record"
  /** Writes nothing and sends nothing. */
  | "rehearse"

export interface SyncRequest {
  readonly organization: Organization
  readonly folder: string
  readonly mode: SyncMode
  /** Sends this person alone, ahead of whatever else is being sent. */
  readonly only?: EmployeeId
  /** Compares Together's list afterwards although that is not due yet. */
  readonly verifyNow?: boolean
  /** Takes the sources in, in the place of opening each and reading it here. */
  readonly takeIn?: Effect.Effect<ReadonlyArray<IngestReport>, SourceError | StoreError, EventLog | SourceNeeds>
  readonly watch: Watch
}

export interface SyncReport {
  readonly extracts: ReadonlyArray<IngestReport>
  /** The first plan of the run. */
  readonly plan: Plan
  /** Requests made, for whatever purpose. */
  readonly requests: number
  /** Employee change events appended. */
  readonly events: number
  /** Operations that the budget did not cover. */
  readonly left: number
  /** What the guard holds back. */
  readonly held: Plan["held"]
}

export const syncRun = Effect.fn("SyncRun.run")(function* (request: SyncRequest) {
  const { folder, mode, organization, watch } = request
  const log = yield* EventLog
  const sink = yield* Sink
  const run = globalThis.crypto.randomUUID()
  const configurationHash = organization.configurationHash(yield* log.salt(organization.id))
  const urgency = request.only === undefined ? "routine" : "on-demand"
  const recorder: Recorder = { organization: organization.id, run, configurationHash, urgency }
  if (mode === "send") yield* requireSending(organization.id)
  const sources = request.takeIn === undefined ? yield* openSources(organization, folder) : []
  yield* Effect.forEach(sources, ({ source }) => source.check)
  if (mode !== "rehearse") yield* adoptConfiguration(organization)
  const standing = yield* sinkStanding(organization.id, configurationHash)
  const asked = mode === "send" && !standing.credentialsKnown
  if (asked) yield* sink.check(false, errandFor(recorder))
  const moment = yield* momentIn(organization.policy.timezone)
  const rehearsal = mode === "rehearse" ? new Rehearsal(organization.policy, moment, standing.guarding) : undefined
  const extracts = yield* request.takeIn ?? takeIn(request, sources, recorder, moment, rehearsal)
  if (asked) yield* acceptCredentials(recorder)
  const planning = { organization: organization.id, policy: organization.policy, moment, ...pickPlanning(standing) }
  const plan =
    request.only === undefined
      ? makePlan({ ...planning, ...(rehearsal === undefined ? {} : { rehearsal }) })
      : makePlanFor(planning, [request.only])
  const { left, made, requests } =
    mode === "send"
      ? yield* send({
          policy: organization.policy,
          recorder,
          plan: request.only === undefined ? noting(recorder, plan) : plan,
          standing,
          watch,
          moment,
          verifyNow: request.verifyNow === true
        })
      : { left: 0, made: yield* Effect.tap(plan, (made) => watch.planned(made, false)), requests: 0 }
  const report: SyncReport = {
    extracts,
    plan: made,
    requests: requests + (asked ? 1 : 0),
    events: mode === "rehearse" ? 0 : extracts.reduce((sum, extract) => sum + extract.events, 0),
    left,
    held: made.held
  }
  return report
})

const takeIn = Effect.fnUntraced(function* (
  { organization, watch }: SyncRequest,
  sources: ReadonlyArray<OpenSource>,
  { configurationHash, run }: Recorder,
  { day }: Moment,
  rehearsal: Rehearsal | undefined
) {
  return yield* Effect.forEach(sources, ({ name, plugin, source }, i) =>
    ingest({
      name,
      plugin,
      source,
      organization: organization.id,
      run: uuidV5(run, name),
      day,
      configurationHash,
      onProgress: watch.ingesting,
      ...(rehearsal === undefined
        ? {}
        : { rehearse: (batch) => (i === sources.length - 1 ? rehearsal.conclude(batch) : rehearsal.hold(batch)) })
    }).pipe(Effect.tap(watch.ingested))
  )
})
