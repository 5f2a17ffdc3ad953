/**
 * Folds the events of one employee's stream into what is known of them: each source's word, and Together's.
 *
 * Called with a stream's events in the order of their versions, by everything that plans, explains or replays. Knows no
 * configuration: what the sources' words add up to is `Desired`'s to say.
 */
import { directorySource } from "../contract/Directory.ts"
import type { EmployeeErased } from "../domain/ErasureEvent.ts"
import type { Told } from "../domain/Event.ts"
import { saysNothing } from "../domain/Field.ts"
import type { SourceRecordRejected } from "../domain/SourceEvent.ts"
import { type Opinions, opinions } from "./Opinions.ts"
import { type SinkView, applied, drifted, found, inProgram, refused, released, unheard } from "./SinkView.ts"

/** What a source says from a day on. Only what changes on that day; the rest is as in the version before. */
export interface Version {
  readonly from: string
  /** The source gave the day itself; otherwise it is the day on which the word was read. */
  readonly dated: boolean
  readonly opinions: Opinions
}

export interface SourceView {
  /** `remark`: the source says something of the person and does not vouch for their being there. */
  readonly presence: "present" | "vanished" | "removed" | "remark"
  /** Position and day of the event that made it so. */
  readonly since: { readonly position: number; readonly day: string }
  /** Oldest first. */
  readonly versions: ReadonlyArray<Version>
}

/** What of a source's word on the person was refused and not said anew since: a row, or one field of it. */
export type StandingRejection = Pick<SourceRecordRejected, "run" | "locator" | "reason" | "message" | "field"> & {
  readonly position: number
  readonly recordedAt: string
}

/** By source. A source whose last word was taken whole has none. */
export type Rejections = { readonly [source: string]: ReadonlyArray<StandingRejection> }

/** An erasure took all that was known of the person. */
export interface ErasureView {
  readonly position: number
  readonly recordedAt: string
  readonly by: string
  /** Sources that were told since that they still name the person. */
  readonly refused: ReadonlyArray<string>
}

export interface Person {
  readonly stream: string
  /** Missing only after an erasure. */
  readonly employeeId: string | undefined
  /** Position and version of the last event folded in. */
  readonly position: number
  readonly version: number
  readonly sources: { readonly [source: string]: SourceView }
  readonly rejections: Rejections
  readonly sink: SinkView
  /** Nothing else is known then, until an operator lets them come again. */
  readonly erased?: ErasureView
}

export const nobody = (stream: string): Person => ({
  stream,
  employeeId: undefined,
  position: 0,
  version: 0,
  sources: {},
  rejections: {},
  sink: unheard
})

/** Together has an entry of the person, as far as is known: others can be tied to it. */
export const isThere = ({ sink }: Person): boolean => sink.known && !sink.missing

export const reduce = (stream: string, events: Iterable<Told>): Person => {
  let person = nobody(stream)
  for (const event of events) person = evolve(person, event)
  return person
}

/** One event more. Total: an event that says nothing about the person only moves the position on. */
export const evolve = (person: Person, recorded: Told): Person => {
  const event = recorded.event
  if (event.type === "EmployeeErased") return forgotten(person, recorded, erasureView(event, recorded))
  if (person.erased !== undefined) return whileErased(person, person.erased, recorded)
  const employeeId = "employeeId" in event && event.employeeId !== undefined ? event.employeeId : person.employeeId
  const next = { ...person, employeeId, position: recorded.position, version: recorded.version }
  switch (event.type) {
    case "EmployeeAppeared":
    case "EmployeeChanged":
      return withSource(next, event.source, (view) => ({
        presence: "present",
        since: view?.presence === "present" ? view.since : sinceOf(recorded, event.day),
        versions: withVersion(
          withdraw(view?.versions ?? [], event.withdrawn ?? []),
          recorded.effectiveOn ?? event.day,
          recorded.effectiveOn !== null,
          opinions(event.fields, recorded.position)
        )
      }))
    case "EmployeeAmended":
      return withSource(next, event.source, (view) => ({
        presence: view?.presence ?? "remark",
        since: view?.since ?? sinceOf(recorded, event.day),
        versions: withVersion(view?.versions ?? [], event.day, false, opinions(event.fields, recorded.position))
      }))
    case "EmployeeVanished":
    case "EmployeeRemoved":
      return withSource(next, event.source, (view) => ({
        presence: event.type === "EmployeeVanished" ? "vanished" : "removed",
        since: sinceOf(recorded, event.day),
        versions: view?.versions ?? []
      }))
    case "SourceRecordRejected":
      return { ...next, rejections: withRejection(person.rejections, event, recorded) }
    case "UserCreated":
    case "UserUpdated":
    case "UserUnchanged":
      return { ...next, sink: applied(person.sink, event, recorded) }
    case "UserRejected":
    case "UserConflicted":
    case "UserGone":
      return { ...next, sink: refused(person.sink, event, recorded) }
    case "EntryFound":
      return { ...next, sink: found(person.sink, event, recorded) }
    case "DriftFound":
      return { ...next, sink: drifted(person.sink, event, recorded) }
    case "DriftResolved":
      return { ...next, sink: { ...person.sink, drift: {}, repaired: {}, missing: false, doubted: false } }
    case "ProgramRegistered":
    case "ProgramRefused":
      return { ...next, sink: inProgram(person.sink, event, recorded) }
    case "HoldReleased":
      return { ...next, sink: released(person.sink) }
    default:
      return next
  }
}

