/**
 * Records how a request ended and what it led to, and frees the lane: one transaction.
 *
 * Called for every request that is made to the sink, whatever it was for. A crash before this leaves the outcome unknown
 * and the request to be made again; the lane is then free when the request's deadline has passed.
 */
import { Clock, Effect } from "effect"

import { Lane, type Urgency, laneStream } from "../contract/Lane.ts"
import { type Answer, type Errand, Sink } from "../contract/Sink.ts"
import { uuidV5 } from "../domain/Digest.ts"
import type { NewEvent } from "../domain/Event.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import { endEvent } from "./Outcome.ts"

export interface Recorder {
  readonly organization: OrganizationId
  /** A UUID: the run that the requests belong to. */
  readonly run: string
  readonly configurationHash: string
  /** Default: `routine`. */
  readonly urgency?: Urgency
}

export type Entry = Pick<NewEvent, "stream" | "event">

export const sinkStream = (sink: string): string => `sink:${sink}`

/** `outcomes` are the events about people that the answer led to. */
export const recordAnswer = Effect.fnUntraced(function* (
  { configurationHash, organization, run }: Recorder,
  answer: Answer,
  outcomes: ReadonlyArray<Entry>
) {
  const lane = yield* Lane
  const { id: sink } = yield* Sink
  const { endedAt, ...ending } = answer.ending
  const endedMillisAgo = Math.max(0, Math.floor((yield* monotonicMillis) - endedAt))
  const entries = [
    { stream: laneStream(ending.grant.lane), event: endEvent(sink, answer, endedMillisAgo) },
    ...outcomes,
    ...ofSink(sink, answer, configurationHash)
  ]
  const appendKey = uuidV5(run, `answer ${answer.request}`)
  const events = entries.map((entry) => byActor(sinkStream(sink), entry, ending.grant.position))
  return yield* lane.release(organization, { ...ending, endedMillisAgo }, { appendKey, events, runId: run })
})

/** An errand whose requests concern nobody in particular, such as reading the sink's list. */
export const errandFor = (recorder: Recorder): Errand<RecordError, Lane | Sink> => ({
  organization: recorder.organization,
  run: recorder.run,
  urgency: recorder.urgency ?? "routine",
  report: (answer) => Effect.asVoid(recordAnswer(recorder, answer, []))
})

type RecordError = Effect.Error<ReturnType<typeof recordAnswer>>

/** What an answer says of the credentials and of arrays: it concerns the sink, not a person. */
const ofSink = (sink: string, answer: Answer, configurationHash: string): ReadonlyArray<Entry> => {
  const stream = sinkStream(sink)
  const { arraysRefused, credentialsRefused, request } = answer
  return [
    ...(credentialsRefused === true
      ? [{ stream, event: { type: "CredentialsRefused", sink, request, configurationHash } } as const]
      : []),
    ...(arraysRefused === true ? [{ stream, event: { type: "ArraysRefused", sink, configurationHash } } as const] : [])
  ]
}

/** `causation`: position of the event that led to it; what a request led to names its grant. */
export const byActor = (actor: string, entry: Entry, causation: number | null = null): NewEvent => ({
  ...entry,
  actor,
  effectiveOn: null,
  causation
})

/** Milliseconds on a clock that no adjustment turns back. */
const monotonicMillis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)
