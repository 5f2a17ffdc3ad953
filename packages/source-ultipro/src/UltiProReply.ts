/**
 * Reads what came back from UltiPro: rows, nothing found, a fault to be waited out, or the reason why a run ends.
 *
 * Pure; called by `UltiProClient` for every answer. Bodies are never quoted, not even the messages of JSON.parse, which
 * quote them: what is refused may hold anybody's SSN.
 */
import { AuthRefused, Malformed, type SourceError, Truncated } from "@rollcall/core/contract/Source"
import { sha256 } from "@rollcall/core/domain/Digest"
import { DateTime, Option, Schema } from "effect"

import { type Endpoint, permissionMissing } from "./UltiProEndpoint.ts"

/** A response as it came, its body read whole. */
export interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}

/** One page of a list. */
export interface Rows<Row> {
  readonly _tag: "Rows"
  readonly rows: ReadonlyArray<Row>
  /** The Link header, where there was one. */
  readonly link: string | undefined
  /** SHA-256 of the body, to know the same page again by. */
  readonly digest: string
}

/** 404. Whether that is an answer or a fault depends on what was asked. */
export interface NotFound {
  readonly _tag: "NotFound"
}

export type Reply<Row> = Rows<Row> | NotFound

/** A request without an answer that can be used: try again, not before `retryAfterMillis` if the server gave one. */
export class UltiProFault extends Schema.TaggedError<UltiProFault>()("UltiProFault", {
  status: Schema.optionalKey(Schema.Int),
  problem: Schema.String,
  retryAfterMillis: Schema.optionalKey(Schema.Finite)
}) {}

export type Reason = SourceError["reason"]

const asksForPatience = (status: number): boolean => status === 408 || status === 429 || status >= 500

/** `locator` says what was asked, `now` (milliseconds since 1970) gives a Retry-After date its distance. */
export const readReply = <Row>(
  received: Received,
  endpoint: Endpoint<Row>,
  locator: string,
  now: number
): Reply<Row> | UltiProFault | Reason => {
  const { headers, status } = received
  if (status === 200) return readRows(received, endpoint, locator)
  if (status === 404) return { _tag: "NotFound" }
  if (status === 401) return credentialsRefused(received.text)
  if (status === 403) return permissionMissing([endpoint])
  if (!asksForPatience(status)) return undocumented(status, endpoint, locator)
  const retryAfterMillis = readRetryAfter(headers["retry-after"], now)
  const problem = `UltiPro answered ${status} to ${endpoint.name}.`
  return new UltiProFault({ status, problem, ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }) })
}

const account = "System Configuration > Security > Service Account Administration"
const webServices = "System Configuration > Security > Web Services"

/** Which credential a refusal speaks of, by its words; what they are is not documented, so there is one for none. */
const refusedCredentials: ReadonlyArray<readonly [RegExp, string, string]> = [
  [
    /customer.?api.?key/i,
    "the customer API key",
    `Compare \`customerApiKey\` with ${webServices}: it is the customer's key, not the one of the service account.`
  ],
  [/user.?api.?key/i, "the user API key", `Compare \`userApiKey\` with the service account under ${account}.`],
  [
    /user.?name|password/i,
    "user name or password",
    `Compare \`username\` and \`password\` with the service account under ${account}: it is not a login of a person.`
  ],
  [
    /(?:)/,
    "the credentials",
    `Compare user name and password with the service account under ${account}, the customer API key with ${webServices}, and the root URL with the address on that page: it is not the address people log in at.`
  ]
]

const credentialsRefused = (text: string): AuthRefused => {
  const [, what, remedy] = refusedCredentials.find(([words]) => words.test(text)) ?? ["", "the credentials", ""]
  return new AuthRefused({
    problem: `UltiPro refuses ${what} (401).`,
    remedy: `${remedy} Then run \`rollcall check\`.`
  })
}

const rootUrlRemedy =
  "Compare `rootUrl` with the address under System Configuration > Security > Web Services: something else may answer there, such as the address people log in at."

const undocumented = (status: number, { name }: Endpoint<unknown>, locator: string): Malformed => {
  if (status === 400) {
    return new Malformed({
      locator,
      problem: `UltiPro does not understand the request for ${name} (400).`,
      remedy: "Set `pageSize` lower, in case this server allows no page as large as that."
    })
  }
  const what = status >= 300 && status < 400 ? "with a redirect, which is not followed" : "in no documented way"
  return new Malformed({
    locator,
    problem: `UltiPro answered ${name} ${what} (${status}).`,
    remedy: rootUrlRemedy
  })
}

/** The body as rows that are cut down at once: nothing else of it leaves this function. */
const readRows = <Row>(
  { headers, text }: Received,
  endpoint: Endpoint<Row>,
  locator: string
): Rows<Row> | Malformed | Truncated => {
  const body = parse(text)
  if (!Array.isArray(body)) return notRows(body, text, endpoint, locator)
  return { _tag: "Rows", rows: body.map(endpoint.read), link: headers["link"], digest: sha256(text) }
}

/** Undefined for what is no JSON. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text)
  } catch {
    return undefined
  }
}

const byteOrderMark = 0xfeff

const notRows = (body: unknown, text: string, { name }: Endpoint<unknown>, locator: string): Malformed | Truncated => {
  const begin = text.trimStart().slice(0, 2)
  if (body === undefined && /^\uFEFF?\[/.test(begin) && !text.trimEnd().endsWith("]")) {
    return new Truncated({
      locator,
      problem: `What UltiPro sent for ${name} breaks off.`,
      remedy: "Run again; if it breaks off each time, set `pageSize` lower."
    })
  }
  const what = begin.startsWith("<") ? "a web page" : body === undefined ? "something that is not JSON" : "no list"
  return new Malformed({ locator, problem: `UltiPro sent ${what} for ${name}.`, remedy: rootUrlRemedy })
}

/**
 * RFC 9110, section 10.2.3: seconds, or an HTTP date. Milliseconds from now; undefined when it says neither.
 */
const readRetryAfter = (header: string | undefined, now: number): number | undefined => {
  const text = header?.trim() ?? ""
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = readHttpDate(text)
  return at === undefined ? undefined : Math.max(0, at - now)
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** IMF-fixdate, the one format that servers may send: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const readHttpDate = (text: string): number | undefined => {
  const match = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT$/.exec(text)
  if (match === null) return undefined
  const [, day, month, year, time] = match
  const number = months.indexOf(month ?? "") + 1
  if (number === 0) return undefined
  const made = DateTime.make(`${year}-${String(number).padStart(2, "0")}-${day}T${time}Z`)
  return Option.isSome(made) ? DateTime.toEpochMillis(made.value) : undefined
}
