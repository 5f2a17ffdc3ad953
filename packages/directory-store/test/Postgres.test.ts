import { connect, createServer, type Server, type Socket } from "node:net"

import { assert, describe, it } from "@effect/vitest"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { Context, Effect, Exit, Fiber, Layer, Redacted, Schedule, type Scope, Stream } from "effect"
import { Client } from "pg"

import { AppendLimits } from "../src/AppendTransaction.ts"
import { Database } from "../src/Database.ts"
import * as EventLogStore from "../src/EventLogStore.ts"
import { accepted, appeared, appendOf, employees, newOrganization } from "./Given.ts"
import { newDatabase } from "./OnPostgres.ts"

/** What another process would have: connections and queues of its own. */
const openLog = (url: string): Effect.Effect<EventLog["Service"], StoreError, Scope.Scope> =>
  Effect.map(
    Layer.build(
      Layer.fresh(EventLogStore.layer.pipe(Layer.provide(Layer.fresh(Database.layerPostgres(Redacted.make(url))))))
    ),
    (context) => Context.get(context, EventLog)
  )

/** A connection that is not ours, to stand in the way with. */
const outsider = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const client = new Client({ connectionString: url, application_name: "outsider" })
      client.on("error", () => {})
      await client.connect()
      return (text: string) => Effect.promise(() => client.query<Record<string, unknown>>(text))
    }),
    (query) => Effect.ignore(query("rollback"))
  )

const untilTrue = <E, R>(check: Effect.Effect<boolean, E, R>) =>
  check.pipe(
    Effect.repeat({ until: (yes) => yes, schedule: Schedule.spaced("10 millis") }),
    Effect.timeout("20 seconds")
  )

