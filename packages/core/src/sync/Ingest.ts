/**
 * Takes in one reading of one source: compares every record with what that source said last and appends the changes.
 *
 * Called by the runner for each source of a run. Nothing is written before the source's first message, so that a source
 * which cannot be opened leaves the log untouched. Absence is read only from a reading that proved itself complete;
 * whatever breaks off keeps what came before it and infers nothing.
 */
import { Array as Arr, Effect, Option, Stream } from "effect"

import { EventLog, type SeenRecord } from "../contract/EventLog.ts"
import type { SourceError, SourceMessage } from "../contract/Source.ts"
import { sha256 } from "../domain/Digest.ts"
import type { NewEvent } from "../domain/Event.ts"
import type { ExtractCounts } from "../domain/SourceEvent.ts"
import { digestOf, findings, rejected } from "./Findings.ts"
import { type IngestRequest, type Intake, note, occasionOf, tally, write, writeAbout } from "./Intake.ts"
import { type Ending, Reading, type Rejection, type Reported } from "./Reading.ts"
import { type Person, reduce } from "./Reduce.ts"

/** People compared and committed at a time. */
const batchSize = 1000

/**
 * People compared without a pause. Node collects garbage to the end only between the turns of its loop: without pauses
 * what a thousand comparisons leave behind would pile up.
 */
const breath = 50

export interface IngestReport {
  readonly source: string
  readonly counts: ExtractCounts
  /** Employee change events found: appended, or, in a rehearsal, that would be. */
  readonly events: number
  /** Why absence proves nothing this time. */
  readonly incomplete: string | undefined
  readonly notices: ReadonlyArray<string>
  /** The first few, to be shown; all of them are in the log. */
  readonly rejections: ReadonlyArray<Rejection>
}

export const ingest = Effect.fn("Ingest.ingest")(function* (request: IngestRequest) {
  const log = yield* EventLog
  const intake: Intake = {
    request,
    log,
    salt: yield* log.salt(request.organization),
    reading: new Reading(request.organization),
    counts: { appeared: 0, changed: 0, unchanged: 0, vanished: 0, removed: 0, rejected: 0 },
    rejections: [],
    commits: 0,
    startedAt: undefined
  }
  yield* request.source.snapshot(Option.none()).pipe(
    Stream.runForEachArray((messages) => take(intake, messages)),
    Effect.tapErrorTag("SourceError", (error) => breakOff(intake, error))
  )
  return yield* finish(intake)
})

const take = Effect.fnUntraced(function* (intake: Intake, messages: ReadonlyArray<SourceMessage<unknown>>) {
  yield* start(intake)
  for (const message of messages) {
    intake.reading.push(message)
    if (intake.reading.ready >= batchSize) yield* commit(intake)
  }
})

const start = Effect.fnUntraced(function* (intake: Intake) {
  if (intake.startedAt !== undefined) return
  const { name: source, run, plugin, configurationHash: configuration } = intake.request
  intake.startedAt = yield* note(intake, {
    type: "SourceRunStarted",
    source,
    run,
    plugin: plugin.id,
    pluginVersion: plugin.version,
    configuration
  })
})

/** What was heard of people before the break stands; the person in the middle of it does not. */
const breakOff = Effect.fnUntraced(function* (intake: Intake, error: SourceError) {
  if (intake.startedAt === undefined) return
  yield* commit(intake)
  const { name: source, run } = intake.request
  const { _tag: reason, problem: message } = error.reason
  yield* note(intake, { type: "SourceRunFailed", source, run, reason, message })
})

const finish = Effect.fnUntraced(function* (intake: Intake) {
  yield* start(intake)
  intake.reading.close()
  yield* commit(intake)
  const incomplete = yield* absences(intake)
  const { name: source, run } = intake.request
  const counts: ExtractCounts = { records: intake.reading.size, ...intake.counts }
  yield* note(intake, {
    type: "SourceRunCompleted",
    source,
    run,
    counts,
    ...(incomplete === undefined ? {} : { incomplete })
  })
  const { appeared, changed, vanished, removed, rejected } = counts
  const events = appeared + changed + vanished + removed + rejected
  const report: IngestReport = {
    source,
    counts,
    events,
    incomplete,
    notices: intake.reading.notices,
    rejections: intake.rejections
  }
  return report
})

const commit = Effect.fnUntraced(function* (intake: Intake) {
  const { people, keyless } = intake.reading.take()
  if (people.length > 0) yield* compareAll(intake, people)
  if (keyless.length > 0) yield* refuseKeyless(intake, keyless)
  const { name: source, onProgress } = intake.request
  if (onProgress !== undefined) {
    yield* onProgress({ source, people: intake.reading.size, expected: intake.reading.expected })
  }
})

