/**
 * The events of the log: what is said of an employee, what a source run did, what Together answered.
 *
 * Past tense, never changed, folded by `sync/Reduce`. An event is one flat value in memory; in the log its personal
 * members stand apart (`split`), so that erasing a person takes them and leaves the rest. `join` puts both together
 * again and lifts old shapes; what was erased is simply missing.
 */
import { type FieldName, type Fields, fieldEntries, isPersonal } from "./Field.ts"

/** Where a word of HR was found: `hr.csv:12` is a file and the line on which the row begins. */
export type Locator = string

interface SaidBySource {
  /** The source's name in the configuration. */
  readonly source: string
  /** The source run that read it. */
  readonly run: string
  readonly employeeId?: string
}

/** What a source says of a person holds from `effectiveOn`, or else from this day on. */
interface SaidOnDay extends SaidBySource {
  /** The day on which it was read, in the organization's time zone, `YYYY-MM-DD`. */
  readonly day: string
}

/** The employee is there: for the first time, or again after a disappearance. Carries every field the source has. */
export interface EmployeeAppeared extends SaidOnDay {
  readonly type: "EmployeeAppeared"
  readonly locator: Locator
  readonly fields: Fields
  readonly withdrawn?: ReadonlyArray<string>
}

/** Only the fields that differ from what this source said last, counted from the event's effective date. */
export interface EmployeeChanged extends SaidOnDay {
  readonly type: "EmployeeChanged"
  readonly locator: Locator
  readonly fields: Fields
  /** Effective dates of versions the source no longer stands by: planned changes that were called off. */
  readonly withdrawn?: ReadonlyArray<string>
}

/** Absent from a complete extract. What that means is the configuration's to say (`absence`), not the source's. */
export interface EmployeeVanished extends SaidOnDay {
  readonly type: "EmployeeVanished"
}

/** The source says in so many words that the person is no more. */
export interface EmployeeRemoved extends SaidOnDay {
  readonly type: "EmployeeRemoved"
  readonly locator: Locator
}

/** Why a row was refused. Closed, so that reports can be counted and documented (docs/events.md). */
export const rejectionReasons = [
  "key-missing",
  "key-duplicate",
  "row-ragged",
  "value-invalid",
  "date-ambiguous",
  "reference-unknown",
  "encoding-invalid",
  "malformed"
] as const

export type RejectionReason = (typeof rejectionReasons)[number]

/** A row that was not taken over. Never holds the row itself; `value` is the one value at fault, kept as personal. */
export interface SourceRecordRejected extends SaidBySource {
  readonly type: "SourceRecordRejected"
  readonly locator: Locator
  readonly reason: RejectionReason
  /** In words, without the value: what is wrong and what would be right. */
  readonly message: string
  readonly field?: string
  readonly value?: string
}

export interface SourceRunStarted {
  readonly type: "SourceRunStarted"
  readonly source: string
  readonly run: string
  readonly plugin: string
  readonly pluginVersion: string
  readonly configuration: string
}

/** People per kind of finding; `records` counts all people seen. */
export interface ExtractCounts {
  readonly records: number
  readonly appeared: number
  readonly changed: number
  readonly unchanged: number
  readonly vanished: number
  readonly removed: number
  readonly rejected: number
}

/** The source was read to its end. `incomplete` says why absence was not read as anything. */
export interface SourceRunCompleted {
  readonly type: "SourceRunCompleted"
  readonly source: string
  readonly run: string
  readonly counts: ExtractCounts
  readonly incomplete?: string
}

/** The source broke off after its first message; what came before it stands, nothing is inferred from it. */
export interface SourceRunFailed {
  readonly type: "SourceRunFailed"
  readonly source: string
  readonly run: string
  readonly reason: string
  readonly message: string
}

/** What every answer of the sink is bound to, so that the request can be computed again byte for byte. */
export interface Decision {
  readonly sink: string
  /** Position of the log's head when the request was decided: all that was known. */
  readonly decidedAt: number
  /** The clock value the decision used, ISO 8601 in UTC. */
  readonly clock: string
  /** Names the request: people of one array share it. */
  readonly request: string
  /** How many people the request carried. */
  readonly members: number
  /** SHA-256 of this person's canonical payload. */
  readonly payloadHash: string
  readonly configurationHash: string
  readonly employeeId?: string
}

/** Success. `fields` are those that the person's entry is now known to hold and was not known to hold before. */
export interface UserApplied extends Decision {
  readonly type: "UserCreated" | "UserUpdated" | "UserUnchanged"
  readonly status: number
  readonly fields: Fields
}

/** A refusal that stays: 400 until the payload changes, 409 until released, 410 for good. */
export interface UserRefused extends Decision {
  readonly type: "UserRejected" | "UserConflicted" | "UserGone"
  readonly status: number
  /** The vendor's own words; they may name the person. */
  readonly answer?: string
}

/** No answer about anybody: 429, 5xx, the network, an answer nobody can read. The request is made again. */
export interface RequestDeferred {
  readonly type: "RequestDeferred"
  readonly sink: string
  readonly request: string
  readonly members: number
  readonly status?: number
  readonly reason: string
  readonly waitMillis: number
}

/** 401: the key is refused. Concerns the sink, not a person. */
export interface CredentialsRefused {
  readonly type: "CredentialsRefused"
  readonly sink: string
  readonly request: string
  readonly configurationHash: string
}

/** Together answered under this configuration: its credentials are known to be good. */
export interface CredentialsAccepted {
  readonly type: "CredentialsAccepted"
  readonly sink: string
  readonly configurationHash: string
}

export type EmployeeEvent =
  | EmployeeAppeared
  | EmployeeChanged
  | EmployeeVanished
  | EmployeeRemoved
  | SourceRecordRejected
export type SourceRunEvent = SourceRunStarted | SourceRunCompleted | SourceRunFailed
export type SinkEvent = UserApplied | UserRefused | RequestDeferred | CredentialsRefused | CredentialsAccepted
export type Event = EmployeeEvent | SourceRunEvent | SinkEvent
export type EventType = Event["type"]

/** What an event is when it is handed to the log; the log adds position, version and time. */
export interface NewEvent {
  readonly stream: string
  readonly event: Event
  /** Who brought it about: `source:NAME`, `sink:NAME`, `operator:NAME`, `rollcall`. */
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

/** Version of the shapes above. An event written by a newer program is refused, an older one is lifted by `join`. */
export const schemaVersion = 1

/** The two parts of an event as JSON values: `personal` is null where nothing in it names a person. */
export interface EventParts {
  readonly data: Record<string, unknown>
  readonly personal: Record<string, unknown> | null
}

const personalMembers = new Set(["employeeId", "value", "answer"])

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
