/**
 * Time in the HR model: the day after a day, with everything that falls due and everything that chance brings.
 * Called by UltiProServer when somebody lets days pass. A pure function of the model: the same seed and the same number of
 * days give the same tenant, and no clock has a part in it.
 */
import { left } from "./UltiProCareer.ts"
import { dayNumber, plusDays, stampOn } from "./UltiProDates.ts"
import { chanceKinds, happenings, moveAt, settle } from "./UltiProHappenings.ts"
import type { ChanceKind, DayDraft, DueKind, Happening } from "./UltiProHappenings.ts"
import { currentOf, placesOf } from "./UltiProPeople.ts"
import type { HumanResources, Person } from "./UltiProPeople.ts"
import { chanceOf } from "./UltiProRandom.ts"

/** The model after some days, and what happened on them in order. */
export interface Passed {
  readonly hr: HumanResources
  readonly happened: ReadonlyArray<Happening>
}

/** Lets days pass, one after the other. */
export const daysAfter = (hr: HumanResources, days: number): Passed => {
  let passed: Passed = { hr, happened: [] }
  for (let day = 0; day < days; day++) {
    const next = dayAfter(passed.hr)
    passed = { hr: next.hr, happened: [...passed.happened, ...next.happened] }
  }
  return passed
}

/** About how often a kind happens on one day; configuration is renamed less often than people move. */
const expected = (kind: ChanceKind, population: number): number =>
  kind.endsWith("-renamed") ? 0.15 : Math.max(0.3, population * 0.0005)

const dayAfter = (hr: HumanResources): Passed => {
  const draft = draftOf(hr)
  fallDue(draft)
  for (const kind of chanceKinds) {
    const often = expected(kind, hr.people.length)
    const times = Math.floor(often) + (draft.chance.happens(often % 1) ? 1 : 0)
    for (let time = 0; time < times; time++) happenings[kind](draft, kind)
  }
  const { happened, organisation, people, today } = draft
  const places = people.length === hr.people.length ? hr.places : placesOf(people)
  return { hr: { ...hr, today, organisation, people, places }, happened }
}

const draftOf = (hr: HumanResources): DayDraft => {
  const today = plusDays(hr.today, 1)
  return {
    seed: hr.seed,
    today,
    chance: chanceOf(hr.seed, dayNumber(today), 4),
    people: [...hr.people],
    touched: new Set(),
    happened: [],
    organisation: hr.organisation
  }
}

/** First days, last days, and home companies that catch up with a transfer of the days before. */
const fallDue = (draft: DayDraft): void => {
  draft.people.forEach((person, place) => {
    const kind = dueKind(person, draft)
    if (kind === undefined) return
    const move = moveAt(draft, place)
    if (kind === "started") settle(draft, place, person, kind)
    else if (kind === "termination-came") settle(draft, place, left(person, move), kind)
    else settle(draft, place, caughtUp(person, draft), kind)
  })
}

/** A first day changes nothing in the data: the row has said so all along. */
const dueKind = (person: Person, { chance, today }: DayDraft): DueKind | undefined => {
  const { dateOfTermination, lastHireDate, originalHireDate, status } = currentOf(person)
  if (status !== "T" && dateOfTermination !== null && dateOfTermination <= today) return "termination-came"
  if (status !== "T" && lastHireDate === today && originalHireDate === today) return "started"
  if (person.homeCompanyId !== person.currentCompanyId && chance.happens(0.4)) return "home-caught-up"
  return undefined
}

const caughtUp = (person: Person, { chance, today }: DayDraft): Person => ({
  ...person,
  homeCompanyId: person.currentCompanyId,
  changedAt: stampOn(today, chance)
})
