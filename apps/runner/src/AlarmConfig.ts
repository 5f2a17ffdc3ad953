/**
 * The configuration's part about alarms: from where on something is one, and which webhook is told.
 *
 * Checked with the rest of the configuration; what alarms mean and how a receiver checks the signature is in
 * docs/alarms.md. Nothing here decides what is sent.
 */
import { type AlarmLimits, defaultLimits } from "@rollcall/core/sync/Alarms"
import { Schema } from "effect"

const isReceiver = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { password, protocol, username } = new URL(text)
  return (protocol === "https:" || protocol === "http:") && username === "" && password === ""
}

/** Shorter ones can be found by trying. */
const shortestSecret = 16

const WebhookConfig = Schema.Struct({
  /** Takes a POST for each alarm and its end; https unless it is in your own network. */
  url: Schema.String.check(
    Schema.makeFilter((text: string) => isReceiver(text) || "must be an http or https address without user or password")
  ),
  /** Signs what is posted: 16 characters or more that the receiver knows, too. */
  secret: Schema.RedactedFromValue(
    Schema.String.check(
      Schema.makeFilter(
        (secret: string) => secret.length >= shortestSecret || `must have ${shortestSecret} characters or more`
      )
    )
  )
}).annotate({ messageUnexpectedKey: "there is no such setting" })

const Above = Schema.Finite.check(Schema.isGreaterThan(0))

export const AlarmConfig = Schema.Struct({
  /** Who is told of alarms; they stand in the log and in the event log without it, too. */
  webhook: Schema.optionalKey(WebhookConfig),
  /** Hours without a source read to its end, or without a plan worked off. Default 26. */
  silenceHours: Schema.optionalKey(Above),
  /** Hours that the rest of the plan takes at least. Default 12. */
  backlogHours: Schema.optionalKey(Above),
  /** Hours that the oldest change has waited. Default 4. */
  waitingHours: Schema.optionalKey(Above),
  /** People refused within a day; more are an alarm. Default 20. */
  deadLettersPerDay: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  /** Minutes that Together has not answered. Default 15. */
  vendorAwayMinutes: Schema.optionalKey(Above),
  /** Seconds that the database has not answered. Default 30. */
  databaseAwaySeconds: Schema.optionalKey(Above)
}).annotate({ messageUnexpectedKey: "there is no such setting" })

export type AlarmConfig = typeof AlarmConfig.Type
export type WebhookConfig = typeof WebhookConfig.Type

export const limitsOf = ({ webhook: _webhook, ...limits }: AlarmConfig): AlarmLimits => ({
  ...defaultLimits,
  ...limits
})
