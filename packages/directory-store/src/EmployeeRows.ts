/**
 * Writes what the Directory shows of employees: their rows, their managers, their places in groups.
 *
 * Only what differs is written, so that a change of one field costs one row. Groups that somebody came into or went out
 * of by HR's word are named anew afterwards.
 */
import type { EmployeeRecord } from "@rollcall/core/directory/EmployeeRecord"
import type { EmployeeView } from "@rollcall/core/directory/EmployeeView"
import { Effect } from "effect"
import { type Kysely, sql } from "kysely"

import type { DirectoryManagers, DirectoryMemberships } from "./DirectorySchema.ts"
import { difference, replaceMemberships } from "./MembershipRows.ts"
import { refreshGroups } from "./ProjectGroups.ts"
import type { Projecting } from "./Projecting.ts"
import type { Tables } from "./Schema.ts"
import { keyOf, plain, tableOf } from "./Texts.ts"

/** People whom the Directory knows by another id. */
export type Links = ReadonlyMap<string, string>

type Shown = readonly [EmployeeRecord, EmployeeView | undefined]

export const writeEmployees = Effect.fnUntraced(function* (
  projecting: Projecting,
  shown: ReadonlyArray<Shown>,
  links: Links
) {
  const { log, transaction } = projecting
  const ids = shown.map(([record]) => record.id)
  const views = shown.flatMap(([, view]) => (view === undefined ? [] : [view]))
  const gone = shown.flatMap(([record, view]) => (view === undefined ? [record.id] : []))
  if (gone.length > 0) yield* transaction.run((db) => deleteEmployees(db, log, gone))
  if (views.length > 0) yield* transaction.run((db) => upsertEmployees(db, log, views))
  const managers = views.flatMap((view) => managersOf(log, view, links))
  yield* transaction.run((db) => replaceManagers(db, log, ids, managers))
  const relinked = views.flatMap(({ id, person }) => (person === null || person === id ? [] : [{ id, person }]))
  if (relinked.length > 0) yield* transaction.run((db) => relinkManagers(db, log, relinked))
  const memberships = shown.flatMap(([record, view]) => (view === undefined ? [] : membershipsOf(log, record, view)))
  const touched = yield* transaction.run((db) => replaceMemberships(db, log, ids, memberships))
  yield* refreshGroups(projecting, touched)
})

const deleteEmployees = (db: Kysely<Tables>, log: string, ids: ReadonlyArray<string>) =>
  sql`delete from directory_employees where organization_id = ${log} and id = any(${ids}::uuid[])`.execute(db)

const employeeTypes = {
  id: "uuid",
  person: "uuid",
  name: "text",
  name_key: "text",
  email: "text",
  email_key: "text",
  account: "uuid",
  role: "text",
  type: "text",
  status: "text",
  status_at: "timestamptz",
  status_by: "text",
  created_at: "timestamptz",
  created_by: "text",
  number: "text",
  profile: "json",
  made: "boolean",
  turns_on: "date"
} as const

const columns = Object.keys(employeeTypes)
const changing = columns.slice(1).map((column) => `${column} = excluded.${column}`)

const upsertEmployees = (db: Kysely<Tables>, log: string, views: ReadonlyArray<EmployeeView>) =>
  sql`
    insert into directory_employees (organization_id, ${sql.raw(columns.join(", "))})
    select ${log}, given.* from ${tableOf(views.map(employeeRow), employeeTypes)}
    on conflict (organization_id, id) do update set ${sql.raw(changing.join(", "))}`.execute(db)

const employeeRow = (view: EmployeeView) => ({
  id: view.id,
  person: view.person,
  name: view.name,
  name_key: keyOf(view.name),
  email: view.email,
  email_key: view.email === null ? null : keyOf(view.email),
  account: view.account,
  role: view.role,
  type: view.type,
  status: view.status,
  status_at: view.statusTrace.at,
  status_by: view.statusTrace.actor,
  created_at: view.created.at,
  created_by: view.created.actor,
  number: view.employeeNumber,
  profile: view.profile,
  made: view.made,
  turns_on: view.turnsOn
})

const managersOf = (log: string, view: EmployeeView, links: Links): ReadonlyArray<DirectoryManagers> =>
  view.managers.map((row) => ({
    organization_id: log,
    employee: view.id,
    manager: row.by === "hr" ? (links.get(row.person) ?? row.person) : row.manager,
    kind: plain(row.kind),
    hr: row.by === "hr"
  }))

const managerTypes = { employee: "uuid", manager: "uuid", kind: "text", hr: "boolean" } as const

const managerKey = ({ employee, hr, kind, manager }: Omit<DirectoryManagers, "organization_id">) =>
  `${employee} ${manager} ${hr} ${kind}`

/** Rows that are the same stay untouched. */
const replaceManagers = async (
  db: Kysely<Tables>,
  log: string,
  ids: ReadonlyArray<string>,
  rows: ReadonlyArray<DirectoryManagers>
) => {
  const known = await sql<Omit<DirectoryManagers, "organization_id">>`
    select theirs.* from unnest(${ids}::uuid[]) as asked (id) cross join lateral (
      select employee, manager, kind, hr from directory_managers
      where organization_id = ${log} and employee = asked.id offset 0
    ) as theirs`.execute(db)
  const { gone, fresh } = difference(known.rows, rows, managerKey)
  if (gone.length > 0) {
    await sql`
      delete from directory_managers as known using ${tableOf(gone, managerTypes)} where organization_id = ${log}
        and known.employee = given.employee and known.manager = given.manager and known.kind = given.kind`.execute(db)
  }
  if (fresh.length === 0) return
  await sql`
    insert into directory_managers (organization_id, ${sql.raw(Object.keys(managerTypes).join(", "))})
    select ${log}, given.* from ${tableOf(fresh, managerTypes)}`.execute(db)
}

/** HR named them before they had their id here. */
const relinkManagers = (
  db: Kysely<Tables>,
  log: string,
  pairs: ReadonlyArray<{ readonly id: string; readonly person: string }>
) =>
  sql`
    update directory_managers set manager = given.id
    from json_to_recordset(${JSON.stringify(pairs)}::json) as given (id uuid, person uuid)
    where organization_id = ${log} and manager = given.person`.execute(db)

const membershipsOf = (
  log: string,
  record: EmployeeRecord,
  view: EmployeeView
): ReadonlyArray<DirectoryMemberships> => {
  const common = { organization_id: log, entity: view.id, entity_kind: "employee" }
  return [
    ...view.places.map(({ group, kind, name, position }) => ({
      ...common,
      group_id: group,
      kind: "member",
      hr: true,
      group_name: plain(name),
      group_kind: kind,
      position
    })),
    ...record.memberships.map(({ group, kind }) => ({
      ...common,
      group_id: group,
      kind: plain(kind),
      hr: false,
      group_name: null,
      group_kind: null,
      position: null
    }))
  ]
}
