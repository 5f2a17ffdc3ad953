/**
 * Follows one person's values both ways: from a source's event to the request that carried it, and from an outcome's
 * field back to the event it came from.
 *
 * Pure; shown by `rollcall employee`. An outcome's values are worked out again from what was known when it was decided
 * (`decidedAt`, `clock`), by the rules that are in force now: where those do not give the value that was sent, it says
 * so and does not guess. One pass over the person's events.
 */
import type { RecordedEvent } from "../domain/Event.ts"
import { type FieldName, type FieldValue, type Fields, fieldEntries, isEmpty, sameValue } from "../domain/Field.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { type UserApplied, type UserRefused, outcomeTypes } from "../domain/SinkEvent.ts"
import type { EmployeeEvent } from "../domain/SourceEvent.ts"
import { consider, payloadHash, toBeSent, withoutSupervisor } from "./Consider.ts"
import { type DesiredField, type DesiredFields, desired } from "./Desired.ts"
import { fromConfiguration } from "./Mapping.ts"
import { momentAt } from "./Moment.ts"
import { type Person, evolve, nobody, wordOn } from "./Reduce.ts"

/** Where a value that an outcome carried came from. */
export type Origin =
  | { readonly from: "source"; readonly position: number; readonly source: string; readonly locator: string | null }
  /** A default. */
  | { readonly from: "configuration" }
  /** The rules in force now do not give this value. */
  | { readonly from: "earlier-configuration" }

export type FieldOrigin = Origin & { readonly field: FieldName }

/** Where a value that a source gave ended. Positions are those of events. */
export type Fate =
  /** The first request that Together took it with; or else the last that it refused. */
  | {
      readonly fate: "sent"
      readonly position: number
      readonly request: string
      readonly type: Outcome["type"]
      readonly status: number
    }
  /** The same source says otherwise, or called it off. */
  | { readonly fate: "superseded"; readonly position: number }
  /** A source that is believed before this one says otherwise. */
  | { readonly fate: "overruled"; readonly position: number; readonly source: string }
  /** The configuration never sends the field; sends a default in its place; or the manager is the person. */
  | { readonly fate: "withheld"; readonly because: "withhold" | "default" | "own-manager" }
  | { readonly fate: "waits"; readonly from: string }
  /** Together had this value before, since that event. */
  | { readonly fate: "at-together"; readonly position: number }
  /** Empty here and there. */
  | { readonly fate: "empty" }
  /** The source no longer has the person, or is not in the configuration any more. */
  | { readonly fate: "unheard" }
  /** The person's `Explanation` says why. */
  | { readonly fate: "not-sent" }

type Sent = Extract<Fate, { readonly fate: "sent" }>

export type FieldFate = Fate & { readonly field: FieldName }

type Outcome = UserApplied | UserRefused

export interface Provenance {
  /** By the position of a source's event. */
  readonly fates: ReadonlyMap<number, ReadonlyArray<FieldFate>>
  /** By the position of an outcome. Of a refusal only where the rules in force give the payload that was refused. */
  readonly origins: ReadonlyMap<number, ReadonlyArray<FieldOrigin>>
}

/** `events` are the whole stream, oldest first. */
export const provenance = (events: ReadonlyArray<RecordedEvent>, policy: Policy, moment: Moment): Provenance => {
  const snapshots = snapshotsOf(events)
  const locators = new Map(events.map(({ event, position }) => [position, "locator" in event ? event.locator : null]))
  const carried = new Map<string, Sent>()
  const origins = new Map<number, ReadonlyArray<FieldOrigin>>()
  for (const [index, { event, position }] of events.entries()) {
    if (!isOutcome(event)) continue
    const traced = trace(event, knownAt(snapshots, index, event.decidedAt), policy)
    const found = traced.map(([field, origin]) => ({ field, ...originOf(origin, locators) }))
    origins.set(position, found)
    for (const one of found)
      if (one.from === "source") carry(carried, wordName(one.position, one.field), event, position)
  }
  const standing = standingOf(snapshots.at(-1) ?? nobody(""), policy, moment)
  const superseded = supersededIn(events)
  const fates = events.flatMap(({ event, position }) => {
    if (!isWord(event)) return []
    const fields = fieldsOf(event, position, standing, carried)
    const ends = fields.map((field): FieldFate => {
      const word = wordName(position, field)
      return { field, ...(carried.get(word) ?? endOf(event.source, position, field, standing, superseded.get(word))) }
    })
    return [[position, ends] as const]
  })
  return { fates: new Map(fates), origins }
}

