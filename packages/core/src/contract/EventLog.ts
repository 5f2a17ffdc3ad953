/**
 * The event log as the engine sees it: append, read, follow. One log an organization.
 *
 * Positions count from 1 without gaps and follow the order of commits, so a reader needs nothing but "after this
 * position" and never misses a late commit. Implemented by directory-store on PostgreSQL and PGlite; the same contract
 * suite judges both.
 */
import { Context, type Effect, Schema, type Stream } from "effect"

import type { EmployeeStream } from "../domain/Employee.ts"
import type { EventType, NewEvent, RecordedEvent, Told } from "../domain/Event.ts"
import type { OrganizationId } from "../domain/Organization.ts"

/** What a source said last of one person, as a digest: tells "nothing new" without reading the person's history. */
export interface SeenRecord {
  readonly source: string
  readonly stream: string
  /** Null forgets it: the next extract compares with the history. */
  readonly digest: string | null
  /** Whether the source has the person now; false after a disappearance or a removal. */
  readonly present: boolean
}

export interface SourceCursor {
  readonly source: string
  /** What the cursor must be for the append to go through; null: there is none yet. */
  readonly expected: string | null
  readonly next: string
}

/** One transaction. */
export interface Append {
  /** A UUID. The same key again answers with the first result; with other content it is refused. */
  readonly appendKey: string
  readonly events: ReadonlyArray<NewEvent>
  /** Streams whose version must be exactly this: 0 for a stream that must not exist yet. */
  readonly expectedVersions?: ReadonlyMap<string, number>
  readonly runId?: string
  readonly cursor?: SourceCursor
  readonly seen?: ReadonlyArray<SeenRecord>
}

export interface Appended {
  /** Positions of the first and the last event; `last = first - 1` for an append without events. */
  readonly firstPosition: number
  readonly lastPosition: number
  readonly recordedAt: string
  /** The append key was known: nothing was written now. */
  readonly replayed: boolean
}

/** The end of the log: 0 and an empty hash before the first event. */
export interface Head {
  readonly position: number
  /** Hash of the last event, hexadecimal. */
  readonly hash: string
  readonly recordedAt: string | null
}

/** A stream has moved on since the writer looked at it. Read again and decide again. */
export class VersionConflict extends Schema.TaggedError<VersionConflict>()("VersionConflict", {
  stream: Schema.String,
  expected: Schema.Int,
  actual: Schema.Int
}) {
  readonly isRetryable = true
}

/** Another reader of the same source got there first. */
export class CursorConflict extends Schema.TaggedError<CursorConflict>()("CursorConflict", {
  source: Schema.String
}) {
  readonly isRetryable = true
}

/** The append key was used before, for something else. */
export class AppendKeyReused extends Schema.TaggedError<AppendKeyReused>()("AppendKeyReused", {
  appendKey: Schema.String
}) {
  readonly isRetryable = false
}

/** The database cannot be reached, or went away in the middle. */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  problem: Schema.String,
  remedy: Schema.String
}) {
  readonly isRetryable = true
}

