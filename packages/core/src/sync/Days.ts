/**
 * A stretch of calendar days, numbered from 0, and the day on which an instant falls in a time zone.
 *
 * Pure; called by `Backtest`, which asks for the day of every event: neighbours share the answer.
 */
import { DateTime } from "effect"

import { daysBetween } from "./Desired.ts"
import { dayIn } from "./Moment.ts"

export class Days {
  readonly first: string
  readonly last: string
  readonly timezone: string
  /** By the minute: no zone's day begins within one. */
  readonly #known = new Map<string, string>()

  /** `first` and `last` are `YYYY-MM-DD`, both included. */
  constructor(first: string, last: string, timezone: string) {
    this.first = first
    this.last = last
    this.timezone = timezone
  }

  get count(): number {
    return daysBetween(this.first, this.last) + 1
  }

  /** Below 0 before the first day, `count` and more after the last. */
  numberOf(day: string): number {
    return daysBetween(this.first, day)
  }

  dayOf(number: number): string {
    return DateTime.formatIsoDateUtc(DateTime.add(DateTime.makeUnsafe(`${this.first}T00:00:00Z`), { days: number }))
  }

  /** The number of the day of an instant (ISO 8601 in UTC). */
  at(instant: string): number {
    const minute = instant.slice(0, 16)
    let day = this.#known.get(minute)
    if (day === undefined) this.#known.set(minute, (day = dayIn(`${minute}:00Z`, this.timezone)))
    return this.numberOf(day)
  }
}
