/**
 * Works out what goes out for some people, from the log as it is now.
 *
 * Called just before a request is made, so that what goes out is what holds then: a change that came in since the plan
 * was made goes with it, one that was taken back does not go out. The versions of the people's streams travel along; the
 * lane grants nothing for people who have news.
 */
import { Effect } from "effect"

import { EventLog } from "../contract/EventLog.ts"
import type { Registration, Upsert } from "../contract/Sink.ts"
import { employeeStream } from "../domain/Employee.ts"
import type { RecordedEvent } from "../domain/Event.ts"
import type { GuardKind } from "../domain/GuardEvent.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { type Consideration, consider } from "./Consider.ts"
import { kindsOf } from "./Guard.ts"
import { momentIn } from "./Moment.ts"
import { registrationOf, supervisorOf, upsertOf } from "./Payload.ts"
import type { Operation } from "./Plan.ts"
import { type Person, isThere, reduce } from "./Reduce.ts"

/** What goes out, and what it was decided from: the log up to `position`, at a moment. */
export interface Decided<A> {
  readonly moment: Moment
  readonly position: number
  readonly items: ReadonlyArray<A>
}

interface Question {
  readonly organization: OrganizationId
  readonly policy: Policy
}

export const decideUpserts = Effect.fnUntraced(function* (question: Question, operations: ReadonlyArray<Operation>) {
  const { moment, people, position } = yield* peopleNow(question, operations)
  const planned = new Map(operations.map(({ kinds = [], stream }) => [stream, kinds]))
  const considered = people.flatMap((person) => {
    const one = consider(person, question.policy, moment)
    return isForeseen(person, one, planned.get(person.stream) ?? []) ? [[person, one] as const] : []
  })
  const there = yield* managersThere(
    question.organization,
    considered.map(([, one]) => supervisorOf(one)),
    position
  )
  const items = considered.flatMap(([person, one]) => upsertOf(person, one, there))
  return { moment, position, items } satisfies Decided<Upsert>
})

/** What the guard did not look at when the plan was made (a leaver since then) waits for the next plan. */
const isForeseen = ({ sink }: Person, one: Consideration, planned: ReadonlyArray<GuardKind>): boolean =>
  one._tag !== "Send" || kindsOf(one.changes, sink.applied, one.known).every((kind) => planned.includes(kind))

/** The place that a person is still to get, if Together has the person by now. */
export const decideRegistration = Effect.fnUntraced(function* (question: Question, operation: Operation) {
  const { moment, people, position } = yield* peopleNow(question, [operation])
  const items = people.flatMap((person) => registrationOf(person, operation.programId, question.policy, moment))
  return { moment, position, items } satisfies Decided<Registration>
})

const peopleNow = Effect.fnUntraced(function* (
  { organization, policy }: Question,
  operations: ReadonlyArray<Operation>
) {
  const log = yield* EventLog
  const moment = yield* momentIn(policy.timezone)
  const { position } = yield* log.head(organization)
  const histories = yield* log.streams(
    organization,
    operations.map(({ stream }) => stream)
  )
  const people = operations.flatMap(({ stream }) => {
    const events = histories.get(stream)
    return events === undefined ? [] : [reduceUpTo(stream, events, position)]
  })
  return { moment, position, people }
})

/** Later events were not known to the decision, and must not look as if they had been. */
const reduceUpTo = (stream: string, events: ReadonlyArray<RecordedEvent>, position: number): Person =>
  reduce(
    stream,
    events.filter((event) => event.position <= position)
  )

/** Which of these managers have an entry at Together, to which a report can be tied. */
const managersThere = Effect.fnUntraced(function* (
  organization: OrganizationId,
  managers: ReadonlyArray<string | undefined>,
  position: number
) {
  const log = yield* EventLog
  const names = new Map(
    managers.flatMap((id) => (id === undefined ? [] : [[employeeStream(organization, id), id] as const]))
  )
  const histories = yield* log.streams(organization, [...names.keys()])
  const there = [...histories].filter(([stream, events]) => isThere(reduceUpTo(stream, events, position)))
  return new Set(there.map(([stream]) => names.get(stream as `employee:${string}`)))
})
