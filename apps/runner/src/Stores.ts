/**
 * Opens the event log and the lane where the environment says: PostgreSQL by `DATABASE_URL`, otherwise embedded in `.rollcall/`.
 *
 * The dry run of a configuration that has no database yet gets a log that is empty and cannot be written to, so that
 * looking leaves nothing behind.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"

import { Employees } from "@rollcall/core/contract/Employees"
import { Erasure } from "@rollcall/core/contract/Erasure"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { Lane } from "@rollcall/core/contract/Lane"
import type { Directory } from "@rollcall/directory-store/DirectoryStore"
import { Effect, Layer, Redacted, Stream } from "effect"

import type { LoadedConfiguration, Organization } from "./ConfigurationFile.ts"
import { InputInvalid } from "./Failure.ts"
import type { Environment } from "./Secrets.ts"

const databaseUrl = (environment: Environment): string | undefined => environment["DATABASE_URL"] || undefined

/** What a database holds for everyone: the log and the lane of requests. */
export type Stored = EventLog | Lane

/** Where a database is, and whose rules its tables follow. */
export type StoresOf = Pick<LoadedConfiguration, "data"> & {
  readonly organizations: ReadonlyArray<Pick<Organization, "id" | "policy">>
}

/** Migrated; read and written. The database's own code is loaded with it: a dry run may do without. */
export const stores = (of: StoresOf, environment: Environment): Layer.Layer<Stored | Directory, StoreError> =>
  Layer.unwrap(
    Effect.promise(async () => {
      const { Database } = await import("@rollcall/directory-store/Database")
      const { layer } = await import("@rollcall/directory-store/DirectoryStore")
      const { DirectoryPolicies } = await import("@rollcall/directory-store/Projector")
      const url = databaseUrl(environment)
      const database = url === undefined ? Database.layerPGlite(of.data) : Database.layerPostgres(Redacted.make(url))
      const policies = new Map(of.organizations.map(({ id, policy }) => [id, policy]))
      return layer.pipe(
        Layer.provide(database),
        Layer.provide(Layer.succeed(DirectoryPolicies, (log) => policies.get(log)))
      )
    })
  )

const isStored = ({ data }: StoresOf, environment: Environment): boolean =>
  databaseUrl(environment) !== undefined || existsSync(join(data, "db"))

/** For commands that read only: they leave no empty database behind. */
export const requireDatabase = (of: StoresOf, environment: Environment): Effect.Effect<void, InputInvalid> =>
  isStored(of, environment)
    ? Effect.void
    : Effect.fail(
        new InputInvalid({
          place: of.data,
          problem: "There is no database here yet.",
          remedy: "Run `rollcall sync` or `rollcall serve` first, or set DATABASE_URL."
        })
      )

/** The log as far as there is one. */
export const storesIfAny = (
  of: StoresOf,
  environment: Environment
): Layer.Layer<Stored | Employees | Erasure, StoreError> =>
  isStored(of, environment) ? stores(of, environment) : Layer.mergeAll(emptyLog, noLane, nobody, noErasure)

const nowhere = Effect.die(new Error("nothing is written in a dry run"))

const noLane = Layer.succeed(
  Lane,
  Lane.of({ grant: () => nowhere, release: () => nowhere, state: () => Effect.succeed(null) })
)

/** Asked for those without a key alone. */
const nobody = Layer.mock(Employees, { withoutKey: () => Effect.succeed({ items: [], next: null }) })

/** Erasing wants a database. */
const noErasure = Layer.mock(Erasure, {})

const emptyLog = Layer.succeed(
  EventLog,
  EventLog.of({
    append: () => nowhere,
    head: () => Effect.succeed({ position: 0, hash: "", recordedAt: null }),
    positionAt: () => Effect.succeed(0),
    read: () => Stream.empty,
    follow: () => Stream.empty,
    stream: () => Effect.succeed([]),
    streams: () => Effect.succeed(new Map()),
    people: () => Stream.empty,
    seen: () => Effect.succeed(new Map()),
    present: () => Stream.empty,
    cursor: () => Effect.succeed(null),
    salt: () => Effect.succeed(""),
    chain: () => Stream.empty,
    verify: () => Effect.succeed(null)
  })
)
