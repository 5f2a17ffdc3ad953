/**
 * The four operations of Together's User API over HTTP, each through the lane.
 *
 * Called by `TogetherSink`. Makes exactly one request a call: waiting out faults is the caller's, for the caller records
 * them. Never follows a redirect, for the key would go along.
 */
import type { EmployeeId } from "@rollcall/core/domain/Employee"
import type { Fields } from "@rollcall/core/domain/Field"
import { Clock, Context, Duration, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest } from "effect/http"

import { type TogetherConfig, defaultBaseUrl, defaultTimeoutSeconds } from "./TogetherConfig.ts"
import { TogetherLane } from "./TogetherLane.ts"
import { type Reply, type TogetherError, TogetherFault, TogetherMisread, readReply } from "./TogetherReply.ts"
import { toWire } from "./TogetherWire.ts"

/** One person of a request. */
export interface Member {
  readonly employeeId: EmployeeId
  readonly fields: Fields
}

export class TogetherClient extends Context.Service<
  TogetherClient,
  {
    /** `POST /public/user`: one person as an object, several as an array. */
    readonly upsert: (members: ReadonlyArray<Member>) => Effect.Effect<Reply, TogetherError>
    /** `GET /public/user`. */
    readonly list: Effect.Effect<Reply, TogetherError>
    /** `GET /public/user/:userId`, by Together's own id. */
    readonly get: (userId: string) => Effect.Effect<Reply, TogetherError>
    /** `POST /public/user/:userId`: ties the entry to the key and patches it. */
    readonly update: (userId: string, member: Member) => Effect.Effect<Reply, TogetherError>
  }
>()("@rollcall/sink-together/TogetherClient") {
  static readonly layer = (
    config: TogetherConfig
  ): Layer.Layer<TogetherClient, never, HttpClient.HttpClient | TogetherLane> =>
    Layer.effect(TogetherClient, make(config))
}

const make = Effect.fnUntraced(function* (config: TogetherConfig) {
  const http = yield* HttpClient.HttpClient
  const lane = yield* TogetherLane
  const base = (config.baseUrl ?? defaultBaseUrl).replace(/\/+$/, "")
  const timeout = Duration.seconds(config.timeoutSeconds ?? defaultTimeoutSeconds)

  const headers = {
    "organization-id": Redacted.value(config.organizationId),
    "client-id": Redacted.value(config.clientId),
    "api-key": Redacted.value(config.apiKey),
    "content-type": "application/json",
    accept: "application/json"
  }

  const exchange = Effect.fnUntraced(
    function* (request: HttpClientRequest.HttpClientRequest) {
      const response = yield* http.execute(HttpClientRequest.setHeaders(request, headers))
      const text = yield* response.text
      return { status: response.status, headers: { ...response.headers }, text }
    },
    // Only fetch follows redirects by itself, and it would take the key along to another host.
    Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
    // The vendor documents its headers; ours for tracing are none of them.
    Effect.provideService(HttpClient.TracerPropagationEnabled, false),
    Effect.timeout(timeout),
    Effect.catchTag("TimeoutError", () => fault(`Together did not answer within ${Duration.format(timeout)}.`)),
    Effect.catchTag("HttpClientError", (error) => fault(`${base} cannot be reached: ${describe(error)}.`))
  )

  const call = (operation: string, request: HttpClientRequest.HttpClientRequest) =>
    lane.take(exchange(request)).pipe(
      Effect.zipWith(Clock.currentTimeMillis, readReply),
      Effect.flatMap((reply): Effect.Effect<Reply, TogetherError> =>
        "_tag" in reply ? Effect.fail(reply) : Effect.succeed(reply)
      ),
      Effect.withSpan(`Together.${operation}`)
    )

  const post = (path: string, body: unknown) =>
    HttpClientRequest.post(base + path).pipe(HttpClientRequest.bodyText(JSON.stringify(body), "application/json"))

  return TogetherClient.of({
    upsert: (members) => {
      const users = members.map(({ employeeId, fields }) => toWire(employeeId, fields))
      return call("upsert", post("/public/user", users.length === 1 ? users[0] : users)).pipe(
        // Not about the people: the address is wrong.
        Effect.filterOrFail(
          ({ status }) => status !== 404,
          ({ status }) => new TogetherMisread({ status, problem: `${base}/public/user is not there (404).` })
        )
      )
    },
    list: call("list", HttpClientRequest.get(`${base}/public/user`)),
    get: (userId) => call("get", HttpClientRequest.get(base + userPath(userId))),
    update: (userId, { employeeId, fields }) => call("update", post(userPath(userId), toWire(employeeId, fields)))
  })
})

const userPath = (userId: string): string => `/public/user/${encodeURIComponent(userId)}`

const fault = (problem: string) => Effect.fail(new TogetherFault({ problem }))

/** What went wrong on the way, without the request: its headers carry the key, its body people. */
const describe = (error: HttpClientError.HttpClientError): string => {
  const cause = "cause" in error.reason ? error.reason.cause : undefined
  const code = codeOf(cause)
  return code ?? (error.reason._tag === "TransportError" ? "the connection broke" : "the answer broke off")
}

const codeOf = (cause: unknown): string | undefined => {
  if (typeof cause !== "object" || cause === null) return undefined
  if ("code" in cause && typeof cause.code === "string") return cause.code
  return "cause" in cause ? codeOf(cause.cause) : undefined
}
