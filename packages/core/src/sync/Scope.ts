/**
 * Judges whether a person is synced at all, by the customer's conditions on the desired fields.
 *
 * Pure. Says which condition decided, so that `plan` and `why` can name it.
 */
import type { FieldValue, Fields } from "../domain/Field.ts"
import type { Condition, Expectation, Scope } from "../domain/Policy.ts"

/** In scope, or the rule that keeps the person out, as a path into the configuration. */
export type ScopeVerdict = { readonly inside: true } | { readonly inside: false; readonly rule: string }

export const judgeScope = (scope: Scope, fields: Fields): ScopeVerdict => {
  const excluded = (scope.exclude ?? []).findIndex((condition) => holds(condition, fields))
  if (excluded >= 0) return { inside: false, rule: `scope.exclude[${excluded}]` }
  const include = scope.include ?? []
  if (include.length > 0 && !include.some((condition) => holds(condition, fields))) {
    return { inside: false, rule: "scope.include" }
  }
  return { inside: true }
}

/** Every field named is as expected. */
export const holds = (condition: Condition, fields: Fields): boolean =>
  Object.entries(condition).every(([name, expectation]) => meets(fields[name as keyof Fields] ?? null, expectation))

const meets = (value: FieldValue, expectation: Expectation | undefined): boolean => {
  if (expectation === undefined) return true
  if (Array.isArray(expectation)) return expectation.some((one) => meets(value, one))
  if (typeof expectation !== "object" || expectation === null) return same(value, expectation)
  if ("matches" in expectation) return typeof value === "string" && new RegExp(expectation.matches, "u").test(value)
  return "not" in expectation && !meets(value, expectation.not)
}

const same = (value: FieldValue, expected: string | boolean | null): boolean =>
  Array.isArray(value) ? value.includes(expected) : value === expected
