/**
 * What a sink is: the one place that people are sent to, one request at a time.
 *
 * The engine decides who is sent and what; the sink turns that into the vendor's requests, keeps the vendor's pace, and
 * reports the answer for every person. It never decides, never reads the log, never drops anybody silently.
 */
import { Context, type Effect, Schema } from "effect"

import type { EmployeeId } from "../domain/Employee.ts"
import type { FieldName, Fields } from "../domain/Field.ts"
import type { RequestOperation } from "../domain/LaneEvent.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import type { Basis } from "../domain/SinkEvent.ts"
import type { StoreError } from "./EventLog.ts"
import type { Release, Urgency } from "./Lane.ts"

/** One person to be created or patched; the key always goes with the fields. */
export interface Upsert {
  readonly stream: string
  /** Version of the stream that this was decided from. */
  readonly version: number
  readonly employeeId: EmployeeId
  /** The person has an entry there already. */
  readonly known: boolean
  readonly fields: Fields
  /** Those of `fields` that the entry was not known to hold; a refresh sends more than these. */
  readonly news: Fields
  /** The entry is there without the person's key: it is written by its own id, which ties it to the key. */
  readonly userId?: string
  /** Never part of an array: an array's word about this person did not hold before. */
  readonly alone?: true
}

/** What became of one person. */
export type Verdict =
  | { readonly _tag: "Applied"; readonly as: "created" | "updated" | "unchanged"; readonly status: number }
  | {
      readonly _tag: "Refused"
      readonly as: "rejected" | "conflicted" | "gone"
      readonly status: number
      /** The vendor's own words. */
      readonly answer?: string
    }

/** A person's place in a program, as a rule of the configuration wants it. */
export interface Registration {
  readonly stream: string
  readonly version: number
  readonly employeeId: EmployeeId
  readonly programId: string
  /** At least one is true. */
  readonly roles: Readonly<Record<string, boolean>>
  /** Absent: every match type of the program. */
  readonly matchTypeIds?: ReadonlyArray<string>
}

/** A request without an answer about anybody: 429, 5xx, the network, something unreadable. It is made again. */
export interface Deferral {
  readonly reason: string
  /** Least wait before the next request, in milliseconds. */
  readonly waitMillis: number
}

/** One request that was made, with a verdict for each person it settled. */
export interface Answer {
  /** Names the request in the log. */
  readonly request: string
  readonly operation: RequestOperation
  /** People the request carried; an array that was refused settles none of them. */
  readonly members: number
  readonly status?: number
  readonly deferral?: Deferral
  /** The grant came to nothing: no request was made. */
  readonly unmade?: true
  readonly verdicts: ReadonlyArray<{ readonly upsert: Upsert; readonly verdict: Verdict }>
  readonly registered?: { readonly registration: Registration; readonly status: number; readonly refusal?: string }
  /** 401: the key is refused. */
  readonly credentialsRefused?: true
  /** Learned from this answer: arrays are not taken, whoever is in them. */
  readonly arraysRefused?: true
  /** How the request ended, for the lane; `endedAt` in milliseconds on the monotonic clock of this process. */
  readonly ending: Omit<Release, "endedMillisAgo"> & { readonly endedAt: number }
}

/** Records an answer, before the next request is made. */
export type Report<E, R> = (answer: Answer) => Effect.Effect<void, E, R>

/** For whom requests are made, and who is told of each. */
export interface Errand<E, R> {
  readonly organization: OrganizationId
  readonly run: string
  readonly urgency: Urgency
  /** What the people were decided from; absent where a request carries nobody. */
  readonly basis?: Basis
  readonly report: Report<E, R>
}

/** Whom one request is for. */
export type Cargo = { readonly upserts: ReadonlyArray<Upsert> } | { readonly registration: Registration }

/** Somebody in the sink's own list. */
export interface ListedUser {
  /** The vendor's own id. */
  readonly userId?: string
  readonly employeeId?: EmployeeId
  readonly fields: Fields
}

/** The sink's own list of people, as far as it could be read. */
export interface Listing {
  /** Names the (last) request it came by. */
  readonly request: string
  readonly users: ReadonlyArray<ListedUser>
  /** Fields that the list shows of anybody; a field outside says nothing by its absence. */
  readonly shown: ReadonlySet<FieldName>
  /** It was read to its end: who is not in it is not there. */
  readonly whole: boolean
}

/** The key is refused (401): nothing more may be sent with it. */
export class CredentialsRejected extends Schema.TaggedError<CredentialsRejected>()("CredentialsRejected", {
  problem: Schema.String,
  remedy: Schema.String
}) {}

/** The sink could not be reached or kept failing until patience ran out. */
export class SinkUnavailable extends Schema.TaggedError<SinkUnavailable>()("SinkUnavailable", {
  problem: Schema.String,
  remedy: Schema.String
}) {}

/** What came back is not what the vendor documents. */
export class SinkMisread extends Schema.TaggedError<SinkMisread>()("SinkMisread", {
  problem: Schema.String,
  remedy: Schema.String
}) {}

/** Nothing more can be sent now; `reason` says why. */
export class SinkError extends Schema.TaggedError<SinkError>()("SinkError", {
  reason: Schema.Union([CredentialsRejected, SinkUnavailable, SinkMisread])
}) {
  override get message(): string {
    return `${this.reason.problem} ${this.reason.remedy}`
  }
}

export class Sink extends Context.Service<
  Sink,
  {
    /** Name in events: `together`. */
    readonly id: string
    /** The lane its requests go through. */
    readonly lane: string
    /** Most people one request may carry. */
    readonly batchSize: number
    /** Milliseconds a request costs at least, pace included: what a plan's minutes are counted with. */
    readonly requestMillis: number
    /**
     * Proves the credentials with one request that changes nothing; with `probe` also where the circuit is open. Succeeds
     * with a line for people.
     */
    readonly check: <E, R>(probe: boolean, errand: Errand<E, R>) => Effect.Effect<string, SinkError | StoreError | E, R>
    /**
     * Sends the people in the order given, one request at a time, no more than `arraySize` in one, and reports each
     * request before the next is made. Every one of them gets exactly one verdict, unless it fails. A `VersionConflict`
     * says that people have news: decide again about those without a verdict.
     */
    readonly apply: <E, R>(
      upserts: ReadonlyArray<Upsert>,
      arraySize: number,
      errand: Errand<E, R>
    ) => Effect.Effect<void, SinkError | StoreError | E, R>
    readonly register: <E, R>(
      registration: Registration,
      errand: Errand<E, R>
    ) => Effect.Effect<void, SinkError | StoreError | E, R>
    /**
     * The request for these people, as `apply` and `register` make it: its line (what is secret in it by its name), a line
     * feed, its body byte for byte. Pure, so that what was sent can be composed again.
     */
    readonly compose: (cargo: Cargo) => string
    /** The sink's own list. `expected` are people who should be in it: as long as one is missing, it looks further. */
    readonly list: <E, R>(
      expected: ReadonlySet<EmployeeId>,
      errand: Errand<E, R>
    ) => Effect.Effect<Listing, SinkError | StoreError | E, R>
  }
>()("@rollcall/core/contract/Sink") {}
