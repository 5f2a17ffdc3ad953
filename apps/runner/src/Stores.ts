/**
 * Opens the event log where the environment says: PostgreSQL by `DATABASE_URL`, otherwise embedded in `.rollcall/`.
 *
 * The dry run of a configuration that has no database yet gets a log that is empty and cannot be written to, so that
 * looking leaves nothing behind.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"

import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { Effect, Layer, Redacted, Stream } from "effect"

export type Environment = Readonly<Record<string, string | undefined>>

const databaseUrl = (environment: Environment): string | undefined => environment["DATABASE_URL"] || undefined

/** The log, migrated; read and written. The database's own code is loaded with it: a dry run may do without. */
export const eventLog = (data: string, environment: Environment): Layer.Layer<EventLog, StoreError> =>
  Layer.unwrap(
    Effect.promise(async () => {
      const { Database } = await import("@rollcall/directory-store/Database")
      const { layer: store } = await import("@rollcall/directory-store/EventLogStore")
      const url = databaseUrl(environment)
      const database = url === undefined ? Database.layerPGlite(data) : Database.layerPostgres(Redacted.make(url))
      return Layer.provide(store, database)
    })
  )

/** The log as far as there is one. */
export const eventLogIfAny = (data: string, environment: Environment): Layer.Layer<EventLog, StoreError> =>
  databaseUrl(environment) === undefined && !existsSync(join(data, "db")) ? emptyLog : eventLog(data, environment)

const nowhere = Effect.die(new Error("nothing is written in a dry run"))

const emptyLog = Layer.succeed(
  EventLog,
  EventLog.of({
    append: () => nowhere,
    head: () => Effect.succeed({ position: 0, hash: "", recordedAt: null }),
    read: () => Stream.empty,
    follow: () => Stream.empty,
    stream: () => Effect.succeed([]),
    streams: () => Effect.succeed(new Map()),
    people: () => Stream.empty,
    seen: () => Effect.succeed(new Map()),
    present: () => Stream.empty,
    cursor: () => Effect.succeed(null),
    salt: () => Effect.succeed(""),
    verify: () => Effect.succeed(null)
  })
)
