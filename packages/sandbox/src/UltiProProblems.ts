/**
 * What goes back when nothing else does: UKG's error body {title, type, detail, errorCount, errors, code, message,
 * modelstate}, and the refusals that every operation shares.
 * Called by the routes and by UltiProServer for faults. Values only.
 */
import { DateTime } from "effect"

import type { Fault } from "./UltiProFaults.ts"
import type { UltiProScope, UltiProSettings } from "./UltiProSettings.ts"

/** What goes back over the wire. */
export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: { readonly [name: string]: string }
}

/** An answer in UKG's error shape. */
export const problem = (status: number, detail: string, headers?: Answer["headers"]): Answer => ({
  status,
  body: {
    title: titles[status] ?? "Error",
    type: `https://httpstatuses.com/${status}`,
    detail,
    errorCount: 1,
    errors: [{ message: detail }],
    code: String(status),
    message: detail,
    modelstate: null
  },
  ...(headers === undefined ? {} : { headers })
})

/** The account lacks a permission; the answer names it. */
export const forbidden = (scope: UltiProScope): Answer =>
  problem(403, `The web service account has no View permission for "${scope}".`)

/** Why these headers do not sign anybody in, each reason in a body of its own; undefined when they do. */
export const unauthorized = (
  header: (name: string) => string | undefined,
  { credentials, userApiKeyHeader }: Pick<UltiProSettings, "credentials" | "userApiKeyHeader">
): Answer | undefined => {
  const { customerApiKey, password, userApiKey, username } = credentials
  const authorization = header("authorization")
  const customerKey = header("us-customer-api-key")
  const challenge = { "www-authenticate": 'Basic realm="UltiPro"' }
  if (authorization === undefined) return problem(401, "Authorization has been denied for this request.", challenge)
  if (basicOf(authorization) !== `${username}:${password}`)
    return problem(401, "Invalid username or password.", challenge)
  if (customerKey === undefined) return problem(401, "The US-Customer-Api-Key header is missing.")
  if (customerKey !== customerApiKey) return problem(401, "The customer API key is not valid.")
  const userKey = userApiKeyHeader === undefined ? userApiKey : header(userApiKeyHeader.toLowerCase())
  return userKey === userApiKey ? undefined : problem(401, "The user API key is missing or not valid.")
}

/** The answer of a `status` fault, with Retry-After in the asked form. */
export const faultAnswer = (fault: Fault & { readonly kind: "status" }, wall: number): Answer => {
  const { retryAfter, retryAfterForm, status } = fault
  const detail = status === 429 ? "API calls quota exceeded." : "Injected by the sandbox."
  if (retryAfter === undefined) return problem(status, detail)
  const seconds = Math.max(0, Math.ceil(retryAfter))
  return problem(status, detail, {
    "retry-after": retryAfterForm === "http-date" ? httpDate(wall + seconds * 1000) : String(seconds)
  })
}

/** Milliseconds since 1970 as an HTTP-date, rounded up to the second. */
const httpDate = (millis: number): string =>
  DateTime.toDateUtc(DateTime.makeUnsafe(Math.ceil(millis / 1000) * 1000)).toUTCString()

const basicOf = (authorization: string): string | undefined => {
  const [, encoded] = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? []
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8")
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable"
}
