/**
 * Proves from the log alone that the vendor's limit was kept: one request at a time, a second from end to start.
 *
 * Pure; fed the log's events in order by `audit rate`. A request starts no earlier than its grant says and ends no later
 * than its ending says; one whose ending is missing (its process died) counts as under way up to its deadline.
 */
import { DateTime } from "effect"

import type { RecordedEvent } from "../domain/Event.ts"
import type { RequestAnswered, RequestDeferred, RequestGranted } from "../domain/LaneEvent.ts"

/** From the end of one request to the start of the next, in milliseconds. */
export const requiredSpacing = 1000

export interface RateViolation {
  /** Position of the grant that came too early. */
  readonly position: number
  readonly problem: string
}

export interface RateReport {
  readonly lane: string
  readonly requests: number
  /** Requests whose end nobody recorded. */
  readonly unknown: number
  /** Milliseconds; null for fewer than two requests. */
  readonly smallestSpacing: number | null
  readonly largestInFlight: number
  readonly violations: ReadonlyArray<RateViolation>
}

interface Request {
  readonly position: number
  readonly start: number
  /** The deadline, until the end is known. */
  readonly end: number
  readonly ended: boolean
}

interface Track {
  requests: number
  smallestSpacing: number | null
  largestInFlight: number
  readonly violations: Array<RateViolation>
  readonly open: Map<number, Request>
  /** Requests whose deadline came before the next grant, and that grant: their end may still be told, and be later. */
  readonly overdue: Map<number, { readonly request: Request; readonly next: Request }>
  last: Request | undefined
}

export class RateAudit {
  readonly #tracks = new Map<string, Track>()

  add({ event, position, recordedAt }: RecordedEvent): void {
    if (event.type === "RequestGranted") this.#grant(event, position, microsOf(recordedAt) / 1000)
    else if (event.type === "RequestAnswered" || event.type === "RequestDeferred") {
      // Before version 2 of the events a request without an answer was recorded, and no lane.
      if (event.lane !== undefined) this.#end(event, microsOf(recordedAt) / 1000)
    }
  }

  finish(): ReadonlyArray<RateReport> {
    return [...this.#tracks].map(([lane, track]) => ({
      lane,
      requests: track.requests,
      unknown: track.overdue.size + track.open.size,
      smallestSpacing: track.smallestSpacing,
      largestInFlight: track.largestInFlight,
      violations: track.violations
    }))
  }

  #grant({ endsWithinMillis, grant, lane, startsAfterMillis }: RequestGranted, position: number, at: number): void {
    const track = this.#track(lane)
    const request = { position, start: at + startsAfterMillis, end: at + endsWithinMillis, ended: false }
    const earlier = [...(track.last === undefined ? [] : [track.last]), ...track.open.values()]
    if (earlier.length > 0)
      judge(
        track,
        earlier.reduce((a, b) => (a.end >= b.end ? a : b)),
        request
      )
    for (const [number, open] of track.open) {
      if (open.end > request.start) continue
      track.overdue.set(number, { request: open, next: request })
      track.open.delete(number)
    }
    track.requests++
    track.open.set(grant, request)
    track.last = request
    track.largestInFlight = Math.max(track.largestInFlight, track.open.size)
  }

  #end({ endedMillisAgo, grant, lane }: RequestAnswered | RequestDeferred, at: number): void {
    const track = this.#track(lane)
    const late = track.overdue.get(grant)
    const request = track.open.get(grant) ?? late?.request
    if (request === undefined) return
    const ended = { ...request, end: at - endedMillisAgo, ended: true }
    track.open.delete(grant)
    track.overdue.delete(grant)
    if (track.last?.position === request.position) track.last = ended
    // The next one was judged by the deadline, and the deadline was not kept.
    if (late !== undefined && ended.end > request.end) judge(track, ended, late.next)
  }

  #track(lane: string): Track {
    const known = this.#tracks.get(lane)
    if (known !== undefined) return known
    const made: Track = {
      requests: 0,
      smallestSpacing: null,
      largestInFlight: 0,
      violations: [],
      open: new Map(),
      overdue: new Map(),
      last: undefined
    }
    this.#tracks.set(lane, made)
    return made
  }
}

const judge = (track: Track, before: Request, request: Request): void => {
  const spacing = request.start - before.end
  track.smallestSpacing = Math.min(track.smallestSpacing ?? Infinity, spacing)
  if (spacing < 0) track.largestInFlight = Math.max(track.largestInFlight, 2)
  if (spacing >= requiredSpacing) return
  const told = before.ended ? "ended" : "was to have ended at the latest"
  const problem =
    spacing < 0
      ? `It was granted while the request of position ${before.position} was under way.`
      : `It was granted ${Math.floor(spacing)} ms after the request of position ${before.position} ${told}.`
  track.violations.push({ position: request.position, problem })
}

/** Microseconds since 1970 of a time of the log, such as `2026-01-31T12:00:00.123456Z`. */
const microsOf = (recordedAt: string): number => {
  const [, seconds = "", fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(recordedAt) ?? []
  const whole = DateTime.toEpochMillis(DateTime.makeUnsafe(`${seconds}Z`))
  return whole * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6))
}
