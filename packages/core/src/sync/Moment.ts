/**
 * The clock value that decisions are made with, in the organization's time zone.
 *
 * The only place where the engine asks what time it is; everything pure is handed the answer.
 */
import { DateTime, Effect } from "effect"

import type { Moment } from "../domain/Policy.ts"

/** `timezone` is an IANA name that was checked with the configuration. */
export const momentIn = (timezone: string): Effect.Effect<Moment> =>
  Effect.map(DateTime.now, (now) => ({
    instant: DateTime.formatIso(now),
    day: DateTime.formatIsoDate(DateTime.setZone(now, DateTime.zoneMakeNamedUnsafe(timezone)))
  }))
