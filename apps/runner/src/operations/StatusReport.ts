/**
 * Where the log, the sources and Together stand: what `rollcall status` shows.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Lane } from "@rollcall/core/contract/Lane"
import { Sink } from "@rollcall/core/contract/Sink"
import { pauseOf } from "@rollcall/core/sync/Pause"
import { Effect, Schema } from "effect"

import type { Organization } from "../ConfigurationFile.ts"
import { standingNow } from "./CurrentPlan.ts"
import { OpenHold, openHold } from "./Holds.ts"
import { PauseWord } from "./Pausing.ts"
import { PlanSummary } from "./PlanReport.ts"

const time = Schema.NullOr(Schema.String.annotate({ description: "ISO 8601 in UTC." }))

export const OutcomeCounts = Schema.Struct({
  created: Schema.Int,
  updated: Schema.Int,
  unchanged: Schema.Int,
  rejected: Schema.Int,
  conflicted: Schema.Int,
  gone: Schema.Int,
  none: Schema.Int.annotate({ description: "Together was never asked about them." })
}).annotate({ identifier: "Outcomes", description: "People by Together's latest word." })

const LaneStanding = Schema.Struct({
  grants: Schema.Int.annotate({ description: "Requests so far." }),
  busyUntil: time,
  notBefore: time,
  faults: Schema.Int.annotate({ description: "Requests in a row without an answer." }),
  circuit: Schema.NullOr(Schema.Struct({ since: Schema.String, reason: Schema.String }))
}).annotate({ identifier: "Lane" })

const Verification = Schema.Struct({
  at: Schema.String,
  whole: Schema.Boolean,
  counts: Schema.Struct({
    users: Schema.Int,
    matched: Schema.Int,
    drifted: Schema.Int,
    missing: Schema.Int,
    found: Schema.Int,
    linkable: Schema.Int,
    remoteOnly: Schema.Int
  })
}).annotate({ identifier: "Verification" })

export const StatusReport = Schema.Struct({
  position: Schema.Int.annotate({ description: "Events in the log." }),
  recordedAt: time,
  sources: Schema.Array(Schema.Struct({ name: Schema.String, outcome: Schema.String, at: time })),
  outcomes: OutcomeCounts,
  deadLetters: Schema.Int,
  lane: Schema.NullOr(LaneStanding).annotate({ description: "Null: no request was made yet." }),
  verified: Schema.NullOr(Verification).annotate({ description: "When Together's list was last compared." }),
  drifted: Schema.Int,
  pause: Schema.NullOr(PauseWord),
  held: Schema.Array(OpenHold),
  queue: PlanSummary
}).annotate({ identifier: "Status" })

export type StatusReport = typeof StatusReport.Type

/** What is known from passes over the whole log. */
export type Surveyed = Pick<StatusReport, "outcomes" | "deadLetters" | "drifted" | "queue">

export const statusReport = Effect.fn("StatusReport.of")(function* (organization: Organization, surveyed: Surveyed) {
  const { id, settings } = organization
  const log = yield* EventLog
  const sink = yield* Sink
  const lane = yield* Lane
  const { position, recordedAt } = yield* log.head(id)
  const { open, verified } = yield* standingNow(organization)
  const report: StatusReport = {
    position,
    recordedAt,
    sources: yield* Effect.forEach(Object.keys(settings.sources), (name) => lastRun(organization, name)),
    outcomes: surveyed.outcomes,
    deadLetters: surveyed.deadLetters,
    lane: yield* lane.state(sink.lane),
    verified,
    drifted: surveyed.drifted,
    pause: yield* pauseOf(id, sink.id),
    held: [...open.values()].map(openHold),
    queue: surveyed.queue
  }
  return report
})

/** The last word of a source's own stream. */
const lastRun = Effect.fnUntraced(function* ({ id }: Organization, name: string) {
  const log = yield* EventLog
  const last = (yield* log.stream(id, `source:${name}`)).findLast(({ event }) => event.type.startsWith("SourceRun"))
  if (last === undefined) return { name, outcome: "never read", at: null }
  const { event, recordedAt: at } = last
  if (event.type === "SourceRunFailed") return { name, outcome: `broke off (${event.reason}: ${event.message})`, at }
  if (event.type !== "SourceRunCompleted") return { name, outcome: "begun and not finished", at }
  const { records } = event.counts
  const incomplete = event.incomplete === undefined ? "" : `, not complete: ${event.incomplete}`
  return { name, outcome: `read, ${records} people${incomplete}`, at }
})
