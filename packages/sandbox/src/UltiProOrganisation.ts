/**
 * What a tenant has configured: its companies, the units of four org levels, jobs and locations. The same code stands on
 * several levels with another meaning, some codes have leading zeros, some places have no address.
 * Called by the generator, by the days that rename things, by truth and by the configuration rows. Values only: looking
 * something up never fails, it gives undefined.
 */
import type { Chance } from "./UltiProRandom.ts"
import type { UltiProCompany } from "./UltiProSettings.ts"

/** A unit of an org level; its key is (level, code). */
export interface OrgUnit {
  readonly level: 1 | 2 | 3 | 4
  readonly levelDescription: string
  readonly code: string
  readonly description: string
  readonly isActive: boolean
}

export interface Job {
  readonly code: string
  readonly title: string
  readonly countryCode: string
  readonly family: string
}

export interface Location {
  readonly code: string
  readonly description: string
  readonly addressLine1: string | null
  readonly addressLine2: string | null
  readonly city: string | null
  readonly state: string | null
  readonly zipOrPostalCode: string | null
  readonly countryCode: string | null
}

/** Everything that is configured and not about a person. */
export interface Organisation {
  readonly companies: ReadonlyArray<UltiProCompany>
  readonly departmentLevel: number
  readonly units: ReadonlyArray<OrgUnit>
  readonly jobs: ReadonlyArray<Job>
  readonly locations: ReadonlyArray<Location>
}

/** The organisation of the first day. */
export const organisationOf = (
  companies: ReadonlyArray<UltiProCompany>,
  departmentLevel: 1 | 2 | 3 | 4
): Organisation => ({ companies, departmentLevel, units: unitsOf(departmentLevel), jobs, locations })

export const unitOf = (organisation: Organisation, level: number, code: string): OrgUnit | undefined =>
  organisation.units.find((unit) => unit.level === level && unit.code === code)

/** Units of a level that people are put into. */
export const openUnits = (organisation: Organisation, level: number): ReadonlyArray<OrgUnit> =>
  organisation.units.filter((unit) => unit.level === level && unit.isActive)

export const jobOf = (organisation: Organisation, code: string): Job | undefined =>
  organisation.jobs.find((job) => job.code === code)

export const locationOf = (organisation: Organisation, code: string): Location | undefined =>
  organisation.locations.find((location) => location.code === code)

export const companyOf = (organisation: Organisation, companyId: string): UltiProCompany | undefined =>
  organisation.companies.find((company) => company.companyId === companyId)

/** Another name for the same thing, always different from the one it has. */
export const renamed = (name: string, chance: Chance): string => {
  const bare = name.replace(/^(Global|Group|Central) /, "")
  const others = ["Global", "Group", "Central"].map((prefix) => `${prefix} ${bare}`).filter((other) => other !== name)
  return chance.pick(others)
}

const unitsOf = (departmentLevel: 1 | 2 | 3 | 4): ReadonlyArray<OrgUnit> => {
  const others = [divisions, costCenters, teams]
  return ([1, 2, 3, 4] as const).flatMap((level) => {
    const { entries, name } = level === departmentLevel ? departments : (others.shift() ?? teams)
    return entries.map(([code, description]) => ({
      level,
      levelDescription: name,
      code,
      description,
      isActive: description !== "Legacy Systems"
    }))
  })
}

type Level = { readonly name: string; readonly entries: ReadonlyArray<readonly [code: string, description: string]> }

const departments: Level = {
  name: "Department",
  entries: [
    ["0100", "Engineering"],
    ["0110", "Product"],
    ["0120", "Sales"],
    ["0130", "Customer Success"],
    ["0140", "People & Culture"],
    ["0150", "Finance"],
    ["100", "Legal"],
    ["200", "Research, Lab & Prüfstand"],
    ["300", "Facilities"],
    ["OPS", "Operations"],
    ["MKT", "Marketing"],
    ["LEG", "Legacy Systems"]
  ]
}

const divisions: Level = {
  name: "Division",
  entries: [
    ["100", "North"],
    ["200", "South"],
    ["300", "Overseas"]
  ]
}

const costCenters: Level = {
  name: "Cost Center",
  entries: [
    ["100", "Shared Services"],
    ["0100", "Plant 1"],
    ["C10", "Plant 2"],
    ["C20", "Plant 3"]
  ]
}

const teams: Level = {
  name: "Team",
  entries: [
    ["T1", "Falcon"],
    ["T2", "Heron"],
    ["OPS", "Night Shift"]
  ]
}

const job = (code: string, title: string, countryCode: string, family: string): Job => ({
  code,
  title,
  countryCode,
  family
})

const jobs: ReadonlyArray<Job> = [
  job("CAADMIN", "Administrator", "CAN", "ADM"),
  job("CAENG1", "Software Engineer", "CAN", "ENG"),
  job("USENG1", "Software Engineer", "USA", "ENG"),
  job("USENG2", "Senior Software Engineer", "USA", "ENG"),
  job("USSALES", "Account Executive", "USA", "SAL"),
  job("USMGR", "Manager", "USA", "MGT"),
  job("0042", "Analyst", "USA", "ADM"),
  job("USVP", "Vice President", "USA", "MGT")
]

const place = (code: string, description: string, ...address: ReadonlyArray<string | null>): Location => ({
  code,
  description,
  addressLine1: address[0] ?? null,
  addressLine2: address[1] ?? null,
  city: address[2] ?? null,
  state: address[3] ?? null,
  zipOrPostalCode: address[4] ?? null,
  countryCode: address[5] ?? null
})

const locations: ReadonlyArray<Location> = [
  place("CAHQ1", "Headquarters", "100 King Street West", "Suite 5700", "Toronto", "ON", "M5X 1C7", "CAN"),
  place("CAMTL", "Montréal Office", "1 Place Ville-Marie", null, "Montréal", "QC", "H3B 2C4", "CAN"),
  place("USAUS", "Austin Office", "500 Congress Avenue", "Floor 9", "Austin", "TX", "78701", "USA"),
  place("01", "Boston Office", "28 State Street", null, "Boston", "MA", "02109", "USA"),
  place("UKLDS", "Leeds Office", "3 Park Row", null, "Leeds", null, "LS1 5HN", "GBR"),
  place("WHS07", "Warehouse 7", null, "Gate B", "Weston", "FL", null, "USA"),
  place("REMOTE", "Remote - Home Office")
]
