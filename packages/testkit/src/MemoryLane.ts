/**
 * The contract `Lane` in memory, on Effect's Clock: for tests of whatever sends through a lane, in real time or under
 * TestClock.
 *
 * A whole implementation with the rules and times of directory-store's, but for the database: several layers that share
 * one are several processes. It keeps what was released, so that a test can look at it.
 */
import {
  AppendKeyReused,
  type Append,
  type Appended,
  StoreError,
  VersionConflict
} from "@rollcall/core/contract/EventLog"
import {
  type Grant,
  type GrantReply,
  type GrantRequest,
  Lane,
  type LaneState,
  type Release,
  type Urgency
} from "@rollcall/core/contract/Lane"
import type { RequestGranted } from "@rollcall/core/domain/LaneEvent"
import { Clock, DateTime, Effect, Layer, Redacted } from "effect"

export interface MemoryLane {
  readonly lane: Lane["Service"]
  readonly layer: Layer.Layer<Lane>
  /** The grants as the log would have them, of all lanes. */
  readonly granted: ReadonlyArray<RequestGranted>
  /** What was released, in order. */
  readonly appended: ReadonlyArray<Append>
  /** From now on the stream has this version: who expects another meets a `VersionConflict`. */
  readonly moved: (stream: string, version: number) => void
}

/** One lane's row; times in milliseconds of the monotonic clock. */
interface Row {
  grants: number
  /** The grant in use. */
  inUse: { readonly request: string; readonly deadline: number; readonly credentials: string } | undefined
  notBefore: number
  faults: number
  circuit: { readonly since: string; readonly reason: string; readonly credentials: string } | undefined
  readonly waiters: Map<string, { readonly rank: number; readonly until: number }>
}

const [lead, margin, pollBusy, pollOvertaken, waiterLife] = [20, 1000, 100, 50, 2000]

const ranks: Readonly<Record<Urgency, number>> = { "on-demand": 0, routine: 1 }

/** `beginPauseMillis`: before the first request, and after one whose process died; 1 s unless it says otherwise. */
export const makeMemoryLane = (options: { readonly beginPauseMillis?: number } = {}): MemoryLane => {
  const beginPause = options.beginPauseMillis ?? 1000
  const rows = new Map<string, Row>()
  const versions = new Map<string, number>()
  const granted: Array<RequestGranted> = []
  const appended: Array<Append> = []
  const answers = new Map<string, { readonly events: string; readonly answer: Appended }>()
  let position = 0

  const rowOf = (lane: string, now: number): Row => {
    const known = rows.get(lane)
    if (known !== undefined) return known
    const notBefore = now + beginPause
    const made: Row = { grants: 0, inUse: undefined, notBefore, faults: 0, circuit: undefined, waiters: new Map() }
    rows.set(lane, made)
    return made
  }

  const grant = Effect.fnUntraced(function* (asked: GrantRequest) {
    const now = yield* monotonic
    const row = rowOf(asked.lane, now)
    const reply = look(row, asked, now, beginPause, position + 1)
    if (reply._tag === "Wait" && ranks[asked.urgency] < ranks.routine) {
      row.waiters.set(asked.request, { rank: ranks[asked.urgency], until: now + reply.millis + waiterLife })
    }
    if (reply._tag !== "Granted") return reply
    yield* expectVersions(versions, asked.expectedVersions)
    granted.push(take(row, asked, reply.grant, now))
    position += 1
    return reply
  })

  const release = Effect.fnUntraced(function* (_: string, ended: Release, append: Append) {
    const now = yield* monotonic
    const { appendKey } = append
    const events = JSON.stringify(append.events)
    const known = answers.get(appendKey)
    if (known === undefined) yield* expectVersions(versions, append.expectedVersions)
    else if (known.events !== events) return yield* new StoreError({ reason: new AppendKeyReused({ appendKey }) })
    const recordedAt = yield* wallTime
    free(rows.get(ended.grant.lane), ended, now, recordedAt)
    if (known !== undefined) return { ...known.answer, replayed: true }
    const firstPosition = position + 1
    position += append.events.length
    const answer = { firstPosition, lastPosition: position, recordedAt, replayed: false }
    answers.set(appendKey, { events, answer })
    appended.push(append)
    return answer
  })

  const state = Effect.fnUntraced(function* (name: string) {
    const row = rows.get(name)
    return row === undefined || row.grants === 0
      ? null
      : stateOf(row, yield* monotonic, yield* Clock.currentTimeMillis, beginPause)
  })

  const lane = Lane.of({ grant, release, state })
  const moved = (stream: string, version: number) => void versions.set(stream, version)
  return { lane, layer: Layer.succeed(Lane, lane), granted, appended, moved }
}

