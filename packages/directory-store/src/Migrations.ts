/**
 * Brings the database to the shape this program knows, in place, whatever shape of ours it has.
 *
 * Every migration is named here; none is found by looking around. Several processes may start at once: Kysely's
 * migrator holds an advisory lock. A database that knows more than this program is refused, not repaired.
 */
import { StoreError, StoreNewer } from "@rollcall/core/contract/EventLog"
import { Effect } from "effect"
import { type Kysely, sql } from "kysely"
import { type Migration, Migrator } from "kysely/migration"

import { Database } from "./Database.ts"
import { eventLog } from "./migrations/0001-event-log.ts"
import { sourceRecords } from "./migrations/0002-source-records.ts"
import { lanesAndWaiters } from "./migrations/0003-lanes.ts"
import { directory } from "./migrations/0004-directory.ts"
import { commitsByTimeIndex } from "./migrations/0005-commits-by-time.ts"
import { erasuresOfPeople } from "./migrations/0006-erasures.ts"
import type { Tables } from "./Schema.ts"

/** In the order of their names. Once released, an entry never changes. */
const migrations: Readonly<Record<string, Migration>> = {
  "0001-event-log": eventLog,
  "0002-source-records": sourceRecords,
  "0003-lanes": lanesAndWaiters,
  "0004-directory": directory,
  "0005-commits-by-time": commitsByTimeIndex,
  "0006-erasures": erasuresOfPeople
}

const table = "schema_migrations"

/** To the newest shape; `upTo` names an older one, for tests that upgrade. */
export const migrate = Effect.fn("Migrations.migrate")(function* (
  upTo?: string
): Effect.fn.Return<void, StoreError, Database> {
  const database = yield* Database
  yield* refuseNewer(database)
  const { error } = yield* database.query((db) => {
    const migrator = makeMigrator(db)
    return upTo === undefined ? migrator.migrateToLatest() : migrator.migrateTo(upTo)
  })
  if (error === undefined) return
  // Another, newer process may have migrated between the two looks.
  yield* refuseNewer(database)
  return yield* database.query(() => Promise.reject(error))
})

/** How the database's shape differs from the one that this program knows: migrations by name. */
export interface Difference {
  readonly missing: ReadonlyArray<string>
  /** Made by a newer program. */
  readonly unknown: ReadonlyArray<string>
}

export const differenceIn = (database: Database["Service"]): Effect.Effect<Difference, StoreError> =>
  Effect.map(database.query(executed), (done) => ({
    missing: Object.keys(migrations).filter((name) => !done.includes(name)),
    unknown: done.filter((name) => !Object.hasOwn(migrations, name))
  }))

const makeMigrator = (db: Kysely<Tables>): Migrator =>
  new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableName: table,
    migrationLockTableName: `${table}_lock`
  })

const refuseNewer = Effect.fnUntraced(function* (database: Database["Service"]) {
  const unknown = (yield* database.query(executed)).filter((name) => !Object.hasOwn(migrations, name))
  if (unknown.length === 0) return
  return yield* new StoreError({
    reason: new StoreNewer({
      problem: `The database was migrated by a newer Rollcall (${unknown.join(", ")}).`,
      remedy: "Run that version, or restore the backup made before the upgrade."
    })
  })
})

const executed = async (db: Kysely<Tables>): Promise<ReadonlyArray<string>> => {
  const found = await sql<{ found: boolean }>`select to_regclass(${table}) is not null as found`.execute(db)
  if (found.rows[0]?.found !== true) return []
  const names = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(db)
  return names.rows.map((row) => row.name)
}
