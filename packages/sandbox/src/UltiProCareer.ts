/**
 * The moves of a career, each from a person to the person after it: leaving, planned leaving, transfer to another company,
 * rehire, a second job, leave and return, another job or department or place or manager.
 * Called by UltiProCast for what happened before the first day and by UltiProHappenings for what happens on a day. It never
 * chooses who or where to; the rules that must hold afterwards are the tests' properties.
 */
import { plusDays, stampOn } from "./UltiProDates.ts"
import type { Day } from "./UltiProDates.ts"
import type { Organisation } from "./UltiProOrganisation.ts"
import { assignmentIn, currentOf, eventOf, transferReason, withAssignment, withOpen } from "./UltiProPeople.ts"
import type { Assignment, JobEvent, Person } from "./UltiProPeople.ts"
import type { Chance } from "./UltiProRandom.ts"

/** When a move happens, and to whom: `place` is the person's place in the list, which numbers are made of. */
export interface Move {
  readonly day: Day
  readonly chance: Chance
  readonly organisation: Organisation
  readonly place: number
}

/** What becomes of the old termination date of somebody who comes back. */
export type Stale = "cleared" | "left" | "equal"

/** Unique within a company; the same number belongs to somebody else in another company. */
export const employeeNumberOf = (organisation: Organisation, companyId: string, place: number): string => {
  const company = organisation.companies.findIndex((other) => other.companyId === companyId)
  return String(12_000 + place + company * 7).padStart(9, "0")
}

/** An assignment that is over since a day, for a reason of its own. */
export const ended = (assignment: Assignment, day: Day, chance: Chance): Assignment => ({
  ...assignment,
  status: "T",
  statusSince: day,
  dateOfTermination: day,
  staleTermination: null,
  termReason: chance.pick(["VOL", "INV", "RET"]),
  changedAt: stampOn(day, chance)
})

/** Leaves every company. */
export const left = (person: Person, { chance, day }: Move): Person =>
  withOpen(person, (assignment) => ended(assignment, day, chance))

/** Is going to leave: the date is known, the status stays. Null takes the plan back. */
export const planned = (person: Person, lastDay: Day | null, { chance, day }: Move): Person =>
  withOpen(person, (assignment) => ({
    ...assignment,
    dateOfTermination: lastDay,
    staleTermination: null,
    changedAt: stampOn(day, chance)
  }))

/** Goes to another company; the old one keeps its row, terminated with the reason of a transfer. */
export const transferred = (person: Person, companyId: string, move: Move): Person => {
  const { chance, day, organisation, place } = move
  const before = currentOf(person)
  const changedAt = stampOn(day, chance)
  const closed: Assignment = { ...ended(before, day, chance), termReason: transferReason, changedAt }
  const opened: Assignment = {
    ...before,
    companyId,
    employeeNumber: employeeNumberOf(organisation, companyId, place),
    dateInJob: day,
    dateOfTermination: null,
    staleTermination: null,
    createdAt: changedAt,
    changedAt,
    history: [eventOf(before, day, "TRANSFER")]
  }
  const moved = withAssignment(withAssignment(person, closed), opened)
  return { ...moved, currentCompanyId: companyId, homeCompanyId: companyId, changedAt }
}

/** Comes back under the same EEID, to the same company or to another one. */
export const rehired = (person: Person, companyId: string, stale: Stale, move: Move): Person => {
  const { chance, day, organisation, place } = move
  const before = currentOf(person)
  const known = assignmentIn(person, companyId)
  const changedAt = stampOn(day, chance)
  const old = known?.dateOfTermination ?? null
  const opened: Assignment = {
    ...before,
    companyId,
    employeeNumber: known?.employeeNumber ?? employeeNumberOf(organisation, companyId, place),
    status: "A",
    statusSince: day,
    lastHireDate: day,
    dateInJob: day,
    dateOfSeniority: chance.happens(0.5) ? day : before.dateOfSeniority,
    dateOfTermination: null,
    staleTermination: old === null || stale === "cleared" ? null : stale === "equal" ? day : old,
    termReason: null,
    createdAt: known?.createdAt ?? changedAt,
    changedAt,
    history: [...(known?.history ?? []), eventOf(before, day, "REHIRE")]
  }
  return { ...withAssignment(person, opened), currentCompanyId: companyId, homeCompanyId: companyId, changedAt }
}

/** Works in a second company as well; home stays where it is. */
export const withSecondJob = (person: Person, companyId: string, move: Move): Person => {
  const { chance, day, organisation, place } = move
  const first = currentOf(person)
  const stamp = stampOn(day, chance)
  const second: Assignment = {
    ...first,
    companyId,
    employeeNumber: employeeNumberOf(organisation, companyId, place),
    fullOrPart: "P",
    jobTitle: "Advisor",
    originalHireDate: day,
    lastHireDate: day,
    dateInJob: day,
    createdAt: stamp,
    changedAt: stamp,
    history: [eventOf(first, day, "HIRE")]
  }
  return withAssignment(person, second)
}

/** Another status of the same employment. */
export const inStatus = (person: Person, status: Exclude<Assignment["status"], "T">, { chance, day }: Move): Person =>
  withOpen(person, (assignment) => ({ ...assignment, status, statusSince: day, changedAt: stampOn(day, chance) }))

/** Another job, department, place or manager in the current company. */
export const reassigned = (
  person: Person,
  change: Partial<Pick<Assignment, "jobCode" | "jobDescription" | "jobTitle" | "orgLevels" | "locationCode">> &
    Partial<Pick<Assignment, "supervisorId">>,
  reason: JobEvent["reason"],
  { chance, day }: Move
): Person => {
  const before = { ...currentOf(person), ...change }
  return withAssignment(person, {
    ...before,
    dateInJob: reason === "JOB" ? day : before.dateInJob,
    changedAt: stampOn(day, chance),
    history: [...before.history, eventOf(before, day, reason)]
  })
}

/** Another last name, and nearly always another e-mail address with it. */
export const withName = (person: Person, lastName: string, email: string | null, { chance, day }: Move): Person => ({
  ...person,
  lastName,
  formerName: person.lastName,
  email,
  changedAt: stampOn(day, chance)
})

/** As if nothing but the first hire had happened, so that a role can be played from the start. */
export const unspoiled = (person: Person): Person => {
  const current = currentOf(person)
  return {
    ...person,
    assignments: [
      {
        ...current,
        status: "A",
        statusSince: current.originalHireDate,
        dateInJob: current.originalHireDate,
        dateOfTermination: null,
        termReason: null,
        changedAt: current.createdAt
      }
    ]
  }
}

/** The same move some days earlier or later. */
export const shifted = (move: Move, days: number): Move => ({ ...move, day: plusDays(move.day, days) })
