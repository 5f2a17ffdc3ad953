/**
 * Finds everything of a person before it is taken: their streams, their logins, and where else in the log they are named.
 *
 * Used by `Erasure` under the logs' locks, and writes nothing. The log is read once for all who are asked for: whoever is
 * named in passing stands in no index.
 */
import {
  type EmployeeRecord,
  employeeRecordPrefix,
  employeeRecordStream,
  foldRecord
} from "@rollcall/core/directory/EmployeeRecord"
import { employeeStream, employeeStreamPrefix, isUuid, organizationUuid } from "@rollcall/core/domain/Employee"
import { type RecordedEvent, join } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { type Person, reduce } from "@rollcall/core/sync/Reduce"
import { type Traces, tracesOf } from "@rollcall/core/sync/Traces"
import { Effect } from "effect"
import { type Kysely, sql } from "kysely"

import { type Writing, sharedLog } from "./DirectoryWrite.ts"
import type { Tables } from "./Schema.ts"
import { keyOf } from "./Texts.ts"

/** Whom an erasure is about: the person of `employee:UUID`, or somebody who is in the Directory alone. */
export interface Whom {
  readonly uuid: string | undefined
  /** An employee of the Directory. */
  readonly record: string | undefined
  /** HR's key, where it was named. */
  readonly key: string | undefined
}

export interface Login {
  readonly id: string
  readonly log: OrganizationId
}

/** All that is a person's own, as it is before the erasure. */
export interface Subject {
  readonly uuid: string | undefined
  readonly person: Person | undefined
  readonly records: ReadonlyArray<EmployeeRecord>
  readonly logins: ReadonlyArray<Login>
  readonly traces: Traces
  /** Their streams in the organization's log that have events, logins apart. */
  readonly streams: ReadonlyArray<string>
}

/** Undefined: neither the log nor the Directory has ever heard of them. */
export const whomOf = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId, who: string) {
  const byKey = employeeStream(log, who)
  const [byUuid, byRecord] = [`${employeeStreamPrefix}${who}`, employeeRecordStream(who)]
  const found = yield* writing.streams(log, [byKey, ...(isUuid(who) ? [byUuid, byRecord] : [])])
  const none: Whom = { uuid: undefined, record: undefined, key: undefined }
  if (found.has(byKey)) return { ...none, uuid: uuidIn(byKey), key: who }
  if (found.has(byUuid)) return { ...none, uuid: who }
  const told = found.get(byRecord)
  if (told === undefined) return undefined
  const { person } = foldRecord(who, told)
  return person === null ? { ...none, record: who } : { ...none, uuid: person }
})

export const uuidIn = (stream: string): string => stream.slice(stream.indexOf(":") + 1)

export const subjectOf = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId, whom: Whom) {
  const { key, record, uuid } = whom
  const keyed = uuid === undefined ? [] : yield* writing.run((db) => keyedTo(db, log, uuid))
  const ids = [...new Set([...(record === undefined ? [] : [record]), ...(uuid === undefined ? [] : [uuid]), ...keyed])]
  const stream = uuid === undefined ? undefined : `${employeeStreamPrefix}${uuid}`
  const histories = yield* writing.streams(log, [
    ...(stream === undefined ? [] : [stream]),
    ...ids.map(employeeRecordStream)
  ])
  const records = ids.map((id) => foldRecord(id, histories.get(employeeRecordStream(id)) ?? []))
  const traces = tracesOf([...histories.values()].flat(), key === undefined ? [] : [key])
  const subject: Subject = {
    uuid,
    person: stream === undefined ? undefined : reduce(stream, histories.get(stream) ?? []),
    records,
    traces,
    logins: yield* writing.run((db) => loginsOf(db, log, records, traces)),
    streams: [...histories.keys()]
  }
  return subject
})

