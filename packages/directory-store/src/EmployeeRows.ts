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
import { replaceMemberships } from "./MembershipRows.ts"
import { refreshGroups } from "./ProjectGroups.ts"
import type { Projecting } from "./Projecting.ts"
import type { Tables } from "./Schema.ts"
import { jsonOf, keyOf } from "./Texts.ts"

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

const columns = `id, person, name, name_key, email, email_key, account, role, type, status, status_at, status_by,
  created_at, created_by, number, profile, made, turns_on`

const upsertEmployees = (db: Kysely<Tables>, log: string, views: ReadonlyArray<EmployeeView>) =>
  sql`
    insert into directory_employees (organization_id, ${sql.raw(columns)})
    select ${log}, ${sql.raw(columns)} from json_to_recordset(${jsonOf(views.map(employeeRow))}::json) as given (
      id uuid, person uuid, name text, name_key text, email text, email_key text, account uuid, role text, type text,
      status text, status_at timestamptz, status_by text, created_at timestamptz, created_by text, number text,
      profile json, made boolean, turns_on date)
    on conflict (organization_id, id) do update set ${sql.raw(
      columns
        .split(/,\s*/)
        .slice(1)
        .map((column) => `${column} = excluded.${column}`)
        .join(", ")
    )}`.execute(db)

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
    kind: row.kind,
    hr: row.by === "hr"
  }))

/** Rows that are the same stay untouched. */
const replaceManagers = async (
  db: Kysely<Tables>,
  log: string,
  ids: ReadonlyArray<string>,
  rows: ReadonlyArray<DirectoryManagers>
) => {
  const given = jsonOf(rows)
  const as = sql`json_to_recordset(${given}::json) as given (employee uuid, manager uuid, kind text, hr boolean)`
  await sql`
    delete from directory_managers as known where organization_id = ${log} and employee = any(${ids}::uuid[])
      and not exists (select from ${as} where given.employee = known.employee and given.manager = known.manager
        and given.kind = known.kind and given.hr = known.hr)`.execute(db)
  if (rows.length === 0) return
  await sql`
    insert into directory_managers (organization_id, employee, manager, kind, hr)
    select ${log}, employee, manager, kind, hr from ${as} on conflict do nothing`.execute(db)
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
      group_name: name,
      group_kind: kind,
      position
    })),
    ...record.memberships.map(({ group, kind }) => ({
      ...common,
      group_id: group,
      kind,
      hr: false,
      group_name: null,
      group_kind: null,
      position: null
    }))
  ]
}
