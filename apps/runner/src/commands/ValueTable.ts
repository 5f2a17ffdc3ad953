/**
 * How the origin of one value is shown: each source's word, what the configuration makes of it, what Together has.
 */
import { Effect } from "effect"

import type { ValueReport } from "../operations/ValueReport.ts"
import type { Reason } from "../operations/WhyReport.ts"
import type { Output } from "../Output.ts"

export const describeValue = Effect.fnUntraced(function* (output: Output, { code, value }: Reason) {
  if (value === undefined) return
  yield* output.line("")
  if (value.words.length === 0) yield* output.line(`${value.field}: no source says anything of it.`)
  else {
    yield* output.table(
      [value.field, "source", "where", "event", "read", ""],
      value.words.map((word) => [
        valueWords(word.value),
        word.source,
        word.locator ?? "",
        word.position,
        word.recordedAt.slice(0, 19),
        standingWords(word)
      ])
    )
  }
  yield* output.line(`The configuration ${treatmentWords(value)}.`)
  yield* output.line(`Together ${togetherWords(value, code)}.`)
})

const valueWords = (value: ValueReport["sent"]): string =>
  value === null ? "(empty)" : Array.isArray(value) ? value.join(", ") : String(value)

const standingWords = ({ from, standing }: ValueReport["words"][number]): string => {
  const since = from === null ? "" : `, from ${from}`
  if (standing === "later") return `waits for ${from ?? "its day"}`
  if (standing === "overruled") return `not taken: another is believed${since}`
  return standing === "unheard" ? "not taken: its source has no say any more" : `in force${since}`
}

const treatmentWords = ({ sent, treatment }: ValueReport): string => {
  switch (treatment) {
    case "as-is":
      return "sends it as it is"
    case "translated":
      return `translates it to ${valueWords(sent)}`
    case "default":
      return `has a default for it: ${valueWords(sent)}`
    case "withheld":
      return "withholds it: it is never sent"
    case "own-manager":
      return "does not matter: nobody is sent as their own manager"
    case "nothing":
      return "has nothing to send"
  }
}

const togetherWords = ({ drift, settled, together, treatment }: ValueReport, code: string): string => {
  const has =
    together === null
      ? "is not known to have a value"
      : `has ${valueWords(together.value)} since ${together.recordedAt.slice(0, 19)} (event ${together.position}, ${together.type}${
          together.request === null ? "" : `, request ${together.request}`
        })`
  const shows = drift === null ? "" : `; its list shows ${valueWords(drift.value)}`
  const why = settled || treatment === "withheld" ? "" : `; not as it should be: ${code}`
  return `${has}${shows}${why}`
}
