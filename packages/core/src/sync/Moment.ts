/**
 * The clock value that decisions are made with, in the organization's time zone.
 *
 * The only place where the engine asks what time it is; everything pure is handed the answer.
 */
import { DateTime, Effect } from "effect"

import type { Moment } from "../domain/Policy.ts"

/** `timezone` is an IANA name that was checked with the configuration. */
export const momentIn = (timezone: string): Effect.Effect<Moment> =>
  Effect.map(DateTime.now, (now) => momentOf(now, timezone))

/** A moment that was, by its instant (ISO 8601), as it was recorded. */
export const momentAt = (instant: string, timezone: string): Moment => momentOf(DateTime.makeUnsafe(instant), timezone)

const momentOf = (time: DateTime.Utc, timezone: string): Moment => ({
  instant: DateTime.formatIso(time),
  day: DateTime.formatIsoDate(DateTime.setZone(time, DateTime.zoneMakeNamedUnsafe(timezone)))
})