const compareAll = Effect.fnUntraced(function* (intake: Intake, people: ReadonlyArray<Reported>) {
  const { request, log, salt } = intake
  const known = yield* log.seen(
    request.organization,
    request.name,
    people.map((person) => person.stream)
  )
  const news: Array<News> = []
  for (const [index, reported] of people.entries()) {
    if (index % breath === 0) yield* Effect.yieldNow
    const digest = digestOf(salt, reported)
    const seen = known.get(reported.stream)
    if (seen?.digest === digest && seen.present === (reported.removed === undefined)) intake.counts.unchanged++
    else news.push({ stream: reported.stream, reported, digest, seen })
  }
  if (news.length === 0) return
  // What is committed is committed together; a rehearsal need not keep it so long.
  const together = request.rehearse === undefined ? batchSize : breath
  for (const some of Arr.chunksOf(news, together)) {
    yield* Effect.yieldNow
    yield* writeNews(intake, some)
  }
})

/** A person whose digest is not the one that was seen last. */
interface News {
  readonly stream: string
  readonly reported: Reported
  readonly digest: string
  readonly seen: SeenRecord | undefined
}

const writeNews = Effect.fnUntraced(function* (intake: Intake, news: ReadonlyArray<News>) {
  const events = yield* writeAbout(intake, news, (some, histories) => {
    const found = some.map((one) => {
      const person = reduce(one.stream, histories.get(one.stream) ?? [])
      return { events: findings(person, one.reported, occasionOf(intake)), seen: seenNow(intake, person, one) }
    })
    return { events: found.flatMap(({ events }) => events), seen: found.flatMap(({ seen }) => seen) }
  })
  intake.counts.unchanged += news.length - new Set(events.map(({ stream }) => stream)).size
  tally(intake, events)
})

/** Of somebody who was erased no digest is kept, for it is made of their values: they are looked at every time. */
const seenNow = ({ request }: Intake, person: Person, { digest, reported, seen, stream }: News) => {
  const isErased = person.erased !== undefined
  const present = reported.removed === undefined
  if (isErased && seen?.digest === null && seen.present === present) return []
  const record: SeenRecord = { source: request.name, stream, digest: isErased ? null : digest, present }
  return [record]
}

/** Rows without a key are remembered by what was wrong and where, so that they are told once. */
const refuseKeyless = Effect.fnUntraced(function* (intake: Intake, keyless: ReadonlyArray<Rejection>) {
  const { request, log } = intake
  const stream = `source:${request.name}`
  const named = new Map(keyless.map((r) => [`${stream}#${sha256(`${r.locator} ${r.field ?? ""} ${r.reason}`)}`, r]))
  const known = yield* log.seen(request.organization, request.name, [...named.keys()])
  const fresh = [...named].filter(([name]) => !known.has(name))
  if (fresh.length === 0) return
  const actor = stream
  const causation = intake.startedAt ?? null
  const events = fresh.map(([, r]): NewEvent => ({
    stream,
    event: rejected(r, occasionOf(intake)),
    actor,
    effectiveOn: null,
    causation
  }))
  tally(intake, events)
  const seen = fresh.map(([name]): SeenRecord => ({ source: request.name, stream: name, digest: null, present: false }))
  yield* write(intake, { events, seen, histories: new Map() })
})

/** People the source had and no longer has; or the reason why absence says nothing this time. */
const absences = Effect.fnUntraced(function* (intake: Intake) {
  const { request, log, reading } = intake
  const unproven = whyUnproven(reading.ending, reading.size)
  if (unproven !== undefined) return unproven
  const missing = yield* log.present(request.organization, request.name).pipe(
    Stream.filter((stream) => !reading.has(stream)),
    Stream.runCollect
  )
  if (reading.size === 0 && missing.length > 0) return `no people at all, where there were ${missing.length} before`
  for (let i = 0; i < missing.length; i += batchSize) yield* vanish(intake, missing.slice(i, i + batchSize))
  return undefined
})

const whyUnproven = (ending: Ending | undefined, size: number): string | undefined => {
  if (ending === undefined) return "the source did not say that this was everyone"
  if (!ending.complete) return ending.reason
  return ending.total === size ? undefined : `the source counts ${ending.total} people but reported ${size}`
}

const vanish = Effect.fnUntraced(function* (intake: Intake, streams: ReadonlyArray<string>) {
  const { day, name: source, run } = intake.request
  const missing = streams.map((stream) => ({ stream }))
  const events = yield* writeAbout(intake, missing, (some, histories) => {
    const seen = some.map(({ stream }): SeenRecord => ({ source, stream, digest: null, present: false }))
    const people = some.map(({ stream }) => reduce(stream, histories.get(stream) ?? []))
    // A row that was refused counts as present, yet its person may never have appeared.
    const leaving = people.filter((person) => person.sources[source]?.presence === "present")
    const events = leaving.map(({ stream, employeeId }): NewEvent => {
      const event = {
        type: "EmployeeVanished",
        source,
        run,
        day,
        ...(employeeId === undefined ? {} : { employeeId })
      } as const
      return { stream, event, actor: `source:${source}`, effectiveOn: null, causation: intake.startedAt ?? null }
    })
    return { events, seen }
  })
  tally(intake, events)
})
