import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import * as fc from "fast-check"

import { employeeStream } from "../src/domain/Employee.ts"
import { isRefreshDue, slotOf } from "../src/sync/Refresh.ts"
import { acme, january } from "./Given.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const texts = new Map<number, string>()

const iso = (millis: number): string => {
  const text = texts.get(millis) ?? DateTime.formatIso(DateTime.makeUnsafe(millis))
  texts.set(millis, text)
  return text
}

const noon = DateTime.toEpochMillis(DateTime.makeUnsafe(`${january(5)}T12:00:00.000Z`))

const on = (instant: string) => ({ instant, day: instant.slice(0, 10) })

const due = (stream: string, acceptedAt: number, now: number): boolean =>
  isRefreshDue(stream, iso(acceptedAt), on(iso(now)))

/** The stream of somebody whose own minute is this one of the day. */
const atMinute = (slot: number): string => `employee:0-${slot.toString(16).padStart(6, "0")}`

describe("isRefreshDue", () => {
  it("is due at the person's own minute", () => {
    const stream = atMinute(11 * 60)
    assert.isFalse(due(stream, noon, noon + 23 * hour - 1))
    assert.isTrue(due(stream, noon, noon + 23 * hour))
  })

  it("is not due before half a day is over, whatever the person's minute", () => {
    for (const slot of [0, 12 * 60 - 1, 12 * 60, 18 * 60, 24 * 60 - 1]) {
      assert.isFalse(due(atMinute(slot), noon, noon + 12 * hour - 1))
    }
  })

  it("waits half the way to a minute that comes within half a day, and half a day before", () => {
    const stream = atMinute(16 * 60)
    assert.isFalse(due(stream, noon, noon + 14 * hour - 1))
    assert.isTrue(due(stream, noon, noon + 14 * hour))
  })

  it("is due once a day where the person's minute is the very minute of the run", () => {
    const stream = atMinute(12 * 60)
    assert.isFalse(due(stream, noon, noon + day - 1))
    assert.isTrue(due(stream, noon, noon + day))
  })

  it("is due after a day, whatever the person's minute", () => {
    fc.assert(fc.property(fc.nat(24 * 60 - 1), (slot) => due(atMinute(slot), noon, noon + day)))
  })

  it("reads a time of the log, which has microseconds", () => {
    const stream = atMinute(12 * 60)
    assert.isTrue(isRefreshDue(stream, `${january(5)}T12:00:00.123456Z`, on(`${january(6)}T12:00:00.123Z`)))
    assert.isFalse(isRefreshDue(stream, `${january(5)}T12:00:00.123456Z`, on(`${january(5)}T23:59:00.123Z`)))
  })
})

describe("slotOf", () => {
  it("is a minute of the day, the same for a person every day", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const slot = slotOf(employeeStream(acme, name))
        assert.isTrue(Number.isInteger(slot) && slot >= 0 && slot < 24 * 60)
        assert.strictEqual(slotOf(employeeStream(acme, name)), slot)
      })
    )
  })

  it("is a minute also for a stream without a number in it", () => {
    assert.strictEqual(slotOf("employee:x"), 0)
  })
})

/** Minutes between one run and the next, over and over. */
const gaps = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 })

/** When a person was refreshed, if a run refreshes whoever is due as it begins. */
const refreshes = (stream: string, accepted: number, runGaps: ReadonlyArray<number>, until: number) => {
  const times: Array<number> = [accepted]
  let now = accepted
  for (let i = 0; now < until; i++) {
    now += (runGaps[i % runGaps.length] ?? 1) * minute
    if (due(stream, times.at(-1) as number, now)) times.push(now)
  }
  return times
}

/** Of how many people the refresh falls into each hour from a first sync on. */
const perHour = (people: number, runEvery: number, days: number): ReadonlyArray<number> => {
  const hours = Array.from({ length: days * 24 }, () => 0)
  for (let i = 0; i < people; i++) {
    const [, ...times] = refreshes(employeeStream(acme, `e-${i}`), noon, [runEvery], noon + days * day)
    for (const time of times) {
      const at = Math.floor((time - noon) / hour)
      if (at < hours.length) hours[at] = (hours[at] ?? 0) + 1
    }
  }
  return hours
}

describe("refresh, for any history of runs at most an hour apart", () => {
  it("comes no sooner than half a day and no later than a day and an hour after the last acceptance", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(day), gaps, (id, offset, runGaps) => {
        const times = refreshes(`employee:${id}`, noon + offset, runGaps, noon + offset + 4 * day)
        assert.isAbove(times.length, 3)
        for (const [i, time] of times.slice(1).entries()) {
          const waited = time - (times[i] as number)
          assert.isAtLeast(waited, 12 * hour)
          assert.isBelow(waited, 25 * hour)
        }
      }),
      { numRuns: 300 }
    )
  })

  it("spreads many people evenly over the hours of a day", () => {
    const people = 2400
    for (const runEvery of [10, 60]) {
      const third = perHour(people, runEvery, 4).slice(48, 72)
      assert.strictEqual(
        third.reduce((a, b) => a + b, 0),
        people
      )
      for (const count of third) assert.closeTo(count, people / 24, people / 24 / 2.5)
    }
  })

  it("does not send half of a first sync again in one hour", () => {
    const people = 2400
    const counts = perHour(people, 10, 2)
    for (const count of counts) assert.isBelow(count, people / 6)
  })
})
