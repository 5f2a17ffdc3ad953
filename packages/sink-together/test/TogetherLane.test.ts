import { assert, describe, it } from "@effect/vitest"
import { StoreError, StoreUnavailable } from "@rollcall/core/contract/EventLog"
import { type GrantRequest, Lane, type LaneState } from "@rollcall/core/contract/Lane"
import type { Answer } from "@rollcall/core/contract/Sink"
import { makeMemoryLane, type MemoryLane } from "@rollcall/testkit/MemoryLane"
import { Clock, Context, Duration, Effect, Exit, Fiber, Layer, Redacted, Schema } from "effect"
import { TestClock } from "effect/testing"

import type { TogetherConfig } from "../src/TogetherConfig.ts"
import { laneName, TogetherLane } from "../src/TogetherLane.ts"
import { type Received, TogetherFault, TogetherMisread } from "../src/TogetherReply.ts"
import type { TogetherRequest } from "../src/TogetherRequest.ts"
import { canary, configOf, credentials, deferrals, inTheEnd, keepsTheKey, noLuck, recorder } from "./Vendor.ts"

interface Visit {
  readonly name: string
  readonly from: number
  to: number
}

type Came = number | Partial<Received> | TogetherFault

/** A request of so many milliseconds; its times go to the log. Ways to end are taken one by one, the last for ever. */
const request = (
  log: Array<Visit>,
  name: string,
  millis: number,
  endings: ReadonlyArray<Came> = [200],
  more: Partial<TogetherRequest<string>> = {}
): TogetherRequest<string> => {
  let made = 0
  return {
    operation: "upsert",
    members: 1,
    exchange: Effect.gen(function* () {
      const seen: Visit = { name, from: yield* Clock.currentTimeMillis, to: Number.NaN }
      log.push(seen)
      const ending = endings[made++] ?? endings.at(-1) ?? 200
      const over = Effect.map(Clock.currentTimeMillis, (now) => (seen.to = now))
      yield* Effect.ensuring(Effect.sleep(millis), over)
      if (ending instanceof TogetherFault) return yield* ending
      return { status: 200, headers: {}, text: "", ...(typeof ending === "number" ? { status: ending } : ending) }
    }),
    understand: ({ status }) => ({ _tag: "Understood", status, result: name }),
    ...more
  }
}

const laneOver = (memory: MemoryLane, more: Partial<TogetherConfig> = {}, lane: Lane["Service"] = memory.lane) =>
  Layer.build(
    Layer.provide(TogetherLane.layer(configOf("https://together.example", more)), Layer.succeed(Lane, lane))
  ).pipe(Effect.map((context) => Context.get(context, TogetherLane)))

/** One process. */
const process = Effect.fnUntraced(function* (
  memory = makeMemoryLane(),
  more: Partial<TogetherConfig> = {},
  lane?: Lane["Service"]
) {
  const together = yield* laneOver(memory, more, lane)
  const { answers, errand } = recorder(memory)
  const log: Array<Visit> = []
  const take = (asked: TogetherRequest<string>) => Effect.map(together.take(asked, errand), ({ result }) => result)
  const go = (name: string, millis: number, endings?: ReadonlyArray<Came>) =>
    Effect.forkChild(Effect.exit(take(request(log, name, millis, endings))))
  const stateOf: Effect.Effect<LaneState | null, StoreError> = memory.lane.state(together.name)
  return { together, memory, answers, errand, log, take, go, stateOf }
})

/** A database that takes so long over its first grants. */
const slow = (memory: MemoryLane, ...delays: ReadonlyArray<number>): Lane["Service"] => {
  let grants = 0
  return {
    ...memory.lane,
    grant: Effect.fnUntraced(function* (asked) {
      const reply = yield* memory.lane.grant(asked)
      if (reply._tag === "Granted") yield* Effect.sleep(delays[grants++] ?? 0)
      return reply
    })
  }
}

const nameOf = (organizationId: string) => laneName({ organizationId: Redacted.make(organizationId) })

