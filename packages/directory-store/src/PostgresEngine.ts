/**
 * PostgreSQL 15 or later by a pool of `pg` connections, each with a Kysely of its own bound to it.
 *
 * Nothing here changes `pg` for others: parsers are set per pool. The URL holds a password, so it stays Redacted and no
 * error is passed on that quotes it.
 */
import { finished } from "node:stream/promises"

import { StoreError, StoreUnavailable } from "@rollcall/core/contract/EventLog"
import { Cause, Effect, Queue, Redacted, type Scope, Stream } from "effect"
import { Kysely, PostgresDialect } from "kysely"
import { Client, type ClientConfig, Pool, type PoolClient, type PoolConfig, TypeOverrides } from "pg"
import { from as copyFrom } from "pg-copy-streams"

import { type Connection, DriverFailure, type Engine, settled, toStoreError } from "./Engine.ts"
import type { Tables } from "./Schema.ts"

const oldest = 15

/** Positions are numbers; json, dates and times stay the text they are. */
const types = new TypeOverrides()
types.setTypeParser(20, Number)
for (const textual of [114, 1082, 1114, 1184, 3802]) types.setTypeParser(textual, String)

export const makePostgresEngine = Effect.fnUntraced(function* (
  url: Redacted.Redacted
): Effect.fn.Return<Engine, StoreError, Scope.Scope> {
  // `pg` would read nearly any text as some host and database, and the message would quote it.
  if (!/^postgres(ql)?:\/\//.test(Redacted.value(url))) return yield* unreadable
  const config = {
    connectionString: Redacted.value(url),
    application_name: "rollcall",
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    types
  }
  const { host, port, database } = yield* Effect.try({
    try: () => new Client(config),
    // The cause quotes the URL, password and all.
    catch: () => unreadable
  })
  const place = `${host}:${port}/${database ?? ""}`
  const remedy = `See that PostgreSQL runs at ${host}:${port}, that it can be reached from here, and that the user in the URL may log in and create tables.`
  const pool = yield* Effect.acquireRelease(
    Effect.sync(() => makePool(config)),
    (pool) => Effect.promise(() => pool.end())
  )
  const engine: Engine = {
    name: "postgres",
    place,
    remedy,
    withConnection: (use) =>
      Effect.acquireUseRelease(
        settled(() => pool.connect()),
        (client) => use(connectionOf(client, config)),
        (client) => Effect.sync(() => client.release(discarded.has(client)))
      ),
    listen: (channel) => listen(config, channel)
  }
  yield* requireVersion(engine)
  return engine
})

const unusable = (problem: string, remedy: string) =>
  new StoreError({ reason: new StoreUnavailable({ problem, remedy }) })

const unreadable = unusable(
  "The database URL cannot be read.",
  "Write it as postgres://user:password@host:5432/database, with special characters in it percent-encoded."
)

const makePool = (config: PoolConfig): Pool => {
  const pool = new Pool({ ...config, max: 10, idleTimeoutMillis: 30_000 })
  // Without a listener the loss of an idle connection would end the process; the next query finds out by itself.
  pool.on("error", () => {})
  pool.on("connect", (client) => client.on("error", () => {}))
  return pool
}

/** Whatever goes wrong at the first connection (certificates, too) is for the operator to put right. */
const requireVersion = Effect.fnUntraced(function* (engine: Engine) {
  const version = yield* engine
    .withConnection((connection) => connection.run((db) => db.executeQuery<{ v: string }>(versionQuery(db))))
    .pipe(
      Effect.catchTag("DriverFailure", toStoreError(engine)),
      Effect.catchDefect((defect) =>
        unusable(`The database at ${engine.place} did not answer: ${String(defect)}.`, engine.remedy)
      )
    )
  const major = Math.floor(Number(version.rows[0]?.v) / 10_000)
  if (major < oldest) {
    return yield* unusable(
      `The database at ${engine.place} is PostgreSQL ${major}.`,
      `Rollcall needs PostgreSQL ${oldest} or later: upgrade it, or name another one.`
    )
  }
})

const versionQuery = (db: Kysely<Tables>) =>
  db.selectNoFrom((eb) => eb.fn<string>("current_setting", [eb.val("server_version_num")]).as("v")).compile()

const connections = new WeakMap<PoolClient, Connection>()
const discarded = new WeakSet<PoolClient>()

const connectionOf = (client: PoolClient, config: ClientConfig): Connection => {
  const known = connections.get(client)
  if (known !== undefined) return known
  const made = makeConnection(client, config)
  connections.set(client, made)
  return made
}

const makeConnection = (client: PoolClient, config: ClientConfig): Connection => {
  const bound = { query: client.query.bind(client), release: () => {} } as unknown as PoolClient
  const pool = { connect: () => Promise.resolve(bound), end: () => Promise.resolve(), options: {} }
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  const cancel = cancelBackend(client, config)
  return {
    run: (query) => settled(() => query(db), cancel),
    script: (text) => settled(() => client.query(text), cancel).pipe(Effect.asVoid),
    copy: (target, lines) => settled((signal) => copy(client, target, lines, signal)),
    discard: Effect.sync(() => discarded.add(client))
  }
}

/** Asks the server to give up what this connection is at; by another connection, as the protocol will have it. */
const cancelBackend = (client: PoolClient, config: ClientConfig): Effect.Effect<void> =>
  Effect.promise(async () => {
    const { processID } = client as unknown as { readonly processID: number }
    const other = new Client(config)
    other.on("error", () => {})
    try {
      await other.connect()
      await other.query("select pg_cancel_backend($1)", [processID])
    } catch {
      // The statement then ends by its own timeout.
    } finally {
      await other.end().catch(() => {})
    }
  })

const copyChunk = 1 << 18

const copy = async (client: PoolClient, target: string, lines: ReadonlyArray<string>, signal: AbortSignal) => {
  const stream = client.query(copyFrom(`copy ${target} from stdin`))
  // Tells the server to forget the rows; `end` then waits for its word.
  signal.addEventListener("abort", () => stream.destroy(new Error("interrupted")))
  const end = finished(stream)
  // Held by `end`; without this a failure during the writes below would count as unhandled.
  end.catch(() => {})
  let chunk = ""
  for (const line of lines) {
    chunk += line
    if (chunk.length < copyChunk) continue
    if (!stream.write(chunk)) await Promise.race([new Promise((go) => stream.once("drain", go)), end])
    chunk = ""
  }
  stream.end(chunk)
  await end
}

const listen = (config: ClientConfig, channel: string): Stream.Stream<string, DriverFailure> =>
  Stream.callback<string, DriverFailure>((queue) =>
    Effect.acquireRelease(
      settled(async () => {
        const client = new Client(config)
        const lost = (cause: unknown) => Queue.failCauseUnsafe(queue, Cause.fail(new DriverFailure({ cause })))
        client.on("error", lost)
        client.on("end", () => lost(new Error("Connection terminated")))
        client.on("notification", ({ payload }) => Queue.offerUnsafe(queue, payload ?? ""))
        try {
          await client.connect()
          await client.query(`listen ${client.escapeIdentifier(channel)}`)
        } catch (cause) {
          await client.end().catch(() => {})
          throw cause
        }
        Queue.offerUnsafe(queue, "")
        return client
      }),
      (client) => Effect.promise(() => client.end().catch(() => {}))
    )
  )
