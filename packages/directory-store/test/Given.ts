/** Organizations, events and appends for the tests of the store, and what reading them must give. */
import { randomUUID } from "node:crypto"

import type { Append } from "@rollcall/core/contract/EventLog"
import { employeeStream } from "@rollcall/core/domain/Employee"
import type { NewEvent, RecordedEvent } from "@rollcall/core/domain/Event"
import type { Fields } from "@rollcall/core/domain/Field"
import { OrganizationId } from "@rollcall/core/domain/Organization"

let organizations = 0

/** One of its own for every test, so that tests on one database do not meet. */
export const newOrganization = (): OrganizationId => OrganizationId.make(`org-${++organizations}`)

export const appeared = (stream: string, fields: Fields = { firstName: "Ada", title: "Engineer" }): NewEvent => ({
  stream,
  actor: "source:hr",
  effectiveOn: null,
  causation: null,
  event: {
    type: "EmployeeAppeared",
    source: "hr",
    run: "run-1",
    day: "2026-01-02",
    employeeId: "007",
    locator: "hr.csv:2",
    fields
  }
})

/** An event without a personal part. */
export const accepted = (stream: string, configurationHash = "c0ffee"): NewEvent => ({
  stream,
  actor: "sink:together",
  effectiveOn: null,
  causation: null,
  event: { type: "CredentialsAccepted", sink: "together", configurationHash }
})

export const employees = (organization: OrganizationId, count: number, from = 0): ReadonlyArray<NewEvent> =>
  Array.from({ length: count }, (_, index) =>
    appeared(employeeStream(organization, String(from + index)), { firstName: `N${from + index}`, title: "T" })
  )

export const appendOf = (events: ReadonlyArray<NewEvent>, more: Partial<Append> = {}): Append => ({
  appendKey: randomUUID(),
  events,
  ...more
})

/** What was handed to the log, from what came out of it. */
export const asNew = ({ stream, event, actor, effectiveOn, causation }: RecordedEvent): NewEvent => ({
  stream,
  event,
  actor,
  effectiveOn,
  causation
})