const times = (log: ReadonlyArray<Visit>) => log.map(({ from, name, to }) => [name, from, to])

const failureOf = <A, E>(exit: Exit.Exit<A, E>): Effect.Effect<E, A> => Effect.flip(exit)

describe("TogetherLane: the vendor's limit", () => {
  it.effect("begins with a full pause", () =>
    Effect.gen(function* () {
      const { go, log } = yield* process()
      yield* go("first", 200)
      yield* TestClock.adjust(999)
      assert.deepStrictEqual(log, [])
      yield* TestClock.adjust(1)
      assert.lengthOf(log, 1)
      yield* TestClock.adjust(200)
      assert.deepStrictEqual(times(log), [["first", 1000, 1200]])
    })
  )

  it.effect("lets several that start together go one after the other", () =>
    Effect.gen(function* () {
      const { go, log } = yield* process()
      yield* go("a", 300)
      yield* go("b", 50)
      yield* go("c", 0)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(times(log), [
        ["a", 1000, 1300],
        ["b", 2300, 2350],
        ["c", 3350, 3350]
      ])
    })
  )

  it.effect("counts the second from the end of a long request, not from its start", () =>
    Effect.gen(function* () {
      const { go, log } = yield* process()
      yield* go("long", 59_000)
      yield* go("next", 10)
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(times(log), [
        ["long", 1000, 60_000],
        ["next", 61_000, 61_010]
      ])
    })
  )

  it.effect("stays quiet when the last request is long over", () =>
    Effect.gen(function* () {
      const { go, log } = yield* process()
      yield* go("early", 5)
      yield* TestClock.adjust("1 minute")
      yield* go("late", 5)
      yield* TestClock.adjust(5)
      assert.deepStrictEqual(times(log).slice(1), [["late", 60_000, 60_005]])
    })
  )

  it.effect("keeps to it over two processes that know nothing of each other", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const [one, other] = [yield* process(memory), yield* process(memory)]
      yield* Effect.forkChild(Effect.repeat(one.take(request(one.log, "one", 130)), { times: 9 }))
      yield* Effect.forkChild(Effect.repeat(other.take(request(one.log, "other", 70)), { times: 9 }))
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(one.log, 20)
      for (const [index, { from }] of one.log.entries()) assert.isAtLeast(from - (one.log[index - 1]?.to ?? 0), 1000)
    })
  )

  it.effect("keeps a second from its own last request even if the lane would not", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane({ beginPauseMillis: 0 })
      const hasty: Lane["Service"] = {
        ...memory.lane,
        grant: (asked: GrantRequest) =>
          Effect.succeed({
            _tag: "Granted",
            grant: {
              lane: asked.lane,
              request: asked.request,
              operation: "upsert",
              members: 1,
              number: 1,
              position: 1,
              startsAfterMillis: 0,
              faults: 0
            }
          } as const)
      }
      const { go, log } = yield* process(memory, {}, hasty)
      yield* go("a", 40)
      yield* go("b", 5)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(times(log), [
        ["a", 0, 40],
        ["b", 1040, 1045]
      ])
    })
  )

  it.effect("lets a request on demand go before the routine", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const [nightly, web] = [yield* process(memory), yield* process(memory)]
      yield* Effect.forkChild(Effect.repeat(nightly.take(request(nightly.log, "routine", 100)), { times: 4 }))
      yield* TestClock.adjust(2500)
      const { errand } = recorder(memory, "run-2", "on-demand")
      yield* Effect.forkChild(web.together.take(request(nightly.log, "urgent", 10), errand))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(
        nightly.log.map(({ name }) => name),
        ["routine", "routine", "urgent", "routine", "routine", "routine"]
      )
    })
  )

  it.effect("waits on when a timer fires early", () =>
    Effect.gen(function* () {
      const { log, take } = yield* process()
      const clock = yield* Clock.Clock
      const hasty: Clock.Clock = {
        currentTimeMillis: clock.currentTimeMillis,
        currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
        currentTimeNanos: clock.currentTimeNanos,
        currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
        monotonicTimeNanos: clock.monotonicTimeNanos,
        monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
        sleep: (duration) => clock.sleep(Duration.millis(Math.max(0.5, Duration.toMillis(duration) - 0.5)))
      }
      yield* Effect.forkChild(Effect.provideService(take(request(log, "a", 10)), Clock.Clock, hasty))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(log[0]?.from, 1000)
    })
  )

  it.effect("does not mind a clock that is set back", () =>
    Effect.gen(function* () {
      const { go, log, take } = yield* process(makeMemoryLane({ beginPauseMillis: 0 }))
      yield* TestClock.adjust("1 hour")
      yield* take(request(log, "before", 0))
      yield* TestClock.setTime(0)
      yield* go("after", 0)
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(times(log), [
        ["before", 3_600_000, 3_600_000],
        ["after", 1000, 1000]
      ])
    })
  )

  const Requests = Schema.Array(
    Schema.Struct({
      after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1500 })),
      lasts: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3000 })),
      ends: Schema.Literals(["200", "409", "503", "is interrupted"]),
      process: Schema.Literals([0, 1, 2])
    })
  ).check(Schema.isMaxLength(8))

  it.effect.prop(
    "serves everyone singly and a second apart, whoever comes when from where and ends how",
    [Requests],
    ([requests]) =>
      Effect.gen(function* () {
        const memory = makeMemoryLane()
        const processes = [yield* process(memory), yield* process(memory), yield* process(memory)]
        const log: Array<Visit> = []
        for (const [index, { after, ends, lasts, process }] of requests.entries()) {
          yield* TestClock.adjust(after)
          const endings = ends === "is interrupted" ? [200] : [Number(ends), 200]
          const taking = processes[process]!.take(request(log, `${index}`, lasts, endings))
          const fiber = yield* Effect.forkChild(Effect.exit(taking))
          if (ends === "is interrupted")
            yield* Effect.forkChild(Effect.andThen(Effect.sleep(lasts + 700), Fiber.interrupt(fiber)))
        }
        yield* TestClock.adjust("20 minutes")
        const served = new Set(log.map(({ name }) => name))
        for (const [index, { ends }] of requests.entries())
          assert.isTrue(ends === "is interrupted" || served.has(`${index}`))
        for (const [index, { from }] of log.entries())
          assert.isAtLeast(from - (log[index - 1]?.to ?? 0), 1000, JSON.stringify(log))
      }).pipe(Effect.provide(TestClock.layer())),
    { arbitrary: { runs: 40 } }
  )
})

