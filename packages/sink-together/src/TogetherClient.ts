/**
 * The operations of Together's API over HTTP: each makes exactly one request and hands back what came.
 *
 * Called through the lane alone, by what `TogetherBatch`, `TogetherList` and `TogetherPrograms` give to it. Never follows
 * a redirect, for the key would go along, and never says what a request carried.
 */
import type { Registration } from "@rollcall/core/contract/Sink"
import type { EmployeeId } from "@rollcall/core/domain/Employee"
import type { Fields } from "@rollcall/core/domain/Field"
import { Context, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest } from "effect/http"

import { type TogetherConfig, defaultBaseUrl } from "./TogetherConfig.ts"
import { linkMessage, type Message, registerMessage, upsertMessage } from "./TogetherMessage.ts"
import { type Received, TogetherFault } from "./TogetherReply.ts"

/** One person of a request. */
export interface Member {
  readonly employeeId: EmployeeId
  readonly fields: Fields
}

type Exchange = Effect.Effect<Received, TogetherFault>

export class TogetherClient extends Context.Service<
  TogetherClient,
  {
    /** `POST /public/user`: one person as an object, several as an array. */
    readonly upsert: (members: ReadonlyArray<Member>) => Exchange
    /** `POST /public/user/:userId`: ties the entry to the key and patches it. */
    readonly link: (userId: string, member: Member) => Exchange
    /** Where the list is. */
    readonly listUrl: string
    /** `GET /public/user`, or a further page of it. */
    readonly list: (url: string) => Exchange
    /** `POST /public/:organizationId/registerUser`. */
    readonly register: (registration: Registration) => Exchange
  }
>()("@rollcall/sink-together/TogetherClient") {
  static readonly layer = (config: TogetherConfig): Layer.Layer<TogetherClient, never, HttpClient.HttpClient> =>
    Layer.effect(TogetherClient, make(config))
}

const make = Effect.fnUntraced(function* (config: TogetherConfig) {
  const http = yield* HttpClient.HttpClient
  const base = (config.baseUrl ?? defaultBaseUrl).replace(/\/+$/, "")

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
    Effect.catchTag("HttpClientError", (error) =>
      Effect.fail(new TogetherFault({ problem: `${base} cannot be reached: ${describe(error)}.` }))
    )
  )

  const call = (operation: string, request: HttpClientRequest.HttpClientRequest): Exchange =>
    Effect.withSpan(exchange(request), `Together.${operation}`)

  const organization = encodeURIComponent(Redacted.value(config.organizationId))
  const post = ({ body, path }: Message) =>
    HttpClientRequest.post(base + path.replace(":organizationId", organization)).pipe(
      HttpClientRequest.bodyText(body, "application/json")
    )

  return TogetherClient.of({
    upsert: (members) => call("upsert", post(upsertMessage(members))),
    link: (userId, member) => call("link", post(linkMessage(userId, member))),
    listUrl: `${base}/public/user`,
    list: (url) => call("list", HttpClientRequest.get(url)),
    register: (registration) => call("register", post(registerMessage(registration)))
  })
})

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
