/**
 * What the Directory shows of one employee on a day: HR's word and the API's, by the configured precedence.
 *
 * Pure: the API's record, the person of the log, the policy and a clock value in, the rows of the Directory's tables
 * out. The same events, policy and day always give the same rows; that is what `rollcall rebuild` proves.
 */
import { DateTime } from "effect"

import { directorySource, supervisorKind } from "../contract/Directory.ts"
import { type EmployeeProfile, type EmployeeProfileMember, employeeProfileMembers } from "../contract/Employees.ts"
import { uuidV5 } from "../domain/Digest.ts"
import { employeeUuid, organizationUuid } from "../domain/Employee.ts"
import type { RecordedEvent } from "../domain/Event.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { type DesiredEmployee, type DesiredField, desired, idlyAbsentSince } from "../sync/Desired.ts"
import { type Person, reduce } from "../sync/Reduce.ts"
import type { EmployeeRecord, Trace } from "./EmployeeRecord.ts"
import { profileFields, supervisorOf } from "./EmployeeWord.ts"

/** `person`: HR's word names a person, who may have another id here. */
export type ManagerRow =
  | { readonly by: "hr"; readonly person: string; readonly kind: string }
  | { readonly by: "api"; readonly manager: string; readonly kind: string }

/** HR's word that somebody is in a department or an office; what the group is called comes with it. */
export interface PlaceRow {
  readonly group: string
  readonly kind: "department" | "office"
  readonly name: string
  /** Position of the event that gave the name: the latest one of all members counts. */
  readonly position: number
}

export interface EmployeeView {
  readonly id: string
  readonly person: string | null
  readonly name: string
  readonly email: string | null
  readonly account: string | null
  readonly role: string | null
  readonly type: string | null
  readonly status: "ACTIVE" | "LEAVE" | "TERMINATED"
  readonly statusTrace: Trace
  readonly created: Trace
  /** HR's key; null: none yet. */
  readonly employeeNumber: string | null
  readonly profile: EmployeeProfile
  /** Made through the API. */
  readonly made: boolean
  readonly managers: ReadonlyArray<ManagerRow>
  readonly places: ReadonlyArray<PlaceRow>
  /** The next day on which any of this may change by itself. */
  readonly turnsOn: string | null
  /** Which source each value is from, for those that are not the API's. */
  readonly hr: { readonly [member in EmployeeProfileMember | "name" | "email" | "supervisor"]?: string }
}

interface Subject {
  readonly organization: OrganizationId
  readonly record: EmployeeRecord
  /** The person's stream, whole; empty: HR has never heard of them. */
  readonly history: ReadonlyArray<RecordedEvent>
}

/** Undefined: there is nobody to be shown (not yet, no more, erased). */
export const employeeView = (subject: Subject, policy: Policy, moment: Moment): EmployeeView | undefined => {
  const { history, organization, record } = subject
  const stream = history[0]?.stream ?? ""
  const person = reduce(stream, history)
  if (person.erased !== undefined) return undefined
  const wanted = desired(person, policy, moment)
  const made = record.created
  const known = (wanted.presence !== "unknown" && wanted.presence !== "expected") || made !== null
  const first = made ?? traceOf(history[0])
  if (!known || first === undefined || (made === null && person.employeeId === undefined)) return undefined
  const names = nameOf(record, wanted)
  const email = shown(record.email, wanted.fields.email)
  return {
    id: record.id,
    person: stream === "" ? record.person : stream.slice(stream.indexOf(":") + 1),
    name: names.value,
    email: email.value,
    account: record.account,
    role: record.role,
    type: textOf(wanted.fields.employeeTypeCode),
    ...statusOf(wanted, history, first),
    created: first,
    employeeNumber: person.employeeId ?? null,
    profile: profileOf(record, person, wanted),
    made: made !== null,
    managers: managersOf(organization, record, wanted),
    places: placesOf(organization, wanted),
    turnsOn: nextTurn(person, policy, moment),
    hr: originsOf(wanted, names.source, email.source)
  }
}

const traceOf = (recorded: RecordedEvent | undefined): Trace | undefined =>
  recorded === undefined ? undefined : { at: recorded.recordedAt, actor: recorded.actor }

const textOf = (field: DesiredField | undefined): string | null =>
  typeof field?.value === "string" && field.value !== "" ? field.value : null

interface Shown {
  readonly value: string | null
  /** The source other than the API that is believed. */
  readonly source: string | undefined
}

/** The API's own value, unless another source is believed. */
const shown = (own: string | null | undefined, field: DesiredField | undefined): Shown =>
  field === undefined || field.source === directorySource
    ? { value: own ?? null, source: undefined }
    : { value: textOf(field), source: field.source }

