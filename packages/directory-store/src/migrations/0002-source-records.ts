/**
 * What readers and sources remember beside the log: cursors, the last word of each source, checkpoints.
 *
 * All three are written in the transaction of what they belong to, and all three could be computed again.
 */
import { type Kysely, sql } from "kysely"
import type { Migration } from "kysely/migration"

const cursors = sql`
create table source_cursors (
  organization_id text collate "C" not null,
  source text collate "C" not null,
  cursor text not null,
  primary key (organization_id, source)
)`

const records = sql`
create table source_records (
  organization_id text collate "C" not null,
  source text collate "C" not null,
  stream text collate "C" not null,
  digest text,
  present boolean not null,
  primary key (organization_id, source, stream)
)`

const checkpoints = sql`
create table checkpoints (
  organization_id text collate "C" not null,
  reader text collate "C" not null,
  position bigint not null,
  primary key (organization_id, reader)
)`

export const sourceRecords: Migration = {
  up: async (db: Kysely<unknown>) => {
    for (const statement of [cursors, records, checkpoints]) await statement.execute(db)
  }
}
