/**
 * What a sink is: the one place that people are sent to, one request at a time.
 *
 * The engine decides who is sent and what; the sink turns that into the vendor's requests, keeps the vendor's pace, and
 * reports the answer for every person. It never decides, never reads the log, never drops anybody silently.
 */
import { Context, type Effect, Schema } from "effect"

import type { EmployeeId } from "../domain/Employee.ts"
import type { Fields } from "../domain/Field.ts"
import type { CheckReport } from "./Source.ts"

/** One person to be created or patched: `fields` are the changed ones only; the key always goes with them. */
export interface Upsert {
  readonly stream: string
  readonly employeeId: EmployeeId
  /** The person has an entry there already. */
  readonly known: boolean
  readonly fields: Fields
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
  /** People the request carried; an array that was refused settles none of them. */
  readonly members: number
  readonly status?: number
  readonly deferral?: Deferral
  readonly verdicts: ReadonlyArray<{ readonly upsert: Upsert; readonly verdict: Verdict }>
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
    /** Most people one request may carry. */
    readonly batchSize: number
    /** Milliseconds a request costs at least, pace included: what a plan's minutes are counted with. */
    readonly requestMillis: number
    /** Proves the credentials with a request that changes nothing. */
    readonly check: Effect.Effect<CheckReport, SinkError>
    /**
     * Sends the people in the order given, one request at a time, and reports each before the next is made. Every one
     * of them gets exactly one verdict, unless it fails.
     */
    readonly apply: <E, R>(
      upserts: ReadonlyArray<Upsert>,
      report: (answer: Answer) => Effect.Effect<void, E, R>
    ) => Effect.Effect<void, SinkError | E, R>
  }
>()("@rollcall/core/contract/Sink") {}
