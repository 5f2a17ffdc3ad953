/**
 * What clients of the Directory API brought about: organizations, keys, accounts, employees, groups.
 *
 * Written by directory-store when a command was decided (`directory/`), folded into the Directory's tables. What belongs
 * to one organization stands in its own log; who exists across organizations (the organizations' names, accounts
 * without an organization) in the log `_directory`. `details` are personal and stand apart in the log; an id is not.
 *
 * What an API write says of somebody whom Together may know is said again in the person's own stream, by the source
 * `directory`, as `EmployeeAppeared`, `EmployeeChanged` or `EmployeeAmended`: to the engine the API is one more source.
 */
import type { GrantableRole } from "./Role.ts"

/** Members that changed; null: emptied. */
export type Changes = Readonly<Record<string, string | null>>

/** Stands in `_directory`, stream `organization:ID`. `log` names the organization's own log. */
export interface OrganizationRegistered {
  readonly type: "OrganizationRegistered"
  readonly log: string
  readonly name: string
  readonly alias: string
}

/** Stands in `_directory`, stream `organization:ID`. */
export interface OrganizationUpdated {
  readonly type: "OrganizationUpdated"
  readonly name?: string
  readonly alias?: string
}

/** This and the following stand in the organization's log, stream `organization:ID`. */
export interface OrganizationProfileChanged {
  readonly type: "OrganizationProfileChanged"
  readonly profile: Changes
}

/** Replaces the owner before. `account` is in the same log. */
export interface OwnerNamed {
  readonly type: "OwnerNamed"
  readonly account: string
}

/** The key's secret is derived from the root key and this salt (hexadecimal); it is stored nowhere. */
export interface KeyCreated {
  readonly type: "KeyCreated"
  readonly key: string
  readonly name: string
  readonly salt: string
  readonly limitToRole?: GrantableRole
}

export interface KeyRevoked {
  readonly type: "KeyRevoked"
  readonly key: string
}

/** A plugin of the organization's configuration. `secrets` are HMAC-SHA256 with the log's salt, hexadecimal. */
export interface ConfiguredApp {
  readonly id: string
  /** The plugin: `csv`, `ultipro`, `together`. */
  readonly type: string
  /** The name in the configuration. */
  readonly name: string
  readonly data: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
}

/** The plugins of the configuration as the service was started with; replaces those before. */
export interface AppsConfigured {
  readonly type: "AppsConfigured"
  readonly apps: ReadonlyArray<ConfiguredApp>
}

/** Stream `account:ID`. `details`: name, email. */
export interface AccountCreated {
  readonly type: "AccountCreated"
  readonly details?: Changes
}

export interface AccountUpdated {
  readonly type: "AccountUpdated"
  readonly details?: Changes
}

/** Replaces the account's grant in that organization. */
export interface RoleGranted {
  readonly type: "RoleGranted"
  readonly organization: string
  readonly role: GrantableRole
  readonly employee?: string
}

/** Stream `directory-employee:ID`, like all that follow but groups. `details`: name, email, role. */
export interface DirectoryEmployeeCreated {
  readonly type: "DirectoryEmployeeCreated"
  readonly account?: string
  readonly details?: Changes
}

export interface DirectoryEmployeeUpdated {
  readonly type: "DirectoryEmployeeUpdated"
  /** Null: tied to no account any more. */
  readonly account?: string | null
  readonly details?: Changes
}

/** `details` are members of the profile. */
export interface EmployeeProfileChanged {
  readonly type: "EmployeeProfileChanged"
  readonly details?: Changes
}

/** The employee has a key now, and is the person of the stream `employee:PERSON`; for good. */
export interface EmployeeKeyed {
  readonly type: "EmployeeKeyed"
  readonly person: string
  readonly employeeId?: string
}

export interface ManagerAssigned {
  readonly type: "ManagerAssigned"
  readonly manager: string
  readonly kind: string
}

export interface ManagerRemoved {
  readonly type: "ManagerRemoved"
  readonly manager: string
  readonly kind: string
}

/** All memberships that the API gave an entity (an employee, or a group in a group); replaces those before. */
export interface MembershipsSet {
  readonly type: "MembershipsSet"
  readonly memberships: ReadonlyArray<{ readonly group: string; readonly kind: string }>
}

/** Stream `group:ID`. */
export interface GroupCreated {
  readonly type: "GroupCreated"
  readonly name: string
  readonly kind: string
}

export interface GroupUpdated {
  readonly type: "GroupUpdated"
  readonly name?: string
  readonly kind?: string
}

export interface GroupProfileChanged {
  readonly type: "GroupProfileChanged"
  readonly profile: Changes
}

export type DirectoryEvent =
  | OrganizationRegistered
  | OrganizationUpdated
  | OrganizationProfileChanged
  | OwnerNamed
  | KeyCreated
  | KeyRevoked
  | AppsConfigured
  | AccountCreated
  | AccountUpdated
  | RoleGranted
  | DirectoryEmployeeCreated
  | DirectoryEmployeeUpdated
  | EmployeeProfileChanged
  | EmployeeKeyed
  | ManagerAssigned
  | ManagerRemoved
  | MembershipsSet
  | GroupCreated
  | GroupUpdated
  | GroupProfileChanged