describe("EventLog on PostgreSQL, with others about", () => {
  it.live("orders appends by commit: one that waits gets its place and time when the one before it is through", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("inversion")
      const [a, b, reader] = [yield* openLog(url), yield* openLog(url), yield* openLog(url)]
      const inTheWay = yield* outsider(url)
      const watcher = yield* outsider(url)
      const waiting = (count: number) =>
        untilTrue(
          Effect.map(
            watcher(`select count(*)::int as n from pg_stat_activity where application_name = 'rollcall'
              and datname = current_database() and wait_event_type = 'Lock'`),
            ({ rows }) => rows[0]?.["n"] === count
          )
        )
      const organization = newOrganization()
      yield* a.salt(organization)
      yield* inTheWay("begin")
      yield* inTheWay(`insert into source_cursors values ('${organization}', 'hr', 'x')`)
      const cursor = { source: "hr", expected: null, next: "1" }
      const first = yield* Effect.forkChild(a.append(organization, appendOf([accepted("a")], { cursor })))
      yield* waiting(1)
      const second = yield* Effect.forkChild(b.append(organization, appendOf([accepted("b")])))
      yield* waiting(2)
      assert.strictEqual(yield* Stream.runCount(reader.read(organization)), 0)
      yield* inTheWay("rollback")
      const [before, after] = [yield* Fiber.join(first), yield* Fiber.join(second)]
      assert.deepStrictEqual([before.firstPosition, after.firstPosition], [1, 2])
      assert.isBelow(before.recordedAt.localeCompare(after.recordedAt), 1)
      assert.isNull(yield* reader.verify(organization))
    })
  )

  it.live("gives every reader every position once and in order, while several processes write", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("writers")
      const logs = yield* Effect.forEach([1, 2, 3], () => openLog(url))
      const reader = yield* openLog(url)
      const organization = newOrganization()
      const perWriter = 60
      const total = logs.length * perWriter * 3
      const followers = yield* Effect.forEach([0, 0, total / 2], (after) =>
        reader.follow(organization, after).pipe(Stream.take(total - after), Stream.runCollect, Effect.forkChild)
      )
      yield* Effect.forEach(
        logs,
        (log, writer) =>
          Effect.forEach(
            Array.from({ length: perWriter }, (_, index) => index),
            (index) =>
              log.append(
                organization,
                appendOf([accepted(`w${writer}`), appeared(`employee:${index}`), accepted("all")])
              ),
            { concurrency: 5, discard: true }
          ),
        { concurrency: "unbounded", discard: true }
      )
      for (const [index, follower] of followers.entries()) {
        const events = yield* Fiber.join(follower)
        const after = index === 2 ? total / 2 : 0
        assert.deepStrictEqual(
          events.map(({ position }) => position),
          Array.from({ length: total - after }, (_, index) => after + index + 1)
        )
        const times = events.map(({ recordedAt }) => recordedAt)
        assert.deepStrictEqual(times, times.toSorted())
      }
      assert.isNull(yield* reader.verify(organization))
    })
  )

  it.live("appends though the database's default isolation is serializable", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("isolation")
      const admin = yield* outsider(url)
      const name = new URL(url).pathname.slice(1)
      yield* admin(`alter database ${name} set default_transaction_isolation = 'serializable'`)
      const logs = yield* Effect.forEach([1, 2, 3], () => openLog(url))
      const organization = newOrganization()
      yield* Effect.forEach(
        logs,
        (log) =>
          Effect.forEach(Array.from({ length: 20 }), () => log.append(organization, appendOf([accepted("s")])), {
            discard: true
          }),
        { concurrency: "unbounded", discard: true }
      )
      const [log] = logs
      assert.strictEqual((yield* (log ?? assert.fail()).head(organization)).position, 60)
    })
  )

  it.live("gives up on a log that an idle writer holds, in a typed way, and goes on with others", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("idle")
      const log = yield* openLog(url)
      const [held, free] = [newOrganization(), newOrganization()]
      yield* log.append(held, appendOf([accepted("s")]))
      const idle = yield* outsider(url)
      yield* idle("begin")
      yield* idle(`select * from log_heads where organization_id = '${held}' for update`)
      const limits = { lockTimeout: "200ms", statementTimeout: "60s", copyFrom: 500, gather: 500 }
      const append = appendOf([accepted("s")])
      const { reason, message } = yield* Effect.flip(
        log.append(held, append).pipe(Effect.provideService(AppendLimits, limits))
      )
      assert.deepInclude(reason, { _tag: "StoreUnavailable", isRetryable: true })
      assert.include(message, "another writer held the log for too long")
      assert.strictEqual((yield* log.append(free, appendOf([accepted("s")]))).firstPosition, 1)
      yield* idle("rollback")
      assert.strictEqual((yield* log.append(held, append)).firstPosition, 2)
    })
  )

  it.live("is not held up by writes elsewhere, nor by a prepared transaction", () =>
    Effect.gen(function* () {
      const [url, elsewhere] = [yield* newDatabase("here"), yield* newDatabase("elsewhere")]
      const log = yield* openLog(url)
      const writer = yield* outsider(elsewhere)
      yield* writer("create table t (n integer)")
      yield* writer("begin")
      yield* writer("insert into t values (1)")
      const neighbour = yield* outsider(url)
      const { rows } = yield* neighbour("select current_setting('max_prepared_transactions')::int as n")
      const prepared = Number(rows[0]?.["n"]) > 0
      if (prepared) {
        yield* neighbour("begin; create table t (n integer); prepare transaction 'left behind'")
      }
      const organization = newOrganization()
      const followed = yield* log.follow(organization, 0).pipe(Stream.take(3), Stream.runCount, Effect.forkChild)
      yield* log.append(organization, appendOf([accepted("s"), accepted("s"), accepted("s")]))
      assert.strictEqual(yield* Fiber.join(followed), 3)
      if (prepared) yield* neighbour("rollback prepared 'left behind'")
    })
  )

  it.live("takes an interrupted append back at once, though it waited for a lock, and leaves the connection fit", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("interrupted")
      const log = yield* openLog(url)
      const organization = newOrganization()
      yield* log.append(organization, appendOf([accepted("s")]))
      const idle = yield* outsider(url)
      const watcher = yield* outsider(url)
      const blocked = Effect.map(
        watcher(`select pid from pg_stat_activity where application_name = 'rollcall'
          and datname = current_database() and wait_event_type = 'Lock'`),
        ({ rows }) => rows.length
      )
      yield* idle("begin")
      yield* idle(`select * from log_heads where organization_id = '${organization}' for update`)
      const fiber = yield* Effect.forkChild(log.append(organization, appendOf([accepted("never")])))
      yield* untilTrue(Effect.map(blocked, (count) => count === 1))
      yield* Effect.timeout(Fiber.interrupt(fiber), "5 seconds")
      assert.strictEqual(yield* blocked, 0)
      yield* idle("rollback")
      assert.strictEqual((yield* log.append(organization, appendOf([accepted("s")]))).firstPosition, 2)
      assert.deepStrictEqual(yield* log.stream(organization, "never"), [])
    })
  )

  it.live("hands the turn on when the append that has it is interrupted together with others' in its hands", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("turn")
      const log = yield* openLog(url)
      const organization = newOrganization()
      yield* log.salt(organization)
      const idle = yield* outsider(url)
      const watcher = yield* outsider(url)
      const blocked = untilTrue(
        Effect.map(
          watcher(`select 1 from pg_stat_activity where application_name = 'rollcall'
            and datname = current_database() and wait_event_type = 'Lock'`),
          ({ rows }) => rows.length === 1
        )
      )
      yield* idle("begin")
      yield* idle(`select * from log_heads where organization_id = '${organization}' for update`)
      const [a, b, c, d] = yield* Effect.forEach(["a", "b", "c", "d"], (stream) =>
        Effect.forkChild(log.append(organization, appendOf([accepted(stream)])), { startImmediately: true })
      )
      for (const fiber of [a, b]) {
        yield* blocked
        yield* Effect.timeout(Fiber.interrupt(fiber ?? assert.fail()), "5 seconds")
      }
      yield* blocked
      yield* idle("rollback")
      for (const fiber of [c, d]) yield* Fiber.join(fiber ?? assert.fail())
      const streams = (yield* Stream.runCollect(log.read(organization))).map(({ stream }) => stream)
      assert.deepStrictEqual(streams, ["c", "d"])
    })
  )

  it.live("takes an interrupted COPY back", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("copies")
      const log = yield* openLog(url)
      const organization = newOrganization()
      const watcher = yield* outsider(url)
      const fiber = yield* Effect.forkChild(log.append(organization, appendOf(employees(organization, 60_000))))
      yield* untilTrue(
        Effect.map(
          watcher("select 1 from pg_stat_activity where datname = current_database() and query like 'copy events%'"),
          ({ rows }) => rows.length > 0
        )
      )
      yield* Fiber.interrupt(fiber)
      const kept = (yield* log.head(organization)).position
      assert.include([0, 60_000], kept)
      assert.strictEqual((yield* log.append(organization, appendOf([accepted("s")]))).firstPosition, kept + 1)
      assert.isNull(yield* log.verify(organization))
    })
  )

  for (const moment of ["before the server has the commit", "after the commit and before its answer"] as const) {
    it.live(`neither loses nor doubles an event when the connection is cut ${moment}`, () =>
      Effect.gen(function* () {
        const url = yield* newDatabase("cut")
        const wire = yield* cuttable(url)
        const log = yield* openLog(wire.url)
        const organization = newOrganization()
        yield* log.append(organization, appendOf([appeared("employee:a")]))
        for (const count of [1, 700]) {
          const before = (yield* log.head(organization)).position
          const append = appendOf(employees(organization, count))
          wire.cutNext = moment === "before the server has the commit" ? "before" : "after"
          const { reason } = yield* Effect.flip(log.append(organization, append))
          assert.deepInclude(reason, { _tag: "StoreUnavailable", isRetryable: true })
          const again = yield* log.append(organization, append)
          assert.strictEqual(again.replayed, moment !== "before the server has the commit")
          assert.strictEqual(again.lastPosition, before + count)
          assert.strictEqual((yield* log.head(organization)).position, before + count)
        }
        assert.isNull(yield* log.verify(organization))
      })
    )
  }

  it.live("keeps everything once when connections are killed at random and appends are tried again", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("killed")
      const logs = yield* Effect.forEach([1, 2], () => openLog(url))
      const killer = yield* outsider(url)
      const organization = newOrganization()
      const again = { while: (error: StoreError) => error.reason._tag === "StoreUnavailable" }
      const killing = yield* killer(`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'rollcall' and datname = current_database() order by random() limit 1`).pipe(
        Effect.repeat(Schedule.spaced("15 millis")),
        Effect.forkChild
      )
      yield* Effect.forEach(
        logs,
        (log, writer) =>
          Effect.forEach(
            Array.from({ length: 80 }, (_, index) => index),
            (index) =>
              log
                .append(organization, appendOf([accepted(`w${writer}:${index}`), accepted("all")]))
                .pipe(Effect.retry(again)),
            { concurrency: 4, discard: true }
          ),
        { concurrency: "unbounded", discard: true }
      )
      yield* Fiber.interrupt(killing)
      const reader = yield* openLog(url)
      const events = yield* Stream.runCollect(reader.read(organization))
      assert.strictEqual(events.length, 320)
      const streams = events.map(({ stream }) => stream).filter((stream) => stream !== "all")
      assert.strictEqual(new Set(streams).size, 160)
      assert.isNull(yield* reader.verify(organization))
    })
  )

  it.live("delivers by polling when the LISTEN connection is lost, and listens again", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("listen")
      const log = yield* openLog(url)
      const killer = yield* outsider(url)
      const organization = newOrganization()
      const listening = `from pg_stat_activity where datname = current_database() and query ilike 'listen%'`
      const listens = untilTrue(Effect.map(killer(`select 1 ${listening}`), ({ rows }) => rows.length === 1))
      const followed = yield* log.follow(organization, 0).pipe(Stream.take(3), Stream.runCollect, Effect.forkChild)
      yield* listens
      yield* log.append(organization, appendOf([accepted("s")]))
      yield* killer(`select pg_terminate_backend(pid) ${listening}`)
      yield* log.append(organization, appendOf([accepted("s")]))
      yield* listens
      yield* log.append(organization, appendOf([accepted("s")]))
      assert.deepStrictEqual(
        (yield* Fiber.join(followed)).map(({ position }) => position),
        [1, 2, 3]
      )
    })
  )

  it.live("shares one LISTEN connection among all who follow, and gives it up after the last", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("followers")
      const log = yield* openLog(url)
      const watcher = yield* outsider(url)
      const organizations = Array.from({ length: 12 }, newOrganization)
      const fibers = yield* Effect.forEach(organizations, (organization) =>
        log.follow(organization, 0).pipe(Stream.take(1), Stream.runDrain, Effect.forkChild)
      )
      const count = Effect.map(
        watcher(`select 1 from pg_stat_activity where datname = current_database() and query ilike 'listen%'`),
        ({ rows }) => rows.length
      )
      yield* untilTrue(Effect.map(count, (listening) => listening > 0))
      assert.strictEqual(yield* count, 1)
      yield* Effect.forEach(organizations, (organization) => log.append(organization, appendOf([accepted("s")])), {
        concurrency: "unbounded"
      })
      yield* Effect.forEach(fibers, Fiber.join)
    })
  )

  it.live("finds everything by its index, whatever the statistics say", () =>
    Effect.gen(function* () {
      const url = yield* newDatabase("plans")
      const watcher = yield* outsider(url)
      const size = 20_000
      yield* Effect.scoped(
        Effect.gen(function* () {
          const log = yield* openLog(url)
          // Statistics from before the second organization came: the planner believes it to be empty.
          yield* log.append(newOrganization(), appendOf(employees(newOrganization(), 3000)))
          yield* watcher("analyze")
          yield* watcher("alter table events set (autovacuum_enabled = off)")
          const organization = newOrganization()
          for (let from = 0; from < size; from += 1000) {
            const events = employees(organization, 1000, from)
            const seen = events.map(({ stream }) => ({ source: "hr", stream, digest: "d", present: true }))
            yield* log.append(organization, appendOf(events, { seen }))
            const names = events.map(({ stream }) => stream)
            assert.strictEqual((yield* log.seen(organization, "hr", names)).size, 1000)
            assert.strictEqual((yield* log.streams(organization, names)).size, 1000)
          }
          assert.strictEqual(yield* Stream.runCount(log.read(organization)), size)
          assert.strictEqual(yield* Stream.runCount(log.people(organization)), size)
          assert.strictEqual(yield* Stream.runCount(log.present(organization, "hr")), size)
          assert.isNull(yield* log.verify(organization))
        })
      )
      const { rows } = yield* watcher(`
        select relname, seq_scan::int - (select count(*)::int from pg_index i where i.indrelid = t.relid) as scans,
          (select sum(idx_tup_read)::int from pg_stat_user_indexes i where i.relid = t.relid) as entries
        from pg_stat_user_tables t where relname in ('events', 'source_records') order by relname`)
      // Making an index counts as a scan of its table.
      for (const { relname, scans, entries } of rows) {
        assert.strictEqual(scans, 0, `${String(relname)} is scanned`)
        assert.isBelow(Number(entries), 15 * size, `${String(relname)} is walked again and again`)
      }
      assert.strictEqual(rows.length, 2)
    })
  )
})

