/**
 * Writes who is in which group: what differs from what is there, and nothing else.
 */
import { type Kysely, sql } from "kysely"

import type { DirectoryMemberships } from "./DirectorySchema.ts"
import type { Tables } from "./Schema.ts"
import { tableOf } from "./Texts.ts"

type Row = Omit<DirectoryMemberships, "organization_id">

const types = {
  entity: "uuid",
  entity_kind: "text",
  group_id: "uuid",
  kind: "text",
  hr: "boolean",
  group_name: "text",
  group_kind: "text",
  position: "bigint"
} as const

const columns = sql.raw(Object.keys(types).join(", "))

const keyOf = ({ entity, group_id, group_name, hr, kind, position }: Row) =>
  JSON.stringify([entity, group_id, hr, position, kind, group_name])

/** `rows` are all that the entities have. Answers with HR's groups that somebody came into, went out of, or says otherwise of. */
export const replaceMemberships = async (
  db: Kysely<Tables>,
  log: string,
  entities: ReadonlyArray<string>,
  rows: ReadonlyArray<DirectoryMemberships>
): Promise<ReadonlyArray<string>> => {
  const known = await sql<Row>`
    select theirs.* from unnest(${entities}::uuid[]) as asked (id) cross join lateral (
      select ${columns} from directory_memberships where organization_id = ${log} and entity = asked.id offset 0
    ) as theirs`.execute(db)
  const { fresh, gone } = difference(known.rows, rows, keyOf)
  if (gone.length > 0) {
    await sql`
      delete from directory_memberships as known using ${tableOf(gone, types)}
      where organization_id = ${log} and known.entity = given.entity and known.group_id = given.group_id
        and known.kind = given.kind and known.hr = given.hr`.execute(db)
  }
  if (fresh.length > 0) {
    await sql`
      insert into directory_memberships (organization_id, ${columns})
      select ${log}, given.* from ${tableOf(fresh, types)}`.execute(db)
  }
  return [...new Set([...gone, ...fresh].flatMap(({ group_id, hr }) => (hr ? [group_id] : [])))]
}

/** Rows that are there and should not be, and those that should be and are not, each once. */
export const difference = <Row, Wanted extends Row>(
  known: ReadonlyArray<Row>,
  wanted: ReadonlyArray<Wanted>,
  keyOf: (row: Row) => string
): { readonly gone: ReadonlyArray<Row>; readonly fresh: ReadonlyArray<Wanted> } => {
  const there = new Set(known.map(keyOf))
  const asked = new Map(wanted.map((row) => [keyOf(row), row]))
  return {
    gone: known.filter((row) => !asked.has(keyOf(row))),
    fresh: [...asked].flatMap(([key, row]) => (there.has(key) ? [] : [row]))
  }
}
