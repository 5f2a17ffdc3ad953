/**
 * An employee's fields as Together's JSON has them, there and back: its names, its codes, its date-times.
 *
 * Pure; called by `TogetherClient` for every person sent and by `TogetherPage` for every person listed. A payload without the key cannot be made here: one would
 * create a second record of a person who is already there (User API, "Otherwise, a new record will be created").
 */
import type { ListedUser } from "@rollcall/core/contract/Sink"
import {
  type EmployeeStatus,
  type FieldKind,
  type FieldName,
  type FieldValue,
  type Fields,
  fieldEntries,
  fieldNames,
  fieldSpecs,
  statuses
} from "@rollcall/core/domain/Field"
import { DateTime, Option, Predicate } from "effect"

/** One member of the body of `POST /public/user`. */
export interface TogetherUser {
  readonly employeeId: string
  readonly [field: string]: FieldValue
}

/** User Directory Data Spec: A active, T terminated, L on leave. */
const statusCodes: Readonly<Record<EmployeeStatus, string>> = { active: "A", leave: "L", terminated: "T" }

export const toWire = (employeeId: string, fields: Fields): TogetherUser => ({
  employeeId,
  ...Object.fromEntries(fieldEntries(fields).map(([name, value]) => [wireName(name), wireValue(name, value)]))
})

const wireName = (name: FieldName): string => (name === "status" ? "employeeStatusCode" : name)

/**
 * An emptied text is sent as `""`, as in the document's own example; how other kinds are emptied is not documented, so
 * they go as JSON's own nothing (`null`, `[]`).
 */
const wireValue = (name: FieldName, value: FieldValue): FieldValue => {
  const { kind } = fieldSpecs[name]
  if (value === null) return kind === "emails" ? [] : kind === "date" || kind === "flag" ? null : ""
  if (kind === "status") return statusCodes[value as EmployeeStatus]
  return kind === "date" ? `${value as string}T00:00:00.000Z` : value
}

/** An entry of Together's list. What is of another kind than documented is left out: it says nothing. */
export const fromWire = (user: { readonly [member: string]: unknown }): ListedUser => {
  const userId = [user["userId"], user["id"], user["_id"]].map(idOf).find(Predicate.isNotUndefined)
  const employeeId = [user["employeeId"], user["employeeNumber"]].filter(Predicate.isString).find((key) => key !== "")
  const entries = fieldNames
    .map((name) => [name, readValue(name, user[wireName(name)])] as const)
    .filter(([, value]) => value !== undefined)
  return {
    ...(userId === undefined ? {} : { userId }),
    ...(employeeId === undefined ? {} : { employeeId }),
    fields: Object.fromEntries(entries)
  }
}

const idOf = (value: unknown): string | undefined =>
  Predicate.isNumber(value) ? String(value) : Predicate.isString(value) && value !== "" ? value : undefined

/** Together's example empties with `""`; `null` and `[]` are as empty. */
const readValue = (name: FieldName, value: unknown): FieldValue | undefined =>
  value === null || value === "" ? null : readers[fieldSpecs[name].kind](value)

const readText = (value: unknown) => (Predicate.isString(value) ? value : undefined)

const readers: Readonly<Record<FieldKind, (value: unknown) => FieldValue | undefined>> = {
  text: readText,
  email: readText,
  reference: readText,
  flag: (value) => (Predicate.isBoolean(value) ? value : undefined),
  emails: (value) => {
    if (!Array.isArray(value) || !value.every(Predicate.isString)) return undefined
    return value.length === 0 ? null : value
  },
  status: (value) => {
    const code = Predicate.isString(value) ? value.toUpperCase() : undefined
    return statuses.find((status) => statusCodes[status] === code)
  },
  date: (value) => (Predicate.isString(value) ? readDate(value) : undefined)
}

/** The calendar day of a date, or of a date-time in UTC, in which they are sent. */
const readDate = (text: string): string | undefined => {
  const match = /^(\d{4}-\d{2}-\d{2})(T.*)?$/.exec(text)
  if (match?.[1] === undefined || !isDay(match[1])) return undefined
  if (match[2] === undefined || /^T[\d:.]*$/.test(match[2])) return match[1]
  return Option.getOrUndefined(Option.map(DateTime.make(text), DateTime.formatIsoDateUtc))
}

/** Not so a day that the calendar does not have, such as February 30. */
const isDay = (day: string): boolean =>
  Option.exists(DateTime.make(`${day}T00:00:00Z`), (made) => DateTime.formatIsoDateUtc(made) === day)
