import { assert, describe, it } from "@effect/vitest"
import { split } from "@rollcall/core/domain/Event"
import { DateTime, Effect } from "effect"
import { TestClock } from "effect/testing"

import { failTwice, logging, makeToy, organizationWith, person, running, succeed, told } from "./AlarmSite.ts"

describe("The alarms of a service", () => {
  it.effect("are in the log and are told once, at the next look, and their end as well", () => {
    const { layer, toy } = makeToy()
    const { layer: logger, lines } = logging()
    return Effect.gen(function* () {
      const { alarms, board } = yield* running(yield* organizationWith())
      yield* TestClock.adjust("1 second")
      failTwice(board)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(told(toy.events), ["+source-failing source:hr"])
      assert.deepStrictEqual(
        alarms.standing().map(({ key }) => key),
        ["source:hr"]
      )
      assert.strictEqual(lines.length, 1)
      assert.match(lines[0]!, /Warn.*source-failing \(source:hr\) of default: Source hr could not be read 2 times/)
      yield* succeed(board)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(told(toy.events), ["+source-failing source:hr", "-source-failing source:hr"])
      assert.match(lines[1]!, /Info.*source-failing \(source:hr\) of default has ended/)
      assert.notInclude(JSON.stringify([lines, toy.events]), person)
      assert.isTrue(toy.events.every(({ event }) => split(event).personal === null))
    }).pipe(Effect.scoped, Effect.provide([layer, logger]))
  })

  it.effect("are remembered over a restart, and end when it is well", () => {
    const { layer, toy } = makeToy()
    return Effect.gen(function* () {
      const organization = yield* organizationWith()
      for (let i = 0; i < 3; i++) {
        const { board, stop } = yield* running(organization)
        failTwice(board)
        yield* TestClock.adjust("1 minute")
        yield* stop
      }
      assert.deepStrictEqual(told(toy.events), ["+source-failing source:hr"])
      const { board } = yield* running(organization)
      yield* succeed(board)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(told(toy.events), ["+source-failing source:hr", "-source-failing source:hr"])
    }).pipe(Effect.scoped, Effect.provide([layer, logging().layer]))
  })

  it.effect("raise nothing that another process raised meanwhile", () => {
    const { layer, toy } = makeToy()
    return Effect.gen(function* () {
      const organization = yield* organizationWith()
      const one = yield* running(organization)
      const other = yield* running(organization)
      yield* TestClock.adjust("1 second")
      failTwice(one.board)
      yield* TestClock.adjust("1 second")
      failTwice(other.board)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(told(toy.events), ["+source-failing source:hr"])
      assert.strictEqual(other.alarms.standing().length, 1)
    }).pipe(Effect.scoped, Effect.provide([layer, logging().layer]))
  })

  it.effect("tell silence after its hours, without anything happening", () => {
    const { layer, toy } = makeToy()
    return Effect.gen(function* () {
      yield* running(yield* organizationWith({ silenceHours: 3 }))
      yield* TestClock.adjust("2 hours")
      assert.deepStrictEqual(toy.events, [])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(told(toy.events), ["+silence source:hr", "+silence sink:together"])
    }).pipe(Effect.scoped, Effect.provide([layer, logging().layer]))
  })

  it.effect("follow the lane: a vendor that does not answer, a circuit that another process opened", () => {
    const { layer, toy } = makeToy()
    return Effect.gen(function* () {
      const { board } = yield* running(yield* organizationWith())
      board.doing("idle", "")
      const lane = { grants: 1, busyUntil: null, notBefore: null, faults: 3, circuit: null }
      toy.lane = lane
      yield* TestClock.adjust("14 minutes")
      assert.deepStrictEqual(told(toy.events), [])
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(told(toy.events), ["+vendor-away sink:together"])
      const since = DateTime.formatIso(yield* DateTime.now)
      toy.lane = { ...lane, faults: 0, circuit: { since, reason: "Together answered 401." } }
      yield* TestClock.adjust("2 minutes")
      toy.lane = { ...lane, faults: 0 }
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(told(toy.events), [
        "+vendor-away sink:together",
        "-vendor-away sink:together",
        "+circuit-open sink:together",
        "-circuit-open sink:together"
      ])
    }).pipe(Effect.scoped, Effect.provide([layer, logging().layer]))
  })

  it.effect("are told while the database is away, and recorded in their order when it is back", () => {
    const { layer, toy } = makeToy()
    const { layer: logger, lines } = logging()
    return Effect.gen(function* () {
      const { board } = yield* running(yield* organizationWith())
      yield* TestClock.adjust("1 minute")
      toy.away = true
      yield* TestClock.adjust("1 minute")
      failTwice(board)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(lines.length, 2)
      assert.match(lines[0]!, /database-away \(database\)/)
      assert.deepStrictEqual(toy.events, [])
      toy.away = false
      yield* TestClock.adjust("1 minute")
      const expected = ["+database-away database", "+source-failing source:hr", "-database-away database"]
      assert.deepStrictEqual(told(toy.events), expected)
      assert.strictEqual(lines.length, 3)
      const { event, recordedAt } = toy.events[0]!
      assert.isTrue(event.type === "AlarmRaised" && event.at < recordedAt)
    }).pipe(Effect.scoped, Effect.provide([layer, logger]))
  })

  it.effect("tell a database that is away from the beginning, and nothing else before they know what stands", () => {
    const { layer, toy } = makeToy()
    return Effect.gen(function* () {
      const organization = yield* organizationWith()
      const before = yield* running(organization)
      failTwice(before.board)
      yield* TestClock.adjust("1 minute")
      yield* before.stop
      toy.away = true
      const { alarms, board } = yield* running(organization)
      failTwice(board)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(
        alarms.standing().map(({ alarm }) => alarm),
        ["database-away"]
      )
      toy.away = false
      yield* TestClock.adjust("1 minute")
      const expected = ["+source-failing source:hr", "+database-away database", "-database-away database"]
      assert.deepStrictEqual(told(toy.events), expected)
      assert.deepStrictEqual(
        alarms.standing().map(({ alarm }) => alarm),
        ["source-failing"]
      )
    }).pipe(Effect.scoped, Effect.provide([layer, logging().layer]))
  })

  it.effect("stay quiet about a database that is away for a moment", () => {
    const { layer, toy } = makeToy()
    return Effect.gen(function* () {
      yield* running(yield* organizationWith())
      yield* TestClock.adjust("1 minute")
      toy.away = true
      yield* TestClock.adjust("20 seconds")
      toy.away = false
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(toy.events, [])
    }).pipe(Effect.scoped, Effect.provide([layer, logging().layer]))
  })
})
