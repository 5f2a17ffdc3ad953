/**
 * `rollcall dead-letters`: whom Together refused, why, for how long, and what to do about it. Reads only.
 */
import type { DeadLetter } from "@rollcall/core/sync/DeadLetters"
import { DateTime, Effect } from "effect"
import { Command } from "effect/cli"

import { duration } from "../Output.ts"
import { standing } from "../Standing.ts"
import { storesIfAny } from "../Stores.ts"
import { commonFlags, framed, load, pick } from "./Frame.ts"

export const deadLetters = Command.make("dead-letters", commonFlags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const { id } = yield* pick(configuration, input)
      const { letters } = yield* standing(id).pipe(Effect.provide(storesIfAny(configuration, process.env)))
      const now = DateTime.toEpochMillis(yield* DateTime.now)
      const aged = letters.map(({ stream: _stream, ...letter }) => ({
        ...letter,
        ageSeconds: Math.max(0, Math.floor((now - DateTime.toEpochMillis(DateTime.makeUnsafe(letter.since))) / 1000))
      }))
      if (aged.length === 0) yield* output.line("Nobody is held back by a refusal of Together's.")
      for (const letter of aged) {
        yield* output.line(`${letterLine(letter)}\n  for ${duration(letter.ageSeconds * 1000)}, since ${letter.since}`)
        yield* output.line(`  ${letter.remedy}`)
      }
      yield* output.result({ deadLetters: aged })
    })
  )
).pipe(Command.withDescription("Show whom Together refused: reason, age, and what to do"))

/** `rejected: 0042 (400) - email belongs to another user`. */
export const letterLine = ({ answer, employeeId, kind, programId, status }: Omit<DeadLetter, "stream">): string => {
  const what = programId === undefined ? kind : `${kind} in ${programId}`
  return `${what}: ${employeeId ?? "(erased)"} (${status})${answer === undefined ? "" : ` - ${answer}`}`
}
