/**
 * `rollcall status`: where the log, the sources and Together stand. Reads only.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"

import { guardWords } from "../operations/GateWords.ts"
import type { OpenHold } from "../operations/Holds.ts"
import type { StatusReport } from "../operations/StatusReport.ts"
import type { Output } from "../Output.ts"
import { commonFlags, framed, serverFlags } from "./Frame.ts"
import { operated } from "./Operated.ts"
import { describePlan } from "./PlanTable.ts"

export const status = Command.make("status", { ...commonFlags, ...serverFlags }, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const report = yield* operated(input, "any", (operator) => operator.status)
      yield* show(output, report)
      yield* output.result(report)
    })
  )
).pipe(Command.withDescription("Show where the log, the sources and Together stand"))

const show = Effect.fnUntraced(function* (output: Output, report: StatusReport) {
  const { deadLetters, drifted, held, lane, outcomes, pause, position, queue, recordedAt, sources, verified } = report
  yield* output.line(`log: ${position} events${recordedAt === null ? "" : `, the last of ${recordedAt}`}`)
  for (const { at, name, outcome } of sources)
    yield* output.line(`source ${name}: ${outcome}${at === null ? "" : ` at ${at}`}`)
  yield* output.table(["outcome", "people"], Object.entries(outcomes))
  yield* output.line(`lane: ${laneWords(lane)}`)
  yield* output.line(`Together's list: ${verifiedWords(verified)}; ${drifted} people differ`)
  if (deadLetters > 0) yield* output.line(`dead letters: ${deadLetters} (\`rollcall dead-letters\`)`)
  if (pause !== null)
    yield* output.line(`PAUSED since ${pause.since} by ${pause.by}: ${pause.reason} (\`rollcall resume\`)`)
  for (const hold of held) yield* output.line(holdLine(hold))
  yield* describePlan(output, queue)
})

const holdLine = ({ kind, limit, people, since }: OpenHold): string =>
  `HELD since ${since}: ${people} ${guardWords[kind]}, and ${limit} are allowed at once (\`rollcall approve ${kind}\`)`

const laneWords = (lane: StatusReport["lane"]): string => {
  if (lane === null) return "no request was made yet"
  const { busyUntil, circuit, faults, grants, notBefore } = lane
  const told = `${grants} requests so far`
  if (circuit !== null)
    return `${told}; closed since ${circuit.since}: ${circuit.reason} Correct it, then \`rollcall check\`.`
  if (faults > 0) return `${told}; ${faults} in a row without an answer, the next not before ${notBefore ?? "now"}`
  return busyUntil === null ? `${told}; free` : `${told}; a request is under way`
}

const verifiedWords = (verified: StatusReport["verified"]): string => {
  if (verified === null) return "never compared"
  const { matched, remoteOnly, users } = verified.counts
  const part = verified.whole ? "" : ", not read to its end"
  return `compared at ${verified.at}${part}: ${users} users, ${matched} as they should be, ${remoteOnly} in no source`
}
