/**
 * Reads one source on its schedule, and whenever it is asked to, for as long as the service runs.
 *
 * A reading that fails is in the log with its reason and is tried again at its next time; a database that is away is
 * waited for. Nothing of one source's trouble reaches another's.
 */
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import type { SourceError } from "@rollcall/core/contract/Source"
import { uuidV5 } from "@rollcall/core/domain/Digest"
import type { RecordedEvent } from "@rollcall/core/domain/Event"
import type { ExtractCounts } from "@rollcall/core/domain/SourceEvent"
import { type IngestReport, ingest } from "@rollcall/core/sync/Ingest"
import { momentIn } from "@rollcall/core/sync/Moment"
import { Cause, Cron, DateTime, Duration, Effect, Queue, Schedule, Semaphore } from "effect"

import { adoptConfiguration } from "../Adoption.ts"
import type { Organization } from "../ConfigurationFile.ts"
import { tellable } from "../observability/Discretion.ts"
import { traceOf } from "../observability/Traces.ts"
import { type SourceNeeds, openSource } from "../Sources.ts"
import type { Board } from "./Condition.ts"

export interface Reader {
  readonly name: string
  /** Reads it now, or once more after the reading under way. */
  readonly trigger: Effect.Effect<void>
  /** Reads it now, for who waits for it; one reading at a time. */
  readonly read: Effect.Effect<IngestReport, SourceError | StoreError, EventLog | SourceNeeds>
  /** Does not end. */
  readonly run: Effect.Effect<never, never, EventLog | SourceNeeds>
}

interface Reading {
  readonly organization: Organization
  readonly folder: string
  readonly name: string
  readonly schedule: Cron.Cron
  readonly written: string
  readonly board: Board
}

export const makeReader = Effect.fnUntraced(function* (reading: Reading) {
  const { board, name, schedule, written } = reading
  const triggers = yield* Queue.sliding<void>(1)
  board.source(name, { schedule: written })
  const wait = Effect.gen(function* () {
    const now = yield* DateTime.now
    const next = DateTime.makeUnsafe(Cron.next(schedule, now))
    board.source(name, { next: DateTime.formatIso(next) })
    const ahead = Duration.millis(Math.max(0, DateTime.toEpochMillis(next) - DateTime.toEpochMillis(now)))
    yield* Effect.timeoutOption(Queue.take(triggers), ahead)
  })
  const turn = yield* Semaphore.make(1)
  const read = turn.withPermits(1)(once(reading))
  const reader: Reader = {
    name,
    trigger: Effect.asVoid(Queue.offer(triggers, undefined)),
    read,
    run: Effect.andThen(
      recall(reading),
      // What went wrong is on the board and in the log.
      Effect.forever(
        Effect.andThen(
          wait,
          Effect.catchCause(read, (cause) => (Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.void))
        )
      )
    )
  }
  return reader
})

/** What the log says of it, so that a restart forgets no failure and no success. */
const recall = ({ board, name, organization }: Reading) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const runs = yield* log.stream(organization.id, `source:${name}`)
    const ended = runs.filter(({ event }) => event.type === "SourceRunCompleted" || event.type === "SourceRunFailed")
    const good = ended.findLastIndex(({ event }) => event.type === "SourceRunCompleted")
    const last = ended.at(-1)
    board.source(name, {
      last: last === undefined ? null : lastRun(last),
      succeededAt: ended[good]?.recordedAt ?? null,
      failures: ended.length - 1 - good
    })
  }).pipe(Effect.retry(Schedule.spaced("1 second")), Effect.orDie)

const lastRun = ({ event, recordedAt: at }: RecordedEvent) => {
  if (event.type === "SourceRunFailed") {
    const { message: problem, reason: kind } = event
    return { at, outcome: "failed" as const, people: 0, problem, kind }
  }
  if (event.type !== "SourceRunCompleted") return { at, outcome: "failed" as const, people: 0 }
  const { counts, incomplete } = event
  return incomplete === undefined
    ? { at, outcome: "complete" as const, people: counts.records }
    : { at, outcome: "incomplete" as const, people: counts.records, problem: incomplete }
}

const once = ({ board, folder, name, organization }: Reading) =>
  Effect.gen(function* () {
    board.source(name, { running: true })
    const { id, policy, settings } = organization
    // Readers are made of the sources there are.
    const binding = settings.sources[name] ?? (yield* Effect.die(new Error(`There is no source ${name}.`)))
    const { plugin, source } = yield* openSource(name, binding, folder)
    const { day } = yield* momentIn(policy.timezone)
    const run = uuidV5(globalThis.crypto.randomUUID(), name)
    const configurationHash = yield* adoptConfiguration(organization)
    const report = yield* ingest({ organization: id, name, plugin, source, run, day, configurationHash }).pipe(
      Effect.tap(({ counts }) => Effect.annotateCurrentSpan(countsOf(counts))),
      Effect.withSpan("Source.read", {
        parent: traceOf(run),
        attributes: { "rollcall.organization": id, "rollcall.source": name, "rollcall.run": run }
      })
    )
    const { counts, incomplete } = report
    const at = DateTime.formatIso(yield* DateTime.now)
    const read = { at, people: counts.records }
    board.source(name, {
      last:
        incomplete === undefined
          ? { ...read, outcome: "complete" }
          : { ...read, outcome: "incomplete", problem: incomplete },
      succeededAt: at,
      failures: 0
    })
    return report
  }).pipe(
    Effect.scoped,
    Effect.tapCause((cause) => (Cause.hasInterruptsOnly(cause) ? Effect.void : failed(board, name, cause))),
    Effect.ensuring(Effect.sync(() => board.source(name, { running: false })))
  )

const countsOf = (counts: ExtractCounts) =>
  Object.fromEntries(Object.entries(counts).map(([kind, count]) => [`rollcall.${kind}`, count]))

const failed = Effect.fnUntraced(function* (board: Board, name: string, cause: Cause.Cause<unknown>) {
  const { kind, problem, remedy } = tellable(cause)
  const at = DateTime.formatIso(yield* DateTime.now)
  const known = board.condition.sources.find((source) => source.name === name)?.failures ?? 0
  // A database that is away is an alarm of its own, and no fault of the source's.
  const failures = kind === "StoreUnavailable" ? known : known + 1
  board.source(name, { last: { at, outcome: "failed", people: 0, problem, kind }, failures })
  yield* Effect.annotateLogs(Effect.logWarning(`The source could not be read: ${problem} ${remedy}`), {
    organization: board.condition.organization,
    source: name,
    failures
  })
})
