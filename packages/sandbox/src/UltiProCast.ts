/**
 * The roles every tenant has somewhere: transferred, rehired with a stale date, hired for next week, working in two companies,
 * a manager who is gone, a supervisor nobody knows, two people behind one address. Each is played once in 200 people, so a
 * small company has them all and a large one hundreds of them.
 * Called by UltiProPopulation after everybody has been made up. What happens later is UltiProHappenings' part.
 */
import {
  inStatus,
  left,
  planned,
  reassigned,
  rehired,
  shifted,
  transferred,
  unspoiled,
  withSecondJob
} from "./UltiProCareer.ts"
import type { Move } from "./UltiProCareer.ts"
import { plusDays, stampOn } from "./UltiProDates.ts"
import { openUnits } from "./UltiProOrganisation.ts"
import { currentOf, withAssignment } from "./UltiProPeople.ts"
import type { Assignment, OrgCodes, Person, Scene } from "./UltiProPeople.ts"
import { chanceOf } from "./UltiProRandom.ts"

/** Roles are dealt once to every block of so many people. */
export const castEvery = 200

/** The place of the first role in its block; the people before it are managers of many. */
export const firstRole = 8

/** Deals the roles out. */
export const cast = (people: ReadonlyArray<Person>, scene: Scene): ReadonlyArray<Person> =>
  people.map((person, place) => {
    const role = Object.values(roles)[(place % castEvery) - firstRole]
    if (role === undefined) return person
    const chance = chanceOf(scene.seed, place, 3)
    const move = { day: scene.today, chance, organisation: scene.organisation, place }
    return role(unspoiled(person), move, people[place - 1] as Person)
  })

/** Where a role of the first block stands in the list. */
export const placeOfRole = (role: RoleName): number => firstRole + Object.keys(roles).indexOf(role)

export type RoleName = keyof typeof roles

type Role = (person: Person, move: Move, neighbour: Person) => Person

/** An EEID that belongs to nobody. */
export const nobody = "ZZNOBODYZZ00"

const otherCompany = (person: Person, { chance, organisation }: Move): string | undefined => {
  const others = organisation.companies.filter(({ companyId }) => companyId !== person.currentCompanyId)
  return others.length === 0 ? undefined : chance.pick(others).companyId
}

/** Roles that need a second company are not played where there is none. */
const elsewhere =
  (play: (person: Person, companyId: string, move: Move) => Person): Role =>
  (person, move) => {
    const companyId = otherCompany(person, move)
    return companyId === undefined ? person : play(person, companyId, move)
  }

const goneSince = (person: Person, move: Move, days: number) => left(person, shifted(move, -days))

const hiredLater =
  (days: number): Role =>
  (person, move) => {
    const day = plusDays(move.day, days)
    const stamp = stampOn(plusDays(move.day, -5), move.chance)
    const current = currentOf(person)
    const dates = { originalHireDate: day, lastHireDate: day, dateInJob: day, dateOfSeniority: day, statusSince: day }
    const history = current.history.map((event) => ({ ...event, effective: day }))
    const future: Assignment = { ...current, ...dates, history, createdAt: stamp, changedAt: stamp }
    return { ...withAssignment(person, future), createdAt: stamp, changedAt: stamp }
  }

const moveBack = (move: Move, days: number) => shifted(move, -days)

const inDepartment = (person: Person, move: Move, code: string | null): Person => {
  const level = move.organisation.departmentLevel
  const orgLevels = currentOf(person).orgLevels.with(level - 1, code) as unknown as OrgCodes
  return reassigned(person, { orgLevels }, "ORG", moveBack(move, 15))
}

const inactiveUnit = ({ organisation }: Move): string | null => {
  const open = openUnits(organisation, organisation.departmentLevel)
  const units = organisation.units.filter(({ level }) => level === organisation.departmentLevel)
  return units.find((unit) => !open.includes(unit))?.code ?? null
}

