/**
 * Opens the event log and the lane where the environment says: PostgreSQL by `DATABASE_URL`, otherwise embedded in `.rollcall/`.
 *
 * The dry run of a configuration that has no database yet gets a log that is empty and cannot be written to, so that
 * looking leaves nothing behind.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"

import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { Lane } from "@rollcall/core/contract/Lane"
import { Effect, Layer, Redacted, Stream } from "effect"

export type Environment = Readonly<Record<string, string | undefined>>

const databaseUrl = (environment: Environment): string | undefined => environment["DATABASE_URL"] || undefined

/** What a database holds for everyone: the log and the lane of requests. */
export type Stored = EventLog | Lane

/** Migrated; read and written. The database's own code is loaded with it: a dry run may do without. */
export const stores = (data: string, environment: Environment): Layer.Layer<Stored, StoreError> =>
  Layer.unwrap(
    Effect.promise(async () => {
      const { Database } = await import("@rollcall/directory-store/Database")
      const { layerWithLog } = await import("@rollcall/directory-store/LaneStore")
      const url = databaseUrl(environment)
      const database = url === undefined ? Database.layerPGlite(data) : Database.layerPostgres(Redacted.make(url))
      return Layer.provide(layerWithLog, database)
    })
  )

/** The log as far as there is one. */
export const storesIfAny = (data: string, environment: Environment): Layer.Layer<Stored, StoreError> =>
  databaseUrl(environment) === undefined && !existsSync(join(data, "db"))
    ? Layer.merge(emptyLog, noLane)
    : stores(data, environment)

const nowhere = Effect.die(new Error("nothing is written in a dry run"))

const noLane = Layer.succeed(
  Lane,
  Lane.of({ grant: () => nowhere, release: () => nowhere, state: () => Effect.succeed(null) })
)

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
