/**
 * How a plan is shown: what, how many, how long, and who waits for what.
 */
import { type OperationClass, operationClasses } from "@rollcall/core/sync/Plan"
import { DateTime, Effect } from "effect"

import type { PlanSummary } from "../operations/PlanReport.ts"
import { type Output, counted, duration } from "../Output.ts"

/** One line, and one a gate. */
export const describePlan = Effect.fnUntraced(function* (output: Output, plan: PlanSummary) {
  const told = operationClasses.filter((kind) => plan[kind] > 0).map((kind) => counted(plan[kind], nouns[kind]))
  const current = `${plan.upToDate} of ${plan.employees} people are up to date`
  yield* output.line(
    told.length === 0
      ? `plan: nothing to send; ${current}`
      : `plan: ${told.join(", ")} in ${yield* budgetWords(plan)}; ${current}`
  )
  for (const [programId, counts] of Object.entries(plan.programs))
    yield* output.line(`  program ${programId}: ${programWords(counts)}`)
  for (const [gate, people] of Object.entries(plan.blocked)) yield* output.line(`  held back: ${people} ${gate}`)
})

const nouns: Readonly<Record<OperationClass, string>> = {
  leaver: "leaver",
  link: "link by e-mail",
  joiner: "joiner",
  reference: "manager reference",
  mover: "mover",
  registration: "program registration",
  refresh: "daily refresh"
}

/** `8 requests, at least 8 s (until 14:03:10Z), at most 52 where people are refused`. */
const budgetWords = Effect.fnUntraced(function* ({ requests, requestsAtMost, seconds }: PlanSummary) {
  const end = DateTime.add(yield* DateTime.now, { seconds })
  const until = DateTime.formatIso(end).slice(11, 19)
  const most = requestsAtMost === requests ? "" : `, at most ${requestsAtMost} where people are refused`
  return `${counted(requests, "request")}, at least ${duration(seconds * 1000)} (until ${until}Z)${most}`
})

const programWords = ({ due, left, refused, registered }: PlanSummary["programs"][string]): string => {
  const parts = [
    [due, "to be registered"],
    [registered, "registered"],
    [refused, "refused (see `rollcall dead-letters`)"],
    [left, "registered and no longer named by a rule (Together cannot unregister: by hand)"]
  ] as const
  return parts.flatMap(([count, words]) => (count > 0 ? [`${count} ${words}`] : [])).join(", ")
}
