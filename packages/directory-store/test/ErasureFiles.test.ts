/**
 * That no file of the database holds a value of whom was erased: tables, indices, TOAST, statistics, of PostgreSQL and of
 * an embedded database. Planted once: with VACUUM in the place of VACUUM FULL the search still finds her names, her
 * address, Together's id of her and what the API was told, on both.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { Erasure } from "@rollcall/core/contract/Erasure"
import { EventLog } from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Redacted } from "effect"
import { type RawBuilder, sql } from "kysely"
import { Client } from "pg"

import { Database } from "../src/Database.ts"
import { SweepLimits } from "../src/Sweep.ts"
import { directoryOn, hrSays, newName, person, registered, says } from "./GivenDirectory.ts"
import { type Zoe, everywhere, formsOf, newZoe } from "./GivenErasure.ts"
import { newDatabase, postgres } from "./OnPostgres.ts"

const run = (statement: RawBuilder<unknown>) =>
  Effect.flatMap(Database, ({ query }) => query((db) => statement.execute(db)))

/** Zoe among two hundred others, in files, with all that ANALYZE would gather of her, also as it once did. */
const settled = Effect.fnUntraced(function* (zoe: Zoe) {
  const { id, log } = yield* registered()
  yield* everywhere(zoe, id, log)
  yield* hrSays(
    log,
    ...Array.from({ length: 200 }, (_, n) => says(log, `${n}`, person(`N${n}`, { email: `n${n}@hr.test` })))
  )
  for (const column of ["name", "email"]) {
    yield* run(sql.raw(`alter table directory_employees alter column ${column} set statistics 1000`))
  }
  yield* run(sql`analyze`)
  for (const column of ["name", "email"]) {
    yield* run(sql.raw(`alter table directory_employees alter column ${column} type text`))
    yield* run(sql.raw(`alter table directory_employees alter column ${column} set statistics 0`))
  }
  yield* run(sql`analyze`)
  yield* run(sql`checkpoint`)
  return log
})

const erase = Effect.fnUntraced(function* (log: OrganizationId, who: string) {
  const erasure = yield* Erasure
  return yield* erasure.erase(log, [{ who, by: "Grace", reason: "asked for it" }])
})

/** Every file of this database, as its server reads it. */
const files = Effect.gen(function* () {
  const { query } = yield* Database
  const { rows } = yield* query((db) =>
    sql<{ bytes: Buffer | null }>`
      select pg_read_binary_file(folder || '/' || name, 0, 1 << 29, true) as bytes
      from (select 'base/' || oid as folder from pg_database where datname = current_database()) as mine,
        pg_ls_dir(folder) as name`.execute(db)
  )
  return rows.flatMap(({ bytes }) => (bytes === null ? [] : [bytes]))
})

/** Which of her values are in the files, in whatever form. */
const found = (all: ReadonlyArray<Buffer>, zoe: Zoe): ReadonlyArray<string> =>
  Object.keys(zoe).filter((name) => {
    const forms = formsOf({ [name]: zoe[name as keyof Zoe] } as Zoe)
    return all.some((bytes) => forms.some((form) => bytes.includes(form)))
  })

