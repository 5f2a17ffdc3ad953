/**
 * Accounts of the Directory: logins, and the roles they have in organizations.
 *
 * An account belongs to the organization that made it, or to none (only the root key makes those). Its e-mail address is
 * unique where it belongs, so nobody learns from a refusal who has an account elsewhere.
 */
import { Context, type Effect } from "effect"

import type { GrantableRole } from "../domain/Role.ts"
import type { Actor, CreationInfo, DirectoryRefused, Listing, OrganizationUuid, Page, StatusInfo } from "./Directory.ts"
import type { StoreError } from "./EventLog.ts"

export interface Grant {
  readonly orgId: OrganizationUuid
  readonly role: GrantableRole
  readonly employeeId: string | null
}

export interface Account {
  readonly id: string
  readonly email: string
  readonly name: string | null
  readonly active: boolean
  readonly status: StatusInfo
  readonly created: CreationInfo
  /** The organization it belongs to; null: none. */
  readonly organization: OrganizationUuid | null
  /** Those that the caller may see. */
  readonly grants: ReadonlyArray<Grant>
}

export interface AccountDetails {
  readonly name?: string
  /** Compared without regard to case. */
  readonly email: string
}

/**
 * Whose accounts a caller sees: those that belong to the organization or have a grant in it, with that grant alone;
 * null: all.
 */
export type Sight = OrganizationUuid | null

export class Accounts extends Context.Service<
  Accounts,
  {
    /** By e-mail, then by id. `admins`: only those with `ORG_ADMIN` there. */
    readonly list: (
      page: Page,
      sight: Sight,
      only?: { readonly admins: true }
    ) => Effect.Effect<Listing<Account>, StoreError>
    /**
     * By id, or by e-mail: the one that belongs to the organization before one that has a grant there. With sight of
     * all: the one that belongs to none first, then the oldest.
     */
    readonly find: (sight: Sight, idOrEmail: string) => Effect.Effect<Account, DirectoryRefused | StoreError>
    /** Belongs to `organization`; null: to none. */
    readonly create: (
      actor: Actor,
      organization: OrganizationUuid | null,
      details: AccountDetails
    ) => Effect.Effect<Account, DirectoryRefused | StoreError>
    /** An organization changes its own accounts alone: those of others, though in sight, are refused as a conflict. */
    readonly update: (
      actor: Actor,
      sight: Sight,
      idOrEmail: string,
      details: AccountDetails
    ) => Effect.Effect<Account, DirectoryRefused | StoreError>
    /** `employeeId` is an employee of that organization. */
    readonly grant: (
      actor: Actor,
      sight: Sight,
      account: string,
      grant: { readonly orgId: OrganizationUuid; readonly role: GrantableRole; readonly employeeId?: string }
    ) => Effect.Effect<Account, DirectoryRefused | StoreError>
  }
>()("@rollcall/core/contract/Accounts") {}
