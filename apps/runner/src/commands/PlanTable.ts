/**
 * How a plan is shown: what, how many, how long, and who waits for what.
 */
import type { GuardKind } from "@rollcall/core/domain/GuardEvent"
import type { Gate } from "@rollcall/core/sync/Consider"
import { type OperationClass, type Plan, type ProgramCounts, operationClasses } from "@rollcall/core/sync/Plan"
import { DateTime, Effect } from "effect"

import { type Output, counted, duration } from "../Output.ts"

/** One line, and one a gate. */
export const describePlan = Effect.fnUntraced(function* (output: Output, plan: Plan) {
  const told = operationClasses
    .filter((kind) => plan.counts[kind] > 0)
    .map((kind) => counted(plan.counts[kind], nouns[kind]))
  const current = `${plan.upToDate} of ${plan.employees} people are up to date`
  yield* output.line(
    told.length === 0
      ? `plan: nothing to send; ${current}`
      : `plan: ${told.join(", ")} in ${yield* budgetWords(plan)}; ${current}`
  )
  for (const [programId, counts] of plan.programs) yield* output.line(`  program ${programId}: ${programWords(counts)}`)
  for (const [gate, people] of gates(plan)) yield* output.line(`  held back: ${people} ${gate}`)
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
const budgetWords = Effect.fnUntraced(function* ({ budget }: Plan) {
  const end = DateTime.add(yield* DateTime.now, { milliseconds: budget.leastMillis })
  const until = DateTime.formatIso(end).slice(11, 19)
  const most = budget.most === budget.least ? "" : `, at most ${budget.most} where people are refused`
  return `${counted(budget.least, "request")}, at least ${duration(budget.leastMillis)} (until ${until}Z)${most}`
})

const programWords = ({ due, left, refused, registered }: ProgramCounts): string => {
  const parts = [
    [due, "to be registered"],
    [registered, "registered"],
    [refused, "refused (see `rollcall dead-letters`)"],
    [left, "registered and no longer named by a rule (Together cannot unregister: by hand)"]
  ] as const
  return parts.flatMap(([count, words]) => (count > 0 ? [`${count} ${words}`] : [])).join(", ")
}

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
    case "Absent":
      return "absent from every source (`absence` says what follows, nothing so far)"
    case "OutOfScope":
      return `out of scope (${gate.rule})`
    case "RequiredMissing":
      return `without a required field (${gate.fields.join(", ")})`
    case "WaitsForManager":
      return "waiting for their manager to be at Together"
    case "Rejected":
      return "rejected by Together (400) until something about them changes"
    case "Conflicted":
      return "modified permanently at Together (409) until someone releases them"
    case "Gone":
      return "deleted at Together for good (410)"
    case "Erased":
      return "erased"
    case "Held":
      return `held by the guard: ${gate.people} ${guardWords[gate.kind]}, and ${gate.limit} are allowed (\`rollcall approve\`)`
  }
}

/** What so many people are about to do. */
export const guardWords: Readonly<Record<GuardKind, string>> = {
  leavers: "are to leave",
  clears: "are to lose a field",
  keyChanges: "come under a new key with a known address",
  joins: "are to join"
}

const shownOperations = 1000

export const planJson = (plan: Plan) => ({
  employees: plan.employees,
  upToDate: plan.upToDate,
  ...plan.counts,
  requests: plan.budget.least,
  requestsAtMost: plan.budget.most,
  seconds: Math.ceil(plan.budget.leastMillis / 1000),
  secondsAtMost: Math.ceil(plan.budget.mostMillis / 1000),
  programs: Object.fromEntries(plan.programs),
  blocked: Object.fromEntries(gates(plan)),
  held: plan.held.map(({ kind, known, limit, people }) => ({ kind, people, limit, known })),
  operations: firstOperations(plan, shownOperations)
})

/** The first so many, each with the number of its request. */
export const firstOperations = (plan: Plan, limit: number) => {
  const shown = []
  for (const [i, batch] of plan.batches.entries()) {
    for (const { class: kind, employeeId, fields, programId } of batch) {
      if (shown.length === limit) return shown
      shown.push({ request: i + 1, kind, employeeId, fields, programId })
    }
  }
  return shown
}
