/**
 * Replays a log: everybody, or one person, from one viewpoint or from two; in one pass and in little memory.
 *
 * Called by `rollcall replay`. Reads only. The rules are those that were in force then, where the log kept them.
 */
import { Effect, Stream } from "effect"

import { EventLog, type StoreError } from "../contract/EventLog.ts"
import { type EmployeeId, employeeStream } from "../domain/Employee.ts"
import { type EventType, type Told, tellingTypes } from "../domain/Event.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { adoptedAt, configurationStream } from "./Adopted.ts"
import { type ReplayedEmployee, type Viewpoint, replay } from "./Replay.ts"
import { type Difference, differenceBetween } from "./ReplayDifference.ts"

export interface ViewpointRequest {
  readonly organization: OrganizationId
  /** What was known at: ISO 8601 in UTC with up to microseconds, as events are recorded. */
  readonly recordedAt: string
  /** The same moment with its day in the organization's time zone. */
  readonly known: Moment
  readonly effectiveOn: string
  /** The present rules, for want of older ones. */
  readonly policy: Policy
}

/** A viewpoint, and whose rules it has: `adopted` then, or the `present` ones because the log kept none of that time. */
export interface FoundViewpoint extends Viewpoint {
  readonly rules: "adopted" | "present"
}

export const viewpointOf = Effect.fn("Replaying.viewpointOf")(function* (request: ViewpointRequest) {
  const { effectiveOn, known, organization, policy, recordedAt } = request
  const log = yield* EventLog
  const position = yield* log.positionAt(organization, recordedAt)
  const adopted = adoptedAt(yield* log.stream(organization, configurationStream), position)
  const found: FoundViewpoint = {
    position,
    known,
    effectiveOn,
    policy: adopted?.policy ?? policy,
    rules: adopted === undefined ? "present" : "adopted"
  }
  return found
})

/** What somebody's history comes to, if to anything, and how many events were read for it. */
export interface Replayed<A> {
  readonly found: A | undefined
  readonly events: number
}

/** Everybody of whom something was known, in the order of their streams. `found` is undefined for all others. */
export const replayEverybody = (
  organization: OrganizationId,
  viewpoint: Viewpoint
): Stream.Stream<Replayed<ReplayedEmployee>, StoreError, EventLog> =>
  histories(organization, viewpoint.position, (stream, events) => replay(stream, events, viewpoint))

/** Everybody about whom something is different, seen from the later viewpoint. */
export const compareEverybody = (
  organization: OrganizationId,
  earlier: Viewpoint,
  later: Viewpoint
): Stream.Stream<Replayed<Difference>, StoreError, EventLog> =>
  histories(organization, Math.max(earlier.position, later.position), (stream, events) =>
    differenceBetween(replay(stream, events, earlier), replay(stream, events, later))
  )

const histories = <A>(
  organization: OrganizationId,
  upTo: number,
  look: (stream: string, events: ReadonlyArray<Told>) => A | undefined
): Stream.Stream<Replayed<A>, StoreError, EventLog> =>
  Effect.map(EventLog, (log) =>
    Stream.map(log.people(organization, { upTo, only: telling }), (events): Replayed<A> => ({
      found: look(events[0]?.stream ?? "", events),
      events: events.length
    }))
  ).pipe(Stream.unwrap)

/** All that the desired state depends on: what Together answered is read over. */
const telling: ReadonlyArray<EventType> = [...tellingTypes, "HoldReleased"]

/** One person by HR's key. The whole history: what was not known yet is left out by whoever looks at it. */
export const historyOf = Effect.fnUntraced(function* (organization: OrganizationId, employeeId: EmployeeId) {
  const log = yield* EventLog
  const stream = employeeStream(organization, employeeId)
  return { stream, events: yield* log.stream(organization, stream) }
})
