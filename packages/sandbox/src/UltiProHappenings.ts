/**
 * What may happen on a day, one function a kind: it finds somebody it may happen to, changes the draft of the day, and says
 * so. Where nobody fits, nothing happens.
 * Called by UltiProDays. One person meets at most one of these a day, so two moves never carry the same date. Renames touch
 * the configuration alone and leave every person's dateTimeChanged as it was.
 */
import * as Career from "./UltiProCareer.ts"
import { plusDays, stampOn } from "./UltiProDates.ts"
import type { Day } from "./UltiProDates.ts"
import { lastNames } from "./UltiProNames.ts"
import { openUnits, renamed } from "./UltiProOrganisation.ts"
import type { Organisation } from "./UltiProOrganisation.ts"
import { currentOf, isEmployed } from "./UltiProPeople.ts"
import type { Assignment, OrgCodes, Person } from "./UltiProPeople.ts"
import { personAt } from "./UltiProPopulation.ts"
import type { Chance } from "./UltiProRandom.ts"

/** What chance brings about, in the order in which a day tries it. */
export const chanceKinds = [
  "joined",
  "announced",
  "left",
  "termination-planned",
  "termination-withdrawn",
  "transferred",
  "rehired",
  "department-changed",
  "location-changed",
  "job-changed",
  "manager-changed",
  "name-changed",
  "leave-begun",
  "leave-ended",
  "profile-touched",
  "department-renamed",
  "location-renamed",
  "job-renamed"
] as const

export type ChanceKind = (typeof chanceKinds)[number]

/** What falls due: a first day, a planned last day, a home company that catches up with a transfer. */
export type DueKind = "started" | "termination-came" | "home-caught-up"

export type HappeningKind = ChanceKind | DueKind

/** Something that happened; `employeeId` where it happened to a person, `code` where it happened to the configuration. */
export interface Happening {
  readonly day: Day
  readonly kind: HappeningKind
  readonly employeeId?: string
  readonly code?: string
}

/** A day in the making. It belongs to one call of UltiProDays and is never shown to anybody else. */
export interface DayDraft {
  readonly seed: number
  readonly today: Day
  readonly chance: Chance
  readonly people: Array<Person>
  readonly touched: Set<string>
  readonly happened: Array<Happening>
  organisation: Organisation
}

/** Puts the person in their new form back, and remembers that this was their day. */
export const settle = (draft: DayDraft, place: number, person: Person, kind: HappeningKind): void => {
  draft.people[place] = person
  draft.touched.add(person.employeeId)
  draft.happened.push({ day: draft.today, kind, employeeId: person.employeeId })
}

export const moveAt = ({ chance, organisation, today }: DayDraft, place: number): Career.Move => ({
  day: today,
  chance,
  organisation,
  place
})

type Change = (person: Person, move: Career.Move, draft: DayDraft) => Person | undefined

/** Tries some people until one fits and the change finds something to change. */
const toSomebody =
  (fits: (person: Person, today: Day) => boolean, change: Change) => (draft: DayDraft, kind: HappeningKind) => {
    for (let attempt = 0; attempt < 80; attempt++) {
      const place = draft.chance.int(1, draft.people.length - 1)
      const person = draft.people[place]
      if (person === undefined || draft.touched.has(person.employeeId) || !fits(person, draft.today)) continue
      const changed = change(person, moveAt(draft, place), draft)
      if (changed === undefined) continue
      settle(draft, place, changed, kind)
      return
    }
  }

const newcomer = (days: (chance: Chance) => number) => (draft: DayDraft, kind: HappeningKind) => {
  const place = draft.people.length
  const person = personAt(draft, place, plusDays(draft.today, days(draft.chance)))
  settle(draft, place, person, kind)
}

const open = ({ assignments }: Person) => assignments.filter(({ status }) => status !== "T")
const settled = (person: Person, today: Day) =>
  isEmployed(person, today) && open(person).length === 1 && person.homeCompanyId === person.currentCompanyId
const staying = (person: Person, today: Day) => settled(person, today) && currentOf(person).dateOfTermination === null
const working = (person: Person, today: Day) => staying(person, today) && currentOf(person).status === "A"
const away = (person: Person, today: Day) => settled(person, today) && currentOf(person).status === "L"
const leaving = (person: Person, today: Day) => settled(person, today) && currentOf(person).dateOfTermination !== null
const gone = (person: Person, today: Day) =>
  currentOf(person).status === "T" && (currentOf(person).dateOfTermination ?? today) < today

const otherCompany = (person: Person, { chance, organisation }: Career.Move): string | undefined => {
  const others = organisation.companies.filter(({ companyId }) => companyId !== person.currentCompanyId)
  return others.length === 0 ? undefined : chance.pick(others).companyId
}

const rehire: Change = (person, move) => {
  const companyId = move.chance.happens(0.3) ? otherCompany(person, move) : undefined
  const stale = move.chance.pick(["cleared", "left", "equal"] as const)
  return Career.rehired(person, companyId ?? person.currentCompanyId, stale, move)
}

const transfer: Change = (person, move) => {
  const companyId = otherCompany(person, move)
  if (companyId === undefined) return undefined
  const moved = Career.transferred(person, companyId, move)
  return move.chance.happens(0.2) ? { ...moved, homeCompanyId: person.homeCompanyId } : moved
}

