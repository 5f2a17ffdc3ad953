/**
 * Why nothing more can be sent, as the engine's `SinkError`: what is wrong, and what to do about it.
 *
 * Called by `TogetherLane`. Nothing of a request is in here: its headers carry the key, its body people.
 */
import { CredentialsRejected, SinkError, SinkMisread, SinkUnavailable } from "@rollcall/core/contract/Sink"
import { DateTime, Duration } from "effect"

import type { TogetherFault, TogetherKeyRefused, TogetherMisread } from "./TogetherReply.ts"

const credentialsRemedy =
  "Nothing more is sent with them. Compare organization id, client id and API key with Together's page Integrations > API Keys, or ask support@togetherplatform.com; correct the credentials, then run `rollcall check`."

export const keyRefused = ({ status }: TogetherKeyRefused): SinkError =>
  new SinkError({
    reason: new CredentialsRejected({
      problem: `Together refuses the credentials (${status}).`,
      remedy: credentialsRemedy
    })
  })

/** Known from an earlier request, perhaps of another process. */
export const circuitOpen = ({ since, reason }: { readonly since: string; readonly reason: string }): SinkError =>
  new SinkError({
    reason: new CredentialsRejected({
      problem: `Together has refused these credentials since ${since}: ${reason}`,
      remedy: credentialsRemedy
    })
  })

export const misread = ({ problem }: TogetherMisread): SinkError =>
  new SinkError({
    reason: new SinkMisread({
      problem,
      remedy: "Check `together.baseUrl` in the configuration: something else may answer there."
    })
  })

/** A wait that began at `now` (milliseconds since 1970) is longer than patience allows. */
export const unavailable = (
  fault: TogetherFault | undefined,
  now: number,
  waitMillis: number,
  patience: Duration.Duration
): SinkError => {
  const until = DateTime.formatIso(DateTime.makeUnsafe(now + waitMillis))
  const who = fault?.retryAfterMillis === undefined ? "The backoff" : "Together"
  const longer = Duration.isZero(patience) ? "" : `, longer than the ${Duration.format(patience)} it may be waited for`
  return new SinkError({
    reason: new SinkUnavailable({
      problem: `${fault?.problem ?? "Requests before this one had no answer."} ${who} asks for quiet until ${until}${longer}.`,
      remedy: "What was answered is recorded; run `rollcall sync` again after that time and it goes on from there."
    })
  })
}
