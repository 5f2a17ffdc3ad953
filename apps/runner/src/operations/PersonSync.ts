/**
 * One person now: reads the sources, sends this person ahead of whatever else is being sent, says what became of them.
 *
 * The same for `rollcall sync --employee` and the operations API.
 */
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { employeeStream } from "@rollcall/core/domain/Employee"
import { consider } from "@rollcall/core/sync/Consider"
import type { IngestReport } from "@rollcall/core/sync/Ingest"
import { momentIn } from "@rollcall/core/sync/Moment"
import { reduce } from "@rollcall/core/sync/Reduce"
import { Effect, Schema } from "effect"

import type { Organization } from "../ConfigurationFile.ts"
import { InputInvalid } from "../Failure.ts"
import { outcomeWords } from "../Standing.ts"
import { type SyncRequest, syncRun } from "../SyncRun.ts"
import { Letter } from "./DeadLetterReport.ts"
import { nextWords } from "./GateWords.ts"
import { PlanSummary, planSummary } from "./PlanReport.ts"
import { OutcomeCounts } from "./StatusReport.ts"

export const Extract = Schema.Struct({
  source: Schema.String,
  counts: Schema.Struct({
    records: Schema.Int,
    appeared: Schema.Int,
    changed: Schema.Int,
    unchanged: Schema.Int,
    vanished: Schema.Int,
    removed: Schema.Int,
    rejected: Schema.Int
  }),
  events: Schema.Int.annotate({ description: "Employee events that were appended." }),
  incomplete: Schema.optionalKey(Schema.String.annotate({ description: "Why absence proves nothing this time." })),
  notices: Schema.Array(Schema.String),
  rejections: Schema.Array(
    Schema.Struct({ locator: Schema.String, field: Schema.optionalKey(Schema.String), message: Schema.String })
  ).annotate({ description: "The first few." })
}).annotate({ identifier: "Extract" })

export type Extract = typeof Extract.Type

const PersonOutcome = Schema.Struct({
  employeeId: Schema.String,
  outcome: Schema.NullOr(Schema.String).annotate({ description: "Together's latest word; null: it was never asked." }),
  status: Schema.NullOr(Schema.Int),
  answer: Schema.optionalKey(Schema.String),
  at: Schema.NullOr(Schema.String),
  next: Schema.String
}).annotate({ identifier: "PersonOutcome" })

export const PersonReport = Schema.Struct({
  sources: Schema.Array(Extract),
  plan: PlanSummary,
  events: Schema.Int,
  requests: Schema.Int,
  left: Schema.Int.annotate({ description: "Operations that the budget did not cover." }),
  person: PersonOutcome,
  outcomes: OutcomeCounts,
  deadLetters: Schema.Int,
  letters: Schema.Array(Letter).annotate({ description: "The first few." })
}).annotate({ identifier: "PersonReport" })

export type PersonReport = typeof PersonReport.Type

/** Where everybody stands, as far as it is shown. */
export interface Letters {
  readonly outcomes: typeof OutcomeCounts.Type
  readonly letters: ReadonlyArray<Letter>
}

/** `standing` is asked when the person was sent. */
export const personSync = Effect.fn("PersonSync.run")(function* <R>(
  request: Omit<SyncRequest, "mode" | "only">,
  employeeId: string,
  standing: Effect.Effect<Letters, StoreError, R>
) {
  const { events, extracts, left, plan, requests } = yield* Effect.scoped(
    syncRun({ ...request, mode: "send", only: employeeId })
  )
  if (plan.employees === 0 && !plan.blocked.some(({ gate }) => gate._tag === "RowRejected")) {
    return yield* unheardOf(employeeId)
  }
  const { letters, outcomes } = yield* standing
  const report: PersonReport = {
    sources: extracts.map(extractOf),
    plan: planSummary(plan),
    events,
    requests,
    left,
    person: yield* outcomeOf(request.organization, employeeId),
    outcomes,
    deadLetters: letters.length,
    letters: letters.slice(0, shownLetters)
  }
  return report
})

/** Letters that are shown beside a sync. */
export const shownLetters = 20

export const extractOf = ({ counts, events, incomplete, notices, rejections, source }: IngestReport): Extract => ({
  source,
  counts,
  events,
  ...(incomplete === undefined ? {} : { incomplete }),
  notices,
  rejections: rejections.map(({ field, locator, message }) => ({
    locator,
    message,
    ...(field === undefined ? {} : { field })
  }))
})

const outcomeOf = Effect.fnUntraced(function* ({ id, policy }: Organization, employeeId: string) {
  const log = yield* EventLog
  const stream = employeeStream(id, employeeId)
  const person = reduce(stream, yield* log.stream(id, stream))
  const { latest } = person.sink
  const next = nextWords(consider(person, policy, yield* momentIn(policy.timezone)))
  const report: PersonReport["person"] = {
    employeeId,
    outcome: latest === null ? null : outcomeWords[latest.type],
    status: latest?.status ?? null,
    ...(latest?.answer === undefined ? {} : { answer: latest.answer }),
    at: latest?.recordedAt ?? null,
    next
  }
  return report
})

const unheardOf = (employeeId: string) =>
  new InputInvalid({
    place: `employee ${employeeId}`,
    problem: "No source has this person.",
    remedy: "Compare the key with HR's, character by character (leading zeros count).",
    because: "unknown"
  })
