/**
 * Rewrites the tables that held personal values, so that their files no longer do.
 *
 * Called after an erasure has committed, never inside it. A row that was changed or deleted stays in its page until it is
 * overwritten, and plain VACUUM leaves its bytes: only VACUUM FULL copies what is alive into a new file. Each table is
 * locked for as long as it is rewritten.
 */
import type { Sweep } from "@rollcall/core/contract/Erasure"
import { StoreError, StoreUnavailable } from "@rollcall/core/contract/EventLog"
import { Context, Effect, Predicate, Schedule } from "effect"
import { type Kysely, sql } from "kysely"

import type { Database } from "./Database.ts"
import type { Tables } from "./Schema.ts"

/** Small ones first: what is done is done. */
const tables = [
  "directory_employees",
  "directory_accounts",
  "directory_grants",
  "directory_memberships",
  "source_records",
  "commits",
  "events"
] as const

/** Measured defaults; tests set their own. */
export const SweepLimits = Context.Reference("@rollcall/directory-store/SweepLimits", {
  defaultValue: () => ({
    /** How long whoever uses a table is waited for; everybody else waits behind. */
    lockTimeout: "10s",
    /** So often it is looked whether a reader of the database as it was has ended, five times a second. */
    looks: 50
  })
})

/** Succeeds in any case: the erasure stands, and what could not be done is told. */
export const sweep = (database: Database["Service"]): Effect.Effect<Sweep> =>
  Effect.gen(function* () {
    const done: Array<string> = []
    const left = yield* Effect.result(
      Effect.gen(function* () {
        yield* forgotten(database)
        for (const table of tables) {
          yield* rewrite(database, table).pipe(Effect.catchDefect(refused(table)))
          done.push(table)
        }
      })
    )
    yield* tidy(database).pipe(
      Effect.ignore,
      Effect.catchDefect(() => Effect.void)
    )
    return { tables: done, problem: left._tag === "Failure" ? left.failure.message : null }
  })

/**
 * Until nobody looks at the database as it was before the erasure: for such a reader (a dump, as a rule) the new file would
 * get the old rows, too.
 */
const forgotten = Effect.fnUntraced(function* (database: Database["Service"]) {
  if (database.engine === "pglite") return
  const now = yield* database.query(currentTransaction)
  const { looks: times } = yield* SweepLimits
  yield* database
    .query((db) => readersBefore(db, now))
    .pipe(
      Effect.flatMap((count) => (count === 0 ? Effect.void : Effect.fail(inTheWay))),
      Effect.retry({ while: (error) => error === inTheWay, schedule: Schedule.spaced("200 millis"), times })
    )
})

const inTheWay = new StoreError({
  reason: new StoreUnavailable({
    problem:
      "Somebody still reads the database as it was before the erasure (a dump under way, a forgotten transaction).",
    remedy:
      "Wait until that has ended (pg_stat_activity names it, backend_xmin), and erase again: only the files are left."
  })
})

const currentTransaction = async (db: Kysely<Tables>): Promise<string> => {
  const { rows } = await sql<{ now: string }>`select pg_current_xact_id()::xid::text as now`.execute(db)
  return rows[0]?.now ?? ""
}

const readersBefore = async (db: Kysely<Tables>, now: string): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and age(backend_xmin) > age(${now}::xid)
      and backend_type <> 'autovacuum worker'`.execute(db)
  return rows[0]?.count ?? 0
}

/** Whoever may not rewrite a table is told so by a warning alone: that the file is another one is the proof. */
const rewrite = Effect.fnUntraced(function* (database: Database["Service"], table: string) {
  const before = yield* database.query((db) => fileOf(db, table))
  const { lockTimeout } = yield* SweepLimits
  yield* database.query((db) => vacuum(db, table, lockTimeout))
  const after = yield* database.query((db) => fileOf(db, table))
  if (before !== after) return
  return yield* new StoreError({
    reason: new StoreUnavailable({
      problem: `The table ${table} was not rewritten: only its owner may.`,
      remedy: "Erase again as the user who owns the tables: only the files are left."
    })
  })
})

/** The database's own words may quote a row. */
const refused = (table: string) => (defect: unknown) =>
  new StoreError({
    reason: new StoreUnavailable({
      problem: `The table ${table} could not be rewritten${codeOf(defect)}.`,
      remedy: "See that the disk has room for a copy of it (the server's log says more), and erase again."
    })
  })

const codeOf = (defect: unknown): string =>
  Predicate.hasProperty(defect, "code") && typeof defect.code === "string" ? ` (SQLSTATE ${defect.code})` : ""

const vacuum = async (db: Kysely<Tables>, table: string, patience: string): Promise<void> => {
  await sql`select set_config('lock_timeout', ${patience}, false)`.execute(db)
  try {
    await sql`vacuum (full) ${sql.table(table)}`.execute(db)
  } finally {
    await sql`select set_config('lock_timeout', '0', false)`.execute(db)
  }
}

const fileOf = async (db: Kysely<Tables>, table: string): Promise<number | undefined> => {
  const { rows } = await sql<{ file: number }>`select pg_relation_filenode(${table}::regclass) as file`.execute(db)
  return rows[0]?.file
}

/** Statistics that an older version gathered; and the files of before, which go with a checkpoint. Where that is allowed. */
const tidy = (database: Database["Service"]) =>
  Effect.andThen(
    database.query((db) => sql`vacuum (full) pg_statistic`.execute(db)),
    database.query((db) => sql`checkpoint`.execute(db))
  )
