/**
 * `rollcall why [ID] [--field F]`: why somebody is, or is not, at Together as HR says: the first thing that stops them;
 * and where the value of a field comes from. Reads only.
 *
 * Without an ID it lists everybody who is stopped.
 */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"

import { InputInvalid } from "../Failure.ts"
import type { Reason } from "../operations/WhyReport.ts"
import { commonFlags, framed, serverFlags } from "./Frame.ts"
import { operated } from "./Operated.ts"
import { describeValue } from "./ValueTable.ts"

const id = Argument.String("id").pipe(
  Argument.withDescription("HR's key of the person (employeeId), or the id in the Directory"),
  Argument.optional
)

const field = Flag.String("field").pipe(
  Flag.withDescription("Also say where the value of this field comes from, and where it is at Together"),
  Flag.optional
)

export const why = Command.make("why", { ...commonFlags, ...serverFlags, id, field }, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const [asked, field] = [Option.getOrUndefined(input.id), Option.getOrUndefined(input.field)]
      if (asked === undefined && field !== undefined) return yield* ofNobody
      const report = yield* operated(input, "database", (operator) => operator.why(asked, field))
      for (const reason of report.reasons) yield* output.line(`${nameOf(reason)}: ${reason.why}`)
      if (report.reasons.length === 0) yield* output.line("Nobody is stopped.")
      for (const reason of asked === undefined ? [] : report.reasons) {
        if (reason.code !== "up-to-date") yield* output.line(`What to do: ${reason.remedy}`)
        yield* describeValue(output, reason)
      }
      yield* output.result(report)
    })
  )
).pipe(Command.withDescription("Say why somebody is not at Together as HR says: the first thing that stops them"))

const nameOf = ({ directoryId, employeeId }: Reason): string => employeeId ?? `(Directory ${directoryId ?? "?"})`

const ofNobody = new InputInvalid({
  place: "--field",
  problem: "A field belongs to somebody, and nobody is named.",
  remedy: "Say `rollcall why ID --field FIELD`."
})
