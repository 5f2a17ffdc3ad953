import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import * as fc from "fast-check"

import type { Event, RecordedEvent } from "../src/domain/Event.ts"
import { RateAudit, type RateReport } from "../src/sync/RateAudit.ts"
import { given, january, someone } from "./Given.ts"

const noon = DateTime.toEpochMillis(DateTime.makeUnsafe(`${january(5)}T12:00:00.000Z`)) * 1000

/** A time of the log; `micros` from noon on. */
const timeOf = (micros: number): string => {
  const time = noon + micros
  const fraction = time % 1_000_000
  const seconds = DateTime.formatIso(DateTime.makeUnsafe((time - fraction) / 1000))
  return seconds.replace(".000Z", `.${String(fraction).padStart(6, "0")}Z`)
}

interface At {
  readonly micros: number
  readonly event: Event
}

const ofLane = (grant: number, lane = "lane") => ({
  sink: "together",
  lane,
  grant,
  request: `request ${grant}`,
  operation: "upsert" as const,
  members: 1
})

/** Milliseconds from noon on, fractions allowed. */
const granted = (
  grant: number,
  at: number,
  { lane = "lane", startsAfterMillis = 0, endsWithinMillis = 31_000 } = {}
): At => ({
  micros: Math.round(at * 1000),
  event: { type: "RequestGranted", ...ofLane(grant, lane), run: "r", startsAfterMillis, endsWithinMillis }
})

const answered = (grant: number, at: number, endedMillisAgo = 0, lane = "lane"): At => ({
  micros: Math.round(at * 1000),
  event: { type: "RequestAnswered", ...ofLane(grant, lane), status: 200, endedMillisAgo }
})

const deferred = (grant: number, at: number, endedMillisAgo = 0): At => ({
  micros: Math.round(at * 1000),
  event: { type: "RequestDeferred", ...ofLane(grant), reason: "503", waitMillis: 1000, endedMillisAgo }
})

const recordedAs = ({ event, micros }: At, i: number): RecordedEvent => ({
  stream: "lane:lane",
  event,
  actor: "sink:together",
  effectiveOn: null,
  causation: null,
  position: i + 1,
  version: i + 1,
  recordedAt: timeOf(micros)
})

const audit = (...history: ReadonlyArray<At>): ReadonlyArray<RateReport> => {
  const rate = new RateAudit()
  for (const [i, at] of history.entries()) rate.add(recordedAs(at, i))
  return rate.finish()
}

const clean = { unknown: 0, largestInFlight: 1, violations: [] }

const problems = ([report]: ReadonlyArray<RateReport>) =>
  report?.violations.map(({ position, problem }) => [position, problem])

describe("RateAudit: a history that kept the limit", () => {
  it("is proved, with its smallest spacing", () => {
    const reports = audit(
      granted(1, 0),
      answered(1, 400),
      granted(2, 1400),
      deferred(2, 1600),
      granted(3, 9000),
      answered(3, 9100)
    )
    assert.deepStrictEqual(reports, [{ lane: "lane", requests: 3, smallestSpacing: 1000, ...clean }])
  })

  it("counts from the request's own end, and to the start the grant allows", () => {
    const reports = audit(granted(1, 0), answered(1, 500, 300), granted(2, 1180, { startsAfterMillis: 20 }))
    assert.deepStrictEqual(reports, [{ lane: "lane", requests: 2, smallestSpacing: 1000, ...clean, unknown: 1 }])
  })

  it("has no spacing where there was one request, and no report where there was none", () => {
    assert.deepStrictEqual(audit(granted(1, 0), answered(1, 400)), [
      { lane: "lane", requests: 1, smallestSpacing: null, ...clean }
    ])
    assert.deepStrictEqual(audit(), [])
  })

  it("keeps every lane apart", () => {
    const b = { lane: "b" }
    const reports = audit(
      granted(1, 0),
      granted(1, 10, b),
      answered(1, 400),
      answered(1, 410, 0, "b"),
      granted(2, 1400),
      granted(2, 1500, b)
    )
    assert.deepStrictEqual(
      reports.map(({ lane, requests, smallestSpacing, violations }) => [lane, requests, smallestSpacing, violations]),
      [
        ["lane", 2, 1000, []],
        ["b", 2, 1090, []]
      ]
    )
  })

  it("is read past everything else in the log, old deferrals without a lane among it", () => {
    const rate = new RateAudit()
    for (const event of given().appeared(someone).created(someone).events) rate.add(event)
    const { lane: _, ...old } = ofLane(1)
    const event = {
      type: "RequestDeferred",
      ...old,
      reason: "503",
      waitMillis: 1,
      endedMillisAgo: 0
    } as unknown as Event
    rate.add(recordedAs({ micros: 0, event }, 0))
    assert.deepStrictEqual(rate.finish(), [])
  })
})

