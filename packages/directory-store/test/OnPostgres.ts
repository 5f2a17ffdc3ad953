/** A fresh database on the PostgreSQL of this test run. */
import type { StoreError } from "@rollcall/core/contract/EventLog"
import { freshDatabase } from "@rollcall/testkit/PostgresForTests"
import { Effect, Layer, Redacted } from "effect"
import { inject } from "vitest"

import { Database } from "../src/Database.ts"

export const newDatabase = (name: string) => freshDatabase(inject("postgresUrl"), name)

export const postgres = (name: string): Layer.Layer<Database, StoreError> =>
  Layer.unwrap(Effect.map(newDatabase(name), (url) => Database.layerPostgres(Redacted.make(url))))
