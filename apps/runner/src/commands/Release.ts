/**
 * `rollcall release ID`: lets a person be sent again whom Together refused, or come again who was erased. By name and with a
 * reason; never sends itself.
 */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"

import { letterLine } from "./DeadLetters.ts"
import { commonFlags, framed, serverFlags, signatureFlags } from "./Frame.ts"
import { operated } from "./Operated.ts"

const flags = {
  ...commonFlags,
  ...serverFlags,
  ...signatureFlags,
  id: Argument.String("id").pipe(Argument.withDescription("HR's key of the person (employeeId)"))
}

export const release = Command.make("release", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const { by, id, reason } = input
      const { erased, released } = yield* operated(input, "any", (operator) => operator.release(id, { by, reason }))
      for (const letter of released) yield* output.line(`released: ${letterLine(letter)}`)
      yield* output.line(
        erased
          ? "They were erased. The next reading of a source that has them takes them over as somebody new."
          : "The next `rollcall sync` sends them again."
      )
      yield* output.result({ employeeId: id, released: released.map(({ kind }) => kind), erased })
    })
  )
).pipe(
  Command.withDescription(
    "Let a person be sent again whom Together refused (400, 409, a registration), or come again who was erased"
  )
)
