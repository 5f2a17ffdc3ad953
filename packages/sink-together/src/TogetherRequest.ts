/**
 * One request as the lane takes it: what it is, how it is made, what its answer means.
 *
 * Made by `TogetherBatch`, `TogetherList`, `TogetherPrograms` and `TogetherSink`, made use of by `TogetherLane` alone.
 */
import type { Answer, Cargo } from "@rollcall/core/contract/Sink"
import type { RequestOperation } from "@rollcall/core/domain/LaneEvent"
import type { Effect } from "effect"

import type { Received, Reply, TogetherError, TogetherFault } from "./TogetherReply.ts"

export interface TogetherRequest<A> {
  readonly operation: RequestOperation
  readonly members: number
  /** Finds out whether refused credentials are good again: asked although the circuit is open. */
  readonly probe?: boolean
  /** Tried once: no backoff is waited for. */
  readonly patient?: boolean
  readonly expectedVersions?: ReadonlyMap<string, number>
  /** Whom it carries; absent where that is nobody. */
  readonly cargo?: Cargo
  /** Makes it, once. */
  readonly exchange: Effect.Effect<Received, TogetherFault>
  /** What the reply means. Called once for every reply, before it is reported. */
  readonly understand: (reply: Reply) => Understood<A> | TogetherError
}

/** An answer that Together's documents know, as it is reported, and what it means to who asked. */
export interface Understood<A> extends Partial<Pick<Answer, "verdicts" | "registered" | "arraysRefused">> {
  readonly _tag: "Understood"
  readonly status: number
  readonly result: A
}
