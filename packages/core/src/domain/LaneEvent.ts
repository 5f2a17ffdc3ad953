/**
 * What the lane did: permission for a request, and how that request ended. `audit rate` proves the vendor's limit from
 * these alone.
 *
 * They stand in the stream `lane:NAME`. A grant without an end is a request whose process died: it counts as under way
 * until `endsWithinMillis` have passed. It also says whom the request carries and what it was decided from, so that what was sent
 * can be computed again (`audit decisions`).
 */
import type { Basis } from "./SinkEvent.ts"

/** What Together may be asked, one name an operation of its API. `check` is a list that only proves the credentials. */
export const requestOperations = ["check", "list", "upsert", "link", "register"] as const

export type RequestOperation = (typeof requestOperations)[number]

/** Names one request of one lane. */
interface OfLane {
  readonly sink: string
  readonly lane: string
  /** The fencing number: counts the lane's grants from 1. */
  readonly grant: number
  /** A UUID; outcomes name it, too. */
  readonly request: string
  readonly operation: RequestOperation
  /** People the request carries. */
  readonly members: number
}

/** People whom a request carries, and what it was decided from. */
export interface Carried extends Basis {
  /** In the request's own order, by the UUIDs of their streams. */
  readonly people: ReadonlyArray<string>
  /** The program of a registration. */
  readonly programId?: string
  /** SHA-256 of the request as `Sink.compose` has it. Personal: who guesses its fields could tell. */
  readonly requestHash?: string
}

/** Permission for one request. The request starts no earlier than `startsAfterMillis` after the event's time. */
export interface RequestGranted extends OfLane, Partial<Carried> {
  readonly type: "RequestGranted"
  readonly run: string
  readonly startsAfterMillis: number
  /** The sender gives up by then, counted from the event's time; nobody else is granted a request before. */
  readonly endsWithinMillis: number
}

/** The request was answered, with success or with a refusal. It ended `endedMillisAgo` before the event's time. */
export interface RequestAnswered extends OfLane {
  readonly type: "RequestAnswered"
  readonly status: number
  readonly endedMillisAgo: number
}

/** No answer about anybody: 429, 5xx, the network, an answer nobody can read, a grant that came to nothing. */
export interface RequestDeferred extends OfLane {
  readonly type: "RequestDeferred"
  readonly status?: number
  readonly reason: string
  /** The lane grants nothing for so long after the request's end. */
  readonly waitMillis: number
  readonly endedMillisAgo: number
}

export type LaneEvent = RequestGranted | RequestAnswered | RequestDeferred
