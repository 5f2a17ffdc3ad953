/**
 * The times of a replay as they are written on a command line: an instant or a date for what was known, a day for what holds.
 *
 * Called by `rollcall replay`. A date stands for its end in the organization's time zone, a time without a zone of its own
 * is that zone's. Nothing here knows what the log holds.
 */
import type { Moment } from "@rollcall/core/domain/Policy"
import { momentOf } from "@rollcall/core/sync/Moment"
import { DateTime, Effect, Option } from "effect"

import { InputInvalid } from "../Failure.ts"

export interface ReplayTime {
  /** ISO 8601 in UTC with microseconds, as events are recorded. */
  readonly recordedAt: string
  readonly moment: Moment
}

const instantForm = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,3}(\d{0,3}))?)?(Z|[+-]\d\d:\d\d)?$/

/** A time that is not to come: nobody knows what will be known then. `place` is the flag it was written after. */
export const readTime = Effect.fnUntraced(function* (place: string, written: string, timezone: string) {
  const now = yield* DateTime.now
  if (isDate(written)) {
    const end = endOfDay(written, timezone)
    // Of today, what is known so far.
    if (momentOf(now, timezone).day === written) return timeOf(now, "999", timezone)
    return DateTime.isLessThan(end, now) ? timeOf(end, "999", timezone) : yield* toCome(place, written)
  }
  const [, date = "", microseconds = "", zone] = instantForm.exec(written) ?? []
  const read: Option.Option<DateTime.DateTime> = zone === undefined ? inZone(written, timezone) : DateTime.make(written)
  if (!isDate(date) || Option.isNone(read)) return yield* unreadable(place, written)
  if (DateTime.isGreaterThan(read.value, now)) return yield* toCome(place, written)
  return timeOf(read.value, microseconds, timezone)
})

export const now = (timezone: string): Effect.Effect<ReplayTime> =>
  Effect.map(DateTime.now, (time) => timeOf(time, "999", timezone))

/** A day, whether it has come or not. */
export const readDay = (place: string, written: string): Effect.Effect<string, InputInvalid> =>
  isDate(written)
    ? Effect.succeed(written)
    : Effect.fail(
        new InputInvalid({
          place,
          problem: `"${written}" is no day of the calendar.`,
          remedy: "Write it as YYYY-MM-DD, such as 2026-03-31."
        })
      )

/** The engine's clock counts milliseconds, the log's microseconds: those of a written time are kept beside it. */
const timeOf = (time: DateTime.DateTime, microseconds: string, timezone: string): ReplayTime => ({
  recordedAt: DateTime.formatIso(time).replace("Z", `${microseconds.padEnd(3, "0")}Z`),
  moment: momentOf(time, timezone)
})

/** A day that the calendar has: parsing alone would take the 30th of February for the 2nd of March. */
const isDate = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && Option.exists(DateTime.make(text), (date) => DateTime.formatIsoDate(date) === text)

const inZone = (written: string, timezone: string) =>
  DateTime.makeZoned(written, { timeZone: timezone, adjustForTimeZone: true })

const endOfDay = (date: string, timezone: string): DateTime.DateTime =>
  DateTime.endOf(DateTime.makeZonedUnsafe(date, { timeZone: timezone, adjustForTimeZone: true }), "day")

const unreadable = (place: string, written: string) =>
  new InputInvalid({
    place,
    problem: `"${written}" is no time that can be read.`,
    remedy: "Write an instant such as 2026-03-31T12:00:00Z (or with +02:00), or a date such as 2026-03-31 for its end."
  })

const toCome = (place: string, written: string) =>
  new InputInvalid({
    place,
    problem: `${written} is still to come: nobody knows what will be known then.`,
    remedy: "Name a time up to now; `--effective` takes a day to come."
  })
