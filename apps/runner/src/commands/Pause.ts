/**
 * `rollcall pause` and `rollcall resume`: whether anything is sent, by name and with a reason.
 *
 * While it is paused the sources are read all the same. A request under way is finished; then nothing more goes out.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"

import { commonFlags, framed, serverFlags, signatureFlags } from "./Frame.ts"
import { operated } from "./Operated.ts"

const flags = { ...commonFlags, ...serverFlags, ...signatureFlags }

export const pause = Command.make("pause", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const { by, reason } = input
      const report = yield* operated(input, "database", (operator) => operator.pause({ by, reason }))
      const { pause, said } = report
      const told = pause === null ? "" : ` since ${pause.since}, by ${pause.by}: ${pause.reason}`
      yield* output.line(said ? `Paused${told}` : `It is paused already${told}`)
      yield* output.line("Sources are read all the same; `rollcall resume` lets it flow again.")
      yield* output.result(report)
    })
  )
).pipe(Command.withDescription("Send nothing until `resume`, by name and with a reason; sources are read all the same"))

export const resume = Command.make("resume", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const { by, reason } = input
      const report = yield* operated(input, "database", (operator) => operator.resume({ by, reason }))
      yield* output.line(report.said ? "Resumed: what waits is sent." : "It was not paused.")
      yield* output.result(report)
    })
  )
).pipe(Command.withDescription("Send again after `pause`, by name and with a reason"))