describe("TogetherLane: what it asks the lane for", () => {
  it.effect("names lane, run, urgency, versions and time, and the same request until it is granted", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const asked: Array<GrantRequest> = []
      const spy: Lane["Service"] = {
        ...memory.lane,
        grant: (request) => {
          asked.push(request)
          return memory.lane.grant(request)
        }
      }
      const { errand, log, take } = yield* process(memory, { timeoutSeconds: 7 }, spy)
      const expectedVersions = new Map([["employee:1", 3]])
      yield* inTheEnd(take(request(log, "a", 0, [503, 200], { operation: "list", members: 4, expectedVersions })))
      assert.lengthOf(asked, 4)
      assert.strictEqual(asked[0]?.request, asked[1]?.request)
      assert.strictEqual(asked[2]?.request, asked[3]?.request)
      assert.notStrictEqual(asked[0]?.request, asked[2]?.request)
      for (const request of asked) {
        assert.deepInclude(request, {
          organization: errand.organization,
          sink: "together",
          run: "run-1",
          operation: "list",
          members: 4,
          urgency: "routine",
          probe: false,
          timeoutMillis: 7000,
          expectedVersions
        })
        assert.strictEqual(
          Redacted.value(request.credentials),
          [credentials.organizationId, credentials.clientId, credentials.apiKey].join("\n")
        )
        assert.notInclude(JSON.stringify(request), canary)
      }
    })
  )

  it("names the lane by Together's organization, and does not show it", () => {
    assert.match(nameOf("acme"), /^together-[0-9a-f]{12}$/)
    assert.strictEqual(nameOf("acme"), laneName(configOf("https://elsewhere.example", { batchSize: 3 })))
    assert.notStrictEqual(nameOf("acme"), nameOf("acme2"))
    assert.notInclude(nameOf("cafe"), "cafe")
  })

  it.effect("hands on that somebody has news, and makes no request", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const { log, take } = yield* process(memory)
      memory.moved("employee:1", 4)
      const expectedVersions = new Map([["employee:1", 3]])
      const error = yield* failureOf(yield* inTheEnd(take(request(log, "a", 0, [200], { expectedVersions }))))
      assert.instanceOf(error, StoreError)
      assert.deepInclude(error.reason, { _tag: "VersionConflict", expected: 3, actual: 4 })
      assert.deepStrictEqual(log, [])
    })
  )

  it.effect("hands on that the store is gone", () =>
    Effect.gen(function* () {
      const gone = new StoreError({ reason: new StoreUnavailable({ problem: "gone", remedy: "" }) })
      const memory = makeMemoryLane()
      const { log, take } = yield* process(memory, {}, { ...memory.lane, grant: () => Effect.fail(gone) })
      assert.strictEqual(yield* failureOf(yield* inTheEnd(take(request(log, "a", 0)))), gone)
    })
  )
})

