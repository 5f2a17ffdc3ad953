/**
 * Reading employees: every look-up by an index, every list in pages.
 *
 * Used by the service and, inside a write's transaction, for what the write answers. An organization that is not there
 * has no employees; an id that is no UUID is nobody's.
 */
import { NotFound, type Page } from "@rollcall/core/contract/Directory"
import type { Employee, EmployeeFilter, EmployeeProfile, Manager } from "@rollcall/core/contract/Employees"
import { isUuid, organizationUuid } from "@rollcall/core/domain/Employee"
import { Effect } from "effect"
import { type Kysely, type SelectQueryBuilder, sql } from "kysely"

import { type Run, accountIn, creation, listing, logOf, placeAfter, uuidOrLeast } from "./DirectoryRows.ts"
import { refuse } from "./DirectoryWrite.ts"
import { timeText } from "./EventPage.ts"
import type { Tables } from "./Schema.ts"
import { keyOf, plain } from "./Texts.ts"

interface EmployeeRow {
  readonly organization_id: string
  readonly id: string
  readonly name: string
  readonly name_key: string
  readonly email: string | null
  readonly account: string | null
  readonly role: string | null
  readonly type: string | null
  readonly status: string
  readonly status_at: string
  readonly status_by: string
  readonly created_at: string
  readonly created_by: string
}

const columns = [
  "e.organization_id",
  "e.id",
  "e.name",
  "e.name_key",
  "e.email",
  "e.account",
  "e.role",
  "e.type",
  "e.status",
  "e.status_by",
  "e.created_by"
] as const

const times = [timeText("e.status_at").as("status_at"), timeText("e.created_at").as("created_at")] as const

const select = (db: Kysely<Tables>) => db.selectFrom("directory_employees as e").select(columns).select(times)

/** Of an account's employees each is looked up by itself, lest the planner look for them among all by their names. */
const selectOfAccount = (db: Kysely<Tables>, account: string, log: string | undefined) => {
  const here = log === undefined ? sql`true` : sql`organization_id = ${log}`
  const theirs = sql<{ organization_id: string; id: string; own: boolean }>`(
    select organization_id, id, bool_or(own) as own from (
      select organization_id, id, true from directory_employees where account = ${account}::uuid and ${here}
      union all
      select o.organization_id, g.employee, false from directory_grants as g
      join directory_organizations as o on o.id = g.organization
      where g.account = ${account}::uuid and g.employee is not null and ${here}
    ) as found (organization_id, id, own) group by organization_id, id
  )`
  return db
    .selectFrom(theirs.as("theirs"))
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom("directory_employees as e")
          .select(columns)
          .select(times)
          .whereRef("e.organization_id", "=", "theirs.organization_id")
          .whereRef("e.id", "=", "theirs.id")
          .limit(1)
          .as("e"),
      (join) => join.onTrue()
    )
    .selectAll("e")
}

const view = (row: EmployeeRow): Employee => ({
  id: row.id,
  organization: organizationUuid(row.organization_id as Parameters<typeof organizationUuid>[0]),
  name: row.name,
  email: row.email,
  active: row.status !== "TERMINATED",
  status: { current: row.status, changedAt: row.status_at, changedBy: accountIn(row.status_by) },
  created: creation(row),
  account: row.account,
  role: row.role,
  type: row.type
})

/** One row more than the page has, in the order of names, from where the page before ended. */
const pageByName =
  (page: Page) =>
  <From, Tab extends keyof From, Row>(
    query: SelectQueryBuilder<From, Tab, Row>
  ): SelectQueryBuilder<From, Tab, Row> => {
    const [key, id] = placeAfter(page, 2) ?? []
    const after = sql<boolean>`(e.name_key, e.id) > (${key}, ${uuidOrLeast(id)}::uuid)`
    return (key === undefined ? query : query.where(after))
      .orderBy(sql.ref("e.name_key"))
      .orderBy(sql.ref("e.id"))
      .limit(page.limit + 1)
  }

const byName = (row: EmployeeRow) => [row.name_key, row.id]

const nobody = (id: string, what: "employee" | "account" = "employee") => refuse(new NotFound({ what, id }))

