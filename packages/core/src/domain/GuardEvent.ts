/**
 * What the guard held back, and what operators said about it. Stands in the stream `guard:SINK`.
 *
 * Written by `sync/Quarantine` when a plan is made to be sent, and by `rollcall approve`; folded by `sync/Quarantine`.
 */

/** `leavers`: away from active · `clears`: a field emptied · `keyChanges`: a known address under a new key · `joins`. */
export const guardKinds = ["leavers", "clears", "keyChanges", "joins"] as const

export type GuardKind = (typeof guardKinds)[number]

/** More people than the limit allows; none of them is sent. Replaces what was held of this kind before. */
export interface PlanHeld {
  readonly type: "PlanHeld"
  readonly sink: string
  /** A UUID: names what was held for whoever approves it. */
  readonly hold: string
  readonly kind: GuardKind
  readonly people: number
  readonly limit: number
  /** People known to be at Together, of whom the limit is a part. */
  readonly known: number
  /** Of all people and what was to be sent of each; an approval of another set is refused as stale. */
  readonly digest: string
}

/** One of those held, as the approval found them: their stream, and the first 12 digits of the payload's hash. */
export interface ApprovedMember {
  readonly stream: string
  readonly mark: string
}

/** These very changes of these people may be sent, once. Large approvals are several events. */
export interface PlanApproved {
  readonly type: "PlanApproved"
  readonly hold: string
  readonly kind: GuardKind
  readonly by: string
  readonly reason: string
  readonly members: ReadonlyArray<ApprovedMember>
}

/** Nothing of this kind is over its limit any more. */
export interface HoldEnded {
  readonly type: "HoldEnded"
  readonly sink: string
  readonly hold: string
  readonly kind: GuardKind
}

export type GuardEvent = PlanHeld | PlanApproved | HoldEnded
