/**
 * One reading under way: what was asked for, what it counts, and how it writes.
 *
 * The plumbing of `Ingest`: every append of a reading goes through here, under a key of its own, on the condition that
 * nobody else wrote to the people concerned; otherwise it is decided again. A rehearsal has no way to write from here.
 */
import { Effect } from "effect"

import { type Appended, EventLog, type SeenRecord, type StoreError } from "../contract/EventLog.ts"
import type { Source } from "../contract/Source.ts"
import { uuidV5 } from "../domain/Digest.ts"
import { employeeStreamPrefix } from "../domain/Employee.ts"
import type { Event, NewEvent, RecordedEvent } from "../domain/Event.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import type { ExtractCounts } from "../domain/SourceEvent.ts"
import type { Occasion } from "./Findings.ts"
import type { Reading, Rejection } from "./Reading.ts"

/** Refused rows that are shown; all of them are in the log. */
const shownRejections = 20

/** What a batch comes to, before it is written. */
export interface Batch {
  readonly events: ReadonlyArray<NewEvent>
  readonly seen: ReadonlyArray<SeenRecord>
  /** What the log holds of the people concerned, without it. */
  readonly histories: ReadonlyMap<string, ReadonlyArray<RecordedEvent>>
}

export interface IngestProgress {
  readonly source: string
  readonly people: number
  /** People to come in all, if the source said so. */
  readonly expected: number | undefined
}

export interface IngestRequest {
  readonly organization: OrganizationId
  /** The source's name in the configuration. */
  readonly name: string
  readonly plugin: { readonly id: string; readonly version: string }
  readonly source: Source<unknown>
  /** A UUID. */
  readonly run: string
  readonly day: string
  readonly configurationHash: string
  /** With this, nothing is written: each batch is handed over instead. */
  readonly rehearse?: (batch: Batch) => void
  readonly onProgress?: (progress: IngestProgress) => Effect.Effect<void>
}

/** One reading under way. */
export interface Intake {
  readonly request: IngestRequest
  readonly log: EventLog["Service"]
  readonly salt: string
  readonly reading: Reading
  readonly counts: { -readonly [kind in Exclude<keyof ExtractCounts, "records">]: number }
  readonly rejections: Array<Rejection>
  commits: number
  /** Position of the run's start; null in a rehearsal; undefined before the first message. */
  startedAt: number | null | undefined
}

export const occasionOf = ({ request: { name, run, day }, startedAt }: Intake): Occasion => ({
  source: name,
  run,
  day,
  causation: startedAt ?? null
})

const kinds = {
  EmployeeAppeared: "appeared",
  EmployeeChanged: "changed",
  EmployeeVanished: "vanished",
  EmployeeRemoved: "removed",
  SourceRecordRejected: "rejected"
} as const

export const tally = (intake: Intake, events: ReadonlyArray<NewEvent>): void => {
  for (const { event } of events) {
    if (event.type in kinds) intake.counts[kinds[event.type as keyof typeof kinds]]++
    if (event.type === "SourceRecordRejected" && intake.rejections.length < shownRejections) {
      intake.rejections.push(event)
    }
  }
}

/** A word about the run itself, in the source's own stream. */
export const note = Effect.fnUntraced(function* (intake: Intake, event: Event) {
  if (intake.request.rehearse !== undefined) return null
  const stream = `source:${intake.request.name}`
  const entry: NewEvent = { stream, event, actor: stream, effectiveOn: null, causation: intake.startedAt ?? null }
  const appended = yield* append(intake, { events: [entry], seen: [], histories: new Map() })
  return appended.firstPosition
})

/** A batch that comes to nothing leaves no trace. */
export const write = (intake: Intake, batch: Batch): Effect.Effect<unknown, StoreError> => {
  if (batch.events.length + batch.seen.length === 0) return Effect.void
  return intake.request.rehearse === undefined
    ? append(intake, batch)
    : Effect.sync(() => intake.request.rehearse?.(batch))
}

/** Of one person alone, before a reading gives up. */
const attempts = 8

/**
 * Decides what is said of people by what the log holds of them, and writes it. Where somebody else wrote to one of them
 * meanwhile (the Directory API, the sink's answers), they are read and decided again, each half by itself: whoever writes
 * all the time to somebody among a thousand never holds up the others. Answers with what was written.
 */
export const writeAbout = <A extends { readonly stream: string }>(
  intake: Intake,
  people: ReadonlyArray<A>,
  decide: (people: ReadonlyArray<A>, histories: Batch["histories"]) => Pick<Batch, "events" | "seen">,
  left = attempts
): Effect.Effect<ReadonlyArray<NewEvent>, StoreError> => {
  const attempt = Effect.gen(function* () {
    const streams = people.map(({ stream }) => stream)
    const histories = yield* intake.log.streams(intake.request.organization, streams)
    const decided = decide(people, histories)
    yield* write(intake, { ...decided, histories })
    return decided.events
  })
  const half = Math.ceil(people.length / 2)
  const parts = people.length > 1 ? [people.slice(0, half), people.slice(half)] : [people]
  const next = people.length > 1 ? left : left - 1
  const again = Effect.map(
    Effect.forEach(parts, (part) => writeAbout(intake, part, decide, next)),
    (events) => events.flat()
  )
  return Effect.catchTag(attempt, "StoreError", (error) =>
    error.reason._tag === "VersionConflict" && next > 0 ? again : Effect.fail(error)
  )
}

/** Nobody else may have written to these people since they were compared. */
const append = (intake: Intake, { events, seen, histories }: Batch): Effect.Effect<Appended, StoreError> => {
  const { organization, run } = intake.request
  const touched = new Set(
    events.map((event) => event.stream).filter((stream) => stream.startsWith(employeeStreamPrefix))
  )
  return intake.log.append(organization, {
    appendKey: uuidV5(run, `${intake.commits++}`),
    events,
    seen,
    runId: run,
    expectedVersions: new Map([...touched].map((stream) => [stream, histories.get(stream)?.at(-1)?.version ?? 0]))
  })
}
