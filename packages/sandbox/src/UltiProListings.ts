/**
 * The lists of the API: who or what is in each, in which order, under which permission, with which documented filters and
 * page limits. Rows are made only for what is shown, so a page of 50,000 people costs a page.
 * Called by UltiProRoutes. A few people are listed a second time at the end, as happens when pages shift under a reader.
 */
import { codeTablesOf, companyRow, jobRow, locationRow, orgLevelRow } from "./UltiProConfigurationRows.ts"
import { contactRow, employeeEmploymentRow, isHome, jobHistoryRow, supervisorRow } from "./UltiProEmployeeRows.ts"
import type { Row, Secret } from "./UltiProLook.ts"
import type { PageLimits } from "./UltiProPaging.ts"
import type { Assignment, HumanResources, Person } from "./UltiProPeople.ts"
import { employmentRow, personRow } from "./UltiProRows.ts"
import type { UltiProScope, UltiProSettings } from "./UltiProSettings.ts"

/** What a list is made from. */
export interface View {
  readonly hr: HumanResources
  readonly secret: Secret
  readonly settings: UltiProSettings
  /** `http://127.0.0.1:<port>`, for addresses inside of rows. */
  readonly origin: string
}

/** A row to come; `home` says whether it is of the person's home company, where a list knows that. */
export interface Entry {
  readonly row: () => Row
  readonly home?: boolean
}

export interface Listing {
  readonly scope: UltiProScope
  readonly filters: ReadonlyArray<string>
  /** Whether a filter takes several values with commas between them. */
  readonly lists?: boolean
  /** Absent for lists that come whole whatever page is asked for. */
  readonly paging?: Partial<PageLimits>
  readonly entries: (view: View) => ReadonlyArray<Entry>
}

/** The listing below /personnel/v1 or /configuration/v1 by name. */
export const listingOf = (name: string): Listing | undefined =>
  Object.hasOwn(listings, name) ? listings[name] : undefined

const twice = ({ people }: HumanResources): ReadonlyArray<Person> => [
  ...people,
  ...people.filter(({ listedTwice }) => listedTwice)
]

const perAssignment = (hr: HumanResources, row: (person: Person, assignment: Assignment) => Row) =>
  twice(hr).flatMap((person) =>
    person.assignments.map((assignment) => ({
      home: isHome(person, assignment),
      row: () => row(person, assignment)
    }))
  )

const historyOf = (person: Person): ReadonlyArray<Entry> =>
  person.assignments.flatMap((assignment) =>
    assignment.history.map((event, index) => ({
      row: () => jobHistoryRow(person, assignment, event, assignment.history[index - 1])
    }))
  )

const personDetails: Listing = {
  scope: "Employee Person Details",
  filters: [
    "companyId",
    "employeeId",
    "lastName",
    "emailAddress",
    "addressState",
    "addressCountry",
    "nationalId",
    "nationalIdCountry",
    "dateTimeCreated",
    "dateTimeChanged"
  ],
  paging: {},
  entries: ({ hr, secret }) => twice(hr).map((person) => ({ home: true, row: () => personRow(person, secret) }))
}

const employmentFilters = [
  "companyId",
  "employeeId",
  "employeeNumber",
  "primaryJobCode",
  "jobTitle",
  "fullTimeOrPartTimeCode",
  "primaryWorkLocationCode",
  "employeeTypeCode",
  "employeeStatusCode",
  "supervisorID",
  "originalHireDate",
  "lastHireDate",
  "dateOfTermination",
  "dateTimeCreated",
  "dateTimeChanged",
  "isHomeCompany"
]

const employmentDetails: Listing = {
  scope: "Personnel Integration",
  filters: employmentFilters,
  paging: {},
  entries: ({ hr }) => perAssignment(hr, (person, assignment) => employmentRow(hr, person, assignment))
}

/** Its pages are said to be of 100 rows when nobody asks for more. */
const employeeEmploymentDetails: Listing = {
  scope: "Personnel Integration",
  filters: employmentFilters,
  lists: true,
  paging: { usual: 100 },
  entries: ({ hr, secret }) =>
    perAssignment(hr, (person, assignment) => employeeEmploymentRow(person, assignment, secret))
}

const listings: Readonly<Record<string, Listing>> = {
  "personnel/person-details": personDetails,
  "personnel/employment-details": employmentDetails,
  "personnel/employee-employment-details": employeeEmploymentDetails,
  "personnel/employee-supervisor-details": {
    scope: "Personnel Integration",
    filters: ["companyId", "employeeId", "supervisorCompanyId", "supervisorEmployeeId", "supervisorCompanyCode"],
    paging: {},
    entries: ({ hr }) => perAssignment(hr, (person, assignment) => supervisorRow(hr, person, assignment))
  },
  "personnel/contacts": {
    scope: "Personnel Integration",
    filters: ["companyId", "employeeId"],
    paging: {},
    entries: ({ hr, secret }) => hr.people.map((person) => ({ row: () => contactRow(person, secret) }))
  },
  "personnel/employee-job-history-details": {
    scope: "Employee Job History Details",
    filters: [
      "companyId",
      "employeeId",
      "isOrgChange",
      "isJobChange",
      "isPromotion",
      "systemId",
      "jobEffectiveDate",
      "dateTimeCreated"
    ],
    paging: {},
    entries: ({ hr }) => hr.people.flatMap(historyOf)
  },
  "configuration/org-levels": {
    scope: "Company Configuration Integration",
    filters: ["levelDescription", "code", "isActive"],
    entries: ({ hr }) => hr.organisation.units.map((unit, index) => ({ row: () => orgLevelRow(unit, index) }))
  },
  "configuration/jobs": {
    scope: "Company Configuration Integration",
    filters: ["countryCode", "isActive"],
    entries: ({ hr, settings }) =>
      hr.organisation.jobs.map((job, index) => ({ row: () => jobRow(job, index, settings.jobCodeField) }))
  },
  "configuration/locations": {
    scope: "Company Configuration Integration",
    filters: ["countryCode", "isActive"],
    entries: ({ hr }) =>
      hr.organisation.locations.map((location, index) => ({ row: () => locationRow(location, index) }))
  },
  "configuration/company-details": {
    scope: "Company Configuration Integration",
    filters: ["companyId", "masterCompanyId", "companyCode", "isMasterCompany"],
    paging: {},
    entries: ({ hr: { organisation }, secret }) =>
      organisation.companies.map((company, index) => ({
        row: () => companyRow(company, index, organisation.companies[0] ?? company, secret)
      }))
  },
  "configuration/code-tables": {
    scope: "Company Configuration Integration",
    filters: [],
    entries: ({ hr, origin }) =>
      Array.from(codeTablesOf(hr.organisation).keys(), (codeTable) => ({
        row: () => ({ codeTable, url: `${origin}/configuration/v1/code-tables/${codeTable}` })
      }))
  }
}
