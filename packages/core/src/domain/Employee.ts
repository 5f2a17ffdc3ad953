/**
 * The employee: someone HR knows, named by the HR key.
 *
 * The key is a string that is never parsed: leading zeros, letters and case are all part of it. In the log an employee
 * is named by a stream instead, so that the key itself can be erased.
 */
import { uuidV5 } from "./Digest.ts"
import type { OrganizationId } from "./Organization.ts"

/** HR's own key of a person, unique and stable in the organization. Not empty, no surrounding space. */
export type EmployeeId = string

/** Name of an employee's stream: `employee:` and a UUID that only who knows the key can compute again. */
export type EmployeeStream = `employee:${string}`

export const employeeStreamPrefix = "employee:"

/** Version 5 UUID of "rollcall" in the DNS namespace: the root under which organizations are named. */
const namespace = "641b4165-d23b-5c91-be7e-afbf576dcd4a"

/** UUIDv5(organization, employeeId): the Directory's id of the same person, too (design, section 8). */
export const employeeUuid = (organization: OrganizationId, employeeId: EmployeeId): string =>
  uuidV5(organizationUuid(organization), employeeId)

const uuids = new Map<string, string>()

/** The Directory's id of an organization: UUIDv5 of its name; one that the API made is named by its id itself. */
export const organizationUuid = (organization: OrganizationId): string => {
  const known = uuids.get(organization)
  if (known !== undefined) return known
  const made = isUuid(organization) ? organization : uuidV5(namespace, organization)
  uuids.set(organization, made)
  return made
}

/** Lower case, as the log and the Directory write them. */
export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

export const employeeStream = (organization: OrganizationId, employeeId: EmployeeId): EmployeeStream =>
  `${employeeStreamPrefix}${employeeUuid(organization, employeeId)}`
