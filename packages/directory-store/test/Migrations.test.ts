import { assert, describe, it } from "@effect/vitest"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { Effect, type Layer, Stream } from "effect"
import { sql } from "kysely"

import { makeRequest } from "../src/Admission.ts"
import { appendTransaction } from "../src/AppendTransaction.ts"
import { Database } from "../src/Database.ts"
import * as EventLogStore from "../src/EventLogStore.ts"
import { migrate } from "../src/Migrations.ts"
import type { Projector } from "../src/Projector.ts"
import { appeared, appendOf, asNew, newOrganization } from "./Given.ts"
import { postgres } from "./OnPostgres.ts"

const databases: ReadonlyArray<readonly [string, Layer.Layer<Database, StoreError>]> = [
  ["PGlite", Database.layerPGliteMemory],
  ["PostgreSQL", postgres("migrations")]
]

/** An older program knew no tables to project into. */
const noDirectory: Projector = {
  follow: () => Effect.void,
  bringUp: () => Effect.void,
  begin: () => Effect.void,
  renew: () => Effect.void,
  at: () => Effect.die("There were no rules to ask for")
}

for (const [engine, database] of databases) {
  describe(`Migrations on ${engine}`, () => {
    it.live("bring an older database up in place, with what is in it", () =>
      Effect.gen(function* () {
        const { query } = yield* Database
        yield* migrate("0001-event-log")
        // Not there yet, and never asked for by the program that wrote this.
        yield* query((db) => sql`create table erasures (organization_id text)`.execute(db))
        const organization = newOrganization()
        const events = [appeared("employee:a"), appeared("employee:b")]
        yield* appendTransaction(yield* Database, noDirectory, organization, [makeRequest(appendOf(events))])
        yield* query((db) => sql`drop table erasures`.execute(db))
        yield* Effect.gen(function* () {
          const log = yield* EventLog
          assert.deepStrictEqual((yield* Stream.runCollect(log.read(organization))).map(asNew), events)
          const cursor = { source: "hr", expected: null, next: "1" }
          yield* log.append(organization, appendOf(events, { cursor }))
          assert.strictEqual((yield* log.head(organization)).position, 4)
          assert.isNull(yield* log.verify(organization))
        }).pipe(Effect.provide(EventLogStore.layer))
      }).pipe(Effect.provide(database))
    )

    it.live("run once, however often and by however many they are asked for", () =>
      Effect.gen(function* () {
        yield* Effect.all([migrate(), migrate(), migrate()], { concurrency: "unbounded" })
        yield* migrate()
        const { query } = yield* Database
        const { rows } = yield* query((db) =>
          sql<{ name: string }>`select name from schema_migrations order by name`.execute(db)
        )
        assert.deepStrictEqual(
          rows.map(({ name }) => name),
          [
            "0001-event-log",
            "0002-source-records",
            "0003-lanes",
            "0004-directory",
            "0005-commits-by-time",
            "0006-erasures"
          ]
        )
      }).pipe(Effect.provide(database))
    )

    it.live("take away what the server gathered of names and addresses, and have it gather no more", () =>
      Effect.gen(function* () {
        const { query } = yield* Database
        const known = query((db) =>
          sql<{ column: string }>`
            select attname as column from pg_stats where tablename = 'directory_accounts' order by attname`.execute(db)
        ).pipe(Effect.map(({ rows }) => rows.map(({ column }) => column)))
        const personal = ["email", "email_key", "name"]
        yield* migrate("0004-directory")
        yield* query((db) =>
          sql`insert into directory_accounts
            select gen_random_uuid(), null, 'e' || n % 9, 'k' || n, 'n' || n % 9, now(), 'root' from generate_series(1, 99) as n`.execute(
            db
          )
        )
        yield* query((db) => sql`analyze`.execute(db))
        assert.includeMembers([...(yield* known)], personal)
        yield* migrate()
        assert.notIncludeMembers([...(yield* known)], personal)
        yield* query((db) => sql`analyze`.execute(db))
        assert.deepStrictEqual(yield* known, ["created_at", "created_by", "id", "organization"])
      }).pipe(Effect.provide(database))
    )

    it.live("refuse a database that a newer Rollcall has migrated, and leave it alone", () =>
      Effect.gen(function* () {
        yield* migrate()
        const { query } = yield* Database
        yield* query((db) => sql`insert into schema_migrations values ('0099-later', '')`.execute(db))
        const { reason } = yield* Effect.flip(migrate())
        assert.strictEqual(reason._tag, "StoreNewer")
        assert.strictEqual(reason.isRetryable, false)
        assert.include("problem" in reason ? reason.problem : "", "newer Rollcall (0099-later)")
      }).pipe(Effect.provide(database))
    )
  })
}
