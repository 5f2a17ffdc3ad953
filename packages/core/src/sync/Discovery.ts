/**
 * Records what a reading of Together's list has found: about people, about those who are nobody of ours, and that it was
 * read.
 *
 * A discovery holds for the version of the person's stream that it was made from. Whoever has news since, perhaps
 * because a request was answered meanwhile, is left to the next reading.
 */
import { Effect, Result } from "effect"

import { EventLog, type StoreError } from "../contract/EventLog.ts"
import { type ListedUser, type Listing, Sink } from "../contract/Sink.ts"
import { uuidV5 } from "../domain/Digest.ts"
import { employeeStream, employeeUuid } from "../domain/Employee.ts"
import type { VerificationCounts } from "../domain/SinkEvent.ts"
import { type Entry, type Recorder, byActor, sinkStream } from "./Record.ts"
import { reduce } from "./Reduce.ts"

export interface Discovery extends Entry {
  readonly version: number
}

/** So many are appended in one transaction. */
const together = 500

/** Succeeds with how many still held. */
export const recordDiscoveries = Effect.fnUntraced(function* (
  recorder: Recorder,
  request: string,
  discoveries: ReadonlyArray<Discovery>
) {
  let recorded = 0
  for (let start = 0; start < discoveries.length; start += together) {
    const some = discoveries.slice(start, start + together)
    const whole = yield* appendIfCurrent(recorder, `found ${request} ${start}`, some)
    if (whole) recorded += some.length
    else {
      const each = some.map((one) => appendIfCurrent(recorder, `found ${request} ${one.stream}`, [one]))
      recorded += (yield* Effect.all(each)).filter(Boolean).length
    }
  }
  return recorded
})

const appendIfCurrent = Effect.fnUntraced(function* (
  recorder: Recorder,
  key: string,
  discoveries: ReadonlyArray<Discovery>
): Effect.fn.Return<boolean, StoreError, EventLog | Sink> {
  const expectedVersions = new Map(discoveries.map(({ stream, version }) => [stream, version]))
  const result = yield* Effect.result(append(recorder, key, discoveries, expectedVersions))
  if (Result.isSuccess(result)) return true
  if (result.failure.reason._tag === "VersionConflict") return false
  return yield* result.failure
})

const append = Effect.fnUntraced(function* (
  { organization, run }: Recorder,
  key: string,
  entries: ReadonlyArray<Entry>,
  expectedVersions: ReadonlyMap<string, number> = new Map()
) {
  const log = yield* EventLog
  const { id } = yield* Sink
  const events = entries.map(({ event, stream }) => byActor(sinkStream(id), { event, stream }))
  yield* log.append(organization, { appendKey: uuidV5(run, key), events, expectedVersions, runId: run })
})

/** Without those whose key leads to somebody erased: an event about them would bring back what the erasure took. */
export const withoutErased = Effect.fnUntraced(function* (
  { organization }: Recorder,
  users: ReadonlyArray<ListedUser>
) {
  const log = yield* EventLog
  const streamOf = ({ employeeId }: ListedUser) =>
    employeeId === undefined ? "" : employeeStream(organization, employeeId)
  const histories = yield* log.streams(organization, users.map(streamOf).filter(Boolean))
  const erased = new Set(
    [...histories].flatMap(([stream, events]) => (reduce(stream, events).erased === undefined ? [] : [stream]))
  )
  return erased.size === 0 ? users : users.filter((user) => !erased.has(streamOf(user)))
})

/** Each of them once, however often they are seen. */
export const recordRemote = Effect.fnUntraced(function* (
  recorder: Recorder,
  request: string,
  users: ReadonlyArray<ListedUser>
) {
  const log = yield* EventLog
  const { id: sink } = yield* Sink
  const { organization } = recorder
  const named = users.flatMap(({ employeeId, userId }) => {
    const name = userId ?? employeeId
    if (name === undefined) return []
    const stream = `remote:${employeeUuid(organization, `${sink} ${name}`)}`
    const event = { type: "RemoteUserFound", sink, request, userId: name } as const
    return [{ stream, event: { ...event, ...(employeeId === undefined ? {} : { employeeId }) } }]
  })
  const told = yield* log.streams(
    organization,
    named.map(({ stream }) => stream)
  )
  const entries = named.filter(({ stream }) => !told.has(stream))
  for (let start = 0; start < entries.length; start += together) {
    yield* append(recorder, `remote ${request} ${start}`, entries.slice(start, start + together))
  }
})

export const recordVerification = Effect.fnUntraced(function* (
  recorder: Recorder,
  { request, whole }: Pick<Listing, "request" | "whole">,
  counts: VerificationCounts
) {
  const { id: sink } = yield* Sink
  const event = { type: "VerificationCompleted", sink, request, run: recorder.run, whole, counts } as const
  yield* append(recorder, `verified ${request}`, [{ stream: sinkStream(sink), event }])
})
