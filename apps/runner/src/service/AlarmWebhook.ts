/**
 * Tells a webhook of alarms: signed, one after the other, each until the receiver took it.
 *
 * Called by `Alarms` in a fiber of its own, so that a receiver that is down delays nobody. Never follows a redirect, and
 * never says where it posts or what it signs with: an address may hold a token.
 */
import { hmacSha256 } from "@rollcall/core/domain/Digest"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import type { Notice } from "@rollcall/core/sync/AlarmBook"
import { Clock, Data, Effect, Redacted, Schedule, Stream } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"

import type { WebhookConfig } from "../AlarmConfig.ts"

export const signatureHeader = "rollcall-signature"

/** The time is part of what is signed: a receiver can refuse what is older than it likes. */
export const sign = (secret: Redacted.Redacted, seconds: number, body: string): string =>
  `t=${seconds},v1=${hmacSha256(Redacted.value(secret), `${seconds}.${body}`)}`

/** Why a try came to nothing. */
class NotTaken extends Data.TaggedError("NotTaken")<{ readonly why: string }> {}

/** For one try, from the connection to the answer's status. */
const patience = "10 seconds"

const again = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced("5 minutes")]).pipe(Schedule.jittered)

/** Ends when the receiver took it. */
export const deliver = Effect.fn("AlarmWebhook.deliver")(function* (
  { secret, url }: WebhookConfig,
  organization: OrganizationId,
  notice: Notice
) {
  const { alarm, at, id, key, problem, remedy, since, state } = notice
  const body = JSON.stringify({ id, organization, alarm, key, state, at, problem, remedy, since })
  let tries = 0
  const complain = ({ why }: NotTaken) =>
    tries++ === 0
      ? Effect.logWarning(
          `The webhook of ${organization} did not take an alarm (${why}); it is sent again until it does.`
        )
      : Effect.void
  yield* post(url, secret, body).pipe(Effect.tapError(complain), Effect.retry(again), Effect.orDie)
  if (tries > 0) yield* Effect.logInfo(`The webhook of ${organization} took the alarm after ${tries + 1} tries.`)
})

const post = Effect.fnUntraced(
  function* (url: string, secret: Redacted.Redacted, body: string) {
    const http = yield* HttpClient.HttpClient
    const seconds = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const request = HttpClientRequest.post(url).pipe(
      HttpClientRequest.bodyText(body, "application/json"),
      HttpClientRequest.setHeader(signatureHeader, sign(secret, seconds, body))
    )
    const { status, stream } = yield* http.execute(request)
    if (status < 200 || status > 299) return yield* new NotTaken({ why: `it answered ${status}` })
    // What it says with it is of no interest, but an unread answer holds the connection.
    yield* Effect.ignore(Stream.runDrain(Stream.take(stream, 1)))
  },
  Effect.provideService(HttpClient.TracerPropagationEnabled, false),
  Effect.timeout(patience),
  Effect.catchTag("TimeoutError", () => Effect.fail(new NotTaken({ why: "no answer within 10 seconds" }))),
  Effect.catchTag("HttpClientError", () => Effect.fail(new NotTaken({ why: "it cannot be reached" })))
)
