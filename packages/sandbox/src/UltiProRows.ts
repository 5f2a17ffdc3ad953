/**
 * Rows of person-details and employment-details: the HR model in the vendor's names, whose casing differs between the two
 * (employeeId and datetimeChanged here, employeeID and dateTimeChanged there).
 * Called by UltiProListings for every row that is shown. It only spells out; whom a list shows is not decided here.
 */
import type { Day } from "./UltiProDates.ts"
import { codeIn, codeOrNone, dayIn, emailIn, lookOf, surprisesIn, textIn } from "./UltiProLook.ts"
import type { Look, Row, Secret } from "./UltiProLook.ts"
import { companyOf } from "./UltiProOrganisation.ts"
import { currentOf, personOf } from "./UltiProPeople.ts"
import type { Assignment, HumanResources, Person } from "./UltiProPeople.ts"

/** One row of /personnel/v1/person-details, with everything in it that a client must leave alone. */
export const personRow = (person: Person, secret: Secret): Row => {
  const look = lookOf(person.look)
  return {
    employeeId: person.employeeId,
    companyId: person.homeCompanyId,
    personId: person.personId,
    userName: `${person.employeeId.toLowerCase()}@NORTHWIND`,
    firstName: person.firstName,
    middleName: textIn(look, person.middleName),
    lastName: person.lastName,
    preferredName: textIn(look, person.preferredName),
    formerName: textIn(look, person.formerName),
    namePrefixCode: look.none,
    nameSufixCode: look.none,
    emailAddress: emailIn(look, person.email),
    emailAddressAlternate: textIn(look, person.alternateEmail),
    ...homeOf(person, look, secret),
    dateOfBirth: dayIn(look, person.birthDate),
    gender: textIn(look, person.gender),
    ...nobodysBusiness(person, secret),
    datetimeCreated: person.createdAt,
    datetimeChanged: person.changedAt,
    ...surprisesIn(look)
  }
}

const homeOf = ({ home, look: number }: Person, look: Look, secret: Secret): Row => ({
  homePhone: secret("homePhone", `555${String(number % 10_000_000).padStart(7, "0")}`),
  homePhoneCountry: textIn(look, home.country),
  addressLine1: secret("addressLine1", home.line1),
  addressLine2: home.line2 === null ? look.blank : secret("addressLine2", home.line2),
  addressCity: home.city,
  addressState: home.state === null ? look.blank : codeIn(look, home.state, 4),
  addressZipCode: home.zip,
  addressCountry: home.country === null ? look.blank : codeIn(look, home.country, 5),
  addressCounty: look.blank
})

const nobodysBusiness = ({ look: number }: Person, secret: Secret): Row => {
  const digits = String(number % 1_000_000_000).padStart(9, "0")
  return {
    ssn: secret("ssn", `9${digits.slice(1)}`),
    previousSSN: secret("previousSSN", `8${digits.slice(1)}`),
    nationalId: secret("nationalId", `N${digits}`),
    nationalIdCountry: "USA",
    ethnicID: secret("ethnicID", "2"),
    ethnicDescription: secret("ethnicDescription", "Not stated"),
    healthBloodType: secret("healthBloodType", "O+"),
    healthLastPhysical: secret("healthLastPhysical", "2024-02-02T00:00:00"),
    isDisabled: secret("isDisabled", "N"),
    disabilityType: secret("disabilityType", "None"),
    cobraStatus: secret("cobraStatus", "A"),
    cobraReason: secret("cobraReason", "204"),
    i9VerificationStatus: secret("i9VerificationStatus", "V"),
    i9AlienNumber: secret("i9AlienNumber", `A${digits.slice(0, 8)}`),
    militaryBranchServed: secret("militaryBranchServed", "Navy"),
    militaryIsDisabledVet: secret("militaryIsDisabledVet", "N"),
    maritalStatusCode: secret("maritalStatusCode", "S")
  }
}

