/**
 * Who says something that counts, and why: stands in the log for good.
 */
import { Effect, Schema } from "effect"

import { InputInvalid } from "../Failure.ts"

export interface Signature {
  readonly by: string
  readonly reason: string
}

/** Fails where one of both is empty. */
export const signed = ({ by, reason }: Signature): Effect.Effect<void, InputInvalid> =>
  by.trim() === "" || reason.trim() === "" ? Effect.fail(unsigned) : Effect.void

const unsigned = new InputInvalid({
  place: "--by, --reason",
  problem: "Neither who says it nor why may be empty.",
  remedy: "Say both: they stand in the log."
})

/** Whether it was so before, and nothing had to be said. */
export const Said = Schema.Boolean.annotate({ description: "False: it was so already, and nothing was written." })
