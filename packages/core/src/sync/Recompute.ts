/**
 * Makes a request again from what it was decided from, and says whether it is the one that was sent.
 *
 * Pure: the grant with its hash, the people as they were known then, the rules and the moment of the decision in, a
 * verdict out. Called by `DecisionAudit`. Where a person of the request was erased nobody can make all of it again; then
 * each of the others is compared by their own hash.
 */
import type { Cargo, Upsert } from "../contract/Sink.ts"
import { sha256 } from "../domain/Digest.ts"
import type { RecordedEvent } from "../domain/Event.ts"
import type { Carried, RequestGranted } from "../domain/LaneEvent.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { type Consideration, consider, payloadHash } from "./Consider.ts"
import { registrationOf, upsertOf } from "./Payload.ts"
import { placeHash } from "./Programs.ts"
import type { Person } from "./Reduce.ts"

/** A request that carries people, with everything it was decided from. */
export type Decided = RequestGranted & Carried

export const isDecided = (granted: RequestGranted): granted is Decided =>
  granted.people !== undefined && granted.decidedAt !== undefined

/** One person of a request as they were known when it was decided, and what is recorded of them since. */
export interface Then {
  readonly person: Person
  readonly considered: Consideration
  readonly events: ReadonlyArray<RecordedEvent>
}

export type Verdict =
  | { readonly _tag: "Identical" }
  /** People of it were erased; what is left of it is identical. */
  | { readonly _tag: "Partly"; readonly erased: number }
  /** `people`: the streams of those about whom something else would be sent now, as far as that is known. */
  | { readonly _tag: "Different"; readonly problem: string; readonly people: ReadonlyArray<string> }

/** What was decided about the person at that moment. */
export const considerThen = (
  person: Person,
  events: ReadonlyArray<RecordedEvent>,
  policy: Policy,
  moment: Moment
): Then => ({ person, considered: consider(person, policy, moment), events })

interface Question {
  readonly granted: Decided
  readonly people: ReadonlyArray<Then>
  /** Managers who had an entry at Together then. */
  readonly there: ReadonlySet<string | undefined>
  readonly policy: Policy
  readonly moment: Moment
  readonly compose: (cargo: Cargo) => string
}

export const recompute = (question: Question): Verdict => {
  const { compose, granted, people } = question
  const made = people.map((then) => itemOf(question, then))
  const erased = people.filter(({ person }) => person.employeeId === undefined).length
  const differing = people.filter((then, i) => !isAsRecorded(granted, then, made[i])).map(({ person }) => person.stream)
  if (differing.length > 0) {
    return { _tag: "Different", problem: "other values than were answered for", people: differing }
  }
  if (erased > 0 || granted.requestHash === undefined) return { _tag: "Partly", erased }
  const cargo = cargoOf(granted, made)
  if (cargo === undefined) return { _tag: "Different", problem: "nothing would be sent", people: [] }
  if (sha256(compose(cargo)) === granted.requestHash) return { _tag: "Identical" }
  return { _tag: "Different", problem: "other bytes than were sent", people: [] }
}

type Item = { readonly upsert: Upsert } | Extract<Cargo, { readonly registration: unknown }>

const itemOf = ({ granted, moment, policy, there }: Question, { considered, person }: Then): Item | undefined => {
  if (granted.operation === "register") {
    const [registration] = registrationOf(person, granted.programId, policy, moment)
    return registration === undefined ? undefined : { registration }
  }
  const [upsert] = upsertOf(person, considered, there)
  return upsert === undefined ? undefined : { upsert }
}

/** Nobody left out. */
const cargoOf = (granted: Decided, made: ReadonlyArray<Item | undefined>): Cargo | undefined => {
  const [first] = made
  if (granted.operation === "register") return first !== undefined && "registration" in first ? first : undefined
  const upserts = made.flatMap((item) => (item !== undefined && "upsert" in item ? [item.upsert] : []))
  return upserts.length === granted.people.length && upserts.length > 0 ? { upserts } : undefined
}

/** What Together answered about the person, if it did, names what it was asked; erased people have no word any more. */
const isAsRecorded = (granted: Decided, { events, person }: Then, item: Item | undefined): boolean => {
  const answer = events.find(({ event }) => "request" in event && event.request === granted.request)?.event
  if (answer === undefined || !("payloadHash" in answer) || person.employeeId === undefined) return true
  return item !== undefined && hashOf(item) === answer.payloadHash
}

const hashOf = (item: Item): string =>
  "registration" in item
    ? placeHash(item.registration)
    : payloadHash(item.upsert.employeeId, item.upsert.fields, item.upsert.userId)