/** HR's people by first (or preferred) and last name; whoever has neither by address or key. */
const nameOf = (record: EmployeeRecord, { employeeId, fields }: DesiredEmployee) => {
  const source = [fields.firstName, fields.lastName].find(
    (field) => field !== undefined && field.source !== directorySource
  )?.source
  if (source === undefined && record.name !== undefined) return { value: record.name, source }
  const parts = [textOf(fields.preferredName) ?? textOf(fields.firstName), textOf(fields.lastName)]
  const joined = parts.filter((part) => part !== null).join(" ")
  return { value: [joined, textOf(fields.email), employeeId].find((text) => text != null && text !== "") ?? "", source }
}

const statuses = { active: "ACTIVE", leave: "LEAVE", terminated: "TERMINATED" } as const

const statusOf = ({ fields }: DesiredEmployee, history: ReadonlyArray<RecordedEvent>, first: Trace) => {
  const { status } = fields
  const known = status !== undefined && typeof status.value === "string" && status.value in statuses
  return {
    status: known ? statuses[status.value as keyof typeof statuses] : statuses.active,
    statusTrace: (known ? traceOf(history.find(({ position }) => position === status.position)) : undefined) ?? first
  }
}

const profileOf = (record: EmployeeRecord, person: Person, { fields }: DesiredEmployee): EmployeeProfile => {
  const profile: { [member in EmployeeProfileMember]?: string | null } = {}
  for (const member of employeeProfileMembers) {
    const own = record.profile[member]
    const field = member in profileFields ? fields[profileFields[member as keyof typeof profileFields]] : undefined
    const value = member === "employeeNumber" ? (person.employeeId ?? null) : shown(own, field).value
    if (value !== null) profile[member] = value
  }
  const place = profile.location ?? textOf(fields.officeAddress) ?? textOf(fields.officeId)
  return place === null || record.profile.location === null ? profile : { ...profile, location: place }
}

/** HR's supervisor, or that there is none, unless the API's is believed; every other kind of manager is the API's. */
const managersOf = (
  organization: OrganizationId,
  record: EmployeeRecord,
  { employeeId, fields }: DesiredEmployee
): ReadonlyArray<ManagerRow> => {
  const { supervisorId } = fields
  const byHr = supervisorId !== undefined && supervisorId.source !== directorySource
  const key = byHr ? textOf(supervisorId) : null
  const own = record.managers
    .filter(({ kind }) => kind !== supervisorKind || !byHr)
    .map(({ kind, manager }): ManagerRow => ({ by: "api", manager, kind }))
  return key !== null && key !== employeeId
    ? [{ by: "hr", person: employeeUuid(organization, key), kind: supervisorKind }, ...own]
    : own
}

const placesOf = (organization: OrganizationId, { fields }: DesiredEmployee): ReadonlyArray<PlaceRow> => {
  const place = (kind: PlaceRow["kind"], id: DesiredField | undefined, name: DesiredField | undefined) => {
    const key = textOf(id) ?? textOf(name)
    if (key === null) return []
    const group = uuidV5(organizationUuid(organization), `${kind}:${key}`)
    const position = (textOf(name) === null ? id : name)?.position ?? 0
    return [{ group, kind, name: textOf(name) ?? key, position }]
  }
  return [
    ...place("department", fields.departmentId, fields.departmentName),
    ...place("office", fields.officeId, fields.officeAddress)
  ]
}

/** The first day to come from which a source's word holds, or on which an absence has its consequence. */
const nextTurn = (person: Person, policy: Policy, moment: Moment): string | null => {
  const dated = Object.values(person.sources).flatMap(({ versions }) => versions.map(({ from }) => from))
  const idleSince = idlyAbsentSince(person, policy.absence, moment)
  const waits = idleSince !== undefined && policy.absence.policy !== "report"
  const days = waits ? [...dated, daysAfter(idleSince, policy.absence.afterDays ?? 0)] : dated
  return days.filter((day) => day > moment.day).reduce<string | null>((a, b) => (a === null || b < a ? b : a), null)
}

const daysAfter = (day: string, days: number): string =>
  DateTime.formatIsoDate(DateTime.add(DateTime.makeUnsafe(`${day}T00:00:00Z`), { days }))

const originsOf = (
  { fields }: DesiredEmployee,
  name: string | undefined,
  email: string | undefined
): EmployeeView["hr"] => {
  const origins: { [member: string]: string } = {}
  const note = (member: string, source: string | undefined) => {
    if (source !== undefined && source !== directorySource) origins[member] = source
  }
  note("name", name)
  note("email", email)
  note("supervisor", fields.supervisorId?.source)
  for (const [member, field] of Object.entries(profileFields)) note(member, fields[field]?.source)
  return origins
}

/** The API's supervisor, if it is the one that is shown. */
export const shownSupervisor = (view: EmployeeView, record: EmployeeRecord): string | undefined => {
  const own = supervisorOf(record)
  return view.managers.some((row) => row.by === "api" && row.manager === own && row.kind === supervisorKind)
    ? own
    : undefined
}
