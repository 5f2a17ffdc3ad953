/**
 * The five lists that are read, and the permission that each of them needs.
 *
 * Paths are those of UKG's published schema; permissions and where to tick them are those of Together's UKG Pro article
 * (step 1). Nothing outside these lists is ever asked for, and nothing is ever written.
 */
import { PermissionMissing } from "@rollcall/core/contract/Source"

import {
  type Cell,
  employmentReader,
  type JobRow,
  type LocationRow,
  type NamedEmployment,
  type OrgLevelRow,
  type PersonRow,
  readCompanyName,
  readJob,
  readLocation,
  readOrgLevel,
  readPerson
} from "./UltiProWire.ts"

/** Web Service permissions, as the page that ticks them calls them. */
export type Permission = "Personnel Integration" | "Employee Person Details" | "Company Configuration Integration"

export interface Endpoint<Row> {
  /** As locators and messages call it. */
  readonly name: string
  readonly path: string
  readonly permission: Permission
  /** Cuts a row down to what may be known of it. */
  readonly read: (row: unknown) => Row
}

export const personDetails: Endpoint<PersonRow> = {
  name: "person-details",
  path: "/personnel/v1/person-details",
  permission: "Employee Person Details",
  read: readPerson
}

/** Employments of a tenant whose department is org level `level`, if it has one. */
export const employmentDetails = (level: number | undefined): Endpoint<NamedEmployment> => ({
  name: "employment-details",
  path: "/personnel/v1/employment-details",
  permission: "Personnel Integration",
  read: employmentReader(level)
})

/** The same list, of which only the names of the companies are wanted. */
export const companyNames: Endpoint<Cell> = { ...employmentDetails(undefined), read: readCompanyName }

export const orgLevels: Endpoint<OrgLevelRow> = {
  name: "org-levels",
  path: "/configuration/v1/org-levels",
  permission: "Company Configuration Integration",
  read: readOrgLevel
}

export const jobs: Endpoint<JobRow> = {
  name: "jobs",
  path: "/configuration/v1/jobs",
  permission: "Company Configuration Integration",
  read: readJob
}

export const locations: Endpoint<LocationRow> = {
  name: "locations",
  path: "/configuration/v1/locations",
  permission: "Company Configuration Integration",
  read: readLocation
}

/** Where a list or a page of it stands, without anything of what is in it. */
export const locatorOf = (list: string, page?: number, row?: number): string =>
  `ultipro:${list}${page === undefined ? "" : `?page=${page}`}${row === undefined ? "" : `#${row}`}`

/** What an administrator has to tick, and where. */
export const permissionMissing = (
  missing: ReadonlyArray<{ readonly name: string; readonly permission: Permission }>
): PermissionMissing => {
  const permissions = [...new Set(missing.map(({ permission }) => permission))]
  const lists = missing.map(({ name }) => name).join(", ")
  const ticked = permissions.map((permission) => `'${permission}' View`).join(" and ")
  return new PermissionMissing({
    permission: permissions.join(", "),
    problem: `UltiPro refuses the service account ${lists} (403): it lacks ${permissions.map((name) => `'${name}'`).join(" and ")}.`,
    remedy: `In UltiPro, open System Configuration > Security > Service Account Administration, choose this service account, tick ${ticked} under Web Service, and save. Then run \`rollcall check\`.`
  })
}