export const listEmployees = Effect.fnUntraced(function* <E>(
  run: Run<E>,
  organization: string,
  filter: EmployeeFilter & { readonly name?: string; readonly key?: "none" },
  page: Page
) {
  const log = yield* logOf(run, organization).pipe(Effect.catchTag("DirectoryRefused", () => Effect.succeed(undefined)))
  if (log === undefined) return { items: [], next: null }
  const rows = yield* run((db) => {
    const { name, status, type } = filter
    let query = select(db).where("e.organization_id", "=", log)
    if (name !== undefined) query = query.where("e.name_key", "=", keyOf(name))
    if (filter.key === "none") query = query.where("e.number", "is", null)
    if (status !== undefined) query = query.where("e.status", "=", plain(status.toUpperCase()))
    if (type !== undefined) query = query.where(sql<boolean>`lower(e.type) = ${plain(type.toLowerCase())}`)
    return query.$call(pageByName(page)).execute()
  })
  return listing(rows, page, byName, view)
})

export const findEmployee = Effect.fnUntraced(function* <E>(run: Run<E>, organization: string, id: string) {
  if (!isUuid(id)) return yield* nobody(id)
  const log = yield* logOf(run, organization)
  const row = yield* run((db) =>
    select(db).where("e.organization_id", "=", log).where("e.id", "=", id).executeTakeFirst()
  )
  if (row === undefined) return yield* nobody(id)
  return view(row)
})

/** The employee's own word before the account's grant. */
export const findByAccount = Effect.fnUntraced(function* <E>(run: Run<E>, organization: string, account: string) {
  if (!isUuid(account)) return yield* nobody(account, "account")
  const log = yield* logOf(run, organization)
  const row = yield* run((db) =>
    selectOfAccount(db, account, log).orderBy("theirs.own", "desc").orderBy("e.id").limit(1).executeTakeFirst()
  )
  if (row === undefined) return yield* nobody(account)
  return view(row)
})

export const listOfAccount = Effect.fnUntraced(function* <E>(
  run: Run<E>,
  sight: string | null,
  account: string,
  page: Page
) {
  const log =
    sight === null
      ? undefined
      : yield* logOf(run, sight).pipe(Effect.catchTag("DirectoryRefused", () => Effect.succeed("")))
  if (!isUuid(account) || log === "") return { items: [], next: null }
  const rows = yield* run((db) => {
    return selectOfAccount(db, account, log).$call(pageByName(page)).execute()
  })
  return listing(rows, page, byName, view)
})

/** One look tells the reports, and, where there are none, a second one whether there is such a manager. */
export const listReports = Effect.fnUntraced(function* <E>(
  run: Run<E>,
  organization: string,
  manager: string,
  type: string | undefined,
  page: Page
) {
  if (!isUuid(manager)) return yield* nobody(manager)
  const log = yield* logOf(run, organization)
  const rows = yield* run((db) => {
    let query = select(db)
      .innerJoin("directory_managers as m", (join) =>
        join.onRef("m.employee", "=", "e.id").onRef("m.organization_id", "=", "e.organization_id")
      )
      .where("m.organization_id", "=", log)
      .where("m.manager", "=", manager)
    query = type === undefined ? query.distinctOn(["e.name_key", "e.id"]) : query.where("m.kind", "=", plain(type))
    return query.$call(pageByName(page)).execute()
  })
  if (rows.length === 0) yield* findEmployee(run, organization, manager)
  return listing(rows, page, byName, view)
})

export const listManagers = Effect.fnUntraced(function* <E>(run: Run<E>, organization: string, id: string) {
  yield* findEmployee(run, organization, id)
  const log = yield* logOf(run, organization)
  const rows = yield* run((db) =>
    select(db)
      .innerJoin("directory_managers as m", (join) =>
        join.onRef("m.manager", "=", "e.id").onRef("m.organization_id", "=", "e.organization_id")
      )
      .select("m.kind")
      .where("m.organization_id", "=", log)
      .where("m.employee", "=", id)
      .orderBy("m.kind")
      .orderBy("e.name_key")
      .orderBy("e.id")
      .execute()
  )
  return rows.map((row): Manager => ({ managerId: row.id, type: row.kind, manager: view(row) }))
})

export const readProfile = Effect.fnUntraced(function* <E>(run: Run<E>, organization: string, id: string) {
  if (!isUuid(id)) return yield* nobody(id)
  const log = yield* logOf(run, organization)
  const row = yield* run((db) =>
    db
      .selectFrom("directory_employees")
      .select("profile")
      .where("organization_id", "=", log)
      .where("id", "=", id)
      .executeTakeFirst()
  )
  if (row === undefined) return yield* nobody(id)
  return JSON.parse(row.profile) as EmployeeProfile
})