/** The embedded database is open in another process. */
export class StoreLocked extends Schema.TaggedError<StoreLocked>()("StoreLocked", {
  folder: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  readonly isRetryable = false
}

/** The database was migrated, or an event written, by a newer Rollcall than this one. */
export class StoreNewer extends Schema.TaggedError<StoreNewer>()("StoreNewer", {
  problem: Schema.String,
  remedy: Schema.String
}) {
  readonly isRetryable = false
}

/** The one error of the store; `reason` says what the caller can do about it. */
export class StoreError extends Schema.TaggedError<StoreError>()("StoreError", {
  reason: Schema.Union([VersionConflict, CursorConflict, AppendKeyReused, StoreUnavailable, StoreLocked, StoreNewer])
}) {
  get isRetryable(): boolean {
    return this.reason.isRetryable
  }
  override get message(): string {
    const reason = this.reason
    switch (reason._tag) {
      case "VersionConflict":
        return `Stream ${reason.stream} is at version ${reason.actual}, not ${reason.expected}: it was written meanwhile. Read it again.`
      case "CursorConflict":
        return `Another reader of source ${reason.source} got ahead. Run again.`
      case "AppendKeyReused":
        return `Append key ${reason.appendKey} was used before with other content. Take a new key.`
      default:
        return `${reason.problem} ${reason.remedy}`
    }
  }
}

/** An event as it is kept and hashed: texts byte for byte, hashes and salt hexadecimal. docs/proof.md says how. */
export interface KeptEvent {
  readonly organization: string
  readonly position: number
  readonly stream: string
  readonly version: number
  readonly type: string
  readonly schemaVersion: number
  readonly recordedAt: string
  readonly effectiveOn: string | null
  readonly causation: number | null
  readonly actor: string
  /** JSON. */
  readonly data: string
  /** JSON; null together with `salt`: there is none, or an erasure took it and left `personalHash`. */
  readonly personal: string | null
  readonly salt: string | null
  readonly personalHash: string | null
  readonly hash: string
}

/** A head that somebody has kept apart from the log, to hold it against the log of later. */
export type EarlierHead = Pick<Head, "position" | "hash">

/** The first broken place of a hash chain, and what does not fit there. */
export interface Breach {
  readonly position: number
  readonly problem: string
}

/** A log is not as it was written. The events before `position` are. */
export class ChainBroken extends Schema.TaggedError<ChainBroken>()("ChainBroken", {
  organization: Schema.String,
  position: Schema.Int,
  problem: Schema.String
}) {}

export class EventLog extends Context.Service<
  EventLog,
  {
    /** Of a stream that was erased neither a personal part nor a digest is kept, until `HoldReleased` stands in it. */
    readonly append: (organization: OrganizationId, append: Append) => Effect.Effect<Appended, StoreError>
    readonly head: (organization: OrganizationId) => Effect.Effect<Head, StoreError>
    /**
     * Position of the last event recorded at or before an instant (ISO 8601 with a zone, microseconds count); 0 where
     * there was none. What was known at a time is the events up to a position, because time follows positions.
     */
    readonly positionAt: (organization: OrganizationId, instant: string) => Effect.Effect<number, StoreError>
    /** All events after a position, in order, up to `upTo` or to where the head was when reading began. */
    readonly read: (
      organization: OrganizationId,
      options?: { readonly after?: number; readonly upTo?: number }
    ) => Stream.Stream<RecordedEvent, StoreError>
    /** All events after a position, and then those to come, as they come. Does not end. */
    readonly follow: (organization: OrganizationId, after: number) => Stream.Stream<RecordedEvent, StoreError>
    /** One stream, oldest event first. */
    readonly stream: (
      organization: OrganizationId,
      stream: string
    ) => Effect.Effect<ReadonlyArray<RecordedEvent>, StoreError>
    /** The given streams that have events, each whole. */
    readonly streams: (
      organization: OrganizationId,
      streams: ReadonlyArray<string>
    ) => Effect.Effect<ReadonlyMap<string, ReadonlyArray<RecordedEvent>>, StoreError>
    /** Every employee's whole stream, one after the other in the order of their names: the log by person. `only`: of these types, who has none is left out. */
    readonly people: (
      organization: OrganizationId,
      options?: { readonly upTo?: number; readonly only?: ReadonlyArray<EventType> }
    ) => Stream.Stream<ReadonlyArray<Told>, StoreError>
    /** What a source said last of these streams; absent ones were never seen. */
    readonly seen: (
      organization: OrganizationId,
      source: string,
      streams: ReadonlyArray<string>
    ) => Effect.Effect<ReadonlyMap<string, SeenRecord>, StoreError>
    /** The streams of everyone a source has now. */
    readonly present: (organization: OrganizationId, source: string) => Stream.Stream<EmployeeStream, StoreError>
    readonly cursor: (organization: OrganizationId, source: string) => Effect.Effect<string | null, StoreError>
    /** A secret of this organization's own (hexadecimal), made once: salts the hashes of credentials. */
    readonly salt: (organization: OrganizationId) => Effect.Effect<string, StoreError>
    /**
     * Every event up to the head, as it is kept; a page is let through when all of it fits the chain, and the earlier
     * head with it. Ends when head and commits fit, too; fails at the first place that does not.
     */
    readonly chain: (
      organization: OrganizationId,
      earlier?: EarlierHead
    ) => Stream.Stream<KeptEvent, StoreError | ChainBroken>
    /** Walks the chain; null when every link holds. */
    readonly verify: (organization: OrganizationId) => Effect.Effect<Breach | null, StoreError>
  }
>()("@rollcall/core/contract/EventLog") {}