describe("RateAudit: a grant that came too early", () => {
  it("is named, with the request it came too close to", () => {
    const reports = audit(granted(1, 0), answered(1, 400), granted(2, 1399), answered(2, 1500), granted(3, 2500))
    assert.deepStrictEqual(problems(reports), [[3, "It was granted 999 ms after the request of position 1 ended."]])
    assert.strictEqual(reports[0]?.smallestSpacing, 999)
  })

  it("is seen by a millionth of a second", () => {
    const [before, ended] = [granted(1, 0.123), answered(1, 400.457)]
    assert.deepStrictEqual(problems(audit(before, ended, granted(2, 1400.456))), [
      [3, "It was granted 999 ms after the request of position 1 ended."]
    ])
    assert.deepStrictEqual(problems(audit(before, ended, granted(2, 1400.457))), [])
  })

  it("is seen while the request before it is under way", () => {
    const reports = audit(granted(1, 0), granted(2, 500), answered(1, 600), answered(2, 700))
    assert.deepStrictEqual(problems(reports), [[2, "It was granted while the request of position 1 was under way."]])
    assert.strictEqual(reports[0]?.largestInFlight, 2)
  })

  it("is seen also behind another one that is over by then", () => {
    const reports = audit(granted(1, 0), granted(2, 500), answered(2, 700), granted(3, 5000))
    assert.deepStrictEqual(
      reports[0]?.violations.map(({ position }) => position),
      [2, 4]
    )
  })
})

/** A first request whose end nobody recorded, and a second one from then on. */
const lostUntil = (at: number) => audit(granted(1, 0, { endsWithinMillis: 5000 }), granted(2, at), answered(2, at + 10))

/** A first request whose end was recorded after the second one was granted. */
const endedLate = (ago: number) =>
  audit(granted(1, 0, { endsWithinMillis: 5000 }), granted(2, 6000), answered(1, 6100, ago), answered(2, 6200))

describe("RateAudit: a request whose end nobody recorded", () => {
  it("counts as unknown, and as under way until its deadline", () => {
    assert.deepStrictEqual(lostUntil(6000), [
      { lane: "lane", requests: 2, smallestSpacing: 1000, ...clean, unknown: 1 }
    ])
    assert.deepStrictEqual(problems(lostUntil(5999)), [
      [2, "It was granted 999 ms after the request of position 1 was to have ended at the latest."]
    ])
    assert.deepStrictEqual(problems(lostUntil(4000)), [
      [2, "It was granted while the request of position 1 was under way."]
    ])
  })

  it("is the last one, as long as it is under way", () => {
    assert.deepInclude(audit(granted(1, 0))[0], { requests: 1, unknown: 1, violations: [] })
  })

  it("is known after all, when its end is recorded late", () => {
    assert.deepInclude(endedLate(2000)[0], { unknown: 0, violations: [], largestInFlight: 1 })
  })

  it("broke the limit, when it ended after its deadline and too close to the next", () => {
    assert.deepStrictEqual(problems(endedLate(1000)), [
      [2, "It was granted 900 ms after the request of position 1 ended."]
    ])
    assert.deepStrictEqual(problems(endedLate(0)), [
      [2, "It was granted while the request of position 1 was under way."]
    ])
    assert.strictEqual(endedLate(0)[0]?.largestInFlight, 2)
  })
})

interface Step {
  readonly lane: string
  /** Milliseconds. */
  readonly startsAfter: number
  readonly timeout: number
  /** Microseconds: how long the request took, until its end was recorded, and more than needed before the next. */
  readonly took: number
  readonly recordedAfter: number
  readonly slack: number
  readonly fate: "answered" | "deferred" | "lost"
}

const steps: fc.Arbitrary<ReadonlyArray<Step>> = fc.array(
  fc.record({
    lane: fc.constantFrom("a", "b"),
    startsAfter: fc.nat(20),
    timeout: fc.integer({ min: 1000, max: 30_000 }),
    took: fc.nat(900_000),
    recordedAfter: fc.nat(50_000),
    slack: fc.oneof(fc.constant(0), fc.nat(3_000_000)),
    fate: fc.constantFrom("answered", "answered", "deferred", "lost")
  }),
  { minLength: 2, maxLength: 20 }
)

