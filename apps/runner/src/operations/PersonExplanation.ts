/**
 * Finds what stops one person: their own history first, the whole plan only where something of theirs is to be sent.
 *
 * Used by `LocalOperator` for `why` and `employee`. Reads only.
 */
import type { EventLog, StoreError } from "@rollcall/core/contract/EventLog"
import { Lane } from "@rollcall/core/contract/Lane"
import { Sink } from "@rollcall/core/contract/Sink"
import type { RecordedEvent } from "@rollcall/core/domain/Event"
import type { GuardKind } from "@rollcall/core/domain/GuardEvent"
import type { Moment, Policy } from "@rollcall/core/domain/Policy"
import { type Consideration, type Gate, consider } from "@rollcall/core/sync/Consider"
import { desired } from "@rollcall/core/sync/Desired"
import { type Explanation, explain } from "@rollcall/core/sync/Explanation"
import { momentIn } from "@rollcall/core/sync/Moment"
import { pauseOf } from "@rollcall/core/sync/Pause"
import type { Plan } from "@rollcall/core/sync/Plan"
import { placements } from "@rollcall/core/sync/Programs"
import type { Quarantine } from "@rollcall/core/sync/Quarantine"
import { Queue } from "@rollcall/core/sync/Queue"
import { type Person, isThere, reduce } from "@rollcall/core/sync/Reduce"
import { Effect } from "effect"

import type { Organization } from "../ConfigurationFile.ts"

/** What is kept of a plan to explain people by. */
export interface PlanStanding {
  /** By stream; only gates that no person's own history shows. */
  readonly gates: ReadonlyMap<string, Gate>
  readonly queue: Queue
  readonly open: Quarantine["open"]
}

export const planStanding = ({ batches, blocked }: Plan, open: Quarantine["open"]): PlanStanding => ({
  gates: new Map(
    blocked.flatMap(({ gate, stream }) =>
      gate._tag === "Held" || gate._tag === "WaitsForManager" ? [[stream, gate] as const] : []
    )
  ),
  queue: new Queue(batches),
  open
})

export interface PersonExplanation {
  readonly person: Person
  readonly moment: Moment
  readonly considered: Consideration
  readonly explained: Explanation
}

export const explainPerson = Effect.fn("PersonExplanation.explain")(function* <R>(
  { id, policy }: Organization,
  events: ReadonlyArray<RecordedEvent>,
  plan: Effect.Effect<PlanStanding, StoreError, R>
): Effect.fn.Return<PersonExplanation, StoreError, R | EventLog | Lane | Sink> {
  const sink = yield* Sink
  const lane = yield* Lane
  const person = reduce(events[0]?.stream ?? "", events)
  const moment = yield* momentIn(policy.timezone)
  const considered = consider(person, policy, moment)
  const pending = isPending(person, considered, policy, moment)
  const planned = pending ? yield* plan : undefined
  const state = pending ? yield* lane.state(sink.lane) : null
  const supervisor = desired(person, policy, moment).fields.supervisorId?.value
  const gate = planned?.gates.get(person.stream)
  const explained = explain(person, considered, {
    moment,
    gate,
    // News that came in since the plan was made stand behind it.
    place: planned === undefined ? undefined : (planned.queue.placeOf(person.stream) ?? planned.queue.last),
    heldSince: (kind: GuardKind) => planned?.open.get(kind)?.since,
    managerId: typeof supervisor === "string" ? supervisor : undefined,
    pause: pending ? yield* pauseOf(id, sink.id) : null,
    circuit: state?.circuit ?? null,
    notBefore: state?.notBefore ?? null,
    requestMillis: sink.requestMillis
  })
  return { person, moment, considered, explained }
})

/** Something of theirs is to be sent, as far as they alone are looked at. */
const isPending = (person: Person, considered: Consideration, policy: Policy, moment: Moment): boolean =>
  considered._tag === "Send" ||
  considered._tag === "Refresh" ||
  (considered._tag === "UpToDate" &&
    isThere(person) &&
    placements(person, policy, moment).some(({ _tag }) => _tag === "due"))
