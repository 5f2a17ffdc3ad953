import { isDeepStrictEqual } from "node:util"

/**
 * Together's users as one immutable value, and the vendor's rules for writing them: the keyed upsert, the update by userId,
 * the tombstones (410) and the users that were modified permanently on Together's side (409).
 * Called by TogetherArrays, TogetherRoutes and TogetherControl. Every function takes a value and returns a value, so a
 * refused array is undone by forgetting it. It never does I/O and never reads a clock.
 */
import { HashMap, Option, Predicate } from "effect"

import { isEmptyValue, problemOfNew, problemOfPatch } from "./TogetherFields.ts"
import type { FieldProblem, Fields } from "./TogetherFields.ts"

/** "conflicted" answers 409 to every update, "gone" answers 410. */
export type Mark = "conflicted" | "gone"

/** One person's entry at Together; `userId` is Together's own and is never taken from a payload. */
export interface TogetherUser {
  readonly userId: string
  readonly fields: Fields
  readonly mark: Mark | null
}

/** All users with the indexes the rules need. Users that are gone stay inside as tombstones. */
export interface TogetherUsers {
  readonly nextUser: number
  readonly byUserId: HashMap.HashMap<string, TogetherUser>
  readonly byEmployeeId: HashMap.HashMap<string, string>
  readonly byEmployeeNumber: HashMap.HashMap<string, string>
  readonly byEmail: HashMap.HashMap<string, ReadonlyArray<string>>
}

/** What the vendor may be asked to be strict about. */
export interface UserRules {
  /** When true a supervisorId must name a user that exists already. */
  readonly strictSupervisor: boolean
}

/** What became of one written user. `duplicate`: a keyless post created a second user with a known e-mail address. */
export type UpsertOutcome =
  | {
      readonly _tag: "Applied"
      readonly status: 200 | 201 | 204
      readonly users: TogetherUsers
      readonly user: TogetherUser
      readonly duplicate: boolean
    }
  | Refused

/** A refused write; nothing was stored. */
export interface Refused {
  readonly _tag: "Refused"
  readonly status: 400 | 404 | 409 | 410
  readonly reason: string
  readonly field?: string
}

export const noUsers: TogetherUsers = {
  nextUser: 1,
  byUserId: HashMap.empty(),
  byEmployeeId: HashMap.empty(),
  byEmployeeNumber: HashMap.empty(),
  byEmail: HashMap.empty()
}

/** The post of one user: a patch where employeeId or employeeNumber is known, otherwise a new user. */
export const upsert = (users: TogetherUsers, payload: unknown, rules: UserRules): UpsertOutcome => {
  if (!Predicate.isObject(payload)) return refused(400, "a user must be a JSON object")
  const keyProblem = problemOfPatch(keysOf(payload))
  if (keyProblem !== undefined) return refusedBy(keyProblem)
  const current = findByKeys(users, payload)
  return current === undefined ? create(users, payload, rules) : patch(users, current, payload, rules)
}

/** The post to /public/user/:userId: never creates. */
export const updateById = (users: TogetherUsers, userId: string, payload: unknown, rules: UserRules): UpsertOutcome => {
  if (!Predicate.isObject(payload)) return refused(400, "the body must be one JSON object")
  const current = byUserId(users, userId)
  return current === undefined
    ? refused(404, "there is no user with this userId")
    : patch(users, current, payload, rules)
}

/** The user with this employeeId, or else with this userId; tombstones included. */
export const find = (users: TogetherUsers, key: string): TogetherUser | undefined =>
  byUserId(users, lookUp(users.byEmployeeId, key) ?? key)

/** The user with Together's own id; tombstones included. */
export const byUserId = (users: TogetherUsers, userId: string): TogetherUser | undefined =>
  Option.getOrUndefined(HashMap.get(users.byUserId, userId))

