import { assert, describe, it } from "@effect/vitest"

import { LaneTime } from "../../src/observability/LaneTime.ts"

/** One request: granted at `at`, answered after `answer` ms, and a second of pause. */
const request = (time: LaneTime, at: number, answer: number): number => {
  time.busy(at)
  time.busy(at + answer, at + answer + 1000)
  return at + answer + 1000
}

describe("LaneTime", () => {
  it("counts a lane without gaps as wholly in use", () => {
    const time = new LaneTime(0)
    time.waiting(0, true)
    let at = 0
    for (let n = 0; n < 20; n++) at = request(time, at, 150)
    assert.strictEqual(time.utilization(at), 1)
    assert.deepInclude(time.totals(at), { busyMillis: 23_000, waitingMillis: 23_000 })
  })

  it("counts what lies between the vendor's second and the next request as lost", () => {
    const time = new LaneTime(0)
    time.waiting(0, true)
    request(time, 0, 500)
    request(time, 3000, 500)
    assert.strictEqual(time.utilization(4500), 3000 / 4500)
  })

  it("does not count time in which nobody waits, nor requests made in it", () => {
    const time = new LaneTime(0)
    request(time, 0, 500)
    assert.isUndefined(time.utilization(5000))
    time.waiting(10_000, true)
    request(time, 10_000, 200)
    time.waiting(10_200, false)
    assert.deepInclude(time.totals(60_000), { busyMillis: 200, waitingMillis: 200 })
  })

  it("forgets what is older than ten minutes", () => {
    const time = new LaneTime(0)
    time.waiting(0, true)
    for (let at = 0; at < 600_000; at += 5000) time.totals(at)
    assert.strictEqual(time.utilization(600_000), 0)
    let at = 600_000
    for (let n = 0; n < 1200; n++) at = request(time, at, 0)
    assert.strictEqual(time.utilization(at), 1)
  })
})
