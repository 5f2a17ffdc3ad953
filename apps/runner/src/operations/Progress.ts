/**
 * Progress as it happens: the board's changes, and a heartbeat, for as long as the client listens.
 *
 * The sender writes on the board and never waits for a reader: each has a queue of its own, and whoever lets it fill up
 * is disconnected.
 */
import { Cause, DateTime, Effect, Queue, Schema, Stream } from "effect"

import type { Board, Condition } from "../service/Condition.ts"
import { OrganizationCondition } from "./ConditionSchema.ts"

/** Changes that wait for a reader; a working lane makes a few a second. */
const mostWaiting = 256

const heartbeat = "15 seconds"

const Beat = Schema.Struct({ at: Schema.String })

/** As they stand on the wire. */
export const ProgressEvent = Schema.Union([
  Schema.Struct({ event: Schema.Literal("condition"), data: Schema.fromJsonString(OrganizationCondition) }),
  Schema.Struct({ event: Schema.Literal("heartbeat"), data: Schema.fromJsonString(Beat) })
]).annotate({ identifier: "ProgressEvent" })

export type ProgressEvent = typeof ProgressEvent.Type

const ofCondition = (data: Condition): ProgressEvent => ({ event: "condition", data })

const beats: Stream.Stream<ProgressEvent> = Stream.tick(heartbeat).pipe(
  // The first comes at once.
  Stream.drop(1),
  Stream.mapEffect(() => DateTime.now),
  Stream.map((now): ProgressEvent => ({ event: "heartbeat", data: { at: DateTime.formatIso(now) } }))
)

/** Ends when the client goes, or with `stop`. */
export const progressOf = (board: Board, stop: Effect.Effect<void>): Stream.Stream<ProgressEvent> =>
  Stream.unwrap(
    Effect.withFiber((reader) =>
      Effect.gen(function* () {
        const waiting = yield* Queue.dropping<Condition, Cause.Done>(mostWaiting)
        const end = board.watch((condition) => {
          if (!Queue.offerUnsafe(waiting, condition)) reader.interruptUnsafe()
        })
        const changes = Stream.concat(Stream.succeed(board.condition), Stream.fromQueue(waiting))
        return Stream.map(changes, ofCondition).pipe(
          Stream.merge(beats),
          Stream.interruptWhen(stop),
          Stream.ensuring(Effect.sync(end))
        )
      })
    )
  )