/** The one answer of a request that ends so. */
const answerTo = Effect.fnUntraced(function* (ending: Came, more: Partial<TogetherRequest<string>> = {}) {
  const { answers, log, stateOf, take } = yield* process(makeMemoryLane(), { patienceMinutes: 0 })
  const exit = yield* inTheEnd(take(request(log, "a", 100, [ending], more)))
  assert.lengthOf(answers, 1)
  const { ending: end, ...answer } = answers[0]!
  return { answer, end, exit, state: yield* stateOf }
})

describe("TogetherLane: what it reports", () => {
  it.effect.each([200, 400, 410])("an answer: how it ended, and that the credentials are good (%i)", (status) =>
    Effect.gen(function* () {
      const { answer, end, exit } = yield* answerTo(status)
      assert.deepStrictEqual(
        { ...answer, request: "" },
        { request: "", operation: "upsert", members: 1, status, verdicts: [] }
      )
      assert.match(answer.request, /^[0-9a-f-]{36}$/)
      assert.deepInclude(end, { endedAt: 1100, pauseMillis: 1000, faults: 0, circuit: { _tag: "close" } })
      assert.strictEqual(end.grant.request, answer.request)
      assert.isTrue(Exit.isSuccess(exit))
    })
  )

  it.effect.each([429, 500, 502, 503])("a fault: why, and how long it stays quiet (%i)", (status) =>
    Effect.gen(function* () {
      const { answer, end } = yield* answerTo(status)
      assert.deepInclude(answer, { status, verdicts: [] })
      assert.deepStrictEqual(answer.deferral, { reason: `Together answered ${status}.`, waitMillis: 2000 })
      assert.deepInclude(end, { endedAt: 1100, pauseMillis: 2000, faults: 1 })
      assert.notProperty(end, "circuit")
    }).pipe(noLuck)
  )

  it.effect("a fault without a status", () =>
    Effect.gen(function* () {
      const { answer } = yield* answerTo(new TogetherFault({ problem: "It cannot be reached." }))
      assert.notProperty(answer, "status")
      assert.deepStrictEqual(answer.deferral, { reason: "It cannot be reached.", waitMillis: 2000 })
    }).pipe(noLuck)
  )

  it.effect.each([401, 403])("that the credentials are refused, and opens the circuit (%i)", (status) =>
    Effect.gen(function* () {
      const { answer, end, exit, state } = yield* answerTo(status)
      assert.deepInclude(answer, { status, credentialsRefused: true, verdicts: [] })
      assert.notProperty(answer, "deferral")
      const circuit = { _tag: "open", reason: `Together answered ${status}.` } as const
      assert.deepInclude(end, { pauseMillis: 1000, faults: 0, circuit })
      assert.strictEqual(state?.circuit?.reason, `Together answered ${status}.`)
      assert.include(String(yield* failureOf(exit)), "refuses the credentials")
      keepsTheKey(exit)
    })
  )

  it.effect("an answer that is in no document, and stops", () =>
    Effect.gen(function* () {
      const { answer, end, exit } = yield* answerTo(302)
      const problem = "Together answered 302, which its documents do not know."
      assert.deepInclude(answer, { status: 302, deferral: { reason: problem, waitMillis: 1000 } })
      assert.strictEqual(end?.faults, 0)
      assert.notProperty(end, "circuit")
      assert.include(String(yield* failureOf(exit)), problem)
    })
  )

  it.effect("an answer that the asker cannot understand, and stops", () =>
    Effect.gen(function* () {
      const problem = "No such thing."
      const { answer, exit } = yield* answerTo(200, {
        understand: ({ status }) => new TogetherMisread({ status, problem })
      })
      assert.deepInclude(answer, { status: 200, deferral: { reason: problem, waitMillis: 1000 } })
      assert.include(String(yield* failureOf(exit)), problem)
    })
  )
})