const wordName = (position: number, field: FieldName): string => `${position} ${field}`

/** The person after each event. */
const snapshotsOf = (events: ReadonlyArray<RecordedEvent>): ReadonlyArray<Person> => {
  let person = nobody(events[0]?.stream ?? "")
  return events.map((event) => (person = evolve(person, event)))
}

/** Nearly always the one just before: a request goes out only if nothing came in since it was decided. */
const knownAt = (snapshots: ReadonlyArray<Person>, index: number, decidedAt: number): Person | undefined => {
  let before = index - 1
  while (before >= 0 && (snapshots[before]?.position ?? 0) > decidedAt) before--
  return snapshots[before]
}

const isOutcome = (event: RecordedEvent["event"]): event is Outcome => outcomes.has(event.type)

const outcomes = new Set<string>(outcomeTypes)

type Word = Exclude<EmployeeEvent, { readonly type: "SourceRecordRejected" }>

const isWord = (event: RecordedEvent["event"]): event is Word =>
  event.type.startsWith("Employee") && "source" in event && "day" in event

/** The fields that went with an outcome, each as the rules in force give it; undefined: they give another value. */
const trace = (
  event: Outcome,
  person: Person | undefined,
  policy: Policy
): ReadonlyArray<readonly [FieldName, DesiredField | undefined]> => {
  const moment = momentAt(event.clock, policy.timezone)
  if (person === undefined || moment === undefined) return unknownFields(event)
  const given = toBeSent(desired(person, policy, moment).fields, person.employeeId ?? "", policy)
  const fields = "fields" in event ? event.fields : payloadOf(event, person, policy, moment)
  return fieldEntries(fields).map(([name, value]) => [
    name,
    sameValue(given[name]?.value, value) ? given[name] : undefined
  ])
}

const unknownFields = (event: Outcome) =>
  "fields" in event ? fieldEntries(event.fields).map(([name]) => [name, undefined] as const) : []

/** What was refused is not in the log; it is known where its hash is that of what would be sent. */
const payloadOf = (event: UserRefused, person: Person, policy: Policy, moment: Moment): Fields => {
  const considered = consider(person, policy, moment)
  if (considered._tag !== "Send" && considered._tag !== "Refresh") return {}
  const whole = considered._tag === "Send" ? considered.changes : considered.fields
  const userId = considered._tag === "Send" ? considered.userId : undefined
  const isIt = (fields: Fields) => payloadHash(considered.employeeId, fields, userId) === event.payloadHash
  return [whole, withoutSupervisor(whole)].find(isIt) ?? {}
}

const originOf = (field: DesiredField | undefined, locators: ReadonlyMap<number, string | null>): Origin => {
  if (field === undefined) return { from: "earlier-configuration" }
  const { position, source } = field
  if (source === fromConfiguration) return { from: "configuration" }
  return { from: "source", position, source, locator: locators.get(position) ?? null }
}

/** The first success counts; before that, the latest refusal. */
const carry = (
  carried: Map<string, Sent>,
  word: string,
  { request, status, type }: Outcome,
  position: number
): void => {
  const known = carried.get(word)
  if (known === undefined || isRefusal(known.type)) carried.set(word, { fate: "sent", position, request, type, status })
}

