/**
 * One whole run for one organization: look at the sources, prove the credentials, take in, plan, reconcile.
 *
 * Called by `sync` and `demo`. Whatever can be found wrong beforehand is found before anything is written: the sources'
 * files and headers, and, under a configuration that Together has not answered yet, the credentials.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Sink } from "@rollcall/core/contract/Sink"
import { uuidV5 } from "@rollcall/core/domain/Digest"
import type { NewEvent } from "@rollcall/core/domain/Event"
import { type IngestReport, ingest } from "@rollcall/core/sync/Ingest"
import type { IngestProgress } from "@rollcall/core/sync/Intake"
import { momentIn } from "@rollcall/core/sync/Moment"
import type { Plan } from "@rollcall/core/sync/Plan"
import { Rehearsal, makePlan } from "@rollcall/core/sync/Planning"
import { type ReconcileProgress, reconcile } from "@rollcall/core/sync/Reconcile"
import { Effect } from "effect"

import type { Organization } from "./ConfigurationFile.ts"
import { type OpenSource, openSources } from "./Sources.ts"

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
  readonly watch: Watch
}

/** Who is told how it goes. */
export interface Watch {
  readonly ingesting: (progress: IngestProgress) => Effect.Effect<void>
  readonly ingested: (report: IngestReport) => Effect.Effect<void>
  readonly planned: (plan: Plan) => Effect.Effect<void>
  readonly reconciling: (progress: ReconcileProgress) => Effect.Effect<void>
}

export interface SyncReport {
  readonly extracts: ReadonlyArray<IngestReport>
  readonly plan: Plan
  /** Requests made, the one that proved the credentials included. */
  readonly requests: number
  /** Employee change events appended. */
  readonly events: number
}

export const syncRun = Effect.fn("SyncRun.run")(function* (request: SyncRequest) {
  const { folder, mode, organization, watch } = request
  const log = yield* EventLog
  const sink = yield* Sink
  const configurationHash = organization.configurationHash(yield* log.salt(organization.id))
  const sources = yield* openSources(organization, folder)
  yield* Effect.forEach(sources, ({ source }) => source.check)
  const run = globalThis.crypto.randomUUID()
  const asked = mode === "send" && !(yield* credentialsKnown(organization, configurationHash))
  if (asked) yield* sink.check
  const moment = yield* momentIn(organization.policy.timezone)
  const rehearsal = mode === "rehearse" ? new Rehearsal(organization.policy, moment) : undefined
  const extracts = yield* Effect.forEach(sources, (opened, i) =>
    ingest({
      ...intakeOf(opened),
      organization: organization.id,
      run: uuidV5(run, opened.name),
      day: moment.day,
      configurationHash,
      onProgress: watch.ingesting,
      ...(rehearsal === undefined
        ? {}
        : { rehearse: (batch) => (i === sources.length - 1 ? rehearsal.conclude(batch) : rehearsal.hold(batch)) })
    }).pipe(Effect.tap(watch.ingested))
  )
  if (asked) yield* acceptCredentials(organization, configurationHash, run)
  const plan = yield* makePlan({
    organization: organization.id,
    policy: organization.policy,
    moment,
    tariff: sink,
    ...(rehearsal === undefined ? {} : { rehearsal })
  })
  yield* watch.planned(plan)
  const { requests } =
    mode === "send"
      ? yield* reconcile({
          organization: organization.id,
          policy: organization.policy,
          plan,
          run,
          configurationHash,
          onProgress: watch.reconciling
        })
      : { requests: 0 }
  const report: SyncReport = {
    extracts,
    plan,
    requests: requests + (asked ? 1 : 0),
    events: mode === "rehearse" ? 0 : extracts.reduce((sum, extract) => sum + extract.events, 0)
  }
  return report
})

const intakeOf = ({ name, plugin, source }: OpenSource) => ({ name, plugin, source })

const sinkStream = (sink: string) => `sink:${sink}`

/** Together's last word about credentials was a good one, and it was about this very configuration. */
const credentialsKnown = Effect.fnUntraced(function* ({ id }: Organization, configurationHash: string) {
  const log = yield* EventLog
  const sink = yield* Sink
  const events = yield* log.stream(id, sinkStream(sink.id))
  const last = events.findLast(
    ({ event }) => event.type === "CredentialsAccepted" || event.type === "CredentialsRefused"
  )
  return last?.event.type === "CredentialsAccepted" && last.event.configurationHash === configurationHash
})

const acceptCredentials = Effect.fnUntraced(function* ({ id }: Organization, configurationHash: string, run: string) {
  const log = yield* EventLog
  const sink = yield* Sink
  const accepted: NewEvent = {
    stream: sinkStream(sink.id),
    event: { type: "CredentialsAccepted", sink: sink.id, configurationHash },
    actor: sinkStream(sink.id),
    effectiveOn: null,
    causation: null
  }
  yield* log.append(id, { appendKey: uuidV5(run, "credentials accepted"), events: [accepted], runId: run })
})
