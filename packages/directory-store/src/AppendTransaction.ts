/**
 * One transaction for the appends of one organization that wait together: lock, look, admit, write. LaneStore has its
 * appends as part of a transaction of its own.
 *
 * Every look at the log comes in a statement after the lock, for a statement sees what was committed when it began.
 * `recorded_at` is taken then, too, and never runs backwards.
 */
import { randomBytes } from "node:crypto"

import type { Appended, StoreError } from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Context, Effect, type Result } from "effect"
import { type Kysely, sql } from "kysely"

import { admit, type Commit, type Ledger, type Request, streamsOf, writtenStreams } from "./Admission.ts"
import { writeRows } from "./AppendLanes.ts"
import { byIndex, type Database, type Transaction } from "./Database.ts"
import type { DriverFailure } from "./Engine.ts"
import { erasedAmong, writeErasures } from "./Erasures.ts"
import { timeText } from "./EventPage.ts"
import type { Projector } from "./Projector.ts"
import { versionsOf } from "./Read.ts"
import type { Tables } from "./Schema.ts"

/** Measured defaults; tests set their own. */
export const AppendLimits = Context.Reference("@rollcall/directory-store/AppendLimits", {
  defaultValue: () => ({
    /** How long an append waits for another writer of the same log. */
    lockTimeout: "10s",
    statementTimeout: "60s",
    /** From so many rows on, COPY is the faster lane. */
    copyFrom: 500,
    /** So many events are gathered into one transaction; a larger append goes alone. */
    gather: 500
  })
})

/** Told of a commit by NOTIFY; the payload is the organization. */
export const channel = "rollcall_log"

export const appendTransaction = (
  database: Database["Service"],
  projector: Projector,
  organization: OrganizationId,
  requests: ReadonlyArray<Request>
): Effect.Effect<ReadonlyArray<Result.Result<Appended, StoreError>>, StoreError> =>
  logTransaction(database, (transaction) =>
    Effect.map(appendInside(transaction, projector, organization, requests), ({ results }) => results)
  )

/** A transaction that may write a log: under `byIndex`, and it does not wait for others for ever. */
export const logTransaction = <A, E, R>(
  database: Database["Service"],
  body: (transaction: Transaction) => Effect.Effect<A, E, R>
) =>
  Effect.flatMap(AppendLimits, ({ lockTimeout, statementTimeout }) => {
    // PGlite has one connection and nobody to wait for.
    const timeouts =
      database.engine === "pglite"
        ? ""
        : `set local lock_timeout = '${lockTimeout}';
           set local statement_timeout = '${statementTimeout}';
           set local idle_in_transaction_session_timeout = '${statementTimeout}';`
    return database.transaction(body, { settings: byIndex + timeouts })
  })

/**
 * The appends as part of an open `logTransaction`: one that is refused writes nothing, and the rest is written. The
 * Directory's tables follow in the same transaction.
 */
export const appendInside = Effect.fnUntraced(function* (
  transaction: Transaction,
  projector: Projector,
  organization: OrganizationId,
  requests: ReadonlyArray<Request>
): Effect.fn.Return<
  {
    readonly results: ReadonlyArray<Result.Result<Appended, StoreError>>
    /** The log's time in this transaction, also where all was written before. */
    readonly recordedAt: string
  },
  DriverFailure | StoreError
> {
  const { copyFrom } = yield* AppendLimits
  const ledger = yield* transaction.run((db) => openLedger(db, organization, requests))
  const results = requests.map((request) => admit(ledger, request))
  if (ledger.added.rows.length > 0) yield* writeRows(transaction, organization, ledger.added.rows, copyFrom)
  if (ledger.added.commits.length > 0) yield* transaction.run((db) => closeLedger(db, ledger))
  yield* projector.follow(transaction, organization, ledger.added.rows)
  return { results, recordedAt: ledger.recordedAt }
})

const openLedger = async (
  db: Kysely<Tables>,
  organization: string,
  requests: ReadonlyArray<Request>
): Promise<Ledger> => {
  const head = await lockOrMakeHead(db, organization)
  const streams = [...new Set(requests.flatMap(streamsOf))]
  const sources = requests.flatMap(({ append }) => append.cursor?.source ?? [])
  const { erasures, now } = await lookAround(db, organization, head.recorded_at)
  return {
    organization,
    salt: head.salt,
    recordedAt: now,
    position: head.position,
    hash: head.hash,
    commitNo: head.commit_no,
    erased: erasures ? await erasedAmong(db, organization, [...new Set(requests.flatMap(writtenStreams))]) : new Set(),
    versions: streams.length === 0 ? new Map() : await versionsOf(db, organization, streams),
    cursors: sources.length === 0 ? new Map() : await cursorsOf(db, organization, sources),
    commits: await commitsOf(db, organization, requests),
    added: { rows: [], commits: [], cursors: new Map(), seen: new Map(), erasures: new Map() }
  }
}

/** The end of a log, which nobody else can move before the transaction ends. */
export const lockOrMakeHead = async (db: Kysely<Tables>, organization: string) =>
  (await lockHead(db, organization)) ?? (await makeHead(db, organization))

