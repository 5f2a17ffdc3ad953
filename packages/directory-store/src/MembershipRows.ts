/**
 * Writes who is in which group: what differs from what is there, and nothing else.
 */
import { type Kysely, sql } from "kysely"

import type { DirectoryMemberships } from "./DirectorySchema.ts"
import type { Tables } from "./Schema.ts"
import { jsonOf } from "./Texts.ts"

const membershipColumns = "entity, entity_kind, group_id, kind, hr, group_name, group_kind, position"

/** `rows` are all that the entities have. Answers with HR's groups that somebody came into, went out of, or says otherwise of. */
export const replaceMemberships = async (
  db: Kysely<Tables>,
  log: string,
  entities: ReadonlyArray<string>,
  rows: ReadonlyArray<DirectoryMemberships>
): Promise<ReadonlyArray<string>> => {
  const as = sql`json_to_recordset(${jsonOf(rows)}::json) as given (entity uuid, entity_kind text,
    group_id uuid, kind text, hr boolean, group_name text, group_kind text, position bigint)`
  const removed = await sql<{ group_id: string; hr: boolean }>`
    delete from directory_memberships as known where organization_id = ${log} and entity = any(${entities}::uuid[])
      and not exists (select from ${as} where given.entity = known.entity and given.group_id = known.group_id
        and given.kind = known.kind and given.hr = known.hr and given.group_name is not distinct from known.group_name
        and given.position is not distinct from known.position)
    returning group_id, hr`.execute(db)
  const added =
    rows.length === 0
      ? []
      : (
          await sql<{ group_id: string; hr: boolean }>`
            insert into directory_memberships (organization_id, ${sql.raw(membershipColumns)})
            select ${log}, ${sql.raw(membershipColumns)} from ${as} on conflict do nothing
            returning group_id, hr`.execute(db)
        ).rows
  return [...new Set([...removed.rows, ...added].flatMap(({ group_id, hr }) => (hr ? [group_id] : [])))]
}
