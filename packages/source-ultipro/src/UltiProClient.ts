/**
 * One request after another to UltiPro's REST API, each with patience: the only place that knows the credentials.
 *
 * Used by `UltiProPages` and for lists that have no pages. GET only, one at a time, within a time limit; faults are waited
 * out with a growing pause. Never follows a redirect, for the password would go along, and never says what came.
 */
import { RateLimited, SourceError, Unavailable } from "@rollcall/core/contract/Source"
import { Clock, Duration, Effect, Redacted, Schedule, Semaphore } from "effect"
import { FetchHttpClient, HttpClient, type HttpClientError, HttpClientRequest } from "effect/http"

import type { UltiProConfig } from "./UltiProConfig.ts"
import { type Endpoint, locatorOf } from "./UltiProEndpoint.ts"
import { readReply, type Reason, type Reply, UltiProFault } from "./UltiProReply.ts"

/** What to ask a list for. */
export interface Ask {
  /** Named in locators; lists that have no pages are asked without. */
  readonly page?: number
  readonly query?: Readonly<Record<string, string>>
  /** The address of a further page, as the server gave it: on our own origin, which the caller has seen to. */
  readonly url?: string
}

export interface UltiProClient {
  readonly origin: string
  readonly get: <Row>(endpoint: Endpoint<Row>, ask: Ask) => Effect.Effect<Reply<Row>, SourceError>
  /** The source's error for a reason. */
  readonly failure: (reason: Reason) => SourceError
}

/** Makes the client of one source; `source` is its name in the configuration. */
export const makeClient = Effect.fnUntraced(function* (config: UltiProConfig, source: string) {
  const http = yield* HttpClient.HttpClient
  const single = yield* Semaphore.make(1)
  const headers = headersOf(config)
  const failure = (reason: Reason): SourceError => new SourceError({ source, reason })

  const exchange = Effect.fnUntraced(
    function* (url: string, name: string) {
      const request = HttpClientRequest.get(url).pipe(HttpClientRequest.setHeaders(headers))
      const response = yield* http.execute(request)
      const text = yield* response.text
      return { status: response.status, headers: { ...response.headers }, text, name }
    },
    // Only fetch follows redirects by itself, and it would take the credentials along to another host.
    Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
    Effect.provideService(HttpClient.TracerPropagationEnabled, false),
    Effect.catchTag("HttpClientError", (error) =>
      Effect.fail(new UltiProFault({ problem: `${config.rootUrl} cannot be reached: ${describe(error)}.` }))
    ),
    (effect, _, name) =>
      Effect.timeoutOrElse(effect, {
        duration: Duration.seconds(config.timeoutSeconds),
        orElse: () =>
          Effect.fail(
            new UltiProFault({ problem: `UltiPro did not answer ${name} within ${config.timeoutSeconds} seconds.` })
          )
      }),
    single.withPermits(1)
  )

  const get = <Row>(endpoint: Endpoint<Row>, ask: Ask): Effect.Effect<Reply<Row>, SourceError> =>
    Effect.gen(function* () {
      const received = yield* exchange(ask.url ?? urlOf(config.rootUrl, endpoint, ask), endpoint.name)
      const now = yield* Clock.currentTimeMillis
      const read = readReply(received, endpoint, locatorOf(endpoint.name, ask.page), now)
      if (read._tag === "Rows" || read._tag === "NotFound") return read
      return yield* read._tag === "UltiProFault" ? Effect.fail(read) : Effect.fail(failure(read))
    }).pipe(
      Effect.retry({
        schedule: patience(Duration.minutes(config.patienceMinutes)),
        while: (error) => error._tag === "UltiProFault"
      }),
      Effect.catchTag("UltiProFault", (fault) => Effect.fail(failure(gaveUp(fault, config.patienceMinutes)))),
      Effect.withSpan("UltiPro.get", { attributes: { list: endpoint.name, page: ask.page } })
    )

  const client: UltiProClient = { origin: config.rootUrl, get, failure }
  return client
})

const headersOf = (config: UltiProConfig): Record<string, string> => {
  const account = `${Redacted.value(config.username)}:${Redacted.value(config.password)}`
  const { userApiKey, userApiKeyHeader } = config
  return {
    authorization: `Basic ${Buffer.from(account, "utf8").toString("base64")}`,
    "us-customer-api-key": Redacted.value(config.customerApiKey),
    accept: "application/json",
    ...(userApiKeyHeader === undefined || userApiKey === undefined
      ? {}
      : { [userApiKeyHeader.toLowerCase()]: Redacted.value(userApiKey) })
  }
}

const urlOf = (origin: string, { path }: Endpoint<unknown>, { query }: Ask): string => {
  const text = new URLSearchParams(query).toString()
  return `${origin}${path}${text === "" ? "" : `?${text}`}`
}

const longest = Duration.minutes(1)

/** 1 s, 2 s, 4 s ... up to a minute, each give or take a fifth ("Exponential backoff": UKG, API rate limiting). */
const backoff = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced(longest)]).pipe(Schedule.jittered)

/**
 * The backoff, never shorter than Retry-After, for as long as patience lasts from the first fault on. It fails with the last
 * fault instead of waiting beyond that.
 */
const patience = (limit: Duration.Duration) =>
  backoff.pipe(
    Schedule.setInputType<UltiProFault | SourceError>(),
    Schedule.modifyDelay(({ duration, elapsed, input }) => {
      if (input._tag !== "UltiProFault") return Effect.succeed(duration)
      const wait = Duration.max(duration, Duration.millis(input.retryAfterMillis ?? 0))
      return elapsed + Duration.toMillis(wait) > Duration.toMillis(limit) ? Effect.fail(input) : Effect.succeed(wait)
    })
  )

const gaveUp = ({ problem, retryAfterMillis, status }: UltiProFault, minutes: number): RateLimited | Unavailable => {
  const tried = `It was tried for ${minutes} minute${minutes === 1 ? "" : "s"}.`
  if (status === 429) {
    return new RateLimited({
      problem: `${problem} ${tried}`,
      remedy: "Other programs may use up the tenant's quota: run again later, or set `patienceMinutes` higher.",
      ...(retryAfterMillis === undefined ? {} : { retryAfter: Math.ceil(retryAfterMillis / 1000) })
    })
  }
  return new Unavailable({
    problem: `${problem} ${tried}`,
    remedy:
      status === undefined
        ? "See whether `rootUrl` is the address of the web services and can be reached from here, then run again."
        : "Run again later; nothing was concluded from what is missing."
  })
}

/** What went wrong on the way, without the request: its headers carry the password. */
const describe = (error: HttpClientError.HttpClientError): string => {
  const code = codeOf("cause" in error.reason ? error.reason.cause : undefined)
  return code ?? (error.reason._tag === "TransportError" ? "the connection broke" : "the answer broke off")
}

const codeOf = (cause: unknown): string | undefined => {
  if (typeof cause !== "object" || cause === null) return undefined
  if ("code" in cause && typeof cause.code === "string") return cause.code
  return "cause" in cause ? codeOf(cause.cause) : undefined
}
