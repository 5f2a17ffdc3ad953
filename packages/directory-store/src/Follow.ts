/**
 * EventLog.follow: reads on for ever.
 *
 * Correct by polling each second, quick by LISTEN: a lost LISTEN connection costs a second of delay and never an event.
 * All followers of a process share one LISTEN connection, open while there is one of them.
 */
import type { StoreError } from "@rollcall/core/contract/EventLog"
import type { RecordedEvent } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, PubSub, RcRef, type Scope, Stream } from "effect"

import { channel } from "./AppendTransaction.ts"
import type { Database } from "./Database.ts"
import { readHead, readRange } from "./Read.ts"

const poll = "1 second"

type Follow = (organization: OrganizationId, after: number) => Stream.Stream<RecordedEvent, StoreError>

export const makeFollow = Effect.fnUntraced(function* (
  database: Database["Service"]
): Effect.fn.Return<Follow, never, Scope.Scope> {
  const wakeUps = yield* RcRef.make({ acquire: listenForAll(database), idleTimeToLive: "10 seconds" })
  return (organization, after) =>
    Effect.gen(function* () {
      const hub = yield* RcRef.get(wakeUps)
      const woken = yield* PubSub.subscribe(hub)
      let position = after
      const more = Effect.gen(function* () {
        const head = yield* readHead(database, organization)
        const range = { after: position, upTo: head?.position ?? 0 }
        position = Math.max(range.after, range.upTo)
        return readRange(database, organization, range)
      })
      const pause = Effect.timeoutOption(wokenFor(woken, organization), poll)
      return Stream.forever(Stream.concat(Stream.unwrap(more), Stream.drain(Stream.fromEffect(pause))))
    }).pipe(Stream.unwrap)
})

/** The payload is an organization; an empty one says that the connection is new and anything may have been missed. */
const wokenFor = (woken: PubSub.Subscription<string>, organization: OrganizationId) =>
  PubSub.takeAll(woken).pipe(
    Effect.repeat({ until: (names) => names.some((name) => name === "" || name === organization) })
  )

const listenForAll = Effect.fnUntraced(function* (database: Database["Service"]) {
  const hub = yield* PubSub.sliding<string>(1024)
  yield* database.listen(channel).pipe(
    Stream.runForEach((organization) => PubSub.publish(hub, organization)),
    Effect.catch((error) => Effect.logDebug("LISTEN was lost; polling goes on", error)),
    Effect.andThen(Effect.sleep(poll)),
    Effect.forever,
    Effect.forkScoped
  )
  return hub
})
