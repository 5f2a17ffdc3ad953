/**
 * One write of the Directory: lock the logs it concerns, look, decide, append, project, answer; all in one transaction.
 *
 * What is looked at after the lock cannot change before the end, so "is this address taken" has one answer. The logs are
 * locked in a fixed order, the one that all organizations share first.
 */
import { DirectoryRefused, directoryLog } from "@rollcall/core/contract/Directory"
import type { StoreError } from "@rollcall/core/contract/EventLog"
import type { NewEvent } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect } from "effect"
import type { Kysely } from "kysely"

import { makeRequest } from "./Admission.ts"
import { appendInside, lockOrMakeHead, logTransaction } from "./AppendTransaction.ts"
import type { Database, Transaction } from "./Database.ts"
import type { DriverFailure } from "./Engine.ts"
import { streamsIn } from "./Projecting.ts"
import type { Projector } from "./Projector.ts"
import type { Tables } from "./Schema.ts"

/** What a write has at hand between its lock and its end. */
export interface Writing {
  readonly transaction: Transaction
  readonly run: <A>(query: (db: Kysely<Tables>) => Promise<A>) => Effect.Effect<A, DriverFailure>
  readonly projector: Projector
  /** A UUID that names the write. */
  readonly id: string
  /** Nothing where there are no events. */
  readonly append: (
    log: OrganizationId,
    events: ReadonlyArray<NewEvent>
  ) => Effect.Effect<void, DriverFailure | StoreError>
  readonly streams: (log: OrganizationId, streams: ReadonlyArray<string>) => ReturnType<typeof streamsIn>
  /** The organization's rules and day, by which its rows are made. */
  readonly projecting: (log: OrganizationId) => ReturnType<Projector["at"]>
}

/** Names that no organization can have. */
export const sharedLog = directoryLog as OrganizationId

export const refuse = (reason: DirectoryRefused["reason"]): DirectoryRefused => new DirectoryRefused({ reason })

export const write = <A, E = DirectoryRefused>(
  database: Database["Service"],
  projector: Projector,
  logs: ReadonlyArray<OrganizationId>,
  body: (writing: Writing) => Effect.Effect<A, E | DriverFailure | StoreError>
): Effect.Effect<A, Exclude<E, DriverFailure> | StoreError> =>
  logTransaction(
    database,
    Effect.fnUntraced(function* (transaction: Transaction) {
      for (const log of inOrder(logs)) {
        const head = yield* transaction.run((db) => lockOrMakeHead(db, log))
        if (log !== sharedLog) yield* projector.bringUp(transaction, log, head.position)
      }
      return yield* body(writingIn(transaction, projector))
    })
  )

const inOrder = (logs: ReadonlyArray<OrganizationId>): ReadonlyArray<OrganizationId> =>
  [...new Set(logs)].toSorted((a, b) => (a === sharedLog || (b !== sharedLog && a < b) ? -1 : 1))

const writingIn = (transaction: Transaction, projector: Projector): Writing => {
  const id = globalThis.crypto.randomUUID()
  return {
    transaction,
    run: transaction.run,
    projector,
    id,
    append: (log, events) => (events.length === 0 ? Effect.void : append(transaction, projector, log, events)),
    streams: (log, streams) => streamsIn({ log, transaction }, streams),
    projecting: (log) => projector.at(transaction, log)
  }
}

const append = Effect.fnUntraced(function* (
  transaction: Transaction,
  projector: Projector,
  log: OrganizationId,
  events: ReadonlyArray<NewEvent>
) {
  const request = makeRequest({ appendKey: globalThis.crypto.randomUUID(), events })
  const { results } = yield* appendInside(transaction, projector, log, [request])
  for (const result of results) yield* Effect.fromResult(result)
})
