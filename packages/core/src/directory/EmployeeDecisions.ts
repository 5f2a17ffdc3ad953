/**
 * Decides what a client's write about one employee comes to: the events to record, or why it is refused.
 *
 * Pure; directory-store gathers the facts under the log's lock and records what comes out. A write is tried on a copy
 * first: where the result would not show what was asked for, because a source that is believed more says otherwise, it is
 * refused and names the source. So nobody is told "done" of something that never shows.
 */
import { Result } from "effect"

import { Conflict, NotFound, supervisorKind } from "../contract/Directory.ts"
import { type EmployeeDetails, type EmployeeProfile, employeeProfileMembers } from "../contract/Employees.ts"
import type { Changes } from "../domain/DirectoryEvent.ts"
import { employeeUuid } from "../domain/Employee.ts"
import type { Event, NewEvent, RecordedEvent } from "../domain/Event.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import { byActor } from "../sync/Record.ts"
import { reduce } from "../sync/Reduce.ts"
import { type EmployeeRecord, employeeRecordStream, evolveRecord } from "./EmployeeRecord.ts"
import { type EmployeeView, employeeView } from "./EmployeeView.ts"
import { utterances, wordOf } from "./EmployeeWord.ts"

/** The write itself. */
export interface Occasion {
  readonly organization: OrganizationId
  readonly policy: Policy
  readonly moment: Moment
  /** A UUID that names the write. */
  readonly run: string
  readonly actor: string
}

/** What is known of an employee when a write about them is decided. */
export interface Known {
  readonly record: EmployeeRecord
  /** The person's stream, whole; empty where HR has never heard of them and they have no key. */
  readonly history: ReadonlyArray<RecordedEvent>
  /** HR's key of the supervisor the API assigned; null: there is none, or one without a key. */
  readonly supervisorKey: string | null
}

export type Decision = Result.Result<ReadonlyArray<NewEvent>, Conflict | NotFound>

const viewOf = ({ moment, organization, policy }: Occasion, { history, record }: Known): EmployeeView | undefined =>
  employeeView({ organization, record, history }, policy, moment)

export const decideCreate = (occasion: Occasion, id: string, details: EmployeeDetails): ReadonlyArray<NewEvent> => {
  const { account, email, name, role } = details
  const event: Event = {
    type: "DirectoryEmployeeCreated",
    ...(account === undefined ? {} : { account }),
    details: { name, email, ...(role === undefined ? {} : { role }) }
  }
  return [entry(occasion, id, event)]
}

/** Only what differs from what is shown is recorded: sending back what was read says nothing. */
export const decideUpdate = (occasion: Occasion, known: Known, details: EmployeeDetails): Decision => {
  const view = viewOf(occasion, known)
  if (view === undefined) return missing(known)
  const changes: { [member: string]: string } = {}
  for (const member of ["name", "email", "role"] as const) {
    const value = details[member]
    if (value !== undefined && value !== view[member]) changes[member] = value
  }
  const account = details.account === undefined || details.account === view.account ? {} : { account: details.account }
  if (Object.keys(changes).length === 0 && Object.keys(account).length === 0) return Result.succeed([])
  const event: Event = {
    type: "DirectoryEmployeeUpdated",
    ...account,
    ...(Object.keys(changes).length === 0 ? {} : { details: changes })
  }
  return conclude(occasion, known, [event], (after) =>
    overruled({ ...after }, changes, (member) => (member === "role" ? undefined : after.hr[member as "name" | "email"]))
  )
}

export const decideProfile = (
  occasion: Occasion,
  known: Known,
  profile: EmployeeProfile,
  mode: "replace" | "merge",
  /** People of the log, or employees, who have the number that is asked for. */
  isNumberTaken: boolean
): Decision => {
  const view = viewOf(occasion, known)
  if (view === undefined) return missing(known)
  const { employeeNumber, ...rest } = profile
  const number = keyed(view, employeeNumber, isNumberTaken)
  if (Result.isFailure(number)) return Result.fail(number.failure)
  const changes: { [member: string]: string | null } = {}
  for (const member of employeeProfileMembers) {
    if (member === "employeeNumber") continue
    const asked = rest[member]
    const dropped = asked === undefined && mode === "replace" && known.record.profile[member] != null
    const value = dropped ? null : asked
    if (value !== undefined && value !== (dropped ? undefined : (view.profile[member] ?? null))) changes[member] = value
  }
  const events: Array<Event> = []
  if (Object.keys(changes).length > 0) events.push({ type: "EmployeeProfileChanged", details: changes })
  if (number.success !== undefined) {
    const person = employeeUuid(occasion.organization, number.success)
    events.push({ type: "EmployeeKeyed", person, employeeId: number.success })
  }
  if (events.length === 0) return Result.succeed([])
  const demanded = Object.fromEntries(Object.entries(changes).filter(([member]) => rest[member as "bio"] !== undefined))
  return conclude(occasion, known, events, (after) =>
    overruled({ ...after.profile }, demanded, (member) => after.hr[member as "gender"])
  )
}

/** The number to be given now, if it is; a number once given stays. */
const keyed = (
  view: EmployeeView,
  asked: string | null | undefined,
  isTaken: boolean
): Result.Result<string | undefined, Conflict> => {
  if (asked === undefined || asked === view.employeeNumber) return Result.succeed(undefined)
  if (view.employeeNumber !== null) {
    return conflict(
      "employeeNumber",
      "is the key under which Together knows this person, and cannot be changed or taken away"
    )
  }
  if (asked === null) return Result.succeed(undefined)
  return isTaken ? conflict("employeeNumber", "belongs to somebody else of this organization") : Result.succeed(asked)
}

