/**
 * Writes what a replay finds as it finds it: a table of the first, lines of JSON, or CSV; with back-pressure, so that
 * memory stays flat however slowly it is read.
 *
 * Called by `rollcall replay`. JSON and CSV have standard output for themselves: progress and words go beside it.
 */
import type { StoreError } from "@rollcall/core/contract/EventLog"
import type { Replayed } from "@rollcall/core/sync/Replaying"
import { stringify } from "csv-stringify/sync"
import { Console, Effect, Predicate, Stdio, Stream } from "effect"

import type { Layout } from "../operations/ReplayReport.ts"
import { type Output, type Progress, counted } from "../Output.ts"

export const replayFormats = ["table", "json", "csv"] as const

export type ReplayFormat = (typeof replayFormats)[number]

/** What was found, and by the words it is counted under. */
export interface Tally {
  readonly found: number
  readonly kinds: Readonly<Record<string, number>>
  /** False where whoever reads had enough before the end. */
  readonly whole: boolean
}

export interface Writing<A> {
  readonly format: ReplayFormat
  readonly layout: Layout<A>
  /** Events of the log up to where it is looked at; undefined for one person, who is found at once. */
  readonly events: number | undefined
}

const shownPeople = 50

/** Writes all of it; the tally is for the words that follow. */
export const writeReplay = Effect.fn("ReplayOutput.write")(function* <A, R>(
  output: Output,
  { events, format, layout }: Writing<A>,
  replayed: Stream.Stream<Replayed<A>, StoreError, R>
) {
  const progress = events === undefined ? silent : toTheEnd(output.progress("replay", format !== "table"), events)
  const tally = new Counts<A>(layout)
  const found = Stream.chunks(replayed).pipe(Stream.mapEffect((some) => tally.take(some, progress, events)))
  const whole = yield* format === "table"
    ? writeTable(output, layout, found, progress)
    : writeLines(format === "csv" ? csvOf(layout, found) : jsonOf(layout, found), progress)
  const told: Tally = { ...tally.result, whole }
  return told
})

/** Ends with all events passed: those that are about nobody are not read. */
const toTheEnd = (progress: Progress, events: number): Progress => ({
  at: progress.at,
  end: Effect.andThen(progress.at(events, events, "events"), progress.end)
})

const silent: Progress = { at: () => Effect.void, end: Effect.void }

class Counts<A> {
  readonly #layout: Layout<A>
  readonly #kinds: Record<string, number> = {}
  #found = 0
  #events = 0

  constructor(layout: Layout<A>) {
    this.#layout = layout
  }

  /** Counts some people, and hands on of whom there is something to be shown. */
  take(some: ReadonlyArray<Replayed<A>>, progress: Progress, events?: number): Effect.Effect<ReadonlyArray<A>> {
    const found: Array<A> = []
    for (const one of some) {
      this.#events += one.events
      if (one.found === undefined) continue
      found.push(one.found)
      const kind = this.#layout.kind(one.found)
      this.#kinds[kind] = (this.#kinds[kind] ?? 0) + 1
    }
    this.#found += found.length
    return Effect.as(progress.at(this.#events, events, "events"), found)
  }

  get result() {
    return { found: this.#found, kinds: this.#kinds }
  }
}

type Found<A, R> = Stream.Stream<ReadonlyArray<A>, StoreError, R>

const writeTable = Effect.fnUntraced(function* <A, R>(
  output: Output,
  layout: Layout<A>,
  found: Found<A, R>,
  progress: Progress
) {
  const first: Array<A> = []
  let people = 0
  yield* Stream.runForEach(found, (some) =>
    Effect.sync(() => {
      people += some.length
      first.push(...some.slice(0, shownPeople - first.length))
    })
  )
  yield* progress.end
  if (first.length > 0) yield* output.table(layout.shortHead, first.flatMap(layout.shortRows))
  const more = counted(people - first.length, "person", "people")
  if (people > first.length) yield* output.line(`... and ${more} more (--format json or csv shows all)`)
  return true
})

const jsonOf = <A, R>(layout: Layout<A>, found: Found<A, R>): Stream.Stream<string, StoreError, R> =>
  Stream.map(found, (some) => some.map((one) => `${JSON.stringify(layout.object(one))}\n`).join(""))

/** RFC 4180: a row of names, and lines that end in CRLF. */
const csvOf = <A, R>(layout: Layout<A>, found: Found<A, R>): Stream.Stream<string, StoreError, R> =>
  Stream.map(found, (some) => csvLines(some.flatMap(layout.rows))).pipe(Stream.prepend([csvLines([layout.head])]))

const csvLines = (rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  stringify(
    rows.map((row) => [...row]),
    { record_delimiter: "windows" }
  )

/** Whoever reads may have read enough (`| head`): then nothing more is written, and nothing was wrong. */
const writeLines = Effect.fnUntraced(function* <E, R>(lines: Stream.Stream<string, E, R>, progress: Progress) {
  const stdio = yield* Stdio.Stdio
  const whole = yield* Stream.filter(lines, (text) => text !== "").pipe(
    Stream.run(stdio.stdout()),
    Effect.as(true),
    Effect.catchIf(isClosedPipe, () => Effect.succeed(false))
  )
  if (whole) yield* progress.end
  return whole
})

const isClosedPipe = (error: unknown): boolean => {
  const reason = Predicate.isTagged(error, "PlatformError") && "reason" in error ? error.reason : undefined
  const cause = Predicate.hasProperty(reason, "cause") ? reason.cause : undefined
  return Predicate.hasProperty(cause, "code") && cause.code === "EPIPE"
}

/** The last words for people: on standard output after a table, beside JSON and CSV. */
export const conclude = (output: Output, format: ReplayFormat, { whole }: Tally, text: string): Effect.Effect<void> => {
  if (format === "table") return output.line(text)
  return output.json || !whole ? Effect.void : Console.error(text)
}
