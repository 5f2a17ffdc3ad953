/**
 * `rollcall employee ID`: what is known of one person, where each value came from, what happened, what happens next.
 */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"

import { type Happening, fateWords, originWords } from "../operations/TimelineReport.ts"
import { counted } from "../Output.ts"
import { commonFlags, framed, serverFlags } from "./Frame.ts"
import { operated } from "./Operated.ts"

const key = Argument.String("id").pipe(Argument.withDescription("HR's key of the person (employeeId)"))

export const employee = Command.make("employee", { ...commonFlags, ...serverFlags, id: key }, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const report = yield* operated(input, "any", (operator) => operator.employee(input.id))
      const { code, employeeId, erased, fields, missing, next, presence, programs, remedy, timeline } = report
      const standing = erased === undefined ? presence : `erased ${erased.at.slice(0, 19)} by ${erased.by}`
      yield* output.line(`${employeeId}: ${standing}. Next: ${next}`)
      if (code !== "up-to-date" && code !== "queued") yield* output.line(`What to do: ${remedy}`)
      yield* output.table(
        ["field", "value", "from", "event", "at Together since"],
        fields.map(({ drift, field, position, source, together, value }) => [
          field,
          String(value ?? ""),
          source,
          position,
          drift ? "(Together shows another value)" : (together ?? "")
        ])
      )
      if (missing) yield* output.line("Together's list did not show this person.")
      for (const { programId, standing } of programs) yield* output.line(`program ${programId}: ${standing}`)
      yield* output.table(
        ["event", "recorded", "what", "details"],
        timeline.flatMap((happened) => rowsOf(happened, code))
      )
      yield* output.result(report)
    })
  )
).pipe(Command.withDescription("Show one person: values and their origin, history, next step"))

type Row = ReadonlyArray<string | number>

/** What happened; below it, a line for each end or origin that some of its fields share. */
const rowsOf = (happened: Happening, code: string): ReadonlyArray<Row> => {
  const { came = [], details, position, recordedAt, request, type, went = [] } = happened
  const ends = together(went.map((fate) => [fate.field, fateWords(fate, code)]))
  const origins = together(came.map((origin) => [origin.field, originWords(origin)]))
  return [
    [position, recordedAt.slice(0, 19), type, details],
    ...ends.map(([words, fields]): Row => ["", "", "  went to", `${fields.join(", ")}: ${words}`]),
    ...(request === undefined ? [] : [["", "", "  by request", requestWords(request)]]),
    ...origins.map(([words, fields]): Row => ["", "", "  came from", `${fields.join(", ")}: ${words}`])
  ]
}

const requestWords = ({ granted, id, members }: NonNullable<Happening["request"]>): string =>
  `${id}, ${counted(members, "member")}${granted === null ? "" : `, granted at event ${granted}`}`

const together = (
  named: ReadonlyArray<readonly [string, string]>
): ReadonlyArray<readonly [string, ReadonlyArray<string>]> => {
  const groups = new Map<string, Array<string>>()
  for (const [field, words] of named) groups.set(words, [...(groups.get(words) ?? []), field])
  return [...groups]
}
