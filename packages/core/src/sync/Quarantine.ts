/**
 * What the guard holds now, and what of it was approved: the fold of the stream `guard:SINK`.
 *
 * `noteHolds` records what a plan that is about to be sent holds back, each hold once, and its end; `approve` is what an
 * operator says. An approval is of a person's very change, so it can be used once, and a later change counts anew.
 */
import { Effect } from "effect"

import { EventLog } from "../contract/EventLog.ts"
import { uuidV5 } from "../domain/Digest.ts"
import type { Event, NewEvent, RecordedEvent } from "../domain/Event.ts"
import type { GuardKind, PlanHeld } from "../domain/GuardEvent.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import { type Approvals, type Held, approvalOf } from "./Guard.ts"
import { byActor } from "./Record.ts"

/** What is held of one kind, since when. */
export type Hold = PlanHeld & { readonly since: string; readonly position: number }

export interface Quarantine {
  readonly open: ReadonlyMap<GuardKind, Hold>
  readonly approvals: Approvals
  readonly version: number
}

export const guardStream = (sink: string): string => `guard:${sink}`

export const foldQuarantine = (events: Iterable<RecordedEvent>): Quarantine => {
  const open = new Map<GuardKind, Hold>()
  const approvals = new Set<string>()
  let version = 0
  for (const { event, position, recordedAt, version: at } of events) {
    version = at
    if (event.type === "PlanHeld") {
      const since = open.get(event.kind)?.since ?? recordedAt
      open.set(event.kind, { ...event, since, position })
    } else if (event.type === "HoldEnded") open.delete(event.kind)
    else if (event.type === "PlanApproved") {
      for (const member of event.members) approvals.add(approvalOf(event.kind, member))
    }
  }
  return { open, approvals, version }
}

export const quarantineOf = Effect.fnUntraced(function* (organization: OrganizationId, sink: string) {
  const log = yield* EventLog
  return foldQuarantine(yield* log.stream(organization, guardStream(sink)))
})

interface Noting {
  readonly organization: OrganizationId
  readonly sink: string
  /** A UUID: the run that made the plan. */
  readonly run: string
}

/** Answers with the holds that are new, or are of other people than before. */
export const noteHolds = Effect.fn("Quarantine.noteHolds")(function* (
  { organization, run, sink }: Noting,
  held: ReadonlyArray<Held>
) {
  const log = yield* EventLog
  const { open } = yield* quarantineOf(organization, sink)
  const fresh = held.filter(({ digest, kind }) => open.get(kind)?.digest !== digest)
  const ended = [...open.values()].filter(({ kind }) => !held.some((one) => one.kind === kind))
  const events: ReadonlyArray<Event> = [
    ...ended.map(({ hold, kind }): Event => ({ type: "HoldEnded", sink, hold, kind })),
    ...fresh.map(({ digest, kind, known, limit, people }): Event => {
      const hold = uuidV5(run, `hold ${kind} ${digest}`)
      return { type: "PlanHeld", sink, hold, kind, people, limit, known, digest }
    })
  ]
  if (events.length > 0) {
    const appendKey = uuidV5(run, `holds ${events.map((event) => JSON.stringify(event)).join()}`)
    yield* log.append(organization, {
      appendKey,
      events: events.map((event) => entry(sink, "rollcall", event)),
      runId: run
    })
  }
  return { fresh, ended }
})

const entry = (sink: string, actor: string, event: Event): NewEvent =>
  byActor(actor, { stream: guardStream(sink), event })

/** So many people stand in one event of an approval. */
const membersInEvent = 1000

export interface Approval {
  readonly organization: OrganizationId
  readonly sink: string
  readonly hold: Hold
  readonly by: string
  readonly reason: string
  readonly members: Held["members"]
}

export const approve = Effect.fn("Quarantine.approve")(function* (approval: Approval) {
  const { by, hold, members, organization, reason, sink } = approval
  const log = yield* EventLog
  const events = Array.from({ length: Math.ceil(members.length / membersInEvent) }, (_, i): NewEvent => {
    const some = members.slice(i * membersInEvent, (i + 1) * membersInEvent)
    return entry(sink, `operator:${by}`, {
      type: "PlanApproved",
      hold: hold.hold,
      kind: hold.kind,
      by,
      reason,
      members: some
    })
  })
  yield* log.append(organization, { appendKey: globalThis.crypto.randomUUID(), events })
})
