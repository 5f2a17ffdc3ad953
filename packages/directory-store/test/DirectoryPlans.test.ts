/**
 * That the Directory's look-ups read by index, and no more rows than they must, among 20,000 people on PostgreSQL: by
 * the server's own counters, with the statistics of a young database and with those of an old one.
 */
import { assert, layer as withLayer } from "@effect/vitest"
import { Accounts } from "@rollcall/core/contract/Accounts"
import { Employees } from "@rollcall/core/contract/Employees"
import { Groups } from "@rollcall/core/contract/Groups"
import { Effect } from "effect"
import { sql } from "kysely"

import { Database } from "../src/Database.ts"
import { admin, directoryOn, hrSays, idOf, page, person, refused, registered, says } from "./GivenDirectory.ts"
import { postgres } from "./OnPostgres.ts"

const people = 20_000

/** Rows read of each of the Directory's tables since the database began, and scans of whole tables. */
const counters = Effect.gen(function* () {
  const database = yield* Database
  yield* database.query((db) => sql`select pg_stat_force_next_flush()`.execute(db))
  const { rows } = yield* database.query((db) =>
    sql<{ name: string; scans: number; read: number }>`
      select t.relname as name, t.seq_scan as scans, t.seq_tup_read + (
        select sum(idx_tup_read)::bigint from pg_stat_user_indexes as i where i.relid = t.relid
      ) as read
      from pg_stat_user_tables as t where t.relname like 'directory\\_%' order by t.relname`.execute(db)
  )
  return rows
})

/** Does something in one connection and tells what it read. */
const readBy = Effect.fnUntraced(function* <A, E, R>(body: Effect.Effect<A, E, R>) {
  const before = yield* counters
  yield* body
  const after = yield* counters
  return after.map(({ name, read, scans }, i) => ({
    name,
    scans: scans - (before[i]?.scans ?? 0),
    read: read - (before[i]?.read ?? 0)
  }))
})

/** Tables of thousands of rows: a scan of one is never right. */
const large = ["accounts", "employees", "grants", "groups", "managers", "memberships"].map(
  (name) => `directory_${name}`
)

const settled = Effect.gen(function* () {
  const { id, log } = yield* registered()
  yield* hrSays(
    log,
    ...Array.from({ length: people }, (_, n) =>
      says(
        log,
        `${n}`,
        person(`N${n % 5000}`, {
          email: `n${n}@hr.test`,
          supervisorId: n === 0 ? null : n % 4 === 0 ? "0" : `${Math.floor(n / 8)}`,
          departmentId: `D${n % 10_000}`,
          officeId: `O${n % 3}`
        })
      )
    )
  )
  const [accounts, employees, database] = [yield* Accounts, yield* Employees, yield* Database]
  const make = (email: string) => accounts.create(admin, id, { email })
  const [granted, own] = [yield* make("a1@acme.test"), yield* make("a2@acme.test")]
  yield* accounts.grant(admin, id, granted.id, { orgId: id, role: "EMPLOYEE", employeeId: idOf(log, "77") })
  const details = { name: "N78 Byron", email: "n78@hr.test", account: own.id }
  yield* employees.update(admin, id, idOf(log, "78"), details)
  // As many accounts as people, without their events: they are only to be in the way.
  yield* database.query((db) =>
    sql`
      with made as (
        insert into directory_accounts (id, organization, email, email_key, created_at, created_by)
        select gen_random_uuid(), ${id}::uuid, 'b' || n, 'b' || n, now(), 'root' from generate_series(1, ${people}::int) as n
        returning id
      )
      insert into directory_grants (account, organization, role) select id, ${id}::uuid, 'EMPLOYEE' from made`.execute(
      db
    )
  )
  return { id, log, account: granted.id, own: own.id }
})

withLayer(directoryOn(postgres("plans")), { excludeTestServices: true, timeout: "120 seconds" })(
  "the Directory's plans on PostgreSQL",
  (it) => {
    it.effect(
      "read by index, and few rows, whatever the server knows of the tables",
      () =>
        Effect.gen(function* () {
          const [accounts, employees, groups, database] = [
            yield* Accounts,
            yield* Employees,
            yield* Groups,
            yield* Database
          ]
          const { account, id, log, own } = yield* settled
          const [department] = (yield* groups.list(id, { type: "department" }, page(1))).items
          const middle = (yield* employees.list(id, {}, page(9000))).next
          const ada = idOf(log, "100")
          const lookUps: ReadonlyArray<readonly [what: string, limit: number, Effect.Effect<unknown, unknown>]> = [
            ["by id", 2, employees.get(id, ada)],
            ["profile", 2, employees.profile(id, ada)],
            ["by name", 12, employees.byName(id, "n7 byron", page(10))],
            ["by own account", 4, employees.byAccount(id, own)],
            ["by granted account", 6, employees.byAccount(id, account)],
            ["of an account", 8, employees.ofAccount(id, account, page(10))],
            ["of an account, anywhere", 8, employees.ofAccount(null, account, page(10))],
            ["managers", 4, employees.managers(id, ada)],
            ["by manager", 20, employees.byManager(id, ada, undefined, page(10))],
            ["by manager and type", 20, employees.byManager(id, ada, "supervisor", page(10))],
            ["list", 12, employees.list(id, {}, page(10))],
            ["list, further on", 12, employees.list(id, {}, page(10, middle))],
            ["without a key", 4, employees.withoutKey(id, page(10))],
            ["address that is taken", 10, refused(employees.create(admin, id, { name: "x", email: "N9@hr.test" }))],
            ["group", 2, groups.get(id, department!.id)],
            ["groups", 12, groups.list(id, {}, page(10))],
            ["members", 25, groups.members(id, department!.id, {}, page(10))],
            ["groups of somebody", 8, groups.ofEntity(id, ada)],
            ["account", 4, accounts.find(id, account)],
            ["account by address", 4, accounts.find(id, "a1@acme.test")],
            ["account by address, anywhere", 4, accounts.find(null, "a1@acme.test")]
          ]
          const found: Array<string> = []
          for (const statistics of ["young", "old"]) {
            if (statistics === "old") yield* database.query((db) => sql`analyze`.execute(db))
            for (const [what, limit, lookUp] of lookUps) {
              for (const { name, read, scans } of yield* readBy(lookUp)) {
                const wrong = large.includes(name) && (scans > 0 || read > limit)
                if (wrong) found.push(`${what} (${statistics}): ${scans} scans, ${read} rows of ${name}`)
              }
            }
          }
          assert.deepStrictEqual(found, [])
        }),
      120_000
    )
  }
)
