/**
 * Rows of the other personnel endpoints, each with names of its own: employee-employment-details (with pay),
 * employee-supervisor-details, employee-changes (US dates, "" for nothing), employee-job-history-details, contacts.
 * Called by UltiProListings. A client built on person-details and employment-details never needs one of them.
 */
import { usDay } from "./UltiProDates.ts"
import { codeIn, codeOrNone, dayIn, emailIn, lookOf, surprisesIn, textIn } from "./UltiProLook.ts"
import type { Row, Secret } from "./UltiProLook.ts"
import { companyOf } from "./UltiProOrganisation.ts"
import { currentOf, personOf } from "./UltiProPeople.ts"
import type { Assignment, HumanResources, JobEvent, Person } from "./UltiProPeople.ts"
import { orgLevelsOf } from "./UltiProRows.ts"

/** One row of /personnel/v1/employee-employment-details; the one that says isHomeCompany, and what people earn. */
export const employeeEmploymentRow = (person: Person, assignment: Assignment, secret: Secret): Row => {
  const look = lookOf(person.look)
  const pay = assignment.annualSalary
  return {
    companyID: assignment.companyId,
    employeeID: person.employeeId,
    homeCompany: person.homeCompanyId,
    isHomeCompany: isHome(person, assignment),
    employeeNumber: assignment.employeeNumber,
    employeeStatusCode: codeIn(look, assignment.status, 2),
    employeeStatusStartDate: dayIn(look, assignment.statusSince),
    employeeStatusExpectedEndDate: null,
    employeeTypeCode: codeIn(look, assignment.typeCode, 6),
    fullTimeOrPartTimeCode: assignment.fullOrPart,
    jobTitle: textIn(look, assignment.jobTitle),
    primaryJobCode: codeIn(look, assignment.jobCode, 10),
    ...orgLevelsOf(assignment, look),
    primaryWorkLocationCode: codeOrNone(look, assignment.locationCode, 8),
    supervisorID: textIn(look, assignment.supervisorId),
    originalHireDate: dayIn(look, assignment.originalHireDate),
    lastHireDate: dayIn(look, assignment.lastHireDate),
    seniorityDate: dayIn(look, assignment.dateOfSeniority),
    terminationDate: dayIn(look, assignment.dateOfTermination ?? assignment.staleTermination),
    terminationReasonCode: textIn(look, assignment.termReason),
    annualSalary: pay === 0 ? null : amount(secret("annualSalary", String(pay))),
    hourlyPayRate: amount(secret("hourlyPayRate", String(Math.round(pay / 2080)))),
    shift: "Z",
    dateTimeCreated: assignment.createdAt,
    dateTimeChanged: assignment.changedAt,
    ...surprisesIn(look)
  }
}

export const isHome = (person: Person, assignment: Assignment): boolean => person.homeCompanyId === assignment.companyId

/** A number again, unless a canary sits in it. */
const amount = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text)

/** One row of /personnel/v1/employee-supervisor-details. */
export const supervisorRow = (hr: HumanResources, person: Person, assignment: Assignment): Row => {
  const look = lookOf(person.look)
  const supervisor = assignment.supervisorId === null ? undefined : personOf(hr, assignment.supervisorId)
  const job = supervisor === undefined ? undefined : currentOf(supervisor)
  return {
    employeeID: person.employeeId,
    companyID: assignment.companyId,
    employeeNumber: assignment.employeeNumber,
    supervisorEmployeeID: textIn(look, assignment.supervisorId),
    supervisorFirstName: textIn(look, supervisor?.firstName ?? null),
    supervisorLastName: textIn(look, supervisor?.lastName ?? null),
    supervisorEmployeeNumber: textIn(look, job?.employeeNumber ?? null),
    supervisorCompanyID: textIn(look, job?.companyId ?? null),
    supervisorCompanyCode: textIn(look, companyOf(hr.organisation, job?.companyId ?? "")?.companyCode ?? null),
    supervisorStatusCode: textIn(look, job?.status ?? null),
    supervisorJobCode: textIn(look, job?.jobCode ?? null),
    supervisorEmail: emailIn(look, supervisor?.email ?? null),
    supervisorWorkPhone: look.blank,
    supervisorPersonId: supervisor?.personId ?? null
  }
}

/** One row of /personnel/v1/employee-changes: a flat picture of a person, with US dates and "" for nothing. */
export const changeRow = (hr: HumanResources, person: Person): Row => {
  const current = currentOf(person)
  const supervisor = current.supervisorId === null ? undefined : personOf(hr, current.supervisorId)
  const termination = current.dateOfTermination ?? current.staleTermination
  const [one, two, three, four] = current.orgLevels
  return {
    employeeId: person.employeeId,
    personId: person.personId,
    companyId: current.companyId,
    employeeNumber: current.employeeNumber,
    firstName: person.firstName,
    lastName: person.lastName,
    emailAddress: person.email ?? "",
    alternateEmailAddress: person.alternateEmail ?? "",
    supervisorId: current.supervisorId ?? "",
    supervisorName: supervisor === undefined ? "" : `${supervisor.lastName}, ${supervisor.firstName}`,
    isActive: current.status !== "T",
    employeeStatus: current.status,
    employeeType: current.typeCode,
    fullTimeOrPartTime: current.fullOrPart,
    workLocationCode: current.locationCode ?? "",
    jobCode: current.jobCode,
    alternateJobTitle: current.jobTitle ?? "",
    orgLevel1Code: one ?? "",
    orgLevel2Code: two ?? "",
    orgLevel3Code: three ?? "",
    orgLevel4Code: four ?? "",
    hireDate: usDay(current.originalHireDate),
    dateOfLastHire: usDay(current.lastHireDate),
    dateInJob: usDay(current.dateInJob),
    terminationDate: termination === null ? "" : usDay(termination),
    city: person.home.city,
    state: person.home.state ?? "",
    countryCode: person.home.country ?? ""
  }
}

/** One row of /personnel/v1/employee-job-history-details. */
export const jobHistoryRow = (person: Person, assignment: Assignment, event: JobEvent, before?: JobEvent): Row => {
  const look = lookOf(person.look)
  return {
    employeeId: person.employeeId,
    companyId: assignment.companyId,
    systemId: `${person.employeeId}${assignment.companyId}${event.effective.replaceAll("-", "")}${event.reason}`,
    jobEffectiveDate: dayIn(look, event.effective),
    jobCode: codeIn(look, event.jobCode, 10),
    reasonCode: event.reason,
    isJobChange: event.reason === "JOB",
    isOrgChange: event.reason === "ORG",
    isPromotion: event.reason === "JOB" && before !== undefined && before.jobCode < event.jobCode,
    supervisorId: textIn(look, event.supervisorId),
    locationCode: codeOrNone(look, event.locationCode, 8),
    ...orgLevelsOf(event, look),
    dateTimeCreated: `${event.effective}T09:00:00`
  }
}

/** One row of /personnel/v1/contacts: an emergency contact, which concerns nobody but the person. */
export const contactRow = (person: Person, secret: Secret): Row => ({
  employeeId: person.employeeId,
  companyId: person.homeCompanyId,
  contactType: "EMERGENCY",
  relationship: secret("relationship", "SPOUSE"),
  firstName: secret("contactFirstName", "Robin"),
  lastName: secret("contactLastName", person.lastName),
  homePhone: secret("contactHomePhone", "5550100100"),
  emailAddress: secret("contactEmail", "robin@home.example"),
  addressLine1: secret("contactAddressLine1", person.home.line1)
})