/** One row of /personnel/v1/employment-details. */
export const employmentRow = (hr: HumanResources, person: Person, assignment: Assignment): Row => {
  const look = lookOf(person.look)
  const company = companyOf(hr.organisation, assignment.companyId)
  return {
    companyID: assignment.companyId,
    companyCode: codeIn(look, company?.companyCode ?? "", 8),
    companyName: company?.companyName ?? null,
    employeeID: person.employeeId,
    ...jobOf(assignment, look),
    ...supervisorOf(hr, assignment, look),
    ...datesOf(assignment, look),
    positionCode: look.none,
    jobGroupCode: look.none,
    mailstop: look.blank,
    isMultipleJob: person.assignments.filter(({ status }) => status !== "T").length > 1 ? "Y" : "N",
    workPhoneNumber: look.blank,
    languageCode: "EN",
    scheduledFTE: assignment.fullOrPart === "F" ? 1 : 0.5,
    dateTimeCreated: assignment.createdAt,
    dateTimeChanged: assignment.changedAt,
    ...surprisesIn(look)
  }
}

const jobOf = (assignment: Assignment, look: Look): Row => ({
  employeeNumber: codeIn(look, assignment.employeeNumber, 12),
  employeeStatusCode: codeIn(look, assignment.status, 2),
  statusStartDate: dayIn(look, assignment.statusSince),
  employeeTypeCode: codeIn(look, assignment.typeCode, 6),
  fullTimeOrPartTimeCode: codeIn(look, assignment.fullOrPart, 2),
  salaryOrHourly: "S",
  primaryJobCode: codeIn(look, assignment.jobCode, 10),
  jobDescription: textIn(look, assignment.jobDescription),
  jobTitle: textIn(look, assignment.jobTitle),
  ...orgLevelsOf(assignment, look),
  primaryWorkLocationCode: codeOrNone(look, assignment.locationCode, 8)
})

/** orgLevel1Code to orgLevel4Code, in every endpoint that has them. */
export const orgLevelsOf = ({ orgLevels }: Pick<Assignment, "orgLevels">, look: Look): Row => ({
  orgLevel1Code: codeOrNone(look, orgLevels[0], 8),
  orgLevel2Code: codeOrNone(look, orgLevels[1], 8),
  orgLevel3Code: codeOrNone(look, orgLevels[2], 8),
  orgLevel4Code: codeOrNone(look, orgLevels[3], 8)
})

/** The supervisor with what is known of them, which is nothing where the EEID belongs to nobody. */
const supervisorOf = (hr: HumanResources, { supervisorId }: Assignment, look: Look): Row => {
  const supervisor = supervisorId === null ? undefined : personOf(hr, supervisorId)
  const job = supervisor === undefined ? undefined : currentOf(supervisor)
  const company = job === undefined ? undefined : companyOf(hr.organisation, job.companyId)
  return {
    supervisorID: supervisorId ?? (look.blank === "   " ? " ".repeat(12) : look.blank),
    supervisorFirstName: textIn(look, supervisor?.firstName ?? null),
    supervisorLastName: textIn(look, supervisor?.lastName ?? null),
    supervisorEmployeeNumber: textIn(look, job?.employeeNumber ?? null),
    supervisorCOID: textIn(look, company?.companyId ?? null),
    supervisorCompanyCode: textIn(look, company?.companyCode ?? null)
  }
}

const datesOf = (assignment: Assignment, look: Look): Row => {
  const { dateOfTermination, staleTermination, status, termReason } = assignment
  const lastWorked: Day | null = status === "T" ? dateOfTermination : null
  return {
    originalHireDate: dayIn(look, assignment.originalHireDate),
    lastHireDate: dayIn(look, assignment.lastHireDate),
    dateInJob: dayIn(look, assignment.dateInJob),
    dateOfSeniority: dayIn(look, assignment.dateOfSeniority),
    dateLastWorked: dayIn(look, lastWorked),
    dateOfTermination: dayIn(look, dateOfTermination ?? staleTermination),
    termReason: termReason === null ? look.none : codeIn(look, termReason, 6),
    terminationReasonDescription: textIn(look, termReason === null ? null : (reasons[termReason] ?? null)),
    termType: textIn(look, termReason === null ? null : termReason === "INV" ? "I" : "V"),
    leaveReasonCode: status === "L" ? codeIn(look, "300", 6) : look.none,
    okToRehire: status === "T" ? "Y" : look.blank
  }
}

const reasons: Readonly<Record<string, string>> = {
  TRO: "Transferred out",
  VOL: "Voluntary",
  INV: "Involuntary",
  RET: "Retired"
}
