/**
 * One person's history lived through again under given rules: what would have been sent on which day.
 *
 * Pure. HR's words are taken from the log; Together is taken to accept whatever it would have been sent, but for what it
 * really refused for good (409, 410). Looked at once a day, at its end, as a sync each night would; called by `Backtest`,
 * for the rules that were in force and for those that are tried.
 */
import type { Told } from "../domain/Event.ts"
import type { Fields } from "../domain/Field.ts"
import type { GuardKind } from "../domain/GuardEvent.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { type Consideration, consider, payloadHash } from "./Consider.ts"
import type { Days } from "./Days.ts"
import { kindsOf } from "./Guard.ts"
import { type Place, placeHash, placements } from "./Programs.ts"
import { type Person, evolve, isThere, nobody } from "./Reduce.ts"

/** One change that would have been sent. */
export interface Sent {
  readonly day: number
  readonly known: boolean
  /** Ties an entry that is there to the key: never shares a request. */
  readonly linked: boolean
  readonly changes: Fields
  readonly kinds: ReadonlyArray<GuardKind>
}

export interface Simulated {
  readonly sent: ReadonlyArray<Sent>
  readonly registered: ReadonlyArray<{ readonly day: number; readonly programId: string }>
  /** The first day at whose end Together has the person; undefined: never. */
  readonly there: number | undefined
  /** Days on which nothing is news and the whole entry is sent all the same: from, and up to before. */
  readonly refreshed: ReadonlyArray<readonly [from: number, before: number]>
}

/** The rules that hold at the end of a day. */
export type RulesOn = (day: number) => Policy

/** Days on which rules change, besides those on which something is said of the person. */
export interface Course {
  readonly days: Days
  readonly rules: RulesOn
  readonly turns: ReadonlyArray<number>
}

export const simulate = (stream: string, events: ReadonlyArray<Told>, course: Course): Simulated => {
  const { days, rules } = course
  const { past, said } = part(events, days)
  let person = past.reduce(evolve, nobody(stream))
  const sent: Array<Sent> = []
  const registered: Array<{ day: number; programId: string }> = []
  const refreshed: Array<readonly [number, number]> = []
  let there = isThere(person) ? -1 : undefined
  const stops = daysToLookAt(person, said, course)
  let next = 0
  for (const [i, day] of stops.entries()) {
    for (let word = said[next]; word !== undefined && word.day <= day; word = said[++next])
      person = evolve(person, word.event)
    const policy = rules(day)
    const moment = endOf(days, day)
    const one = consider(person, { ...policy, refresh: "never" }, moment)
    if (one._tag === "Send") {
      sent.push(sentOf(day, person, one))
      person = evolve(person, accepted(person, one, moment))
    }
    for (const place of dueOf(person, policy, moment)) {
      registered.push({ day, programId: place.programId })
      person = evolve(person, placed(person, place, moment))
    }
    if (there === undefined && isThere(person)) there = day
    if (isRefreshed(person, policy, moment)) {
      refreshed.push([one._tag === "Send" ? day + 1 : day, stops[i + 1] ?? days.count])
    }
  }
  return { sent, registered, there, refreshed }
}

interface Word {
  readonly day: number
  readonly event: Told
}

/** What was known before the first day, and what was said in the course of the days. What was really sent is left out. */
const part = (events: ReadonlyArray<Told>, days: Days) => {
  const past: Array<Told> = []
  const said: Array<Word> = []
  for (const event of events) {
    const day = days.at(event.recordedAt)
    if (day < 0) past.push(event)
    else if (day < days.count && isGiven(event)) said.push({ day, event })
  }
  return { past, said }
}

/** Facts that are the same under whatever rules: HR's words, entries that were there before, refusals for good. */
const isGiven = ({ event }: Told): boolean =>
  event.type.startsWith("Employee") ||
  event.type === "SourceRecordRejected" ||
  event.type === "EntryFound" ||
  event.type === "UserConflicted" ||
  event.type === "UserGone" ||
  event.type === "HoldReleased"

/** Nothing can change for the person on any other day. */
const daysToLookAt = (
  person: Person,
  said: ReadonlyArray<Word>,
  { days, rules, turns }: Course
): ReadonlyArray<number> => {
  const waits = new Set([0, ...turns].map((turn) => rules(turn).absence.afterDays ?? 0))
  const absent = (day: string) => [...waits].map((wait) => days.numberOf(day) + wait)
  const known = Object.values(person.sources).flatMap(({ since, versions }) => [
    ...absent(since.day),
    ...versions.map(({ from }) => days.numberOf(from))
  ])
  const heard = said.flatMap(({ day, event: { effectiveOn, event } }) => [
    day,
    ...(effectiveOn === null ? [] : [days.numberOf(effectiveOn)]),
    ...(event.type === "EmployeeVanished" ? absent(event.day) : [])
  ])
  const all = new Set([0, ...turns, ...known, ...heard])
  return [...all].filter((day) => day >= 0 && day < days.count).toSorted((a, b) => a - b)
}

const endOf = (days: Days, number: number): Moment => {
  const day = days.dayOf(number)
  return { day, instant: `${day}T23:59:59.999Z` }
}

type Sending = Extract<Consideration, { readonly _tag: "Send" }>

const sentOf = (day: number, { sink }: Person, { changes, known, userId }: Sending): Sent => ({
  day,
  known,
  linked: userId !== undefined,
  changes,
  kinds: kindsOf(changes, sink.applied, known)
})

const of = (person: Person, moment: Moment) => ({
  stream: person.stream,
  actor: "backtest",
  effectiveOn: null,
  causation: null,
  position: person.position,
  version: person.version,
  recordedAt: moment.instant
})

const answered = (moment: Moment) => ({
  sink: "",
  decidedAt: 0,
  clock: moment.instant,
  request: "",
  members: 1,
  configurationHash: "",
  status: 200
})

const accepted = (person: Person, { changes, employeeId, userId }: Sending, moment: Moment): Told => ({
  ...of(person, moment),
  event: {
    type: "UserUpdated",
    ...answered(moment),
    employeeId,
    payloadHash: payloadHash(employeeId, changes, userId),
    fields: changes
  }
})

const dueOf = (person: Person, policy: Policy, moment: Moment): ReadonlyArray<Place> =>
  isThere(person)
    ? placements(person, policy, moment).flatMap((placement) => (placement._tag === "due" ? [placement.place] : []))
    : []

const placed = (person: Person, place: Place, moment: Moment): Told => ({
  ...of(person, moment),
  event: { type: "ProgramRegistered", ...answered(moment), programId: place.programId, payloadHash: placeHash(place) }
})

/** Whether the day's call includes the person, whenever there is nothing else to be sent. */
const isRefreshed = (person: Person, policy: Policy, moment: Moment): boolean => {
  if (policy.refresh !== "daily") return false
  // By then it is due, whenever that is; the day, by which everything else is judged, stays.
  return consider(person, policy, { ...moment, instant: "9999-12-31T00:00:00.000Z" })._tag === "Refresh"
}
