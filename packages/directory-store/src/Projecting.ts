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
import { Effect } from "effect"

import type { Transaction } from "./Database.ts"
import type { DriverFailure } from "./Engine.ts"
import { readStreams, versionsOf } from "./Read.ts"

export interface Projecting {
  readonly transaction: Transaction
  readonly log: OrganizationId
  readonly policy: Policy
  /** The day for which rows are made. */
  readonly moment: Moment
  /** Streams that began in this very append, each whole: they need not be read again. */
  readonly begun?: ReadonlyMap<string, ReadonlyArray<RecordedEvent>>
}

export type Projected<A> = Effect.Effect<A, DriverFailure | StoreError>

/** The Directory's id of the log's organization. */
export const uuidOf = ({ log }: Projecting): string => organizationUuid(log)

type Histories = ReadonlyMap<string, ReadonlyArray<RecordedEvent>>

/** Streams as they are in this transaction, each whole; those without events are left out. */
export const streamsIn = Effect.fnUntraced(function* (
  { begun = new Map(), log, transaction }: Pick<Projecting, "begun" | "log" | "transaction">,
  streams: ReadonlyArray<string>
): Effect.fn.Return<Histories, DriverFailure | StoreError> {
  const others = streams.filter((stream) => !begun.has(stream))
  const read = others.length === 0 ? new Map() : yield* readStreams(transaction.run, log, others)
  if (others.length === streams.length) return read
  return new Map([...read, ...streams.flatMap((stream) => pairIn(begun, stream))])
})

const pairIn = (histories: Histories, stream: string) => {
  const history = histories.get(stream)
  return history === undefined ? [] : [[stream, history] as const]
}

/** Of streams most of which are not there: what the API said of people and groups that are HR's. */
export const rareStreamsIn = Effect.fnUntraced(function* (projecting: Projecting, streams: ReadonlyArray<string>) {
  const { log, transaction } = projecting
  const there = yield* transaction.run((db) => versionsOf(db, log, streams))
  return yield* streamsIn(projecting, [...there.keys()])
})

/** Names the part of a policy that the Directory depends on. */
export const rulesOf = ({ absence, precedence, timezone }: Policy): string =>
  sha256(canonicalJson({ absence, precedence, timezone }))
