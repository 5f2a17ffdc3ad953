/**
 * What every projection has at hand: the open transaction, whose log it is, by which rules and for which day.
 *
 * Projections run in the transaction that appended the events (or in one of their own that holds the log's lock), so
 * the tables never show what the log does not hold.
 */
import type { StoreError } from "@rollcall/core/contract/EventLog"
import { canonicalJson, sha256 } from "@rollcall/core/domain/Digest"
import { organizationUuid } from "@rollcall/core/domain/Employee"
import type { RecordedEvent } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import type { Moment, Policy } from "@rollcall/core/domain/Policy"
import type { Effect } from "effect"

import type { Transaction } from "./Database.ts"
import type { DriverFailure } from "./Engine.ts"
import { readStreams } from "./Read.ts"

export interface Projecting {
  readonly transaction: Transaction
  readonly log: OrganizationId
  readonly policy: Policy
  /** The day for which rows are made. */
  readonly moment: Moment
}

export type Projected<A> = Effect.Effect<A, DriverFailure | StoreError>

/** The Directory's id of the log's organization. */
export const uuidOf = ({ log }: Projecting): string => organizationUuid(log)

/** Streams as they are in this transaction, each whole; those without events are left out. */
export const streamsIn = (
  { log, transaction }: Pick<Projecting, "log" | "transaction">,
  streams: ReadonlyArray<string>
): Projected<ReadonlyMap<string, ReadonlyArray<RecordedEvent>>> => readStreams(transaction.run, log, streams)

/** Names the part of a policy that the Directory depends on. */
export const rulesOf = ({ absence, precedence, timezone }: Policy): string =>
  sha256(canonicalJson({ absence, precedence, timezone }))
