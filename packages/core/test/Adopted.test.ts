import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { EventLog } from "../src/contract/EventLog.ts"
import { adopt, adoptedAt, adoptedBy, configurationHashOf, configurationStream } from "../src/sync/Adopted.ts"
import { acme, policy } from "./Given.ts"
import { withEmptyLog } from "./MemoryLog.ts"

const rules = (timezone: string) => ({ policy: policy({ timezone }), settings: { timezone, secret: "a hash" } })

const kept = Effect.gen(function* () {
  const log = yield* EventLog
  return yield* log.stream(acme, configurationStream)
})

describe("the configurations that the log keeps", () => {
  it.effect("keep one once, however often it is adopted", () =>
    Effect.gen(function* () {
      const hash = yield* adopt(acme, rules("UTC"), "1.0.0")
      assert.strictEqual(yield* adopt(acme, rules("UTC"), "1.0.0"), hash)
      const events = yield* kept
      assert.deepStrictEqual(
        events.map(({ event }) => event),
        [{ type: "ConfigurationAdopted", configuration: hash, engine: "1.0.0", ...rules("UTC") }]
      )
      assert.strictEqual(hash, configurationHashOf(rules("UTC")))
    }).pipe(withEmptyLog)
  )

  it.effect("keep it again after another one, and for another version of Rollcall", () =>
    Effect.gen(function* () {
      for (const zone of ["UTC", "Europe/Berlin", "UTC"]) yield* adopt(acme, rules(zone), "1.0.0")
      yield* adopt(acme, rules("UTC"), "1.1.0")
      const events = yield* kept
      assert.strictEqual(events.length, 4)
      const zoneAt = (position: number) => adoptedAt(events, position)?.policy.timezone
      assert.deepStrictEqual([0, 1, 2, 3, 9].map(zoneAt), [undefined, "UTC", "Europe/Berlin", "UTC", "UTC"])
    }).pipe(withEmptyLog)
  )

  it.effect("are found by their hash, and no other is taken for them", () =>
    Effect.gen(function* () {
      const hash = yield* adopt(acme, rules("UTC"), "1.0.0")
      yield* adopt(acme, rules("Europe/Berlin"), "1.0.0")
      const events = yield* kept
      assert.strictEqual(adoptedBy(events, hash)?.policy.timezone, "UTC")
      assert.isUndefined(adoptedBy(events, "c"))
    }).pipe(withEmptyLog)
  )

  it.effect("take two processes that adopt the same at once", () =>
    Effect.gen(function* () {
      yield* Effect.all([adopt(acme, rules("UTC"), "1"), adopt(acme, rules("Europe/Berlin"), "1")], {
        concurrency: 2
      })
      assert.strictEqual((yield* kept).length, 2)
    }).pipe(withEmptyLog)
  )
})