export interface Assignment {
  readonly manager: string
  readonly kind: string
  /** The manager to be is, however far down, a report of the employee. */
  readonly circular: boolean
  /** Is that manager already, by whoever's word. */
  readonly shown: boolean
  /** The manager's, if there is one. */
  readonly key: string | null
}

export const decideManager = (occasion: Occasion, known: Known, link: Assignment): Decision => {
  const view = viewOf(occasion, known)
  if (view === undefined) return missing(known)
  const { circular, kind, manager, shown } = link
  if (shown) return Result.succeed([])
  if (manager === known.record.id) return conflict("managerId", "is the employee: nobody manages themselves")
  if (circular)
    return conflict(
      "managerId",
      `is managed by this employee already (type "${kind}"): managers may not run in a circle`
    )
  const replaced = kind === supervisorKind ? known.record.managers.filter((one) => one.kind === kind) : []
  const events: ReadonlyArray<Event> = [
    ...replaced.map(({ manager }): Event => ({ type: "ManagerRemoved", manager, kind })),
    { type: "ManagerAssigned", manager, kind }
  ]
  const next = kind === supervisorKind ? { ...known, supervisorKey: link.key } : known
  return conclude(occasion, next, events, (after) =>
    after.managers.some((row) => row.by === "api" && row.manager === manager && row.kind === kind)
      ? undefined
      : heldBy("type", after.hr.supervisor)
  )
}

/** `shown`: the kinds of manager that the person is to the employee, by HR's word or the API's. */
export const decideManagerRemoval = (
  occasion: Occasion,
  known: Known,
  manager: string,
  shown: ReadonlyArray<{ readonly kind: string; readonly hr: boolean }>
): Decision => {
  if (shown.length === 0) return Result.fail(new NotFound({ what: "manager", id: manager }))
  if (shown.some(({ hr }) => hr)) {
    return Result.fail(heldBy("manager", viewOf(occasion, known)?.hr.supervisor))
  }
  const events = shown.map(({ kind }): Event => ({ type: "ManagerRemoved", manager, kind }))
  const next = shown.some(({ kind }) => kind === supervisorKind) ? { ...known, supervisorKey: null } : known
  return conclude(occasion, next, events, () => undefined)
}

/** What a report has to say anew when their supervisor has got a key. */
export const decideReport = (occasion: Occasion, known: Known): ReadonlyArray<NewEvent> => said(occasion, known)

const conflict = (field: string, problem: string) => Result.fail(new Conflict({ field, problem }))

const missing = ({ record }: Known): Decision => Result.fail(new NotFound({ what: "employee", id: record.id }))

const entry = ({ actor }: Occasion, id: string, event: Event): NewEvent =>
  byActor(actor, { stream: employeeRecordStream(id), event })

/**
 * The events, and what they make the API say of the person; refused where the outcome is not as asked. `known` has the
 * key of the supervisor that there is afterwards.
 */
const conclude = (
  occasion: Occasion,
  known: Known,
  events: ReadonlyArray<Event>,
  objection: (after: EmployeeView) => Conflict | undefined
): Decision => {
  const entries = events.map((event) => entry(occasion, known.record.id, event))
  const record = recorded(occasion, entries, known.record.version).reduce(evolveRecord, known.record)
  const changed = { ...known, record }
  const words = said(occasion, changed)
  const last = known.history.at(-1)
  const history = [...known.history, ...recorded(occasion, words, last?.version ?? 0, last?.position ?? 0)]
  const after = viewOf(occasion, { ...changed, history })
  const refusal = after === undefined ? undefined : objection(after)
  return refusal === undefined ? Result.succeed([...entries, ...words]) : Result.fail(refusal)
}

/** Nothing can be said of a person without a key: there is no stream of theirs. */
const said = (occasion: Occasion, { history, record, supervisorKey }: Known): ReadonlyArray<NewEvent> => {
  const person = reduce(history[0]?.stream ?? "", history)
  const employeeId = person.employeeId ?? record.employeeId
  if (employeeId === undefined) return []
  const vouched = record.created !== null
  const { actor, moment, organization, run } = occasion
  return utterances(
    person,
    wordOf(record, supervisorKey),
    { vouched, employeeId },
    {
      organization,
      run,
      day: moment.day,
      actor
    }
  )
}

/** As the log would hold them. */
const recorded = (
  { moment }: Occasion,
  entries: ReadonlyArray<NewEvent>,
  version: number,
  position = 0
): ReadonlyArray<RecordedEvent> =>
  entries.map((one, i) => ({
    ...one,
    position: position + i + 1,
    version: version + i + 1,
    recordedAt: moment.instant
  }))

/** The first member that would not show what was asked for. */
const overruled = (
  after: { readonly [member: string]: unknown },
  asked: Changes,
  sourceOf: (member: string) => string | undefined
): Conflict | undefined => {
  const member = Object.keys(asked).find((member) => (after[member] ?? null) !== asked[member])
  return member === undefined ? undefined : heldBy(member, sourceOf(member))
}

const heldBy = (field: string, source: string | undefined): Conflict =>
  new Conflict({
    field,
    problem:
      source === undefined
        ? "is HR's to say, and HR says otherwise"
        : `is said otherwise by the source "${source}", which is believed more than the API (precedence)`
  })
