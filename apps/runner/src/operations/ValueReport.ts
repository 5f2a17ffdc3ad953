/**
 * Where the value of one field of one person comes from, and where it is at Together, as it is shown.
 *
 * Part of `why` when it is asked with a field. Sensitive values are not shown.
 */
import { type FieldName, type FieldValue, fieldNames, fieldSpecs, isFieldName } from "@rollcall/core/domain/Field"
import { type ValueOrigin, treatments, wordStandings } from "@rollcall/core/sync/ValueOrigin"
import { Effect, Schema } from "effect"
import { distance } from "fastest-levenshtein"

import { InputInvalid } from "../Failure.ts"

export const ShownValue = Schema.Union([
  Schema.String,
  Schema.Boolean,
  Schema.Array(Schema.String),
  Schema.Null
]).annotate({
  description: "Sensitive ones are not shown."
})

const position = Schema.Int.annotate({ description: "The event in the log." })
const recordedAt = Schema.String.annotate({ description: "ISO 8601 in UTC." })

const SourceWord = Schema.Struct({
  source: Schema.String,
  value: ShownValue,
  standing: Schema.Literals(wordStandings).annotate({
    description: "`overruled`: another source is believed. `later`: from a day to come. `unheard`: has no say any more."
  }),
  position,
  recordedAt,
  locator: Schema.NullOr(Schema.String).annotate({ description: "File and line, or page.", examples: ["hr.csv:12"] }),
  from: Schema.NullOr(Schema.String).annotate({ description: "The day from which it holds, where HR gave one." })
}).annotate({ identifier: "SourceWord" })

export const ValueReport = Schema.Struct({
  field: Schema.Literals(fieldNames),
  words: Schema.Array(SourceWord).annotate({ description: "What the sources say; the one that is believed first." }),
  treatment: Schema.Literals(treatments).annotate({ description: "What the configuration makes of it." }),
  sent: ShownValue,
  together: Schema.NullOr(
    Schema.Struct({
      value: ShownValue,
      position,
      recordedAt,
      type: Schema.String,
      request: Schema.NullOr(Schema.String),
      status: Schema.NullOr(Schema.Int)
    })
  ).annotate({ description: "What the entry is known to hold, and by which answer." }),
  drift: Schema.NullOr(Schema.Struct({ value: ShownValue })).annotate({ description: "Together's list showed this." }),
  settled: Schema.Boolean.annotate({
    description: "Together has what is to be sent; otherwise `why` says what stops it."
  })
}).annotate({ identifier: "Value" })

export type ValueReport = typeof ValueReport.Type

/** Sensitive values are not shown. */
export const shown = (field: FieldName, value: FieldValue): FieldValue =>
  fieldSpecs[field].class === "sensitive" && value !== null ? "(not shown)" : value

export const valueReport = ({ drift, field, sent, together, words, ...rest }: ValueOrigin): ValueReport => ({
  ...rest,
  field,
  words: words.map((word) => ({ ...word, value: shown(field, word.value) })),
  sent: shown(field, sent),
  together: together === null ? null : { ...together, value: shown(field, together.value) },
  drift: drift === null ? null : { value: shown(field, drift.value) }
})

/** The field that is meant; refused with the nearest name. */
export const fieldNamed = (name: string): Effect.Effect<FieldName, InputInvalid> =>
  isFieldName(name) ? Effect.succeed(name) : Effect.fail(noField(name))

const noField = (name: string) => {
  const lower = name.toLowerCase()
  const nearest = fieldNames.reduce((a, b) =>
    distance(lower, b.toLowerCase()) < distance(lower, a.toLowerCase()) ? b : a
  )
  return new InputInvalid({
    place: "--field",
    problem: `There is no field "${name.slice(0, 60)}".`,
    remedy: `Did you mean ${nearest}? The fields are ${fieldNames.join(", ")}.`
  })
}
