import { existsSync } from "node:fs"
/**
 * The bridge between Effect and Kysely, the same for PostgreSQL and PGlite.
 *
 * A query borrows a connection for one statement, a transaction for its whole length: inside it only what it was given
 * may be used (on PGlite a second query of the same fiber would wait for itself). An interrupted or failed transaction
 * is rolled back before the connection goes back; one that lost a race with another (40001, 40P01) runs again, whole.
 */
import { mkdir, rename, rm } from "node:fs/promises"
import { join, resolve } from "node:path"

import type { StoreError } from "@rollcall/core/contract/EventLog"
import { Context, Effect, Exit, Layer, Predicate, type Redacted, Schedule, type Scope, Stream } from "effect"
import type { Kysely } from "kysely"

import { lockFolder } from "./EmbeddedLock.ts"
import { type Connection, type DriverFailure, type Engine, toStoreError } from "./Engine.ts"
import { makePGliteEngine } from "./PGliteEngine.ts"
import { makePostgresEngine } from "./PostgresEngine.ts"
import type { Tables } from "./Schema.ts"

/** One connection inside a transaction. A failed statement ends the transaction: let `DriverFailure` pass through. */
export type Transaction = Pick<Connection, "run" | "copy">

/**
 * For statements that read the log: each has its index, and gets it in the index's own order. Left to itself the planner
 * goes wrong wherever statistics are missing or old (a young table, a new organization, PGlite always) and walks a whole
 * log for each stream or page. Measured: 1.3 k instead of 22 k appended, 4 k instead of 55 k read by person a second.
 */
export const byIndex =
  "set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off; set local jit = off;"

export interface TransactionOptions {
  /** Statements for this transaction alone, such as `byIndex`. */
  readonly settings?: string
}

export class Database extends Context.Service<
  Database,
  {
    readonly engine: Engine["name"]
    readonly query: <A>(run: (db: Kysely<Tables>) => Promise<A>) => Effect.Effect<A, StoreError>
    /** A query under `byIndex`. */
    readonly queryByIndex: <A>(run: (db: Kysely<Tables>) => Promise<A>) => Effect.Effect<A, StoreError>
    readonly transaction: <A, E, R>(
      body: (transaction: Transaction) => Effect.Effect<A, E, R>,
      options?: TransactionOptions
    ) => Effect.Effect<A, Exclude<E, DriverFailure> | StoreError, R>
    /** What NOTIFY says on a channel; the first element, an empty one, says that listening has begun. */
    readonly listen: (channel: string) => Stream.Stream<string, StoreError>
  }
>()("@rollcall/directory-store/Database") {
  /** A PostgreSQL 15 or later; looks at once whether it answers. */
  static readonly layerPostgres = (url: Redacted.Redacted): Layer.Layer<Database, StoreError> =>
    Layer.effect(Database, Effect.map(makePostgresEngine(url), make))

  /** The embedded database in a folder of its own: `<folder>/db`, and `<folder>/lock` held while it is open. */
  static readonly layerPGlite = (folder: string): Layer.Layer<Database, StoreError> =>
    Layer.effect(Database, Effect.map(openFolder(resolve(folder)), make))

  static readonly layerPGliteMemory: Layer.Layer<Database> = Layer.effect(
    Database,
    Effect.map(Effect.orDie(makePGliteEngine(undefined)), (engine) => make(engine))
  )
}

const openFolder = Effect.fnUntraced(function* (folder: string): Effect.fn.Return<Engine, StoreError, Scope.Scope> {
  yield* lockFolder(folder)
  const cluster = join(folder, "db")
  const place = { place: folder, remedy: `See that the disk has room and that ${folder} can be written.` }
  if (!existsSync(cluster)) yield* createCluster(folder, cluster)
  return yield* makePGliteEngine(cluster).pipe(Effect.catchTag("DriverFailure", toStoreError(place)))
})

/** Made aside and then renamed, so that what breaks off half-way is never taken for a database. */
const createCluster = Effect.fnUntraced(function* (folder: string, cluster: string) {
  const aside = join(folder, "db.new")
  yield* Effect.promise(() => rm(aside, { recursive: true, force: true }))
  yield* Effect.promise(() => mkdir(aside))
  yield* Effect.scoped(Effect.orDie(makePGliteEngine(aside)))
  yield* Effect.promise(() => rename(aside, cluster))
})

const make = (engine: Engine): Database["Service"] => {
  const explain = toStoreError(engine)
  const query = <A>(run: (db: Kysely<Tables>) => Promise<A>): Effect.Effect<A, StoreError> =>
    engine.withConnection((connection) => connection.run(run)).pipe(Effect.catchTag("DriverFailure", explain))

  const transaction = <A, E, R>(
    body: (transaction: Transaction) => Effect.Effect<A, E, R>,
    { settings = "" }: TransactionOptions = {}
  ): Effect.Effect<A, Exclude<E, DriverFailure> | StoreError, R> =>
    engine
      .withConnection((connection) => transact(connection, settings, body))
      .pipe(
        Effect.retry({ while: lostRace, schedule: again, times: 8 }),
        Effect.catch((error): Effect.Effect<never, Exclude<E, DriverFailure> | StoreError> =>
          isDriverFailure(error) ? explain(error) : Effect.fail(error as Exclude<E, DriverFailure>)
        )
      )

  return Database.of({
    engine: engine.name,
    query,
    queryByIndex: (run) => transaction(({ run: inside }) => inside(run), { settings: byIndex }),
    transaction,
    listen: (channel) =>
      Stream.catchTag(engine.listen(channel), "DriverFailure", (failure) => Stream.fromEffect(explain(failure)))
  })
}

const again = Schedule.jittered(Schedule.exponential("10 millis"))

const isDriverFailure = (error: unknown): error is DriverFailure => Predicate.isTagged(error, "DriverFailure")

const lostRace = (error: unknown): boolean =>
  isDriverFailure(error) && (error.code === "40001" || error.code === "40P01")

const transact = <A, E, R>(
  connection: Connection,
  settings: string,
  body: (transaction: Transaction) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | DriverFailure, R> =>
  Effect.uninterruptibleMask(
    Effect.fnUntraced(function* (restore) {
      yield* connection.script(`begin isolation level read committed; ${settings}`)
      const exit = yield* Effect.exit(restore(body(connection)))
      if (Exit.isSuccess(exit)) yield* connection.script("commit")
      else yield* connection.script("rollback").pipe(Effect.catch(() => connection.discard))
      return yield* exit
    })
  )
