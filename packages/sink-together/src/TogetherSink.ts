/**
 * The sink: Together as the engine sees it.
 *
 * Composes client, lane, schedule and batches into core's `Sink`. Every request that was made is reported, also the ones
 * that came to nothing; after the vendor's faults have lasted longer than the configured patience, the run stops with
 * everything that was answered already recorded.
 */
import {
  CredentialsRejected,
  type Answer,
  Sink,
  SinkError,
  SinkMisread,
  SinkUnavailable,
  type Upsert
} from "@rollcall/core/contract/Sink"
import { Duration, Effect, Layer, Schedule, Schema } from "effect"
import type { HttpClient } from "effect/http"

import { settle } from "./TogetherBatch.ts"
import { TogetherClient } from "./TogetherClient.ts"
import { type TogetherConfig, defaultBatchSize, defaultPatienceMinutes } from "./TogetherConfig.ts"
import { TogetherLane } from "./TogetherLane.ts"
import { type Reply, type TogetherError, TogetherFault, TogetherKeyRefused, TogetherMisread } from "./TogetherReply.ts"
import { backoff, pace } from "./TogetherSchedule.ts"

export const layer = (config: TogetherConfig): Layer.Layer<Sink, never, HttpClient.HttpClient> =>
  Layer.effect(Sink, make(config)).pipe(Layer.provide(TogetherClient.layer(config)), Layer.provide(TogetherLane.layer))

const make = Effect.fnUntraced(function* (config: TogetherConfig) {
  const client = yield* TogetherClient
  const patience = Duration.minutes(config.patienceMinutes ?? defaultPatienceMinutes)

  const ask = <E, R>(upserts: ReadonlyArray<Upsert>, report: (answer: Answer) => Effect.Effect<void, E, R>) => {
    let request = newRequest()
    const defer = (fault: TogetherFault, waitMillis: number) => {
      const status = fault.status === undefined ? {} : { status: fault.status }
      const failed = { request, members: upserts.length, ...status, verdicts: [] }
      request = newRequest()
      return report({ ...failed, deferral: { reason: fault.problem, waitMillis } })
    }
    return Effect.map(patiently(client.upsert(upserts), patience, defer), (reply) => ({ request, reply }))
  }

  return Sink.of({
    id: "together",
    batchSize: config.batchSize ?? defaultBatchSize,
    requestMillis: Duration.toMillis(pace),
    check: patiently(client.list, Duration.zero, () => Effect.void).pipe(Effect.flatMap(readList)),
    apply: (upserts, report) => Effect.asVoid(settle(upserts, (members) => ask(members, report), report))
  })
})

/** Names a request in the log; unique over runs and processes. */
const newRequest = (): string => globalThis.crypto.randomUUID()

/** The same request again after each fault, for as long as the schedule says so. */
const patiently = <E, R>(
  request: Effect.Effect<Reply, TogetherError>,
  patience: Duration.Duration,
  onFault: (fault: TogetherFault, waitMillis: number) => Effect.Effect<void, E, R>
): Effect.Effect<Reply, SinkError | E, R> =>
  request.pipe(
    Effect.retry(
      backoff(patience).pipe(
        Schedule.tap(({ duration, input }) =>
          input._tag === "TogetherFault" ? onFault(input, Math.ceil(Duration.toMillis(duration))) : Effect.void
        )
      )
    ),
    Effect.tapError((error) => (isTogetherFault(error) ? onFault(error, leastWait(error)) : Effect.void)),
    Effect.mapError((error) => (isTogetherError(error) ? sinkError(error, patience) : error))
  )

/** After the last attempt, whoever makes the next one: the pace, or what the server asked for. */
const leastWait = ({ retryAfterMillis }: TogetherFault): number =>
  Math.max(Duration.toMillis(pace), retryAfterMillis ?? 0)

const isTogetherFault = Schema.is(TogetherFault)

const isTogetherError = Schema.is(Schema.Union([TogetherFault, TogetherMisread, TogetherKeyRefused]))

const sinkError = (error: TogetherError, patience: Duration.Duration): SinkError => {
  switch (error._tag) {
    case "TogetherKeyRefused":
      return new SinkError({
        reason: new CredentialsRejected({
          problem: `Together refuses the credentials (${error.status}).`,
          remedy:
            "Nothing more is sent with them. Compare organization id, client id and API key with Together's page Integrations > API Keys, or ask support@togetherplatform.com; then run `rollcall check`."
        })
      })
    case "TogetherMisread":
      return new SinkError({
        reason: new SinkMisread({
          problem: error.problem,
          remedy: "Check `together.baseUrl` in the configuration: something else may answer there."
        })
      })
    case "TogetherFault":
      return new SinkError({
        reason: new SinkUnavailable({
          problem: `${error.problem}${lasted(error, patience)}`,
          remedy: "What was answered is recorded; run `rollcall sync` again later and it goes on from there."
        })
      })
  }
}

const lasted = ({ retryAfterMillis }: TogetherFault, patience: Duration.Duration): string => {
  if (Duration.isZero(patience)) return ""
  return retryAfterMillis !== undefined && retryAfterMillis >= Duration.toMillis(patience)
    ? ` It asks for ${Duration.format(Duration.millis(retryAfterMillis))} of quiet, longer than the ${Duration.format(patience)} this run may wait.`
    : ` It went on for longer than ${Duration.format(patience)}.`
}

/** The list is documented without a shape: a bare array, or an envelope with an array in it. */
const readList = ({ accepted, status, text }: Reply) => {
  if (!accepted)
    return Effect.fail(
      sinkError(
        new TogetherMisread({ status, problem: `Together answered the list of users with ${status}.` }),
        Duration.zero
      )
    )
  const body: unknown = text === "" ? [] : JSON.parse(text)
  const arrays = Array.isArray(body) ? [body] : Object.values(body ?? {}).filter(Array.isArray)
  return Effect.succeed({
    summary: `credentials accepted; ${arrays[0]?.length ?? 0} users in the answer to the list`,
    findings: []
  })
}
