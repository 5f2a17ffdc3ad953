import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { TestClock } from "effect/testing"

import { momentIn } from "../src/sync/Moment.ts"

const at = (instant: string) => TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(instant)))

describe("momentIn", () => {
  it.effect("names the instant in UTC and the day where the organization is", () =>
    Effect.gen(function* () {
      yield* at("2026-01-02T03:00:00Z")
      assert.deepStrictEqual(yield* momentIn("UTC"), { instant: "2026-01-02T03:00:00.000Z", day: "2026-01-02" })
      assert.strictEqual((yield* momentIn("America/New_York")).day, "2026-01-01")
    })
  )

  it.effect("begins a day at the organization's midnight, in summer time too", () =>
    Effect.gen(function* () {
      yield* at("2026-07-01T21:59:59Z")
      assert.strictEqual((yield* momentIn("Europe/Berlin")).day, "2026-07-01")
      yield* at("2026-07-01T22:00:00Z")
      assert.strictEqual((yield* momentIn("Europe/Berlin")).day, "2026-07-02")
    })
  )
})
