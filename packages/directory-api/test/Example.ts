/**
 * One good request of every operation, made of the definition: what stands in its path, and a body that is all right.
 *
 * Used by every test that asks something of all 52.
 */
import { randomUUID } from "node:crypto"

import { DirectoryApi } from "../src/DirectoryApi.ts"
import type { Operation } from "../src/Permission.ts"
import type { Side } from "./Given.ts"

export interface Known {
  readonly operation: Operation
  readonly method: string
  readonly path: string
  readonly hasBody: boolean
}

export const operations: ReadonlyArray<Known> = Object.values(DirectoryApi.groups).flatMap(({ endpoints }) =>
  Object.values(endpoints).map(({ identifier, method, path, payload }) => ({
    operation: identifier as Operation,
    method,
    path,
    hasBody: payload.size > 0
  }))
)

/** By the names that stand in the paths. */
const named = (side: Side): Readonly<Record<string, string>> => ({
  organization: side.id,
  alias: side.alias,
  type: "csv",
  externalId: "hr",
  value: "ours",
  accountIdOrEmail: side.user.id,
  accountId: side.user.id,
  employee: side.worker,
  managerId: side.boss,
  manager: side.boss,
  name: "Terri Duffy",
  id: side.group,
  group: side.group,
  groupId: side.group,
  entity: side.worker
})

/** `key` is a setting of a plugin in some paths, and a key in others. */
const keyIn = (operation: Operation, side: Side) => (operation.startsWith("delete") ? side.spare.id : "site")

export const pathOf = (
  { operation, path }: Known,
  side: Side,
  instead: Readonly<Record<string, string>> = {}
): string =>
  path.replaceAll(/:(\w+)/gu, (_, name: string) =>
    encodeURIComponent(instead[name] ?? (name === "key" ? keyIn(operation, side) : (named(side)[name] ?? "none")))
  )

const profile = {
  timezone: "Europe/Berlin",
  location: "Bothell, Washington"
}

const organizationProfile = {
  ...profile,
  logoUrl: "https://adventure-works.com/logo.png",
  countryCode: "US",
  companySize: "201-500",
  website: "https://adventure-works.com",
  mission: "Everybody\non a bicycle."
}

const employeeProfile = {
  ...profile,
  firstName: "Terri",
  lastName: "Duffy",
  bio: "Rides to work.",
  profileImage: "https://adventure-works.com/terri.png",
  birthDate: "1971-08-01",
  gender: "female",
  joinDate: "2008-01-31",
  companyRole: "Vice President"
}

const groupProfile = { icon: "🚲", description: "Rides on Thursdays." }

export const bodyOf = (operation: Operation, side: Side): unknown => {
  const fresh = `x${randomUUID().slice(0, 8)}`
  switch (operation) {
    case "createOrganization":
    case "updateCurrentOrganization":
    case "updateOrganization":
      return { name: "Adventure Works", alias: fresh, ownerEmail: `owner-${fresh}@adventure-works.com` }
    case "replaceCurrentOrganizationProfile":
    case "updateCurrentOrganizationProfile":
    case "replaceOrganizationProfile":
    case "updateOrganizationProfile":
      return organizationProfile
    case "createCurrentOrganizationKey":
    case "createOrganizationKey":
      return { name: "okr-dashboard", limitToRole: "MANAGER" }
    case "listOrganizationsByAppSecret":
      return { secret: "s3cret" }
    case "createAccount":
    case "updateAccount":
      return { name: "Somebody Else", email: `${fresh}@adventure-works.com` }
    case "grantRole":
      return { orgId: side.id, role: "MANAGER", employeeId: side.worker }
    case "createEmployee":
    case "updateEmployee":
      return {
        name: "Rob Walters",
        email: `${fresh}@adventure-works.com`,
        account: side.admin.id,
        role: "Tool designer"
      }
    case "setManager":
      return { managerId: side.boss, type: "mentor" }
    case "replaceEmployeeProfile":
    case "updateEmployeeProfile":
      return employeeProfile
    case "createGroup":
    case "updateGroup":
      return { name: "Chess club", type: "club" }
    case "replaceGroupProfile":
    case "updateGroupProfile":
      return groupProfile
    case "setEntityGroups":
      return [{ groupId: side.group, type: "member" }]
    default:
      return undefined
  }
}
