/**
 * What all sources together say of a person on a day: one value a field, with the event each value came from.
 *
 * Pure: a person, the customer's policy and a clock value in, a desired employee out. Joiner, mover and leaver are not
 * stored anywhere; they follow from this and from what Together holds (`Plan`).
 */
import {
  type FieldName,
  type FieldValue,
  type Fields,
  fieldNames,
  isPersonal,
  mapMembers,
  saysNothing
} from "../domain/Field.ts"
import type { Absence, Moment, Policy } from "../domain/Policy.ts"
import type { Opinions } from "./Opinions.ts"
import { type Person, type SourceView, wordOn } from "./Reduce.ts"

/** A value and where it comes from: the position of the event that said so, and the source that is believed. */
export interface DesiredField {
  readonly value: FieldValue
  readonly position: number
  readonly source: string
}

export type DesiredFields = { readonly [name in FieldName]?: DesiredField }

/** Whether some source has the person; `expected` only from a day to come. */
export type Presence = "present" | "expected" | "vanished" | "removed" | "unknown"

export interface DesiredEmployee {
  readonly stream: string
  readonly employeeId: string | undefined
  readonly presence: Presence
  readonly fields: DesiredFields
}

export const desired = (person: Person, policy: Policy, moment: Moment): DesiredEmployee => {
  const presence = presenceOf(person)
  const believed = policy.precedence.filter((source) => believes(person.sources[source], presence))
  const words = believed.map(
    (source) => [source, wordOn(person.sources[source] as SourceView, moment.day, true)] as const
  )
  const fields = merge(words)
  const appeared = words.some(([source, word]) => vouches(person.sources[source]) && !saysNothing(word))
  return {
    stream: person.stream,
    employeeId: person.employeeId,
    presence: presence === "present" && !appeared ? "expected" : presence,
    fields: withAbsence(fields, person, presence, policy.absence, moment)
  }
}

const presenceOf = (person: Person): Exclude<Presence, "expected"> => {
  const all = Object.values(person.sources).map((view) => view.presence)
  for (const presence of ["present", "removed", "vanished"] as const) if (all.includes(presence)) return presence
  return "unknown"
}

/** A source that no longer has the person has no say, as long as another still has; a remark always has. */
const believes = (view: SourceView | undefined, presence: Presence): boolean =>
  view !== undefined && (view.presence === "present" || view.presence === "remark" || presence !== "present")

const vouches = (view: SourceView | undefined): boolean => view !== undefined && view.presence !== "remark"

const merge = (words: ReadonlyArray<readonly [string, Opinions]>): DesiredFields => {
  const [only, another] = words
  if (only !== undefined && another === undefined) {
    const [source, word] = only
    return mapMembers(word, ({ position, value }) => ({ value, position, source }))
  }
  const fields: { [name in FieldName]?: DesiredField } = {}
  for (const name of fieldNames) {
    for (const [source, word] of words) {
      const opinion = word[name]
      if (opinion === undefined) continue
      fields[name] = { value: opinion.value, position: opinion.position, source }
      break
    }
  }
  return fields
}

/** A removal terminates; a disappearance does what the policy says of it. */
const withAbsence = (
  fields: DesiredFields,
  person: Person,
  presence: Presence,
  absence: Absence,
  moment: Moment
): DesiredFields => {
  if (presence !== "vanished" && presence !== "removed") return fields
  const [source, view] = lastSeen(person)
  if (presence === "vanished" && !hasConsequence(view, absence, moment)) return fields
  const value = presence === "removed" || absence.policy === "terminate" ? "terminated" : "leave"
  if (fields.status?.value === "terminated") return fields
  return { ...fields, status: { value, position: view.since.position, source } }
}

const hasConsequence = (view: SourceView, absence: Absence, moment: Moment): boolean =>
  absence.policy !== "report" && daysAbsent(view, moment) >= (absence.afterDays ?? 0)

/** Since which day nobody has the person, while the policy draws no consequence from it (yet); undefined otherwise. */
export const idlyAbsentSince = (person: Person, absence: Absence, moment: Moment): string | undefined => {
  if (presenceOf(person) !== "vanished") return undefined
  const [, view] = lastSeen(person)
  return hasConsequence(view, absence, moment) ? undefined : view.since.day
}

/** Never below zero, also when the organization's time zone was changed. */
const daysAbsent = (view: SourceView, moment: Moment): number => Math.max(0, daysBetween(view.since.day, moment.day))

const lastSeen = (person: Person): readonly [string, SourceView] =>
  Object.entries(person.sources)
    .filter(([, view]) => vouches(view))
    .reduce((a, b) => (a[1].since.position > b[1].since.position ? a : b))

/** Whole days from one calendar date to another. */
export const daysBetween = (from: string, to: string): number => dayNumber(to) - dayNumber(from)

/** Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
const dayNumber = (date: string): number => {
  const [y, m, d] = date.split("-").map(Number) as [number, number, number]
  const year = m <= 2 ? y - 1 : y
  const era = Math.floor(year / 400)
  const yearOfEra = year - era * 400
  const dayOfYear = Math.floor((153 * (m > 2 ? m - 3 : m + 9) + 2) / 5) + d - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

/** The values alone. */
export const values = (fields: DesiredFields): Fields => mapMembers(fields, ({ value }) => value)

/** Whether an erasure took the person's own fields; what is left cannot be sent. */
export const isErased = (person: Person): boolean =>
  person.employeeId === undefined &&
  fieldNames
    .filter(isPersonal)
    .every((name) => !Object.values(person.sources).some((view) => wordOn(view, "9999-12-31", true)[name]))
