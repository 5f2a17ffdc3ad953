/**
 * What an erasure costs: one event appended before anybody was erased and after; one person erased, ten at once, and the
 * same ten again, among many, with the tables rewritten; and whether the server's own log (WAL) still has the person.
 *
 * `npx node benchmarks/erasure.ts [PEOPLE]` (default 50000; four events each). On the PostgreSQL of TEST_DATABASE_URL, or
 * one that is started for it.
 */
import { randomUUID } from "node:crypto"

import { Erasure } from "@rollcall/core/contract/Erasure"
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Organizations } from "@rollcall/core/contract/Organizations"
import { employeeStream } from "@rollcall/core/domain/Employee"
import type { Event, NewEvent } from "@rollcall/core/domain/Event"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Database } from "@rollcall/directory-store/Database"
import { layer as store } from "@rollcall/directory-store/DirectoryStore"
import { freshDatabase, startPostgres } from "@rollcall/testkit/PostgresForTests"
import { Effect, Layer, Redacted } from "effect"
import { Client } from "pg"

const people = Number(process.argv[2] ?? 50_000)
const atOnce = 500
const log = OrganizationId.make("acme")

const said = (n: number): ReadonlyArray<NewEvent> => {
  const key = String(n)
  const common = {
    employeeId: key,
    fields: { firstName: `First${n}`, lastName: `Last${n}`, email: `p${n}@example.com` }
  }
  const hr = { source: "hr", run: "r", day: "2026-01-02", locator: "hr.csv:2" }
  const decided = { sink: "together", decidedAt: 1, clock: "x", request: "q", members: 1, configurationHash: "c" }
  const events: ReadonlyArray<Event> = [
    { type: "EmployeeAppeared", ...hr, ...common, fields: { ...common.fields, supervisorId: String(n >> 3) } },
    { type: "UserCreated", ...decided, payloadHash: "h", status: 201, ...common },
    { type: "EmployeeChanged", ...hr, ...common, fields: { title: "Chief" } },
    { type: "UserUpdated", ...decided, payloadHash: "h", status: 200, ...common, fields: { title: "Chief" } }
  ]
  const stream = employeeStream(log, key)
  return events.map((event) => ({ stream, event, actor: "source:hr", effectiveOn: null, causation: null }))
}

const timed = Effect.fnUntraced(function* <A, E, R>(what: string, body: Effect.Effect<A, E, R>) {
  const began = performance.now()
  const result = yield* body
  console.log(`${what.padEnd(52)} ${((performance.now() - began) / 1000).toFixed(2).padStart(8)} s`)
  return result
})

/** The median of many appends of one event. */
const single = Effect.fnUntraced(function* (what: string) {
  const eventLog = yield* EventLog
  const times: Array<number> = []
  for (let i = 0; i < 400; i++) {
    const began = performance.now()
    yield* eventLog.append(log, { appendKey: randomUUID(), events: said(people + i).slice(0, 1) })
    times.push(performance.now() - began)
  }
  const median = times.toSorted((a, b) => a - b)[200] ?? 0
  console.log(`${what.padEnd(52)} ${median.toFixed(2).padStart(8)} ms`)
})

type Ask = (statement: string, values?: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Record<string, unknown>>>

/** A connection of one's own, beside the store's. */
const asking = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const client = new Client({ connectionString: url })
      await client.connect()
      return client
    }),
    (client) => Effect.promise(() => client.end())
  ).pipe(
    Effect.map(
      (client): Ask =>
        (statement, values = []) =>
          Effect.promise(async () => (await client.query<Record<string, unknown>>(statement, [...values])).rows)
    )
  )

const walFiles = (ask: Ask, value: string) =>
  Effect.map(
    ask(
      `select name from pg_ls_waldir()
        where position(convert_to($1, 'UTF8') in pg_read_binary_file('pg_wal/' || name, 0, size, true)) > 0`,
      [value]
    ),
    ({ length }) => length
  )

const measure = Effect.fnUntraced(function* (ask: Ask) {
  const [eventLog, erasure, organizations] = [yield* EventLog, yield* Erasure, yield* Organizations]
  yield* organizations.register(log, [])
  yield* timed(
    `${people * 4} events of ${people} people`,
    Effect.gen(function* () {
      for (let n = 0; n < people; n += atOnce) {
        const events = Array.from({ length: Math.min(atOnce, people - n) }, (_, i) => said(n + i)).flat()
        yield* eventLog.append(log, { appendKey: randomUUID(), events })
      }
    })
  )
  const [size] = yield* ask("select pg_size_pretty(pg_database_size(current_database())) as size")
  console.log(`the database: ${String(size?.["size"])}`)
  yield* single("one event, nobody erased yet")
  const erase = (keys: ReadonlyArray<number>) =>
    erasure.erase(
      log,
      keys.map((key) => ({ who: String(key), by: "Ann", reason: "a measurement" }))
    )
  const ten = Array.from({ length: 10 }, (_, i) => 100 + i)
  const last = people - 1
  const address = `p${last}@example.com`
  console.log(`files of the server's log with the person, before:   ${yield* walFiles(ask, address)}`)
  const { people: erased, sweep } = yield* timed("one person erased, tables rewritten", erase([last]))
  console.log(JSON.stringify({ mentions: erased[0]?.mentions, problem: sweep.problem }))
  yield* timed("ten more at once", erase(ten))
  yield* timed("the same ten again", erase(ten))
  yield* single("one event, some erased")
  console.log(`files of the server's log with the person, after:    ${yield* walFiles(ask, address)}`)
})

const program = Effect.gen(function* () {
  const server = yield* Effect.acquireRelease(
    Effect.promise(() => startPostgres()),
    ({ stop }) => Effect.promise(stop)
  )
  console.log(`PostgreSQL: ${server.chosen}`)
  const url = yield* freshDatabase(server.url, "erasure")
  yield* Effect.provide(
    measure(yield* asking(url)),
    Layer.fresh(Layer.provideMerge(store, Database.layerPostgres(Redacted.make(url))))
  )
})

await Effect.runPromise(Effect.scoped(program))
