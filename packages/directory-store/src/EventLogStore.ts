/**
 * The event log on a database: the parts of this package put together as the contract has them.
 *
 * `layer` first brings the database to the shape this program knows (Migrations).
 */
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Layer, Stream } from "effect"

import { makeAppend } from "./Append.ts"
import { readSalt } from "./AppendTransaction.ts"
import { Database } from "./Database.ts"
import { makeFollow } from "./Follow.ts"
import { migrate } from "./Migrations.ts"
import { makeProjector } from "./Projector.ts"
import { readHead, readPeople, readPositionAt, readRange, readStreams } from "./Read.ts"
import { readCursor, readPresent, readSeen } from "./SourceRecords.ts"
import { readChain, verifyChain } from "./Verify.ts"

const make = Effect.gen(function* () {
  const database = yield* Database
  const append = makeAppend(database, yield* makeProjector)
  const follow = yield* makeFollow(database)

  const head = Effect.fn("EventLog.head")(function* (organization: OrganizationId) {
    const row = yield* readHead(database, organization)
    if (row === undefined) return { position: 0, hash: "", recordedAt: null }
    return { position: row.position, hash: Buffer.from(row.hash).toString("hex"), recordedAt: row.recorded_at }
  })

  /** The end of a reading: what was asked for, but never beyond where the log ended when reading began. */
  const endOf = (organization: OrganizationId, upTo = Infinity) =>
    Effect.map(head(organization), ({ position }) => Math.min(upTo, position))

  const streams = Effect.fn("EventLog.streams")(function* (organization: OrganizationId, names: ReadonlyArray<string>) {
    return yield* readStreams(database.queryByIndex, organization, names)
  })

  return EventLog.of({
    append,
    head,
    positionAt: Effect.fn("EventLog.positionAt")(function* (organization, instant) {
      return yield* readPositionAt(database, organization, instant)
    }),
    follow,
    streams,
    read: (organization, { after = 0, upTo } = {}) =>
      endOf(organization, upTo).pipe(
        Effect.map((upTo) => readRange(database, organization, { after, upTo })),
        Stream.unwrap
      ),
    stream: (organization, name) => Effect.map(streams(organization, [name]), (found) => found.get(name) ?? []),
    people: (organization, { only, upTo } = {}) =>
      endOf(organization, upTo).pipe(
        Effect.map((upTo) => readPeople(database, organization, { upTo, only })),
        Stream.unwrap
      ),
    seen: (organization, source, names) => readSeen(database, organization, source, names),
    present: (organization, source) => readPresent(database, organization, source),
    cursor: (organization, source) => readCursor(database, organization, source),
    salt: Effect.fn("EventLog.salt")(function* (organization) {
      return Buffer.from(yield* database.query((db) => readSalt(db, organization))).toString("hex")
    }),
    chain: (organization, earlier) => readChain(database, organization, earlier),
    verify: Effect.fn("EventLog.verify")(function* (organization) {
      return yield* verifyChain(readChain(database, organization))
    })
  })
})

/** On a database that is known to have the right shape; `layer` for all others. */
export const layerNoMigrate: Layer.Layer<EventLog, never, Database> = Layer.effect(EventLog, make)

export const layer: Layer.Layer<EventLog, StoreError, Database> = Layer.effect(
  EventLog,
  Effect.andThen(migrate(), make)
)
