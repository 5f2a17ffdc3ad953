/**
 * What the API's record says of a person to the engine, in the engine's own fields: the word of the source `directory`.
 *
 * Pure. Said in the person's stream whenever it changes, so that it counts in the configured precedence and reaches
 * Together. An employee the API made is vouched for (`EmployeeAppeared`); of HR's people it only says what it was told.
 */
import { directorySource, supervisorKind } from "../contract/Directory.ts"
import type { EmployeeProfileMember } from "../contract/Employees.ts"
import { employeeStream } from "../domain/Employee.ts"
import type { Event, NewEvent } from "../domain/Event.ts"
import { type FieldName, type Fields, changedFields, fieldEntries } from "../domain/Field.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import { valuesOf } from "../sync/Opinions.ts"
import { type Person, wordOn } from "../sync/Reduce.ts"
import type { EmployeeRecord } from "./EmployeeRecord.ts"

/** Members of the profile that HR and Together have a field for. `employeeNumber` is the key itself. */
export const profileFields = {
  firstName: "firstName",
  lastName: "lastName",
  birthDate: "dateOfBirth",
  gender: "gender",
  joinDate: "originalHireDate",
  companyRole: "title"
} as const satisfies { readonly [member in EmployeeProfileMember]?: FieldName }

/** The first and last name in a whole one, cut at its last space: all that Together needs and the API does not ask for. */
export const cutName = (name: string): { readonly firstName: string; readonly lastName: string | undefined } => {
  const at = name.lastIndexOf(" ")
  return at < 0
    ? { firstName: name, lastName: undefined }
    : { firstName: name.slice(0, at).trimEnd(), lastName: name.slice(at + 1) }
}

/** `supervisorKey`: HR's key of the supervisor that the API assigned; null: one without a key, or none any more. */
export const wordOf = (record: EmployeeRecord, supervisorKey: string | null): Fields => {
  const word: { [name in FieldName]?: string | null } = {}
  if (record.name !== undefined) {
    const { firstName, lastName } = cutName(record.name)
    word.firstName = firstName
    if (lastName !== undefined) word.lastName = lastName
  }
  if (record.email !== undefined) word.email = record.email
  for (const [member, field] of Object.entries(profileFields) as ReadonlyArray<[EmployeeProfileMember, FieldName]>) {
    const value = record.profile[member]
    // An emptied name falls back to the whole one.
    if (value === undefined || (value === null && word[field] !== undefined)) continue
    word[field] = value
  }
  if (record.created !== null) word.status = "active"
  if (supervisorKey !== null) word.supervisorId = supervisorKey
  return word
}

export const supervisorOf = ({ managers }: EmployeeRecord): string | undefined =>
  managers.find(({ kind }) => kind === supervisorKind)?.manager

interface Occasion {
  readonly organization: OrganizationId
  /** A UUID that names the write. */
  readonly run: string
  readonly day: string
  readonly actor: string
}

/** What is to be said in the person's stream, given what was said there before; nothing where that is the same. */
export const utterances = (
  person: Person,
  word: Fields,
  { vouched, employeeId }: { readonly vouched: boolean; readonly employeeId: string },
  { organization, run, day, actor }: Occasion
): ReadonlyArray<NewEvent> => {
  const view = person.sources[directorySource]
  const said = view === undefined ? {} : valuesOf(wordOn(view, day, true))
  // What the API said and no longer says (a supervisor who was taken away, a name of one word now) is said to be none.
  const taken = fieldEntries(said).filter(([name, value]) => value !== null && word[name] === undefined)
  const whole: Fields = { ...word, ...Object.fromEntries(taken.map(([name]) => [name, null])) }
  const fields = changedFields(said, whole)
  const appearing = vouched && view === undefined
  if (Object.keys(fields).length === 0 && !appearing) return []
  const common = { source: directorySource, run, day, employeeId, fields: appearing ? whole : fields }
  const event: Event = !vouched
    ? { type: "EmployeeAmended", ...common }
    : { type: appearing ? "EmployeeAppeared" : "EmployeeChanged", locator: "api", ...common }
  return [{ stream: employeeStream(organization, employeeId), event, actor, effectiveOn: null, causation: null }]
}
