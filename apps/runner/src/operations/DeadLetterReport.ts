/**
 * Whom Together refused, why, for how long, and what to do about it.
 */
import { type DeadLetter, deadLetterKinds } from "@rollcall/core/sync/DeadLetters"
import { DateTime, Effect, Schema } from "effect"

export const Letter = Schema.Struct({
  employeeId: Schema.optionalKey(Schema.String.annotate({ description: "HR's key; absent where it was erased." })),
  kind: Schema.Literals(deadLetterKinds),
  programId: Schema.optionalKey(Schema.String),
  since: Schema.String.annotate({ description: "ISO 8601 in UTC." }),
  status: Schema.Int.annotate({ description: "What Together answered." }),
  answer: Schema.optionalKey(Schema.String.annotate({ description: "In Together's words; may name the person." })),
  remedy: Schema.String
}).annotate({ identifier: "DeadLetter" })

export type Letter = typeof Letter.Type

export const DeadLetterReport = Schema.Struct({
  deadLetters: Schema.Array(Schema.Struct({ ...Letter.fields, ageSeconds: Schema.Int }))
}).annotate({ identifier: "DeadLetters" })

export type DeadLetterReport = typeof DeadLetterReport.Type

export const letterOf = ({ answer, employeeId, kind, programId, remedy, since, status }: DeadLetter): Letter => ({
  kind,
  since,
  status,
  remedy,
  ...(employeeId === undefined ? {} : { employeeId }),
  ...(programId === undefined ? {} : { programId }),
  ...(answer === undefined ? {} : { answer })
})

export const deadLetterReport = Effect.fnUntraced(function* (letters: ReadonlyArray<Letter>) {
  const now = DateTime.toEpochMillis(yield* DateTime.now)
  const ageOf = (since: string) =>
    Math.max(0, Math.floor((now - DateTime.toEpochMillis(DateTime.makeUnsafe(since))) / 1000))
  const report: DeadLetterReport = {
    deadLetters: letters.map((letter) => ({ ...letter, ageSeconds: ageOf(letter.since) }))
  }
  return report
})
