/**
 * Decides about one person: send these fields, nothing to send, or stopped by this gate.
 *
 * Pure. Called by `Plan` for everybody, and again by `Reconcile` for the people of a batch just before it is sent, so
 * that what goes out is what holds at that moment.
 */
import { canonicalJson, sha256 } from "../domain/Digest.ts"
import { type FieldName, type Fields, changedFields, fieldEntries, requiredFields } from "../domain/Field.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { type DesiredFields, desired, values } from "./Desired.ts"
import { mapFields } from "./Mapping.ts"
import { type Opinions, type Person, valuesOf } from "./Reduce.ts"
import { type ScopeVerdict, judgeScope } from "./Scope.ts"

/** Why a person is not sent. Closed: `plan` and `employee` explain each of them. */
export type Gate =
  | { readonly _tag: "NotInAnySource" }
  | { readonly _tag: "WaitsForDate"; readonly from: string }
  | { readonly _tag: "OutOfScope"; readonly rule: string }
  | { readonly _tag: "RequiredMissing"; readonly fields: ReadonlyArray<FieldName> }
  | { readonly _tag: "WaitsForManager" }
  | { readonly _tag: "Rejected"; readonly answer: string | undefined }
  | { readonly _tag: "Conflicted" }
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
    }

export const consider = (person: Person, policy: Policy, moment: Moment): Consideration => {
  const wanted = desired(person, policy, moment)
  if (person.employeeId === undefined) return blocked({ _tag: "Erased" })
  if (wanted.presence === "unknown") return blocked({ _tag: "NotInAnySource" })
  const latest = person.sink.latest?.type
  if (latest === "UserGone") return blocked({ _tag: "Gone" })
  if (latest === "UserConflicted") return blocked({ _tag: "Conflicted" })
  if (wanted.presence === "expected") return blocked({ _tag: "WaitsForDate", from: firstDay(person) })
  const scope = judgeScope(policy.scope, values(wanted.fields))
  const mapped = withoutSelf(mapFields(policy.mapping, wanted.fields), person.employeeId)
  if (person.sink.known) return forKnown(person, person.employeeId, scope, values(mapped))
  // Whom no source has any more, and Together never had, is nobody's leaver.
  if (wanted.presence !== "present") return blocked({ _tag: "NotInAnySource" })
  return forUnknown(person, person.employeeId, policy, scope, values(mapped))
}

/** Who heads the organization is sometimes listed as their own manager; Together knows no such thing. */
const withoutSelf = (fields: DesiredFields, employeeId: string): DesiredFields => {
  if (fields.supervisorId?.value !== employeeId) return fields
  const { supervisorId: _, ...rest } = fields
  return rest
}

const blocked = (gate: Gate): Consideration => ({ _tag: "Blocked", gate })

const firstDay = (person: Person): string =>
  Object.values(person.sources)
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
  const given = Object.fromEntries(fieldEntries(wanted).filter(([, value]) => !isEmpty(value))) as Fields
  return send(person, employeeId, given)
}

/**
 * A known person gets what changed; outside the scope, only the news that they left. A required field that HR emptied
 * stays as it is at Together, and does not keep the rest back: least of all a termination.
 */
const forKnown = (person: Person, employeeId: string, scope: ScopeVerdict, wanted: Fields): Consideration => {
  const { applied } = person.sink
  const changes = withoutEmptyOnEmpty(changedFields(valuesOf(applied), wanted), applied)
  if (!scope.inside && changes.status !== "terminated") return blocked({ _tag: "OutOfScope", rule: scope.rule })
  const news = scope.inside ? changes : newsOfLeaving(changes)
  const emptied = requiredFields.filter((name) => name in news && isEmpty(news[name]))
  const rest = Object.fromEntries(fieldEntries(news).filter(([name]) => !emptied.includes(name))) as Fields
  if (emptied.length > 0 && Object.keys(rest).length === 0) {
    return blocked({ _tag: "RequiredMissing", fields: emptied })
  }
  return send(person, employeeId, rest)
}

const newsOfLeaving = (changes: Fields): Fields =>
  Object.fromEntries(fieldEntries(changes).filter(([name]) => name === "status" || name === "dateOfTermination"))

const isEmpty = (value: Fields[FieldName] | undefined): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)

/** Emptying a field that was never filled is no change. */
const withoutEmptyOnEmpty = (changes: Fields, applied: Opinions): Fields =>
  Object.fromEntries(
    fieldEntries(changes).filter(([name, value]) => !(isEmpty(value) && isEmpty(applied[name]?.value)))
  )

const send = (person: Person, employeeId: string, changes: Fields): Consideration => {
  if (Object.keys(changes).length === 0) return { _tag: "UpToDate" }
  const latest = person.sink.latest
  if (latest?.type === "UserRejected" && isSamePayload(latest.payloadHash, employeeId, changes)) {
    return blocked({ _tag: "Rejected", answer: latest.answer })
  }
  return { _tag: "Send", employeeId, known: person.sink.known, changes }
}

/** A refused payload stays refused, also where a manager was still owed in it. */
const isSamePayload = (hash: string, employeeId: string, changes: Fields): boolean =>
  hash === payloadHash(employeeId, changes) || hash === payloadHash(employeeId, withoutSupervisor(changes))

export const withoutSupervisor = (changes: Fields): Fields => {
  const { supervisorId: _, ...rest } = changes
  return rest
}

/** SHA-256 of the key and the fields that are sent, in canonical JSON. */
export const payloadHash = (employeeId: string, fields: Fields): string =>
  sha256(canonicalJson({ employeeId, ...fields }))
