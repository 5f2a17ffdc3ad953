/**
 * What the API was told of one employee: the fold of their stream `directory-employee:ID`.
 *
 * Pure. HR's people have such a record only where somebody said something of them through the API; those who were made
 * there begin with it. What is shown of an employee is `EmployeeView`'s to say, from this and HR's word.
 */
import type { EmployeeProfile } from "../contract/Employees.ts"
import type { RecordedEvent } from "../domain/Event.ts"

export interface ManagerLink {
  readonly manager: string
  readonly kind: string
}

export interface MembershipLink {
  readonly group: string
  readonly kind: string
}

/** Who did something, and when. */
export interface Trace {
  readonly at: string
  readonly actor: string
}

export interface EmployeeRecord {
  readonly id: string
  /** Null: HR knows them, the API did not make them. */
  readonly created: Trace | null
  readonly name: string | undefined
  readonly email: string | undefined
  readonly role: string | null
  readonly account: string | null
  /** Members the API gave a value (null: emptied). */
  readonly profile: EmployeeProfile
  /** The person in the log, `employee:PERSON`, whom an employee of the API's own was keyed to. */
  readonly person: string | null
  readonly employeeId: string | undefined
  readonly managers: ReadonlyArray<ManagerLink>
  readonly memberships: ReadonlyArray<MembershipLink>
  readonly version: number
  /** Nothing else is known then, until an operator lets the person come again. */
  readonly erased?: true
}

export const employeeRecordPrefix = "directory-employee:"

export const employeeRecordStream = (id: string): string => `${employeeRecordPrefix}${id}`

export const emptyRecord = (id: string): EmployeeRecord => ({
  id,
  created: null,
  name: undefined,
  email: undefined,
  role: null,
  account: null,
  profile: {},
  person: null,
  employeeId: undefined,
  managers: [],
  memberships: [],
  version: 0
})

export const foldRecord = (id: string, events: Iterable<RecordedEvent>): EmployeeRecord => {
  let record = emptyRecord(id)
  for (const event of events) record = evolveRecord(record, event)
  return record
}

/** Total: an event that says nothing of the employee only moves the version on. */
export const evolveRecord = (before: EmployeeRecord, recorded: RecordedEvent): EmployeeRecord => {
  const { event } = recorded
  if (event.type === "EmployeeErased") return forgotten(before, recorded, true)
  if (before.erased) return forgotten(before, recorded, event.type !== "HoldReleased")
  const record = { ...before, version: recorded.version }
  switch (event.type) {
    case "DirectoryEmployeeCreated":
      return {
        ...withDetails(record, event.details),
        created: { at: recorded.recordedAt, actor: recorded.actor },
        account: event.account ?? null
      }
    case "DirectoryEmployeeUpdated":
      return {
        ...withDetails(record, event.details),
        account: event.account === undefined ? record.account : event.account
      }
    case "EmployeeProfileChanged":
      return { ...record, profile: { ...record.profile, ...event.details } }
    case "EmployeeKeyed":
      return { ...record, person: event.person, employeeId: event.employeeId }
    case "ManagerAssigned":
      return { ...record, managers: withManager(record.managers, { manager: event.manager, kind: event.kind }) }
    case "ManagerRemoved":
      return { ...record, managers: record.managers.filter((link) => !sameManager(link, event)) }
    case "MembershipsSet":
      return { ...record, memberships: event.memberships }
    default:
      return record
  }
}

/** Not even which person it was: who comes again begins anew, under the person's own id. */
const forgotten = ({ id }: EmployeeRecord, { version }: RecordedEvent, erased: boolean): EmployeeRecord => ({
  ...emptyRecord(id),
  version,
  ...(erased ? { erased } : {})
})

const withDetails = (
  record: EmployeeRecord,
  details: Readonly<Record<string, string | null>> = {}
): EmployeeRecord => ({
  ...record,
  name: details["name"] ?? record.name,
  email: details["email"] ?? record.email,
  role: details["role"] === undefined ? record.role : details["role"]
})

const sameManager = (a: ManagerLink, b: ManagerLink): boolean => a.manager === b.manager && a.kind === b.kind

const withManager = (managers: ReadonlyArray<ManagerLink>, link: ManagerLink): ReadonlyArray<ManagerLink> => [
  ...managers.filter((known) => !sameManager(known, link)),
  link
]
