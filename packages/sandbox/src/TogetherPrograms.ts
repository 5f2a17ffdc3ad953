/**
 * Programs and the people registered in them: the rules of registerUser. Exactly one identity, a known program, match
 * types of that program, and at least one role that is true.
 * Called by TogetherRoutes. Registering the same user again succeeds and replaces roles and match types; the documents do
 * not say what Together does there. It answers 200 or 400 alone, as documented, and never does I/O.
 */
import { Predicate } from "effect"

import { find, withEmail } from "./TogetherUsers.ts"
import type { TogetherUser, TogetherUsers } from "./TogetherUsers.ts"

/** A program and the ids of its match types. The API cannot list programs, so they are configuration. */
export interface TogetherProgram {
  readonly programId: string
  readonly matchTypeIds: ReadonlyArray<string>
}

/** One user in one program; `times` counts the calls that said so. */
export interface Registration {
  readonly userId: string
  readonly programId: string
  readonly matchTypeIds: ReadonlyArray<string>
  readonly roles: { readonly [role: string]: boolean }
  readonly times: number
}

export interface RegisterOutcome {
  readonly registrations: ReadonlyArray<Registration>
  readonly status: 200 | 400
  readonly body: unknown
}

/** The programs of the demo. */
export const demoPrograms: ReadonlyArray<TogetherProgram> = [
  { programId: "mentoring-2026", matchTypeIds: ["one-on-one", "group"] },
  { programId: "onboarding-buddies", matchTypeIds: ["buddy"] }
]

/** The post to /public/:organizationId/registerUser. */
export const register = (
  registrations: ReadonlyArray<Registration>,
  users: TogetherUsers,
  programs: ReadonlyArray<TogetherProgram>,
  payload: unknown
): RegisterOutcome => {
  const wanted = read(users, programs, payload)
  if (Predicate.isString(wanted)) return { registrations, status: 400, body: { error: wanted } }
  const same = (entry: Registration) => entry.userId === wanted.userId && entry.programId === wanted.programId
  const times = (registrations.find(same)?.times ?? 0) + 1
  return {
    registrations: [...registrations.filter((entry) => !same(entry)), { ...wanted, times }],
    status: 200,
    body: { registered: true }
  }
}

/** The registration the payload asks for, or the reason against it. */
const read = (
  users: TogetherUsers,
  programs: ReadonlyArray<TogetherProgram>,
  payload: unknown
): Omit<Registration, "times"> | string => {
  if (!Predicate.isObject(payload)) return "the body must be one JSON object"
  const user = userOf(users, payload)
  if (Predicate.isString(user)) return user
  const program = programs.find((candidate) => candidate.programId === payload["programId"])
  if (payload["programId"] === undefined) return "programId is required"
  if (program === undefined) return "programId must name an existing program"
  const matchTypeIds = matchTypesOf(program, payload["matchTypeIds"])
  if (Predicate.isString(matchTypeIds)) return matchTypeIds
  const roles = rolesOf(payload["roles"])
  return Predicate.isString(roles) ? roles : { userId: user.userId, programId: program.programId, matchTypeIds, roles }
}

const userOf = (users: TogetherUsers, payload: { readonly [key: string]: unknown }): TogetherUser | string => {
  const given = ["email", "userId", "employeeId"].filter((key) => payload[key] !== undefined)
  const [key] = given
  if (key === undefined || given.length !== 1) return "exactly one of email, userId and employeeId is required"
  const value = payload[key]
  if (!Predicate.isString(value) || value === "") return `${key} must be a non-empty string`
  const user = key === "email" ? withEmail(users, value)[0] : find(users, value)
  const matches =
    user !== undefined && (key === "email" || (key === "userId" ? user.userId : user.fields[key]) === value)
  return matches && user.mark !== "gone" ? user : `${key} must name an existing user`
}

const matchTypesOf = (program: TogetherProgram, ids: unknown): ReadonlyArray<string> | string => {
  if (ids === undefined) return program.matchTypeIds
  if (!Array.isArray(ids) || !ids.every(Predicate.isString)) return "matchTypeIds must be an array of strings"
  return ids.every((id) => program.matchTypeIds.includes(id)) ? ids : "matchTypeIds must be match types of the program"
}

const rolesOf = (roles: unknown): Registration["roles"] | string => {
  if (!Predicate.isObject(roles)) return "roles is required and must be a map of role to true or false"
  const entries = Object.entries(roles).filter((entry): entry is [string, boolean] => Predicate.isBoolean(entry[1]))
  if (entries.length !== Object.keys(roles).length) return "every role must be true or false"
  return entries.some(([, held]) => held) ? Object.fromEntries(entries) : "at least one role must be true"
}
