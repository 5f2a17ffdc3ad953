/**
 * Groups of the Directory and who is in them: departments and offices by HR's word, and those made through the API.
 *
 * HR's groups are named by UUIDv5 of what they stand for, and are there as long as HR has somebody in them. Their name,
 * type and members are HR's to say; profile and further members the API's, which are kept for the day the group is back.
 */
import { Context, type Effect } from "effect"

import type { Actor, CreationInfo, DirectoryRefused, Listing, OrganizationUuid, Page, StatusInfo } from "./Directory.ts"
import type { StoreError } from "./EventLog.ts"

/** Seed 003. Null: asserted empty. */
export const groupProfileMembers = ["icon", "description"] as const

export type GroupProfile = { readonly [member in (typeof groupProfileMembers)[number]]?: string | null }

export interface Group {
  readonly id: string
  readonly organization: OrganizationUuid
  readonly name: string
  /** `department` and `office` are HR's; any other text the API's. */
  readonly type: string
  readonly active: boolean
  readonly status: StatusInfo
  readonly created: CreationInfo
}

export interface GroupDetails {
  readonly name: string
  readonly type: string
}

export type EntityType = "employee" | "group"

export interface Member {
  readonly entityId: string
  readonly entityType: EntityType
  /** Of the membership; `member` is HR's. */
  readonly type: string
  readonly name: string
}

export interface Membership {
  readonly groupId: string
  readonly type: string
  readonly group: Group
}

type Written<A> = Effect.Effect<A, DirectoryRefused | StoreError>

export class Groups extends Context.Service<
  Groups,
  {
    /** By name, then by id. Compared without regard to case. */
    readonly list: (
      organization: OrganizationUuid,
      filter: { readonly status?: string; readonly type?: string },
      page: Page
    ) => Effect.Effect<Listing<Group>, StoreError>
    readonly get: (organization: OrganizationUuid, id: string) => Written<Group>
    readonly create: (actor: Actor, organization: OrganizationUuid, details: GroupDetails) => Written<Group>
    /** HR's groups keep HR's name and type. */
    readonly update: (actor: Actor, organization: OrganizationUuid, id: string, details: GroupDetails) => Written<Group>
    readonly profile: (organization: OrganizationUuid, id: string) => Written<GroupProfile>
    readonly setProfile: (
      actor: Actor,
      organization: OrganizationUuid,
      id: string,
      profile: GroupProfile,
      mode: "replace" | "merge"
    ) => Written<GroupProfile>
    /** `entity`: only members of that kind; `membership`: only memberships of that type. By name. */
    readonly members: (
      organization: OrganizationUuid,
      id: string,
      filter: { readonly entity?: string; readonly membership?: string },
      page: Page
    ) => Written<Listing<Member>>
    /** `entity` is an employee or a group. */
    readonly ofEntity: (organization: OrganizationUuid, entity: string) => Written<ReadonlyArray<Membership>>
    /** All memberships that the API gives the entity; HR's stay beside them. A group within itself is refused. */
    readonly setForEntity: (
      actor: Actor,
      organization: OrganizationUuid,
      entity: string,
      memberships: ReadonlyArray<{ readonly groupId: string; readonly type: string }>
    ) => Written<void>
    /** Memberships of whatever type. HR's are refused as a conflict. */
    readonly removeEntity: (
      actor: Actor,
      organization: OrganizationUuid,
      entity: string,
      group: string
    ) => Written<void>
  }
>()("@rollcall/core/contract/Groups") {}