/** One request of a lawful lane; times in microseconds. */
interface Made {
  readonly step: Step
  readonly grant: number
  readonly grantedAt: number
  readonly slack: number
}

/** Every lane's requests, each a second after the end of the one before, as the log tells it, or later. */
const schedule = (all: ReadonlyArray<Step>): ReadonlyArray<Made> => {
  const lanes = new Map<string, { readonly grants: number; readonly opens: number }>()
  return all.map((step) => {
    const { grants, opens } = lanes.get(step.lane) ?? { grants: 0, opens: 100_000 }
    const grantedAt = opens + step.slack - step.startsAfter * 1000
    lanes.set(step.lane, { grants: grants + 1, opens: toldEnd(step, grantedAt) + 1_000_000 })
    return { step, grant: grants + 1, grantedAt, slack: step.slack }
  })
}

const recordedEnd = (step: Step, grantedAt: number): number =>
  grantedAt + step.startsAfter * 1000 + step.took + step.recordedAfter

/** Whole milliseconds, and never more of them than have passed. */
const agoOf = ({ recordedAfter }: Step): number => Math.floor(recordedAfter / 1000)

const toldEnd = (step: Step, grantedAt: number): number =>
  step.fate === "lost"
    ? grantedAt + (step.startsAfter + step.timeout) * 1000
    : recordedEnd(step, grantedAt) - agoOf(step) * 1000

const eventsOf = ({ grant, grantedAt, step }: Made, movedBy = 0): ReadonlyArray<At> => {
  const { fate, lane, startsAfter, timeout } = step
  const at = (grantedAt - movedBy) / 1000
  const permission = granted(grant, at, {
    lane,
    startsAfterMillis: startsAfter,
    endsWithinMillis: startsAfter + timeout
  })
  const end = recordedEnd(step, grantedAt) / 1000
  if (fate === "lost") return [permission]
  const { event, micros } = answered(grant, end, agoOf(step), lane)
  if (fate === "answered") return [permission, { event, micros }]
  const { status: _, ...rest } = event as Extract<Event, { readonly type: "RequestAnswered" }>
  return [permission, { micros, event: { ...rest, type: "RequestDeferred", reason: "503", waitMillis: 1000 } }]
}

const inOrder = (history: ReadonlyArray<At>): ReadonlyArray<At> => history.toSorted((a, b) => a.micros - b.micros)

describe("RateAudit, for any lawful schedule", () => {
  it("finds nothing, and counts every request and every lost end", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const reports = audit(...inOrder(schedule(all).flatMap((made) => eventsOf(made))))
        for (const { lane, largestInFlight, requests, smallestSpacing, unknown, violations } of reports) {
          const own = all.filter((step) => step.lane === lane)
          assert.deepStrictEqual(violations, [])
          assert.strictEqual(requests, own.length)
          assert.strictEqual(unknown, own.filter(({ fate }) => fate === "lost").length)
          assert.strictEqual(largestInFlight, 1)
          if (own.length > 1) assert.isAtLeast(smallestSpacing ?? 0, 1000)
        }
        assert.strictEqual(reports.length, new Set(all.map(({ lane }) => lane)).size)
      }),
      { numRuns: 300 }
    )
  })

  it("finds exactly the one grant that is moved to before its time", () => {
    fc.assert(
      fc.property(steps, fc.nat(), fc.integer({ min: 1, max: 999_000 }), (all, nth, early) => {
        const made = schedule(all)
        const followers = made.filter(({ grant }) => grant > 1)
        fc.pre(followers.length > 0)
        const chosen = followers[nth % followers.length] as Made
        const before = made.find(
          ({ grant, step }) => step.lane === chosen.step.lane && grant === chosen.grant - 1
        ) as Made
        // It stays behind the grant before it: the log tells events in the order in which they were recorded.
        const movedBy = Math.min(chosen.slack + early, chosen.grantedAt - before.grantedAt - 1)
        fc.pre(movedBy > chosen.slack)
        const history = inOrder(made.flatMap((one) => eventsOf(one, one === chosen ? movedBy : 0)))
        const position =
          1 +
          history.findIndex(({ event }) => {
            const { lane } = chosen.step
            return event.type === "RequestGranted" && event.lane === lane && event.grant === chosen.grant
          })
        const found = audit(...history).flatMap(({ lane, violations }) =>
          violations.map((violation) => [lane, violation.position])
        )
        assert.deepStrictEqual(found, [[chosen.step.lane, position]])
      }),
      { numRuns: 300 }
    )
  })
})
