import { assert, describe, it } from "@effect/vitest"

import { counted, duration, progressLine } from "../src/Output.ts"

describe("what commands say", () => {
  it("gives a duration in the two units that matter", () => {
    const said = [0, 900, 59_000, 60_000, 250_000, 3_600_000, 10_020_000].map(duration)
    assert.deepStrictEqual(said, ["0 s", "1 s", "59 s", "1 min 0 s", "4 min 10 s", "1 h 0 min", "2 h 47 min"])
  })

  it("gives progress with rate and time left", () => {
    assert.strictEqual(progressLine(120, 290, "people", 5000), "120 of 290 people, 24/s, 8 s left")
  })

  it("gives no time left where the end is not known, or reached", () => {
    assert.strictEqual(progressLine(120, undefined, "people", 5000), "120 people, 24/s")
    assert.strictEqual(progressLine(290, 290, "people", 10_000), "290 of 290 people, 29/s")
  })

  it("counts one and many", () => {
    assert.deepStrictEqual(
      [0, 1, 2].map((n) => counted(n, "request")),
      ["0 requests", "1 request", "2 requests"]
    )
  })
})
