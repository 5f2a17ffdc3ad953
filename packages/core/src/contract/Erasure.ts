/**
 * Forgetting people: takes their personal values out of the log, the Directory's tables and the database's files.
 *
 * Asked by the operator's commands, implemented by directory-store. One transaction takes the values and says so in the
 * log (`EmployeeErased`, `AccountErased`); then the tables that held them are rewritten, for a value that was deleted
 * still stands in its page. What others say of the person stays theirs, and is counted.
 */
import { Context, type Effect, Schema } from "effect"

import type { OrganizationId } from "../domain/Organization.ts"
import type { StoreError } from "./EventLog.ts"

export interface ErasureRequest {
  /** HR's key of the person, or the UUID of their stream, or of their employee in the Directory. */
  readonly who: string
  readonly by: string
  readonly reason: string
}

/** One erasure that holds, as the list says it that is kept apart from the backups. Names nobody. */
export interface ErasureEntry {
  /** The name of the log. */
  readonly organization: string
  readonly stream: string
  /** Of the event that says so, and its time: ISO 8601 in UTC. */
  readonly position: number
  readonly erasedAt: string
  readonly by: string
  readonly reason: string
}

/** What an erasure came to for one person. */
export interface ErasedPerson {
  /** All that is left of them. */
  readonly stream: string
  /** They were erased before: only what had come since was taken. */
  readonly before: boolean
  /** Events whose personal part was taken. */
  readonly events: number
  /** Rows of the Directory and of the sources' memory that went. */
  readonly rows: number
  /** Logins of theirs that went. */
  readonly accounts: number
  /** Sources that had them until now. */
  readonly sources: ReadonlyArray<string>
  /** Together has them, and not as terminated, as far as the log knew. */
  readonly atTogether: boolean
  /** Events of others that name them (a key as somebody's manager, an address that is the same): these stay. By type. */
  readonly mentions: Readonly<Record<string, number>>
  /** Positions of kept configurations that hold one of their values; these stay. */
  readonly configurations: ReadonlyArray<number>
}

/** Whether the files of the tables that held values were rewritten after the commit. */
export interface Sweep {
  readonly tables: ReadonlyArray<string>
  /** What kept the rest from it; null: nothing. The erasure stands, and erasing again sweeps again. */
  readonly problem: string | null
}

export interface ErasureReport {
  readonly people: ReadonlyArray<ErasedPerson>
  readonly sweep: Sweep
}

/** Neither the log nor the Directory has ever heard of them; nobody was erased. */
export class PersonUnknown extends Schema.TaggedError<PersonUnknown>()("PersonUnknown", {
  who: Schema.String
}) {
  /** Without the key: messages travel. */
  override get message(): string {
    return "Neither the log nor the Directory has ever heard of this person."
  }
}

export class Erasure extends Context.Service<
  Erasure,
  {
    /** Everybody who is asked for, or nobody; swept once. Who is erased already is looked for again. */
    readonly erase: (
      organization: OrganizationId,
      requests: ReadonlyArray<ErasureRequest>
    ) => Effect.Effect<ErasureReport, PersonUnknown | StoreError>
    /**
     * Erasures of a list, after a restored backup: those that this log does not know. Somebody of whom the log has not
     * heard yet is erased beforehand; who was released here after that erasure stays released.
     */
    readonly repeat: (
      organization: OrganizationId,
      entries: ReadonlyArray<ErasureEntry>
    ) => Effect.Effect<ErasureReport, StoreError>
    /** The erasures that hold in a log, in the order of their positions. */
    readonly list: (organization: OrganizationId) => Effect.Effect<ReadonlyArray<ErasureEntry>, StoreError>
  }
>()("@rollcall/core/contract/Erasure") {}
