/**
 * EventLog.chain and EventLog.verify: compute every hash again and compare it with what is kept, in the order of positions.
 *
 * Finds edited columns, edited or exchanged personal parts, missing and exchanged rows, a cut or grown tail, commits that
 * do not cover the log. An erased personal part is none of these: its hash is kept. A log rewritten from some event to its
 * end, head and all, is found by who has kept an earlier head elsewhere.
 */
import {
  type Breach,
  ChainBroken,
  type EarlierHead,
  type KeptEvent,
  type StoreError
} from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Stream } from "effect"
import { type Kysely, sql } from "kysely"

import type { Database } from "./Database.ts"
import { hashEvent, hashPersonal, sameBytes } from "./HashChain.ts"
import { readKept } from "./KeptEvents.ts"
import type { Tables } from "./Schema.ts"

/** How far the walk has come. */
interface Place {
  readonly position: number
  /** Hexadecimal. */
  readonly hash: string
}

const beginning: Place = { position: 0, hash: "" }

/** The end of the log when the walk began. */
interface End extends Place {
  readonly commit_no: number
  readonly last_commit: number
  readonly first_event: number
  readonly last_event: number
}

export const readChain = (
  database: Database["Service"],
  organization: OrganizationId,
  earlier?: EarlierHead
): Stream.Stream<KeptEvent, StoreError | ChainBroken> =>
  database
    .queryByIndex((db) => selectEnd(db, organization))
    .pipe(
      Effect.map((end) => {
        let place = beginning
        const walk = (events: ReadonlyArray<KeptEvent>) =>
          Effect.suspend(() => {
            for (const event of events) {
              const problem = check(place, event, earlier)
              if (problem !== null) return broken(organization, { position: place.position + 1, problem })
              place = event
            }
            return Effect.void
          })
        const events = readKept(database, organization, end.position)
        return events.pipe(
          Stream.mapArrayEffect((page) => Effect.as(walk(page), page)),
          Stream.concat(
            Stream.fromEffectDrain(Effect.suspend(() => walkEnd(database, organization, place, end, earlier)))
          )
        )
      }),
      Stream.unwrap
    )

export const verifyChain = (
  chain: Stream.Stream<KeptEvent, StoreError | ChainBroken>
): Effect.Effect<Breach | null, StoreError> =>
  Stream.runDrain(chain).pipe(
    Effect.as(null),
    Effect.catchTag("ChainBroken", ({ position, problem }) => Effect.succeed({ position, problem }))
  )

const broken = (organization: OrganizationId, breach: Breach) => new ChainBroken({ organization, ...breach })

const check = (before: Place, event: KeptEvent, earlier: EarlierHead | undefined): string | null => {
  if (event.position !== before.position + 1) return "The event is missing."
  if (!personalFits(event)) return "The personal part is not the one that was written."
  if (!sameBytes(hashEvent(before.hash, event), event.hash)) return "The event is not the one that was written here."
  return fitsEarlier(event, earlier) ? null : rewritten
}

const rewritten = "The earlier head has another hash here: this event, or one before it, was written anew since."

const fitsEarlier = ({ hash, position }: Place, earlier: EarlierHead | undefined): boolean =>
  position !== earlier?.position || hash === earlier.hash

/** Taken whole or not at all; what is there is what was hashed. */
const personalFits = ({ personal, personalHash, salt }: KeptEvent): boolean => {
  if (personal === null && salt === null) return true
  if (personal === null || salt === null || personalHash === null) return false
  return sameBytes(hashPersonal(salt, personal), personalHash)
}

const walkEnd = Effect.fnUntraced(function* (
  database: Database["Service"],
  organization: OrganizationId,
  place: Place,
  end: End,
  earlier: EarlierHead | undefined
) {
  const breach =
    checkEnd(place, end, earlier) ?? (yield* database.queryByIndex((db) => selectTornCommit(db, organization, end)))
  if (breach !== null) return yield* broken(organization, breach)
})

const checkEnd = ({ position, hash }: Place, end: End, earlier: EarlierHead | undefined): Breach | null => {
  if (position < end.position)
    return { position: position + 1, problem: `The log ends before its head, ${end.position}.` }
  if (end.last_event > position)
    return { position: position + 1, problem: `The event is behind the head, ${position}.` }
  if (end.first_event < 1) return { position: end.first_event, problem: "The event stands before the first." }
  if (hash !== end.hash) return { position, problem: "The head has another hash than the last event." }
  if (end.last_commit > end.commit_no)
    return { position: position + 1, problem: `Commit ${end.last_commit} is behind the head's, ${end.commit_no}.` }
  if (earlier !== undefined && earlier.position > position)
    return { position: position + 1, problem: `The log ends before the earlier head, ${earlier.position}.` }
  return null
}

/** One statement, so that all of it is seen at one moment. */
const selectEnd = async (db: Kysely<Tables>, organization: OrganizationId): Promise<End> => {
  const { rows } = await sql<End>`
    select coalesce(head.position, 0) as position, coalesce(encode(head.hash, 'hex'), '') as hash,
      coalesce(head.commit_no, 0) as commit_no,
      coalesce((select max(commit_no) from commits where organization_id = ${organization}), 0) as last_commit,
      coalesce((select min(position) from events where organization_id = ${organization}), 1) as first_event,
      coalesce((select max(position) from events where organization_id = ${organization}), 0) as last_event
    from (select) as always left join log_heads as head on head.organization_id = ${organization}`.execute(db)
  return rows[0] ?? { ...beginning, commit_no: 0, last_commit: 0, first_event: 1, last_event: 0 }
}

interface Torn {
  readonly commit_no: number
  readonly position: number
}

/**
 * The first commit that does not go on where the one before ended, or not at the time of its events; a number that is
 * missing shows in the one after it, and `ending` stands for the one after the last.
 */
const selectTornCommit = async (
  db: Kysely<Tables>,
  organization: OrganizationId,
  { commit_no, position }: End
): Promise<Breach | null> => {
  const { rows } = await sql<Torn>`
    with ending as (select ${commit_no}::bigint + 1 as commit_no, ${position}::bigint + 1 as first_position),
    tiles as (
      select commit_no, first_position, last_position, recorded_at from commits
      where organization_id = ${organization} and commit_no <= ${commit_no}
      union all select commit_no, first_position, first_position - 1, null from ending
    ), pairs as (
      select *, coalesce(lag(commit_no) over before, 0) + 1 as next_no,
        coalesce(lag(last_position) over before, 0) + 1 as next_position
      from tiles window before as (order by commit_no)
    )
    select commit_no, least(first_position, next_position) as position
    from pairs left join events on organization_id = ${organization} and position = first_position
    where commit_no <> next_no or first_position <> next_position or last_position < first_position - 1
      or (last_position >= first_position and events.recorded_at is distinct from pairs.recorded_at)
    order by commit_no limit 1`.execute(db)
  const torn = rows[0]
  if (torn === undefined) return null
  return { position: torn.position, problem: `Commit ${torn.commit_no} does not fit the events.` }
}