/** Users with this e-mail address that are not gone, upper and lower case being the same. */
export const withEmail = (users: TogetherUsers, email: string): ReadonlyArray<TogetherUser> =>
  Option.getOrElse(HashMap.get(users.byEmail, email.toLowerCase()), (): ReadonlyArray<string> => [])
    .map((userId) => byUserId(users, userId))
    .filter((user): user is TogetherUser => user !== undefined && user.mark !== "gone")

/** Everybody, tombstones included, in the order of creation. */
export const everyone = (users: TogetherUsers): ReadonlyArray<TogetherUser> =>
  Array.from(HashMap.values(users.byUserId)).sort((a, b) => (a.userId < b.userId ? -1 : 1))

/** Puts somebody in without asking the rules, as a person at Together could. */
export const plant = (users: TogetherUsers, fields: Fields): TogetherUsers =>
  put({ ...users, nextUser: users.nextUser + 1 }, { userId: userIdOf(users.nextUser), fields, mark: null })

/** Replaces the stored form of a user, indexes included. */
export const put = (users: TogetherUsers, user: TogetherUser): TogetherUsers => {
  const before = byUserId(users, user.userId)
  const base = before === undefined ? users : unindexed(users, before)
  return indexed({ ...base, byUserId: HashMap.set(base.byUserId, user.userId, user) }, user)
}

/** A user as the API shows it. */
export const shown = (user: TogetherUser): Fields => ({ userId: user.userId, ...user.fields })

/** The refusal that a mark causes, whatever the payload says. */
export const refusedByMark = (user: TogetherUser): Refused | undefined => {
  if (user.mark === "gone") return refused(410, "this user account has been deleted and cannot be re-added")
  if (user.mark === "conflicted") return refused(409, "this user has been modified permanently on Together's side")
  return undefined
}

const create = (users: TogetherUsers, payload: Fields, rules: UserRules): UpsertOutcome => {
  const keyed = !isEmptyValue(payload["employeeId"]) || !isEmptyValue(payload["employeeNumber"])
  const problem = problemOfNew(payload) ?? problemWithOthers(users, payload, undefined, rules, keyed)
  if (problem !== undefined) return refusedBy(problem)
  const user: TogetherUser = { userId: userIdOf(users.nextUser), fields: withoutUserId(payload), mark: null }
  const duplicate = !keyed && withEmail(users, String(payload["email"])).length > 0
  return {
    _tag: "Applied",
    status: 201,
    users: put({ ...users, nextUser: users.nextUser + 1 }, user),
    user,
    duplicate
  }
}

const patch = (users: TogetherUsers, current: TogetherUser, payload: Fields, rules: UserRules): UpsertOutcome => {
  const marked = refusedByMark(current)
  if (marked !== undefined) return marked
  const problem = problemOfPatch(payload) ?? problemWithOthers(users, payload, current, rules, true)
  if (problem !== undefined) return refusedBy(problem)
  const changes = Object.entries(withoutUserId(payload)).filter(
    ([field, value]) => !sameValue(current.fields[field], value)
  )
  if (changes.length === 0) return { _tag: "Applied", status: 204, users, user: current, duplicate: false }
  const user = { ...current, fields: { ...current.fields, ...Object.fromEntries(changes) } }
  return { _tag: "Applied", status: 200, users: put(users, user), user, duplicate: false }
}

/** The rules that need the other users: unique keys, unique e-mail address, an existing supervisor. */
const problemWithOthers = (
  users: TogetherUsers,
  payload: Fields,
  current: TogetherUser | undefined,
  rules: UserRules,
  uniqueEmail: boolean
): FieldProblem | undefined => {
  const taken = (field: string, owner: string | undefined) =>
    owner === undefined || owner === current?.userId ? undefined : { field, reason: `${field} belongs to another user` }
  const email = payload["email"]
  const others = uniqueEmail && Predicate.isString(email) ? withEmail(users, email) : []
  return (
    taken("employeeId", lookUp(users.byEmployeeId, payload["employeeId"])) ??
    taken("employeeNumber", lookUp(users.byEmployeeNumber, payload["employeeNumber"])) ??
    taken("email", others.find((user) => user.userId !== current?.userId)?.userId) ??
    supervisorProblem(users, payload, current, rules)
  )
}