describe("The files of PostgreSQL after an erasure", () => {
  it.live(
    "hold nothing of whom was erased, but the key in other people's words",
    () =>
      Effect.gen(function* () {
        const zoe = newZoe()
        const log = yield* settled(zoe)
        assert.deepStrictEqual(found(yield* files, zoe), Object.keys(zoe))
        const { sweep } = yield* erase(log, zoe.key)
        assert.deepStrictEqual(sweep.problem, null)
        assert.deepStrictEqual(found(yield* files, zoe), ["key"])
        const { rows } = yield* Effect.flatMap(Database, ({ query }) =>
          query((db) =>
            sql`select 1 from pg_stats where tablename like 'directory_%' and attname = 'name'
            and tablename <> 'directory_groups' and tablename <> 'directory_organizations'`.execute(db)
          )
        )
        assert.deepStrictEqual(rows, [])
      }).pipe(Effect.provide(directoryOn(postgres("erasure_files")))),
    60_000
  )

  it.live(
    "are told not to be swept while somebody reads the database as it was, and are by erasing again",
    () =>
      Effect.gen(function* () {
        const url = yield* newDatabase("erasure_reader")
        yield* Effect.gen(function* () {
          const zoe = newZoe()
          const log = yield* settled(zoe)
          const reader = yield* Effect.acquireRelease(
            Effect.promise(async () => {
              const client = new Client({ connectionString: url })
              await client.connect()
              await client.query("begin isolation level repeatable read")
              await client.query("select count(*) from directory_groups")
              return client
            }),
            (client) => Effect.promise(() => client.end())
          )
          const first = yield* erase(log, zoe.key)
          assert.match(first.sweep.problem ?? "", /still reads the database as it was/)
          assert.deepStrictEqual(first.sweep.tables, [])
          yield* Effect.promise(() => reader.query("rollback"))
          const second = yield* erase(log, zoe.key)
          assert.isNull(second.sweep.problem)
          assert.deepInclude(second.people[0], { before: true, events: 0 })
          assert.deepStrictEqual(found(yield* files, zoe), ["key"])
        }).pipe(
          Effect.provide(directoryOn(Database.layerPostgres(Redacted.make(url)))),
          Effect.provideService(SweepLimits, { lockTimeout: "10s", looks: 2 })
        )
      }).pipe(Effect.scoped),
    60_000
  )

  it.live(
    "are told not to be swept by who may not, and the erasure stands",
    () =>
      Effect.gen(function* () {
        const url = yield* newDatabase("erasure_rights")
        const owner = directoryOn(Database.layerPostgres(Redacted.make(url)))
        const log = newName()
        yield* Effect.gen(function* () {
          yield* hrSays(log, says(log, "1", person("Ada")))
          const name = new URL(url).pathname.slice(1)
          yield* run(
            sql.raw(
              `create role ${name} login password 'x'; grant select, insert, update, delete on all tables in schema public to ${name}`
            )
          )
        }).pipe(Effect.provide(owner))
        const guest = new URL(url)
        guest.username = guest.pathname.slice(1)
        guest.password = "x"
        yield* Effect.gen(function* () {
          const { people, sweep } = yield* erase(log, "1")
          assert.strictEqual(people[0]?.events, 1)
          assert.match(sweep.problem ?? "", /directory_employees was not rewritten: only its owner may/)
          const eventLog = yield* EventLog
          assert.isNull(yield* eventLog.verify(log))
        }).pipe(Effect.provide(directoryOn(Database.layerPostgres(Redacted.make(guest.href)))))
        yield* run(sql.raw(`drop owned by ${guest.username}; drop role ${guest.username}`)).pipe(Effect.provide(owner))
      }).pipe(Effect.scoped),
    60_000
  )
})

describe("The files of an embedded database after an erasure", () => {
  it.live(
    "hold nothing of whom was erased, but the key in other people's words",
    () =>
      Effect.gen(function* () {
        const folder = mkdtempSync(join(tmpdir(), "rollcall-erasure-"))
        yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true, force: true })))
        const base = join(folder, "db", "base")
        const read = () =>
          readdirSync(base, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
        const open = directoryOn(Database.layerPGlite(folder))
        const zoe = newZoe()
        const log = yield* settled(zoe).pipe(Effect.provide(open))
        assert.deepStrictEqual(found(read(), zoe), Object.keys(zoe))
        const { sweep } = yield* erase(log, zoe.key).pipe(Effect.provide(open))
        assert.isNull(sweep.problem)
        assert.deepStrictEqual(found(read(), zoe), ["key"])
      }).pipe(Effect.scoped),
    60_000
  )
})
