/**
 * What sources say: of an employee, of rows that could not be taken over, and of their own runs.
 *
 * Written by `sync/Ingest`, folded by `sync/Reduce`; part of the union in `Event`.
 */
import type { Fields } from "./Field.ts"

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

/**
 * A word about a person by a source that does not vouch for their being there: the Directory API about somebody HR
 * knows. It counts in the precedence of fields and never in the question whether the person has left.
 */
export interface EmployeeAmended extends SaidOnDay {
  readonly type: "EmployeeAmended"
  readonly fields: Fields
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
  "malformed",
  "erased"
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

export type EmployeeEvent =
  | EmployeeAppeared
  | EmployeeChanged
  | EmployeeAmended
  | EmployeeVanished
  | EmployeeRemoved
  | SourceRecordRejected

export type SourceRunEvent = SourceRunStarted | SourceRunCompleted | SourceRunFailed
