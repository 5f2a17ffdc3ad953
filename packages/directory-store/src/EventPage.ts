/**
 * Events on their way out, a page at a time: the server packs each column of many rows into one JSON array, so that a
 * page costs it little and is read here by a few large JSON.parse instead of thousands of small ones.
 *
 * A page ends early where its events are large, so that memory stays flat whatever was written.
 */
import { StoreError, StoreNewer } from "@rollcall/core/contract/EventLog"
import { join, type RecordedEvent, schemaVersion, type Told } from "@rollcall/core/domain/Event"
import { DateTime, Effect } from "effect"
import { type Kysely, type RawBuilder, sql } from "kysely"

import type { Tables } from "./Schema.ts"

/** Which rows of `events` a page is taken from, and in what order. */
export interface Selection {
  /** Where the rows come from, when it is not `events` itself. */
  readonly from?: RawBuilder<unknown>
  readonly where: RawBuilder<unknown>
  readonly key: "position" | "stream, version"
  /** The most that the page holds; `pageEvents` unless another is named. */
  readonly limit?: number
  /** So many events stand in a piece of it; all of them unless another number is named. */
  readonly piece?: number
  /** Without who wrote the events and what led to them. */
  readonly told?: true
}

export interface Page {
  readonly events: ReadonlyArray<RecordedEvent>
  /** There may be more rows after the last of these. */
  readonly more: boolean
}

/** The most that a page holds for who does not read in bulk. */
export const pageEvents = 1000
/** As they are stored, compressed; the event that passes it is still in. */
export const pageBytes = 4 << 20

/** Runs a statement under `byIndex`: `Database.queryByIndex`, or `run` of a transaction that has those settings. */
export type Query<E> = <A>(run: (db: Kysely<Tables>) => Promise<A>) => Effect.Effect<A, E>

export const readPage = Effect.fnUntraced(function* <E>(
  query: Query<E>,
  selection: Selection
): Effect.fn.Return<Page, E | StoreError> {
  const { more, pieces } = yield* readPieces(query, selection)
  return { events: pieces.flatMap(unpack), more }
})

/** A page in pieces that are still packed: whoever unpacks one after the other has little to collect at a time. */
export interface Pieces {
  readonly pieces: ReadonlyArray<Packed>
  readonly more: boolean
}

export const readPieces = Effect.fnUntraced(function* <E>(
  query: Query<E>,
  selection: Selection
): Effect.fn.Return<Pieces, E | StoreError> {
  const pieces = yield* query((db) => selectPacked(db, selection))
  const newer = pieces.find((piece) => piece.newer !== null)
  if (newer !== undefined) return yield* refuse(newer)
  const { limit = pageEvents } = selection
  const [count, bytes] = [sum(pieces.map((piece) => piece.count)), sum(pieces.map((piece) => piece.bytes))]
  return { pieces, more: count === limit || bytes >= pageBytes }
})

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((a, b) => a + b, 0)

/** The one form in which a time leaves the database, and in which it is hashed. */
export const timeText = (column: string) =>
  sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** JSON arrays without their brackets, of at least one event. */
export interface Packed {
  readonly positions: string
  readonly streams: string
  readonly versions: string
  readonly types: string
  readonly times: string
  readonly dates: string
  /** Not of a page of what was told alone. */
  readonly causations?: string
  readonly actors?: string
  readonly data: string
  readonly personal: string
  readonly count: number
  /** Of all these events. */
  readonly bytes: number
  /** The newest shape among them, and the first event of a shape that this program does not know. */
  readonly schema: number
  readonly newer: number | null
}