/** Employees of the API's own who were given the person's number. */
const keyedTo = async (db: Kysely<Tables>, log: string, uuid: string): Promise<ReadonlyArray<string>> => {
  const { rows } = await sql<{ stream: string }>`
    select distinct stream from events
    where organization_id = ${log} and stream > ${employeeRecordPrefix}
      and stream < ${employeeRecordPrefix.replace(/:$/, ";")}
      and type = 'EmployeeKeyed' and data ->> 'person' = ${uuid}`.execute(db)
  return rows.map(({ stream }) => uuidIn(stream))
}

/**
 * Accounts that were tied to the employee, and those with an address of theirs; but not where that address, or the
 * account, is another employee's by now.
 */
const loginsOf = async (
  db: Kysely<Tables>,
  log: OrganizationId,
  records: ReadonlyArray<EmployeeRecord>,
  { addresses }: Traces
): Promise<ReadonlyArray<Login>> => {
  const home = organizationUuid(log)
  const ids = records.map(({ id }) => id)
  const tied = records.flatMap(({ account }) => (account === null || !isUuid(account) ? [] : [account]))
  const { rows } = await sql<{ id: string; shared: boolean }>`
    select a.id, a.organization is null as shared from directory_accounts as a
    where (a.organization = ${home}::uuid or a.organization is null) and (
      a.id = any(${tied}::uuid[])
      or exists (select from directory_grants as g
        where g.account = a.id and g.organization = ${home}::uuid and g.employee = any(${ids}::uuid[]))
      or (a.email_key = any(${[...addresses].map(keyOf)}::text[])
        and not exists (select from directory_grants as g
          where g.account = a.id and g.organization = ${home}::uuid and g.employee <> all(${ids}::uuid[]))
        and not exists (select from directory_employees as e
          where e.organization_id = ${log} and e.id <> all(${ids}::uuid[])
            and (e.account = a.id or e.email_key = a.email_key))))
    order by a.id`.execute(db)
  return rows.map(({ id, shared }) => ({ id, log: shared ? sharedLog : log }))
}

/** An event that may concern one of the people; what it has to do with whom is `core/sync/Traces`' to say. */
export type Found = Pick<RecordedEvent, "position" | "stream" | "event">

/** Candidates from the whole log, but for the people's own streams. */
export const namedIn = async (
  db: Kysely<Tables>,
  log: string,
  subjects: ReadonlyArray<Subject>,
  but: ReadonlyArray<string>
): Promise<ReadonlyArray<Found>> => {
  const all = <A>(of: (subject: Subject) => Iterable<A>) => [...new Set(subjects.flatMap((one) => [...of(one)]))]
  const exact = all(({ traces }) => [...traces.keys, ...traces.userIds]).map((text) => containing(JSON.stringify(text)))
  const names = all(({ traces }) => traces.names).map((text) => containing(JSON.stringify(text)))
  const addresses = all(({ traces }) => traces.addresses).map(inAnyCase)
  const uuids = all(({ uuid }) => (uuid === undefined ? [] : [uuid])).map(containing)
  const { rows } = await sql<{ position: number; stream: string; type: string; data: string; personal: string | null }>`
    select position, stream, type, data::text as data, personal::text as personal from events
    where organization_id = ${log} and stream <> all(${but}::text[]) and (
      (personal is not null and (
        personal::text like any(${exact}::text[]) or lower(personal::text) like any(${addresses}::text[])))
      or (personal is not null and stream like 'lane:%' and data::text like any(${uuids}::text[]))
      or (type = 'ConfigurationAdopted' and (
        data::text like any(${[...exact, ...names]}::text[]) or lower(data::text) like any(${addresses}::text[])))
    )
    order by position`.execute(db)
  return rows.map(({ data, personal, position, stream, type }) => ({
    position,
    stream,
    event: join(type, { data: parse(data), personal: personal === null ? null : parse(personal) })
  }))
}

const parse = (text: string) => JSON.parse(text) as Record<string, unknown>

/** For LIKE. */
const containing = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`

/** For LIKE over small letters; many databases know those of English alone, so whatever is beyond may be anything. */
const inAnyCase = (address: string): string =>
  containing(JSON.stringify(address.toLowerCase()).slice(1, -1)).replace(/[^ -~]+/g, "%")
