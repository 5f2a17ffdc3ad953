/**
 * The Directories that the served API is tried on: one in memory, as the contracts say, and the store on both engines.
 *
 * All of them have to answer in the same way.
 */
import { Database } from "@rollcall/directory-store/Database"
import * as DirectoryStore from "@rollcall/directory-store/DirectoryStore"
import { freshDatabase } from "@rollcall/testkit/PostgresForTests"
import { Effect, Layer, Redacted } from "effect"
import { inject } from "vitest"

import * as MemoryDirectory from "./MemoryDirectory.ts"
import type { Directory } from "./Served.ts"

const postgres = Layer.unwrap(
  Effect.map(freshDatabase(inject("postgresUrl"), "directory_api"), (url) => Database.layerPostgres(Redacted.make(url)))
)

const stored = <E>(database: Layer.Layer<Database, E>): Layer.Layer<Directory> =>
  Layer.orDie(Layer.provide(DirectoryStore.layer, database))

/** For what the API decides by itself, whatever is behind it. */
export const inMemory = [{ name: "in memory", directory: MemoryDirectory.layer }]

export const directories = [
  ...inMemory,
  { name: "on PGlite", directory: stored(Database.layerPGliteMemory) },
  { name: "on PostgreSQL", directory: stored(postgres) }
]
