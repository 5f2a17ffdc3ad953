/**
 * An employee's fields as Together's JSON has them: its names, its codes, its date-times.
 *
 * Pure; called by `TogetherClient` for every person sent. A payload without the key cannot be made here: one would
 * create a second record of a person who is already there (User API, "Otherwise, a new record will be created").
 */
import {
  type EmployeeStatus,
  type FieldName,
  type FieldValue,
  type Fields,
  fieldEntries,
  fieldSpecs
} from "@rollcall/core/domain/Field"

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