describe("TogetherLane: patience", () => {
  it.effect("makes the request again after each fault, as the backoff says", () =>
    Effect.gen(function* () {
      const { answers, go, log } = yield* process()
      yield* go("a", 0, [503, { status: 429, headers: { "retry-after": "100" } }, 503, 200])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(
        log.map(({ from }) => from),
        [1000, 3000, 103_000, 111_000]
      )
      assert.deepStrictEqual(
        answers.map(({ ending }) => ending.faults),
        [1, 2, 3, 0]
      )
      assert.strictEqual(new Set(answers.map(({ request }) => request)).size, 4)
    }).pipe(noLuck)
  )

  it.effect("ends when the next wait would use it up, and says until when to stay away", () =>
    Effect.gen(function* () {
      const { answers, log, take } = yield* process(makeMemoryLane(), { patienceMinutes: 1 })
      const exit = yield* inTheEnd(take(request(log, "a", 0, [503])))
      const error = String(yield* failureOf(exit))
      assert.deepStrictEqual(
        log.map(({ from }) => from),
        [1000, 3000, 7000, 15_000, 31_000]
      )
      assert.include(error, "Together answered 503. The backoff asks for quiet until 1970-01-01T00:01:02.980Z")
      assert.include(error, "longer than the 1m it may be waited for")
      assert.lengthOf(answers, 5)
      keepsTheKey(exit)
    }).pipe(noLuck)
  )

  it.effect("does not wait for a Retry-After that is longer, and says who asks for it", () =>
    Effect.gen(function* () {
      const { log, take } = yield* process()
      const exit = yield* inTheEnd(take(request(log, "a", 0, [{ status: 503, headers: { "retry-after": "86400" } }])))
      assert.lengthOf(log, 1)
      assert.include(String(yield* failureOf(exit)), "Together asks for quiet until 1970-01-02T00:00:00.980Z")
    })
  )

  it.effect("of none makes one attempt", () =>
    Effect.gen(function* () {
      const { log, take } = yield* process(makeMemoryLane(), { patienceMinutes: 0 })
      const exit = yield* inTheEnd(take(request(log, "a", 0, [503])))
      assert.lengthOf(log, 1)
      assert.notInclude(String(yield* failureOf(exit)), "longer than")
    })
  )

  it.effect("is not spent on turns that are waited for", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const [one, other] = [yield* process(memory), yield* process(memory, { patienceMinutes: 0.1 })]
      yield* Effect.forkChild(Effect.repeat(one.take(request(one.log, "long", 50_000)), { times: 3 }))
      yield* TestClock.adjust(1500)
      yield* other.go("a", 0)
      yield* TestClock.adjust("10 minutes")
      assert.lengthOf(other.log, 1)
      assert.deepStrictEqual(deferrals(other.answers), [])
    })
  )

  it.effect.each([["pace"], ["busy"], ["overtaken"]] as const)(
    "is not spent on a long wait that is called %s",
    ([because]) =>
      Effect.gen(function* () {
        const memory = makeMemoryLane()
        let looks = 0
        const ahead: Lane["Service"] = {
          ...memory.lane,
          grant: (asked) =>
            ++looks > 2 ? memory.lane.grant(asked) : Effect.succeed({ _tag: "Wait", millis: 60_000, because } as const)
        }
        const { log, take } = yield* process(memory, { patienceMinutes: 0 }, ahead)
        assert.isTrue(Exit.isSuccess(yield* inTheEnd(take(request(log, "a", 0)))))
        assert.isAtLeast(log[0]!.from, 120_000)
      })
  )

  it.effect("counts a backoff that another request left behind", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const one = yield* process(memory, { patienceMinutes: 0 })
      yield* inTheEnd(one.take(request(one.log, "a", 0, [{ status: 429, headers: { "retry-after": "999999" } }])))
      const other = yield* process(memory)
      const exit = yield* inTheEnd(other.take(request(other.log, "b", 0)))
      assert.include(
        String(yield* failureOf(exit)),
        "Requests before this one had no answer. The backoff asks for quiet"
      )
      assert.deepStrictEqual(other.log, [])
    })
  )

  it.effect("does not send with credentials that were refused, and says since when", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const { go, log } = yield* process(memory)
      yield* go("a", 0, [401])
      yield* TestClock.adjust("1 hour")
      const next = yield* process(memory)
      const exit = yield* inTheEnd(next.take(request(next.log, "b", 0)))
      const error = String(yield* failureOf(exit))
      assert.include(error, "since 1970-01-01T00:00:01.000Z: Together answered 401.")
      assert.include(error, "correct the credentials, then run `rollcall check`")
      assert.lengthOf([...log, ...next.log], 1)
      keepsTheKey(exit)
    })
  )

  it.effect("lets a probe through, whose answer closes the circuit again", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const { go, log, stateOf, take } = yield* process(memory)
      yield* go("a", 0, [401])
      yield* TestClock.adjust("1 hour")
      const probe = yield* inTheEnd(take(request(log, "probe", 0, [200], { operation: "check", probe: true })))
      assert.isTrue(Exit.isSuccess(probe))
      assert.isNull((yield* stateOf)!.circuit)
      assert.isTrue(Exit.isSuccess(yield* inTheEnd(take(request(log, "b", 0)))))
    })
  )

  it.effect("lets other credentials through", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      yield* inTheEnd((yield* process(memory)).take(request([], "a", 0, [401])))
      const corrected = yield* process(memory, { apiKey: Redacted.make("another") })
      assert.isTrue(Exit.isSuccess(yield* inTheEnd(corrected.take(request([], "b", 0)))))
    })
  )
})