const isRefusal = (type: Outcome["type"]): boolean =>
  type === "UserRejected" || type === "UserConflicted" || type === "UserGone"

/** Words that a later one of the same source replaced or called off, with the position of that one. */
const supersededIn = (events: ReadonlyArray<RecordedEvent>): ReadonlyMap<string, number> => {
  const superseded = new Map<string, number>()
  const days = new Map<string, Map<FieldName, number>>()
  for (const { effectiveOn, event, position } of events) {
    if (!isWord(event)) continue
    const dayOf = (day: string) => `${day} ${event.source}`
    for (const day of "withdrawn" in event ? (event.withdrawn ?? []) : []) {
      for (const [field, earlier] of days.get(dayOf(day)) ?? []) superseded.set(wordName(earlier, field), position)
      days.delete(dayOf(day))
    }
    if (!("fields" in event)) continue
    const day = dayOf(effectiveOn ?? event.day)
    const said = days.get(day) ?? new Map<FieldName, number>()
    days.set(day, said)
    for (const [field] of fieldEntries(event.fields)) {
      const earlier = said.get(field)
      if (earlier !== undefined) superseded.set(wordName(earlier, field), position)
      said.set(field, position)
    }
  }
  return superseded
}

/** What all words come to now. */
interface Standing {
  readonly person: Person
  readonly policy: Policy
  readonly moment: Moment
  readonly wanted: DesiredFields
  readonly given: DesiredFields
}

const standingOf = (person: Person, policy: Policy, moment: Moment): Standing => {
  const wanted = desired(person, policy, moment).fields
  return { person, policy, moment, wanted, given: toBeSent(wanted, person.employeeId ?? "", policy) }
}

/** Those an event gives; a disappearance gives the status where that follows from it. */
const fieldsOf = (
  event: Word,
  position: number,
  { wanted }: Standing,
  carried: ReadonlyMap<string, Fate>
): ReadonlyArray<FieldName> => {
  if ("fields" in event) return fieldEntries(event.fields).map(([name]) => name)
  return carried.has(wordName(position, "status")) || wanted.status?.position === position ? ["status"] : []
}

/** Where a word ended that no request carried. */
const endOf = (
  source: string,
  position: number,
  field: FieldName,
  { given, moment, person, policy, wanted }: Standing,
  superseded: number | undefined
): Fate => {
  if (policy.mapping.withhold?.includes(field) === true) return { fate: "withheld", because: "withhold" }
  if (superseded !== undefined) return { fate: "superseded", position: superseded }
  const believed = wanted[field]
  if (believed?.position !== position) return elsewhere(source, position, field, person, moment, believed)
  const sent = given[field]
  if (sent === undefined) return { fate: "withheld", because: "own-manager" }
  if (sent.source === fromConfiguration) return { fate: "withheld", because: "default" }
  return untold(sent.value, person.sink.applied[field])
}

/** Why a word that stands is not what is believed. */
const elsewhere = (
  source: string,
  position: number,
  field: FieldName,
  person: Person,
  { day }: Moment,
  believed: DesiredField | undefined
): Fate => {
  const view = person.sources[source]
  const version = view?.versions.find(({ opinions }) => opinions[field]?.position === position)
  if (version?.dated === true && version.from > day) return { fate: "waits", from: version.from }
  const word = view === undefined ? undefined : wordOn(view, day, true)[field]
  if (word !== undefined && word.position !== position) return { fate: "superseded", position: word.position }
  if (believed === undefined) return { fate: "unheard" }
  return believed.source === source
    ? { fate: "superseded", position: believed.position }
    : { fate: "overruled", position: believed.position, source: believed.source }
}

const untold = (
  value: FieldValue,
  there: { readonly value: FieldValue; readonly position: number } | undefined
): Fate => {
  if (there !== undefined && sameValue(there.value, value)) return { fate: "at-together", position: there.position }
  return isEmpty(value) && isEmpty(there?.value) ? { fate: "empty" } : { fate: "not-sent" }
}
