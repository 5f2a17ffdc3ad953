/**
 * EventLog.append: gathers the small appends of an organization that wait for one another into one commit.
 *
 * Whoever gets the turn takes along all that wait, each with its own key, conditions and answer. If the one with the
 * turn is interrupted, its transaction is rolled back and the next of those who wait takes the turn.
 */
import type { Append, Appended, StoreError } from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Deferred, Effect, Exit, Result, Semaphore } from "effect"

import { makeRequest, type Request } from "./Admission.ts"
import { AppendLimits, appendTransaction } from "./AppendTransaction.ts"
import type { Database } from "./Database.ts"
import type { Projector } from "./Projector.ts"

interface Waiting {
  readonly request: Request
  readonly answer: Deferred.Deferred<Appended, StoreError>
}

interface Queue {
  readonly turn: Semaphore.Semaphore
  readonly waiting: Set<Waiting>
}

export const makeAppend = (database: Database["Service"], projector: Projector) => {
  const queues = new Map<string, Queue>()
  const queueOf = (organization: string): Queue => {
    const known = queues.get(organization)
    if (known !== undefined) return known
    const made = { turn: Semaphore.makeUnsafe(1), waiting: new Set<Waiting>() }
    queues.set(organization, made)
    return made
  }
  return Effect.fn("EventLog.append")(function* (organization: OrganizationId, append: Append) {
    const own: Waiting = { request: makeRequest(append), answer: yield* Deferred.make<Appended, StoreError>() }
    const { turn, waiting } = queueOf(organization)
    const work = Effect.suspend(() =>
      Deferred.isDoneUnsafe(own.answer) ? Effect.void : commitWaiting({ database, projector }, organization, waiting)
    )
    waiting.add(own)
    yield* turn
      .withPermits(1)(work)
      .pipe(Effect.ensuring(Effect.sync(() => waiting.delete(own))))
    return yield* Deferred.await(own.answer)
  })
}

interface Place {
  readonly database: Database["Service"]
  readonly projector: Projector
}

const commitWaiting = ({ database, projector }: Place, organization: OrganizationId, waiting: Set<Waiting>) =>
  Effect.uninterruptibleMask(
    Effect.fnUntraced(function* (restore) {
      const { gather } = yield* AppendLimits
      const together = take(waiting, gather)
      const commit = (some: ReadonlyArray<Waiting>) =>
        Effect.exit(restore(appendTransaction(database, projector, organization, requestsOf(some))))
      const exit = yield* commit(together)
      // A mistake in one of them (a defect) must not fall on the others: each gets a transaction of its own.
      if (Exit.hasDies(exit) && together.length > 1) {
        for (const one of together) yield* answer(waiting, [one], yield* commit([one]))
      } else yield* answer(waiting, together, exit)
    })
  )

const requestsOf = (some: ReadonlyArray<Waiting>) => some.map(({ request }) => request)

/** In the order of arrival; the first in any case, then as many as fit. */
const take = (waiting: ReadonlySet<Waiting>, gather: number): ReadonlyArray<Waiting> => {
  const taken: Array<Waiting> = []
  let events = 0
  for (const one of waiting) {
    events += Math.max(1, one.request.drafts.length)
    if (taken.length > 0 && events > gather) break
    taken.push(one)
  }
  return taken
}

/** An interruption concerns the one with the turn alone: the others stay in the queue. */
const answer = (
  waiting: Set<Waiting>,
  some: ReadonlyArray<Waiting>,
  exit: Exit.Exit<ReadonlyArray<Result.Result<Appended, StoreError>>, StoreError>
): Effect.Effect<void> => {
  if (Exit.hasInterrupts(exit)) return Effect.interrupt
  for (const [index, one] of some.entries()) {
    const result = Exit.isSuccess(exit) ? exit.value[index] : undefined
    Deferred.doneUnsafe(one.answer, result === undefined ? (Exit.asVoid(exit) as never) : Effect.fromResult(result))
    waiting.delete(one)
  }
  return Effect.void
}