describe("TogetherLane: a second process", () => {
  it.effect("waits out the rest of a backoff, and goes on with its exponent", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const before = yield* process(memory)
      const fiber = yield* before.go("before", 0, [503])
      yield* TestClock.adjust(20_000)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(
        before.log.map(({ from }) => from),
        [1000, 3000, 7000, 15_000]
      )
      const after = yield* process(memory)
      yield* after.go("after", 0, [503, 200])
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(
        after.log.map(({ from }) => from),
        [31_000, 63_000]
      )
      assert.deepStrictEqual(
        after.answers.map(({ ending }) => ending.faults),
        [5, 0]
      )
    }).pipe(noLuck)
  )

  it.effect("waits until the request of a process that died is over for certain", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const dead = yield* process(memory)
      const silent = { ...dead.errand, report: () => Effect.die("killed") }
      yield* Effect.forkChild(Effect.exit(dead.together.take(request(dead.log, "dead", 10), silent)))
      yield* TestClock.adjust(1500)
      const next = yield* process(memory)
      yield* next.go("next", 10)
      yield* TestClock.adjust("5 minutes")
      // Granted at 980, 20 ms before its start, 60 s for it, 1 s of margin, then a pause.
      assert.deepStrictEqual(times(next.log), [["next", 63_000, 63_010]])
    })
  )
})

