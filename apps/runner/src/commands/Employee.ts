/**
 * `rollcall employee ID`: what is known of one person, where each value came from, what happened, what happens next.
 */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"

import { commonFlags, framed, serverFlags } from "./Frame.ts"
import { operated } from "./Operated.ts"

const key = Argument.String("id").pipe(Argument.withDescription("HR's key of the person (employeeId)"))

export const employee = Command.make("employee", { ...commonFlags, ...serverFlags, id: key }, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const report = yield* operated(input, "any", (operator) => operator.employee(input.id))
      const { employeeId, fields, missing, next, presence, programs, timeline } = report
      yield* output.line(`${employeeId}: ${presence}. Next: ${next}`)
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
      if (missing) yield* output.line("Together's list did not show this person.")
      for (const { programId, standing } of programs) yield* output.line(`program ${programId}: ${standing}`)
      yield* output.table(
        ["event", "recorded", "what", "details"],
        timeline.map(({ details, position, recordedAt, type }) => [position, recordedAt.slice(0, 19), type, details])
      )
      yield* output.result(report)
    })
  )
).pipe(Command.withDescription("Show one person: values and their origin, history, next step"))
