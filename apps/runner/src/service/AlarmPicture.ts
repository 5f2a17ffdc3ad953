/**
 * What the alarms look at: the board, the lane's row, whether the database answers, and what the log shows of before.
 *
 * The board is this process's own; the lane and the database are asked, for another process may have met a refusal, and
 * a database that is away is found out before anybody needs it.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Lane, type LaneState } from "@rollcall/core/contract/Lane"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import type { Picture, SourcePicture } from "@rollcall/core/sync/Alarms"
import { sinkStream } from "@rollcall/core/sync/Record"
import { laneName } from "@rollcall/sink-together/TogetherLane"
import { Cron, DateTime, Effect, Option } from "effect"

import type { Organization } from "../ConfigurationFile.ts"
import type { Condition, Doing, SourceCondition } from "./Condition.ts"
import { scheduleOf } from "./Schedule.ts"

/** The only one there is. */
export const sink = "together"

/** What was seen so far that the board does not hold. */
export interface Seen {
  readonly startedAt: string
  readonly lane: Pick<LaneState, "circuit" | "faults"> | null
  readonly databaseAwaySince: string | null
  /** Since when requests have no answer, by the lane; and since when the sender gave up on them. */
  readonly faultsSince: string | null
  readonly givenUpSince: string | null
  /** When a plan was last known to be worked off, by the log, before this process began. */
  readonly settledBefore: string | null
}

export const unseen = (startedAt: string): Seen => ({
  startedAt,
  lane: null,
  databaseAwaySince: null,
  faultsSince: null,
  givenUpSince: null,
  settledBefore: null
})

/** Longer than a busy database takes. */
const patience = "10 seconds"

const free: Seen["lane"] = { circuit: null, faults: 0 }

/** Asks the database for the lane; no answer is an answer, too. */
export const glance = Effect.fnUntraced(function* ({ settings }: Organization, seen: Seen) {
  const lanes = yield* Lane
  const at = DateTime.formatIso(yield* DateTime.now)
  const state = yield* Effect.option(Effect.timeout(lanes.state(laneName(settings.together)), patience))
  if (Option.isNone(state)) return { ...seen, databaseAwaySince: seen.databaseAwaySince ?? at }
  const lane = state.value ?? free
  const faultsSince = lane.faults > 0 ? (seen.faultsSince ?? at) : null
  const answered = seen.faultsSince !== null && faultsSince === null
  const next: Seen = {
    ...seen,
    lane,
    databaseAwaySince: null,
    faultsSince,
    givenUpSince: answered ? null : seen.givenUpSince
  }
  return next
})

/** What the sender says of the vendor: gave up on it, came through, or neither. */
export const noteSender = (seen: Seen, doing: Doing, at: string): Seen => {
  if (doing === "vendor-away") return { ...seen, givenUpSince: seen.givenUpSince ?? at }
  return doing === "idle" || doing === "refused" ? { ...seen, givenUpSince: null } : seen
}

/** The list is compared when a plan is worked off, once a day: the latest time that the log proves. */
export const settledBefore = Effect.fnUntraced(function* (organization: OrganizationId) {
  const log = yield* EventLog
  const events = yield* log.stream(organization, sinkStream(sink))
  return events.findLast(({ event }) => event.type === "VerificationCompleted")?.recordedAt ?? null
})

export const pictureOf = (organization: Organization, { sending, sources }: Condition, seen: Seen): Picture => {
  const { databaseAwaySince, lane, settledBefore, startedAt } = seen
  return {
    sink,
    startedAt,
    sources: sources.map((source) => sourceOf(organization, source, startedAt)),
    sending: { ...sending, settledBefore },
    lane: lane && {
      circuitSince: lane.circuit?.since ?? null,
      awaySince: earlier(seen.faultsSince, seen.givenUpSince)
    },
    databaseAwaySince
  }
}

const earlier = (a: string | null, b: string | null): string | null =>
  a !== null && b !== null ? (a < b ? a : b) : (a ?? b)

const sourceOf = (organization: Organization, source: SourceCondition, startedAt: string): SourcePicture => {
  const { failures, last, name, succeededAt } = source
  const { schedule } = scheduleOf(organization, name)
  const due = DateTime.formatIso(DateTime.makeUnsafe(Cron.next(schedule, succeededAt ?? startedAt)))
  return { name, last, succeededAt, failures, due }
}
