/**
 * Why somebody is, or is not, at Together as HR says: the first thing that stops them.
 *
 * Employees that the Directory API made and that have no employee number are stopped, too: nothing can be sent without
 * a key.
 */
import type { Employee } from "@rollcall/core/contract/Employees"
import { Employees } from "@rollcall/core/contract/Employees"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { employeeStream, isUuid, organizationUuid } from "@rollcall/core/domain/Employee"
import { consider } from "@rollcall/core/sync/Consider"
import { momentIn } from "@rollcall/core/sync/Moment"
import type { Blocked } from "@rollcall/core/sync/Plan"
import { reduce } from "@rollcall/core/sync/Reduce"
import { Effect, Schema } from "effect"

import type { Organization } from "../ConfigurationFile.ts"
import { InputInvalid } from "../Failure.ts"
import { gateWords, nextWords } from "./GateWords.ts"

export const Reason = Schema.Struct({
  employeeId: Schema.NullOr(Schema.String).annotate({ description: "HR's key; null: none." }),
  directoryId: Schema.optionalKey(
    Schema.String.annotate({ description: "The Directory's id, where the person has no key." })
  ),
  why: Schema.String
}).annotate({ identifier: "Reason" })

export type Reason = typeof Reason.Type

export const WhyReport = Schema.Struct({ reasons: Schema.Array(Reason) }).annotate({ identifier: "Reasons" })

export type WhyReport = typeof WhyReport.Type

const noKey =
  "lacks a key: no employee number was given (PATCH /employee/{id}/profile), and nothing is sent without one"

/** By HR's key or by the Directory's id. */
export const whyOne = Effect.fnUntraced(function* (organization: Organization, asked: string) {
  const log = yield* EventLog
  const { id, policy } = organization
  const key = yield* keyOf(organization, asked)
  if (typeof key !== "string") return key
  const stream = employeeStream(id, key)
  const person = reduce(stream, yield* log.stream(id, stream))
  if (person.version === 0) return yield* unheardOf(asked)
  const considered = consider(person, policy, yield* momentIn(policy.timezone))
  const why = considered._tag === "Blocked" ? gateWords(considered.gate) : nextWords(considered)
  const reason: Reason = { employeeId: key, why }
  return reason
})

/** HR's key, given as such or by the Directory's id; or the reason itself, where there is none. */
const keyOf = Effect.fnUntraced(function* (
  { id }: Organization,
  asked: string
): Effect.fn.Return<string | Reason, InputInvalid | StoreError, EventLog | Employees> {
  const log = yield* EventLog
  const known = (yield* log.stream(id, employeeStream(id, asked))).length > 0
  if (known || !isUuid(asked)) return asked
  const employees = yield* Employees
  const profile = yield* employees
    .profile(organizationUuid(id), asked)
    .pipe(Effect.catchTag("DirectoryRefused", () => unheardOf(asked)))
  const none: Reason = { employeeId: null, directoryId: asked, why: noKey }
  return profile.employeeNumber ?? none
})

const unheardOf = (asked: string) =>
  Effect.fail(
    new InputInvalid({
      place: `employee ${asked}`,
      problem: "Neither the log nor the Directory has ever heard of this person.",
      remedy: "Compare the key with HR's, character by character (leading zeros count).",
      because: "unknown"
    })
  )

export const reasonOf = ({ employeeId, gate }: Blocked): Reason => ({
  employeeId: employeeId ?? null,
  why: gateWords(gate)
})

/** Those who cannot be sent for want of a key. */
export const keyless = Effect.fnUntraced(function* (id: Organization["id"]) {
  const employees = yield* withoutKey(id)
  return employees.map((employee): Reason => ({ employeeId: null, directoryId: employee.id, why: noKey }))
})

const withoutKey = Effect.fnUntraced(function* (id: Organization["id"]) {
  const employees = yield* Employees
  const all: Array<Employee> = []
  for (let after: string | null = null; ;) {
    const { items, next }: { readonly items: ReadonlyArray<Employee>; readonly next: string | null } =
      yield* employees.withoutKey(organizationUuid(id), { limit: 1000, after })
    all.push(...items)
    if (next === null) return all
    after = next
  }
})
