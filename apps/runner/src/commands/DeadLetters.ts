/**
 * `rollcall dead-letters`: whom Together refused, why, for how long, and what to do about it. Reads only.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"

import type { Letter } from "../operations/DeadLetterReport.ts"
import { duration } from "../Output.ts"
import { commonFlags, framed, serverFlags } from "./Frame.ts"
import { operated } from "./Operated.ts"

export const deadLetters = Command.make("dead-letters", { ...commonFlags, ...serverFlags }, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const report = yield* operated(input, "any", (operator) => operator.deadLetters)
      if (report.deadLetters.length === 0) yield* output.line("Nobody is held back by a refusal of Together's.")
      for (const letter of report.deadLetters) {
        yield* output.line(`${letterLine(letter)}\n  for ${duration(letter.ageSeconds * 1000)}, since ${letter.since}`)
        yield* output.line(`  ${letter.remedy}`)
      }
      yield* output.result(report)
    })
  )
).pipe(Command.withDescription("Show whom Together refused: reason, age, and what to do"))

/** `rejected: 0042 (400) - email belongs to another user`. */
export const letterLine = ({ answer, employeeId, kind, programId, status }: Letter): string => {
  const what = programId === undefined ? kind : `${kind} in ${programId}`
  return `${what}: ${employeeId ?? "(erased)"} (${status})${answer === undefined ? "" : ` - ${answer}`}`
}
