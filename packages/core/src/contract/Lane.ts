/**
 * The lane: the single file in which all requests to one vendor's account go out, kept where every process sees it.
 *
 * A sink asks for a grant before each request, makes the request, and hands its ending to whoever records the answer;
 * `release` then frees the lane in the same transaction. Two processes, a crash, a restart or a second machine therefore
 * never exceed the limit, and a backoff or an open circuit survives them. Implemented by directory-store with the
 * database's clock.
 */
import { Context, Effect, type Redacted } from "effect"

import type { Carried, RequestOperation } from "../domain/LaneEvent.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import type { Append, Appended, StoreError } from "./EventLog.ts"

/** Who goes first where several wait: a request made on demand overtakes the routine between two requests. */
export type Urgency = "on-demand" | "routine"

export interface GrantRequest {
  readonly organization: OrganizationId
  /** Names the lane. Whoever shares the vendor's limit shares the lane, also across organizations. */
  readonly lane: string
  readonly sink: string
  readonly run: string
  /** A UUID that names the request; the same one as long as the same grant is asked for. */
  readonly request: string
  readonly operation: RequestOperation
  readonly members: number
  readonly urgency: Urgency
  /** Whole; only a salted hash of them is kept: while their grant is in use, and while they are refused. */
  readonly credentials: Redacted.Redacted
  /** Asks although the circuit is open: the one request that finds out whether the credentials are good again. */
  readonly probe: boolean
  /** Longest time from the start of the request to its end, in milliseconds; the sender gives up by then. */
  readonly timeoutMillis: number
  /** The request was decided from these versions of its people's streams; fails with `VersionConflict` otherwise. */
  readonly expectedVersions?: ReadonlyMap<string, number>
  /** Stands in the grant's event; absent where the request carries nobody. */
  readonly carried?: Carried
}

/** Permission for one request. */
export interface Grant {
  readonly lane: string
  readonly request: string
  readonly operation: RequestOperation
  readonly members: number
  /** The fencing number: whoever holds an older one has lost the lane. */
  readonly number: number
  /** Of the event that records it. */
  readonly position: number
  /** The request starts no earlier than this after the grant was received, in milliseconds; a few at most. */
  readonly startsAfterMillis: number
  /** Requests in a row before this one that had no answer. */
  readonly faults: number
}

export type GrantReply =
  /** `opensInMillis`: what is left of `startsAfterMillis` when the answer left, where whoever granted it knows. */
  | { readonly _tag: "Granted"; readonly grant: Grant; readonly opensInMillis?: number }
  /**
   * Ask again after `millis`. `pace` and `backoff` are the wait itself; `busy` (another request is under way) and
   * `overtaken` (a more urgent one waits) are worth a look after that time.
   */
  | { readonly _tag: "Wait"; readonly millis: number; readonly because: "pace" | "backoff" | "busy" | "overtaken" }
  /** The vendor refused these very credentials; nothing goes out before they change or a probe finds them good. */
  | { readonly _tag: "CircuitOpen"; readonly since: string; readonly reason: string }

/** How a granted request ended, and when the next may start. */
export interface Release {
  readonly grant: Grant
  /** Milliseconds since the request's end, on the clock of the process that made it. */
  readonly endedMillisAgo: number
  /** From the request's end to the start of the next, at least. */
  readonly pauseMillis: number
  /** Requests in a row without an answer, this one included; 0 after an answer. */
  readonly faults: number
  /** `open`: the credentials were refused, and why. `close`: they were accepted. Absent: nothing was said of them. */
  readonly circuit?: { readonly _tag: "open"; readonly reason: string } | { readonly _tag: "close" }
}

/** What stands between now and the next grant; times are ISO 8601 in UTC. */
export interface LaneState {
  readonly grants: number
  /** A request is under way, until then at the latest. */
  readonly busyUntil: string | null
  readonly notBefore: string | null
  readonly faults: number
  readonly circuit: { readonly since: string; readonly reason: string } | null
}

export class Lane extends Context.Service<
  Lane,
  {
    /** One look at the lane. A grant is recorded as `RequestGranted` in the stream `lane:NAME`. */
    readonly grant: (request: GrantRequest) => Effect.Effect<GrantReply, StoreError>
    /**
     * Appends what the request led to and frees the lane, in one transaction. Where somebody else holds the lane by now
     * the events are appended all the same, for they happened, and the lane is left alone. Sent again, it must be the
     * same append, the event's times included.
     */
    readonly release: (
      organization: OrganizationId,
      release: Release,
      append: Append
    ) => Effect.Effect<Appended, StoreError>
    /** Null: nothing was ever granted. */
    readonly state: (lane: string) => Effect.Effect<LaneState | null, StoreError>
  }
>()("@rollcall/core/contract/Lane") {}

/**
 * Hears when a lane's next request is about to be made and when it is on its way, so that whatever else a process does
 * can stand aside for that moment. Both may be said more often than needed.
 */
export const LaneAttention = Context.Reference("@rollcall/core/contract/LaneAttention", {
  defaultValue: () => ({
    begin: (_lane: string): Effect.Effect<void> => Effect.void,
    end: (_lane: string): Effect.Effect<void> => Effect.void
  })
})

/** The stream in which a lane's grants and their ends stand. */
export const laneStream = (lane: string): string => `lane:${lane}`
