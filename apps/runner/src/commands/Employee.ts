/**
 * `rollcall employee ID`: what is known of one person, where each value came from, what happened, what happens next.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { employeeStream } from "@rollcall/core/domain/Employee"
import type { RecordedEvent } from "@rollcall/core/domain/Event"
import { fieldNames, fieldSpecs } from "@rollcall/core/domain/Field"
import { type Consideration, consider } from "@rollcall/core/sync/Consider"
import { desired } from "@rollcall/core/sync/Desired"
import { momentIn } from "@rollcall/core/sync/Moment"
import { type Placement, placements } from "@rollcall/core/sync/Programs"
import { reduce } from "@rollcall/core/sync/Reduce"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"

import { InputInvalid } from "../Failure.ts"
import { storesIfAny } from "../Stores.ts"
import { commonFlags, framed, load, pick } from "./Frame.ts"
import { gateWords } from "./PlanTable.ts"

const key = Argument.String("id").pipe(Argument.withDescription("HR's key of the person (employeeId)"))

export const employee = Command.make("employee", { ...commonFlags, id: key }, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const { id: organization, policy } = yield* pick(configuration, input)
      const stream = employeeStream(organization, input.id)
      const events = yield* Effect.flatMap(EventLog, (log) => log.stream(organization, stream)).pipe(
        Effect.provide(storesIfAny(configuration, process.env))
      )
      if (events.length === 0) {
        return yield* new InputInvalid({
          place: `employee ${input.id}`,
          problem: "The log has never heard of this person.",
          remedy:
            "Compare the key with HR's, character by character (leading zeros count); `rollcall plan` lists those that wait."
        })
      }
      const moment = yield* momentIn(policy.timezone)
      const person = reduce(stream, events)
      const wanted = desired(person, policy, moment)
      const next = nextWords(consider(person, policy, moment))
      const fields = fieldNames.flatMap((name) => {
        const field = wanted.fields[name]
        if (field === undefined) return []
        const shown = fieldSpecs[name].class === "sensitive" && field.value !== null ? "(not shown)" : field.value
        const { position, source } = field
        const { applied, drift } = person.sink
        const together = applied[name]?.position ?? null
        return [{ field: name, value: shown, source, position, together, drift: drift[name] !== undefined }]
      })
      yield* output.line(`${input.id}: ${wanted.presence}. Next: ${next}`)
      yield* output.table(
        ["field", "value", "from", "event", "at Together since"],
        fields.map(({ drift, field, position, source, together, value }) => [
          field,
          String(value ?? ""),
          source,
          position,
          drift ? "(Together shows another value)" : (together ?? "")
        ])
      )
      if (person.sink.missing) yield* output.line("Together's list did not show this person.")
      const programs = placements(person, policy, moment).map(programEntry)
      for (const { programId, standing } of programs) yield* output.line(`program ${programId}: ${standing}`)
      const timeline = events.map(timelineEntry)
      yield* output.table(
        ["event", "recorded", "what", "details"],
        timeline.map(({ details, position, recordedAt, type }) => [position, recordedAt.slice(0, 19), type, details])
      )
      yield* output.result({ employeeId: input.id, presence: wanted.presence, next, fields, programs, timeline })
    })
  )
).pipe(Command.withDescription("Show one person: values and their origin, history, next step"))

export const nextWords = (considered: Consideration): string => {
  if (considered._tag === "UpToDate") return "nothing, Together is up to date"
  if (considered._tag === "Blocked") return `held back, ${gateWords(considered.gate)}`
  if (considered._tag === "Refresh") return "the day's call: everything is sent again"
  const fields = Object.keys(considered.changes).join(", ")
  if (considered.userId !== undefined) return `tie the entry that is there by e-mail to the key, with ${fields}`
  return `${considered.known ? "send" : "create with"} ${fields}`
}

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
