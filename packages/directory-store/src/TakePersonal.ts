/**
 * The statements of an erasure: takes personal parts, the digests made of them, and what sources remember.
 *
 * Used by `Erasure` inside its transaction. Changes of `events` no others than its trigger allows.
 */
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { type Kysely, sql } from "kysely"

import type { Subject } from "./ErasureSearch.ts"
import type { Tables } from "./Schema.ts"

/** All of these streams, and these single events; answers with how many had something to take. */
export const takePersonal = async (
  db: Kysely<Tables>,
  log: string,
  streams: ReadonlyArray<string>,
  positions: ReadonlyArray<number>
): Promise<number> => {
  const whole = await sql<{ position: number }>`
    update events set personal = null, salt = null
    where organization_id = ${log} and stream = any(${streams}::text[]) and personal is not null
    returning position`.execute(db)
  const single = await sql<{ position: number }>`
    update events set personal = null, salt = null
    where organization_id = ${log} and position = any(${positions}::bigint[]) and personal is not null
    returning position`.execute(db)
  const taken = [...whole.rows, ...single.rows].map(({ position }) => position)
  if (taken.length > 0) await forgetDigests(db, log, taken)
  return taken.length
}

/** An append is known again by its key alone then: its digest is made of what it held. */
const forgetDigests = (db: Kysely<Tables>, log: string, positions: ReadonlyArray<number>) => {
  const ranges = positions.toSorted((a, b) => a - b).map((position) => `[${position},${position + 1})`)
  return sql`
    update commits set request_digest = null
    where organization_id = ${log} and request_digest is not null
      and int8range(first_position, last_position + 1) && ${`{${ranges.join(",")}}`}::int8multirange`.execute(db)
}

interface Remembered {
  readonly source: string
  readonly present: boolean
}

/** What sources said last of the person; answers with which of them still had the person. */
export const forgetSeen = async (
  db: Kysely<Tables>,
  log: string,
  streams: ReadonlyArray<string>
): Promise<ReadonlyArray<Remembered>> => {
  const { rows } = await sql<Remembered>`
    delete from source_records where organization_id = ${log} and stream = any(${streams}::text[])
    returning source, present`.execute(db)
  return rows
}

/** Rows of the Directory that show the person, and that go as soon as the log says that they are erased. */
export const countRows = async (
  db: Kysely<Tables>,
  log: OrganizationId,
  { logins, records }: Subject
): Promise<number> => {
  const ids = records.map(({ id }) => id)
  const accounts = logins.map(({ id }) => id)
  const { rows } = await sql<{ count: number }>`
    select (select count(*) from directory_employees where organization_id = ${log} and id = any(${ids}::uuid[]))
      + (select count(*) from directory_managers where organization_id = ${log} and employee = any(${ids}::uuid[]))
      + (select count(*) from directory_memberships where organization_id = ${log} and entity = any(${ids}::uuid[]))
      + (select count(*) from directory_accounts where id = any(${accounts}::uuid[]))
      + (select count(*) from directory_grants where account = any(${accounts}::uuid[])) as count`.execute(db)
  return rows[0]?.count ?? 0
}
