/**
 * Makes people up: one person from a seed and a place in the list, and the whole first day.
 * Called by UltiProServer at start, and by UltiProHappenings for everybody who joins later. A person depends on seed, place
 * and first day alone, so the person at place 7 is the same in a company of 20 and of 50,000. The roles that every company
 * must have are dealt out afterwards by UltiProCast.
 */
import { employeeNumberOf, ended } from "./UltiProCareer.ts"
import { cast } from "./UltiProCast.ts"
import { dayBetween, dayNumber, plusDays, stampOn } from "./UltiProDates.ts"
import type { Day } from "./UltiProDates.ts"
import { firstNames, lastNames, middleNames, preferredNames, streets, towns } from "./UltiProNames.ts"
import { openUnits, organisationOf } from "./UltiProOrganisation.ts"
import type { Organisation } from "./UltiProOrganisation.ts"
import { eventOf, placesOf } from "./UltiProPeople.ts"
import type { Assignment, HomeAddress, HumanResources, OrgCodes, Person, Scene } from "./UltiProPeople.ts"
import { chanceOf, lettersOf } from "./UltiProRandom.ts"
import type { Chance } from "./UltiProRandom.ts"
import type { UltiProSettings } from "./UltiProSettings.ts"

/** The tenant on its first day. */
export const humanResourcesOf = (
  settings: Pick<UltiProSettings, "seed" | "today" | "population" | "companies" | "departmentLevel">
): HumanResources => {
  const { companies, departmentLevel, population, seed, today } = settings
  const organisation = organisationOf(companies, departmentLevel)
  const scene = { seed, today, organisation }
  const people = cast(
    Array.from({ length: population }, (_, place) => personAt(scene, place)),
    scene
  )
  return { ...scene, people, places: placesOf(people) }
}

/** The person at a place. Without a first day it lies in the past, and some of them have left already or are on leave. */
export const personAt = (scene: Scene, place: number, firstDay?: Day): Person => {
  const { organisation, seed, today } = scene
  const chance = chanceOf(seed, place, firstDay === undefined ? 0 : dayNumber(firstDay))
  const hired = firstDay ?? dayBetween(chance, "1998-03-01", plusDays(today, -40))
  const createdAt = stampOn(firstDay === undefined ? hired : today, chance)
  const company = chance.pick(organisation.companies)
  const base = newAssignment(scene, chance, { place, companyId: company.companyId, hired, createdAt })
  const assignment = firstDay === undefined ? lived(base, chance, today) : base
  return {
    ...privateSide(chance, place, dayBetween(chance, "1958-01-01", "2003-12-31")),
    employeeId: employeeIdOf(seed, place),
    personId: guidOf(seed, place),
    formerName: null,
    homeCompanyId: company.companyId,
    currentCompanyId: company.companyId,
    assignments: [assignment],
    look: chance.int(0, 0x7fffffff),
    listedTwice: false,
    createdAt,
    changedAt: firstDay === undefined ? stampOn(dayBetween(chance, hired, plusDays(today, -1)), chance) : createdAt
  }
}

/** 12 letters and digits; unique because the place is part of it. */
export const employeeIdOf = (seed: number, place: number): string =>
  lettersOf(chanceOf(seed, place, 1), 6, "ABCDEFGHJKLMNPQRSTUVWXYZ") + place.toString(36).toUpperCase().padStart(6, "0")

/** Codes of an open unit on each level; the department nearly always, the others less often. */
export const orgLevelsOf = (organisation: Organisation, chance: Chance): OrgCodes => {
  const code = (level: number) => {
    const filled = chance.happens(level === organisation.departmentLevel ? 0.97 : 0.7)
    const unit = chance.pick(openUnits(organisation, level))
    return filled ? unit.code : null
  }
  return [code(1), code(2), code(3), code(4)]
}

