/**
 * EventLog.verify: computes every hash again and compares it with what is kept, in the order of positions.
 *
 * Finds edited columns, edited or exchanged personal parts, missing and exchanged rows, a cut or grown tail. An erased
 * personal part is none of these: its hash is kept. A log rewritten from some event to its end, head and all, can only
 * be found by who has kept an earlier head hash elsewhere.
 */
import type { Breach, StoreError } from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect } from "effect"
import { type Kysely, sql } from "kysely"

import type { Database } from "./Database.ts"
import { timeText } from "./EventPage.ts"
import { hashEvent, hashPersonal, type Link, origin, sameBytes } from "./HashChain.ts"
import type { Tables } from "./Schema.ts"

/** How far the walk has come. */
interface Place {
  readonly position: number
  readonly hash: Uint8Array
}

interface KeptEvent extends Link {
  readonly personal: string | null
  readonly salt: Uint8Array | null
  readonly hash: Uint8Array
}

interface End {
  readonly position: number
  readonly hash: Uint8Array
  readonly last_event: number
  readonly last_commit: number
}

export const verifyLog = Effect.fnUntraced(function* (
  database: Database["Service"],
  organization: OrganizationId
): Effect.fn.Return<Breach | null, StoreError> {
  const end = yield* database.queryByIndex((db) => selectEnd(db, organization))
  let place: Place = { position: 0, hash: origin }
  while (place.position < end.position) {
    const events = yield* database.queryByIndex((db) => selectKept(db, organization, place.position, end.position))
    for (const event of events) {
      const problem = check(place, event)
      if (problem !== null) return { position: place.position + 1, problem }
      place = event
    }
    if (events.length === 0) break
  }
  return checkEnd(place, end)
})

const check = (before: Place, event: KeptEvent): string | null => {
  if (event.position !== before.position + 1) return "The event is missing."
  if (event.personal !== null && event.salt !== null) {
    const kept = event.personalHash
    if (kept === null || !sameBytes(hashPersonal(event.salt, event.personal), kept)) {
      return "The personal part is not the one that was written."
    }
  }
  return sameBytes(hashEvent(before.hash, event), event.hash) ? null : "The event is not the one that was written here."
}

const checkEnd = ({ position, hash }: Place, end: End): Breach | null => {
  if (position < end.position)
    return { position: position + 1, problem: `The log ends before its head, ${end.position}.` }
  if (end.last_event > position)
    return { position: position + 1, problem: `The event is behind the head, ${position}.` }
  if (!sameBytes(hash, end.hash)) return { position, problem: "The head has another hash than the last event." }
  if (end.last_commit !== position) {
    return { position: Math.min(position, end.last_commit) + 1, problem: `The last commit ends at ${end.last_commit}.` }
  }
  return null
}

/** One statement, so that all of it is seen at one moment. */
const selectEnd = async (db: Kysely<Tables>, organization: OrganizationId): Promise<End> => {
  const { rows } = await sql<End>`
    select coalesce(head.position, 0) as position, coalesce(head.hash, '') as hash,
      coalesce((select max(position) from events where organization_id = ${organization}), 0) as last_event,
      coalesce((select last_position from commits where organization_id = ${organization}
                order by commit_no desc limit 1), 0) as last_commit
    from (select) as always left join log_heads as head on head.organization_id = ${organization}`.execute(db)
  return rows[0] ?? { position: 0, hash: origin, last_event: 0, last_commit: 0 }
}

const pageEvents = 500

const selectKept = (db: Kysely<Tables>, organization: OrganizationId, after: number, upTo: number) =>
  db
    .selectFrom("events")
    .select(["position", "stream", "version", "type", "actor", "salt", "hash"])
    .select(["organization_id as organization", "schema_version as schemaVersion", "personal_hash as personalHash"])
    .select(["causation_position as causation", timeText("recorded_at").as("recordedAt")])
    .select(sql<string | null>`to_char(effective_on, 'YYYY-MM-DD')`.as("effectiveOn"))
    .select([sql<string>`data::text`.as("data"), sql<string | null>`personal::text`.as("personal")])
    .where("organization_id", "=", organization)
    .where("position", ">", after)
    .where("position", "<=", upTo)
    .orderBy("position")
    .limit(pageEvents)
    .execute()
