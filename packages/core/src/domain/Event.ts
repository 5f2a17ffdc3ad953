/**
 * The events of the log: what is said of an employee, what a source run did, what Together answered.
 *
 * Past tense, never changed, folded by `sync/Reduce`. An event is one flat value in memory; in the log its personal
 * members stand apart (`split`), so that erasing a person takes them and leaves the rest. `join` puts both together
 * again and lifts old shapes; what was erased is simply missing.
 */
import type { AlarmEvent } from "./AlarmEvent.ts"
import type { ConfigurationEvent } from "./ConfigurationEvent.ts"
import type { DirectoryEvent } from "./DirectoryEvent.ts"
import type { ErasureEvent } from "./ErasureEvent.ts"
import { type FieldName, type Fields, fieldEntries, isPersonal } from "./Field.ts"
import type { GuardEvent } from "./GuardEvent.ts"
import type { LaneEvent } from "./LaneEvent.ts"
import type { ServiceEvent } from "./ServiceEvent.ts"
import type { SinkEvent } from "./SinkEvent.ts"
import type { EmployeeEvent, SourceRunEvent } from "./SourceEvent.ts"

export type Event =
  | EmployeeEvent
  | SourceRunEvent
  | SinkEvent
  | LaneEvent
  | DirectoryEvent
  | GuardEvent
  | ServiceEvent
  | AlarmEvent
  | ErasureEvent
  | ConfigurationEvent
export type EventType = Event["type"]

/** Events that change what is known of a person, whatever Together answers: what sources say, and an erasure. */
export const tellingTypes = [
  "EmployeeAppeared",
  "EmployeeChanged",
  "EmployeeAmended",
  "EmployeeVanished",
  "EmployeeRemoved",
  "EmployeeErased"
] as const satisfies ReadonlyArray<EventType>

/** What an event is when it is handed to the log; the log adds position, version and time. */
export interface NewEvent {
  readonly stream: string
  readonly event: Event
  /** Who brought it about: `source:NAME`, `sink:NAME`, `operator:NAME`, `account:ID`, `key:ID`, `root`, `rollcall`. */
  readonly actor: string
  /** The date from which it holds, `YYYY-MM-DD`; null: from the day it was read. */
  readonly effectiveOn: string | null
  /** Position of the event that led to it. */
  readonly causation: number | null
}

/** An event as the log holds it. */
export interface RecordedEvent extends NewEvent {
  readonly position: number
  /** Counts the stream's events from 1. */
  readonly version: number
  /** When it was learned: ISO 8601 in UTC with microseconds, never running backwards along the positions. */
  readonly recordedAt: string
}

/** What is said in an event, without who wrote it and what led to it: all that folding a person takes. */
export type Told = Omit<RecordedEvent, "actor" | "causation">

/**
 * Version of the shapes. An event written by a newer program is refused, an older one is lifted by `join`. 2: the lane's
 * events, what Together's list shows, programs, releases. 3: the Directory's, the guard's and the alarms' events. 4:
 * configurations, what a request was decided from, erasures; hashes of personal values stand in the personal part.
 * Nothing of an older version needs lifting.
 */
export const schemaVersion = 4

/** The two parts of an event as JSON values: `personal` is null where nothing in it names a person. */
export interface EventParts {
  readonly data: Record<string, unknown>
  readonly personal: Record<string, unknown> | null
}

/** A hash of a person's values tells who guesses them: it goes with the values. */
const personalMembers = new Set(["employeeId", "userId", "value", "answer", "details", "payloadHash", "requestHash"])

/** Parts an event into what may stay for ever and what an erasure takes away. */
export const split = (event: Event): EventParts => {
  const data: Record<string, unknown> = {}
  const personal: Record<string, unknown> = {}
  for (const [member, value] of Object.entries(event)) {
    if (member === "type" || value === undefined) continue
    if (member === "fields") {
      const [open, closed] = partFields(value as Fields)
      data["fields"] = open
      if (Object.keys(closed).length > 0) personal["fields"] = closed
    } else if (personalMembers.has(member)) personal[member] = value
    else data[member] = value
  }
  return { data, personal: Object.keys(personal).length > 0 ? personal : null }
}

const partFields = (fields: Fields): [Fields, Fields] => {
  const open: { [name in FieldName]?: unknown } = {}
  const closed: { [name in FieldName]?: unknown } = {}
  for (const [name, value] of fieldEntries(fields)) (isPersonal(name) ? closed : open)[name] = value
  return [open as Fields, closed as Fields]
}

/** The event again from its two parts as they were parsed from the log. */
export const join = (type: string, parts: EventParts): Event => {
  const fields = parts.data["fields"]
  const whole: Record<string, unknown> = { type, ...parts.data, ...parts.personal }
  if (fields !== undefined) whole["fields"] = { ...(fields as Fields), ...(parts.personal?.["fields"] as Fields) }
  return whole as unknown as Event
}
