/**
 * Reading the log: by position, by stream, by person. Pages are packed by the server, one JSON text a page.
 *
 * By position: fixed ranges, two of them under way at once, up to where the head was when reading began. By person:
 * ranges of their names, the unique index in its own order, from key to key. A page ends early where it grows too large, so memory stays flat.
 */
import type { StoreError } from "@rollcall/core/contract/EventLog"
import { employeeStreamPrefix } from "@rollcall/core/domain/Employee"
import type { RecordedEvent, Told } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Option, Stream } from "effect"
import { type Kysely, sql } from "kysely"

import type { Database } from "./Database.ts"
import {
  lastOf,
  type Packed,
  type Page,
  type Query,
  pageEvents,
  readPage,
  readPieces,
  timeText,
  unpackTold
} from "./EventPage.ts"
import type { Tables } from "./Schema.ts"

/** Events about people. */
type People = ReadonlyArray<Told>

export const readHead = (database: Database["Service"], organization: OrganizationId) =>
  database.query((db) =>
    db
      .selectFrom("log_heads")
      .select(["position", "hash", timeText("recorded_at").as("recorded_at")])
      .where("organization_id", "=", organization)
      .executeTakeFirst()
  )

/** Time follows positions: the last commit with events up to then ends there. */
export const readPositionAt = Effect.fnUntraced(function* (
  database: Database["Service"],
  organization: OrganizationId,
  instant: string
) {
  const { rows } = yield* database.queryByIndex((db) =>
    sql<{ position: number }>`
      select last_position as position from commits
      where organization_id = ${organization} and recorded_at <= ${instant}::timestamptz
        and last_position >= first_position
      order by recorded_at desc, last_position desc limit 1`.execute(db)
  )
  return rows[0]?.position ?? 0
})

export interface Range {
  readonly after: number
  readonly upTo: number
}

/** Two pages under way while one is worked on: one more would only wait in memory. */
const ahead = { concurrency: 3 } as const

export const readRange = (
  database: Database["Service"],
  organization: OrganizationId,
  range: Range
): Stream.Stream<RecordedEvent, StoreError> =>
  inRanges(range, ({ after, upTo }) => {
    const where = sql`organization_id = ${organization} and position > ${after} and position <= ${upTo}`
    return Effect.map(readPage(database.queryByIndex, { where, key: "position" }), ({ events }) => events)
  })

/** `page` gives the rows of a range in order, and may end early; what is left is then asked for again. */
export const inRanges = <A extends { readonly position: number }, E>(
  range: Range,
  page: (range: Range) => Effect.Effect<ReadonlyArray<A>, E>
): Stream.Stream<A, E> => {
  const withRest = ({ after, upTo }: Range) =>
    Effect.map(page({ after, upTo }), (rows) => {
      const last = rows.at(-1)?.position ?? upTo
      return [rows, last < upTo ? Option.some({ after: last, upTo }) : Option.none<Range>()] as const
    })
  return Stream.fromIterable(ranges(range), { chunkSize: 1 }).pipe(
    Stream.mapEffect(withRest, ahead),
    Stream.flatMap(([rows, rest]) =>
      Option.isNone(rest)
        ? Stream.fromArray(rows)
        : Stream.concat(Stream.fromArray(rows), Stream.paginate(rest.value, withRest))
    )
  )
}

function* ranges({ after, upTo }: Range): Generator<Range> {
  for (let start = after; start < upTo; start += pageEvents) {
    yield { after: start, upTo: Math.min(start + pageEvents, upTo) }
  }
}

interface Key {
  readonly stream: string
  readonly version: number
}

/** Names from `from` on, up to `to` without it. */
interface Names {
  readonly from: string
  readonly to: string
}

/** The least text that is greater than everything with the prefix: ";" comes after ":". */
const afterEmployees = employeeStreamPrefix.replace(/:$/, ";")

/** Events that a range of names has on average, the most that a page of it takes, and those of a piece. */
const [rangeEvents, rangePage, pieceEvents] = [8000, 10_000, 200]
const digits = 4

/**
 * All names of employees, in order, in as many ranges as a log of so many events asks for. Employees are named by UUIDs,
 * spread evenly over their first hexadecimal digits; names that are none fall between or outside of these, too.
 */
function* nameRanges(events: number): Generator<Names> {
  const count = Math.min(Math.max(1, Math.ceil(events / rangeEvents)), 16 ** digits)
  let from: string = employeeStreamPrefix
  for (let range = 1; range < count; range++) {
    const first = Math.floor((range * 16 ** digits) / count)
    const to = employeeStreamPrefix + first.toString(16).padStart(digits, "0")
    yield { from, to }
    from = to
  }
  yield { from, to: afterEmployees }
}

/** How far the walk through a range has come. */
interface Walk {
  readonly names: Names
  readonly after: Key
}

/** Up to a position; of these types alone, or of all. */
interface Wanted {
  readonly upTo: number
  readonly only: ReadonlyArray<string> | undefined
}