/** Somebody of whom nothing is known but where their stream is. */
const forgotten = ({ stream }: Person, { position, version }: Told, erased?: ErasureView): Person => ({
  ...nobody(stream),
  position,
  version,
  ...(erased === undefined ? {} : { erased })
})

const erasureView = ({ by }: EmployeeErased, { position, recordedAt }: Told): ErasureView => ({
  position,
  recordedAt,
  by,
  refused: []
})

/** Answers that were under way, and words that nobody took: none of them counts, also after the person came again. */
const whileErased = (person: Person, erased: ErasureView, recorded: Told): Person => {
  const { event } = recorded
  if (event.type === "HoldReleased") return forgotten(person, recorded)
  const refused =
    event.type === "SourceRecordRejected" && event.reason === "erased"
      ? [...erased.refused, event.source]
      : erased.refused
  return forgotten(person, recorded, { ...erased, refused })
}

const sinceOf = (recorded: Told, day: string) => ({
  position: recorded.position,
  day: recorded.effectiveOn ?? day
})

const withSource = (person: Person, source: string, change: (view: SourceView | undefined) => SourceView): Person => ({
  ...person,
  sources: yielding({ ...person.sources, [source]: change(person.sources[source]) }),
  rejections: accepted(person.rejections, source)
})

/** A word that was taken takes the place of what was refused before. */
const accepted = (rejections: Rejections, source: string): Rejections => {
  if (rejections[source] === undefined) return rejections
  const { [source]: _, ...rest } = rejections
  return rest
}

/** One reading may refuse several rows of a person; the next reading says all of it again. */
const withRejection = (
  rejections: Rejections,
  { field, locator, message, reason, run, source }: SourceRecordRejected,
  { position, recordedAt }: Told
): Rejections => {
  const named = { run, locator, reason, message, ...(field === undefined ? {} : { field }) }
  const same = (rejections[source] ?? []).filter((rejection) => rejection.run === run)
  return { ...rejections, [source]: [...same, { ...named, position, recordedAt }] }
}

/**
 * Once HR knows somebody whom the API made, it is HR that vouches for them: else an HR that loses them could not say so.
 */
const yielding = (sources: Person["sources"]): Person["sources"] => {
  const own = sources[directorySource]
  if (own?.presence !== "present" || Object.values(sources).every((view) => view === own)) return sources
  return { ...sources, [directorySource]: { ...own, presence: "remark" } }
}

/** Versions without those that begin on one of the days. */
export const withdraw = (versions: ReadonlyArray<Version>, days: ReadonlyArray<string>): ReadonlyArray<Version> =>
  days.length === 0 ? versions : versions.filter((version) => !days.includes(version.from))

/** Versions with a word more, in the order of their days; two words of one day become one, an empty one is none. */
export const withVersion = (
  versions: ReadonlyArray<Version>,
  from: string,
  dated: boolean,
  word: Opinions
): ReadonlyArray<Version> => {
  if (saysNothing(word)) return versions
  const before = versions.filter((version) => version.from < from)
  const same = versions.find((version) => version.from === from)
  const after = versions.filter((version) => version.from > from)
  const merged = same === undefined ? { from, dated, opinions: word } : mergeVersion(same, dated, word)
  return [...before, merged, ...after]
}

const mergeVersion = (version: Version, dated: boolean, word: Opinions): Version => ({
  from: version.from,
  dated: version.dated && dated,
  opinions: { ...version.opinions, ...word }
})

/** What a source says of every field on a day; with `live`, words without a day of their own count from the start. */
export const wordOn = (view: SourceView, day: string, live: boolean): Opinions => {
  let word: Opinions | undefined
  for (const version of view.versions) {
    if (version.from <= day || (live && !version.dated))
      word = word === undefined ? version.opinions : { ...word, ...version.opinions }
  }
  return word ?? {}
}
