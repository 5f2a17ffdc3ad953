/**
 * The runs of a source, newest first, as its own stream in the log tells them.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import type { RecordedEvent } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Schema } from "effect"

import { Extract as ExtractReport } from "./PersonSync.ts"

export const SourceRun = Schema.Struct({
  run: Schema.String,
  plugin: Schema.NullOr(Schema.String),
  startedAt: Schema.NullOr(Schema.String).annotate({ description: "ISO 8601 in UTC." }),
  endedAt: Schema.NullOr(Schema.String),
  outcome: Schema.Literals(["running", "complete", "incomplete", "failed", "broken-off"]).annotate({
    description: "`broken-off`: its process ended in the middle of it; `running`: it is the last, and has no end yet."
  }),
  counts: Schema.NullOr(ExtractReport.fields.counts),
  problem: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "SourceRun" })

export type SourceRun = typeof SourceRun.Type

export const foldRuns = (events: Iterable<RecordedEvent>): ReadonlyArray<SourceRun> => {
  const runs = new Map<string, SourceRun>()
  for (const { event, recordedAt } of events) {
    if (event.type === "SourceRunStarted") {
      for (const [id, run] of runs) if (run.outcome === "running") runs.set(id, { ...run, outcome: "broken-off" })
      const { plugin, pluginVersion, run } = event
      const started = { run, plugin: `${plugin} ${pluginVersion}`, startedAt: recordedAt, endedAt: null, counts: null }
      runs.set(run, { ...started, outcome: "running" })
    } else if (event.type === "SourceRunCompleted" || event.type === "SourceRunFailed") {
      const { run } = event
      const blank = { run, plugin: null, startedAt: null, counts: null }
      runs.set(run, { ...blank, ...runs.get(run), endedAt: recordedAt, ...endingOf(event) })
    }
  }
  return [...runs.values()].toReversed()
}

type Ended = Extract<RecordedEvent["event"], { readonly type: "SourceRunCompleted" | "SourceRunFailed" }>

const endingOf = (event: Ended): Pick<SourceRun, "outcome" | "counts" | "problem"> => {
  if (event.type === "SourceRunFailed")
    return { outcome: "failed", counts: null, problem: `${event.reason}: ${event.message}` }
  const { counts, incomplete } = event
  return incomplete === undefined
    ? { outcome: "complete", counts }
    : { outcome: "incomplete", counts, problem: incomplete }
}

export const runsOf = Effect.fn("Runs.of")(function* (organization: OrganizationId, source: string, most: number) {
  const log = yield* EventLog
  return foldRuns(yield* log.stream(organization, `source:${source}`)).slice(0, most)
})
