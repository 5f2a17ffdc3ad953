/**
 * What Together might do with an array of users. The documents allow an array and say nothing about a mixed one, so each
 * plausible behaviour is a mode, and a client has to be right under all of them.
 * Called by TogetherRoutes. Members are processed in order, so a manager earlier in the array counts as existing for the
 * reports after him. It never does I/O and never changes the users it was given.
 */
import { Predicate } from "effect"

import { upsert } from "./TogetherUsers.ts"
import type { TogetherUsers, UpsertOutcome, UserRules } from "./TogetherUsers.ts"

/**
 * - `refuse-whole`: one bad member and nothing is applied; the status of the first bad member and a bare reason.
 * - `apply-until-bad`: members before the first bad one stay applied; its status and which member it was.
 * - `skip-bad`: bad members are left out in silence, 200.
 * - `no-arrays`: 400 to any array.
 * - `per-member`: 200 and one entry `{ employeeId, status, error? }` for each member.
 */
export type ArrayMode = (typeof arrayModes)[number]

export const arrayModes = ["refuse-whole", "apply-until-bad", "skip-bad", "no-arrays", "per-member"] as const

/** The answer to an array and the users after it. */
export interface ArrayOutcome {
  readonly users: TogetherUsers
  readonly status: number
  readonly body: unknown
  readonly duplicates: number
}

interface Walk {
  readonly users: TogetherUsers
  readonly outcomes: ReadonlyArray<UpsertOutcome>
}

/** Posts the members in order, under one of the modes. */
export const upsertArray = (
  users: TogetherUsers,
  members: ReadonlyArray<unknown>,
  mode: ArrayMode,
  rules: UserRules
): ArrayOutcome => {
  if (mode === "no-arrays")
    return untouched(users, 400, { error: "the body must be one user, arrays are not accepted" })
  if (members.length === 0) return untouched(users, 400, { error: "the array holds no user" })
  const walk = walkMembers(users, members, rules, mode === "refuse-whole" || mode === "apply-until-bad")
  const duplicates = walk.outcomes.filter((outcome) => outcome._tag === "Applied" && outcome.duplicate).length
  const applied = { users: walk.users, duplicates }
  if (mode === "per-member") return { ...applied, status: 200, body: walk.outcomes.map(entryOf(members)) }
  const bad = walk.outcomes.findIndex((outcome) => outcome._tag === "Refused")
  const refusal = walk.outcomes[bad]
  if (refusal === undefined || refusal._tag !== "Refused") {
    return { ...applied, ...summaryOf(walk.outcomes) }
  }
  if (mode === "skip-bad") return { ...applied, status: 200, body: { received: members.length } }
  if (mode === "refuse-whole") return untouched(users, refusal.status, { error: refusal.reason })
  return {
    ...applied,
    status: refusal.status,
    body: { error: refusal.reason, field: refusal.field, member: { index: bad, employeeId: keyOf(members[bad]) } }
  }
}

const walkMembers = (
  users: TogetherUsers,
  members: ReadonlyArray<unknown>,
  rules: UserRules,
  stopAtBad: boolean
): Walk => {
  const outcomes: Array<UpsertOutcome> = []
  let current = users
  for (const member of members) {
    const outcome = upsert(current, member, rules)
    outcomes.push(outcome)
    if (outcome._tag === "Applied") current = outcome.users
    else if (stopAtBad) break
  }
  return { users: current, outcomes }
}

/** For an all-good array: 201 when anybody was created, else 200 when anything changed, else 204. */
const summaryOf = (outcomes: ReadonlyArray<UpsertOutcome>) => {
  const statuses = outcomes.map((outcome) => outcome.status)
  const status = statuses.includes(201) ? 201 : statuses.includes(200) ? 200 : 204
  return { status, body: status === 204 ? undefined : { received: outcomes.length } }
}

const entryOf = (members: ReadonlyArray<unknown>) => (outcome: UpsertOutcome, index: number) => ({
  employeeId: keyOf(members[index]),
  status: outcome.status,
  ...(outcome._tag === "Refused" ? { error: outcome.reason } : {})
})

const keyOf = (member: unknown) => (Predicate.isObject(member) ? (member["employeeId"] ?? null) : null)

const untouched = (users: TogetherUsers, status: number, body: unknown): ArrayOutcome => ({
  users,
  status,
  body,
  duplicates: 0
})
