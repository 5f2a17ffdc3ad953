/**
 * Streams that take no personal part any more, and no statistics of columns that hold names and addresses.
 *
 * What ANALYZE gathers of such a column are its values: they would outlive the rows. A column's statistics go when its
 * type is set, also to what it is.
 */
import { type Kysely, sql } from "kysely"
import type { Migration } from "kysely/migration"

const erasures = sql`
create table erasures (
  organization_id text collate "C" not null,
  stream text collate "C" not null,
  position bigint not null,
  primary key (organization_id, stream)
)`

/** Columns of values, by table, each with the type it has. */
const personal = {
  directory_employees: {
    name: "text",
    name_key: `text collate "C"`,
    email: "text",
    email_key: `text collate "C"`,
    role: "text",
    number: "text"
  },
  directory_accounts: { email: "text", email_key: "text", name: "text" }
} as const

const withoutStatistics = Object.entries(personal).map(([table, columns]) => {
  const changes = Object.entries(columns).flatMap(([column, type]) => [
    `alter column ${column} type ${type}`,
    `alter column ${column} set statistics 0`
  ])
  return sql.raw(`alter table ${table} ${changes.join(", ")}`)
})

export const erasuresOfPeople: Migration = {
  up: async (db: Kysely<unknown>) => {
    for (const statement of [erasures, ...withoutStatistics]) await sql`${statement}`.execute(db)
  }
}
