import type { Sight } from "@rollcall/core/contract/Accounts"
/**
 * Who calls: what a verified token says of the request's sender. Handlers ask it which organization they may touch.
 *
 * Provided by `Admission` to every operation. What belongs to another organization than the caller's is not found.
 */
import type { Actor, OrganizationUuid } from "@rollcall/core/contract/Directory"
import type { Role } from "@rollcall/core/domain/Role"
import { Context, Effect } from "effect"

import { invalid, type Problem, notFound } from "./Problem.ts"

export interface CallerOf {
  readonly actor: Actor
  /** The one that the token is for; null: the root key's token names none. */
  readonly organization: OrganizationUuid | null
  readonly role: Role
  /** The id of the account that the token names. */
  readonly account: string | null
  /** The role is too small; it was let in because what it asks for is its own. */
  readonly ownOnly: boolean
}

export class Caller extends Context.Service<Caller, CallerOf>()("@rollcall/directory-api/Caller") {}

const organizationOf = ({ organization }: CallerOf): Effect.Effect<OrganizationUuid, Problem> =>
  organization === null
    ? Effect.fail(invalid("org", "is missing: this token is for no organization, and this asks for the current one"))
    : Effect.succeed(organization)

/** The organization that the token is for. */
export const currentOrganization = Effect.flatMap(Caller, organizationOf)

/** The organizations in reach; null: all, for a SUPER_ADMIN whatever organization the token is for. */
export const reach: Effect.Effect<OrganizationUuid | null, Problem, Caller> = Effect.flatMap(Caller, (caller) =>
  caller.role === "SUPER_ADMIN" ? Effect.succeed(null) : organizationOf(caller)
)

/** Whose accounts are seen; null: everybody's, for a SUPER_ADMIN whose token is for no organization. */
export const sight: Effect.Effect<Sight, Problem, Caller> = Effect.flatMap(Caller, (caller) =>
  caller.role === "SUPER_ADMIN" ? Effect.succeed(caller.organization) : organizationOf(caller)
)

/** The organization of that id, where it is in reach. */
export const organizationInReach = Effect.fnUntraced(function* (id: OrganizationUuid) {
  const only = yield* reach
  return only === null || only === id ? id : yield* notFound("organization")
})
