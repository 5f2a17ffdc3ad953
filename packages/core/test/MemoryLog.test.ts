import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"

import { type Append, EventLog } from "../src/contract/EventLog.ts"
import type { NewEvent } from "../src/domain/Event.ts"
import { OrganizationId } from "../src/domain/Organization.ts"
import { acme, given, itIs, january, newRun } from "./Given.ts"
import { allEvents, withEmptyLog } from "./MemoryLog.ts"

const news = (employeeId = "e-1", title = "Clerk"): NewEvent => {
  const { stream, events } = given(employeeId).appeared({ title, firstName: "Ada" })
  return { stream, event: events[0]!.event, actor: "test", effectiveOn: null, causation: null }
}

const append = Effect.fnUntraced(function* (given: Partial<Append>) {
  const log = yield* EventLog
  return yield* log.append(acme, { appendKey: newRun(), events: [], ...given })
})

const seen = (source: string, stream: string, present: boolean) => ({ source, stream, digest: "d", present })

const reasonOf = (given: Partial<Append>) => Effect.map(Effect.flip(append(given)), (error) => error.reason._tag)

describe("MemoryLog: the log the other tests stand on", () => {
  it.effect("counts positions over all streams and versions within each", () =>
    Effect.gen(function* () {
      yield* itIs(january(3))
      assert.deepInclude(yield* append({ events: [news("a"), news("b")] }), { firstPosition: 1, lastPosition: 2 })
      assert.deepInclude(yield* append({ events: [news("a")] }), { firstPosition: 3, lastPosition: 3 })
      assert.deepInclude(yield* append({}), { firstPosition: 4, lastPosition: 3 })
      const events = yield* allEvents(acme)
      assert.deepStrictEqual(
        events.map(({ position, version }) => [position, version]),
        [
          [1, 1],
          [2, 1],
          [3, 2]
        ]
      )
      assert.deepStrictEqual(events[0]?.event, news("a").event)
      assert.strictEqual(events[0]?.recordedAt, `${january(3)}T12:00:00.000000Z`)
    }).pipe(withEmptyLog)
  )

  it.effect("answers an append key it knows with the first result, and refuses it for anything else", () =>
    Effect.gen(function* () {
      const appendKey = newRun()
      const first = yield* append({ appendKey, events: [news()] })
      assert.deepStrictEqual(yield* append({ appendKey, events: [news()] }), { ...first, replayed: true })
      assert.strictEqual(yield* reasonOf({ appendKey, events: [news("e-2")] }), "AppendKeyReused")
      assert.strictEqual((yield* allEvents(acme)).length, 1)
    }).pipe(withEmptyLog)
  )

  it.effect("refuses whoever expects another version or another cursor, and writes nothing", () =>
    Effect.gen(function* () {
      const { stream } = news()
      const moved = { source: "hr", expected: null, next: "2" }
      yield* append({ events: [news()], expectedVersions: new Map([[stream, 0]]), cursor: moved })
      assert.strictEqual(
        yield* reasonOf({ events: [news()], expectedVersions: new Map([[stream, 0]]) }),
        "VersionConflict"
      )
      assert.strictEqual(yield* reasonOf({ events: [news()], cursor: moved }), "CursorConflict")
      assert.strictEqual((yield* allEvents(acme)).length, 1)
      assert.strictEqual(yield* (yield* EventLog).cursor(acme, "hr"), "2")
    }).pipe(withEmptyLog)
  )

  it.effect("remembers what each source has seen, and who is there now", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* append({ seen: [seen("hr", "employee:b", true), seen("hr", "employee:a", true)] })
      yield* append({ seen: [seen("hr", "employee:b", false), seen("crm", "employee:c", true)] })
      assert.deepStrictEqual(yield* Stream.runCollect(log.present(acme, "hr")), ["employee:a"])
      assert.deepStrictEqual(
        [...(yield* log.seen(acme, "hr", ["employee:b", "employee:c"])).values()],
        [seen("hr", "employee:b", false)]
      )
    }).pipe(withEmptyLog)
  )

  it.effect("hands out people whole, employees alone, by the names of their streams", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* append({ events: [news("a"), { ...news("x"), stream: "source:hr" }, news("b"), news("a", "Head")] })
      const people = yield* Stream.runCollect(log.people(acme))
      const streams = people.map((events) => events[0]!.stream)
      assert.deepStrictEqual(streams, [news("a").stream, news("b").stream].toSorted())
      assert.strictEqual(people.flat().length, 3)
      assert.deepStrictEqual((yield* Stream.runCollect(log.people(acme, { upTo: 2 }))).length, 1)
    }).pipe(withEmptyLog)
  )

  it.effect("keeps organizations apart", () =>
    Effect.gen(function* () {
      yield* append({ events: [news()] })
      assert.deepStrictEqual(yield* allEvents(OrganizationId.make("other")), [])
    }).pipe(withEmptyLog)
  )

  it.effect("tells followers what was there and what comes, and verifies", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* append({ events: [news("a"), news("b")] })
      const following = yield* log.follow(acme, 1).pipe(Stream.take(3), Stream.runCollect, Effect.forkChild)
      yield* Effect.yieldNow
      yield* append({ events: [news("c")] })
      yield* append({ events: [news("d")] })
      const followed = yield* Fiber.join(following)
      assert.deepStrictEqual(
        followed.map(({ position }) => position),
        [2, 3, 4]
      )
      assert.isNull(yield* log.verify(acme))
    }).pipe(withEmptyLog)
  )
})