/** Every employee's whole stream: ranges of names, some of them under way at once. */
export const readPeople = (
  database: Database["Service"],
  organization: OrganizationId,
  wanted: Wanted
): Stream.Stream<People, StoreError> => {
  const read = (walk: Walk) => pageOfNames(database, organization, wanted, walk)
  return Stream.fromIterable(nameRanges(wanted.upTo), { chunkSize: 1 }).pipe(
    Stream.mapEffect((names) => read({ names, after: { stream: names.from, version: 0 } }), ahead),
    Stream.flatMap(([pieces, rest]) => {
      const first = Stream.fromIterable(pieces, { chunkSize: 1 })
      return whole(Option.isNone(rest) ? first : Stream.concat(first, Stream.paginate(rest.value, read)))
    })
  )
}

/** A part of a range, still packed, and how to go on where the page ended before the range. */
const pageOfNames = Effect.fnUntraced(function* (
  database: Database["Service"],
  organization: OrganizationId,
  { only, upTo }: Wanted,
  { after, names }: Walk
) {
  const types = only === undefined ? sql`true` : sql`type = any(${only}::text[])`
  const where = sql`organization_id = ${organization} and (stream, version) > (${after.stream}, ${after.version})
    and stream < ${names.to} and position <= ${upTo} and ${types}`
  const selection = { where, key: "stream, version", limit: rangePage, piece: pieceEvents, told: true } as const
  const { more, pieces } = yield* readPieces(database.queryByIndex, selection)
  const last = pieces.at(-1)
  const rest = more && last !== undefined ? Option.some<Walk>({ names, after: lastOf(last) }) : Option.none<Walk>()
  return [pieces, rest] as const
})

/** The people of a range, unpacked as they are asked for; a person may go on in the next piece. */
const whole = <E>(pieces: Stream.Stream<Packed, E>): Stream.Stream<People, E> =>
  Stream.mapAccum(
    pieces,
    (): People => [],
    (open, piece) => {
      const people = byStream(open, unpackTold(piece))
      return [people.at(-1) ?? [], people.slice(0, -1)]
    },
    { onHalt: (open) => (open.length === 0 ? [] : [open]) }
  )

/** Neighbours of one stream together; `open` are the first of them. */
const byStream = (open: People, events: People): ReadonlyArray<People> => {
  const groups: Array<Array<Told>> = open.length === 0 ? [] : [[...open]]
  for (const event of events) {
    const group = groups.at(-1)
    if (group?.[0]?.stream === event.stream) group.push(event)
    else groups.push([event])
  }
  return groups
}

const streamsAtOnce = 1000

/** The given streams, each whole; looked up in the index one by one, however large the table. */
export const readStreams = Effect.fnUntraced(function* <E>(
  query: Query<E>,
  organization: OrganizationId,
  streams: ReadonlyArray<string>
): Effect.fn.Return<ReadonlyMap<string, ReadonlyArray<RecordedEvent>>, E | StoreError> {
  const found = new Map<string, Array<RecordedEvent>>()
  const wanted = [...new Set(streams)]
  for (let start = 0; start < wanted.length; start += streamsAtOnce) {
    const some = wanted.slice(start, start + streamsAtOnce)
    for (let after: Key | undefined = { stream: "", version: 0 }; after !== undefined;) {
      const { stream } = after
      const rest = some.filter((name) => Buffer.compare(Buffer.from(name), Buffer.from(stream)) >= 0)
      const { from, where } = descents(organization, rest, after)
      const page: Page = yield* readPage(query, { from, where, key: "stream, version" })
      for (const event of page.events) {
        const known = found.get(event.stream)
        if (known === undefined) found.set(event.stream, [event])
        else known.push(event)
      }
      after = page.more ? page.events.at(-1) : undefined
    }
  }
  return found
})

/**
 * One descent of the unique index for each stream: the limit keeps the planner from turning it round. PostgreSQL 15 and
 * 16 would answer `stream = any(...)` in order by walking the whole organization.
 */
const descents = (organization: OrganizationId, streams: ReadonlyArray<string>, after: Key) => ({
  from: sql`unnest(${streams}::text[]) as given (name) cross join lateral (
    select * from events
    where organization_id = ${organization} and stream = given.name
      and (stream, version) > (${after.stream}, ${after.version})
    order by version limit ${pageEvents}
  ) as events`,
  where: sql`true`
})

/** The latest version of each stream that is there. One descent of the unique index a stream, whatever the planner believes about the size of the table. */
export const versionsOf = async (db: Kysely<Tables>, organization: string, streams: ReadonlyArray<string>) => {
  const { rows } = await sql<{ stream: string; version: number }>`
    select given.stream, latest.version
    from unnest(${streams}::text[]) as given (stream)
    cross join lateral (
      select version from events
      where organization_id = ${organization} and events.stream = given.stream
      order by version desc limit 1
    ) as latest`.execute(db)
  return new Map(rows.map(({ stream, version }) => [stream, version]))
}
