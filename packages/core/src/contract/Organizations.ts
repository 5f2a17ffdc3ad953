/**
 * Organizations of the Directory: name, alias, profile, keys, and the plugins they are connected with.
 *
 * Those of the configuration are registered when the service starts; others are made through the API and have logs of
 * their own, too.
 */
import { Context, type Effect } from "effect"

import type { ConfiguredApp } from "../domain/DirectoryEvent.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import type { GrantableRole } from "../domain/Role.ts"
import type { Actor, CreationInfo, DirectoryRefused, Listing, OrganizationUuid, Page, StatusInfo } from "./Directory.ts"
import type { StoreError } from "./EventLog.ts"

/** Seed 003; every member is optional there. Null: asserted empty. */
export const organizationProfileMembers = [
  "logoUrl",
  "timezone",
  "location",
  "countryCode",
  "companySize",
  "website",
  "mission"
] as const

export type OrganizationProfile = { readonly [member in (typeof organizationProfileMembers)[number]]?: string | null }

/** A key as it may be shown: the secret is not among it. */
export interface OrganizationKey {
  readonly id: string
  readonly name: string
  readonly limitToRole: GrantableRole | null
}

/** A key that tokens are verified with; its secret is derived from the root key and `salt` (hexadecimal). */
export interface SigningKey extends OrganizationKey {
  readonly organization: OrganizationUuid
  readonly salt: string
}

/** A plugin of the configuration, without its secrets. */
export type App = Omit<ConfiguredApp, "secrets"> & {
  readonly secretNames: ReadonlyArray<string>
  readonly created: CreationInfo
  readonly status: StatusInfo
}

export interface Organization {
  readonly id: OrganizationUuid
  /** The name of its log. */
  readonly log: OrganizationId
  readonly name: string
  readonly alias: string
  readonly active: boolean
  readonly status: StatusInfo
  readonly created: CreationInfo
  /** Ids of accounts. */
  readonly owners: ReadonlyArray<string>
  readonly profile: OrganizationProfile
  readonly apps: ReadonlyArray<App>
  /** Those in force, oldest first. */
  readonly keys: ReadonlyArray<OrganizationKey>
}

/** What an organization's plugins are asked for. `secret` is compared with the salted hash in constant time. */
export type AppQuery =
  | { readonly _tag: "type"; readonly type: string }
  | { readonly _tag: "id"; readonly type: string; readonly externalId: string }
  | { readonly _tag: "data"; readonly type: string; readonly key: string; readonly value: string }
  | { readonly _tag: "secret"; readonly type: string; readonly key: string; readonly secret: string }

export interface OrganizationDetails {
  readonly name: string
  /** Absent: made of the name where the organization is new, left as it is otherwise. */
  readonly alias?: string
  /** The owner's account is made where the organization has none with this address, and gets `ORG_ADMIN`. */
  readonly ownerEmail?: string
}

export class Organizations extends Context.Service<
  Organizations,
  {
    /**
     * Registers an organization of the configuration under its log's name, with its plugins. Does nothing where all of
     * that is known.
     */
    readonly register: (
      log: OrganizationId,
      apps: ReadonlyArray<ConfiguredApp>
    ) => Effect.Effect<OrganizationUuid, StoreError>
    /** `only`: nothing but this one, if it is there. By alias. */
    readonly list: (page: Page, only: OrganizationUuid | null) => Effect.Effect<Listing<Organization>, StoreError>
    readonly get: (id: OrganizationUuid) => Effect.Effect<Organization, DirectoryRefused | StoreError>
    readonly byAlias: (alias: string) => Effect.Effect<Organization, DirectoryRefused | StoreError>
    readonly byApp: (
      query: AppQuery,
      page: Page,
      only: OrganizationUuid | null
    ) => Effect.Effect<Listing<Organization>, StoreError>
    readonly create: (
      actor: Actor,
      details: OrganizationDetails
    ) => Effect.Effect<Organization, DirectoryRefused | StoreError>
    readonly update: (
      actor: Actor,
      id: OrganizationUuid,
      details: OrganizationDetails
    ) => Effect.Effect<Organization, DirectoryRefused | StoreError>
    /** `replace`: what is not given is emptied; otherwise it stays. */
    readonly setProfile: (
      actor: Actor,
      id: OrganizationUuid,
      profile: OrganizationProfile,
      mode: "replace" | "merge"
    ) => Effect.Effect<OrganizationProfile, DirectoryRefused | StoreError>
    readonly createKey: (
      actor: Actor,
      id: OrganizationUuid,
      key: { readonly name: string; readonly limitToRole?: GrantableRole }
    ) => Effect.Effect<SigningKey, DirectoryRefused | StoreError>
    /** A token signed with it is refused from now on. Answers with the key that was. */
    readonly revokeKey: (
      actor: Actor,
      id: OrganizationUuid,
      key: string
    ) => Effect.Effect<OrganizationKey, DirectoryRefused | StoreError>
    /** A key in force; null otherwise. */
    readonly signingKey: (key: string) => Effect.Effect<SigningKey | null, StoreError>
  }
>()("@rollcall/core/contract/Organizations") {}