const supervisorProblem = (
  users: TogetherUsers,
  payload: Fields,
  current: TogetherUser | undefined,
  rules: UserRules
): FieldProblem | undefined => {
  const supervisorId = payload["supervisorId"]
  if (!Predicate.isString(supervisorId) || supervisorId === "") return undefined
  const own = payload["employeeId"] ?? current?.fields["employeeId"]
  if (supervisorId === own) return { field: "supervisorId", reason: "supervisorId cannot name the user itself" }
  if (!rules.strictSupervisor) return undefined
  const supervisor = lookUp(users.byEmployeeId, supervisorId)
  const exists = supervisor !== undefined && byUserId(users, supervisor)?.mark !== "gone"
  return exists
    ? undefined
    : { field: "supervisorId", reason: "supervisorId must be the employeeId of an existing user" }
}

const findByKeys = (users: TogetherUsers, payload: Fields): TogetherUser | undefined => {
  const userId =
    lookUp(users.byEmployeeId, payload["employeeId"]) ?? lookUp(users.byEmployeeNumber, payload["employeeNumber"])
  return userId === undefined ? undefined : byUserId(users, userId)
}

const keysOf = (payload: Fields): Fields =>
  Object.fromEntries(
    ["employeeId", "employeeNumber"].filter((key) => payload[key] !== undefined).map((key) => [key, payload[key]])
  )

const lookUp = (index: HashMap.HashMap<string, string>, key: unknown): string | undefined =>
  Predicate.isString(key) && key !== "" ? Option.getOrUndefined(HashMap.get(index, key)) : undefined

const indexed = (users: TogetherUsers, { fields, userId }: TogetherUser): TogetherUsers => ({
  ...users,
  byEmployeeId: addKey(users.byEmployeeId, fields["employeeId"], userId),
  byEmployeeNumber: addKey(users.byEmployeeNumber, fields["employeeNumber"], userId),
  byEmail: changeEmail(users.byEmail, fields["email"], (owners) => [...owners, userId])
})

const unindexed = (users: TogetherUsers, { fields, userId }: TogetherUser): TogetherUsers => ({
  ...users,
  byEmployeeId: removeKey(users.byEmployeeId, fields["employeeId"]),
  byEmployeeNumber: removeKey(users.byEmployeeNumber, fields["employeeNumber"]),
  byEmail: changeEmail(users.byEmail, fields["email"], (owners) => owners.filter((owner) => owner !== userId))
})

const addKey = (index: HashMap.HashMap<string, string>, key: unknown, userId: string) =>
  Predicate.isString(key) && key !== "" ? HashMap.set(index, key, userId) : index

const removeKey = (index: HashMap.HashMap<string, string>, key: unknown) =>
  Predicate.isString(key) ? HashMap.remove(index, key) : index

const changeEmail = (
  index: TogetherUsers["byEmail"],
  email: unknown,
  change: (owners: ReadonlyArray<string>) => ReadonlyArray<string>
) => {
  if (!Predicate.isString(email) || email === "") return index
  const key = email.toLowerCase()
  return HashMap.set(index, key, change(Option.getOrElse(HashMap.get(index, key), () => [])))
}

const sameValue = (stored: unknown, supplied: unknown) =>
  (isEmptyValue(stored) && isEmptyValue(supplied)) || isDeepStrictEqual(stored, supplied)

const withoutUserId = (payload: Fields): Fields =>
  Object.fromEntries(Object.entries(payload).filter(([field]) => field !== "userId"))

const userIdOf = (number: number) => `usr_${String(number).padStart(8, "0")}`

const refused = (status: Refused["status"], reason: string): Refused => ({ _tag: "Refused", status, reason })

const refusedBy = ({ field, reason }: FieldProblem): Refused => ({ _tag: "Refused", status: 400, reason, field })
