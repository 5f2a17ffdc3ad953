/**
 * Faults on request: a queue of rules that says which request meets which trouble. A rule is keyed by what the request is
 * (its ordinal, its path, its method, a predicate), never by time, so a failing test fails again.
 * Called by TogetherServer at every arrival and by the control endpoints that add rules. It only chooses; carrying a fault
 * out is TogetherConnection's part. It never does I/O.
 */
import { Schema } from "effect"

/**
 * - `status`: answered at once and not applied; `retryAfter` in seconds becomes a Retry-After header in either legal form.
 * - `delay`: applied, answered `ms` later.
 * - `hang`: never answered; applied only where `applied` is true.
 * - `reset-before`, `reset-after`: the connection is reset before or after the request was applied.
 * - `html`: a page with status 200, as a proxy in between would send; not applied.
 * - `truncated`: applied, and the JSON of the answer stops in the middle.
 */
export const Fault = Schema.Union([
  Schema.Struct({
    kind: Schema.Literal("status"),
    status: Schema.Int.check(Schema.isBetween({ minimum: 400, maximum: 599 })),
    retryAfter: Schema.optionalKey(Schema.Finite),
    retryAfterForm: Schema.optionalKey(Schema.Literals(["seconds", "http-date"]))
  }),
  Schema.Struct({ kind: Schema.Literal("delay"), ms: Schema.Finite }),
  Schema.Struct({ kind: Schema.Literal("hang"), applied: Schema.optionalKey(Schema.Boolean) }),
  Schema.Struct({ kind: Schema.Literal("reset-before") }),
  Schema.Struct({ kind: Schema.Literal("reset-after") }),
  Schema.Struct({ kind: Schema.Literal("html") }),
  Schema.Struct({ kind: Schema.Literal("truncated") })
])

export type Fault = typeof Fault.Type

/** The part of a rule that travels as JSON to POST /_sandbox/faults. All given conditions must hold. */
export const FaultRuleWire = Schema.Struct({
  fault: Fault,
  /** The nth judged request since start or reset, counted from 1. */
  ordinal: Schema.optionalKey(Schema.Int),
  /** How many matching requests meet the fault; 1 when absent. */
  times: Schema.optionalKey(Schema.Int),
  /** A part of the request's path. */
  path: Schema.optionalKey(Schema.String),
  method: Schema.optionalKey(Schema.String)
})

/** A rule; `when` is for callers in the same process. */
export interface FaultRule extends Schema.Schema.Type<typeof FaultRuleWire> {
  readonly when?: (request: FaultSubject) => boolean
}

/** What a rule may look at. */
export interface FaultSubject {
  readonly ordinal: number
  readonly method: string
  readonly path: string
}

export interface Faults {
  readonly seen: number
  readonly rules: ReadonlyArray<FaultRule>
}

export const noFaults: Faults = { seen: 0, rules: [] }

/** Appends rules; earlier rules win. */
export const inject = (faults: Faults, rules: ReadonlyArray<FaultRule>): Faults => ({
  ...faults,
  rules: [...faults.rules, ...rules]
})

/** Counts a request and takes the first rule that matches it. */
export const take = (
  faults: Faults,
  request: { readonly method: string; readonly path: string }
): readonly [Fault | undefined, Faults] => {
  const subject = { ...request, ordinal: faults.seen + 1 }
  const index = faults.rules.findIndex((rule) => matches(rule, subject))
  const rule = faults.rules[index]
  if (rule === undefined) return [undefined, { ...faults, seen: subject.ordinal }]
  const left = (rule.times ?? 1) - 1
  const rules = left > 0 ? faults.rules.with(index, { ...rule, times: left }) : faults.rules.toSpliced(index, 1)
  return [rule.fault, { seen: subject.ordinal, rules }]
}

/** Whether the request reaches the users at all under this fault. */
export const isApplied = (fault: Fault | undefined): boolean => {
  if (fault === undefined) return true
  if (fault.kind === "hang") return fault.applied === true
  return fault.kind === "delay" || fault.kind === "reset-after" || fault.kind === "truncated"
}

const matches = (rule: FaultRule, subject: FaultSubject): boolean =>
  (rule.ordinal === undefined || rule.ordinal === subject.ordinal) &&
  (rule.path === undefined || subject.path.includes(rule.path)) &&
  (rule.method === undefined || rule.method === subject.method) &&
  (rule.when === undefined || rule.when(subject))