const roles = {
  managerWhoLeft: (person, move) => goneSince(person, move, 20),
  transferred: elsewhere((person, companyId, move) => transferred(person, companyId, moveBack(move, 20))),
  transferredThenLeft: elsewhere((person, companyId, move) =>
    goneSince(transferred(person, companyId, moveBack(move, 20)), move, 6)
  ),
  transferredAndBack: elsewhere((person, companyId, move) =>
    transferred(transferred(person, companyId, moveBack(move, 20)), person.currentCompanyId, moveBack(move, 8))
  ),
  homeLagsBehind: elsewhere((person, companyId, move) => ({
    ...transferred(person, companyId, moveBack(move, 2)),
    homeCompanyId: person.homeCompanyId
  })),
  rehired: (person, move) =>
    rehired(goneSince(person, move, 30), person.currentCompanyId, "cleared", moveBack(move, 10)),
  rehiredWithStaleDate: (person, move) =>
    rehired(goneSince(person, move, 30), person.currentCompanyId, "left", moveBack(move, 10)),
  rehiredOnStaleDate: (person, move) =>
    rehired(goneSince(person, move, 30), person.currentCompanyId, "equal", moveBack(move, 10)),
  rehiredElsewhere: elsewhere((person, companyId, move) =>
    rehired(goneSince(person, move, 30), companyId, "left", moveBack(move, 10))
  ),
  hiredForNextWeek: hiredLater(7),
  hiredForTomorrow: hiredLater(1),
  leavesNextWeek: (person, move) => planned(person, plusDays(move.day, 7), moveBack(move, 1)),
  leavesInAMonth: (person, move) => planned(person, plusDays(move.day, 30), moveBack(move, 1)),
  inTwoCompanies: elsewhere((person, companyId, move) => withSecondJob(person, companyId, moveBack(move, 12))),
  inTwoCompaniesHomeInTheNewer: elsewhere((person, companyId, move) => ({
    ...withSecondJob(person, companyId, moveBack(move, 12)),
    homeCompanyId: companyId,
    currentCompanyId: companyId
  })),
  testEmployee: (person) => withAssignment(person, { ...currentOf(person), typeCode: "TES" }),
  withoutSupervisor: (person) => withAssignment(person, { ...currentOf(person), supervisorId: null }),
  withUnknownSupervisor: (person) => withAssignment(person, { ...currentOf(person), supervisorId: nobody }),
  onLeave: (person, move) => inStatus(person, "L", moveBack(move, 3)),
  onStrike: (person, move) => inStatus(person, "O", moveBack(move, 3)),
  suspended: (person, move) => inStatus(person, "S", moveBack(move, 3)),
  released: (person, move) => inStatus(person, "R", moveBack(move, 3)),
  sharesAnAddress: (person, _move, neighbour) => ({
    ...person,
    email: neighbour.email ?? "frontdesk@northwind.example"
  }),
  withoutAddress: (person) => ({ ...person, email: null }),
  alternateIsTheSame: (person) => ({ ...person, alternateEmail: person.email }),
  listedTwice: (person) => ({ ...person, listedTwice: true }),
  listedTwiceInTwoCompanies: elsewhere((person, companyId, move) => ({
    ...transferred(person, companyId, moveBack(move, 20)),
    listedTwice: true
  })),
  withoutDepartment: (person, move) => inDepartment(person, move, null),
  inUnknownDepartment: (person, move) => inDepartment(person, move, "NIX99"),
  inClosedDepartment: (person, move) => inDepartment(person, move, inactiveUnit(move)),
  inUnknownPlace: (person) => withAssignment(person, { ...currentOf(person), locationCode: "XX404" }),
  withoutPlace: (person) => withAssignment(person, { ...currentOf(person), locationCode: null }),
  atHome: (person) => withAssignment(person, { ...currentOf(person), locationCode: "REMOTE" }),
  titledByTheJobAlone: (person) =>
    withAssignment(person, { ...currentOf(person), jobTitle: null, jobDescription: null }),
  homeLagsBehindALeaver: elsewhere((person, companyId, move) => ({
    ...goneSince(transferred(person, companyId, moveBack(move, 3)), move, 1),
    homeCompanyId: person.homeCompanyId
  }))
} satisfies Record<string, Role>
