/**
 * The clock value that decisions are made with, in the organization's time zone.
 *
 * The only place where the engine asks what time it is; everything pure is handed the answer.
 */
import { DateTime, Effect, Option } from "effect"

import type { Moment } from "../domain/Policy.ts"

/** `timezone` is an IANA name that was checked with the configuration. */
export const momentIn = (timezone: string): Effect.Effect<Moment> =>
  Effect.map(DateTime.now, (now) => momentOf(now, timezone))

/** The clock value that an outcome names; undefined where that is no time. */
export const momentAt = (clock: string, timezone: string): Moment | undefined =>
  Option.getOrUndefined(Option.map(DateTime.make(clock), (at) => momentOf(at, timezone)))

/** The day of an instant that the database wrote (ISO 8601). */
export const dayIn = (instant: string, timezone: string): string => momentOf(DateTime.makeUnsafe(instant), timezone).day

/** A time that was given, with its day there. */
export const momentOf = (at: DateTime.DateTime, timezone: string): Moment => ({
  instant: DateTime.formatIso(at),
  day: DateTime.formatIsoDate(DateTime.setZone(at, DateTime.zoneMakeNamedUnsafe(timezone)))
})
