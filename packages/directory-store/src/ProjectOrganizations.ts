/**
 * Organizations, their keys and their plugins from the log.
 *
 * The log `_directory` has what must be unique among all, the organization's own log the rest; each makes its own
 * columns, so either can be projected without the other.
 */
import { directoryLog } from "@rollcall/core/contract/Directory"
import {
  type OrganizationRecord,
  foldOrganization,
  foldRegistration,
  organizationStream
} from "@rollcall/core/directory/OrganizationRecord"
import { Effect } from "effect"
import { type Kysely, sql } from "kysely"

import { type Projecting, streamsIn } from "./Projecting.ts"
import type { Tables } from "./Schema.ts"
import { jsonOf, plain } from "./Texts.ts"

export const projectOrganizations = Effect.fnUntraced(function* (projecting: Projecting, ids: ReadonlyArray<string>) {
  if (ids.length === 0) return
  const { log, transaction } = projecting
  const histories = yield* streamsIn(projecting, ids.map(organizationStream))
  for (const id of ids) {
    const history = histories.get(organizationStream(id)) ?? []
    if ((log as string) === directoryLog) {
      const registration = foldRegistration(id, history)
      if (registration === undefined) continue
      const { alias, created, log: organization_id } = registration
      const name = plain(registration.name)
      const row = { id, organization_id, name, alias, created_at: created.at, created_by: created.actor }
      yield* transaction.run((db) =>
        db
          .insertInto("directory_organizations")
          .values({ ...row, owner: null, profile: "{}", apps: "[]" })
          .onConflict((conflict) => conflict.column("id").doUpdateSet({ name, alias }))
          .execute()
      )
    } else yield* transaction.run((db) => writeOwn(db, id, foldOrganization(history)))
  }
})

const writeOwn = async (db: Kysely<Tables>, id: string, { apps, keys, owner, profile }: OrganizationRecord) => {
  await db
    .updateTable("directory_organizations")
    .set({ owner, profile: jsonOf(profile), apps: jsonOf(apps) })
    .where("id", "=", id)
    .execute()
  if (keys.length === 0) return
  const rows = keys.map(({ createdAt, id, limitToRole, name, revoked, salt }) => ({
    id,
    name,
    salt,
    limit_to_role: limitToRole,
    created_at: createdAt,
    revoked
  }))
  await sql`
    insert into directory_keys (organization, id, name, salt, limit_to_role, created_at, revoked)
    select ${id}::uuid, id, name, decode(salt, 'hex'), limit_to_role, created_at, revoked
    from json_to_recordset(${jsonOf(rows)}::json) as given (id uuid, name text, salt text, limit_to_role text,
      created_at timestamptz, revoked boolean)
    on conflict (id) do update set revoked = excluded.revoked`.execute(db)
}