const lockHead = (db: Kysely<Tables>, organization: string) =>
  db
    .selectFrom("log_heads")
    .select(["position", "hash", "commit_no", "salt", timeText("recorded_at").as("recorded_at")])
    .where("organization_id", "=", organization)
    .forUpdate()
    .executeTakeFirst()

const makeHead = async (db: Kysely<Tables>, organization: string) => {
  await insertHead(db, organization)
  const head = await lockHead(db, organization)
  if (head === undefined) throw new Error(`The head of log ${organization} is gone`)
  return head
}

/** The first to touch a log makes its head, and with it the organization's secret. */
export const readSalt = async (db: Kysely<Tables>, organization: string): Promise<Uint8Array> => {
  const read = db.selectFrom("log_heads").select("salt").where("organization_id", "=", organization)
  const known = await read.executeTakeFirst()
  if (known !== undefined) return known.salt
  await insertHead(db, organization)
  return (await read.executeTakeFirstOrThrow()).salt
}

const insertHead = (db: Kysely<Tables>, organization: string) =>
  db
    .insertInto("log_heads")
    .values({ organization_id: organization, salt: randomBytes(32) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()

/** The log's time, and whether anybody of it was erased: most logs have nobody to look up. */
const lookAround = async (db: Kysely<Tables>, organization: string, notBefore: string | null) => {
  const { rows } = await sql<{ now: string; erasures: boolean }>`
    select ${timeText("now")} as now,
      exists (select from erasures where organization_id = ${organization}) as erasures
    from (select greatest(${notBefore}::timestamptz, clock_timestamp()) as now) as clock`.execute(db)
  const [sight] = rows
  if (sight === undefined) throw new Error("The database tells no time")
  return sight
}

const cursorsOf = async (db: Kysely<Tables>, organization: string, sources: ReadonlyArray<string>) => {
  const rows = await db
    .selectFrom("source_cursors")
    .select(["source", "cursor"])
    .where("organization_id", "=", organization)
    .where("source", "in", [...new Set(sources)])
    .execute()
  return new Map(rows.map(({ source, cursor }) => [source, cursor]))
}

const commitsOf = async (db: Kysely<Tables>, organization: string, requests: ReadonlyArray<Request>) => {
  const rows = await db
    .selectFrom("commits")
    .select(["commit_no", "run_id", "append_key", "request_digest", "first_position", "last_position"])
    .select(timeText("recorded_at").as("recorded_at"))
    .where("organization_id", "=", organization)
    .where("append_key", "in", [...new Set(requests.map(({ append }) => append.appendKey))])
    .execute()
  return new Map(
    rows.map((row): [string, Commit] => [
      row.append_key,
      {
        commitNo: row.commit_no,
        runId: row.run_id,
        appendKey: row.append_key,
        digest: row.request_digest,
        appended: {
          firstPosition: row.first_position,
          lastPosition: row.last_position,
          recordedAt: row.recorded_at,
          replayed: true
        }
      }
    ])
  )
}

const closeLedger = async (db: Kysely<Tables>, ledger: Ledger): Promise<void> => {
  const { organization, position, hash, commitNo, recordedAt, added } = ledger
  const written = added.rows.length > 0
  await db
    .updateTable("log_heads")
    .set({ commit_no: commitNo, ...(written ? { position, hash, recorded_at: recordedAt } : {}) })
    .where("organization_id", "=", organization)
    .execute()
  await db
    .insertInto("commits")
    .values(added.commits.map((commit) => commitRow(organization, commit)))
    .execute()
  if (added.cursors.size > 0) await writeCursors(db, organization, added.cursors)
  if (added.seen.size > 0) await writeSeen(db, ledger)
  if (added.erasures.size > 0) await writeErasures(db, organization, added.erasures)
  if (written) await sql`select pg_notify(${channel}, ${organization})`.execute(db)
}

const commitRow = (organization: string, { commitNo, appended, runId, appendKey, digest }: Commit) => ({
  organization_id: organization,
  commit_no: commitNo,
  first_position: appended.firstPosition,
  last_position: appended.lastPosition,
  recorded_at: appended.recordedAt,
  run_id: runId,
  append_key: appendKey,
  request_digest: digest
})

const writeCursors = (db: Kysely<Tables>, organization: string, cursors: ReadonlyMap<string, string>) =>
  db
    .insertInto("source_cursors")
    .values([...cursors].map(([source, cursor]) => ({ organization_id: organization, source, cursor })))
    .onConflict((conflict) =>
      conflict.columns(["organization_id", "source"]).doUpdateSet((eb) => ({ cursor: eb.ref("excluded.cursor") }))
    )
    .execute()

const writeSeen = (db: Kysely<Tables>, { organization, added }: Ledger) => {
  const records = [...added.seen.values()]
  return sql`
    insert into source_records (organization_id, source, stream, digest, present)
    select ${organization}, * from unnest(
      ${records.map(({ source }) => source)}::text[], ${records.map(({ stream }) => stream)}::text[],
      ${records.map(({ digest }) => digest)}::text[], ${records.map(({ present }) => present)}::boolean[]
    )
    on conflict (organization_id, source, stream)
    do update set digest = excluded.digest, present = excluded.present`.execute(db)
}
