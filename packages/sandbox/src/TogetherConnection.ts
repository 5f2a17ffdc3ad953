import type { IncomingMessage, ServerResponse } from "node:http"

/**
 * The raw side of one HTTP exchange on node:http: reads a body up to a limit, sends an answer, and carries out what no
 * orderly server does (cut JSON, a page instead of JSON, a reset connection).
 * Called by TogetherServer and TogetherControl. It knows no users and no rules, and it never decides which fault happens.
 */
import { DateTime, Effect, Option } from "effect"

import type { Fault } from "./TogetherFaults.ts"
import type { Answer, Body } from "./TogetherRoutes.ts"

/**
 * Reads to the end even when the limit is passed, so the client gets its 413 instead of a broken pipe. A client that goes
 * away in the middle leaves this effect waiting; its fiber is interrupted when the exchange closes.
 */
export const readBody = (request: IncomingMessage, limit: number): Effect.Effect<Body> =>
  Effect.callback((resume) => {
    const chunks: Array<Buffer> = []
    let size = 0
    request.on("data", (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
    })
    request.on("end", () => {
      const tooLarge = size > limit
      const json = tooLarge ? Option.none() : parsed(Buffer.concat(chunks).toString("utf8"))
      resume(Effect.succeed({ tooLarge, json }))
    })
  })

/** Sends an orderly answer. */
export const send = (response: ServerResponse, answer: Answer): void => {
  if (answer.body === undefined) {
    response.writeHead(answer.status, answer.headers).end()
    return
  }
  sendText(response, answer, "application/json", JSON.stringify(answer.body))
}

/** Sends an answer whose JSON stops in the middle; a 204 becomes a 200, for there must be something to cut. */
export const sendTruncated = (response: ServerResponse, answer: Answer): void => {
  const whole = JSON.stringify(answer.body ?? { received: 1 })
  const status = answer.status === 204 ? 200 : answer.status
  const half = whole.slice(0, Math.max(1, Math.floor(whole.length / 2)))
  sendText(response, { ...answer, status }, "application/json", half)
}

/** Sends what a proxy or a maintenance page would. */
export const sendPage = (response: ServerResponse): void =>
  sendText(
    response,
    { status: 200 },
    "text/html; charset=utf-8",
    "<!doctype html><html><head><title>Together</title></head><body><h1>We'll be back soon</h1></body></html>"
  )

/** Cuts the connection with a reset, without a word. */
export const reset = (request: IncomingMessage): void => {
  request.socket.resetAndDestroy()
}

/** The answer of a `status` fault, with Retry-After in the asked form. */
export const faultAnswer = (fault: Fault & { readonly kind: "status" }, wall: number): Answer => {
  const body = { error: fault.status === 429 ? "slow down your request rate" : "temporary service outage" }
  if (fault.retryAfter === undefined) return { status: fault.status, body }
  const retryAfter =
    fault.retryAfterForm === "http-date"
      ? httpDate(wall + fault.retryAfter * 1000)
      : String(Math.max(0, Math.ceil(fault.retryAfter)))
  return { status: fault.status, body, headers: { "retry-after": retryAfter } }
}

/** Milliseconds since 1970 as an HTTP-date, rounded up to the second. */
const httpDate = (millis: number): string =>
  DateTime.toDateUtc(DateTime.makeUnsafe(Math.ceil(millis / 1000) * 1000)).toUTCString()

const parsed = (text: string): Option.Option<unknown> => {
  try {
    return Option.some(JSON.parse(text))
  } catch {
    return Option.none()
  }
}

const sendText = (response: ServerResponse, answer: Answer, contentType: string, text: string): void => {
  response
    .writeHead(answer.status, {
      ...answer.headers,
      "content-type": contentType,
      "content-length": Buffer.byteLength(text)
    })
    .end(text)
}
