/**
 * Where everybody stands: people by Together's latest word, and what waits.
 *
 * Read from the log alone, one person at a time; shown by `status`, `sync` and `demo`.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
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

const kinds = {
  UserCreated: "created",
  UserUpdated: "updated",
  UserUnchanged: "unchanged",
  UserRejected: "rejected",
  UserConflicted: "conflicted",
  UserGone: "gone"
} as const

/** Someone Together refused, as much as may be shown without their name. */
export interface Refusal {
  readonly employeeId: string | undefined
  readonly outcome: "rejected" | "conflicted" | "gone"
  readonly since: string
  readonly answer: string | undefined
}

const shown = 20

export const standing = Effect.fn("Standing.of")(function* (organization: OrganizationId) {
  const log = yield* EventLog
  const outcomes = { created: 0, updated: 0, unchanged: 0, rejected: 0, conflicted: 0, gone: 0, none: 0 }
  const refusals: Array<Refusal> = []
  yield* Stream.runForEach(log.people(organization), (events) =>
    Effect.sync(() => {
      const { employeeId, sink } = reduce(events[0]?.stream ?? "", events)
      const outcome = sink.latest === null ? "none" : kinds[sink.latest.type]
      outcomes[outcome]++
      if ((outcome === "rejected" || outcome === "conflicted" || outcome === "gone") && refusals.length < shown) {
        refusals.push({ employeeId, outcome, since: sink.latest?.recordedAt ?? "", answer: sink.latest?.answer })
      }
    })
  )
  const result: { readonly outcomes: Outcomes; readonly refusals: ReadonlyArray<Refusal> } = { outcomes, refusals }
  return result
})
