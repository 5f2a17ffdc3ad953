/**
 * What is really the case with everybody today, said by the HR model and not by the rows of the API: a client that reads the
 * API rightly ends up with the same.
 * Called by UltiProServer for the tests of a client. It sees neither blanks nor padding nor stale dates, for these exist in
 * the rows alone.
 */
import type { Day } from "./UltiProDates.ts"
import { jobOf, locationOf, unitOf } from "./UltiProOrganisation.ts"
import type { Location } from "./UltiProOrganisation.ts"
import { currentOf } from "./UltiProPeople.ts"
import type { Assignment, HumanResources, Person, StatusCode } from "./UltiProPeople.ts"

/** One person as HR knows them today. What is not known is null, never a blank. */
export interface TruePerson {
  readonly employeeId: string
  /** "future" is hired and has not begun; strike, suspension and release count as active, for they are not T. */
  readonly status: "active" | "leave" | "terminated" | "future"
  /** The letter behind it. */
  readonly statusCode: StatusCode
  readonly companyId: string
  readonly employeeNumber: string
  readonly firstName: string
  readonly middleName: string | null
  readonly lastName: string
  readonly preferredName: string | null
  readonly email: string | null
  readonly alternateEmails: ReadonlyArray<string>
  readonly dateOfBirth: Day
  readonly gender: string | null
  readonly title: string | null
  readonly departmentId: string | null
  readonly departmentName: string | null
  readonly officeId: string | null
  readonly officeAddress: string | null
  readonly addressState: string | null
  readonly addressCountry: string | null
  readonly supervisorId: string | null
  readonly originalHireDate: Day
  readonly lastHireDate: Day
  /** Past for those who left, in the future for those who are going to; null for everybody else. */
  readonly dateOfTermination: Day | null
  readonly dateOfSeniority: Day
  readonly dateInJob: Day
  readonly employeeTypeCode: string
  readonly fullTimeOrPartTimeCode: string
  /** The first day of somebody who has not begun yet; null for everybody else. */
  readonly hiredOn: Day | null
  /** How many companies have a row for this person, ended ones included. */
  readonly companies: number
}

/** Everybody, in the order in which they were hired into the list. */
export const truthOf = (hr: HumanResources): ReadonlyArray<TruePerson> =>
  hr.people.map((person) => {
    const current = currentOf(person)
    const status = statusOf(current, hr.today)
    return {
      employeeId: person.employeeId,
      status,
      statusCode: current.status,
      companyId: current.companyId,
      ...nameAndHome(person),
      ...workOf(current, hr),
      hiredOn: status === "future" ? current.lastHireDate : null,
      companies: person.assignments.length
    }
  })

/** The line of an address with blanks left out; the description of a place that has none. */
export const addressOf = (location: Location): string => {
  const { addressLine1, addressLine2, city, countryCode, description, state, zipOrPostalCode } = location
  const parts = [addressLine1, addressLine2, city, state, zipOrPostalCode, countryCode]
  const line = parts.filter((part) => part !== null && part.trim() !== "").join(", ")
  return line === "" ? description : line
}

const statusOf = ({ lastHireDate, status }: Assignment, today: Day): TruePerson["status"] => {
  if (status === "T") return "terminated"
  if (lastHireDate > today) return "future"
  return status === "L" ? "leave" : "active"
}

const nameAndHome = (person: Person) => ({
  firstName: person.firstName,
  middleName: person.middleName,
  lastName: person.lastName,
  preferredName: person.preferredName,
  email: person.email,
  alternateEmails:
    person.alternateEmail === null || person.alternateEmail === person.email ? [] : [person.alternateEmail],
  dateOfBirth: person.birthDate,
  gender: person.gender,
  addressState: person.home.state,
  addressCountry: person.home.country
})

const workOf = (current: Assignment, { organisation }: HumanResources) => {
  const level = organisation.departmentLevel
  const departmentId = current.orgLevels[level - 1] ?? null
  const officeId = current.locationCode
  const location = officeId === null ? undefined : locationOf(organisation, officeId)
  return {
    employeeNumber: current.employeeNumber,
    title: current.jobTitle ?? current.jobDescription ?? jobOf(organisation, current.jobCode)?.title ?? null,
    departmentId,
    departmentName: departmentId === null ? null : (unitOf(organisation, level, departmentId)?.description ?? null),
    officeId,
    officeAddress: location === undefined ? null : addressOf(location),
    supervisorId: current.supervisorId,
    originalHireDate: current.originalHireDate,
    lastHireDate: current.lastHireDate,
    dateOfTermination: current.dateOfTermination,
    dateOfSeniority: current.dateOfSeniority,
    dateInJob: current.dateInJob,
    employeeTypeCode: current.typeCode,
    fullTimeOrPartTimeCode: current.fullOrPart
  }
}
