/**
 * Where everybody stands: people by Together's latest word, and what waits.
 *
 * Read from the log alone, one person at a time; shown by `status`, `sync` and `demo`.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { type DeadLetter, deadLetters } from "@rollcall/core/sync/DeadLetters"
import { reduce } from "@rollcall/core/sync/Reduce"
import { Effect, Stream } from "effect"

/** People by latest known outcome; `none` are those Together was never asked about. */
export interface Outcomes {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  readonly rejected: number
  readonly conflicted: number
  readonly gone: number
  readonly none: number
}

export interface Standing {
  readonly outcomes: Outcomes
  /** Whom Together refused, oldest refusal first within a person. */
  readonly letters: ReadonlyArray<DeadLetter>
  /** People whose entry Together's list last showed otherwise than Rollcall left it. */
  readonly drifted: number
}

/** What Together's answers are called where people are counted by them. */
export const outcomeWords = {
  UserCreated: "created",
  UserUpdated: "updated",
  UserUnchanged: "unchanged",
  UserRejected: "rejected",
  UserConflicted: "conflicted",
  UserGone: "gone"
} as const

export const standing = Effect.fn("Standing.of")(function* (organization: OrganizationId) {
  const log = yield* EventLog
  const outcomes = { created: 0, updated: 0, unchanged: 0, rejected: 0, conflicted: 0, gone: 0, none: 0 }
  const letters: Array<DeadLetter> = []
  let drifted = 0
  yield* Stream.runForEach(log.people(organization), (events) =>
    Effect.sync(() => {
      const person = reduce(events[0]?.stream ?? "", events)
      // Of whom nothing is known there is nothing to be counted.
      if (person.erased !== undefined) return
      const { sink } = person
      const outcome = sink.latest === null ? "none" : outcomeWords[sink.latest.type]
      outcomes[outcome]++
      if (Object.keys(sink.drift).length > 0 || sink.missing) drifted++
      letters.push(...deadLetters(person))
    })
  )
  const result: Standing = { outcomes, letters, drifted }
  return result
})
