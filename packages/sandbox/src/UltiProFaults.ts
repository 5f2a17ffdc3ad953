/**
 * Faults on request: a queue of rules that says which request meets which trouble. A rule is keyed by what the request is
 * (its ordinal, its path, its page, a predicate), never by time, so a failing test fails again.
 * Called by UltiProServer at every arrival. It only chooses; carrying a fault out is the server's part.
 */

/**
 * - `status`: answered at once; `retryAfter` in seconds becomes a Retry-After header in either legal form.
 * - `delay`: answered `ms` later. `hang`: never answered. `reset`: the connection is reset.
 * - `html`: a page with status 200, as a proxy in between would send. `truncated`: the JSON stops in the middle.
 * - `repeat-page`: the rows of the page before, under the headers of the page that was asked for.
 * - `empty`: `200 []` without a Link. `object`: the rows inside an object instead of a bare array.
 * - `foreign-next`: a Link whose next page is on another origin, where credentials must not go.
 */
export type Fault =
  | {
      readonly kind: "status"
      readonly status: number
      readonly retryAfter?: number
      readonly retryAfterForm?: "seconds" | "http-date"
    }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "hang" | "reset" | "html" | "truncated" }
  | { readonly kind: "repeat-page" | "empty" | "object" }
  | { readonly kind: "foreign-next"; readonly origin: string }

/** A rule; all given conditions must hold. */
export interface FaultRule {
  readonly fault: Fault
  /** A part of the request's path. */
  readonly path?: string
  /** The page that is asked for; 1 where the request names none. */
  readonly page?: number
  /** The nth request since the start, counted from 1. */
  readonly ordinal?: number
  /** How many matching requests meet the fault; 1 when absent. */
  readonly times?: number
  readonly when?: (request: FaultSubject) => boolean
}

/** What a rule may look at. */
export interface FaultSubject {
  readonly ordinal: number
  readonly method: string
  readonly path: string
  readonly page: number
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
export const take = (faults: Faults, request: Omit<FaultSubject, "ordinal">): readonly [Fault | undefined, Faults] => {
  const subject = { ...request, ordinal: faults.seen + 1 }
  const index = faults.rules.findIndex((rule) => matches(rule, subject))
  const rule = faults.rules[index]
  if (rule === undefined) return [undefined, { ...faults, seen: subject.ordinal }]
  const left = (rule.times ?? 1) - 1
  const rules = left > 0 ? faults.rules.with(index, { ...rule, times: left }) : faults.rules.toSpliced(index, 1)
  return [rule.fault, { seen: subject.ordinal, rules }]
}

const matches = (rule: FaultRule, subject: FaultSubject): boolean =>
  (rule.ordinal === undefined || rule.ordinal === subject.ordinal) &&
  (rule.path === undefined || subject.path.includes(rule.path)) &&
  (rule.page === undefined || rule.page === subject.page) &&
  (rule.when === undefined || rule.when(subject))
