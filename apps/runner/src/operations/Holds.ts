/**
 * What the guard holds back and who that is, and the approval that lets them go, once, by name and with a reason.
 *
 * What is approved is what the plan holds now: where that is not what was held when somebody looked, it is refused as
 * stale. An approval is of a person's very change and is used up by it; nothing is sent here.
 */
import { Sink } from "@rollcall/core/contract/Sink"
import { employeeStream } from "@rollcall/core/domain/Employee"
import { type GuardKind, guardKinds } from "@rollcall/core/domain/GuardEvent"
import type { Held } from "@rollcall/core/sync/Guard"
import { approve as record, type Hold } from "@rollcall/core/sync/Quarantine"
import { Effect, Schema } from "effect"

import type { Organization } from "../ConfigurationFile.ts"
import { InputInvalid } from "../Failure.ts"
import { currentPlan } from "./CurrentPlan.ts"
import { HeldPeople } from "./PlanReport.ts"
import { type Signature, signed } from "./Signature.ts"

export const OpenHold = Schema.Struct({
  ...HeldPeople.fields,
  since: Schema.String.annotate({ description: "ISO 8601 in UTC." })
}).annotate({ identifier: "OpenHold" })

export type OpenHold = typeof OpenHold.Type

/** So many people of a hold are listed. */
const shownPeople = 10_000

export const HoldReport = Schema.Struct({
  holds: Schema.Array(
    Schema.Struct({
      ...OpenHold.fields,
      employeeIds: Schema.Array(Schema.String).annotate({
        description: `HR's keys of those whom the plan holds back for it, as it is now; ${shownPeople} at most.`
      })
    })
  )
}).annotate({ identifier: "Holds" })

export type HoldReport = typeof HoldReport.Type

export const ApprovalReport = Schema.Struct({
  kind: Schema.Literals(guardKinds),
  approved: Schema.Int.annotate({ description: "How many people." })
}).annotate({ identifier: "Approval" })

export type ApprovalReport = typeof ApprovalReport.Type

export const openHold = ({ kind, known, limit, people, since }: Hold): OpenHold => ({
  kind,
  people,
  limit,
  known,
  since
})

export const holdReport = (
  open: ReadonlyMap<GuardKind, Hold>,
  heldBack: ReadonlyMap<GuardKind, ReadonlyArray<string>>
): HoldReport => ({
  holds: [...open.values()].map((hold) => ({
    ...openHold(hold),
    employeeIds: (heldBack.get(hold.kind) ?? []).slice(0, shownPeople)
  }))
})

/** `only`: HR's keys; none: everybody who is held. */
export const approveHold = Effect.fn("Holds.approve")(function* (
  organization: Organization,
  kind: GuardKind,
  only: ReadonlyArray<string>,
  signature: Signature
) {
  yield* signed(signature)
  const { plan, standing } = yield* currentPlan(organization)
  const hold = standing.open.get(kind)
  if (hold === undefined) return yield* nothingHeld(kind)
  const held = plan.held.find((one) => one.kind === kind)
  if (held?.digest !== hold.digest) return yield* stale(kind)
  const members = yield* chosen(held, organization, only)
  const { id: sink } = yield* Sink
  yield* record({ organization: organization.id, sink, hold, members, ...signature })
  const report: ApprovalReport = { kind, approved: members.length }
  return report
})

const chosen = Effect.fnUntraced(function* (held: Held, { id }: Organization, only: ReadonlyArray<string>) {
  if (only.length === 0) return held.members
  const byStream = new Map(held.members.map((member) => [member.stream, member]))
  const found = [...new Set(only)].map((key) => [key, byStream.get(employeeStream(id, key))] as const)
  const unknown = found.flatMap(([key, member]) => (member === undefined ? [key] : []))
  if (unknown.length > 0) {
    return yield* new InputInvalid({
      place: "--employee",
      problem: `Not among those held: ${unknown.join(", ")}. Nobody was approved.`,
      remedy: "`rollcall why` lists who is held, with HR's key.",
      because: "conflict"
    })
  }
  return found.flatMap(([, member]) => member ?? [])
})

const nothingHeld = (kind: GuardKind) =>
  new InputInvalid({
    place: "guard",
    problem: `No ${kind} are held.`,
    remedy: "`rollcall status` says what is; a plan is held when `rollcall sync` or the service makes it.",
    because: "conflict"
  })

const stale = (kind: GuardKind) =>
  new InputInvalid({
    place: "guard",
    problem: `Other people are concerned now than when the ${kind} were held.`,
    remedy: "Run `rollcall sync` (or wait for the service) and look again: an approval is of what was seen.",
    because: "conflict"
  })
