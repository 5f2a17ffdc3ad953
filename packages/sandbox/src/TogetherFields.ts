/**
 * What Together's data spec says about the fields of one user: which are required, which must be text, an ISO datetime, a
 * boolean or a list of e-mail addresses, and which values `employeeStatusCode` may have.
 * Called by TogetherUsers before anything is stored. It looks at one payload alone and never at other users, never at a
 * clock, and never throws: the first broken rule comes back as a value.
 */
import { DateTime, Option, Predicate } from "effect"

/** The fields of a user as Together keeps them, unknown fields included. */
export interface Fields {
  readonly [field: string]: unknown
}

/** One broken rule: the field it is about and a sentence that never repeats the field's value. */
export interface FieldProblem {
  readonly field: string
  readonly reason: string
}

/** Required at creation, and never to be emptied afterwards. */
export const requiredFields = ["firstName", "lastName", "email", "employeeStatusCode"] as const

const textFields = [
  "employeeNumber",
  "middleName",
  "preferredName",
  "departmentId",
  "departmentName",
  "supervisorId",
  "employeeTypeCode",
  "fullTimeOrPartTimeCode",
  "gender",
  "officeId",
  "officeAddress",
  "title",
  "addressState",
  "addressCountry"
]

const dateFields = [
  "lastUpdated",
  "dateOfBirth",
  "dateOfSeniority",
  "dateInJob",
  "lastHireDate",
  "dateOfTermination",
  "originalHireDate"
]

/** Absent, null and the empty text all mean "nothing here". */
export const isEmptyValue = (value: unknown): value is undefined | null | "" =>
  value === undefined || value === null || value === ""

/** The first broken rule of a new user, or undefined. */
export const problemOfNew = (fields: Fields): FieldProblem | undefined => {
  const missing = requiredFields.find((field) => fields[field] === undefined)
  return missing === undefined
    ? problemOfPatch(fields)
    : { field: missing, reason: `${missing} is required to create a user` }
}

/** The first broken rule among the supplied fields, or undefined. */
export const problemOfPatch = (fields: Fields): FieldProblem | undefined => {
  for (const [field, value] of Object.entries(fields)) {
    const reason = reasonAgainst(field, value)
    if (reason !== undefined) return { field, reason: `${field} ${reason}` }
  }
  return undefined
}

const rules = new Map<string, (value: unknown) => string | undefined>([
  ["employeeId", requiredText],
  ["firstName", requiredText],
  ["lastName", requiredText],
  ["email", (value) => requiredText(value) ?? (isPlausibleEmail(value) ? undefined : "must be an e-mail address")],
  [
    "employeeStatusCode",
    (value) => (value === "A" || value === "T" || value === "L" ? undefined : "must be A, T or L")
  ],
  ["remote", optional(Predicate.isBoolean, "must be true or false")],
  ["alternateEmails", optional(isListOfText, "must be an array of strings")],
  ...textFields.map((field) => [field, optional(Predicate.isString, "must be a string")] as const),
  ...dateFields.map((field) => [field, optional(isIsoDateTime, "must be an ISO datetime with an offset")] as const)
])

const reasonAgainst = (field: string, value: unknown): string | undefined => rules.get(field)?.(value)

function requiredText(value: unknown): string | undefined {
  if (isEmptyValue(value)) return "is required and cannot be empty"
  if (!Predicate.isString(value)) return "must be a string"
  return value.trim() === "" ? "is required and cannot be empty" : undefined
}

function optional(accepts: (value: unknown) => boolean, reason: string) {
  return (value: unknown) => (isEmptyValue(value) || accepts(value) ? undefined : reason)
}

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.every(Predicate.isString)
}

const isPlausibleEmail = (value: unknown) => Predicate.isString(value) && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)

/** The host language rolls February 30 over to March, so the calendar day is compared after parsing. */
function isIsoDateTime(value: unknown): boolean {
  if (!Predicate.isString(value)) return false
  const match = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.exec(value)
  if (match === null || Option.isNone(DateTime.make(value))) return false
  const day = DateTime.make(`${match[1]}T00:00:00Z`)
  return Option.isSome(day) && DateTime.formatIso(day.value).startsWith(`${match[1]}`)
}
