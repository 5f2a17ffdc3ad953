/**
 * An event log in memory that keeps the whole contract of `EventLog`: for the tests of what reads and writes one.
 *
 * Events are kept as the real log keeps them, in two parts of JSON, and joined again when they are read.
 */
import { DateTime, Effect, Stream, SubscriptionRef } from "effect"

import {
  type Append,
  AppendKeyReused,
  type Appended,
  CursorConflict,
  EventLog,
  type SeenRecord,
  StoreError,
  VersionConflict
} from "../src/contract/EventLog.ts"
import { Lane } from "../src/contract/Lane.ts"
import { canonicalJson, sha256 } from "../src/domain/Digest.ts"
import { type EmployeeStream, employeeStreamPrefix } from "../src/domain/Employee.ts"
import { type EventParts, type NewEvent, type RecordedEvent, join, split } from "../src/domain/Event.ts"
import type { OrganizationId } from "../src/domain/Organization.ts"

type Row = Omit<RecordedEvent, "event"> & { readonly type: string; readonly parts: string; readonly hash: string }

/** Everything that is kept of one organization. */
interface Book {
  readonly rows: Array<Row>
  readonly streams: Map<string, Array<Row>>
  readonly commits: Map<string, { readonly contents: string; readonly appended: Appended }>
  readonly cursors: Map<string, string>
  readonly seen: Map<string, Map<string, SeenRecord>>
  /** Position of the last event; tells followers that there is more. */
  readonly head: SubscriptionRef.SubscriptionRef<number>
}

export const makeMemoryLog = Effect.sync((): EventLog["Service"] => {
  const books = new Map<string, Book>()
  const bookOf = (organization: OrganizationId): Book => {
    const known = books.get(organization)
    if (known !== undefined) return known
    const made = emptyBook()
    books.set(organization, made)
    return made
  }
  const reading = <A>(organization: OrganizationId, read: (book: Book) => A) =>
    Effect.sync(() => read(bookOf(organization)))
  const streaming = <A>(organization: OrganizationId, list: (book: Book) => Iterable<A>) =>
    Stream.suspend(() => Stream.fromIterable(list(bookOf(organization))))
  return EventLog.of({
    append: (organization, append) => Effect.suspend(() => admit(bookOf(organization), append)),
    head: (organization) =>
      reading(organization, ({ rows }) => {
        const last = rows.at(-1)
        return { position: rows.length, hash: last?.hash ?? "", recordedAt: last?.recordedAt ?? null }
      }),
    positionAt: (organization, instant) =>
      reading(organization, ({ rows }) => rows.findLast((row) => !isLater(row.recordedAt, instant))?.position ?? 0),
    read: (organization, { after = 0, upTo } = {}) =>
      streaming(organization, ({ rows }) => rows.slice(after, upTo).map(recorded)),
    follow: (organization, after) =>
      Stream.suspend(() => {
        const { head, rows } = bookOf(organization)
        let at = after
        return SubscriptionRef.changes(head).pipe(
          Stream.flatMap((position) => {
            const news = rows.slice(at, position).map(recorded)
            at = Math.max(at, position)
            return Stream.fromIterable(news)
          })
        )
      }),
    stream: (organization, stream) => reading(organization, (book) => eventsOf(book, stream)),
    streams: (organization, streams) =>
      reading(organization, (book) => {
        const known = streams.filter((stream) => book.streams.has(stream))
        return new Map(known.map((stream) => [stream, eventsOf(book, stream)]))
      }),
    people: (organization, { only, upTo = Infinity } = {}) =>
      streaming(organization, (book) =>
        [...book.streams.keys()]
          .filter((stream) => stream.startsWith(employeeStreamPrefix))
          .toSorted()
          .map((stream) =>
            eventsOf(book, stream).filter(
              ({ event, position }) => position <= upTo && (only?.includes(event.type) ?? true)
            )
          )
          .filter((events) => events.length > 0)
      ),
    seen: (organization, source, streams) =>
      reading(organization, (book) => {
        const records = book.seen.get(source)
        const found = streams.flatMap((stream) => records?.get(stream) ?? [])
        return new Map(found.map((record) => [record.stream, record]))
      }),
    present: (organization, source) =>
      streaming(organization, (book) =>
        [...(book.seen.get(source)?.values() ?? [])]
          .filter((record) => record.present)
          .map((record) => record.stream as EmployeeStream)
          .toSorted()
      ),
    cursor: (organization, source) => reading(organization, (book) => book.cursors.get(source) ?? null),
    salt: (organization) => Effect.succeed(sha256(`salt of ${organization}`)),
    chain: () => Stream.die(new Error("a log in memory keeps no bytes")),
    verify: (organization) =>
      reading(organization, ({ rows }) => {
        const broken = rows.findIndex((row, i) => row.hash !== hashOf(rows[i - 1]?.hash ?? "", row))
        return broken < 0 ? null : { position: broken + 1, problem: "the hash does not fit" }
      })
  })
})

