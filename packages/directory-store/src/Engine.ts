/**
 * What Database asks of an engine: connections one at a time, COPY, LISTEN. PostgresEngine and PGliteEngine answer.
 *
 * A promise of a driver cannot be taken back, so `settled` lets an interrupted fiber wait for its end: nothing is ever
 * still running on a connection that is given back.
 */
import { StoreError, StoreUnavailable } from "@rollcall/core/contract/EventLog"
import { Data, Effect, Predicate, type Stream } from "effect"
import type { Kysely } from "kysely"

import type { Tables } from "./Schema.ts"

/** A driver's own error, before anybody has said what it means. Never leaves this package. */
export class DriverFailure extends Data.TaggedError("DriverFailure")<{ readonly cause: unknown }> {
  /** SQLSTATE, or the errno of the network. */
  get code(): string {
    const code = Predicate.hasProperty(this.cause, "code") ? this.cause.code : undefined
    return typeof code === "string" ? code : ""
  }
}

export interface Connection {
  readonly run: <A>(query: (db: Kysely<Tables>) => Promise<A>) => Effect.Effect<A, DriverFailure>
  /** Statements without parameters, several at once. */
  readonly script: (text: string) => Effect.Effect<void, DriverFailure>
  /** `target` is a table with its columns; each line is a row of COPY's text format, line feed included. */
  readonly copy: (target: string, lines: ReadonlyArray<string>) => Effect.Effect<void, DriverFailure>
  /** The connection is in an unknown state and must not be used again. */
  readonly discard: Effect.Effect<void>
}

export interface Engine {
  readonly name: "postgres" | "pglite"
  /** Where the database is, in words that hold no secret. */
  readonly place: string
  /** What to look at when it cannot be reached. */
  readonly remedy: string
  readonly withConnection: <A, E, R>(
    use: (connection: Connection) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | DriverFailure, R>
  /** The payloads of NOTIFY on a channel; fails when the connection is lost. The first element is an empty one. */
  readonly listen: (channel: string) => Stream.Stream<string, DriverFailure>
}

/** Awaits a promise to its end even when interrupted; `cancel` may hasten that end. */
export const settled = <A>(
  start: (signal: AbortSignal) => Promise<A>,
  cancel: Effect.Effect<void> = Effect.void
): Effect.Effect<A, DriverFailure> =>
  Effect.callback<A, DriverFailure>((resume, signal) => {
    const end = start(signal).then(
      (value) => resume(Effect.succeed(value)),
      (cause: unknown) => resume(Effect.fail(new DriverFailure({ cause })))
    )
    return Effect.andThen(
      cancel,
      Effect.promise(() => end)
    )
  })

const unreachable = new Set(
  "ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT ENOTFOUND EHOSTUNREACH ENETUNREACH EAI_AGAIN ENOENT EACCES ENOSPC EROFS".split(
    " "
  )
)
// Class 08 connection, 53 resources, 57P.. shutdown; refused at the door or for want of rights; cut off by a timeout; lost every race.
const awayStates = /^(08...|53...|57P..|28...|3D000|42501|25006|25P0[34]|55P03|57014|40001|40P01)$/
const awayWords =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered|Client was closed|Cannot use a pool|PGlite is clos|The server does not support SSL)/

const inWords: Record<string, string> = {
  "55P03": "another writer held the log for too long",
  "57014": "a statement took too long and was cut off",
  "25P03": "a transaction stood still for too long and was ended"
}

/** A database that is away is the caller's to retry; every other error of a driver is a mistake of ours. */
export const toStoreError =
  (engine: Pick<Engine, "place" | "remedy">) =>
  (failure: DriverFailure): Effect.Effect<never, StoreError> => {
    const { cause, code } = failure
    const message = Predicate.isError(cause) ? cause.message : String(cause)
    const away = unreachable.has(code) || awayStates.test(code) || awayWords.test(message)
    if (!away) return Effect.die(cause)
    const because = inWords[code] ?? ([message, code].find((text) => text !== "") || "no answer")
    return new StoreError({
      reason: new StoreUnavailable({
        problem: `The database at ${engine.place} did not answer: ${because}.`,
        remedy: engine.remedy
      })
    })
  }
