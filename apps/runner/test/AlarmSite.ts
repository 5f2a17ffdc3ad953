/**
 * What the alarms' tests stand on: an organization, a log and a lane whose database can be away, and all that is logged.
 */
import { EventLog, StoreError, StoreUnavailable, VersionConflict } from "@rollcall/core/contract/EventLog"
import { Lane, type LaneState } from "@rollcall/core/contract/Lane"
import type { Event, RecordedEvent } from "@rollcall/core/domain/Event"
import { csv } from "@rollcall/source-csv"
import { DateTime, Effect, Fiber, Layer, Logger } from "effect"

import { env } from "../src/Configuration.ts"
import { type Organization, read } from "../src/ConfigurationFile.ts"
import { makeAlarms } from "../src/service/Alarms.ts"
import { Board } from "../src/service/Condition.ts"

export const secret = "canary-secret-of-the-webhook"
/** In no alarm. */
export const person = "Ada Lovelace"

export const organizationWith = (alarms: object = {}): Effect.Effect<Organization> => {
  const settings = {
    sources: { hr: csv({ file: "people.csv", columns: { employeeId: "Id" } }) },
    together: { organizationId: "o", clientId: "c", apiKey: "canary-key" },
    alarms
  }
  return Effect.orDie(Effect.map(read("f", settings, { SECRET: secret }), ({ organizations }) => organizations[0]!))
}

/** The secret comes from the environment. */
export const organizationAt = (url: string, limits: object = {}) =>
  organizationWith({ ...limits, webhook: { url, secret: env("SECRET") } })

/** A log of one organization and a lane, both in a database that can be away. */
export const makeToy = () => {
  const events: Array<RecordedEvent> = []
  const keys = new Set<string>()
  const toy = { events, away: false, lane: null as LaneState | null }
  const answer = <A>(value: () => A): Effect.Effect<A, StoreError> =>
    Effect.suspend(() =>
      toy.away
        ? Effect.fail(new StoreError({ reason: new StoreUnavailable({ problem: "It is away.", remedy: "Wait." }) }))
        : Effect.sync(value)
    )
  const streamed = (stream: string) => events.filter((event) => event.stream === stream)
  const append = Effect.fnUntraced(function* (_: string, asked: Parameters<EventLog["Service"]["append"]>[1]) {
    yield* answer(() => {})
    for (const [stream, expected] of asked.expectedVersions ?? []) {
      const actual = streamed(stream).length
      if (actual !== expected) {
        return yield* new StoreError({ reason: new VersionConflict({ stream, expected, actual }) })
      }
    }
    const recordedAt = DateTime.formatIso(yield* DateTime.now)
    for (const event of keys.has(asked.appendKey) ? [] : asked.events) {
      const version = streamed(event.stream).length + 1
      events.push({ ...event, position: events.length + 1, version, recordedAt })
    }
    keys.add(asked.appendKey)
    return { firstPosition: 1, lastPosition: events.length, recordedAt, replayed: false }
  })
  const stream = (_: string, name: string) => answer(() => streamed(name))
  const log = { stream, append } as unknown as EventLog["Service"]
  const lane = { state: () => answer(() => toy.lane) } as unknown as Lane["Service"]
  return { toy, layer: Layer.merge(Layer.succeed(EventLog, log), Layer.succeed(Lane, lane)) }
}

/** Everything that is logged, causes and all. */
export const logging = () => {
  const lines: Array<string> = []
  const logger = Logger.make(({ cause, logLevel, message }) => {
    lines.push(`${logLevel} ${String(message)} ${cause.reasons.length > 0 ? JSON.stringify(cause) : ""}`.trim())
  })
  return { lines, layer: Logger.layer([logger]) }
}

export const told = (events: ReadonlyArray<{ readonly event: Event }>): ReadonlyArray<string> =>
  events.map(({ event }) =>
    event.type === "AlarmRaised" || event.type === "AlarmEnded"
      ? `${event.type === "AlarmRaised" ? "+" : "-"}${event.alarm} ${event.key}`
      : event.type
  )

/** Watches a board of its own until the scope ends, or `stop`. */
export const running = Effect.fnUntraced(function* (organization: Organization) {
  const board = new Board(organization.id, DateTime.formatIso(yield* DateTime.now))
  board.source("hr", { schedule: "0 * * * *" })
  const alarms = yield* makeAlarms(organization, board)
  const fiber = yield* Effect.forkScoped(alarms.run)
  yield* Effect.yieldNow
  return { alarms, board, stop: Fiber.interrupt(fiber) }
})

/** A source's second failure in a row. */
export const failTwice = (board: Board): void => {
  const at = "2026-01-01T00:00:00Z"
  board.source("hr", { last: { at, outcome: "failed", people: 0, problem: person, kind: "Unavailable" }, failures: 2 })
}

export const succeed = Effect.fnUntraced(function* (board: Board) {
  // A success of the very millisecond of an alarm proves nothing.
  const at = DateTime.formatIso(DateTime.add(yield* DateTime.now, { milliseconds: 1 }))
  board.source("hr", { last: { at, outcome: "complete", people: 9 }, succeededAt: at, failures: 0 })
})

/** Looks until it is so. */
export const until = <A, E, R>(look: Effect.Effect<A, E, R>, isSo: (seen: A) => boolean): Effect.Effect<A, E, R> =>
  Effect.flatMap(look, (seen) =>
    isSo(seen) ? Effect.succeed(seen) : Effect.andThen(Effect.sleep("10 millis"), until(look, isSo))
  )
