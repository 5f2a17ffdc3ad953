/**
 * UltiPro's rows, cut down to what Rollcall may know the moment a page is parsed.
 *
 * UltiPro returns far more than was asked for: SSN, nationalId, health, ethnicity, COBRA, military data, pay. The readers
 * below build new objects of the members named here and of nothing else, so that the rest is gone before anything could
 * log or store it. Names are those of UKG's published schema, in both casings in which they were seen.
 */
import { Predicate } from "effect"

/** A member that holds something else than text: neither a value nor empty, and never repeated. */
export const wrongType: unique symbol = Symbol("wrong type")

/** Text without surrounding space; null where it is empty; undefined where the member is not there. */
export type Cell = string | null | undefined | typeof wrongType

export type Json = { readonly [member: string]: unknown }

/** A member by its name, or by the other that it was seen under. */
const cell = (json: Json, name: string, other?: string): Cell => {
  const value = json[name] === undefined && other !== undefined ? json[other] : json[name]
  if (value === undefined || value === null) return value
  if (!Predicate.isString(value)) return wrongType
  const text = value.trim()
  return text === "" ? null : text
}

/** Columns of codes are of fixed width and never null in the back office: "Z" and "0" stand for none. */
const code = (json: Json, name: string, other?: string): Cell => {
  const value = cell(json, name, other)
  return value === "Z" || value === "0" ? null : value
}

const asObject = (json: unknown): Json => (Predicate.isObject(json) && !Array.isArray(json) ? json : {})

/** A row of `/personnel/v1/person-details`. */
export interface PersonRow {
  readonly employeeId: Cell
  readonly companyId: Cell
  readonly firstName: Cell
  readonly middleName: Cell
  readonly lastName: Cell
  readonly preferredName: Cell
  readonly emailAddress: Cell
  readonly emailAddressAlternate: Cell
  readonly dateOfBirth: Cell
  readonly gender: Cell
  /** Of the home: no more of that address is kept. */
  readonly addressState: Cell
  readonly addressCountry: Cell
}

export const readPerson = (row: unknown): PersonRow => {
  const json = asObject(row)
  return {
    employeeId: cell(json, "employeeId", "employeeID"),
    companyId: cell(json, "companyId", "companyID"),
    firstName: cell(json, "firstName"),
    middleName: cell(json, "middleName"),
    lastName: cell(json, "lastName"),
    preferredName: cell(json, "preferredName"),
    emailAddress: cell(json, "emailAddress"),
    emailAddressAlternate: cell(json, "emailAddressAlternate"),
    dateOfBirth: cell(json, "dateOfBirth"),
    gender: cell(json, "gender"),
    addressState: cell(json, "addressState"),
    addressCountry: cell(json, "addressCountry")
  }
}

/** What is kept of an employment, in the order in which `UltiProTable` keeps it. */
export const employmentColumns = [
  "companyId",
  "companyCode",
  "statusCode",
  "typeCode",
  "timeCode",
  "jobCode",
  "jobTitle",
  "jobDescription",
  "departmentCode",
  "locationCode",
  "supervisorId",
  "originalHireDate",
  "lastHireDate",
  "dateOfTermination",
  "dateOfSeniority",
  "dateInJob",
  "termReason"
] as const

/** A row of `/personnel/v1/employment-details`, without whom it is about. */
export type EmploymentRow = { readonly [column in (typeof employmentColumns)[number]]: Cell }

export interface NamedEmployment {
  readonly employeeId: Cell
  readonly row: EmploymentRow
}

/** Makes the reader of employments for a tenant whose department is org level `level`, if it has one. */
export const employmentReader =
  (level: number | undefined) =>
  (row: unknown): NamedEmployment => {
    const json = asObject(row)
    return {
      employeeId: cell(json, "employeeID", "employeeId"),
      row: {
        companyId: cell(json, "companyID", "companyId"),
        companyCode: cell(json, "companyCode"),
        statusCode: cell(json, "employeeStatusCode"),
        typeCode: code(json, "employeeTypeCode"),
        timeCode: code(json, "fullTimeOrPartTimeCode"),
        jobCode: code(json, "primaryJobCode"),
        jobTitle: cell(json, "jobTitle"),
        jobDescription: cell(json, "jobDescription"),
        departmentCode: level === undefined ? undefined : code(json, `orgLevel${level}Code`),
        locationCode: code(json, "primaryWorkLocationCode"),
        supervisorId: code(json, "supervisorID", "supervisorId"),
        originalHireDate: cell(json, "originalHireDate"),
        lastHireDate: cell(json, "lastHireDate"),
        dateOfTermination: cell(json, "dateOfTermination"),
        dateOfSeniority: cell(json, "dateOfSeniority"),
        dateInJob: cell(json, "dateInJob"),
        termReason: cell(json, "termReason")
      }
    }
  }

/** The company of an employment, for people to recognise their tenant by: all that `check` keeps of a row. */
export const readCompanyName = (row: unknown): Cell => cell(asObject(row), "companyName")

/** A row of `/configuration/v1/org-levels`. `level` is a number; the same digit as text says the same. */
export interface OrgLevelRow {
  readonly level: number | undefined
  readonly levelDescription: string | null
  readonly code: string | null
  readonly description: string | null
}

export const readOrgLevel = (row: unknown): OrgLevelRow => {
  const json = asObject(row)
  const level = ["1", "2", "3", "4"].indexOf(String(json["level"]).trim()) + 1
  return {
    level: level === 0 ? undefined : level,
    levelDescription: textOf(cell(json, "levelDescription")),
    code: textOf(code(json, "code")),
    description: textOf(cell(json, "description"))
  }
}

/** A row of `/configuration/v1/jobs`: `jobCode` in clients' sources, `code` in the published schema. */
export interface JobRow {
  readonly code: string | null
  readonly title: string | null
}

export const readJob = (row: unknown): JobRow => {
  const json = asObject(row)
  return { code: textOf(code(json, "jobCode", "code")), title: textOf(cell(json, "title")) }
}

/** A row of `/configuration/v1/locations`. */
export interface LocationRow {
  readonly code: string | null
  readonly description: string | null
  readonly addressLine1: string | null
  readonly addressLine2: string | null
  readonly city: string | null
  readonly state: string | null
  readonly zipOrPostalCode: string | null
  readonly countryCode: string | null
}

export const readLocation = (row: unknown): LocationRow => {
  const json = asObject(row)
  return {
    code: textOf(code(json, "locationCode", "code")),
    description: textOf(cell(json, "description")),
    addressLine1: textOf(cell(json, "addressLine1")),
    addressLine2: textOf(cell(json, "addressLine2")),
    city: textOf(cell(json, "city")),
    state: textOf(cell(json, "state")),
    zipOrPostalCode: textOf(cell(json, "zipOrPostalCode")),
    countryCode: textOf(cell(json, "countryCode"))
  }
}

/** The text of a cell, or null where there is none. */
export const textOf = (value: Cell): string | null => (Predicate.isString(value) ? value : null)
