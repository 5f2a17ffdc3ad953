/**
 * The rows of `lanes` and `lane_waiters`: every statement of LaneStore but the append.
 *
 * Each takes its times from the database. The lane's row is locked before anything is looked at and before any log is
 * locked; the look is a statement of its own, for a statement sees what was committed when it began.
 */
import { randomBytes } from "node:crypto"

import type { Grant, GrantRequest, LaneState, Release } from "@rollcall/core/contract/Lane"
import { type Kysely, sql } from "kysely"

import { timeText } from "./EventPage.ts"
import { ranks, type Sight } from "./LaneRule.ts"
import type { Tables } from "./Schema.ts"

type Database = Kysely<Tables>

/** Locks the lane, a new one with a full pause before its first request. */
export const lockOrMakeLane = async (db: Database, lane: string, beginPauseMillis: number): Promise<void> => {
  if (await lockLane(db, lane)) return
  await db
    .insertInto("lanes")
    .values({ lane, salt: randomBytes(32), not_before: after(sql`clock_timestamp()`, beginPauseMillis) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await lockLane(db, lane)
}

/** False: there is no such lane. */
export const lockLane = async (db: Database, lane: string): Promise<boolean> => {
  const locked = db.selectFrom("lanes").select("lane").where("lane", "=", lane).forUpdate()
  return (await locked.executeTakeFirst()) !== undefined
}

const after = (time: ReturnType<typeof sql>, millis: number) =>
  sql<string>`${time} + ${millis}::float8 * interval '1 millisecond'`

const untilMillis = (column: string) => sql`(extract(epoch from ${sql.ref(column)} - now) * 1000)::float8`

interface SightRow extends Omit<Sight, "circuit"> {
  readonly since: string | null
  readonly reason: string | null
}

/** The locked lane as it is now, and what else the decision about a request depends on. */
export const lookAtLane = async (db: Database, asked: GrantRequest): Promise<Sight> => {
  const { rows } = await sql<SightRow>`
    select lanes.salt, grant_no as grants, faults, ${untilMillis("deadline")} as "deadlineIn",
      ${untilMillis("not_before")} as "notBeforeIn", ${untilMillis("log_heads.recorded_at")} as "logAhead",
      ${timeText("circuit_since")} as since, circuit_reason as reason, circuit_credentials as refused,
      exists (
        select from lane_waiters
        where lane = ${asked.lane} and urgency < ${ranks[asked.urgency]} and expires_at > now
      ) as overtaken
    from (select clock_timestamp() as now) as clock
    join lanes on lanes.lane = ${asked.lane}
    left join log_heads on organization_id = ${asked.organization}`.execute(db)
  if (rows[0] === undefined) throw new Error(`Lane ${asked.lane} is gone`)
  return withCircuit(rows[0])
}

/** Lets the routine stand back until `millis` from now. */
export const keepWaiting = (db: Database, { lane, request, urgency }: GrantRequest, millis: number) =>
  db
    .insertInto("lane_waiters")
    .values({ lane, request, urgency: ranks[urgency], expires_at: after(sql`clock_timestamp()`, millis) })
    .onConflict((conflict) =>
      conflict.columns(["lane", "request"]).doUpdateSet((eb) => ({ expires_at: eb.ref("excluded.expires_at") }))
    )
    .execute()

/** A grant on its way into the lane's row. `endsWithinMillis` is its deadline, counted from `recordedAt`. */
export interface Taken {
  readonly grant: Grant
  readonly credentials: Uint8Array
  readonly recordedAt: string
  readonly endsWithinMillis: number
}

/**
 * Gives the lane to a request, which waits no more; whoever has stopped asking is forgotten. Answers with the milliseconds
 * that are left before the request may start: recording the grant took some of them.
 */
export const takeLane = async (db: Database, { grant, credentials, ...taken }: Taken): Promise<number> => {
  const { lane, request, number, startsAfterMillis } = grant
  const recordedAt = sql`${taken.recordedAt}::timestamptz`
  const row = await db
    .with("gone", (with_) =>
      with_
        .deleteFrom("lane_waiters")
        .where("lane", "=", lane)
        .where(sql<boolean>`(request = ${request} or expires_at <= ${recordedAt})`)
    )
    .updateTable("lanes")
    .set({ grant_no: number, request, grant_credentials: credentials })
    .set({ deadline: after(recordedAt, taken.endsWithinMillis), not_before: after(recordedAt, startsAfterMillis) })
    .where("lane", "=", lane)
    .returning(sql<number>`extract(epoch from not_before - clock_timestamp())::float8 * 1000`.as("left"))
    .executeTakeFirstOrThrow()
  return Math.max(0, Math.ceil(row.left))
}

/** Frees the lane if the grant is still the one in use. `recordedAt` is not before the release was asked for. */
export const freeLane = (db: Database, release: Release, recordedAt: string) => {
  const { grant, endedMillisAgo, pauseMillis, faults } = release
  const opens = after(sql`${recordedAt}::timestamptz`, pauseMillis - endedMillisAgo)
  return db
    .updateTable("lanes")
    .set({ request: null, deadline: null, grant_credentials: null, faults })
    .set({ not_before: sql<string>`greatest(not_before, ${opens})` })
    .set(circuitColumns(release, recordedAt))
    .where("lane", "=", grant.lane)
    .where("grant_no", "=", grant.number)
    .where("request", "is not", null)
    .execute()
}

/** A circuit that is opened again for the same credentials has been open since the first time. */
const circuitColumns = ({ circuit }: Release, recordedAt: string) => {
  if (circuit === undefined) return {}
  if (circuit._tag === "close") return { circuit_since: null, circuit_reason: null, circuit_credentials: null }
  return {
    circuit_since: sql<string>`case when circuit_credentials = grant_credentials then circuit_since
      else ${recordedAt}::timestamptz end`,
    circuit_reason: circuit.reason,
    circuit_credentials: sql<Uint8Array>`grant_credentials`
  }
}

interface StateRow extends Omit<LaneState, "circuit"> {
  readonly since: string | null
  readonly reason: string | null
}

/** What is over is null. A grant past its deadline only keeps the next one waiting, for a pause. */
export const selectState = async (db: Database, lane: string, beginPauseMillis: number): Promise<LaneState | null> => {
  const { rows } = await sql<StateRow>`
    select grant_no as grants, faults, ${timeText("circuit_since")} as since, circuit_reason as reason,
      case when deadline > now then ${timeText("deadline")} end as "busyUntil",
      case when opens > now then ${timeText("opens")} end as "notBefore"
    from (select clock_timestamp() as now) as clock
    join lanes on lane = ${lane} and grant_no > 0
    cross join lateral (
      select case when deadline <= now then greatest(not_before, ${after(sql`deadline`, beginPauseMillis)})
        else not_before end as opens
    ) as next`.execute(db)
  return rows[0] === undefined ? null : withCircuit(rows[0])
}

/** Both or none of them are there: the table sees to it. */
const withCircuit = <A extends { readonly since: string | null; readonly reason: string | null }>({
  since,
  reason,
  ...row
}: A) => ({ ...row, circuit: since === null || reason === null ? null : { since, reason } })
