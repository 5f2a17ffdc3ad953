/**
 * Decides about one person: send these fields, nothing to send, or stopped by this gate.
 *
 * Pure. Called by `Plan` for everybody, and again by `Reconcile` for the people of a batch just before it is sent, so
 * that what goes out is what holds at that moment.
 */
import { canonicalJson, sha256 } from "../domain/Digest.ts"
import {
  type FieldName,
  type Fields,
  changedFields,
  isEmpty,
  keepFields,
  requiredFields,
  sameValue,
  saysNothing
} from "../domain/Field.ts"
import type { GuardKind } from "../domain/GuardEvent.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { type DesiredFields, desired, idlyAbsentSince, values } from "./Desired.ts"
import { mapFields } from "./Mapping.ts"
import { type Opinions, valuesOf } from "./Opinions.ts"
import type { Person } from "./Reduce.ts"
import { isRefreshDue } from "./Refresh.ts"
import { type ScopeVerdict, judgeScope } from "./Scope.ts"
import type { SinkView } from "./SinkView.ts"

/** Why a person is not sent. Closed: `Explanation` has a reason for each of them. */
export type Gate =
  | { readonly _tag: "NotInAnySource" }
  /** A source named them, but their row was refused; nothing else is known of them, or only that they left. */
  | { readonly _tag: "RowRejected" }
  | { readonly _tag: "WaitsForDate"; readonly from: string }
  /** No source has them any more, and the policy is to report that (or the days it gives have not passed). */
  | { readonly _tag: "Absent"; readonly since: string }
  | { readonly _tag: "OutOfScope"; readonly rule: string }
  | { readonly _tag: "RequiredMissing"; readonly fields: ReadonlyArray<FieldName> }
  | { readonly _tag: "WaitsForManager" }
  | { readonly _tag: "Rejected"; readonly answer: string | undefined }
  | { readonly _tag: "Conflicted" }
  /** Too many people at once are to leave, to lose a field, to change their key or to join: somebody must look first. */
  | { readonly _tag: "Held"; readonly kind: GuardKind; readonly people: number; readonly limit: number }
  | { readonly _tag: "Gone" }
  | { readonly _tag: "Erased" }

export type Consideration =
  | { readonly _tag: "UpToDate" }
  | { readonly _tag: "Blocked"; readonly gate: Gate }
  | {
      readonly _tag: "Send"
      readonly employeeId: string
      readonly known: boolean
      /** What differs from what Together is known to hold. */
      readonly changes: Fields
      /** Together's id of the entry that is to be tied to the key by this. */
      readonly userId?: string
    }
  /** Nothing differs, and the day's call is due: everything is sent again. */
  | { readonly _tag: "Refresh"; readonly employeeId: string; readonly fields: Fields }

export const consider = (person: Person, policy: Policy, moment: Moment): Consideration => {
  const wanted = desired(person, policy, moment)
  if (person.erased !== undefined) return blocked({ _tag: "Erased" })
  if (wanted.presence === "unknown") return unlisted(person, { _tag: "NotInAnySource" })
  if (person.employeeId === undefined) return blocked({ _tag: "Erased" })
  const refusal = standingRefusal(person.sink)
  if (refusal !== undefined) return blocked(refusal)
  if (wanted.presence === "expected") return blocked({ _tag: "WaitsForDate", from: firstDay(person) })
  const scope = judgeScope(policy.scope, values(wanted.fields))
  const mapped = values(toBeSent(wanted.fields, person.employeeId, policy))
  const absentSince = idlyAbsentSince(person, policy.absence, moment)
  if (person.sink.known && absentSince !== undefined) return forAbsent(person, absentSince)
  const there = person.sink.known && !(person.sink.missing && policy.drift === "repair")
  if (there) return forKnown(person, person.employeeId, policy, moment, scope, mapped)
  if (person.sink.known && mapped.status === "terminated") return { _tag: "UpToDate" }
  // Whom no source has any more, and Together never had, is nobody's leaver.
  if (wanted.presence !== "present") return unlisted(person, { _tag: "NotInAnySource" })
  return forUnknown(person, person.employeeId, policy, scope, mapped)
}

/**
 * What HR said last of somebody it no longer lists is no reason to send anything: least of all to bring back whom
 * somebody terminated at Together.
 */
const forAbsent = (person: Person, since: string): Consideration =>
  person.sink.applied.status?.value === "terminated"
    ? { _tag: "UpToDate" }
    : unlisted(person, { _tag: "Absent", since })

/** Whose row was refused is in HR's list all the same. */
const unlisted = ({ rejections }: Person, gate: Gate): Consideration =>
  blocked(Object.keys(rejections).length === 0 ? gate : { _tag: "RowRejected" })

/** Together's no that holds whatever is to be sent. */
const standingRefusal = ({ latest }: SinkView): Gate | undefined => {
  if (latest?.type === "UserGone") return { _tag: "Gone" }
  return latest?.type === "UserConflicted" && latest.released !== true ? { _tag: "Conflicted" } : undefined
}

/** HR's values as they would be sent, each with where it comes from. */
export const toBeSent = (wanted: DesiredFields, employeeId: string, { mapping }: Policy): DesiredFields =>
  withoutSelf(mapFields(mapping, wanted), employeeId)

/** Who heads the organization is sometimes listed as their own manager; Together knows no such thing. */
const withoutSelf = (fields: DesiredFields, employeeId: string): DesiredFields => {
  if (fields.supervisorId?.value !== employeeId) return fields
  const { supervisorId: _, ...rest } = fields
  return rest
}

