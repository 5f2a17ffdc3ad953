/**
 * The Directory's tables, projected from the log: all of them can be made again by `rollcall rebuild`.
 *
 * `hr` rows are HR's word, the others the API's. Names and addresses are looked up in lower case (`*_key`),
 * a number by the person it names.
 */
import { type Kysely, sql } from "kysely"
import type { Migration } from "kysely/migration"

const organizations = sql`
create table directory_organizations (
  id uuid primary key,
  organization_id text collate "C" not null unique,
  name text not null,
  alias text not null unique,
  created_at timestamptz not null,
  created_by text not null,
  owner uuid,
  profile json not null default '{}',
  apps json not null default '[]'
)`

const keys = sql`
create table directory_keys (
  id uuid primary key,
  organization uuid not null,
  name text not null,
  salt bytea not null,
  limit_to_role text,
  created_at timestamptz not null,
  revoked boolean not null
)`

const keysOfOrganization = sql`create index directory_keys_organization on directory_keys (organization, created_at, id)`

/** `organization` null: the account belongs to none. */
const accounts = sql`
create table directory_accounts (
  id uuid primary key,
  organization uuid,
  email text not null,
  email_key text not null,
  name text,
  created_at timestamptz not null,
  created_by text not null
)`

const accountsByEmail = sql`
create unique index directory_accounts_email on directory_accounts
  (email_key, coalesce(organization, '00000000-0000-0000-0000-000000000000'::uuid))`

const accountsOfOrganization = sql`
create index directory_accounts_organization on directory_accounts (organization, email_key, id)`

const grants = sql`
create table directory_grants (
  account uuid not null,
  organization uuid not null,
  role text not null,
  employee uuid,
  primary key (account, organization)
)`

const grantsOfOrganization = sql`create index directory_grants_organization on directory_grants (organization, role, account)`

/** Room for changes beside the row, which touch no index then. `person` names the stream `employee:PERSON`; `turns_on` is the next day on which a row may change by itself. */
const employees = sql`
create table directory_employees (
  organization_id text collate "C" not null,
  id uuid not null,
  person uuid,
  name text not null,
  name_key text collate "C" not null,
  email text,
  email_key text collate "C",
  account uuid,
  role text,
  type text,
  status text not null,
  status_at timestamptz not null,
  status_by text not null,
  created_at timestamptz not null,
  created_by text not null,
  number text,
  profile json not null,
  made boolean not null,
  turns_on date,
  primary key (organization_id, id),
  unique (organization_id, person)
) with (fillfactor = 80)`

const employeeIndices = [
  sql`create index directory_employees_name on directory_employees (organization_id, name_key, id)`,
  sql`create index directory_employees_email on directory_employees (organization_id, email_key)`,
  sql`create index directory_employees_account on directory_employees (account, organization_id) where account is not null`,
  sql`create index directory_employees_unkeyed on directory_employees (organization_id, name_key, id) where number is null`,
  sql`create index directory_employees_turn on directory_employees (organization_id, turns_on) where turns_on is not null`
]

/** `manager` may be somebody who is not there (yet). */
const managers = sql`
create table directory_managers (
  organization_id text collate "C" not null,
  employee uuid not null,
  manager uuid not null,
  kind text not null,
  hr boolean not null,
  primary key (organization_id, employee, manager, kind)
)`

const reports = sql`create index directory_managers_reports on directory_managers (organization_id, manager, kind, employee)`

/** HR's groups are there while HR has somebody in them; `hr`: HR names them. */
const groups = sql`
create table directory_groups (
  organization_id text collate "C" not null,
  id uuid not null,
  name text not null,
  name_key text collate "C" not null,
  kind text not null,
  hr boolean not null,
  created_at timestamptz not null,
  created_by text not null,
  profile json not null default '{}',
  primary key (organization_id, id)
)`

const groupsByName = sql`create index directory_groups_name on directory_groups (organization_id, name_key, id)`

/** The last three, of HR's word alone: what it calls the group, what kind that is, and where that was said. */
const memberships = sql`
create table directory_memberships (
  organization_id text collate "C" not null,
  entity uuid not null,
  entity_kind text not null,
  group_id uuid not null,
  kind text not null,
  hr boolean not null,
  group_name text,
  group_kind text,
  position bigint,
  primary key (organization_id, entity, group_id, kind, hr)
)`

const members = sql`
create index directory_memberships_members on directory_memberships (organization_id, group_id, hr, position)`

/** Words for a day to come, which hold from then on. */
const eventsByDay = sql`
create index events_effective on events (organization_id, effective_on) where effective_on is not null`

/** How far each log is projected, by which rules (a hash of the policy) and for which day. */
const projections = sql`
create table directory_projections (
  organization_id text collate "C" primary key,
  position bigint not null,
  rules text not null,
  day date not null
) with (fillfactor = 20)`

export const directory: Migration = {
  up: async (db: Kysely<unknown>) => {
    const tables = [organizations, keys, accounts, grants, employees, managers, groups, memberships, projections]
    const indices = [
      keysOfOrganization,
      accountsByEmail,
      accountsOfOrganization,
      grantsOfOrganization,
      ...employeeIndices,
      reports,
      groupsByName,
      members,
      eventsByDay
    ]
    for (const statement of [...tables, ...indices]) await statement.execute(db)
  }
}
