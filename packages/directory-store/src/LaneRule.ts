/**
 * The rule of a lane, on the values it needs and without I/O: who may send now, and who waits how long for what.
 *
 * Times are milliseconds from the moment in which the locked lane was looked at, on the database's clock; what has
 * passed is negative.
 */
import { createHmac } from "node:crypto"

import type { GrantReply, GrantRequest, LaneState, Urgency } from "@rollcall/core/contract/Lane"
import { Context, Redacted } from "effect"

import { sameBytes } from "./HashChain.ts"

/** In milliseconds; tests set their own. */
export const LaneLimits = Context.Reference("@rollcall/directory-store/LaneLimits", {
  defaultValue: () => ({
    /** Before the next request where nobody knows when the last one ended: a new lane, a process that died. */
    beginPauseMillis: 1000,
    /** A grant is given so long before its request may start, so that the way there costs no time. */
    leadMillis: 40,
    /** Between the moment a sender gives up and the deadline of its grant. */
    marginMillis: 1000,
    /** Who does not ask again so long after its wait is over waits no more. */
    waiterMillis: 2000,
    /** While another request is under way. */
    pollMillis: 100,
    /** While a more urgent one waits. */
    overtakenMillis: 50
  })
})

export type Limits = (typeof LaneLimits)["Service"]

/** A smaller one goes first. */
export const ranks: Readonly<Record<Urgency, number>> = { "on-demand": 0, routine: 1 }

/** The lane in the moment of a look. */
export interface Sight {
  readonly salt: Uint8Array
  /** Granted so far. */
  readonly grants: number
  /** Null: no grant is in use. */
  readonly deadlineIn: number | null
  readonly notBeforeIn: number
  readonly faults: number
  readonly circuit: NonNullable<LaneState["circuit"]> | null
  readonly refused: Uint8Array | null
  /** How far the last time of the asker's log is ahead; null where the log is empty. */
  readonly logAhead: number | null
  /** A more urgent one waits. */
  readonly overtaken: boolean
}

export type Decision =
  | Exclude<GrantReply, { readonly _tag: "Granted" }>
  | { readonly _tag: "Go"; readonly startsAfterMillis: number }

export const decide = (lane: Sight, asked: GrantRequest, limits: Limits): Decision => {
  const { deadlineIn, faults, circuit, logAhead } = lane
  if (deadlineIn !== null && deadlineIn > 0) return wait(Math.min(deadlineIn, limits.pollMillis), "busy")
  const opensIn = opens(lane, limits)
  if (opensIn > limits.leadMillis) return wait(opensIn - limits.leadMillis, faults > 0 ? "backoff" : "pace")
  // The clock was set back: a grant now would be recorded with a time that is still to come, and prove nothing.
  if (logAhead !== null && logAhead > 0) return wait(logAhead, "pace")
  if (circuit !== null && !asked.probe && isRefused(lane, asked)) return { _tag: "CircuitOpen", ...circuit }
  if (lane.overtaken) return wait(limits.overtakenMillis, "overtaken")
  return { _tag: "Go", startsAfterMillis: Math.max(0, Math.ceil(opensIn)) }
}

/** A grant that is in use after its deadline is one whose process died: its request ended then at the latest. */
const opens = ({ deadlineIn, notBeforeIn }: Sight, { beginPauseMillis }: Limits): number =>
  deadlineIn === null ? notBeforeIn : Math.max(notBeforeIn, deadlineIn + beginPauseMillis)

const wait = (millis: number, because: "pace" | "backoff" | "busy" | "overtaken") => ({
  _tag: "Wait" as const,
  millis: Math.ceil(millis),
  because
})

const isRefused = ({ salt, refused }: Sight, asked: GrantRequest): boolean =>
  refused !== null && sameBytes(refused, hashCredentials(salt, asked))

/** All that is ever kept of credentials. */
export const hashCredentials = (salt: Uint8Array, { credentials }: Pick<GrantRequest, "credentials">): Uint8Array =>
  createHmac("sha256", salt).update(Redacted.value(credentials)).digest()
