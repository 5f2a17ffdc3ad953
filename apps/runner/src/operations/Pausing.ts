/**
 * Pausing and resuming what goes out: sources are read all the same, and reach Together when it is resumed.
 *
 * Said once, by name and with a reason; whoever is about to send reads it from the log.
 */
import { Sink } from "@rollcall/core/contract/Sink"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { type Pause, pauseOf, setPause } from "@rollcall/core/sync/Pause"
import { Effect, Schema } from "effect"

import { InputInvalid } from "../Failure.ts"
import { Said, type Signature, signed } from "./Signature.ts"

export const PauseWord = Schema.Struct({
  since: Schema.String.annotate({ description: "ISO 8601 in UTC." }),
  by: Schema.String,
  reason: Schema.String
}).annotate({ identifier: "Pause" })

export const PauseReport = Schema.Struct({
  said: Said,
  pause: Schema.NullOr(PauseWord).annotate({ description: "As it is now; null: sending is not paused." })
}).annotate({ identifier: "PauseReport" })

export type PauseReport = typeof PauseReport.Type

/** Somebody else may say it at the same moment. */
const attempts = 5

export const sayPause = Effect.fn("Pausing.say")(function* (
  organization: OrganizationId,
  paused: boolean,
  signature: Signature
) {
  yield* signed(signature)
  const { id } = yield* Sink
  const said = yield* setPause(organization, id, { paused, ...signature }).pipe(
    Effect.retry({ while: ({ reason }) => reason._tag === "VersionConflict", times: attempts })
  )
  const report: PauseReport = { said, pause: yield* pauseOf(organization, id) }
  return report
})

/** For whoever sends outside of the service's own rounds. */
export const requireSending = Effect.fnUntraced(function* (organization: OrganizationId) {
  const { id } = yield* Sink
  const pause = yield* pauseOf(organization, id)
  if (pause !== null) return yield* isPaused(pause)
})

const isPaused = ({ by, reason, since }: Pause) =>
  new InputInvalid({
    place: "service",
    problem: `Sending is paused since ${since}, by ${by}: ${reason}`,
    remedy: "`rollcall resume` ends that; `rollcall sync --no-send` takes the sources in meanwhile.",
    because: "conflict"
  })
