/**
 * What changed about a person between two replays: who joined, who left, which fields were otherwise.
 *
 * Pure: two replayed employees in, one difference out, or none. Applied one after the other, differences add up to the
 * direct one (its property test). Called by `Replaying`.
 */
import { type FieldName, fieldNames, sameValue } from "../domain/Field.ts"
import type { DesiredField, Presence } from "./Desired.ts"
import type { ReplayedEmployee } from "./Replay.ts"
import type { ScopeVerdict } from "./Scope.ts"

/** `joined` and `left` by whether a source has the person and calls them anything but terminated. */
export type DifferenceKind = "joined" | "left" | "changed"

/** How somebody stood; `scope` null: no source had ever said anything of them. */
export interface Standing {
  readonly presence: Presence
  readonly scope: ScopeVerdict | null
}

/** A field before and after, with where each value came from; undefined: nobody had an opinion. */
export interface FieldDifference {
  readonly from: DesiredField | undefined
  readonly to: DesiredField | undefined
}

export interface Difference {
  readonly stream: string
  readonly employeeId: string
  readonly kind: DifferenceKind
  readonly from: Standing
  readonly to: Standing
  /** Those alone whose value is another one: an equal value from another event or source is no difference. */
  readonly fields: { readonly [name in FieldName]?: FieldDifference }
}

/** Undefined where nothing is different; both may be undefined, of whom nothing was known then. */
export const differenceBetween = (
  before: ReplayedEmployee | undefined,
  after: ReplayedEmployee | undefined
): Difference | undefined => {
  const either = after ?? before
  if (either === undefined) return undefined
  const [from, to] = [standingOf(before), standingOf(after)]
  const fields = fieldDifferences(before?.fields ?? {}, after?.fields ?? {})
  if (sameStanding(from, to) && Object.keys(fields).length === 0) return undefined
  const { employeeId, stream } = either
  return { stream, employeeId, kind: kindOf(before, after), from, to, fields }
}

const standingOf = (employee: ReplayedEmployee | undefined): Standing =>
  employee === undefined || employee.presence === "unknown"
    ? { presence: "unknown", scope: null }
    : { presence: employee.presence, scope: employee.scope }

const sameStanding = (a: Standing, b: Standing): boolean => a.presence === b.presence && ruleOf(a) === ruleOf(b)

/** What keeps the person out; null: nothing does. */
const ruleOf = ({ scope }: Standing): string | null => {
  if (scope === null) return "nobody"
  return scope.inside ? null : scope.rule
}

type Fields = ReplayedEmployee["fields"]

const fieldDifferences = (before: Fields, after: Fields): Difference["fields"] => {
  const fields: { [name in FieldName]?: FieldDifference } = {}
  for (const name of fieldNames) {
    const [from, to] = [before[name], after[name]]
    if (!sameValue(from?.value, to?.value)) fields[name] = { from, to }
  }
  return fields
}

const kindOf = (before: ReplayedEmployee | undefined, after: ReplayedEmployee | undefined): DifferenceKind => {
  const [was, is] = [belongs(before), belongs(after)]
  if (was === is) return "changed"
  return is ? "joined" : "left"
}

const belongs = (employee: ReplayedEmployee | undefined): boolean =>
  employee !== undefined && employee.presence === "present" && employee.fields.status?.value !== "terminated"
