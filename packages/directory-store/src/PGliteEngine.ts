/**
 * PGlite: PostgreSQL in this process, in a folder or in memory, by Kysely's own dialect.
 *
 * There is one connection, and Kysely's dialect would let the query of another fiber slip into an open transaction; so
 * a semaphore stands before it, and who holds the permit holds the connection.
 */
import { PGlite } from "@electric-sql/pglite"
import { Cause, Effect, Queue, type Scope, Semaphore, Stream } from "effect"
import { Kysely, PGliteDialect } from "kysely"

import { type Connection, DriverFailure, type Engine, settled } from "./Engine.ts"
import type { Tables } from "./Schema.ts"

/** Measured: opening takes 227 MB instead of 317 MB, and no statement of ours runs slower. */
const settings = ["shared_buffers=8MB", "wal_buffers=1MB", "max_wal_size=64MB", "work_mem=8MB"]

/** `folder` undefined: in memory, gone with the scope. */
export const makePGliteEngine = Effect.fnUntraced(function* (
  folder: string | undefined
): Effect.fn.Return<Engine, DriverFailure, Scope.Scope> {
  const pglite = yield* Effect.acquireRelease(
    settled(() => open(folder)),
    (pglite) => Effect.promise(() => pglite.close())
  )
  const turn = yield* Semaphore.make(1)
  const connection = makeConnection(pglite)
  return {
    name: "pglite",
    place: folder ?? "memory",
    remedy: "See that the disk has room and that the folder can be written, and start again.",
    withConnection: (use) => turn.withPermits(1)(use(connection)),
    listen: (channel) => listen(pglite, turn, channel)
  }
})

const open = (folder: string | undefined): Promise<PGlite> =>
  PGlite.create({
    ...(folder === undefined ? {} : { dataDir: folder }),
    postgresqlconf: settings,
    parsers: { 20: Number, 114: String, 1082: String, 1114: String, 1184: String, 3802: String }
  })

const makeConnection = (pglite: PGlite): Connection => {
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) })
  return {
    run: (query) => settled(() => query(db)),
    script: (text) => settled(() => pglite.exec(text)).pipe(Effect.asVoid),
    copy: (target, lines) =>
      settled(() => pglite.query(`copy ${target} from '/dev/blob'`, [], { blob: new Blob([lines.join("")]) })).pipe(
        Effect.asVoid
      ),
    discard: Effect.void
  }
}

const listen = (pglite: PGlite, turn: Semaphore.Semaphore, channel: string): Stream.Stream<string, DriverFailure> =>
  Stream.callback<string, DriverFailure>((queue) =>
    Effect.acquireRelease(
      // A LISTEN inside somebody's transaction would be lost with its rollback.
      turn
        .withPermits(1)(settled(() => pglite.listen(channel, (payload) => Queue.offerUnsafe(queue, payload))))
        .pipe(Effect.tap(() => Effect.sync(() => Queue.offerUnsafe(queue, "")))),
      (unlisten) => turn.withPermits(1)(Effect.promise(() => unlisten().catch(() => {})))
    ).pipe(
      Effect.catchCause((cause) =>
        Effect.sync(() =>
          Queue.failCauseUnsafe(
            queue,
            Cause.map(cause, (e) => e)
          )
        )
      )
    )
  )