/** Seven reports to a manager, the manager always further ahead in the list: no circles, and managers in every company. */
export const managerPlaceOf = (place: number): number => Math.floor((place - 1) / 7)

interface Start {
  readonly place: number
  readonly companyId: string
  readonly hired: Day
  readonly createdAt: string
}

const newAssignment = ({ organisation, seed }: Scene, chance: Chance, start: Start): Assignment => {
  const { companyId, createdAt, hired, place } = start
  const job = chance.pick(organisation.jobs)
  const assignment: Assignment = {
    companyId,
    employeeNumber: employeeNumberOf(organisation, companyId, place),
    status: "A",
    statusSince: hired,
    typeCode: chance.pick(["REG", "REG", "REG", "REG", "TMP", "CON", "INT", "STU"]),
    fullOrPart: chance.happens(0.85) ? "F" : "P",
    jobCode: job.code,
    jobDescription: chance.happens(0.75) ? job.title : null,
    jobTitle: chance.happens(0.25) ? `${chance.pick(["Lead", "Chief", "Associate"])} ${job.title}` : null,
    orgLevels: orgLevelsOf(organisation, chance),
    locationCode: chance.happens(0.95) ? chance.pick(organisation.locations).code : null,
    supervisorId: place === 0 ? null : employeeIdOf(seed, managerPlaceOf(place)),
    originalHireDate: hired,
    lastHireDate: hired,
    dateInJob: hired,
    dateOfSeniority: hired,
    dateOfTermination: null,
    staleTermination: null,
    termReason: null,
    annualSalary: chance.int(38, 240) * 1000,
    history: [],
    createdAt,
    changedAt: createdAt
  }
  return { ...assignment, history: [eventOf(assignment, hired, "HIRE")] }
}

/** What happened to an assignment between its first day and the stand-in's first day. */
const lived = (assignment: Assignment, chance: Chance, today: Day): Assignment => {
  const { originalHireDate: hired } = assignment
  const yesterday = plusDays(today, -1)
  const moved = { ...assignment, dateInJob: dayBetween(chance, hired, yesterday) }
  const since = dayBetween(chance, plusDays(moved.dateInJob, 1), yesterday)
  const fate = chance.int(1, 100)
  if (fate <= 8) return ended(moved, since, chance)
  if (fate <= 12) return { ...moved, status: "L", statusSince: since, changedAt: stampOn(since, chance) }
  return { ...moved, changedAt: stampOn(moved.dateInJob, chance) }
}

const privateSide = (chance: Chance, place: number, birthDate: Day) => {
  const first = chance.pick(firstNames)
  const last = chance.pick(lastNames)
  const local = `${first.plain}.${last.plain}${place}`
  return {
    firstName: first.written,
    lastName: last.written,
    middleName: chance.happens(0.4) ? chance.pick(middleNames) : null,
    preferredName: chance.happens(0.25) ? chance.pick(preferredNames) : null,
    email: chance.happens(0.97) ? `${local}@northwind.example` : null,
    alternateEmail: chance.happens(0.5) ? `${local}@home.example` : null,
    gender: chance.happens(0.95) ? chance.pick(["F", "M", "F", "M", "X"]) : null,
    birthDate,
    home: homeOf(chance)
  }
}

const homeOf = (chance: Chance): HomeAddress => {
  const { city, country, state, zip } = chance.pick(towns)
  return {
    line1: `${chance.int(1, 999)} ${chance.pick(streets)}`,
    line2: chance.happens(0.3) ? `Apt ${chance.int(1, 99)}` : null,
    city,
    state,
    zip,
    country: chance.happens(0.98) ? country : null
  }
}

const guidOf = (seed: number, place: number): string => {
  const digits = lettersOf(chanceOf(seed, place, 2), 28, "0123456789abcdef")
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(12, 15)}`, `a${digits.slice(15, 18)}`]
  return `${parts.join("-")}-${digits.slice(18, 22)}${place.toString(16).padStart(8, "0")}`
}