/** Provides a log of its own, empty, to a test, and a lane that is always free. */
export const withEmptyLog = <A, E, R>(body: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const log = yield* makeMemoryLog
    const lane = Lane.of({
      grant: () => Effect.die("the sinks of these tests ask for nothing"),
      release: (organization, _release, append) => log.append(organization, append),
      state: () => Effect.succeed(null)
    })
    return yield* body.pipe(Effect.provideService(EventLog, log), Effect.provideService(Lane, lane))
  })

/** Everything in the log, oldest first. */
export const allEvents = Effect.fnUntraced(function* (organization: OrganizationId) {
  const log = yield* EventLog
  return yield* Stream.runCollect(log.read(organization))
})

/** Times of this log are whole milliseconds. */
const isLater = (recordedAt: string, instant: string): boolean =>
  DateTime.isGreaterThan(DateTime.makeUnsafe(recordedAt), DateTime.makeUnsafe(instant))

const emptyBook = (): Book => ({
  rows: [],
  streams: new Map(),
  commits: new Map(),
  cursors: new Map(),
  seen: new Map(),
  head: Effect.runSync(SubscriptionRef.make(0))
})

const admit = Effect.fnUntraced(function* (book: Book, append: Append): Effect.fn.Return<Appended, StoreError> {
  const contents = contentsOf(append)
  const known = book.commits.get(append.appendKey)
  if (known !== undefined) {
    if (known.contents === contents) return { ...known.appended, replayed: true }
    return yield* new StoreError({ reason: new AppendKeyReused({ appendKey: append.appendKey }) })
  }
  const conflict = conflictOf(book, append)
  if (conflict !== undefined) return yield* new StoreError({ reason: conflict })
  const now = DateTime.formatIso(yield* DateTime.now).replace("Z", "000Z")
  const last = book.rows.at(-1)?.recordedAt ?? ""
  const appended = write(book, append, now > last ? now : last)
  book.commits.set(append.appendKey, { contents, appended })
  yield* SubscriptionRef.set(book.head, book.rows.length)
  return appended
})

const contentsOf = ({ expectedVersions, ...rest }: Append): string =>
  canonicalJson({ ...rest, expectedVersions: Object.fromEntries(expectedVersions ?? []) })

const conflictOf = (book: Book, { cursor, expectedVersions }: Append) => {
  if (cursor !== undefined && (book.cursors.get(cursor.source) ?? null) !== cursor.expected) {
    return new CursorConflict({ source: cursor.source })
  }
  for (const [stream, expected] of expectedVersions ?? []) {
    const actual = book.streams.get(stream)?.length ?? 0
    if (actual !== expected) return new VersionConflict({ stream, expected, actual })
  }
  return undefined
}

const write = (book: Book, { cursor, events, seen = [] }: Append, recordedAt: string): Appended => {
  const firstPosition = book.rows.length + 1
  for (const event of events) add(book, event, recordedAt)
  if (cursor !== undefined) book.cursors.set(cursor.source, cursor.next)
  for (const record of seen) {
    const records = book.seen.get(record.source) ?? new Map<string, SeenRecord>()
    book.seen.set(record.source, records.set(record.stream, record))
  }
  return { firstPosition, lastPosition: book.rows.length, recordedAt, replayed: false }
}

const add = (book: Book, { event, ...envelope }: NewEvent, recordedAt: string): void => {
  const stream = book.streams.get(envelope.stream) ?? []
  const parts = JSON.stringify(split(event))
  const place = { position: book.rows.length + 1, version: stream.length + 1, recordedAt }
  const unlinked = { ...envelope, ...place, type: event.type, parts }
  const row = { ...unlinked, hash: hashOf(book.rows.at(-1)?.hash ?? "", unlinked) }
  stream.push(row)
  book.rows.push(row)
  book.streams.set(envelope.stream, stream)
}

const hashOf = (before: string, { position, parts, stream, type }: Omit<Row, "hash">): string =>
  sha256(canonicalJson([before, position, stream, type, parts]))

const recorded = ({ parts, type, hash: _hash, ...envelope }: Row): RecordedEvent => ({
  ...envelope,
  event: join(type, JSON.parse(parts) as EventParts)
})

const eventsOf = (book: Book, stream: string): ReadonlyArray<RecordedEvent> =>
  (book.streams.get(stream) ?? []).map(recorded)