describe("TogetherLane: an old grant", () => {
  it.effect("is dropped when the answer took more than 5 s, is reported, and costs no patience", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const { answers, log, take } = yield* process(memory, { patienceMinutes: 0 }, slow(memory, 5001))
      assert.isTrue(Exit.isSuccess(yield* inTheEnd(take(request(log, "a", 0)))))
      assert.deepStrictEqual(deferrals(answers), [
        { status: undefined, reason: "the grant was 5021 ms old and was not used", waitMillis: 1000 }
      ])
      assert.deepInclude(answers[0]?.ending, { faults: 0, pauseMillis: 1000 })
      assert.notProperty(answers[0]?.ending, "circuit")
      assert.notStrictEqual(answers[0]?.request, answers[1]?.request)
      assert.deepStrictEqual(
        log.map(({ from }) => from),
        [7001]
      )
    })
  )

  it.effect("is used when it is not so old", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const { answers, log, take } = yield* process(memory, {}, slow(memory, 4970))
      yield* inTheEnd(take(request(log, "a", 0)))
      assert.lengthOf(answers, 1)
    })
  )

  it.effect("is dropped when its request would start more than 100 ms late", () =>
    Effect.gen(function* () {
      const { answers, log, take } = yield* process()
      const clock = yield* Clock.Clock
      let late = 0
      const busy: Clock.Clock = {
        currentTimeMillis: clock.currentTimeMillis,
        currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
        currentTimeNanos: clock.currentTimeNanos,
        currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
        monotonicTimeNanos: clock.monotonicTimeNanos,
        monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
        // The event loop was busy while the 20 ms before the start were waited for.
        sleep: (duration) =>
          clock.sleep(Duration.toMillis(duration) === 20 && late++ < 2 ? Duration.millis(121) : duration)
      }
      yield* inTheEnd(Effect.provideService(take(request(log, "a", 0)), Clock.Clock, busy))
      assert.deepStrictEqual(
        deferrals(answers).map(({ reason }) => reason),
        ["the grant was 121 ms old and was not used", "the grant was 121 ms old and was not used"]
      )
      assert.deepStrictEqual(
        answers.slice(0, 2).map(({ unmade }) => unmade),
        [true, true]
      )
      assert.lengthOf(log, 1)
    })
  )

  it.effect("leaves the faults as they were", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const { answers, log, take } = yield* process(memory, { patienceMinutes: 0.1 }, slow(memory, 0, 6000))
      yield* inTheEnd(take(request(log, "a", 0, [503, 200])))
      assert.deepStrictEqual(
        answers.map(({ ending, status }) => [status, ending.faults]),
        [
          [503, 1],
          [undefined, 1],
          [200, 0]
        ]
      )
    }).pipe(noLuck)
  )
})

describe("TogetherLane: time out", () => {
  it.effect("gives up so early that the request is over when the lane takes it to be", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const slow: Lane["Service"] = {
        ...memory.lane,
        grant: (asked) => Effect.tap(memory.lane.grant(asked), ({ _tag }) => Effect.sleep(_tag === "Granted" ? 700 : 0))
      }
      const { answers, log, take } = yield* process(memory, { timeoutSeconds: 5, patienceMinutes: 0 }, slow)
      const exit = yield* inTheEnd(take(request(log, "a", 600_000)))
      // Asked for at 980, to start after 20 ms: over at 6000, though it started late.
      assert.deepStrictEqual(times(log), [["a", 1700, 6000]])
      assert.strictEqual(answers[0]?.deferral?.reason, "Together did not answer within 5s.")
      assert.strictEqual(answers[0]?.ending.endedAt, 6000)
      assert.include(String(yield* failureOf(exit)), "Together did not answer within 5s.")
    })
  )
})

