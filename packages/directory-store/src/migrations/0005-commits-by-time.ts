/**
 * What was known at a time: the last commit with events up to then, found in the index alone.
 *
 * Commits without events are left out: they move no position, and their time may run ahead of the log's.
 */
import { type Kysely, sql } from "kysely"
import type { Migration } from "kysely/migration"

const commitsByTime = sql`
create index commits_by_time on commits (organization_id, recorded_at, last_position)
where last_position >= first_position`

export const commitsByTimeIndex: Migration = {
  up: async (db: Kysely<unknown>) => {
    await commitsByTime.execute(db)
  }
}