/** `sized` looks at the size of what came before a row, which costs little beside the page itself. */
const selectPacked = async (
  db: Kysely<Tables>,
  { from = sql`events`, where, key, limit = pageEvents, piece = limit, told }: Selection
): Promise<ReadonlyArray<Packed>> => {
  const order = sql.raw(key)
  const { rows } = await sql<Packed>`
    select string_agg(position::text, ',') as positions, string_agg(to_json(stream)::text, ',') as streams,
      string_agg(version::text, ',') as versions, string_agg(to_json(type)::text, ',') as types,
      string_agg(date_part('epoch', recorded_at)::text, ',') as times,
      string_agg(coalesce('"' || to_char(effective_on, 'YYYY-MM-DD') || '"', 'null'), ',') as dates,
      ${told === true ? sql`` : origin} string_agg(data::text, ',') as data,
      string_agg(coalesce(personal::text, 'null'), ',') as personal, count(*) as count, sum(size)::bigint as bytes,
      max(schema_version) as schema,
      min(position) filter (where schema_version > ${schemaVersion}) as newer
    from (
      select *, sum(size) over rows_before - size as before, (row_number() over rows_before - 1) / ${piece}::bigint as piece
      from (
        select *, pg_column_size(data) + coalesce(pg_column_size(personal), 0) as size
        from ${from} where ${where} order by ${order} limit ${limit}
      ) as few
      window rows_before as (order by ${order} rows unbounded preceding)
    ) as sized
    where before < ${pageBytes} group by piece order by piece`.execute(db)
  return rows
}

/** Who wrote an event, and what led to it. */
const origin = sql`string_agg(coalesce(causation_position::text, 'null'), ',') as causations,
      string_agg(to_json(actor)::text, ',') as actors,`

type Part = Record<string, unknown>

const unpack = (packed: Packed): ReadonlyArray<RecordedEvent> => {
  const causations = parse(packed.causations ?? "") as ReadonlyArray<number | null>
  const actors = parse(packed.actors ?? "") as ReadonlyArray<string>
  return unpackTold(packed).map((told, row) => ({
    ...told,
    actor: cell(actors, row),
    causation: cell(causations, row)
  }))
}

export const unpackTold = (packed: Packed): ReadonlyArray<Told> => {
  const positions = parse(packed.positions) as ReadonlyArray<number>
  const types = parse(packed.types) as ReadonlyArray<string>
  const streams = parse(packed.streams) as ReadonlyArray<string>
  const versions = parse(packed.versions) as ReadonlyArray<number>
  const times = parse(packed.times) as ReadonlyArray<number>
  const dates = parse(packed.dates) as ReadonlyArray<string | null>
  const data = parse(packed.data) as ReadonlyArray<Part>
  const personal = parse(packed.personal) as ReadonlyArray<Part | null>
  return positions.map((position, row): Told => ({
    stream: cell(streams, row),
    event: join(cell(types, row), { data: cell(data, row), personal: cell(personal, row) }),
    effectiveOn: cell(dates, row),
    position,
    version: cell(versions, row),
    recordedAt: isoOf(cell(times, row))
  }))
}

/** The last of the events in the order of the page. */
export const lastOf = (packed: Packed): { readonly stream: string; readonly version: number } => ({
  stream: (parse(packed.streams) as ReadonlyArray<string>).at(-1) ?? "",
  version: (parse(packed.versions) as ReadonlyArray<number>).at(-1) ?? 0
})

const isoTimes = new Map<number, string>()
/** As many as are kept: some tens of kilobytes. */
const mostIsoTimes = 1000

/**
 * `timeText` of the seconds since 1970, which cost the server a quarter of what the text does: a double holds the
 * microseconds of our centuries. Events of one commit have one time.
 */
const isoOf = (seconds: number): string => {
  const known = isoTimes.get(seconds)
  if (known !== undefined) return known
  const micros = Math.round(seconds * 1e6)
  const millis = DateTime.formatIso(DateTime.makeUnsafe(Math.floor(micros / 1000)))
  const made = `${millis.slice(0, -1)}${String(micros % 1000).padStart(3, "0")}Z`
  if (isoTimes.size >= mostIsoTimes) isoTimes.clear()
  isoTimes.set(seconds, made)
  return made
}

const parse = (items: string): unknown => JSON.parse(`[${items}]`)

/** Every column has as many items as the page has rows. */
const cell = <A>(column: ReadonlyArray<A>, row: number): A => column[row] as A

const refuse = ({ newer, positions, schema, types }: Packed) => {
  const type = cell(
    parse(types) as ReadonlyArray<string>,
    (parse(positions) as ReadonlyArray<number>).indexOf(newer ?? 0)
  )
  return new StoreError({
    reason: new StoreNewer({
      problem: `Event ${newer} (${type}) was written by a newer Rollcall: schema version ${schema}, this one knows ${schemaVersion}.`,
      remedy: "Run that version."
    })
  })
}
