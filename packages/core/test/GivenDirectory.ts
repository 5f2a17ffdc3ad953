/**
 * What tests of the Directory begin with: an employee's own stream, event by event, and what is shown of them.
 *
 * `told("id").created({...}).assigned(boss)` reads like the stream it makes; `History` of `Given` is HR's side.
 */
import type { Known, Occasion } from "../src/directory/EmployeeDecisions.ts"
import { type EmployeeRecord, employeeRecordStream, evolveRecord, foldRecord } from "../src/directory/EmployeeRecord.ts"
import { type EmployeeView, employeeView } from "../src/directory/EmployeeView.ts"
import type { Changes } from "../src/domain/DirectoryEvent.ts"
import { employeeUuid } from "../src/domain/Employee.ts"
import type { Event, NewEvent, RecordedEvent } from "../src/domain/Event.ts"
import type { Policy } from "../src/domain/Policy.ts"
import { type History, acme, january, noonOf, policy } from "./Given.ts"

export const ann = "a0000000-0000-4000-8000-000000000001"
export const bea = "a0000000-0000-4000-8000-000000000002"
export const cleo = "a0000000-0000-4000-8000-000000000003"

/** HR is believed before the API, as it is unless the configuration says otherwise. */
export const hrFirst: Partial<Policy> = { precedence: ["hr", "crm", "directory"] }
export const directoryFirst: Partial<Policy> = { precedence: ["directory", "hr", "crm"] }

/** The stream of what the API was told of one employee. */
export class Told {
  readonly id: string
  readonly events: Array<RecordedEvent> = []
  #day = january(1)
  #actor = "account:admin"

  constructor(id: string) {
    this.id = id
  }

  on(day: string): this {
    this.#day = day
    return this
  }

  by(actor: string): this {
    this.#actor = actor
    return this
  }

  and(event: Event): this {
    const count = this.events.length + 1
    this.events.push({
      stream: employeeRecordStream(this.id),
      event,
      actor: this.#actor,
      effectiveOn: null,
      causation: null,
      position: 1000 + count,
      version: count,
      recordedAt: at(this.#day)
    })
    return this
  }

  created(details: Changes = { name: "Ada Byron", email: "ada@acme.test" }, account?: string): this {
    return this.and({ type: "DirectoryEmployeeCreated", details, ...(account === undefined ? {} : { account }) })
  }

  updated(details: Changes, account?: string | null): this {
    return this.and({ type: "DirectoryEmployeeUpdated", details, ...(account === undefined ? {} : { account }) })
  }

  profiled(details: Changes): this {
    return this.and({ type: "EmployeeProfileChanged", details })
  }

  keyed(employeeId: string): this {
    return this.and({ type: "EmployeeKeyed", person: employeeUuid(acme, employeeId), employeeId })
  }

  assigned(manager: string, kind = "supervisor"): this {
    return this.and({ type: "ManagerAssigned", manager, kind })
  }

  unassigned(manager: string, kind = "supervisor"): this {
    return this.and({ type: "ManagerRemoved", manager, kind })
  }

  get record(): EmployeeRecord {
    return foldRecord(this.id, this.events)
  }
}

export const told = (id: string = ann): Told => new Told(id)

/** HR's person, of whom the API was told nothing (yet). */
export const toldOf = ({ employeeId }: History): Told => new Told(employeeUuid(acme, employeeId))

const today = january(20)

export const viewed = (
  { record }: Told,
  history?: History,
  rules: Partial<Policy> = hrFirst,
  day = today
): EmployeeView | undefined =>
  employeeView({ organization: acme, record, history: history?.events ?? [] }, policy(rules), noonOf(day))

export const occasion = (rules: Partial<Policy> = hrFirst, day = today): Occasion => ({
  organization: acme,
  policy: policy(rules),
  moment: noonOf(day),
  run: "5b7a5a0c-0c0e-4f5e-9d1c-0a7f4f2f9a11",
  actor: "account:admin"
})

export const known = ({ record }: Told, history?: History, supervisorKey: string | null = null): Known => ({
  record,
  history: history?.events ?? [],
  supervisorKey
})

/** What is known after the events of a decision have been recorded. */
export const afterwards = (before: Known, events: ReadonlyArray<NewEvent>): Known => {
  let { history, record } = before
  for (const event of events) {
    const own = event.stream === employeeRecordStream(record.id)
    const count = (own ? record.version : history.length) + 1
    const recorded = { ...event, position: (own ? 1000 : 0) + count, version: count, recordedAt: at(today) }
    if (own) record = evolveRecord(record, recorded)
    else history = [...history, recorded]
  }
  return { ...before, history, record }
}

export const at = (day: string): string => `${day}T12:00:00.000000Z`

/** What is shown of somebody who is known. */
export const shownOf = ({ history, record }: Known, rules: Partial<Policy> = hrFirst): EmployeeView | undefined =>
  employeeView({ organization: acme, record, history }, policy(rules), noonOf(today))
