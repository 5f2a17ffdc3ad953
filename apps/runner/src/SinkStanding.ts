/**
 * What the log knows of Together itself: whether the credentials are good, whether it takes arrays, when its list was
 * last compared.
 *
 * Read from the sink's own stream, under one configuration: another one may mean another Together.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Sink } from "@rollcall/core/contract/Sink"
import { uuidV5 } from "@rollcall/core/domain/Digest"
import type { NewEvent, RecordedEvent } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import type { Moment } from "@rollcall/core/domain/Policy"
import type { VerificationCounts } from "@rollcall/core/domain/SinkEvent"
import type { Guarding, Tariff } from "@rollcall/core/sync/Plan"
import { type Quarantine, quarantineOf } from "@rollcall/core/sync/Quarantine"
import { type Recorder, byActor, sinkStream } from "@rollcall/core/sync/Record"
import { DateTime, Effect } from "effect"

export interface SinkStanding {
  /** Together's last word about credentials was a good one, and it was about this very configuration. */
  readonly credentialsKnown: boolean
  readonly tariff: Tariff
  /** What the guard goes by. */
  readonly guarding: Guarding
  /** What it holds now. */
  readonly open: Quarantine["open"]
  readonly verified: { readonly at: string; readonly counts: VerificationCounts; readonly whole: boolean } | null
}

export const sinkStanding = Effect.fn("SinkStanding.of")(function* (
  organization: OrganizationId,
  configurationHash: string
) {
  const log = yield* EventLog
  const sink = yield* Sink
  const events = yield* log.stream(organization, sinkStream(sink.id))
  const { batchSize, requestMillis } = sink
  const { approvals, open } = yield* quarantineOf(organization, sink.id)
  const standing: SinkStanding = {
    credentialsKnown: areKnown(events, configurationHash),
    tariff: { batchSize: refusesArrays(events, configurationHash) ? 1 : batchSize, requestMillis },
    guarding: { approvals, established: isEstablished(events) },
    open,
    verified: lastVerification(events)
  }
  return standing
})

const areKnown = (events: ReadonlyArray<RecordedEvent>, configurationHash: string): boolean => {
  const last = events.findLast(
    ({ event }) => event.type === "CredentialsAccepted" || event.type === "CredentialsRefused"
  )
  return last?.event.type === "CredentialsAccepted" && last.event.configurationHash === configurationHash
}

const refusesArrays = (events: ReadonlyArray<RecordedEvent>, configurationHash: string): boolean =>
  events.some(({ event }) => event.type === "ArraysRefused" && event.configurationHash === configurationHash)

/** Somebody whom Rollcall had sent before was found in Together's list: a first sync went through. */
const isEstablished = (events: ReadonlyArray<RecordedEvent>): boolean =>
  events.some(({ event }) => event.type === "VerificationCompleted" && event.counts.matched > 0)

const lastVerification = (events: ReadonlyArray<RecordedEvent>): SinkStanding["verified"] => {
  const last = events.findLast(({ event }) => event.type === "VerificationCompleted")
  if (last?.event.type !== "VerificationCompleted") return null
  return { at: last.recordedAt, counts: last.event.counts, whole: last.event.whole }
}

/** A little less than a day, so that who runs once a day verifies each time. */
const verifyAfterHours = 20

export const isVerificationDue = ({ verified }: SinkStanding, { instant }: Moment): boolean => {
  if (verified === null) return true
  const age =
    DateTime.toEpochMillis(DateTime.makeUnsafe(instant)) - DateTime.toEpochMillis(DateTime.makeUnsafe(verified.at))
  return age >= verifyAfterHours * 3_600_000
}

/** Together answered under this configuration. */
export const acceptCredentials = Effect.fnUntraced(function* ({ configurationHash, organization, run }: Recorder) {
  const log = yield* EventLog
  const { id } = yield* Sink
  const event = { type: "CredentialsAccepted", sink: id, configurationHash } as const
  const accepted: NewEvent = byActor(sinkStream(id), { stream: sinkStream(id), event })
  yield* log.append(organization, { appendKey: uuidV5(run, "credentials accepted"), events: [accepted], runId: run })
})
