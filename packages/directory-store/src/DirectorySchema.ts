/**
 * The Directory's tables as Kysely sees them, column for column as migration 0004 makes them.
 *
 * As in `Schema`, times, dates and `json` are text on both sides.
 */

export interface DirectoryOrganizations {
  id: string
  organization_id: string
  name: string
  alias: string
  created_at: string
  created_by: string
  owner: string | null
  profile: string
  apps: string
}

export interface DirectoryKeys {
  id: string
  organization: string
  name: string
  salt: Uint8Array
  limit_to_role: string | null
  created_at: string
  revoked: boolean
}

export interface DirectoryAccounts {
  id: string
  /** Null: belongs to none. */
  organization: string | null
  email: string
  email_key: string
  name: string | null
  created_at: string
  created_by: string
}

export interface DirectoryGrants {
  account: string
  organization: string
  role: string
  employee: string | null
}

export interface DirectoryEmployees {
  organization_id: string
  id: string
  /** Names the stream `employee:PERSON`; null: the employee has no key. */
  person: string | null
  name: string
  name_key: string
  email: string | null
  email_key: string | null
  account: string | null
  role: string | null
  type: string | null
  status: string
  status_at: string
  status_by: string
  created_at: string
  created_by: string
  /** HR's key. */
  number: string | null
  profile: string
  /** Made through the API. */
  made: boolean
  /** The next day on which the row may change by itself. */
  turns_on: string | null
}

export interface DirectoryManagers {
  organization_id: string
  employee: string
  manager: string
  kind: string
  hr: boolean
}

export interface DirectoryGroups {
  organization_id: string
  id: string
  name: string
  name_key: string
  kind: string
  hr: boolean
  created_at: string
  created_by: string
  profile: string
}

export interface DirectoryMemberships {
  organization_id: string
  entity: string
  entity_kind: string
  group_id: string
  kind: string
  hr: boolean
  group_name: string | null
  group_kind: string | null
  position: number | null
}

/** How far a log is projected, by which rules (a hash of the policy), for which day. */
export interface DirectoryProjections {
  organization_id: string
  position: number
  rules: string
  day: string
}

export interface DirectoryTables {
  directory_organizations: DirectoryOrganizations
  directory_keys: DirectoryKeys
  directory_accounts: DirectoryAccounts
  directory_grants: DirectoryGrants
  directory_employees: DirectoryEmployees
  directory_managers: DirectoryManagers
  directory_groups: DirectoryGroups
  directory_memberships: DirectoryMemberships
  directory_projections: DirectoryProjections
}