const failure = (url: string) => Effect.flip(Effect.scoped(Layer.build(Database.layerPostgres(Redacted.make(url)))))

describe("A PostgreSQL that cannot be had", () => {
  it.live("is named by host and port, with a remedy, and without the password", () =>
    Effect.gen(function* () {
      const error = yield* failure("postgres://rollcall:sekret@127.0.0.1:1/people")
      assert.deepInclude(error.reason, { _tag: "StoreUnavailable", isRetryable: true })
      assert.include(error.message, "127.0.0.1:1")
      assert.notInclude(JSON.stringify(error) + error.message + String(error.stack), "sekret")
    })
  )

  it.live("is told apart from a text that is no URL, which is not repeated", () =>
    Effect.gen(function* () {
      for (const url of ["people:sekret", "postgres://u:sekret@host:port:1/x", "mysql://u:sekret@host/x", ""]) {
        const error = yield* failure(url)
        assert.strictEqual(error.reason._tag, "StoreUnavailable")
        assert.notInclude(JSON.stringify(error) + error.message + String(error.stack), "sekret")
      }
    })
  )

  it.live("refuses a wrong password without repeating it", () =>
    Effect.gen(function* () {
      const url = new URL(yield* newDatabase("password"))
      url.username = "nobody-of-that-name"
      url.password = "sekret"
      const exit = yield* Effect.exit(failure(url.href))
      // A server that trusts everyone lets it in.
      if (Exit.isSuccess(exit)) {
        assert.strictEqual(exit.value.reason._tag, "StoreUnavailable")
        assert.notInclude(exit.value.message, "sekret")
      }
    })
  )
})

