/**
 * How a plan is shown: what, how many, how long, and who waits for what.
 */
import type { Gate } from "@rollcall/core/sync/Consider"
import type { Plan } from "@rollcall/core/sync/Plan"
import { Effect } from "effect"

import { type Output, counted, duration } from "../Output.ts"

/** One line, and one a gate. */
export const describePlan = Effect.fnUntraced(function* (output: Output, plan: Plan) {
  const { joiner, leaver, mover, reference } = plan.counts
  const kinds = [
    [leaver, "leaver"],
    [joiner, "joiner"],
    [mover, "mover"],
    [reference, "manager reference"]
  ] as const
  const told = kinds.filter(([count]) => count > 0).map(([count, noun]) => counted(count, noun))
  const current = `${plan.upToDate} of ${plan.employees} people are up to date`
  yield* output.line(
    told.length === 0
      ? `plan: nothing to send; ${current}`
      : `plan: ${told.join(", ")} in ${counted(plan.requests, "request")}, at least ${duration(plan.millis)}; ${current}`
  )
  for (const [gate, people] of gates(plan)) yield* output.line(`  held back: ${people} ${gate}`)
})

/** How many people each gate stops. */
export const gates = (plan: Plan): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { gate } of plan.blocked) {
    const words = gateWords(gate)
    counts.set(words, (counts.get(words) ?? 0) + 1)
  }
  return counts
}

/** A gate in words that say what stops the person; without anything personal. */
export const gateWords = (gate: Gate): string => {
  switch (gate._tag) {
    case "NotInAnySource":
      return "in no source (any more), and never at Together"
    case "WaitsForDate":
      return `waiting for ${gate.from}, the day from which HR has them`
    case "OutOfScope":
      return `out of scope (${gate.rule})`
    case "RequiredMissing":
      return `without a required field (${gate.fields.join(", ")})`
    case "WaitsForManager":
      return "waiting for their manager to be at Together"
    case "Rejected":
      return "rejected by Together (400) until something about them changes"
    case "Conflicted":
      return "modified permanently at Together (409)"
    case "Gone":
      return "deleted at Together for good (410)"
    case "Erased":
      return "erased"
  }
}

const shownOperations = 1000

export const planJson = (plan: Plan) => ({
  employees: plan.employees,
  upToDate: plan.upToDate,
  ...plan.counts,
  requests: plan.requests,
  seconds: Math.ceil(plan.millis / 1000),
  blocked: Object.fromEntries(gates(plan)),
  operations: firstOperations(plan, shownOperations)
})

/** The first so many, each with the number of its request. */
export const firstOperations = (plan: Plan, limit: number) => {
  const shown = []
  for (const [i, batch] of plan.batches.entries()) {
    for (const { class: kind, employeeId, fields } of batch) {
      if (shown.length === limit) return shown
      shown.push({ request: i + 1, kind, employeeId, fields })
    }
  }
  return shown
}
