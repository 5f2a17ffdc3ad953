/**
 * What the four parts of the Directory have in common: who writes, how lists are paged, how a write is refused.
 *
 * `Organizations`, `Accounts`, `Employees` and `Groups` are its services; directory-store implements them over tables
 * projected from the event log, directory-api serves them. A write is decided under the log's lock, appended as events
 * and projected in one transaction, so whoever writes reads it at once. Ids are UUIDs in lower case; any other text is
 * an id that nothing has. Every read and write names the organization it may touch: what belongs to another is not
 * found.
 */
import { Schema } from "effect"

/** The Directory's id of an organization (a UUID), as opposed to `OrganizationId`, the name of its log. */
export type OrganizationUuid = string

/** Who writes: `account:ID`, `key:ID` (a key's token that names no account) or `root`. Stands in the event. */
export type Actor = string

/** `current` is `ACTIVE`, `LEAVE` or `TERMINATED`; times are ISO 8601 in UTC; `changedBy` is an account's id. */
export interface StatusInfo {
  readonly current: string
  readonly changedAt: string | null
  readonly changedBy: string | null
}

export interface CreationInfo {
  readonly createdAt: string
  /** An account's id; null: a source, a key or the root key. */
  readonly createdBy: string | null
}

/** A part of a list: at most `limit` items after the one that `after` names. */
export interface Page {
  readonly limit: number
  /** `next` of the page before. */
  readonly after: string | null
}

/** In an order of its own that new items do not disturb. */
export interface Listing<A> {
  readonly items: ReadonlyArray<A>
  /** Names the last item where there are more. */
  readonly next: string | null
}

/** There is nothing of that id, or nothing that this caller may see. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", {
  what: Schema.Literals(["organization", "key", "account", "employee", "manager", "group", "membership"]),
  id: Schema.String
}) {}

/** The request cannot be carried out as it is written. `field` is a path into its body. */
export class Invalid extends Schema.TaggedError<Invalid>()("Invalid", {
  field: Schema.String,
  problem: Schema.String
}) {}

/** It cannot be carried out as things stand: taken, a circle, or somebody else's to say. */
export class Conflict extends Schema.TaggedError<Conflict>()("Conflict", {
  field: Schema.String,
  problem: Schema.String
}) {}

/** A write that was not carried out; nothing was recorded. */
export class DirectoryRefused extends Schema.TaggedError<DirectoryRefused>()("DirectoryRefused", {
  reason: Schema.Union([NotFound, Invalid, Conflict])
}) {
  override get message(): string {
    const { reason } = this
    return reason._tag === "NotFound" ? `There is no such ${reason.what}.` : `${reason.field}: ${reason.problem}`
  }
}

/** The log of what belongs to no single organization. No organization can be named so. */
export const directoryLog = "_directory"

/** The name under which the API's word about a person stands among the sources; also in `precedence`. */
export const directorySource = "directory"

/** The kind of the one manager whom Together knows as the supervisor. */
export const supervisorKind = "supervisor"
