/**
 * Erases people: everything of theirs in one transaction under the logs' locks, and then the files of the tables.
 *
 * The log is locked from the first look to the last word, so nothing about the person slips in between; what comes
 * afterwards is written without its personal part (`Admission`). Others' words that name the person stay theirs.
 */
import {
  type ErasedPerson,
  Erasure,
  type ErasureEntry,
  type ErasureReport,
  type ErasureRequest,
  PersonUnknown
} from "@rollcall/core/contract/Erasure"
import type { StoreError } from "@rollcall/core/contract/EventLog"
import { accountPrefix, accountStream, foldAccount } from "@rollcall/core/directory/AccountRecord"
import { employeeRecordPrefix, employeeRecordStream, foldRecord } from "@rollcall/core/directory/EmployeeRecord"
import { employeeStreamPrefix } from "@rollcall/core/domain/Employee"
import type { Event, NewEvent } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { byActor } from "@rollcall/core/sync/Record"
import { concernOf } from "@rollcall/core/sync/Traces"
import { Effect, Layer } from "effect"
import { type Kysely, sql } from "kysely"

import { Database } from "./Database.ts"
import { type Writing, sharedLog, write } from "./DirectoryWrite.ts"
import type { DriverFailure } from "./Engine.ts"
import { type Found, type Login, type Subject, type Whom, namedIn, subjectOf, uuidIn, whomOf } from "./ErasureSearch.ts"
import { timeText } from "./EventPage.ts"
import { projectEmployees } from "./ProjectEmployees.ts"
import { makeProjector } from "./Projector.ts"
import type { Tables } from "./Schema.ts"
import { sweep } from "./Sweep.ts"
import { countRows, forgetSeen, takePersonal } from "./TakePersonal.ts"

type Signed = Pick<ErasureRequest, "by" | "reason">

/** Somebody to be erased, and who says so. */
interface Order {
  readonly subject: Subject
  readonly signed: Signed
}

const make = Effect.gen(function* () {
  const database = yield* Database
  const projector = yield* makeProjector

  /** Locks, and lets the search take its time: it reads the whole log. */
  const erasing = <A, E>(
    log: OrganizationId,
    body: (writing: Writing) => Effect.Effect<A, E | DriverFailure | StoreError>
  ) =>
    write<A, E>(database, projector, [sharedLog, log], (writing) =>
      Effect.andThen(
        writing.run((db) => sql`set local statement_timeout = 0`.execute(db)),
        body(writing)
      )
    )

  const swept = (people: ReadonlyArray<ErasedPerson>) =>
    Effect.map(sweep(database), (found): ErasureReport => ({ people, sweep: found }))

  return Erasure.of({
    erase: Effect.fn("Erasure.erase")(function* (log, requests) {
      const people = yield* erasing<ReadonlyArray<ErasedPerson>, PersonUnknown>(
        log,
        Effect.fnUntraced(function* (writing) {
          const orders = new Map<string, Order>()
          for (const { who, ...signed } of requests) {
            const whom = yield* whomOf(writing, log, who)
            if (whom === undefined) return yield* new PersonUnknown({ who })
            const name = nameOf(whom)
            if (!orders.has(name)) orders.set(name, { subject: yield* subjectOf(writing, log, whom), signed })
          }
          return yield* eraseAll(writing, log, [...orders.values()])
        })
      )
      return yield* swept(people)
    }),
    repeat: Effect.fn("Erasure.repeat")(function* (log, entries) {
      const people = yield* erasing<ReadonlyArray<ErasedPerson>, never>(log, (writing) =>
        repeatAll(writing, log, entries)
      )
      return yield* swept(people)
    }),
    list: (log) => database.query((db) => selectEntries(db, log))
  })
})

export const layer: Layer.Layer<Erasure, never, Database> = Layer.effect(Erasure, make)

/** The stream that is left. */
const nameOf = ({ record, uuid }: Pick<Whom, "record" | "uuid">): string =>
  uuid === undefined ? employeeRecordStream(record ?? "") : `${employeeStreamPrefix}${uuid}`

const eraseAll = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId, orders: ReadonlyArray<Order>) {
  const subjects = orders.map(({ subject }) => subject)
  const own = subjects.flatMap(({ logins, streams }) => [...streams, ...logins.map(({ id }) => accountStream(id))])
  const named = yield* writing.run((db) => namedIn(db, log, subjects, own))
  const people: Array<ErasedPerson> = []
  for (const { signed, subject } of orders) people.push(yield* eraseOne(writing, log, { subject, signed }, named))
  return people
})

const eraseOne = Effect.fnUntraced(function* (
  writing: Writing,
  log: OrganizationId,
  { signed, subject }: Order,
  named: ReadonlyArray<Found>
) {
  const { logins, streams } = subject
  const concerns = named.map((found) => ({ found, concern: concernOf(subject.traces, subject.uuid, found) }))
  const positions = concerns.flatMap(({ concern, found }) => (concern === "take" ? [found.position] : []))
  const mentions = concerns.flatMap(({ concern, found }) => (concern === "mention" ? [found] : []))
  const of = (home: OrganizationId) => logins.filter((login) => login.log === home).map(streamOf)
  const here = yield* writing.run((db) => takePersonal(db, log, [...streams, ...of(log)], positions))
  const shared = yield* writing.run((db) => takePersonal(db, sharedLog, of(sharedLog), []))
  const rows = yield* writing.run((db) => countRows(db, log, subject))
  const seen = yield* writing.run((db) => forgetSeen(db, log, streams))
  // Of a login that all organizations share this one's log says it, too: so its list is whole.
  yield* writing.append(sharedLog, loginEvents(of(sharedLog), signed))
  yield* writing.append(log, [...personEvents(subject, signed), ...loginEvents(logins.map(streamOf), signed)])
  yield* reprojectReports(writing, log, subject)
  const person: ErasedPerson = {
    stream: nameOf({ uuid: subject.uuid, record: subject.records[0]?.id }),
    before: isErased(subject),
    events: here + shared,
    rows: rows + seen.length,
    accounts: logins.length,
    sources: seen.flatMap(({ present, source }) => (present ? [source] : [])).toSorted(),
    atTogether: isActive(subject),
    mentions: counted(mentions),
    configurations: mentions.flatMap(({ event, position }) => (event.type === "ConfigurationAdopted" ? [position] : []))
  }
  return person
})

