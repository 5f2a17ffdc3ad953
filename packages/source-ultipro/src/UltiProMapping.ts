/**
 * From a person and the employment that speaks for them to core's fields.
 *
 * Pure; called by `UltiProPeople`. Most names are UltiPro's own. Every value comes from the two rows, from the tenant's
 * lists or from the configuration; a field that cannot be read is left without an opinion and named, the rest stands.
 */
import { type FieldName, fieldNames, type Fields, type FieldValue } from "@rollcall/core/domain/Field"
import { Predicate } from "effect"

import { CellFault, type Read, readCell, readDate, readEmail, readStatus } from "./UltiProCell.ts"
import type { UltiProConfig } from "./UltiProConfig.ts"
import { type EmploymentRules, hasStaleEnd } from "./UltiProEmployment.ts"
import type { Tenant } from "./UltiProTenant.ts"
import type { Cell, EmploymentRow, LocationRow, PersonRow } from "./UltiProWire.ts"

export interface FieldFault {
  readonly field: FieldName
  readonly fault: CellFault
}

export interface Mapped {
  readonly fields: Fields
  readonly faults: ReadonlyArray<FieldFault>
}

export type Mapping = (person: PersonRow, employment: EmploymentRow) => Mapped

type Reads = { readonly [field in FieldName]?: Read }

/** Makes the mapping of one tenant. */
export const makeMapping = (config: UltiProConfig, tenant: Tenant, rules: EmploymentRules): Mapping => {
  const isRemote = remoteOf(config, tenant)
  return (person, employment) =>
    gather({
      ...readNames(person),
      status: readStatus(employment.statusCode, rules.statuses),
      supervisorId: readCell(employment.supervisorId),
      title: readTitle(employment, tenant),
      ...readDepartment(employment.departmentCode, config, tenant),
      officeId: readCell(employment.locationCode),
      officeAddress: atLocation(employment, tenant, addressOf),
      addressState: home(config) ? readCell(person.addressState) : atLocation(employment, tenant, ({ state }) => state),
      addressCountry: home(config)
        ? readCell(person.addressCountry)
        : atLocation(employment, tenant, ({ countryCode }) => countryCode),
      remote: isRemote(employment.locationCode),
      employeeTypeCode: readCell(employment.typeCode),
      fullTimeOrPartTimeCode: readCell(employment.timeCode),
      ...readDates(person, employment, rules)
    })
}

const home = ({ addresses }: UltiProConfig): boolean => addresses === "home"

const readNames = (person: PersonRow): Reads => {
  const email = readCell(person.emailAddress, readEmail)
  return {
    firstName: readCell(person.firstName),
    middleName: readCell(person.middleName),
    lastName: readCell(person.lastName),
    preferredName: readCell(person.preferredName),
    email,
    alternateEmails: readAlternate(person.emailAddressAlternate, email),
    gender: readCell(person.gender)
  }
}

const readAlternate = (cell: Cell, email: Read): Read => {
  const alternate = readCell(cell, readEmail)
  if (!Predicate.isString(alternate)) return alternate
  return alternate === email ? null : [alternate]
}

const readDates = (person: PersonRow, employment: EmploymentRow, rules: EmploymentRules): Reads => ({
  dateOfBirth: readCell(person.dateOfBirth, readDate),
  originalHireDate: readCell(employment.originalHireDate, readDate),
  lastHireDate: readCell(employment.lastHireDate, readDate),
  dateOfTermination: hasStaleEnd(employment, rules) ? null : readCell(employment.dateOfTermination, readDate),
  dateOfSeniority: readCell(employment.dateOfSeniority, readDate),
  dateInJob: readCell(employment.dateInJob, readDate)
})

/** jobTitle is an alternate title that most people do not have; then the job's own. */
const readTitle = ({ jobCode, jobDescription, jobTitle }: EmploymentRow, { jobs }: Tenant): Read => {
  const ofJob = jobs === undefined ? undefined : readCell(jobCode, (code) => jobs.get(code) ?? null)
  const titles = [readCell(jobTitle), readCell(jobDescription), ofJob]
  const said = titles.find((title) => title !== undefined && title !== null)
  return said ?? (titles.includes(null) ? null : undefined)
}

const readDepartment = (cell: Cell, config: UltiProConfig, { departmentLevel, departments }: Tenant): Reads => {
  if (departmentLevel === undefined) return {}
  const withLevel = config.departmentIdWithLevel ?? config.departmentLevel === undefined
  return {
    departmentId: readCell(cell, (code) => (withLevel ? `${departmentLevel}:${code}` : code)),
    ...(departments === undefined ? {} : { departmentName: whereKnown(cell, (code) => departments.get(code) ?? null) })
  }
}

/** What the person's place of work says; nothing if the tenant lists no places at all. */
const atLocation = (
  { locationCode }: EmploymentRow,
  { locations }: Tenant,
  read: (location: LocationRow) => string | null
): Read => {
  if (locations === undefined) return undefined
  return whereKnown(locationCode, (code) => {
    const location = locations.get(code)
    return location === undefined ? null : read(location)
  })
}

const addressOf = (location: LocationRow): string | null => {
  const { addressLine1, addressLine2, city, countryCode, state, zipOrPostalCode } = location
  const lines = [addressLine1, addressLine2, city, state, zipOrPostalCode, countryCode].filter(Predicate.isNotNull)
  return lines.length === 0 ? location.description : lines.join(", ")
}

/** UltiPro has no such member: the configuration says which places are none. */
const remoteOf = ({ remote }: UltiProConfig, { locations }: Tenant): ((locationCode: Cell) => Read) => {
  if (remote === undefined) return () => undefined
  if ("locations" in remote) {
    const codes = new Set<string>(remote.locations)
    return (cell) => whereKnown(cell, (code) => codes.has(code))
  }
  if (locations === undefined) return () => undefined
  const pattern = new RegExp(remote.pattern, "iu")
  return (cell) =>
    whereKnown(cell, (code) => {
      const description = locations.get(code)?.description ?? null
      return description === null ? null : pattern.test(description)
    })
}

/** What a code stands for; nothing where it is at fault, for that is told of as the code's own field. */
const whereKnown = (cell: Cell, read: (code: string) => FieldValue): Read => {
  const value = readCell(cell, read)
  return value instanceof CellFault ? undefined : value
}

const gather = (reads: Reads): Mapped => {
  const fields: Array<readonly [FieldName, FieldValue]> = []
  let faulty = false
  for (const field of fieldNames) {
    const value = reads[field]
    if (value instanceof CellFault) faulty = true
    else if (value !== undefined) fields.push([field, value])
  }
  return { fields: Object.fromEntries(fields), faults: faulty ? faultsOf(reads) : [] }
}

const faultsOf = (reads: Reads): ReadonlyArray<FieldFault> =>
  Object.entries(reads).flatMap(([field, value]) =>
    value instanceof CellFault ? [{ field: field as FieldName, fault: value }] : []
  )
