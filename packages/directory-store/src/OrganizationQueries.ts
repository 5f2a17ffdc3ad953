/**
 * Reading organizations, their keys and their plugins.
 *
 * Secrets of plugins are kept as HMAC-SHA256 with the log's own salt; a question about one is hashed likewise and compared
 * in constant time. They leave this file never.
 */
import { timingSafeEqual } from "node:crypto"

import { NotFound, type Page } from "@rollcall/core/contract/Directory"
import type {
  App,
  AppQuery,
  Organization,
  OrganizationKey,
  OrganizationProfile,
  SigningKey
} from "@rollcall/core/contract/Organizations"
import type { AppRecord } from "@rollcall/core/directory/OrganizationRecord"
import { hmacSha256 } from "@rollcall/core/domain/Digest"
import { isUuid } from "@rollcall/core/domain/Employee"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import type { GrantableRole } from "@rollcall/core/domain/Role"
import { Effect } from "effect"
import { type Kysely, sql } from "kysely"

import { type Run, activeSince, creation, listing, placeAfter, uuidOrLeast } from "./DirectoryRows.ts"
import { refuse } from "./DirectoryWrite.ts"
import { timeText } from "./EventPage.ts"
import type { Tables } from "./Schema.ts"
import { plain } from "./Texts.ts"

const select = (db: Kysely<Tables>) =>
  db
    .selectFrom("directory_organizations as o")
    .select(["o.id", "o.organization_id", "o.name", "o.alias", "o.owner", "o.profile", "o.apps", "o.created_by"])
    .select([
      timeText("o.created_at").as("created_at"),
      sql<string>`coalesce((select json_agg(json_build_object('id', k.id, 'name', k.name, 'limitToRole', k.limit_to_role)
        order by k.created_at, k.id) from directory_keys as k where k.organization = o.id and not k.revoked), '[]')::text`.as(
        "keys"
      )
    ])

type OrganizationRow = Awaited<ReturnType<ReturnType<typeof select>["executeTakeFirstOrThrow"]>>

const view = (row: OrganizationRow): Organization => ({
  id: row.id,
  log: OrganizationId.make(row.organization_id),
  name: row.name,
  alias: row.alias,
  active: true,
  status: activeSince(row),
  created: creation(row),
  owners: row.owner === null ? [] : [row.owner],
  profile: JSON.parse(row.profile) as OrganizationProfile,
  apps: appsOf(row).map(appView),
  keys: JSON.parse(row.keys) as ReadonlyArray<OrganizationKey>
})

const appsOf = ({ apps }: { readonly apps: string }) => JSON.parse(apps) as ReadonlyArray<AppRecord>

/** The names of its secrets stay, for a question about one has to name it. */
const appView = ({ createdAt, data, id, name, secrets, type }: AppRecord): App => ({
  id,
  type,
  name,
  data,
  secretNames: Object.keys(secrets),
  created: { createdAt, createdBy: null },
  status: { current: "ACTIVE", changedAt: createdAt, changedBy: null }
})

export const findOrganization = Effect.fnUntraced(function* <E>(
  run: Run<E>,
  { alias, id }: { readonly id?: string; readonly alias?: string }
) {
  const missing = refuse(new NotFound({ what: "organization", id: id ?? alias ?? "" }))
  if (id !== undefined && !isUuid(id)) return yield* missing
  const row = yield* run((db) => {
    const query = select(db)
    return (
      id === undefined ? query.where("o.alias", "=", plain(alias ?? "")) : query.where("o.id", "=", id)
    ).executeTakeFirst()
  })
  if (row === undefined) return yield* missing
  return view(row)
})

/** A page of organizations in the order of their aliases; `only`: of this one at most. */
const selectPage = (db: Kysely<Tables>, page: Page, only: string | null) => {
  let query = select(db)
  if (only !== null) query = query.where("o.id", "=", uuidOrLeast(only))
  const [alias] = placeAfter(page, 1) ?? []
  if (alias !== undefined) query = query.where("o.alias", ">", alias)
  return query.orderBy("o.alias").limit(page.limit + 1)
}

export const listOrganizations = Effect.fnUntraced(function* <E>(run: Run<E>, page: Page, only: string | null) {
  const rows = yield* run((db) => selectPage(db, page, only).execute())
  return listing(rows, page, ({ alias }) => [alias], view)
})

export const listByApp = Effect.fnUntraced(function* <E>(
  run: Run<E>,
  asked: AppQuery,
  page: Page,
  only: string | null
) {
  const rows = yield* run((db) =>
    selectPage(db, { ...page, limit: 10_000 }, only)
      .innerJoin("log_heads as h", "h.organization_id", "o.organization_id")
      .select("h.salt")
      .where(
        sql<boolean>`exists (select from json_array_elements(o.apps) as app where app ->> 'type' = ${plain(asked.type)})`
      )
      .execute()
  )
  const meeting = rows.filter((row) => appsOf(row).some((app) => meets(app, asked, row.salt)))
  return listing(meeting, page, ({ alias }) => [alias], view)
})

const meets = (app: AppRecord, asked: AppQuery, salt: Uint8Array): boolean => {
  if (app.type !== asked.type) return false
  switch (asked._tag) {
    case "type":
      return true
    case "id":
      return app.name === asked.externalId
    case "data":
      return Object.hasOwn(app.data, asked.key) && app.data[asked.key] === asked.value
    case "secret":
      return Object.hasOwn(app.secrets, asked.key) && sameSecret(app.secrets[asked.key] ?? "", asked.secret, salt)
  }
}

const sameSecret = (kept: string, given: string, salt: Uint8Array): boolean => {
  const [a, b] = [Buffer.from(kept), Buffer.from(hmacSha256(Buffer.from(salt).toString("hex"), given))]
  return a.length === b.length && timingSafeEqual(a, b)
}

export const findKey = Effect.fnUntraced(function* <E>(run: Run<E>, key: string) {
  if (!isUuid(key)) return null
  const row = yield* run((db) =>
    db
      .selectFrom("directory_keys")
      .select(["id", "organization", "name", "salt", "limit_to_role"])
      .where("id", "=", key)
      .where("revoked", "=", false)
      .executeTakeFirst()
  )
  if (row === undefined) return null
  const found: SigningKey = {
    id: row.id,
    organization: row.organization,
    name: row.name,
    salt: Buffer.from(row.salt).toString("hex"),
    limitToRole: row.limit_to_role as GrantableRole | null
  }
  return found
})
