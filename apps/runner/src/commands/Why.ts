/**
 * `rollcall why [ID]`: why somebody is, or is not, at Together as HR says: the first thing that stops them. Reads only.
 *
 * Without an ID it lists everybody who is stopped.
 */
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"

import type { Reason } from "../operations/WhyReport.ts"
import { commonFlags, framed, serverFlags } from "./Frame.ts"
import { operated } from "./Operated.ts"

const id = Argument.String("id").pipe(
  Argument.withDescription("HR's key of the person (employeeId), or the id in the Directory"),
  Argument.optional
)

export const why = Command.make("why", { ...commonFlags, ...serverFlags, id }, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const asked = Option.getOrUndefined(input.id)
      const report = yield* operated(input, "database", (operator) => operator.why(asked))
      for (const reason of report.reasons) yield* output.line(`${nameOf(reason)}: ${reason.why}`)
      if (report.reasons.length === 0) yield* output.line("Nobody is stopped.")
      yield* output.result(report)
    })
  )
).pipe(Command.withDescription("Say why somebody is not at Together as HR says: the first thing that stops them"))

const nameOf = ({ directoryId, employeeId }: Reason): string => employeeId ?? `(Directory ${directoryId ?? "?"})`
