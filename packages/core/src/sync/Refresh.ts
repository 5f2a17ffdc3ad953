/**
 * Says when a person's whole entry is due to be sent again although nothing changed.
 *
 * Together asks to be called "for each user once per day and when things change" (User API). Everyone has a minute of
 * the day of their own, so that the requests of a day are spread over it; nobody waits longer than a day.
 */
import { DateTime, Option } from "effect"

import type { Moment } from "../domain/Policy.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** The person's minute of the day, in UTC, by the last digits of their stream's UUID. */
export const slotOf = (stream: string): number => (Number.parseInt(stream.slice(-6), 16) || 0) % (day / minute)

/**
 * Due at the person's own minute, when Together last took anything about them at least half a day before it. Where the
 * minute comes sooner, the wait is half a day and half the way to it: after a first sync that keeps half of all people
 * from being due at once, and from the next time on everyone is due at their minute. `acceptedAt` is ISO 8601.
 */
export const isRefreshDue = (stream: string, acceptedAt: string, moment: Moment): boolean => {
  const accepted = millisOf(acceptedAt)
  const untilSlot = untilNext(slotOf(stream) * minute, accepted)
  const wait = untilSlot >= day / 2 ? untilSlot : (day + untilSlot) / 2
  return millisOf(moment.instant) - accepted >= wait
}

/** Milliseconds from `from` until a time of day comes by the next time: more than none, at most a day. */
const untilNext = (timeOfDay: number, from: number): number => {
  const ahead = (timeOfDay - from) % day
  return ahead <= 0 ? ahead + day : ahead
}

const millisOf = (instant: string): number =>
  Option.match(DateTime.make(instant), { onNone: () => 0, onSome: DateTime.toEpochMillis })
