/**
 * Reads what came back from Together: done, refused, the key refused, or a fault to be waited out.
 *
 * Pure; the table of response codes of the User API, and what to make of answers that are in no table.
 */
import { DateTime, Option, Schema } from "effect"

/** A request without an answer that can be used: try again, not before `retryAfterMillis` if the server gave one. */
export class TogetherFault extends Schema.TaggedError<TogetherFault>()("TogetherFault", {
  status: Schema.optionalKey(Schema.Int),
  problem: Schema.String,
  retryAfterMillis: Schema.optionalKey(Schema.Finite)
}) {}

/** Not in the documents at all, such as a redirect: going on would be guessing. */
export class TogetherMisread extends Schema.TaggedError<TogetherMisread>()("TogetherMisread", {
  status: Schema.Int,
  problem: Schema.String
}) {}

/** 401 or 403. */
export class TogetherKeyRefused extends Schema.TaggedError<TogetherKeyRefused>()("TogetherKeyRefused", {
  status: Schema.Int
}) {}

export type TogetherError = TogetherFault | TogetherMisread | TogetherKeyRefused

/** The server understood and answered: with success, or with a refusal of what was asked. */
export interface Reply {
  readonly status: number
  readonly accepted: boolean
  readonly text: string
  /** The Link header, where there was one. */
  readonly link?: string
}

/** A response as it came, its body read whole. */
export interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}

const refusals = new Set([400, 404, 409, 410, 413, 422])

/**
 * `now` (milliseconds since 1970) gives a Retry-After date its distance. A 207 (RFC 4918) is a success that has yet to say
 * something of each member: who cannot find that in it has misread it.
 */
export const readReply = (received: Received, now: number): Reply | TogetherError => {
  const { status } = received
  if (status === 200 || status === 201 || status === 204 || status === 207) return readSuccess(received)
  if (status === 401 || status === 403) return new TogetherKeyRefused({ status })
  if (refusals.has(status)) return readRefusal(received)
  if (status === 429 || status >= 500) {
    const retryAfterMillis = readRetryAfter(received.headers["retry-after"], now)
    const problem = `Together answered ${status}.`
    return new TogetherFault({ status, problem, ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }) })
  }
  return undocumented(status)
}

export const undocumented = (status: number): TogetherMisread =>
  new TogetherMisread({ status, problem: `Together answered ${status}, which its documents do not know.` })

/** A success whose body is no JSON comes from something between us and Together: nothing is known to have happened. */
const readSuccess = ({ status, headers, text }: Received): Reply | TogetherFault => {
  const link = headers["link"] === undefined ? {} : { link: headers["link"] }
  if (status === 204 || text.trim() === "") return { status, accepted: true, text: "", ...link }
  return isJson(text)
    ? { status, accepted: true, text, ...link }
    : new TogetherFault({ status, problem: `Together answered ${status} with a body that is not JSON.` })
}

/** A refusal in HTML is not Together's: a proxy or a firewall refuses the request, and says nothing of the people in it. */
const readRefusal = ({ status, text }: Received): Reply | TogetherMisread =>
  text.trimStart().startsWith("<")
    ? new TogetherMisread({ status, problem: `Something answered ${status} with a web page in place of Together.` })
    : { status, accepted: false, text }

/** A reply whose status has to speak for all of it. */
export const plain = (reply: Reply): Reply | TogetherMisread =>
  reply.status === 207 ? undocumented(reply.status) : reply

/** The vendor's words: enough of them to act on, for they are kept. */
export const wordsOf = (text: string): string => (text.length <= 1000 ? text : `${text.slice(0, 999).toWellFormed()}…`)

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * RFC 9110, section 10.2.3: seconds, or an HTTP date. Milliseconds from now; undefined when it says neither. More than
 * nine digits, over thirty years, are no wait that anybody meant.
 */
export const readRetryAfter = (header: string | undefined, now: number): number | undefined => {
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
  const iso = `${year}-${String(number).padStart(2, "0")}-${day}T${time}Z`
  const made = DateTime.make(iso)
  return Option.isSome(made) ? DateTime.toEpochMillis(made.value) : undefined
}
