/**
 * Whether sending is paused, by whom and why: the last word of the stream `service:SINK`.
 */
import { Effect } from "effect"

import { EventLog } from "../contract/EventLog.ts"
import type { RecordedEvent } from "../domain/Event.ts"
import type { OrganizationId } from "../domain/Organization.ts"

export interface Pause {
  readonly since: string
  readonly by: string
  readonly reason: string
}

export const serviceStream = (sink: string): string => `service:${sink}`

export const foldPause = (events: ReadonlyArray<RecordedEvent>): Pause | null => {
  const last = events.findLast(({ event }) => event.type === "SyncPaused" || event.type === "SyncResumed")
  if (last?.event.type !== "SyncPaused") return null
  return { since: last.recordedAt, by: last.event.by, reason: last.event.reason }
}

export const pauseOf = Effect.fnUntraced(function* (organization: OrganizationId, sink: string) {
  const log = yield* EventLog
  return foldPause(yield* log.stream(organization, serviceStream(sink)))
})

/** Says it, where it is not so already; answers with whether it was said. */
export const setPause = Effect.fn("Pause.set")(function* (
  organization: OrganizationId,
  sink: string,
  { by, paused, reason }: { readonly paused: boolean; readonly by: string; readonly reason: string }
) {
  const log = yield* EventLog
  const events = yield* log.stream(organization, serviceStream(sink))
  if ((foldPause(events) !== null) === paused) return false
  const stream = serviceStream(sink)
  yield* log.append(organization, {
    appendKey: globalThis.crypto.randomUUID(),
    expectedVersions: new Map([[stream, events.at(-1)?.version ?? 0]]),
    events: [
      {
        stream,
        event: { type: paused ? "SyncPaused" : "SyncResumed", by, reason },
        actor: `operator:${by}`,
        effectiveOn: null,
        causation: null
      }
    ]
  })
  return true
})