const monotonic = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

const isoOf = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))

const wallTime = Effect.map(Clock.currentTimeMillis, isoOf)

const look = (row: Row, asked: GrantRequest, now: number, beginPause: number, position: number): GrantReply => {
  const { circuit, faults, grants, inUse } = row
  if (inUse !== undefined && inUse.deadline > now) return wait(Math.min(inUse.deadline - now, pollBusy), "busy")
  const opensIn = opensAt(row, beginPause) - now
  if (opensIn > lead) return wait(opensIn - lead, faults > 0 ? "backoff" : "pace")
  if (circuit?.credentials === Redacted.value(asked.credentials) && !asked.probe) {
    return { _tag: "CircuitOpen", since: circuit.since, reason: circuit.reason }
  }
  if (isOvertaken(row, asked, now)) return wait(pollOvertaken, "overtaken")
  const { lane, request, operation, members } = asked
  const startsAfterMillis = Math.max(0, Math.ceil(opensIn))
  return {
    _tag: "Granted",
    grant: { lane, request, operation, members, number: grants + 1, position, startsAfterMillis, faults }
  }
}

/** A grant that is in use after its deadline is one whose process died: its request ended then at the latest. */
const opensAt = ({ inUse, notBefore }: Row, beginPause: number): number =>
  inUse === undefined ? notBefore : Math.max(notBefore, inUse.deadline + beginPause)

const wait = (millis: number, because: "pace" | "backoff" | "busy" | "overtaken"): GrantReply => ({
  _tag: "Wait",
  millis: Math.max(1, Math.ceil(millis)),
  because
})

const isOvertaken = ({ waiters }: Row, { urgency }: GrantRequest, now: number): boolean =>
  [...waiters.values()].some(({ rank, until }) => rank < ranks[urgency] && until > now)

const take = (row: Row, asked: GrantRequest, grant: Grant, now: number): RequestGranted => {
  const { lane, number, request, operation, members, startsAfterMillis } = grant
  const endsWithinMillis = startsAfterMillis + asked.timeoutMillis + margin
  row.grants = number
  row.inUse = { request, deadline: now + endsWithinMillis, credentials: Redacted.value(asked.credentials) }
  row.notBefore = now + startsAfterMillis
  row.waiters.delete(request)
  const of = { sink: asked.sink, lane, grant: number, request, operation, members, run: asked.run }
  return { type: "RequestGranted", ...of, startsAfterMillis, endsWithinMillis, ...asked.carried }
}

/** Only who holds the lane frees it. */
const free = (row: Row | undefined, ended: Release, now: number, recordedAt: string): void => {
  const { circuit, endedMillisAgo, faults, grant, pauseMillis } = ended
  if (row?.inUse === undefined || row.grants !== grant.number) return
  const { credentials } = row.inUse
  row.inUse = undefined
  row.faults = faults
  row.notBefore = Math.max(row.notBefore, now - endedMillisAgo + pauseMillis)
  if (circuit?._tag === "close") row.circuit = undefined
  if (circuit?._tag === "open") {
    const since = row.circuit?.credentials === credentials ? row.circuit.since : recordedAt
    row.circuit = { since, reason: circuit.reason, credentials }
  }
}

const stateOf = (row: Row, now: number, wall: number, beginPause: number): LaneState => {
  const still = (time: number | undefined) => (time !== undefined && time > now ? isoOf(wall + time - now) : null)
  const opens = row.inUse === undefined || row.inUse.deadline > now ? row.notBefore : opensAt(row, beginPause)
  return {
    grants: row.grants,
    busyUntil: still(row.inUse?.deadline),
    notBefore: still(opens),
    faults: row.faults,
    circuit: row.circuit === undefined ? null : { since: row.circuit.since, reason: row.circuit.reason }
  }
}

const expectVersions = (
  versions: ReadonlyMap<string, number>,
  expectedVersions: ReadonlyMap<string, number> = new Map()
) => {
  for (const [stream, expected] of expectedVersions) {
    const actual = versions.get(stream) ?? expected
    if (actual !== expected) {
      return Effect.fail(new StoreError({ reason: new VersionConflict({ stream, expected, actual }) }))
    }
  }
  return Effect.void
}
