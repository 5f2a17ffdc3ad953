import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { decide, hashCredentials, LaneLimits, type Sight } from "../src/LaneRule.ts"
import { newOrganization } from "./Given.ts"
import { asking, newLane } from "./GivenLane.ts"

const limits = { ...Effect.runSync(LaneLimits), leadMillis: 20 }
const asked = asking(newOrganization(), newLane())
const salt = Buffer.from("salt")

const free: Sight = {
  salt,
  grants: 7,
  deadlineIn: null,
  notBeforeIn: -5,
  faults: 0,
  circuit: null,
  refused: null,
  logAhead: -1,
  overtaken: false
}

const wait = (millis: number, because: string) => ({ _tag: "Wait", millis, because })
const go = (startsAfterMillis: number) => ({ _tag: "Go", startsAfterMillis })
const circuit = { since: "2026-01-02T03:04:05.000006Z", reason: "401" }

const rules: ReadonlyArray<readonly [string, Partial<Sight>, object]> = [
  ["lets the first of a log go", { logAhead: null }, go(0)],
  ["lets go at once when the pause is over", { notBeforeIn: 0 }, go(0)],
  ["lets go a little ahead, rounded up to the millisecond", { notBeforeIn: 19.001 }, go(20)],
  ["lets go at the lead and no sooner", { notBeforeIn: 20 }, go(20)],
  ["waits for the lead, at least a millisecond", { notBeforeIn: 20.2 }, wait(1, "pace")],
  ["rounds a wait up", { notBeforeIn: 1000.5 }, wait(981, "pace")],
  ["calls it a backoff after a fault", { notBeforeIn: 1000, faults: 1 }, wait(980, "backoff")],
  ["looks again while a request is under way", { deadlineIn: 5000, notBeforeIn: 9000, faults: 3 }, wait(100, "busy")],
  ["waits no longer than to the deadline", { deadlineIn: 30.5 }, wait(31, "busy")],
  ["pauses from a deadline that has passed", { deadlineIn: -400 }, wait(580, "pace")],
  ["keeps to a pause beyond that", { deadlineIn: -400, notBeforeIn: 700 }, wait(680, "pace")],
  ["lets go a second after the deadline", { deadlineIn: -1000 }, go(0)],
  ["waits for the clock where the log is ahead of it", { logAhead: 0.4 }, wait(1, "pace")],
  ["waits for whatever is later, log or pause", { logAhead: 50, notBeforeIn: 500 }, wait(480, "pace")],
  ["keeps the pause before it says that the circuit is open", { notBeforeIn: 500, circuit }, wait(480, "pace")],
  [
    "says that the circuit is open",
    { circuit, refused: hashCredentials(salt, asked) },
    { _tag: "CircuitOpen", ...circuit }
  ],
  [
    "says so before it lets others overtake",
    { circuit, refused: hashCredentials(salt, asked), overtaken: true },
    { _tag: "CircuitOpen", ...circuit }
  ],
  ["lets others pass the circuit", { circuit, refused: hashCredentials(Buffer.from("other"), asked) }, go(0)],
  ["stands back for a more urgent one", { overtaken: true, notBeforeIn: 10 }, wait(50, "overtaken")],
  ["keeps the pause before it stands back", { overtaken: true, notBeforeIn: 500, faults: 1 }, wait(480, "backoff")]
]

describe("LaneRule", () => {
  for (const [rule, change, decision] of rules) {
    it(rule, () => {
      assert.deepStrictEqual(decide({ ...free, ...change }, asked, limits), decision as never)
    })
  }
})
