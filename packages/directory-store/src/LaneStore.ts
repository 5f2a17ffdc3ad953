/**
 * The lane on a database: a grant is one transaction, and so is its end with all that the request led to.
 *
 * Locks are always taken in this order: the lane's row, then the organization's log. The times that count are those that
 * the log records, so that the log alone proves what the lane did.
 */
import type { Append, Appended, EventLog, StoreError } from "@rollcall/core/contract/EventLog"
import {
  type Grant,
  type GrantReply,
  type GrantRequest,
  Lane,
  laneStream,
  type Release
} from "@rollcall/core/contract/Lane"
import { uuidV5 } from "@rollcall/core/domain/Digest"
import type { RequestGranted } from "@rollcall/core/domain/LaneEvent"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Layer } from "effect"

import { makeRequest, type Request } from "./Admission.ts"
import { appendInside, logTransaction } from "./AppendTransaction.ts"
import { Database, type Transaction } from "./Database.ts"
import type { DriverFailure } from "./Engine.ts"
import * as EventLogStore from "./EventLogStore.ts"
import { decide, hashCredentials, LaneLimits, ranks, type Sight } from "./LaneRule.ts"
import { freeLane, keepWaiting, lockLane, lockOrMakeLane, lookAtLane, selectState, takeLane } from "./LaneTable.ts"
import { type Projector, makeProjector } from "./Projector.ts"

const make = Effect.gen(function* () {
  const database = yield* Database
  const projector = yield* makeProjector
  return Lane.of({
    grant: Effect.fn("Lane.grant")(function* (asked) {
      return yield* logTransaction(database, (transaction) => grantInside(transaction, projector, asked))
    }),
    release: Effect.fn("Lane.release")(function* (organization, release, append) {
      const request = makeRequest(append)
      return yield* logTransaction(database, (transaction) =>
        releaseInside(transaction, projector, organization, release, request)
      )
    }),
    state: Effect.fn("Lane.state")(function* (lane) {
      const { beginPauseMillis } = yield* LaneLimits
      return yield* database.query((db) => selectState(db, lane, beginPauseMillis))
    })
  })
})

/** On a database that EventLogStore has brought to the right shape. */
export const layer: Layer.Layer<Lane, never, Database> = Layer.effect(Lane, make)

/** The log and the lane over one database, which is migrated first. */
export const layerWithLog: Layer.Layer<EventLog | Lane, StoreError, Database> = Layer.merge(EventLogStore.layer, layer)

const grantInside = Effect.fnUntraced(function* (
  transaction: Transaction,
  projector: Projector,
  asked: GrantRequest
): Effect.fn.Return<GrantReply, StoreError | DriverFailure> {
  const limits = yield* LaneLimits
  yield* transaction.run((db) => lockOrMakeLane(db, asked.lane, limits.beginPauseMillis))
  const sight = yield* transaction.run((db) => lookAtLane(db, asked))
  const decision = decide(sight, asked, limits)
  if (decision._tag === "Go") {
    return yield* give(transaction, projector, asked, sight, decision.startsAfterMillis)
  }
  if (decision._tag === "Wait" && ranks[asked.urgency] < ranks.routine) {
    yield* transaction.run((db) => keepWaiting(db, asked, decision.millis + limits.waiterMillis))
  }
  return decision
})

/** Records the grant and gives it the lane. The deadline counts from the recorded time, as the event says. */
const give = Effect.fnUntraced(function* (
  transaction: Transaction,
  projector: Projector,
  asked: GrantRequest,
  { salt, grants, faults }: Sight,
  startsAfterMillis: number
): Effect.fn.Return<GrantReply, StoreError | DriverFailure> {
  const { marginMillis } = yield* LaneLimits
  const { organization, lane, request, operation, members } = asked
  const given = { lane, request, operation, members, number: grants + 1, startsAfterMillis, faults }
  const endsWithinMillis = startsAfterMillis + asked.timeoutMillis + marginMillis
  const append = makeRequest(recordOf(asked, given, endsWithinMillis))
  const { appended, now } = yield* appendOne(transaction, projector, organization, append)
  const grant: Grant = { ...given, position: appended.firstPosition }
  const taken = { grant, credentials: hashCredentials(salt, asked), recordedAt: now, endsWithinMillis }
  const opensInMillis = yield* transaction.run((db) => takeLane(db, taken))
  return { _tag: "Granted", grant, opensInMillis }
})

const recordOf = (
  { sink, run, expectedVersions, carried }: GrantRequest,
  { lane, request, operation, members, number, startsAfterMillis }: Omit<Grant, "position">,
  endsWithinMillis: number
): Append => {
  const of = { sink, lane, grant: number, request, operation, members, run }
  const event: RequestGranted = { type: "RequestGranted", ...of, startsAfterMillis, endsWithinMillis, ...carried }
  return {
    // A request whose first grant came to nothing at its deadline is granted again, under the next number.
    appendKey: uuidV5(request, `granted ${number}`),
    events: [{ stream: laneStream(lane), event, actor: `sink:${sink}`, effectiveOn: null, causation: null }],
    runId: run,
    ...(expectedVersions === undefined ? {} : { expectedVersions })
  }
}

/** What happened is recorded whoever has the lane by now; only its holder frees it. */
const releaseInside = Effect.fnUntraced(function* (
  transaction: Transaction,
  projector: Projector,
  organization: OrganizationId,
  release: Release,
  request: Request
): Effect.fn.Return<Appended, StoreError | DriverFailure> {
  yield* transaction.run((db) => lockLane(db, release.grant.lane))
  const { now, appended } = yield* appendOne(transaction, projector, organization, request)
  yield* transaction.run((db) => freeLane(db, release, now))
  return appended
})

/** An append that is refused takes the whole transaction with it. */
const appendOne = Effect.fnUntraced(function* (
  transaction: Transaction,
  projector: Projector,
  organization: OrganizationId,
  request: Request
) {
  const { recordedAt, results } = yield* appendInside(transaction, projector, organization, [request])
  const [result] = results
  if (result === undefined) return yield* Effect.die(new Error("An append without an answer"))
  return { now: recordedAt, appended: yield* Effect.fromResult(result) }
})
