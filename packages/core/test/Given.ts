/**
 * What tests begin with: an organization, its rules, a moment, people's histories, and sources that say given things.
 *
 * `given("e-1").on("2026-01-05").appeared({...}).created({...})` reads like the log it makes.
 */
import { DateTime, Effect, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"

import {
  Complete,
  Record as Row,
  Rejected,
  Removed,
  type Source,
  SourceError,
  type SourceMessage,
  Truncated
} from "../src/contract/Source.ts"
import { uuidV5 } from "../src/domain/Digest.ts"
import { employeeStream } from "../src/domain/Employee.ts"
import type { Event, RecordedEvent } from "../src/domain/Event.ts"
import type { Fields } from "../src/domain/Field.ts"
import { OrganizationId } from "../src/domain/Organization.ts"
import type { Moment, Policy } from "../src/domain/Policy.ts"
import type { UserApplied, UserRefused } from "../src/domain/SinkEvent.ts"
import type { RejectionReason } from "../src/domain/SourceEvent.ts"
import { payloadHash } from "../src/sync/Consider.ts"
import { type Place, placeHash } from "../src/sync/Programs.ts"
import { type Person, reduce } from "../src/sync/Reduce.ts"

export const acme = OrganizationId.make("acme")

/** Two sources, `hr` believed before `crm`; everything else as it is when nothing is configured. */
export const policy = (rules: Partial<Policy> = {}): Policy => ({
  precedence: ["hr", "crm"],
  absence: { policy: "report" },
  scope: {},
  mapping: {},
  programs: [],
  drift: "repair",
  refresh: "never",
  guard: { leavers: "off", clears: "off", keyChanges: "off", joins: "off" },
  timezone: "UTC",
  ...rules
})

export const noonOf = (day: string): Moment => ({ day, instant: `${day}T12:00:00.000Z` })

/** Sets the clock to noon of a day. */
export const itIs = (day: string) => TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(noonOf(day).instant)))

/** The `n`th day of January 2026, counted from 1. */
export const january = (n: number): string => `2026-01-${String(n).padStart(2, "0")}`

/** Everything Together requires of a new user. */
export const someone: Fields = { firstName: "Ada", lastName: "Byron", email: "ada@acme.test", status: "active" }

let runs = 0

/** A UUID no other run has. */
export const newRun = (): string => uuidV5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", `run ${++runs}`)

interface Said {
  readonly source?: string
  readonly effectiveOn?: string
  readonly withdrawn?: ReadonlyArray<string>
}

/** How somebody was sent: with so many in the request, by the entry's own id. */
interface Company {
  readonly members?: number
  readonly userId?: string
}

/** The stream of one employee, event by event. */
export class History {
  readonly employeeId: string
  readonly stream: string
  readonly events: Array<RecordedEvent> = []
  #day = january(1)

  constructor(employeeId: string) {
    this.employeeId = employeeId
    this.stream = employeeStream(acme, employeeId)
  }

  /** The day on which everything that follows is recorded. */
  on(day: string): this {
    this.#day = day
    return this
  }

  and(event: Event, effectiveOn: string | null = null): this {
    const count = this.events.length + 1
    this.events.push({
      stream: this.stream,
      event,
      actor: "test",
      effectiveOn,
      causation: null,
      position: count,
      version: count,
      recordedAt: `${this.#day}T12:00:00.000000Z`
    })
    return this
  }

  appeared(fields: Fields, said: Said = {}): this {
    return this.#said("EmployeeAppeared", fields, said)
  }

  changed(fields: Fields, said: Said = {}): this {
    return this.#said("EmployeeChanged", fields, said)
  }

