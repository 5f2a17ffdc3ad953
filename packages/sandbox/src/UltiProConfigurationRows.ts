/**
 * Rows of /configuration/v1: org levels, jobs, locations, companies and code tables, in the vendor's names. Some codes are
 * padded here and bare on the people, or the other way round.
 * Called by UltiProListings. What is renamed here changes no person.
 */
import type { Row, Secret } from "./UltiProLook.ts"
import type { Job, Location, Organisation, OrgUnit } from "./UltiProOrganisation.ts"
import type { UltiProCompany, UltiProSettings } from "./UltiProSettings.ts"

/** Every third code is padded, so a client that compares without trimming misses some. */
const padded = (code: string, index: number): string => (index % 3 === 2 ? code.padEnd(10) : code)

export const orgLevelRow = (unit: OrgUnit, index: number): Row => ({
  level: unit.level,
  levelDescription: unit.levelDescription,
  code: padded(unit.code, index),
  description: unit.description,
  isActive: unit.isActive,
  glSegment: unit.code,
  budgetGroup: "Z"
})

export const jobRow = (job: Job, index: number, codeField: UltiProSettings["jobCodeField"]): Row => ({
  [codeField]: padded(job.code, index),
  title: job.title,
  longDescription: index % 2 === 0 ? `${job.title}, as the handbook has it` : null,
  countryCode: job.countryCode,
  jobFamilyCode: job.family,
  jobGroup: "Z",
  flsaTypeCode: "E",
  isActive: true
})

export const locationRow = (location: Location, index: number): Row => {
  const { code, ...rest } = location
  const blank = index % 2 === 0 ? null : " "
  const fields = Object.entries(rest).map(([name, value]) => [name, value ?? blank])
  return { locationCode: padded(code, index), ...Object.fromEntries(fields), isActive: true, locationGLSegment: "" }
}

/** With the tax number, which concerns nobody. */
export const companyRow = (company: UltiProCompany, index: number, master: UltiProCompany, secret: Secret): Row => ({
  companyID: company.companyId,
  companyCode: company.companyCode,
  companyName: company.companyName,
  masterCompanyId: master.companyId,
  isMasterCompany: company === master,
  addressLine1: `${index + 1} Market Square`,
  addressCity: "Toronto",
  addressCountry: "CAN",
  federalTaxId: secret("federalTaxId", `12-345678${index}`)
})

/** The code tables a client may look at, by name. */
export const codeTablesOf = (organisation: Organisation): ReadonlyMap<string, ReadonlyArray<Row>> =>
  new Map([
    ["GENDER", pairs("F=Female", "M=Male", "X=Unspecified")],
    ["EMPLOYEESTATUS", pairs("A=Active", "L=Leave", "O=On strike", "R=Released", "S=Suspended", "T=Terminated")],
    ["EMPLOYEETYPE", pairs("REG=Regular", "TMP=Temporary", "CON=Contractor", "INT=Intern", "STU=Student", "TES=Test")],
    ["JOBFAMILY", pairs(...new Set(organisation.jobs.map(({ family }) => `${family}=Family ${family}`)))]
  ])

const pairs = (...texts: ReadonlyArray<string>): ReadonlyArray<Row> =>
  texts.map((text) => {
    const [code, description] = text.split("=")
    return { code, description }
  })
