/**
 * `rollcall release ID`: lets a person be sent again whom Together refused. By name and with a reason; never sends itself.
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
      const { released } = yield* operated(input, "any", (operator) => operator.release(id, { by, reason }))
      for (const letter of released) yield* output.line(`released: ${letterLine(letter)}`)
      yield* output.line("The next `rollcall sync` sends them again.")
      yield* output.result({ employeeId: id, released: released.map(({ kind }) => kind) })
    })
  )
).pipe(Command.withDescription("Let a person be sent again whom Together refused (400, 409, a refused registration)"))
