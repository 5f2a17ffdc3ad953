/**
 * `/healthz`, `/readyz` and `/metrics`, in front of everything else that is served.
 *
 * They answer from the first moment, without a token, and hold nothing of anybody. What is behind them is answered with
 * 503 until there is something. A liveness check that looked at the database would restart a service that only waits for
 * it: `/healthz` says that the process answers, and no more.
 */
import { Effect, Ref, type Scope } from "effect"
import { HttpServerRequest, HttpServerResponse, ProblemDetails } from "effect/http"
import { PrometheusMetrics } from "effect/observability"

import type { Check, Readiness } from "./Readiness.ts"

export type App = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  never,
  HttpServerRequest.HttpServerRequest | Scope.Scope
>

export interface Endpoints {
  readonly app: App
  /** What is served behind them from here on. */
  readonly open: (app: App) => Effect.Effect<void>
}

interface Options {
  readonly readiness: Readiness
  /** Brings up to date what is not read when it is asked for. */
  readonly refresh: Effect.Effect<void>
}

export const makeEndpoints = Effect.fnUntraced(function* ({ readiness, refresh }: Options) {
  const behind = yield* Ref.make<App>(Effect.succeed(notYet))
  const answers: Readonly<Record<string, Effect.Effect<HttpServerResponse.HttpServerResponse>>> = {
    "/healthz": Effect.succeed(HttpServerResponse.jsonUnsafe({ status: "alive" })),
    "/readyz": Effect.map(readiness.checks, readinessResponse),
    "/metrics": Effect.map(Effect.andThen(refresh, PrometheusMetrics.format()), exposition)
  }
  const app = Effect.gen(function* () {
    const { method, url } = yield* HttpServerRequest.HttpServerRequest
    const path = url.split("?", 1)[0] ?? ""
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined
    if (answer === undefined) return yield* yield* Ref.get(behind)
    return method === "GET" || method === "HEAD"
      ? HttpServerResponse.setHeader(yield* answer, "cache-control", "no-store")
      : notAllowed
  })
  const endpoints: Endpoints = { app, open: (opened) => Ref.set(behind, opened) }
  return endpoints
})

const problem = (status: number, title: string, detail: string, more: object = {}) =>
  ProblemDetails.toResponse({ type: ProblemDetails.blankType, title, status, detail, ...more })

const notYet = HttpServerResponse.setHeader(
  problem(503, "Service Unavailable", "The service is starting. /readyz says what it waits for."),
  "retry-after",
  "5"
)

const notAllowed = HttpServerResponse.setHeader(
  problem(405, "Method Not Allowed", "This path has GET, HEAD."),
  "allow",
  "GET, HEAD"
)

const readinessResponse = (checks: ReadonlyArray<Check>): HttpServerResponse.HttpServerResponse => {
  const waiting = checks.filter(({ ready }) => !ready)
  if (waiting.length === 0) return HttpServerResponse.jsonUnsafe({ status: "ready", checks })
  const names = waiting.map(({ name, organization }) => (organization === undefined ? name : `${name} ${organization}`))
  return problem(503, "Service Unavailable", `Not ready: ${names.join(", ")}.`, { checks })
}

const exposition = (text: string) =>
  HttpServerResponse.text(text, { contentType: "text/plain; version=0.0.4; charset=utf-8" })