const blocked = (gate: Gate): Consideration => ({ _tag: "Blocked", gate })

const firstDay = (person: Person): string =>
  Object.values(person.sources)
    .filter((view) => view.presence !== "remark")
    .flatMap((view) => view.versions.map((version) => version.from))
    .reduce((a, b) => (a < b ? a : b), "9999-12-31")

/** A joiner needs every required field; fields without a value are left out. */
const forUnknown = (
  person: Person,
  employeeId: string,
  policy: Policy,
  scope: ScopeVerdict,
  wanted: Fields
): Consideration => {
  if (!scope.inside) return blocked({ _tag: "OutOfScope", rule: scope.rule })
  if (policy.scope.leavers === "known" && wanted.status === "terminated") {
    return blocked({ _tag: "OutOfScope", rule: "scope.leavers" })
  }
  const missing = requiredFields.filter((name) => isEmpty(wanted[name]))
  if (missing.length > 0) return blocked({ _tag: "RequiredMissing", fields: missing })
  return send(person, employeeId, false, filled(wanted))
}

const filled = (fields: Fields): Fields => keepFields(fields, (_, value) => !isEmpty(value))

/**
 * A known person gets what changed; outside the scope, only the news that they left. A required field that HR emptied
 * stays as it is at Together, and does not keep the rest back: least of all a termination.
 */
const forKnown = (
  person: Person,
  employeeId: string,
  policy: Policy,
  moment: Moment,
  scope: ScopeVerdict,
  wanted: Fields
): Consideration => {
  const applied = heldThere(person.sink, policy)
  const changes = withoutEmptyOnEmpty(changedFields(valuesOf(applied), wanted), applied)
  if (!scope.inside && changes.status !== "terminated") return blocked({ _tag: "OutOfScope", rule: scope.rule })
  const news = scope.inside ? changes : newsOfLeaving(changes)
  const emptied = requiredFields.filter((name) => name in news && isEmpty(news[name]))
  const rest = keepFields(news, (name) => !emptied.includes(name))
  if (emptied.length > 0 && saysNothing(rest)) {
    return blocked({ _tag: "RequiredMissing", fields: emptied })
  }
  const considered = send(person, employeeId, true, rest)
  if (considered._tag !== "UpToDate" || !isToBeRefreshed(person, policy, moment, scope, wanted)) return considered
  const fields = filled(wanted)
  return refusalOf(person.sink, employeeId, fields) ?? { _tag: "Refresh", employeeId, fields }
}

/**
 * What the entry is taken to hold: what was applied, or what Together's list showed since, if that is to be repaired. A
 * value that Together came back to after it took a repair is its own way of keeping what it is sent: let be, and shown.
 */
const heldThere = ({ applied, drift, repaired }: SinkView, policy: Policy): Opinions => {
  if (policy.drift === "report") return applied
  const open = Object.entries(drift).filter(
    ([name, { value }]) => !sameValue(repaired[name as FieldName]?.value, value)
  )
  return { ...applied, ...Object.fromEntries(open) }
}

/** Under `report` nothing is refreshed: it would overwrite unseen what was edited at Together. */
const isToBeRefreshed = (
  { sink, stream }: Person,
  policy: Policy,
  moment: Moment,
  scope: ScopeVerdict,
  wanted: Fields
): boolean =>
  policy.refresh === "daily" &&
  policy.drift === "repair" &&
  scope.inside &&
  wanted.status !== "terminated" &&
  sink.acceptedAt !== null &&
  isRefreshDue(stream, sink.acceptedAt, moment)

const newsOfLeaving = (changes: Fields): Fields =>
  keepFields(changes, (name) => name === "status" || name === "dateOfTermination")

/** Emptying a field that was never filled is no change. */
const withoutEmptyOnEmpty = (changes: Fields, applied: Opinions): Fields =>
  keepFields(changes, (name, value) => !(isEmpty(value) && isEmpty(applied[name]?.value)))

const send = ({ sink }: Person, employeeId: string, known: boolean, changes: Fields): Consideration => {
  const userId = known ? undefined : sink.userId
  if (saysNothing(changes)) return { _tag: "UpToDate" }
  return (
    refusalOf(sink, employeeId, changes, userId) ?? {
      _tag: "Send",
      employeeId,
      known,
      changes,
      ...(userId === undefined ? {} : { userId })
    }
  )
}

/** Together's no to this very payload, unless someone released it. */
const refusalOf = (
  { latest }: SinkView,
  employeeId: string,
  fields: Fields,
  userId?: string
): Consideration | undefined =>
  latest?.type === "UserRejected" &&
  latest.released !== true &&
  isSamePayload(latest.payloadHash, employeeId, fields, userId)
    ? blocked({ _tag: "Rejected", answer: latest.answer })
    : undefined

/** A refused payload stays refused, also where a manager was still owed in it. */
const isSamePayload = (hash: string, employeeId: string, changes: Fields, userId: string | undefined): boolean =>
  hash === payloadHash(employeeId, changes, userId) ||
  hash === payloadHash(employeeId, withoutSupervisor(changes), userId)

export const withoutSupervisor = (changes: Fields): Fields => {
  const { supervisorId: _, ...rest } = changes
  return rest
}

/** SHA-256 of the key and the fields that are sent, and of the entry's own id where it is written by that. */
export const payloadHash = (employeeId: string, fields: Fields, userId?: string): string =>
  sha256(canonicalJson({ employeeId, ...fields, userId }))
