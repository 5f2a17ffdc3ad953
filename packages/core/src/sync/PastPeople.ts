/**
 * People as they were known at positions of the log that are asked for one after the other.
 *
 * Called by `DecisionAudit`: a history is read once and folded on from where the last question left it; only a question
 * about an earlier position begins anew.
 */
import { Effect } from "effect"

import { EventLog } from "../contract/EventLog.ts"
import { type EmployeeId, employeeStream } from "../domain/Employee.ts"
import type { RecordedEvent } from "../domain/Event.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import { type Person, evolve, nobody } from "./Reduce.ts"

interface Past {
  readonly events: ReadonlyArray<RecordedEvent>
  person: Person
  /** Events folded in. */
  folded: number
  /** The position they were folded up to. */
  position: number
}

export class PastPeople {
  readonly #organization: OrganizationId
  readonly #past = new Map<string, Past>()

  constructor(organization: OrganizationId) {
    this.#organization = organization
  }

  /** People whose histories are held. */
  get size(): number {
    return this.#past.size
  }

  streamOf(employeeId: EmployeeId): string {
    return employeeStream(this.#organization, employeeId)
  }

  /** Reads the histories that are not held yet. */
  load(streams: ReadonlyArray<string>) {
    const missing = streams.filter((stream) => !this.#past.has(stream))
    if (missing.length === 0) return Effect.void
    return Effect.gen({ self: this }, function* () {
      const log = yield* EventLog
      const found = yield* log.streams(this.#organization, missing)
      for (const stream of missing) {
        const events = found.get(stream) ?? []
        this.#past.set(stream, { events, person: nobody(stream), folded: 0, position: 0 })
      }
    })
  }

  /** Everything that is known of somebody whose history is held. */
  eventsOf(stream: string): ReadonlyArray<RecordedEvent> {
    return this.#past.get(stream)?.events ?? []
  }

  /** As somebody whose history is held was known at a position. */
  at(stream: string, position: number): Person {
    const past = this.#past.get(stream)
    if (past === undefined) return nobody(stream)
    if (position < past.position) Object.assign(past, { person: nobody(stream), folded: 0 })
    past.position = position
    for (let next = past.events[past.folded]; next !== undefined && next.position <= position;) {
      past.person = evolve(past.person, next)
      next = past.events[++past.folded]
    }
    return past.person
  }
}