const newDepartment: Change = (person, move) => {
  const { organisation } = move
  const { orgLevels } = currentOf(person)
  const at = organisation.departmentLevel - 1
  const units = openUnits(organisation, organisation.departmentLevel).filter(({ code }) => code !== orgLevels[at])
  const moved = orgLevels.with(at, move.chance.pick(units).code) as unknown as OrgCodes
  return Career.reassigned(person, { orgLevels: moved }, "ORG", move)
}

const newLocation: Change = (person, move) => {
  const others = move.organisation.locations.filter(({ code }) => code !== currentOf(person).locationCode)
  return Career.reassigned(person, { locationCode: move.chance.pick(others).code }, "LOCATION", move)
}

const newJob: Change = (person, move) => {
  const { chance, organisation } = move
  const job = chance.pick(organisation.jobs.filter(({ code }) => code !== currentOf(person).jobCode))
  const described = chance.happens(0.75) ? job.title : null
  return Career.reassigned(person, { jobCode: job.code, jobDescription: described, jobTitle: null }, "JOB", move)
}

/** The new manager stands further ahead in the list, so nobody ever reports to themselves by a detour. */
const newManager: Change = (person, move, { people }) => {
  const manager = people[move.chance.int(0, move.place - 1)]
  const fits = manager !== undefined && currentOf(manager).status !== "T"
  if (!fits || manager.employeeId === currentOf(person).supervisorId) return undefined
  return Career.reassigned(person, { supervisorId: manager.employeeId }, "MANAGER", move)
}

const newName: Change = (person, move) => {
  const { chance, place } = move
  const name = chance.pick(lastNames.filter(({ written }) => written !== person.lastName))
  const keeps = person.email === null || chance.happens(0.3)
  const [first = ""] = (person.email ?? "").split(/[.@]/)
  return Career.withName(
    person,
    name.written,
    keeps ? person.email : `${first}.${name.plain}${place}@northwind.example`,
    move
  )
}

const renames =
  (change: (organisation: Organisation, chance: Chance) => readonly [code: string, Organisation]) =>
  (draft: DayDraft, kind: HappeningKind) => {
    const [code, organisation] = change(draft.organisation, draft.chance)
    draft.organisation = organisation
    draft.happened.push({ day: draft.today, kind, code })
  }

const departmentRenamed = (organisation: Organisation, chance: Chance) => {
  const unit = chance.pick(openUnits(organisation, organisation.departmentLevel))
  const after = { ...unit, description: renamed(unit.description, chance) }
  return [unit.code, { ...organisation, units: swapped(organisation.units, unit, after) }] as const
}

const locationRenamed = (organisation: Organisation, chance: Chance) => {
  const location = chance.pick(organisation.locations)
  const { addressLine1 } = location
  const after = {
    ...location,
    description: renamed(location.description, chance),
    addressLine1: addressLine1 === null ? null : addressLine1.replace(/^\d+/, String(chance.int(1000, 9999)))
  }
  return [location.code, { ...organisation, locations: swapped(organisation.locations, location, after) }] as const
}

const jobRenamed = (organisation: Organisation, chance: Chance) => {
  const job = chance.pick(organisation.jobs)
  const after = { ...job, title: renamed(job.title, chance) }
  return [job.code, { ...organisation, jobs: swapped(organisation.jobs, job, after) }] as const
}

const swapped = <A>(values: ReadonlyArray<A>, before: A, after: A) => values.with(values.indexOf(before), after)

const plan: Change = (person, move) => Career.planned(person, plusDays(move.day, move.chance.int(1, 15)), move)

const touchedStamp = (person: Person, { chance, day }: Career.Move): Person => ({
  ...person,
  changedAt: stampOn(day, chance)
})

const inStatus =
  (status: Exclude<Assignment["status"], "T">): Change =>
  (person, move) =>
    Career.inStatus(person, status, move)

/** Every kind that chance brings about; what falls due is UltiProDays' part. */
export const happenings: Readonly<Record<ChanceKind, (draft: DayDraft, kind: ChanceKind) => void>> = {
  joined: newcomer(() => 0),
  announced: newcomer((chance) => chance.int(2, 12)),
  left: toSomebody(isEmployed, Career.left),
  "termination-planned": toSomebody(staying, plan),
  "termination-withdrawn": toSomebody(leaving, (person, move) => Career.planned(person, null, move)),
  transferred: toSomebody(staying, transfer),
  rehired: toSomebody(gone, rehire),
  "department-changed": toSomebody(staying, newDepartment),
  "location-changed": toSomebody(staying, newLocation),
  "job-changed": toSomebody(staying, newJob),
  "manager-changed": toSomebody(staying, newManager),
  "name-changed": toSomebody(settled, newName),
  "leave-begun": toSomebody(working, inStatus("L")),
  "leave-ended": toSomebody(away, inStatus("A")),
  "profile-touched": toSomebody(settled, touchedStamp),
  "department-renamed": renames(departmentRenamed),
  "location-renamed": renames(locationRenamed),
  "job-renamed": renames(jobRenamed)
}
