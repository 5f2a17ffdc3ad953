/**
 * What is to be sent, at what price and in which order, and who waits for what: a plan as it is shown.
 *
 * `rollcall plan --json` prints it and the operations API answers with it; `status`, `sync` and `demo` show its summary.
 */
import { guardKinds } from "@rollcall/core/domain/GuardEvent"
import { type Plan, operationClasses } from "@rollcall/core/sync/Plan"
import { Schema } from "effect"

import { gates } from "./GateWords.ts"

const people = (description: string) => Schema.Int.annotate({ description })

export const ProgramPeople = Schema.Struct({
  due: Schema.Int,
  registered: Schema.Int,
  refused: Schema.Int,
  left: people("Registered and no longer named by a rule.")
}).annotate({ identifier: "ProgramPeople" })

export const HeldPeople = Schema.Struct({
  kind: Schema.Literals(guardKinds),
  people: people("How many are held."),
  limit: people("How many are allowed at once."),
  known: people("People known to be at Together, of whom the limit is a part.")
}).annotate({ identifier: "HeldPeople" })

export const PlanSummary = Schema.Struct({
  employees: people("In the desired state, whether or not there is anything to send for them."),
  upToDate: Schema.Int,
  leaver: Schema.Int,
  link: people("Entries that are there already and are tied to a key."),
  joiner: Schema.Int,
  reference: people("Managers still owed to somebody."),
  mover: Schema.Int,
  registration: people("Places in programs."),
  refresh: people("The day's call."),
  requests: people("Requests if nobody is refused."),
  requestsAtMost: Schema.Int,
  seconds: people("The same at the vendor's pace, at least."),
  secondsAtMost: Schema.Int,
  programs: Schema.Record(Schema.String, ProgramPeople),
  blocked: Schema.Record(Schema.String, Schema.Int).annotate({ description: "People by what stops them, in words." }),
  held: Schema.Array(HeldPeople)
}).annotate({ identifier: "PlanSummary" })

export type PlanSummary = typeof PlanSummary.Type

const PlannedOperation = Schema.Struct({
  request: people("The number of its request."),
  kind: Schema.Literals(operationClasses),
  employeeId: Schema.String,
  fields: Schema.Array(Schema.String),
  programId: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "PlannedOperation" })

export const PlanReport = Schema.Struct({
  ...PlanSummary.fields,
  operations: Schema.Array(PlannedOperation).annotate({ description: "The first so many, in order." })
}).annotate({ identifier: "Plan" })

export type PlanReport = typeof PlanReport.Type

/** Operations of a plan that are shown, unless more are asked for. */
export const shownOperations = 1000

export const planSummary = (plan: Plan): PlanSummary => ({
  employees: plan.employees,
  upToDate: plan.upToDate,
  ...plan.counts,
  requests: plan.budget.least,
  requestsAtMost: plan.budget.most,
  seconds: Math.ceil(plan.budget.leastMillis / 1000),
  secondsAtMost: Math.ceil(plan.budget.mostMillis / 1000),
  programs: Object.fromEntries(plan.programs),
  blocked: Object.fromEntries(gates(plan)),
  held: plan.held.map(({ kind, known, limit, people }) => ({ kind, people, limit, known }))
})

export const planReport = (plan: Plan, operations: number): PlanReport => ({
  ...planSummary(plan),
  operations: firstOperations(plan, operations)
})

/** The first so many, each with the number of its request. */
const firstOperations = (plan: Plan, limit: number): PlanReport["operations"] => {
  const shown: Array<PlanReport["operations"][number]> = []
  for (const [i, batch] of plan.batches.entries()) {
    for (const { class: kind, employeeId, fields, programId } of batch) {
      if (shown.length === limit) return shown
      shown.push({ request: i + 1, kind, employeeId, fields, ...(programId === undefined ? {} : { programId }) })
    }
  }
  return shown
}