/** Streams that are erased already say so. */
const personEvents = ({ person, records, streams }: Subject, { by, reason }: Signed): ReadonlyArray<NewEvent> => {
  const event: Event = { type: "EmployeeErased", by, reason }
  const told = records
    .filter(({ erased, id }) => erased !== true && streams.includes(employeeRecordStream(id)))
    .map(({ id }) => employeeRecordStream(id))
  const first = person === undefined || person.erased !== undefined ? [] : [person.stream]
  return [...first, ...told].map((stream) => byActor(`operator:${by}`, { stream, event }))
}

const streamOf = ({ id }: Login): string => accountStream(id)

const loginEvents = (streams: ReadonlyArray<string>, { by, reason }: Signed): ReadonlyArray<NewEvent> =>
  streams.map((stream) => byActor(`operator:${by}`, { stream, event: { type: "AccountErased", by, reason } }))

/** HR's word names a manager by the person: who went by another id in the Directory no longer does. */
const reprojectReports = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId, { records }: Subject) {
  const ids = records.map(({ id }) => id)
  const { rows } = yield* writing.run((db) =>
    sql<{ employee: string }>`
      select distinct employee from directory_managers
      where organization_id = ${log} and manager = any(${ids}::uuid[]) and hr`.execute(db)
  )
  const projecting = yield* writing.projecting(log)
  yield* projectEmployees(projecting, { ids: rows.map(({ employee }) => employee), people: [] })
})

const isActive = ({ person }: Subject): boolean => {
  if (person === undefined) return false
  const { applied, known, latest, missing } = person.sink
  return known && !missing && latest?.type !== "UserGone" && applied.status?.value !== "terminated"
}

const counted = (mentions: ReadonlyArray<Found>): Readonly<Record<string, number>> => {
  const counts: { [type: string]: number } = {}
  for (const { event } of mentions) {
    if (event.type !== "ConfigurationAdopted") counts[event.type] = (counts[event.type] ?? 0) + 1
  }
  return counts
}

const repeatAll = Effect.fnUntraced(function* (
  writing: Writing,
  log: OrganizationId,
  entries: ReadonlyArray<ErasureEntry>
) {
  const orders = new Map<string, Order>()
  for (const entry of entries) {
    const history = (yield* writing.streams(log, [entry.stream])).get(entry.stream) ?? []
    if (history.some(({ event, recordedAt }) => isErasure(event) && recordedAt === entry.erasedAt)) continue
    if (entry.stream.startsWith(accountPrefix)) {
      yield* eraseLogin(writing, log, entry)
      continue
    }
    const whom = yield* whomIn(writing, log, entry)
    if (whom === undefined) continue
    const subject = yield* subjectOf(writing, log, whom)
    if (!orders.has(nameOf(whom)) && !isErased(subject)) orders.set(nameOf(whom), { subject, signed: entry })
  }
  return yield* eraseAll(writing, log, [...orders.values()])
})

const isErasure = ({ type }: Event): boolean => type === "EmployeeErased" || type === "AccountErased"

const isErased = ({ person, records }: Subject): boolean =>
  person === undefined ? records.every(({ erased }) => erased === true) : person.erased !== undefined

/** Undefined where this log has not heard of them: an employee of the Directory alone cannot come again under that id. */
const whomIn = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId, { stream }: ErasureEntry) {
  const none: Whom = { uuid: undefined, record: undefined, key: undefined }
  const id = uuidIn(stream)
  if (stream.startsWith(employeeStreamPrefix)) return { ...none, uuid: id }
  const told = (yield* writing.streams(log, [stream])).get(stream)
  if (told === undefined || !stream.startsWith(employeeRecordPrefix)) return undefined
  const { person } = foldRecord(id, told)
  return person === null ? { ...none, record: id } : { ...none, uuid: person }
})

/** Wherever it is; the organization's own log says it in any case. */
const eraseLogin = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId, entry: ErasureEntry) {
  const { stream } = entry
  let found = false
  for (const home of [sharedLog, log]) {
    const history = (yield* writing.streams(home, [stream])).get(stream) ?? []
    if (foldAccount(uuidIn(stream), history) === undefined) continue
    found = true
    yield* writing.run((db) => takePersonal(db, home, [stream], []))
    if (home === sharedLog) yield* writing.append(home, loginEvents([stream], entry))
  }
  if (found) yield* writing.append(log, loginEvents([stream], entry))
})

const selectEntries = async (db: Kysely<Tables>, log: string): Promise<ReadonlyArray<ErasureEntry>> => {
  const rows = await db
    .selectFrom("erasures as x")
    .innerJoin("events as e", (join) =>
      join.onRef("e.organization_id", "=", "x.organization_id").onRef("e.position", "=", "x.position")
    )
    .select(["x.organization_id as organization", "x.stream", "x.position", timeText("e.recorded_at").as("erasedAt")])
    .select([sql<string>`e.data ->> 'by'`.as("by"), sql<string>`e.data ->> 'reason'`.as("reason")])
    .where("x.organization_id", "=", log)
    .orderBy("x.position")
    .execute()
  return rows
}
