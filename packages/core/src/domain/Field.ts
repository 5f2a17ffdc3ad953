/**
 * The fields an employee has, what each holds and how private it is.
 *
 * Names are those of Together's data spec, which are HR's own (UltiPro's); `status` alone is spelled out and translated
 * by the sink. The class decides where a value stands in the log: `none` beside the event, `personal` and `sensitive`
 * apart from it, where an erasure reaches them.
 */

/** none: says nothing of a person by itself · personal: identifies one · sensitive: personal, and never shown in full. */
export type FieldClass = "none" | "personal" | "sensitive"

/** What a field holds. `date` is a calendar date `YYYY-MM-DD`; `reference` is another employee's `employeeId`. */
export type FieldKind = "text" | "email" | "emails" | "status" | "reference" | "date" | "flag"

interface FieldSpec {
  readonly class: FieldClass
  readonly kind: FieldKind
  /** Together refuses a new user without it (User Directory Data Spec, "Required: Yes"). */
  readonly required?: true
}

/** Every field but the key. Order is the order in which people are shown them. */
export const fieldSpecs = {
  firstName: { class: "personal", kind: "text", required: true },
  middleName: { class: "personal", kind: "text" },
  lastName: { class: "personal", kind: "text", required: true },
  preferredName: { class: "personal", kind: "text" },
  email: { class: "personal", kind: "email", required: true },
  alternateEmails: { class: "personal", kind: "emails" },
  status: { class: "none", kind: "status", required: true },
  supervisorId: { class: "personal", kind: "reference" },
  title: { class: "none", kind: "text" },
  departmentId: { class: "none", kind: "text" },
  departmentName: { class: "none", kind: "text" },
  officeId: { class: "none", kind: "text" },
  officeAddress: { class: "none", kind: "text" },
  addressState: { class: "personal", kind: "text" },
  addressCountry: { class: "personal", kind: "text" },
  remote: { class: "none", kind: "flag" },
  employeeTypeCode: { class: "none", kind: "text" },
  fullTimeOrPartTimeCode: { class: "none", kind: "text" },
  gender: { class: "sensitive", kind: "text" },
  dateOfBirth: { class: "sensitive", kind: "date" },
  originalHireDate: { class: "personal", kind: "date" },
  lastHireDate: { class: "personal", kind: "date" },
  dateOfTermination: { class: "personal", kind: "date" },
  dateOfSeniority: { class: "personal", kind: "date" },
  dateInJob: { class: "personal", kind: "date" }
} as const satisfies Record<string, FieldSpec>

export type FieldName = keyof typeof fieldSpecs

export const fieldNames = Object.keys(fieldSpecs) as ReadonlyArray<FieldName>

export const isFieldName = (name: string): name is FieldName => Object.hasOwn(fieldSpecs, name)

export const fieldSpec = (name: FieldName): FieldSpec => fieldSpecs[name]

/** Whether a value of this field belongs to the personal part of an event. */
export const isPersonal = (name: FieldName): boolean => fieldSpecs[name].class !== "none"

export const requiredFields = fieldNames.filter((name) => fieldSpec(name).required === true)

/** `active`, on `leave`, or `terminated`: Together's A, L and T. */
export const statuses = ["active", "leave", "terminated"] as const

export type EmployeeStatus = (typeof statuses)[number]

/** One value: `null` is asserted empty. A field that is missing from `Fields` is one without an opinion. */
export type FieldValue = string | boolean | ReadonlyArray<string> | null

/** What is said of some fields: missing (no opinion), `null` (asserted empty) or a value. */
export type Fields = { readonly [name in FieldName]?: FieldValue }

/** What counts as no value: nothing said, asserted empty, an empty text or list. */
export const isEmpty = (value: FieldValue | undefined): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)

export const sameValue = (a: FieldValue | undefined, b: FieldValue | undefined): boolean =>
  a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((x, i) => x === b[i]))

/** The named members of `fields`, in the order of `fieldSpecs`. */
export const fieldEntries = (fields: Fields): ReadonlyArray<readonly [FieldName, FieldValue]> => {
  const entries: Array<readonly [FieldName, FieldValue]> = []
  for (const name of fieldNames) {
    const value = fields[name]
    if (value !== undefined) entries.push([name, value])
  }
  return entries
}

/** Whether nothing is said of any field. */
export const saysNothing = (fields: { readonly [name in FieldName]?: unknown }): boolean =>
  fieldNames.every((name) => fields[name] === undefined)

/** The members that are to be kept, in the order of `fieldSpecs`; the same object where that is all of them. */
export const keepFields = (fields: Fields, isKept: (name: FieldName, value: FieldValue) => boolean): Fields => {
  const isDropped = (name: FieldName): boolean => {
    const value = fields[name]
    return value !== undefined && !isKept(name, value)
  }
  if (!fieldNames.some(isDropped)) return fields
  return Object.fromEntries(fieldEntries(fields).filter(([name]) => !isDropped(name)))
}

/**
 * Every member made into something else. Members of a copy are replaced, not added one by one: so it keeps the shape that
 * objects with the same members have, and nothing has to grow; a plan makes several of them for everybody.
 */
export const mapMembers = <A, B>(
  members: { readonly [name in FieldName]?: A },
  make: (value: A) => B
): { readonly [name in FieldName]?: B } => {
  const made: { [name in FieldName]?: A | B } = { ...members }
  for (const name of fieldNames) {
    const value = members[name]
    if (value !== undefined) made[name] = make(value)
  }
  return made as { readonly [name in FieldName]?: B }
}

/** The members of `next` whose value differs from what `known` holds; a field missing from `next` is no change. */
export const changedFields = (known: Fields, next: Fields): Fields =>
  keepFields(next, (name, value) => !sameValue(known[name], value))
