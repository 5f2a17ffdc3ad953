/**
 * One pass over the log for all who ask the same while it stands still.
 *
 * A plan or a count of everybody reads the whole log. However many ask, one pass is made at a time, and nobody is
 * answered from before what they have seen written.
 */
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Clock, Effect, Semaphore } from "effect"

/** Time alone changes a plan, too: days begin, refreshes fall due. */
const freshMillis = 30_000

export const sharing = Effect.fnUntraced(function* <A, E, R>(
  organization: OrganizationId,
  pass: Effect.Effect<A, E, R>
): Effect.fn.Return<Effect.Effect<A, E | StoreError, R | EventLog>> {
  const turn = yield* Semaphore.make(1)
  let kept: { readonly position: number; readonly at: number; readonly answer: A } | undefined
  const renew = Effect.fnUntraced(function* (asked: number) {
    const at = yield* Clock.currentTimeMillis
    if (kept !== undefined && kept.position >= asked && at - kept.at < freshMillis) return kept.answer
    const log = yield* EventLog
    const { position } = yield* log.head(organization)
    const answer = yield* pass
    kept = { position, at, answer }
    return answer
  })
  return Effect.gen(function* () {
    const log = yield* EventLog
    const { position } = yield* log.head(organization)
    return yield* turn.withPermits(1)(renew(position))
  })
})
