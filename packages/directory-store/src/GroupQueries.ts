/**
 * Reading groups and who is in them, by indices and in pages.
 *
 * Used by the service and, inside a write's transaction, for what the write answers.
 */
import { NotFound, type Page } from "@rollcall/core/contract/Directory"
import type { EntityType, Group, GroupProfile, Member, Membership } from "@rollcall/core/contract/Groups"
import { isUuid, organizationUuid } from "@rollcall/core/domain/Employee"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect } from "effect"
import { type Kysely, sql } from "kysely"

import { type Run, activeSince, creation, listing, logOf, placeAfter, uuidOrLeast } from "./DirectoryRows.ts"
import { refuse } from "./DirectoryWrite.ts"
import { timeText } from "./EventPage.ts"
import type { Tables } from "./Schema.ts"
import { plain } from "./Texts.ts"

const select = (db: Kysely<Tables>) =>
  db
    .selectFrom("directory_groups as g")
    .select(["g.organization_id", "g.id", "g.name", "g.name_key", "g.kind", "g.created_by"])
    .select(timeText("g.created_at").as("created_at"))

interface GroupRow {
  readonly organization_id: string
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly created_at: string
  readonly created_by: string
}

const view = (row: GroupRow): Group => ({
  id: row.id,
  organization: organizationUuid(row.organization_id as OrganizationId),
  name: row.name,
  type: row.kind,
  active: true,
  status: activeSince(row),
  created: creation(row)
})

const noGroup = (id: string) => refuse(new NotFound({ what: "group", id }))

export const listGroups = Effect.fnUntraced(function* <E>(
  run: Run<E>,
  organization: string,
  { status, type }: { readonly status?: string; readonly type?: string },
  page: Page
) {
  const log = yield* logOf(run, organization).pipe(Effect.catchTag("DirectoryRefused", () => Effect.succeed(undefined)))
  // Groups are there or not; there is no other status.
  if (log === undefined || (status !== undefined && status.toUpperCase() !== "ACTIVE")) return { items: [], next: null }
  const rows = yield* run((db) => {
    let query = select(db).where("g.organization_id", "=", log)
    if (type !== undefined) query = query.where(sql<boolean>`lower(g.kind) = ${plain(type.toLowerCase())}`)
    const [key, id] = placeAfter(page, 2) ?? []
    if (key !== undefined) query = query.where(sql<boolean>`(g.name_key, g.id) > (${key}, ${uuidOrLeast(id)}::uuid)`)
    return query
      .orderBy("g.name_key")
      .orderBy("g.id")
      .limit(page.limit + 1)
      .execute()
  })
  return listing(rows, page, (row) => [row.name_key, row.id], view)
})

export const findGroup = Effect.fnUntraced(function* <E>(run: Run<E>, organization: string, id: string) {
  if (!isUuid(id)) return yield* noGroup(id)
  const log = yield* logOf(run, organization)
  const row = yield* run((db) =>
    select(db).where("g.organization_id", "=", log).where("g.id", "=", id).executeTakeFirst()
  )
  if (row === undefined) return yield* noGroup(id)
  return view(row)
})

export const readGroupProfile = Effect.fnUntraced(function* <E>(run: Run<E>, organization: string, id: string) {
  if (!isUuid(id)) return yield* noGroup(id)
  const log = yield* logOf(run, organization)
  const row = yield* run((db) =>
    db
      .selectFrom("directory_groups")
      .select("profile")
      .where("organization_id", "=", log)
      .where("id", "=", id)
      .executeTakeFirst()
  )
  if (row === undefined) return yield* noGroup(id)
  return JSON.parse(row.profile) as GroupProfile
})

export const listMembers = Effect.fnUntraced(function* <E>(
  run: Run<E>,
  organization: string,
  id: string,
  { entity, membership }: { readonly entity?: string; readonly membership?: string },
  page: Page
) {
  yield* findGroup(run, organization, id)
  const log = yield* logOf(run, organization)
  const filter = { entity: textOrNull(entity), membership: textOrNull(membership) }
  const rows = yield* run((db) => selectMembers(db, log, id, filter, placeAfter(page, 3), page.limit + 1))
  return listing(rows, page, ({ name_key, entity, kind }) => [name_key, entity, kind], memberOf)
})

const textOrNull = (text: string | undefined): string | null => (text === undefined ? null : plain(text))

interface MemberRow {
  readonly entity: string
  readonly entity_kind: EntityType
  readonly kind: string
  readonly name: string
  readonly name_key: string
}

const memberOf = ({ entity, entity_kind, kind, name }: MemberRow): Member => ({
  entityId: entity,
  entityType: entity_kind,
  type: kind,
  name
})

const selectMembers = async (
  db: Kysely<Tables>,
  log: string,
  id: string,
  filter: { readonly entity: string | null; readonly membership: string | null },
  place: ReadonlyArray<string> | undefined,
  limit: number
): Promise<ReadonlyArray<MemberRow>> => {
  const [key, entity, kind] = place ?? []
  const after =
    place === undefined ? sql`true` : sql`(name_key, entity, kind) > (${key}, ${uuidOrLeast(entity)}::uuid, ${kind})`
  const { rows } = await sql<MemberRow>`
    select * from (
      select distinct m.entity, m.entity_kind, m.kind collate "C" as kind, coalesce(e.name, g.name) as name,
        coalesce(e.name_key, g.name_key) as name_key
      from directory_memberships as m
      left join directory_employees as e on m.entity_kind = 'employee' and e.organization_id = ${log} and e.id = m.entity
      left join directory_groups as g on m.entity_kind = 'group' and g.organization_id = ${log} and g.id = m.entity
      where m.organization_id = ${log} and m.group_id = ${id}::uuid and coalesce(e.id, g.id) is not null
        and (${filter.entity}::text is null or m.entity_kind = lower(${filter.entity}))
        and (${filter.membership}::text is null or lower(m.kind) = lower(${filter.membership}))
    ) as members
    where ${after} order by name_key, entity, kind limit ${limit}`.execute(db)
  return rows
}

/** What the entity is; refused where the organization has neither such an employee nor such a group. */
export const entityKind = Effect.fnUntraced(function* <E>(run: Run<E>, organization: string, entity: string) {
  const nothing = refuse(new NotFound({ what: "employee", id: entity }))
  if (!isUuid(entity)) return yield* nothing
  const log = yield* logOf(run, organization)
  const { rows } = yield* run((db) =>
    sql<{ kind: EntityType }>`
      select 'employee' as kind from directory_employees where organization_id = ${log} and id = ${entity}::uuid
      union all
      select 'group' from directory_groups where organization_id = ${log} and id = ${entity}::uuid`.execute(db)
  )
  const kind = rows[0]?.kind
  if (kind === undefined) return yield* nothing
  return kind
})

export const listMemberships = Effect.fnUntraced(function* <E>(run: Run<E>, organization: string, entity: string) {
  yield* entityKind(run, organization, entity)
  const log = yield* logOf(run, organization)
  const rows = yield* run((db) =>
    select(db)
      .innerJoin("directory_memberships as m", (join) =>
        join.onRef("m.group_id", "=", "g.id").onRef("m.organization_id", "=", "g.organization_id")
      )
      .select("m.kind as membership")
      .distinct()
      .where("m.organization_id", "=", log)
      .where("m.entity", "=", entity)
      .orderBy("g.name_key")
      .orderBy("g.id")
      .orderBy("m.kind")
      .execute()
  )
  return rows.map((row): Membership => ({ groupId: row.id, type: row.membership, group: view(row) }))
})