interface Wire {
  url: string
  /** On which side of the next COMMIT the wire is cut: before the server has it, or before its answer arrives. */
  cutNext: "before" | "after" | null
}

/** A way to the server that can be cut on either side of a COMMIT. */
const cuttable = (url: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<{ wire: Wire; proxy: Server }>((resume) => {
        const { hostname, port } = new URL(url)
        const wire: Wire = { url, cutNext: null }
        const proxy = createServer((client) => forward(client, connect(Number(port || 5432), hostname), wire))
        proxy.listen(0, "127.0.0.1", () => {
          const address = proxy.address()
          const through = new URL(url)
          through.hostname = "127.0.0.1"
          if (address !== null && typeof address === "object") through.port = String(address.port)
          wire.url = through.href
          resume(Effect.succeed({ wire, proxy }))
        })
      }),
      ({ proxy }) => Effect.sync(() => proxy.close())
    ),
    ({ wire }) => wire
  )

const forward = (client: Socket, server: Socket, wire: Wire) => {
  let silent = false
  const cut = () => {
    client.destroy()
    server.destroy()
  }
  for (const socket of [client, server]) socket.on("error", cut).on("close", cut)
  server.on("data", (chunk) => (silent ? cut() : client.write(chunk)))
  client.on("data", (chunk) => {
    const side = chunk.includes("commit\0") ? wire.cutNext : null
    if (side !== null) wire.cutNext = null
    if (side === "before") return cut()
    if (side === "after") silent = true
    server.write(chunk)
  })
}
