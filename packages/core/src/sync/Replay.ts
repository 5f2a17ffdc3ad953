/**
 * What was wanted for a person, as known at one time and as effective on a day: the past computed again.
 *
 * Pure: a person's events, a viewpoint in, the replayed employee out. At the head of the log and on its own day that is
 * `desired` itself. Called by `Replaying` for everybody; knows nothing of what Together was sent.
 */
import type { Told } from "../domain/Event.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { type DesiredEmployee, type DesiredFields, type Presence, desired, values } from "./Desired.ts"
import { type Person, reduce } from "./Reduce.ts"
import { type ScopeVerdict, judgeScope } from "./Scope.ts"

/** From where the past is looked at. */
export interface Viewpoint {
  /** Position of the last event that was known. */
  readonly position: number
  /** When that was all that was known. */
  readonly known: Moment
  /** The day the answer is to hold for, `YYYY-MM-DD`: before, on or after the day of `known`. */
  readonly effectiveOn: string
  /** The rules the answer follows. */
  readonly policy: Policy
}

export interface ReplayedEmployee {
  readonly stream: string
  readonly employeeId: string
  readonly presence: Presence
  /** Each with the event and the source it is from. */
  readonly fields: DesiredFields
  readonly scope: ScopeVerdict
}

/**
 * The person as seen from the viewpoint; undefined where nothing was known of them yet, and where an erasure left nothing
 * but the name of their stream. Events after the viewpoint's position never matter.
 */
export const replay = (
  stream: string,
  events: ReadonlyArray<Told>,
  viewpoint: Viewpoint
): ReplayedEmployee | undefined => {
  const known = upTo(events, viewpoint.position)
  const person = reduce(stream, known)
  if (person.employeeId === undefined) return undefined
  const { fields, presence } = isPast(viewpoint) ? pastOf(person, known, viewpoint) : presentOf(person, viewpoint)
  const scope = judgeScope(viewpoint.policy.scope, values(fields))
  return { stream, employeeId: person.employeeId, presence, fields, scope }
}

const upTo = (events: ReadonlyArray<Told>, position: number): ReadonlyArray<Told> => {
  const last = events.at(-1)
  return last === undefined || last.position <= position ? events : events.filter((event) => event.position <= position)
}

const isPast = ({ effectiveOn, known }: Viewpoint): boolean => effectiveOn < known.day

/** On the day itself and on days to come: what the engine would want on that day if it learned nothing more. */
const presentOf = (person: Person, { effectiveOn, known, policy }: Viewpoint): DesiredEmployee =>
  desired(person, policy, { instant: known.instant, day: effectiveOn })

/**
 * On a day gone by: of what is known, only what held on that day already. `desired` alone would not do: it lets a word
 * without a day of its own hold from the beginning, and knows no more than whether a source has the person in the end.
 */
const pastOf = (person: Person, known: ReadonlyArray<Told>, viewpoint: Viewpoint): DesiredEmployee => {
  const { stream } = person
  const held = reduce(stream, holdingOn(known, viewpoint.effectiveOn))
  const then = presentOf(held, viewpoint)
  const isToCome = Object.keys(held.sources).length === 0 && Object.keys(person.sources).length > 0
  return isToCome ? { ...then, presence: "expected" } : then
}

/** Without what begins after the day, and without earlier words that such an event takes back: they were mistaken. */
const holdingOn = (known: ReadonlyArray<Told>, day: string): ReadonlyArray<Told> => {
  let held: Array<Told> = []
  for (const recorded of known) {
    if (firstDayOf(recorded) <= day) held.push(recorded)
    else if ("withdrawn" in recorded.event) held = held.map((earlier) => withoutTakenBack(earlier, recorded))
  }
  return held
}

/** From when on what an event says holds; what sources do not say holds always. */
const firstDayOf = ({ effectiveOn, event }: Told): string => ("day" in event ? (effectiveOn ?? event.day) : "")

/** The event without its words, where a later one of the same source takes back what it said for its day. */
const withoutTakenBack = (earlier: Told, { event: by }: Told): Told => {
  const { event } = earlier
  if (!("withdrawn" in by && by.withdrawn !== undefined && "day" in event && "fields" in event)) return earlier
  const isTakenBack = event.source === by.source && by.withdrawn.includes(firstDayOf(earlier))
  return isTakenBack ? { ...earlier, event: { ...event, fields: {} } } : earlier
}
