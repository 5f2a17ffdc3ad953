/** Requests for a lane, their ends, and the lane as its log proves it. Times are milliseconds of the database's clock. */
import { randomUUID } from "node:crypto"

import { type Append, EventLog } from "@rollcall/core/contract/EventLog"
import {
  type Grant,
  type GrantReply,
  type GrantRequest,
  Lane,
  laneStream,
  type Release
} from "@rollcall/core/contract/Lane"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { DateTime, Effect, Redacted } from "effect"

import { type Limits, LaneLimits } from "../src/LaneRule.ts"
import { appendOf } from "./Given.ts"

/** As in earnest, but faster. */
export const quick: Limits = {
  beginPauseMillis: 40,
  leadMillis: 10,
  marginMillis: 20,
  waiterMillis: 200,
  pollMillis: 15,
  overtakenMillis: 5
}

export const quickly = Effect.provideService(LaneLimits, quick)

let lanes = 0

/** One of its own for every test. */
export const newLane = (): string => `together-${++lanes}`

export const canary = "sekret-canary-9d1f"

export const asking = (organization: OrganizationId, lane: string, more: Partial<GrantRequest> = {}): GrantRequest => ({
  organization,
  lane,
  sink: "together",
  run: "run-1",
  request: randomUUID(),
  operation: "upsert",
  members: 3,
  urgency: "routine",
  credentials: Redacted.make(canary),
  probe: false,
  timeoutMillis: 200,
  ...more
})

export const waiting = (reply: GrantReply) => (reply._tag === "Wait" ? reply : raise("a wait", reply))

export const granted = (reply: GrantReply): Grant => (reply._tag === "Granted" ? reply.grant : raise("a grant", reply))

const raise = (wanted: string, reply: GrantReply): never => {
  throw new Error(`Not ${wanted}: ${JSON.stringify(reply)}`)
}

/** Asks again and again, each time after as long as the lane said, until it says something else than to wait. */
export const insist = (asked: GrantRequest): Effect.Effect<GrantReply, never, Lane> =>
  Effect.flatMap(Lane, (lane) =>
    Effect.orDie(lane.grant(asked)).pipe(
      Effect.tap((reply) => (reply._tag === "Wait" ? Effect.sleep(reply.millis) : Effect.void)),
      Effect.repeat({ while: (reply) => reply._tag === "Wait" })
    )
  )

export const take = (asked: GrantRequest) => Effect.map(insist(asked), granted)

export const endOf = (grant: Grant, more: Partial<Release> = {}): Release => ({
  grant,
  endedMillisAgo: 0,
  pauseMillis: 30,
  faults: 0,
  ...more
})

export const answered = ({ lane, number, request, operation, members }: Grant, endedMillisAgo = 0): Append =>
  appendOf([
    {
      stream: laneStream(lane),
      actor: "sink:together",
      effectiveOn: null,
      causation: null,
      event: {
        type: "RequestAnswered",
        sink: "together",
        lane,
        grant: number,
        request,
        operation,
        members,
        status: 200,
        endedMillisAgo
      }
    }
  ])

/** Makes the request's end known; gives back when it was recorded. */
export const end = (organization: OrganizationId, grant: Grant, more: Partial<Release> = {}) =>
  Effect.gen(function* () {
    const lane = yield* Lane
    const release = endOf(grant, more)
    const { recordedAt } = yield* lane.release(organization, release, answered(grant, release.endedMillisAgo))
    return millisOf(recordedAt)
  })

/** With the fraction of a millisecond that the log keeps. */
export const millisOf = (time: string): number =>
  DateTime.makeUnsafe(time).epochMilliseconds + Number(time.slice(23, -1)) / 1000

/** A request as the log has it: the earliest start, and the end, which is null when nobody told of it. */
export interface Span {
  readonly number: number
  readonly recorded: number
  readonly starts: number
  readonly deadline: number
  readonly ends: number | null
}

/** All requests of a lane that the log of an organization knows, in the order of their grants. */
export const spansOf = Effect.fnUntraced(function* (organization: OrganizationId, lane: string) {
  const spans: Array<Span> = []
  for (const { event, recordedAt } of yield* (yield* EventLog).stream(organization, laneStream(lane))) {
    const recorded = millisOf(recordedAt)
    if (event.type === "RequestGranted") {
      const [starts, deadline] = [recorded + event.startsAfterMillis, recorded + event.endsWithinMillis]
      spans.push({ number: event.grant, recorded, starts, deadline, ends: null })
    } else if (event.type === "RequestAnswered") {
      const at = spans.findIndex(({ number }) => number === event.grant)
      const span = spans[at]
      if (span !== undefined) spans[at] = { ...span, ends: recorded - event.endedMillisAgo }
    }
  }
  return spans
})