  /** A word of a source that does not vouch for the person. */
  amended(fields: Fields, source = "directory"): this {
    return this.and({ type: "EmployeeAmended", source, run: "r", day: this.#day, employeeId: this.employeeId, fields })
  }

  vanished(source = "hr"): this {
    return this.and({ type: "EmployeeVanished", source, run: "r", day: this.#day, employeeId: this.employeeId })
  }

  removed(source = "hr"): this {
    return this.and({
      type: "EmployeeRemoved",
      source,
      run: "r",
      day: this.#day,
      employeeId: this.employeeId,
      locator: "hr.csv:2"
    })
  }

  /** A row, or one field of it, that was not taken over. */
  rejected(
    said: { readonly source?: string; readonly run?: string; readonly locator?: string; readonly field?: string } = {}
  ): this {
    const { source = "hr", run = "r", locator = "hr.csv:2", field } = said
    const refused = { source, run, locator, reason: "value-invalid", message: "not a date" } as const
    const named = field === undefined ? {} : { field }
    return this.and({ type: "SourceRecordRejected", employeeId: this.employeeId, ...refused, ...named })
  }

  created(fields: Fields, company: Company = {}): this {
    return this.applied("UserCreated", fields, company)
  }

  applied(type: UserApplied["type"], fields: Fields, company: Company = {}): this {
    return this.and({ type, ...this.#decision(fields, company), status: 200, fields })
  }

  /** Taken by a refresh: all that is wanted was sent, nothing of it was news. */
  refreshed(payload: Fields): this {
    return this.and({ type: "UserUnchanged", ...this.#decision(payload), status: 204, fields: {} })
  }

  /** Together's refusal of a payload that carried these fields. */
  refused(type: UserRefused["type"], fields: Fields, answer = "no", company: Company & { status?: number } = {}): this {
    const { status = 400 } = company
    return this.and({ type, ...this.#decision(fields, company), status, answer })
  }

  /** Together's list shows an entry with the person's key that Rollcall did not make. */
  found(fields: Fields): this {
    return this.and({ type: "EntryFound", ...this.#listed(), keyed: true, userId: "u-1", fields })
  }

  /** Together's list shows an entry without a key that has the person's address. */
  foundByAddress(userId: string): this {
    return this.and({ type: "EntryFound", ...this.#listed(), keyed: false, userId, fields: {} })
  }

  drifted(fields: Fields): this {
    return this.and({ type: "DriftFound", ...this.#listed(), fields })
  }

  missed(): this {
    return this.and({ type: "DriftFound", ...this.#listed(), fields: {}, missing: true })
  }

  resolved(): this {
    return this.and({ type: "DriftResolved", sink: "together", request: "q" })
  }

  registered(place: Place): this {
    return this.and({ type: "ProgramRegistered", ...this.#placed(place), status: 200 })
  }

  notRegistered(place: Place, answer = "no such role"): this {
    return this.and({ type: "ProgramRefused", ...this.#placed(place), status: 400, answer })
  }

  released(): this {
    return this.and({ type: "HoldReleased", by: "grace", reason: "settled with support" })
  }

  get person(): Person {
    return reduce(this.stream, this.events)
  }

  #said(type: "EmployeeAppeared" | "EmployeeChanged", fields: Fields, said: Said): this {
    const { effectiveOn = null, source = "hr", withdrawn } = said
    const common = { type, source, run: "r", day: this.#day, employeeId: this.employeeId, locator: "hr.csv:2", fields }
    return this.and({ ...common, ...(withdrawn === undefined ? {} : { withdrawn }) }, effectiveOn)
  }

  #listed() {
    return { sink: "together", request: "q", employeeId: this.employeeId }
  }

  #placed(place: Place) {
    return { ...this.#decision({}), programId: place.programId, payloadHash: placeHash(place) }
  }

  #decision(fields: Fields, { members = 1, userId }: Company = {}) {
    return {
      sink: "together",
      decidedAt: this.events.length,
      clock: "2026-01-01T12:00:00.000Z",
      request: "q",
      members,
      payloadHash: payloadHash(this.employeeId, fields, userId),
      configurationHash: "c",
      employeeId: this.employeeId
    }
  }
}

export const given = (employeeId = "e-1"): History => new History(employeeId)

type Message = SourceMessage<unknown>

export const row = (key: string, fields: Fields, effectiveOn?: string): Message =>
  Row({ key, fields, locator: `hr.csv:${key}`, ...(effectiveOn === undefined ? {} : { effectiveOn }) })

export const gone = (key: string): Message => Removed({ key, locator: `hr.csv:${key}` })

export const badRow = (key: string | undefined, locator: string, reason: RejectionReason = "value-invalid"): Message =>
  Rejected({
    reason,
    message: "not a date",
    locator,
    field: "dateInJob",
    value: "31/31",
    ...(key === undefined ? {} : { key })
  })

/** These messages, and then the word that this was everyone. */
export const everyone = (...messages: ReadonlyArray<Message>): ReadonlyArray<Message> => [
  ...messages,
  Complete({ total: new Set(messages.flatMap((message) => ("key" in message ? [message.key] : []))).size })
]

/** A source that says these things, and then ends or breaks. */
export const saying = (messages: ReadonlyArray<Message>, failure?: SourceError): Source<unknown> => ({
  check: Effect.succeed({ summary: "", findings: [] }),
  snapshot: () =>
    failure === undefined
      ? Stream.fromIterable(messages)
      : Stream.concat(Stream.fromIterable(messages), Stream.fail(failure))
})

export const cutOff = new SourceError({
  source: "hr",
  reason: new Truncated({ locator: "hr.csv:9", problem: "The file ends within a row.", remedy: "Export it again." })
})

/** Checks a property whose body is an effect; each trial has a clock of its own. */
export const holds = <A>(
  arbitrary: fc.Arbitrary<A>,
  body: (value: A) => Effect.Effect<void, unknown>,
  numRuns = 60
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(arbitrary, (value) => Effect.runPromise(Effect.provide(body(value), TestClock.layer()))),
    { numRuns }
  )
