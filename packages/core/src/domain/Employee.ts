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

/** A stream's name in a fifth of the room, for `PackedTexts`; one that is no employee's, as it is. */
export const packStream = (stream: string): string => {
  if (!/^employee:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(stream)) return plain + stream
  const [a, b, c, d, e, f, g, h] = digitsAt
  const four = (at: number) => fourDigits(stream, at)
  return packed + String.fromCharCode(four(a), four(b), four(c), four(d), four(e), four(f), four(g), four(h))
}

export const unpackStream = (text: string): string => {
  if (text.startsWith(plain)) return text.slice(plain.length)
  const groups = digitsAt.map((_, i) => (0x1_0000 + text.charCodeAt(packed.length + i)).toString(16).slice(1))
  const [a, b, c, d, e, f, g, h] = groups
  return [`${employeeStreamPrefix}${a}${b}`, c, d, e, `${f}${g}${h}`].join("-")
}

/** What a packed name begins with, and what another does. */
const packed = "\0"
const plain = "="

/** Where the digits of a UUID stand in a stream's name, by four. */
const digitsAt = [9, 13, 18, 23, 28, 33, 37, 41] as const

const fourDigits = (text: string, at: number): number =>
  (digit(text, at) << 12) | (digit(text, at + 1) << 8) | (digit(text, at + 2) << 4) | digit(text, at + 3)

const digit = (text: string, at: number): number => {
  const code = text.charCodeAt(at)
  return code < 0x3a ? code - 0x30 : code - 0x57
}
