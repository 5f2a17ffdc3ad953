/**
 * Makes a plan from the log: every person once, one at a time, in little memory.
 *
 * Called by `plan`, `sync` and `status`. With a `Rehearsal` it plans as if the events of a reading that was not written
 * had been written: that is the dry run, and it has nothing to write with.
 */
import { Effect, Stream } from "effect"

import { EventLog } from "../contract/EventLog.ts"
import { type EmployeeId, employeeStream, employeeStreamPrefix } from "../domain/Employee.ts"
import type { NewEvent, Told } from "../domain/Event.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { desired } from "./Desired.ts"
import type { Batch } from "./Intake.ts"
import { type Guarding, PlanBuilder, type Tariff } from "./Plan.ts"
import { reduce } from "./Reduce.ts"

export interface PlanRequest {
  readonly organization: OrganizationId
  readonly policy: Policy
  readonly moment: Moment
  readonly tariff: Tariff
  readonly guarding: Guarding
  readonly rehearsal?: Rehearsal
}

export const makePlan = Effect.fn("Planning.makePlan")(function* (request: PlanRequest) {
  const log = yield* EventLog
  const rehearsal = request.rehearsal ?? new Rehearsal(request.policy, request.moment, request.guarding)
  yield* Stream.runForEach(log.people(request.organization), (events) =>
    Effect.sync(() => rehearsal.recall(events[0]?.stream ?? "", events))
  )
  return rehearsal.finish().finish(request.tariff)
})

/** A plan for some people alone, whoever else has something to be sent. */
export const makePlanFor = Effect.fn("Planning.makePlanFor")(function* (
  { guarding, moment, organization, policy, tariff }: Omit<PlanRequest, "rehearsal">,
  employeeIds: ReadonlyArray<EmployeeId>
) {
  const builder = new PlanBuilder(policy, moment, guarding)
  const people = yield* peopleBy(organization, employeeIds)
  const managers = people.flatMap((person) => {
    const supervisor = desired(person, policy, moment).fields.supervisorId?.value
    return typeof supervisor === "string" && !employeeIds.includes(supervisor) ? [supervisor] : []
  })
  for (const manager of yield* peopleBy(organization, managers)) builder.note(manager)
  for (const person of people) builder.add(person)
  return builder.finish(tariff)
})

const peopleBy = Effect.fnUntraced(function* (organization: OrganizationId, employeeIds: ReadonlyArray<EmployeeId>) {
  const log = yield* EventLog
  const histories = yield* log.streams(
    organization,
    employeeIds.map((id) => employeeStream(organization, id))
  )
  return [...histories].map(([stream, events]) => reduce(stream, events))
})

/**
 * Events that were found but not written. Those of all sources but the last are kept until every source was heard; with
 * the last source's a person is complete, is planned, and is forgotten.
 */
export class Rehearsal {
  readonly #builder: PlanBuilder
  readonly #moment: Moment
  readonly #held = new Map<string, Array<NewEvent>>()
  /** People of the log who are not to be planned again. */
  readonly #planned = new Set<string>()

  constructor(policy: Policy, moment: Moment, guarding: Guarding) {
    this.#builder = new PlanBuilder(policy, moment, guarding)
    this.#moment = moment
  }

  hold({ events }: Batch): void {
    for (const event of events) {
      const held = this.#held.get(event.stream)
      if (held === undefined) this.#held.set(event.stream, [event])
      else held.push(event)
    }
  }

  /** People the last source has news of. */
  conclude(batch: Batch): void {
    const streams = new Set(batch.events.map((event) => event.stream))
    this.hold(batch)
    for (const stream of streams) {
      const history = batch.histories.get(stream) ?? []
      this.#plan(stream, history)
      if (history.length > 0) this.#planned.add(stream)
    }
  }

  /** Someone from the log, with whatever was heard of them besides. */
  recall(stream: string, history: ReadonlyArray<Told>): void {
    if (!this.#planned.has(stream)) this.#plan(stream, history)
  }

  /** Whoever was heard of and is not in the log. */
  finish(): PlanBuilder {
    for (const stream of this.#held.keys()) this.#plan(stream, [])
    return this.#builder
  }

  #plan(stream: string, history: ReadonlyArray<Told>): void {
    if (!stream.startsWith(employeeStreamPrefix)) return void this.#held.delete(stream)
    const last = history.at(-1)
    const heard = (this.#held.get(stream) ?? []).map((event, i): Told => ({
      ...event,
      position: (last?.position ?? 0) + i + 1,
      version: (last?.version ?? 0) + i + 1,
      recordedAt: this.#moment.instant
    }))
    this.#held.delete(stream)
    this.#builder.add(reduce(stream, [...history, ...heard]))
  }
}
