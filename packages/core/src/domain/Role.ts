/**
 * The roles that a caller of the Directory API may have, from the least to the most.
 *
 * Only `ORG_ADMIN` is named by the documents (client sample of the Universal Talent API); the others are ours, after the
 * product's Administrator, Manager and Employee. What each may do stands in directory-api's table of permissions.
 */

/**
 * EMPLOYEE sees colleagues and groups, and keeps the own profile; MANAGER also sees profiles and arranges groups;
 * ORG_ADMIN does everything in one organization; SUPER_ADMIN everything in all, and only the root key can say so.
 */
export const roles = ["EMPLOYEE", "MANAGER", "ORG_ADMIN", "SUPER_ADMIN"] as const

export type Role = (typeof roles)[number]

/** Roles that can be granted to an account or named by an organization's key. */
export const grantableRoles = ["EMPLOYEE", "MANAGER", "ORG_ADMIN"] as const satisfies ReadonlyArray<Role>

export type GrantableRole = (typeof grantableRoles)[number]

/** Whether a role may do what at least `least` is asked for. */
export const includesRole = (role: Role, least: Role): boolean => roles.indexOf(role) >= roles.indexOf(least)

/** The lesser of both: what a key's limit leaves of the role that its token claims. */
export const cappedRole = (role: Role, limit: Role): Role => (includesRole(role, limit) ? limit : role)
