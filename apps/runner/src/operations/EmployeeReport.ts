/**
 * One person: every value with its origin, what happened, what happens next.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { employeeStream } from "@rollcall/core/domain/Employee"
import type { RecordedEvent } from "@rollcall/core/domain/Event"
import { fieldNames, fieldSpecs } from "@rollcall/core/domain/Field"
import { consider } from "@rollcall/core/sync/Consider"
import { type DesiredEmployee, desired } from "@rollcall/core/sync/Desired"
import { momentIn } from "@rollcall/core/sync/Moment"
import { type Placement, placements } from "@rollcall/core/sync/Programs"
import { type Person, reduce } from "@rollcall/core/sync/Reduce"
import { Effect, Schema } from "effect"

import type { Organization } from "../ConfigurationFile.ts"
import { InputInvalid } from "../Failure.ts"
import { nextWords } from "./GateWords.ts"

const position = (description: string) => Schema.Int.annotate({ description })

const KnownField = Schema.Struct({
  field: Schema.Literals(fieldNames),
  value: Schema.Union([Schema.String, Schema.Boolean, Schema.Array(Schema.String), Schema.Null]).annotate({
    description: "Sensitive ones are not shown."
  }),
  position: position("The event that it is from."),
  source: Schema.String,
  together: Schema.NullOr(position("The event that it came to Together with.")),
  drift: Schema.Boolean.annotate({ description: "Together's list showed another value." })
}).annotate({ identifier: "KnownField" })

const Happening = Schema.Struct({
  position: Schema.Int,
  recordedAt: Schema.String,
  type: Schema.String,
  details: Schema.String
}).annotate({ identifier: "Happening" })

export const EmployeeReport = Schema.Struct({
  employeeId: Schema.String,
  presence: Schema.String,
  next: Schema.String.annotate({ description: "What happens next, or what stops it." }),
  missing: Schema.Boolean.annotate({ description: "Together's list did not show this person." }),
  fields: Schema.Array(KnownField),
  programs: Schema.Array(Schema.Struct({ programId: Schema.String, standing: Schema.String })),
  timeline: Schema.Array(Happening).annotate({ description: "Oldest first." })
}).annotate({ identifier: "EmployeeReport" })

export type EmployeeReport = typeof EmployeeReport.Type

export const employeeReport = Effect.fn("EmployeeReport.of")(function* (
  { id: organization, policy }: Organization,
  employeeId: string
) {
  const log = yield* EventLog
  const stream = employeeStream(organization, employeeId)
  const events = yield* log.stream(organization, stream)
  if (events.length === 0) return yield* unheardOf(employeeId)
  const moment = yield* momentIn(policy.timezone)
  const person = reduce(stream, events)
  const wanted = desired(person, policy, moment)
  const report: EmployeeReport = {
    employeeId,
    presence: wanted.presence,
    next: nextWords(consider(person, policy, moment)),
    missing: person.sink.missing,
    fields: knownFields(person, wanted),
    programs: placements(person, policy, moment).map(programEntry),
    timeline: events.map(timelineEntry)
  }
  return report
})

const unheardOf = (employeeId: string) =>
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
    const shown = fieldSpecs[name].class === "sensitive" && field.value !== null ? "(not shown)" : field.value
    const { position, source } = field
    const together = applied[name]?.position ?? null
    return [{ field: name, value: shown, source, position, together, drift: drift[name] !== undefined }]
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

const timelineEntry = ({ effectiveOn, event, position, recordedAt }: RecordedEvent) => {
  const parts: Array<string> = []
  if ("fields" in event) parts.push(Object.keys(event.fields).join(", "))
  if ("locator" in event) parts.push(`from ${event.locator}`)
  if (effectiveOn !== null) parts.push(`effective ${effectiveOn}`)
  if ("message" in event) parts.push(event.message)
  if ("programId" in event) parts.push(event.programId)
  if ("missing" in event) parts.push("not in Together's list")
  if ("by" in event) parts.push(`by ${event.by}: ${event.reason}`)
  if ("status" in event) parts.push(`answer ${event.status}`)
  if ("answer" in event && event.answer !== undefined) parts.push(event.answer)
  return { position, recordedAt, type: event.type, details: parts.filter((part) => part !== "").join("; ") }
}
