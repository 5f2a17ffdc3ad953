/**
 * Groups of the Directory from the log: those the API made, and HR's departments and offices.
 *
 * An HR group is called what the latest word about one of its members calls it, and is as old as the earliest such word
 * that still stands; it goes with its last member by HR's word, for nothing else tells what it is called.
 */
import { type GroupRecord, foldGroup, groupStream } from "@rollcall/core/directory/GroupRecord"
import { Effect } from "effect"
import { type Kysely, sql } from "kysely"

import { timeText } from "./EventPage.ts"
import { replaceMemberships } from "./MembershipRows.ts"
import { type Projecting, rareStreamsIn } from "./Projecting.ts"
import type { Tables } from "./Schema.ts"
import { keyOf, plain, tableOf } from "./Texts.ts"

/** Groups of which the API said something: their rows, and the groups they are in. */
export const projectGroups = Effect.fnUntraced(function* (projecting: Projecting, ids: ReadonlyArray<string>) {
  if (ids.length === 0) return
  const { log, transaction } = projecting
  const records = yield* refreshGroups(projecting, ids)
  const rows = records.flatMap(({ id, memberships }) =>
    memberships.map(({ group, kind }) => ({
      organization_id: log,
      entity: id,
      entity_kind: "group",
      group_id: group,
      kind: plain(kind),
      hr: false,
      group_name: null,
      group_kind: null,
      position: null
    }))
  )
  yield* transaction.run((db) => replaceMemberships(db, log, ids, rows))
})

export const refreshGroups = Effect.fnUntraced(function* (projecting: Projecting, ids: ReadonlyArray<string>) {
  if (ids.length === 0) return []
  const { log, transaction } = projecting
  const histories = yield* rareStreamsIn(projecting, ids.map(groupStream))
  const words = yield* transaction.run((db) => selectWords(db, log, ids))
  const wordOf = new Map(words.map((word) => [word.id, word]))
  const records = ids.map((id) => foldGroup(id, histories.get(groupStream(id)) ?? []))
  const rows = records.flatMap((record) => groupRow(record, wordOf.get(record.id)) ?? [])
  yield* transaction.run((db) => writeGroups(db, log, ids, rows))
  return records
})

/** HR's latest word of a group's name, and when it was first said to be there. */
interface Word {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly created_at: string
  readonly created_by: string
}

const selectWords = async (
  db: Kysely<Tables>,
  log: string,
  ids: ReadonlyArray<string>
): Promise<ReadonlyArray<Word>> => {
  const end = (order: "asc" | "desc") => sql`
    select group_name, group_kind, position from directory_memberships
    where organization_id = ${log} and group_id = asked.id and hr order by position ${sql.raw(order)} limit 1`
  const { rows } = await sql<Word>`
    select asked.id, latest.group_name as name, latest.group_kind as kind,
      ${timeText("events.recorded_at")} as created_at, events.actor as created_by
    from unnest(${ids}::uuid[]) as asked (id)
    cross join lateral (${end("desc")}) as latest
    cross join lateral (${end("asc")}) as earliest
    join events on events.organization_id = ${log} and events.position = earliest.position`.execute(db)
  return rows
}

const groupRow = (record: GroupRecord, word: Word | undefined) => {
  const { created, id, profile } = record
  if (word !== undefined) {
    const { created_at, created_by, kind, name } = word
    return { id, name, name_key: keyOf(name), kind, hr: true, created_at, created_by, profile }
  }
  if (created === null) return undefined
  const { kind, name } = record
  const by = { created_at: created.at, created_by: created.actor }
  return { id, name, name_key: keyOf(name), kind, hr: false, ...by, profile }
}

const types = {
  id: "uuid",
  name: "text",
  name_key: "text",
  kind: "text",
  hr: "boolean",
  created_at: "timestamptz",
  created_by: "text",
  profile: "json"
} as const

const columns = Object.keys(types)
const changing = columns.slice(1).map((column) => `${column} = excluded.${column}`)

type GroupRow = { readonly [column in keyof typeof types]: unknown }

/** A group whose row would stay as it is, as most do whose members come and go, is not written. */
const writeGroups = async (
  db: Kysely<Tables>,
  log: string,
  ids: ReadonlyArray<string>,
  rows: ReadonlyArray<GroupRow>
) => {
  const kept = new Set(rows.map(({ id }) => id))
  const gone = ids.filter((id) => !kept.has(id))
  if (gone.length > 0) {
    await sql`delete from directory_groups where organization_id = ${log} and id = any(${gone}::uuid[])`.execute(db)
  }
  if (rows.length === 0) return
  await sql`
    insert into directory_groups (organization_id, ${sql.raw(columns.join(", "))})
    select ${log}, given.* from ${tableOf(rows, types)}
    on conflict (organization_id, id) do update set ${sql.raw(changing.join(", "))}
    where row(directory_groups.*)::text <> row(excluded.*)::text`.execute(db)
}
