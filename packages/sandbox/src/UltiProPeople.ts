/**
 * The HR model: people, their assignments in companies, and what really is the case with them. It is what truth is read
 * from; how the vendor's API shows it, with blanks, padding and stale dates, is decided in the rows alone.
 * Called by the generator, the days, truth and the rows. Immutable values; nothing here makes anything up.
 */
import type { Day } from "./UltiProDates.ts"
import type { Organisation } from "./UltiProOrganisation.ts"

/** Active, on leave, on strike, released, suspended, terminated. */
export type StatusCode = "A" | "L" | "O" | "R" | "S" | "T"

/** An effective-dated change of an assignment. */
export interface JobEvent {
  readonly effective: Day
  readonly reason: "HIRE" | "REHIRE" | "TRANSFER" | "JOB" | "ORG" | "LOCATION" | "MANAGER"
  readonly jobCode: string
  readonly locationCode: string | null
  readonly supervisorId: string | null
  readonly orgLevels: OrgCodes
}

/** Codes of the four org levels; null is none. */
export type OrgCodes = readonly [string | null, string | null, string | null, string | null]

/** A person's employment in one company; a company has at most one of them for a person. */
export interface Assignment {
  readonly companyId: string
  readonly employeeNumber: string
  readonly status: StatusCode
  readonly statusSince: Day
  readonly typeCode: string
  readonly fullOrPart: "F" | "P"
  readonly jobCode: string
  /** The job's title as it was when the person got the job; null where it was never filled in. */
  readonly jobDescription: string | null
  /** A title of one's own, which most people have not. */
  readonly jobTitle: string | null
  readonly orgLevels: OrgCodes
  readonly locationCode: string | null
  readonly supervisorId: string | null
  readonly originalHireDate: Day
  readonly lastHireDate: Day
  readonly dateInJob: Day
  readonly dateOfSeniority: Day
  /** The real one, past or planned. */
  readonly dateOfTermination: Day | null
  /** A termination before the last hire that nobody cleared; the API shows it, nobody should believe it. */
  readonly staleTermination: Day | null
  readonly termReason: string | null
  readonly annualSalary: number
  readonly history: ReadonlyArray<JobEvent>
  readonly createdAt: string
  readonly changedAt: string
}

export interface HomeAddress {
  readonly line1: string
  readonly line2: string | null
  readonly city: string
  readonly state: string | null
  readonly zip: string
  readonly country: string | null
}

export interface Person {
  /** The EEID: 12 letters and digits, for life. */
  readonly employeeId: string
  readonly personId: string
  readonly firstName: string
  readonly middleName: string | null
  readonly lastName: string
  readonly preferredName: string | null
  readonly formerName: string | null
  /** As it really is: lower case, no blanks around. */
  readonly email: string | null
  readonly alternateEmail: string | null
  readonly gender: string | null
  readonly birthDate: Day
  readonly home: HomeAddress
  /** The company that the API calls home; it may lag a day or two behind a transfer. */
  readonly homeCompanyId: string
  /** The company of the assignment that really counts. */
  readonly currentCompanyId: string
  readonly assignments: ReadonlyArray<Assignment>
  /** How this person's rows look: padding, blanks, fraction digits. Read by UltiProLook. */
  readonly look: number
  /** Whether lists show this person's rows twice. */
  readonly listedTwice: boolean
  readonly createdAt: string
  readonly changedAt: string
}

/** What people are made from and moved about in. */
export interface Scene {
  readonly seed: number
  readonly today: Day
  readonly organisation: Organisation
}

/** All of it on one day. People are only ever added, so a place in `people` is for life. */
export interface HumanResources extends Scene {
  readonly people: ReadonlyArray<Person>
  /** From EEID to the place in `people`. */
  readonly places: ReadonlyMap<string, number>
}

export const transferReason = "TRO"

export const personOf = (hr: HumanResources, employeeId: string): Person | undefined =>
  hr.people[hr.places.get(employeeId) ?? -1]

export const assignmentIn = (person: Person, companyId: string): Assignment | undefined =>
  person.assignments.find((assignment) => assignment.companyId === companyId)

/** The assignment that counts: where the person works, or last worked, or is going to work. */
export const currentOf = (person: Person): Assignment =>
  assignmentIn(person, person.currentCompanyId) ?? (person.assignments[0] as Assignment)

/** Puts an assignment in place of the one in the same company, or beside the others. */
export const withAssignment = (person: Person, assignment: Assignment): Person => {
  const known = assignmentIn(person, assignment.companyId) !== undefined
  const assignments = person.assignments.map((other) => (other.companyId === assignment.companyId ? assignment : other))
  return { ...person, assignments: known ? assignments : [...person.assignments, assignment] }
}

/** Changes every assignment that is not over. */
export const withOpen = (person: Person, change: (assignment: Assignment) => Assignment): Person => ({
  ...person,
  assignments: person.assignments.map((assignment) => (assignment.status === "T" ? assignment : change(assignment)))
})

/** Whether the person works here today, on leave included. */
export const isEmployed = (person: Person, today: Day): boolean => {
  const { lastHireDate, status } = currentOf(person)
  return status !== "T" && lastHireDate <= today
}

/** The event that says how an assignment stands from a day on. */
export const eventOf = (assignment: Assignment, effective: Day, reason: JobEvent["reason"]): JobEvent => ({
  effective,
  reason,
  jobCode: assignment.jobCode,
  locationCode: assignment.locationCode,
  supervisorId: assignment.supervisorId,
  orgLevels: assignment.orgLevels
})

export const placesOf = (people: ReadonlyArray<Person>): ReadonlyMap<string, number> =>
  new Map(people.map((person, place) => [person.employeeId, place]))
