/**
 * Where the value of one field of one person comes from, and where it is at Together.
 *
 * Pure; answers `rollcall why ID --field F`. Every source's word on the field is listed with the event it stands in: the
 * one that is believed, those that lost by precedence, those for a day to come.
 */
import type { RecordedEvent } from "../domain/Event.ts"
import { type FieldName, type FieldValue, isEmpty, sameValue } from "../domain/Field.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { toBeSent } from "./Consider.ts"
import { type DesiredField, desired } from "./Desired.ts"
import { fromConfiguration } from "./Mapping.ts"
import type { Opinion } from "./Opinions.ts"
import { type SourceView, reduce, wordOn } from "./Reduce.ts"

/** The event that a value stands in. */
interface Told {
  readonly position: number
  readonly recordedAt: string
}

/** `overruled`: another source is believed. `later`: from a day to come. `unheard`: the source has no say any more. */
export const wordStandings = ["believed", "overruled", "later", "unheard"] as const

/** What one source says of the field. */
export interface SourceWord extends Told {
  readonly source: string
  readonly value: FieldValue
  readonly standing: (typeof wordStandings)[number]
  /** File and line, or page; null where the source gave none. */
  readonly locator: string | null
  /** The day from which it holds, where the source gave one. */
  readonly from: string | null
}

/**
 * What the configuration makes of the value: sends it as it is; another in its place; a default; never; leaves out a
 * manager who is the person. `nothing`: there is no value.
 */
export const treatments = ["as-is", "translated", "default", "withheld", "own-manager", "nothing"] as const

export type Treatment = (typeof treatments)[number]

/** What Together's entry is known to hold, and the event that says so. */
export interface ValueThere extends Told {
  readonly value: FieldValue
  readonly type: string
  /** The request whose answer says so. */
  readonly request: string | null
  readonly status: number | null
}

export interface ValueOrigin {
  readonly field: FieldName
  /** Believed first; then in the order of precedence. */
  readonly words: ReadonlyArray<SourceWord>
  readonly treatment: Treatment
  /** What is sent, or would be; null: nothing, or that it is empty. */
  readonly sent: FieldValue
  readonly together: ValueThere | null
  /** Together's list showed another value. */
  readonly drift: { readonly value: FieldValue } | null
  /** Together is known to have what is to be sent, or neither has anything. */
  readonly settled: boolean
}

/** `events` are the whole stream, oldest first. */
export const valueOrigin = (
  events: ReadonlyArray<RecordedEvent>,
  field: FieldName,
  policy: Policy,
  moment: Moment
): ValueOrigin => {
  const person = reduce(events[0]?.stream ?? "", events)
  const byPosition = new Map(events.map((event) => [event.position, event]))
  const wanted = desired(person, policy, moment).fields
  const given = toBeSent(wanted, person.employeeId ?? "", policy)[field]
  const { applied, drift } = person.sink
  const there = applied[field]
  const treatment = treatmentOf(field, wanted[field], given, policy)
  const shown = drift[field]
  return {
    field,
    words: wordsOn(field, person.sources, wanted[field], policy, moment).map((word) => ({
      ...word,
      ...placeOf(byPosition.get(word.position))
    })),
    treatment,
    sent: given?.value ?? null,
    together: there === undefined ? null : thereOf(there, byPosition.get(there.position)),
    drift: shown === undefined ? null : { value: shown.value },
    settled:
      shown === undefined &&
      (given === undefined || sameValue(given.value, there?.value) || (isEmpty(given.value) && isEmpty(there?.value)))
  }
}

type BareWord = Omit<SourceWord, "recordedAt" | "locator">

const wordsOn = (
  field: FieldName,
  sources: Readonly<Record<string, SourceView>>,
  believed: DesiredField | undefined,
  { precedence }: Policy,
  { day }: Moment
): ReadonlyArray<BareWord> => {
  const unnamed = Object.keys(sources).filter((source) => !precedence.includes(source))
  const words = [...precedence, ...unnamed].flatMap((source): ReadonlyArray<BareWord> => {
    const view = sources[source]
    return view === undefined ? [] : wordsOf(field, source, view, believed, day)
  })
  const first = words.find(({ standing }) => standing === "believed")
  if (first !== undefined) return [first, ...words.filter((word) => word !== first)]
  // A removal, or an absence with a consequence, stands for a status that no source gave.
  return believed === undefined ? words : [{ ...believed, standing: "believed", from: null }, ...words]
}

const wordsOf = (
  field: FieldName,
  source: string,
  view: SourceView,
  believed: DesiredField | undefined,
  day: string
): ReadonlyArray<BareWord> => {
  const versionOf = (opinion: Opinion) =>
    view.versions.find(({ opinions }) => opinions[field]?.position === opinion.position)
  const word = (opinion: Opinion, standing: SourceWord["standing"]): BareWord => {
    const version = versionOf(opinion)
    return { ...opinion, source, standing, from: version?.dated === true ? version.from : null }
  }
  const now = wordOn(view, day, true)[field]
  const lost = believed === undefined ? "unheard" : "overruled"
  const later = view.versions.flatMap(({ dated, from, opinions }) => {
    const opinion = opinions[field]
    return dated && from > day && opinion !== undefined ? [word(opinion, "later")] : []
  })
  return now === undefined ? later : [word(now, now.position === believed?.position ? "believed" : lost), ...later]
}

const placeOf = (recorded: RecordedEvent | undefined): Pick<SourceWord, "recordedAt" | "locator"> => ({
  recordedAt: recorded?.recordedAt ?? "",
  locator: recorded !== undefined && "locator" in recorded.event ? recorded.event.locator : null
})

const thereOf = ({ position, value }: Opinion, recorded: RecordedEvent | undefined): ValueThere => {
  const event = recorded?.event
  return {
    value,
    position,
    recordedAt: recorded?.recordedAt ?? "",
    type: event?.type ?? "",
    request: event !== undefined && "request" in event ? event.request : null,
    status: event !== undefined && "status" in event ? (event.status ?? null) : null
  }
}

const treatmentOf = (
  field: FieldName,
  wanted: DesiredField | undefined,
  given: DesiredField | undefined,
  { mapping }: Policy
): Treatment => {
  if (mapping.withhold?.includes(field) === true) return "withheld"
  if (given === undefined) return wanted === undefined ? "nothing" : "own-manager"
  if (given.source === fromConfiguration) return "default"
  return sameValue(wanted?.value, given.value) ? "as-is" : "translated"
}
