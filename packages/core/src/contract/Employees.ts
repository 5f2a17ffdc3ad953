/**
 * Employees of the Directory: those HR knows, by the sources, and those made through the API.
 *
 * An HR employee's id is UUIDv5(organization, employeeId); one that the API makes gets a UUID of its own and keeps it
 * when HR comes to know the person by the same employee number. What a field shows is what the configured precedence
 * says; a write that could not show, because a source that is believed more says otherwise, is refused as a conflict.
 */
import { Context, type Effect } from "effect"

import type { Actor, CreationInfo, DirectoryRefused, Listing, OrganizationUuid, Page, StatusInfo } from "./Directory.ts"
import type { StoreError } from "./EventLog.ts"

/** Seed 003; every member is optional there. Null: asserted empty. Dates are `YYYY-MM-DD`. */
export const employeeProfileMembers = [
  "employeeNumber",
  "firstName",
  "lastName",
  "bio",
  "profileImage",
  "birthDate",
  "gender",
  "timezone",
  "location",
  "joinDate",
  "companyRole"
] as const

export type EmployeeProfileMember = (typeof employeeProfileMembers)[number]

export type EmployeeProfile = { readonly [member in EmployeeProfileMember]?: string | null }

export interface Employee {
  readonly id: string
  readonly organization: OrganizationUuid
  /** As the API was told; for HR's people first and last name, preferred name before first. */
  readonly name: string
  /** Null: HR lists none. */
  readonly email: string | null
  /** False from the day HR says `terminated`. */
  readonly active: boolean
  readonly status: StatusInfo
  readonly created: CreationInfo
  /** The id of the account that the person logs in with. */
  readonly account: string | null
  /** As the API was told; grants nothing. */
  readonly role: string | null
  /** HR's employee type (`employeeTypeCode`). */
  readonly type: string | null
}

export interface Manager {
  readonly managerId: string
  /** `supervisor` is the one that HR and Together know. */
  readonly type: string
  readonly manager: Employee
}

export interface EmployeeDetails {
  readonly name: string
  readonly email: string
  /** An account in sight of the organization. */
  readonly account?: string
  readonly role?: string
}

/** Compared without regard to case. */
export interface EmployeeFilter {
  readonly status?: string
  readonly type?: string
}

type Written<A> = Effect.Effect<A, DirectoryRefused | StoreError>

export class Employees extends Context.Service<
  Employees,
  {
    /** By name, then by id. */
    readonly list: (
      organization: OrganizationUuid,
      filter: EmployeeFilter,
      page: Page
    ) => Effect.Effect<Listing<Employee>, StoreError>
    /** The whole name, without regard to case. */
    readonly byName: (
      organization: OrganizationUuid,
      name: string,
      page: Page
    ) => Effect.Effect<Listing<Employee>, StoreError>
    /** The employee who has the account, or whom the account's grant in this organization names. */
    readonly byAccount: (organization: OrganizationUuid, account: string) => Written<Employee>
    /** Of whatever organization is in sight. */
    readonly ofAccount: (
      sight: OrganizationUuid | null,
      account: string,
      page: Page
    ) => Effect.Effect<Listing<Employee>, StoreError>
    /** Those the API made and nobody has given an employee number yet: Together cannot know them. */
    readonly withoutKey: (organization: OrganizationUuid, page: Page) => Effect.Effect<Listing<Employee>, StoreError>
    /** Direct reports, by name. One indexed query. */
    readonly byManager: (
      organization: OrganizationUuid,
      manager: string,
      type: string | undefined,
      page: Page
    ) => Written<Listing<Employee>>
    readonly get: (organization: OrganizationUuid, id: string) => Written<Employee>
    /** E-mail addresses are unique among those the API makes, and differ from HR's. */
    readonly create: (actor: Actor, organization: OrganizationUuid, details: EmployeeDetails) => Written<Employee>
    readonly update: (
      actor: Actor,
      organization: OrganizationUuid,
      id: string,
      details: EmployeeDetails
    ) => Written<Employee>
    readonly managers: (organization: OrganizationUuid, id: string) => Written<ReadonlyArray<Manager>>
    /**
     * Adds the manager; a `supervisor` takes the place of the one before. Answers with all managers. Oneself, or a circle
     * of managers of one type, is refused.
     */
    readonly assignManager: (
      actor: Actor,
      organization: OrganizationUuid,
      id: string,
      manager: { readonly managerId: string; readonly type: string }
    ) => Written<ReadonlyArray<Manager>>
    /** Of whatever type. What HR says stays HR's to change. */
    readonly removeManager: (actor: Actor, organization: OrganizationUuid, id: string, manager: string) => Written<void>
    readonly profile: (organization: OrganizationUuid, id: string) => Written<EmployeeProfile>
    /**
     * `replace`: what is not given is emptied, as far as it is the API's; otherwise it stays. `employeeNumber` is the key
     * under which Together knows the person: it can be given once, and never changed.
     */
    readonly setProfile: (
      actor: Actor,
      organization: OrganizationUuid,
      id: string,
      profile: EmployeeProfile,
      mode: "replace" | "merge"
    ) => Written<EmployeeProfile>
  }
>()("@rollcall/core/contract/Employees") {}
