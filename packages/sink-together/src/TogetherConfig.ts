/**
 * Together's part of the configuration: where it is, whose key is used, how much one request carries.
 *
 * Read by the runner, which fills the credentials in from the environment. The key is Redacted from the moment it is
 * read and travels over https only, but for a server on this machine.
 */
import { Schema } from "effect"

const isLocal = (host: string): boolean => ["127.0.0.1", "localhost", "[::1]"].includes(host)

const isSafeOrigin = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { hostname, protocol, search, hash, username, password } = new URL(text)
  const secret = protocol === "https:" || (protocol === "http:" && isLocal(hostname))
  return secret && search === "" && hash === "" && username === "" && password === ""
}

const BaseUrl = Schema.String.check(
  Schema.makeFilter(
    (text: string) =>
      isSafeOrigin(text) || "must be an https address without query (http only for a server on this machine)"
  )
)

export const TogetherConfig = Schema.Struct({
  /**
   * Default: `https://api.us.togetherplatform.com`, the address for the US and for customers without data residency.
   * Others: `api.eu`, `api.au`, `api.ca` (User API article, "Regional base URLs").
   */
  baseUrl: Schema.optionalKey(BaseUrl),
  /** Header `organization-id`, as supplied by Together. */
  organizationId: Schema.RedactedFromValue(Schema.NonEmptyString),
  /** Header `client-id`, as supplied by Together. */
  clientId: Schema.RedactedFromValue(Schema.NonEmptyString),
  /** Header `api-key`, as supplied by Together. */
  apiKey: Schema.RedactedFromValue(Schema.NonEmptyString),
  /** Most people in one request; 1 sends everyone singly. Default 100. Together documents no limit. */
  batchSize: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))),
  /** Seconds to wait for an answer before the request counts as unanswered. Default 60. */
  timeoutSeconds: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 600 }))),
  /** Minutes to keep trying one request against faults before the run stops. Default 15. */
  patienceMinutes: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1440 })))
}).annotate({ messageUnexpectedKey: "there is no such setting" })

export type TogetherConfig = typeof TogetherConfig.Type

export const defaultBaseUrl = "https://api.us.togetherplatform.com"
export const defaultBatchSize = 100
export const defaultTimeoutSeconds = 60
export const defaultPatienceMinutes = 15
