/**
 * One person: every value with its origin, what happened, what happens next.
 */
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { employeeStream } from "@rollcall/core/domain/Employee"
import { fieldNames } from "@rollcall/core/domain/Field"
import { type DesiredEmployee, desired } from "@rollcall/core/sync/Desired"
import { explanationCodes } from "@rollcall/core/sync/Explanation"
import { type Placement, placements } from "@rollcall/core/sync/Programs"
import { provenance } from "@rollcall/core/sync/Provenance"
import type { Person } from "@rollcall/core/sync/Reduce"
import { Effect, Schema } from "effect"

import type { Organization } from "../ConfigurationFile.ts"
import { InputInvalid } from "../Failure.ts"
import { explanationWords, remedyOf } from "./ExplanationWords.ts"
import { nextWords } from "./GateWords.ts"
import { type PersonExplanation, type PlanStanding, explainPerson } from "./PersonExplanation.ts"
import { Happening, happening } from "./TimelineReport.ts"
import { ShownValue, shown } from "./ValueReport.ts"

const position = (description: string) => Schema.Int.annotate({ description })

const KnownField = Schema.Struct({
  field: Schema.Literals(fieldNames),
  value: ShownValue,
  position: position("The event that it is from."),
  source: Schema.String,
  together: Schema.NullOr(position("The event that it came to Together with.")),
  drift: Schema.Boolean.annotate({ description: "Together's list showed another value." })
}).annotate({ identifier: "KnownField" })

const Erased = Schema.Struct({
  at: Schema.String,
  by: Schema.String
}).annotate({ identifier: "Erased", description: "Nothing is known of them any more." })

export const EmployeeReport = Schema.Struct({
  employeeId: Schema.String,
  erased: Schema.optionalKey(Erased),
  presence: Schema.String,
  next: Schema.String.annotate({ description: "What happens next, or what stops it." }),
  code: Schema.Literals(explanationCodes).annotate({ description: "The same, of the closed list of `why`." }),
  remedy: Schema.String.annotate({ description: "What to do." }),
  missing: Schema.Boolean.annotate({ description: "Together's list did not show this person." }),
  fields: Schema.Array(KnownField),
  programs: Schema.Array(Schema.Struct({ programId: Schema.String, standing: Schema.String })),
  timeline: Schema.Array(Happening).annotate({ description: "Oldest first." })
}).annotate({ identifier: "EmployeeReport" })

export type EmployeeReport = typeof EmployeeReport.Type

/** `plan` is made where something of theirs is to be sent. */
export const employeeReport = Effect.fn("EmployeeReport.of")(function* <R>(
  organization: Organization,
  employeeId: string,
  plan: Effect.Effect<PlanStanding, StoreError, R>
) {
  const { id, policy } = organization
  const log = yield* EventLog
  const stream = employeeStream(id, employeeId)
  const events = yield* log.stream(id, stream)
  if (events.length === 0) return yield* unheardOf(employeeId)
  const explanation = yield* explainPerson(organization, events, plan)
  const { explained, moment, person } = explanation
  const wanted = desired(person, policy, moment)
  const report: EmployeeReport = {
    employeeId,
    ...(person.erased === undefined ? {} : { erased: { at: person.erased.recordedAt, by: person.erased.by } }),
    presence: wanted.presence,
    next: nextOf(explanation),
    code: explained.code,
    remedy: remedyOf(explained.code),
    missing: person.sink.missing,
    fields: knownFields(person, wanted),
    programs: placements(person, policy, moment).map(programEntry),
    timeline: events.map(happening(provenance(events, policy, moment)))
  }
  return report
})

/** What only the plan or the service holds back is not in the person's own history. */
const nextOf = ({ considered, explained, person }: PersonExplanation): string =>
  considered._tag === "Blocked" || explained.code === "queued" || explained.code === "up-to-date"
    ? nextWords(considered)
    : explanationWords(explained, considered, person.rejections)

export const unheardOf = (employeeId: string) =>
  new InputInvalid({
    place: `employee ${employeeId}`,
    problem: "The log has never heard of this person.",
    remedy:
      "Compare the key with HR's, character by character (leading zeros count); `rollcall plan` lists those that wait.",
    because: "unknown"
  })

const knownFields = ({ sink: { applied, drift } }: Person, wanted: DesiredEmployee): EmployeeReport["fields"] =>
  fieldNames.flatMap((name) => {
    const field = wanted.fields[name]
    if (field === undefined) return []
    const { position, source } = field
    const together = applied[name]?.position ?? null
    return [
      { field: name, value: shown(name, field.value), source, position, together, drift: drift[name] !== undefined }
    ]
  })

const programEntry = (placement: Placement) => {
  if (placement._tag === "left") {
    return { programId: placement.programId, standing: "registered, and no longer named by a rule" }
  }
  const { programId, roles } = placement.place
  const held = Object.keys(roles).filter((role) => roles[role])
  const words = { due: "to be registered", registered: "registered", refused: "refused" }[placement._tag]
  const answer = placement._tag === "refused" && placement.answer !== undefined ? ` - ${placement.answer}` : ""
  return { programId, standing: `${words} as ${held.join(", ")}${answer}` }
}
