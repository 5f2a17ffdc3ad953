/**
 * Looks after the Directory's tables: brings them up to the log, and makes them anew to prove that they were right.
 *
 * Called by the service as time goes by, and by `rollcall rebuild`. Everything happens under the logs' locks, so writers
 * wait for the length of it.
 */
import type { StoreError } from "@rollcall/core/contract/EventLog"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Context, Effect, Layer } from "effect"
import { type Kysely, sql } from "kysely"

import { lockOrMakeHead, logTransaction } from "./AppendTransaction.ts"
import { Database, type Transaction } from "./Database.ts"
import type { DirectoryTables } from "./DirectorySchema.ts"
import { sharedLog } from "./DirectoryWrite.ts"
import { type Difference, differenceIn } from "./Migrations.ts"
import { makeProjector } from "./Projector.ts"
import type { Tables } from "./Schema.ts"

/** How a table that was made anew compares with the one that was there. */
export interface Comparison {
  readonly table: string
  readonly rows: number
  /** Rows that the log gives and the table had not. */
  readonly missing: number
  /** Rows that the table had and the log does not give. */
  readonly unexpected: number
}

/** How far an organization's tables have come: the last position of its log, and theirs. */
export interface Progress {
  readonly organization: OrganizationId
  readonly position: number
  readonly projected: number
}

export class Upkeep extends Context.Service<
  Upkeep,
  {
    /** Does nothing where the organization is not registered, or its tables are as they should be. */
    readonly bringUp: (log: OrganizationId) => Effect.Effect<void, StoreError>
    /** Every table from zero, by today's rules and for the day it was made for. `check`: the tables stay as they were. */
    readonly rebuild: (mode: "repair" | "check") => Effect.Effect<ReadonlyArray<Comparison>, StoreError>
    /** The logs of all registered organizations. */
    readonly organizations: Effect.Effect<ReadonlyArray<OrganizationId>, StoreError>
    /** Of all registered organizations, in one look. */
    readonly progress: Effect.Effect<ReadonlyArray<Progress>, StoreError>
    /** Whether the database has the shape that this program knows. */
    readonly difference: Effect.Effect<Difference, StoreError>
  }
>()("@rollcall/directory-store/Upkeep") {}

/** So much of a log's growth is worth another look at the tables. */
const manyEvents = 500

const compared = [
  "directory_organizations",
  "directory_keys",
  "directory_accounts",
  "directory_grants",
  "directory_employees",
  "directory_managers",
  "directory_groups",
  "directory_memberships"
] as const satisfies ReadonlyArray<keyof DirectoryTables>

const make = Effect.gen(function* () {
  const database = yield* Database
  const projector = yield* makeProjector

  const organizations = database.query(selectLogs)

  const rebuildInside = Effect.fnUntraced(function* (transaction: Transaction) {
    const heads = new Map<OrganizationId, number>()
    for (const log of [sharedLog, ...(yield* transaction.run(selectProjected))]) {
      heads.set(log, (yield* transaction.run((db) => lockOrMakeHead(db, log))).position)
    }
    yield* transaction.run(setAside)
    for (const [log, head] of heads) yield* projector.renew(transaction, log, head)
    return yield* transaction.run(compareAll)
  })

  const analyzedAt = new Map<OrganizationId, number>()

  return Upkeep.of({
    organizations,
    progress: database.query(selectProgress),
    difference: differenceIn(database),
    bringUp: Effect.fn("Upkeep.bringUp")(function* (log) {
      const position = yield* logTransaction(
        database,
        Effect.fnUntraced(function* (transaction: Transaction) {
          const { position } = yield* transaction.run((db) => lockOrMakeHead(db, log))
          yield* projector.bringUp(transaction, log, position)
          return position
        })
      )
      // PGlite never looks at its tables by itself, and plans badly for those it knows nothing of.
      if (database.engine !== "pglite" || position < (analyzedAt.get(log) ?? -Infinity) + manyEvents) return
      analyzedAt.set(log, position)
      yield* database.query((db) => sql`analyze`.execute(db))
    }),
    rebuild: Effect.fn("Upkeep.rebuild")(function* (mode) {
      const work = (transaction: Transaction) =>
        mode === "repair"
          ? rebuildInside(transaction)
          : Effect.flatMap(rebuildInside(transaction), (found) => Effect.fail(new Undone(found)))
      return yield* logTransaction(database, work).pipe(
        Effect.catchIf(
          (error) => error instanceof Undone,
          ({ found }) => Effect.succeed(found)
        )
      )
    })
  })
})

/** Takes the transaction back, and what was found along. */
class Undone {
  readonly found: ReadonlyArray<Comparison>
  constructor(found: ReadonlyArray<Comparison>) {
    this.found = found
  }
}

export const layer: Layer.Layer<Upkeep, never, Database> = Layer.effect(Upkeep, make)

const selectLogs = async (db: Kysely<Tables>): Promise<ReadonlyArray<OrganizationId>> => {
  const rows = await db
    .selectFrom("directory_organizations")
    .select("organization_id")
    .orderBy("organization_id")
    .execute()
  return rows.map((row) => OrganizationId.make(row.organization_id))
}

/** Those that are projected, whatever the tables that are made anew say. */
const selectProjected = async (db: Kysely<Tables>): Promise<ReadonlyArray<OrganizationId>> => {
  const rows = await db
    .selectFrom("directory_projections")
    .select("organization_id")
    .orderBy("organization_id")
    .execute()
  return rows.map((row) => OrganizationId.make(row.organization_id))
}

const selectProgress = async (db: Kysely<Tables>): Promise<ReadonlyArray<Progress>> => {
  const rows = await db
    .selectFrom("directory_projections as p")
    .leftJoin("log_heads as h", "h.organization_id", "p.organization_id")
    .select(["p.organization_id", "h.position", "p.position as projected"])
    .orderBy("p.organization_id")
    .execute()
  return rows.map(({ organization_id, position, projected }) => ({
    organization: OrganizationId.make(organization_id),
    position: position ?? 0,
    projected
  }))
}

const setAside = async (db: Kysely<Tables>) => {
  for (const table of compared) {
    await sql`create temporary table ${sql.table(`${table}_before`)} on commit drop as select * from ${sql.table(table)}`.execute(
      db
    )
    await sql`delete from ${sql.table(table)}`.execute(db)
  }
}

const compareAll = async (db: Kysely<Tables>): Promise<ReadonlyArray<Comparison>> => {
  const comparisons: Array<Comparison> = []
  for (const table of compared) {
    const [now, before] = [sql.table(table), sql.table(`${table}_before`)]
    const { rows } = await sql<Omit<Comparison, "table">>`
      select (select count(*) from ${now}) as rows,
        (select count(*) from (select t::text from ${now} as t except all select t::text from ${before} as t) as d) as missing,
        (select count(*) from (select t::text from ${before} as t except all select t::text from ${now} as t) as d) as unexpected`.execute(
      db
    )
    const [found] = rows
    if (found !== undefined) comparisons.push({ table, ...found })
  }
  return comparisons
}
