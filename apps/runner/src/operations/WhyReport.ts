/**
 * Why somebody is, or is not, at Together as HR says: the first thing that stops them, and where a value comes from.
 *
 * Employees that the Directory API made and that have no employee number are stopped, too: nothing can be sent without
 * a key.
 */
import type { Employee } from "@rollcall/core/contract/Employees"
import { Employees } from "@rollcall/core/contract/Employees"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { employeeStream, isUuid, organizationUuid } from "@rollcall/core/domain/Employee"
import { rejectionReasons } from "@rollcall/core/domain/SourceEvent"
import { Explanation, codeOf, explanationCodes } from "@rollcall/core/sync/Explanation"
import type { Blocked } from "@rollcall/core/sync/Plan"
import type { Rejections } from "@rollcall/core/sync/Reduce"
import { valueOrigin } from "@rollcall/core/sync/ValueOrigin"
import { Effect, Schema } from "effect"

import type { Organization } from "../ConfigurationFile.ts"
import { InputInvalid } from "../Failure.ts"
import { explanationWords, noKeyWords, remedyOf } from "./ExplanationWords.ts"
import { gateWords } from "./GateWords.ts"
import { type PlanStanding, explainPerson } from "./PersonExplanation.ts"
import { ValueReport, fieldNamed, valueReport } from "./ValueReport.ts"

const Rejection = Schema.Struct({
  source: Schema.String,
  locator: Schema.String.annotate({ description: "File and line, or page.", examples: ["hr.csv:12"] }),
  reason: Schema.Literals(rejectionReasons),
  field: Schema.optionalKey(Schema.String),
  message: Schema.String,
  position: Schema.Int.annotate({ description: "The event in the log." }),
  recordedAt: Schema.String.annotate({ description: "ISO 8601 in UTC." })
}).annotate({ identifier: "Rejection" })

export const Reason = Schema.Struct({
  employeeId: Schema.NullOr(Schema.String).annotate({ description: "HR's key; null: none." }),
  directoryId: Schema.optionalKey(
    Schema.String.annotate({ description: "The Directory's id, where the person has no key." })
  ),
  code: Schema.Literals(explanationCodes).annotate({
    description: "A closed list; docs/explain.md says what each means."
  }),
  why: Schema.String.annotate({ description: "In words." }),
  remedy: Schema.String.annotate({ description: "What to do next." }),
  reason: Schema.optionalKey(Explanation),
  rejections: Schema.optionalKey(
    Schema.Array(Rejection).annotate({ description: "What of a source's last word was refused." })
  ),
  value: Schema.optionalKey(ValueReport)
}).annotate({
  identifier: "Reason",
  description: "`reason` and `rejections` are told of one person who was asked for, `value` where a field was."
})

export type Reason = typeof Reason.Type

export const WhyReport = Schema.Struct({ reasons: Schema.Array(Reason) }).annotate({ identifier: "Reasons" })

export type WhyReport = typeof WhyReport.Type

/** By HR's key or by the Directory's id. `plan` is made where something of theirs is to be sent. */
export const whyOne = Effect.fnUntraced(function* <R>(
  organization: Organization,
  asked: string,
  field: string | undefined,
  plan: Effect.Effect<PlanStanding, StoreError, R>
) {
  const named = field === undefined ? undefined : yield* fieldNamed(field)
  const log = yield* EventLog
  const { id, policy } = organization
  const key = yield* keyOf(organization, asked)
  if (typeof key !== "string") return key
  const stream = employeeStream(id, key)
  const events = yield* log.stream(id, stream)
  if (events.length === 0) return yield* unheardOf(asked)
  const { considered, explained, moment, person } = yield* explainPerson(organization, events, plan)
  const { erased } = person
  const since = erased === undefined ? "" : ` (${erased.recordedAt.slice(0, 19)} by ${erased.by})`
  const reason: Reason = {
    employeeId: key,
    code: explained.code,
    why: explanationWords(explained, considered, person.rejections) + since,
    remedy: remedyOf(explained.code),
    reason: explained,
    rejections: rejectionsOf(person.rejections),
    ...(named === undefined ? {} : { value: valueReport(valueOrigin(events, named, policy, moment)) })
  }
  return reason
})

const rejectionsOf = (rejections: Rejections): NonNullable<Reason["rejections"]> =>
  Object.entries(rejections).flatMap(([source, all]) =>
    all.map(({ run: _run, ...rejection }) => ({ source, ...rejection }))
  )

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
  return profile.employeeNumber ?? withoutKeyReason(asked)
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

export const reasonOf = ({ employeeId, gate }: Blocked): Reason => {
  const code = codeOf(gate)
  return { employeeId: employeeId ?? null, code, why: gateWords(gate), remedy: remedyOf(code) }
}

/** Those who cannot be sent for want of a key. */
export const keyless = Effect.fnUntraced(function* (id: Organization["id"]) {
  return (yield* withoutKey(id)).map((employee) => withoutKeyReason(employee.id))
})

const withoutKeyReason = (directoryId: string): Reason => ({
  employeeId: null,
  directoryId,
  code: "no-key",
  why: noKeyWords,
  remedy: remedyOf("no-key")
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
