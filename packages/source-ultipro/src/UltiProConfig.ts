/**
 * UltiPro's part of the configuration: where the tenant is, whose account reads it, and how its codes are to be read.
 *
 * The engine decodes it before `UltiProSource` opens anything. Secrets are Redacted from then on, and no message about
 * a setting repeats what it holds. What a tenant decides for itself (department level, remote sites) is never guessed.
 */
import { type EmployeeStatus, statuses } from "@rollcall/core/domain/Field"
import { Effect, Schema, SchemaGetter } from "effect"

const isLocal = (host: string): boolean => ["127.0.0.1", "localhost", "[::1]"].includes(host)

const withScheme = (text: string): string => {
  const address = text.trim()
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`
}

const isRootUrl = (text: string): boolean => {
  if (text.trim() === "" || !URL.canParse(withScheme(text))) return false
  const { hostname, password, protocol, username } = new URL(withScheme(text))
  return (protocol === "https:" || protocol === "http:") && hostname !== "" && username === "" && password === ""
}

/** Only the origin counts, and it is https however it was pasted, but for a server on this machine. */
const originOf = (text: string): string => {
  if (!isRootUrl(text)) return text
  const url = new URL(withScheme(text))
  if (isLocal(url.hostname) && /^\s*http:/i.test(text)) return url.origin
  url.protocol = "https:"
  return url.origin
}

const RootUrl = Schema.String.annotate({ message: "The root URL is a text, such as https://service4.ultipro.com." })
  .check(
    Schema.makeFilter(
      (text: string) =>
        isRootUrl(text) || "The root URL is the address of the web services, such as https://service4.ultipro.com."
    )
  )
  .pipe(
    Schema.decodeTo(Schema.String, {
      decode: SchemaGetter.transform(originOf),
      encode: SchemaGetter.transform((origin: string) => origin)
    })
  )

const secret = (what: string, isFit: (text: string) => boolean, why: string) =>
  Schema.RedactedFromValue(
    Schema.String.annotate({ message: `${what} is a text.` }).check(
      Schema.makeFilter((text: string) => isFit(text) || `${what} ${why}`)
    )
  ).annotateKey({ messageMissingKey: `${what} is missing.` })

const isKey = (text: string): boolean => /^[\x21-\x7e]+$/.test(text)

const hasNoControls = (text: string): boolean => text !== "" && !/\p{Cc}/u.test(text)

const HeaderName = Schema.String.check(
  Schema.makeFilter(
    (name: string) =>
      (/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && !ownHeaders.has(name.toLowerCase())) ||
      'The header is a name such as "Api-Key", and none that is sent anyway.'
  )
)

const ownHeaders = new Set(["authorization", "us-customer-api-key", "accept", "host", "content-length", "connection"])

const Code = Schema.String.check(
  Schema.makeFilter((code: string) => (code !== "" && code === code.trim()) || "A code is a text without space around.")
)

const Codes = Schema.Array(Code).check(
  Schema.makeFilter((codes: ReadonlyArray<string>) => codes.length > 0 || "Expected a list of at least one code.")
)

const isPattern = (text: string): boolean => {
  try {
    return text !== "" && new RegExp(text, "iu") instanceof RegExp
  } catch {
    return false
  }
}

const Pattern = Schema.String.check(
  Schema.makeFilter((text: string) => isPattern(text) || 'The pattern is a regular expression, such as "remote|home".')
)

const noSuchSetting = { messageUnexpectedKey: "There is no such setting here." } as const

const Status = Schema.Literals(statuses).annotate({
  message: `Expected ${statuses.map((status) => JSON.stringify(status)).join(", ")}.`
})

const whole = (minimum: number, maximum: number) =>
  Schema.Int.check(
    Schema.isBetween({ minimum, maximum }, { message: `Expected a whole number from ${minimum} to ${maximum}.` })
  )

/**
 * UltiPro's letters (Employee Employment Information Service: A active, L leave of absence, O on strike, R released, S
 * suspended; T is set by the termination service).
 */
export const defaultStatuses: { readonly [letter: string]: EmployeeStatus } = {
  A: "active",
  O: "active",
  L: "leave",
  S: "leave",
  R: "leave",
  T: "terminated"
}

export const defaultPageSize = 1000
export const defaultTimeoutSeconds = 60
export const defaultPatienceMinutes = 15

/** The configuration of a UltiPro source: `ultipro({ rootUrl, username, ... })`. */
export const UltiProConfig = Schema.Struct({
  /**
   * "Root URL of the web services" (Together's UKG Pro article, step 1.10): `https://service4.ultipro.com`. Any path after it is
   * dropped and http becomes https, but for a server on this machine. It is not the address people log in at.
   */
  rootUrl: RootUrl.annotateKey({
    messageMissingKey: "Say where the web services are, such as https://service4.ultipro.com."
  }),
  /** User name of the web service account. */
  username: secret(
    "The user name",
    (text) => hasNoControls(text) && !text.includes(":"),
    "is empty or holds a colon or control characters."
  ),
  /** Password of the web service account. */
  password: secret("The password", hasNoControls, "is empty or holds control characters."),
  /** System Configuration > Security > Web Services; sent as `US-Customer-Api-Key`. */
  customerApiKey: secret("The customer API key", isKey, "is empty or holds spaces or line breaks."),
  /** Shown when the service account is saved. Kept, and not sent: UltiPro's REST operations do not list it. */
  userApiKey: Schema.optionalKey(secret("The user API key", isKey, "is empty or holds spaces or line breaks.")),
  /** Sends the user API key after all, in a header of this name. */
  userApiKeyHeader: Schema.optionalKey(HeaderName),
  /** Which of the four org levels is the department. Default: the one whose description says so, or else none. */
  departmentLevel: Schema.optionalKey(whole(1, 4)),
  /** Whether a departmentId says its level (`2:SALES`). Default: unless `departmentLevel` fixes it. */
  departmentIdWithLevel: Schema.optionalKey(Schema.Boolean),
  /**
   * People a page. UltiPro allows 10,000; a page is the largest thing this process holds, so a tenth of that keeps memory flat.
   */
  pageSize: whole(1, 10_000).pipe(Schema.withDecodingDefaultKey(Effect.succeed(defaultPageSize))),
  /** What status letters mean, where it is something else than A, O active; L, S, R leave; T terminated. */
  statuses: Schema.Record(Code, Status).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  /** People whose first day is still to come are said as a change planned for that day. `false` leaves them out. */
  includeFutureHires: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(true))),
  /** Employee types that are no people, such as `["TES"]` for test employees. */
  excludeEmployeeTypes: Schema.Array(Code).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  /** Company codes or ids; people employed in no other company are read. Default: all. */
  companies: Schema.optionalKey(Codes),
  /** Who works remotely: by location code, or by a pattern in the location's description. Default: no opinion. */
  remote: Schema.optionalKey(
    Schema.Union([
      Schema.Struct({ locations: Codes }).annotate(noSuchSetting),
      Schema.Struct({ pattern: Pattern }).annotate(noSuchSetting)
    ])
  ),
  /** Whether addressState and addressCountry are those of the home or of the place of work. */
  addresses: Schema.Literals(["home", "work"])
    .annotate({ message: 'Expected "home" or "work".' })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed("home" as const))),
  /** Seconds to wait for an answer before the request counts as unanswered. */
  timeoutSeconds: whole(1, 600).pipe(Schema.withDecodingDefaultKey(Effect.succeed(defaultTimeoutSeconds))),
  /** Minutes to keep trying one request against faults before the run stops. */
  patienceMinutes: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1440 }))
    .annotate({ message: "Expected a number of minutes from 0 to 1440." })
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed(defaultPatienceMinutes)))
})
  .annotate(noSuchSetting)
  .check(
    Schema.makeFilter(
      (config: { readonly userApiKey?: unknown; readonly userApiKeyHeader?: unknown }) =>
        config.userApiKeyHeader === undefined ||
        config.userApiKey !== undefined ||
        "`userApiKeyHeader` needs a `userApiKey` to send."
    )
  )

export type UltiProConfig = typeof UltiProConfig.Type