describe("TogetherLane: interruption", () => {
  it.effect("in the middle of a request is reported, and frees the lane after the pace", () =>
    Effect.gen(function* () {
      const { answers, go, log } = yield* process()
      const fiber = yield* go("cut", 50_000)
      yield* go("next", 10)
      yield* TestClock.adjust(1700)
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(times(log), [
        ["cut", 1000, 1700],
        ["next", 2700, 2710]
      ])
      assert.deepStrictEqual(deferrals(answers), [
        {
          status: undefined,
          reason: "the run was interrupted; what became of the request is not known",
          waitMillis: 1000
        }
      ])
      assert.deepInclude(answers[0]?.ending, { faults: 0, pauseMillis: 1000, endedAt: 1700 })
    })
  )

  it.effect("goes on after that", () =>
    Effect.gen(function* () {
      const { log, take } = yield* process()
      const fiber = yield* Effect.forkChild(
        Effect.andThen(take(request(log, "cut", 50_000)), take(request(log, "no", 0)))
      )
      yield* TestClock.adjust(1700)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(log, 1)
    })
  )

  it.effect("leaves the faults as they were", () =>
    Effect.gen(function* () {
      const { answers, go } = yield* process()
      const fiber = yield* go("cut", 5000, [503, 200])
      yield* TestClock.adjust(9000)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(
        answers.map(({ ending }) => ending.faults),
        [1, 1]
      )
    }).pipe(noLuck)
  )

  it.effect("between grant and request is reported, too", () =>
    Effect.gen(function* () {
      const { answers, go, log } = yield* process()
      const fiber = yield* go("cut", 10)
      yield* go("next", 10)
      yield* TestClock.adjust(990)
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(answers[0]?.deferral?.reason, "the run was interrupted before the request was made")
      assert.deepStrictEqual(times(log), [["next", 1990, 2000]])
    })
  )

  it.effect("does not cut off the report", () =>
    Effect.gen(function* () {
      const { errand, log, stateOf, together } = yield* process()
      const slowly = (answer: Answer) => Effect.andThen(Effect.sleep(500), errand.report(answer))
      const fiber = yield* Effect.forkChild(together.take(request(log, "a", 10), { ...errand, report: slowly }))
      yield* TestClock.adjust(1200)
      yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* TestClock.adjust(1000)
      assert.isNull((yield* stateOf)!.busyUntil)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
    })
  )

  it.effect("while it waits owes nothing, and keeps the places of the others", () =>
    Effect.gen(function* () {
      const { answers, go, log } = yield* process()
      yield* go("a", 500)
      const gone = yield* go("gone", 500)
      yield* go("b", 500)
      const goneToo = yield* go("gone too", 500)
      yield* go("c", 500)
      yield* TestClock.adjust(1200)
      yield* Fiber.interrupt(gone)
      yield* Fiber.interrupt(goneToo)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(times(log), [
        ["a", 1000, 1500],
        ["b", 2500, 3000],
        ["c", 4000, 4500]
      ])
      assert.lengthOf(answers, 3)
    })
  )

  it.effect("is nothing that a defect could not do: it is reported, and goes on", () =>
    Effect.gen(function* () {
      const { answers, log, stateOf, take } = yield* process()
      const exit = yield* inTheEnd(take(request(log, "a", 0, [200], { exchange: Effect.die(new Error("no")) })))
      assert.include(String(exit), "no")
      assert.strictEqual(answers[0]?.deferral?.reason, "the run broke off; what became of the request is not known")
      assert.isNull((yield* stateOf)!.busyUntil)
    })
  )
})
