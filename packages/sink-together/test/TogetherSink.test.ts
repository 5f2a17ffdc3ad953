import { assert, describe, it } from "@effect/vitest"
import type { Answer } from "@rollcall/core/contract/Sink"
import { listShapes } from "@rollcall/sandbox/TogetherSettings"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"

import { type Line, fair, keepsTheKey, people, person, resident, said, withSandbox, withScript } from "./Vendor.ts"

/** The deferrals among the answers: status, reason, least wait. */
const deferrals = (answers: ReadonlyArray<Answer>) =>
  answers.flatMap(({ deferral, status }) => (deferral === undefined ? [] : [{ status, ...deferral }]))

describe.concurrent("TogetherSink in front of the sandbox", () => {
  it.live("creates a person, finds the same again, updates them", () =>
    Effect.gen(function* () {
      const { answers, apply, sandbox, stored } = yield* withSandbox()
      yield* apply([person(1)])
      yield* apply([person(1, { known: true })])
      yield* apply([person(1, { known: true, fields: { title: "Analyst", supervisorId: null } })])
      assert.deepStrictEqual(said(answers), ["e-1 created 201", "e-1 unchanged 204", "e-1 updated 200"])
      assert.deepStrictEqual(yield* stored, [{ ...resident(1), title: "Analyst" }])
      yield* fair(sandbox, 3)
    })
  )

  it.live("creates several with one request, then finds the conflicted and the gone among them", () =>
    Effect.gen(function* () {
      const { answers, apply, sandbox, stored } = yield* withSandbox()
      yield* apply(people(4))
      assert.deepStrictEqual(
        said(answers),
        [1, 2, 3, 4].map((n) => `e-${n} created 201`)
      )
      yield* sandbox.mark("e-3", "conflicted")
      yield* sandbox.mark("e-4", "gone")
      answers.length = 0
      yield* apply(people(4, { known: true, fields: { title: "Analyst" } }))
      assert.deepStrictEqual(said(answers), [
        "e-1 updated 200",
        "e-2 updated 200",
        "e-3 conflicted 409",
        "e-4 gone 410"
      ])
      assert.deepStrictEqual(
        answers.map(({ members }) => members),
        [4, 2, 1, 1]
      )
      assert.deepStrictEqual(
        (yield* stored).map((fields) => fields["title"]),
        ["Analyst", "Analyst", undefined, undefined]
      )
      const journal = yield* fair(sandbox, 5)
      assert.deepStrictEqual(
        journal.map(({ members }) => members),
        [4, 4, 2, 1, 1]
      )
    })
  )

  it.live("hands on the words of a 400", () =>
    Effect.gen(function* () {
      const { answers, apply, sandbox, stored } = yield* withSandbox()
      yield* apply([person(1, { fields: { firstName: "Gary" } })])
      assert.deepStrictEqual(answers[0]?.verdicts[0]?.verdict, {
        _tag: "Refused",
        as: "rejected",
        status: 400,
        answer: '{"error":"lastName is required to create a user","field":"lastName"}'
      })
      assert.lengthOf(yield* stored, 0)
      yield* fair(sandbox, 1)
    })
  )

  it.live("stops at once when the key is refused, and makes not one request more", () =>
    Effect.gen(function* () {
      const { answers, apply, sandbox } = yield* withSandbox({
        credentials: { organizationId: "acme", clientId: "client-7", apiKey: "another" }
      })
      const exit = yield* Effect.exit(apply(people(4)))
      const { reason } = yield* Effect.flip(exit)
      assert.strictEqual(reason._tag, "CredentialsRejected")
      assert.include(reason.problem, "401")
      keepsTheKey(exit)
      yield* Effect.sleep("2500 millis")
      assert.deepStrictEqual(answers, [])
      yield* fair(sandbox, 1)
    })
  )

  it.live("waits at least as long as Retry-After says", () =>
    Effect.gen(function* () {
      const { answers, apply, sandbox } = yield* withSandbox({
        faults: [{ fault: { kind: "status", status: 429, retryAfter: 2 } }]
      })
      yield* apply([person(1)])
      assert.deepStrictEqual(said(answers), ["e-1 created 201"])
      const [first, second] = yield* fair(sandbox, 2)
      assert.strictEqual(first?.status, 429)
      // Timers may fire a fraction early.
      assert.isAtLeast(second!.spacing!, 1999)
    })
  )

  const faults = [
    ["a 500", { kind: "status", status: 500 }, "Together answered 500.", 201],
    ["a reset before it was applied", { kind: "reset-before" }, /cannot be reached: (ECONNRESET|UND_ERR_SOCKET)/, 201],
    ["a reset after it was applied", { kind: "reset-after" }, /cannot be reached: (ECONNRESET|UND_ERR_SOCKET)/, 204],
    ["a page with 200", { kind: "html" }, "Together answered 200 with a body that is not JSON.", 201],
    ["a hang", { kind: "hang" }, "Together did not answer within 1s.", 201]
  ] as const

  it.live.each(faults)("makes the request again after %s: nobody lost, nobody doubled", ([, fault, reason, status]) =>
    Effect.gen(function* () {
      const { answers, apply, sandbox, stored } = yield* withSandbox({ faults: [{ fault }] }, { timeoutSeconds: 1 })
      yield* apply(people(3))
      assert.lengthOf(answers, 2)
      const [deferred, done] = answers
      assert.match(deferred!.deferral!.reason, new RegExp(reason))
      assert.deepInclude(deferred, { members: 3, verdicts: [] })
      assert.isAtLeast(deferred!.deferral!.waitMillis, 1600)
      assert.notStrictEqual(deferred!.request, done!.request)
      assert.deepInclude(done, { members: 3, status })
      assert.lengthOf(done!.verdicts, 3)
      assert.deepStrictEqual(yield* stored, [resident(1), resident(2), resident(3)])
      yield* fair(sandbox, 2)
    })
  )

  it.live.each(listShapes)("reads a list of the shape %s in its check, and changes nothing", (listShape) =>
    Effect.gen(function* () {
      const { sandbox, sink, stored } = yield* withSandbox({
        listShape,
        pageSize: 2,
        users: [resident(1), resident(2)]
      })
      const { findings, summary } = yield* sink.check
      assert.include(summary, "2 users")
      assert.deepStrictEqual(findings, [])
      assert.deepStrictEqual(yield* stored, [resident(1), resident(2)])
      const [request] = yield* fair(sandbox, 1)
      assert.deepInclude(request, { method: "GET", path: "/public/user", status: 200 })
    })
  )
})

/** Runs it to its end, however many hours that takes. */
const inTheEnd = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect)
  yield* TestClock.adjust("2 days")
  return yield* Fiber.await(fiber)
})

const down: Line = { status: 503 }

describe("TogetherSink in front of a scripted vendor", () => {
  it.effect("says who it is and what a request costs", () =>
    Effect.gen(function* () {
      const { sink } = yield* withScript([])
      assert.deepInclude(sink, { id: "together", batchSize: 100, requestMillis: 1000 })
      assert.strictEqual((yield* withScript([], { batchSize: 7 })).sink.batchSize, 7)
    })
  )

  it.effect("asks nothing for nobody", () =>
    Effect.gen(function* () {
      const { answers, apply, heard } = yield* withScript([{ status: 400 }])
      yield* inTheEnd(apply([]))
      assert.deepStrictEqual([answers, heard], [[], []])
    })
  )

  it.effect("sends the same again after every fault, with its own name for every request", () =>
    Effect.gen(function* () {
      const { answers, apply, heard } = yield* withScript([
        down,
        {},
        { status: 429, headers: { "retry-after": "100" } },
        { status: 200, text: '{"trunc' },
        { status: 201, text: "{}" }
      ])
      yield* yield* inTheEnd(apply(people(2)))
      assert.lengthOf(heard, 5)
      assert.deepStrictEqual(new Set(heard.map(({ body }) => JSON.stringify(body))).size, 1)
      assert.deepStrictEqual(
        deferrals(answers).map(({ reason, status }) => [status, reason]),
        [
          [503, "Together answered 503."],
          [undefined, "https://together.example cannot be reached: ECONNRESET."],
          [429, "Together answered 429."],
          [200, "Together answered 200 with a body that is not JSON."]
        ]
      )
      assert.strictEqual(new Set(answers.map(({ request }) => request)).size, 5)
      assert.strictEqual(deferrals(answers)[2]?.waitMillis, 100_000)
      for (const [index, { waitMillis }] of deferrals(answers).entries())
        assert.isAtLeast(heard[index + 1]!.at - heard[index]!.at, Math.max(1000, waitMillis - 1))
    })
  )

  it.effect("gives each half of a refused array its own patience", () =>
    Effect.gen(function* () {
      const { answers, apply, heard } = yield* withScript([
        { status: 400 },
        down,
        { status: 200 },
        down,
        { status: 410 }
      ])
      yield* yield* inTheEnd(apply(people(2)))
      assert.deepStrictEqual(said(answers), ["e-1 updated 200", "e-2 gone 410"])
      assert.lengthOf(heard, 5)
      for (const { waitMillis } of deferrals(answers)) assert.isAtMost(waitMillis, 2400)
    })
  )

  it.effect("stops when patience is used up, with everything answered so far reported", () =>
    Effect.gen(function* () {
      const script = [{ status: 400 }, { status: 200 }, down]
      const { answers, apply, heard } = yield* withScript(script, { patienceMinutes: 5 })
      const exit = yield* inTheEnd(apply(people(2)))
      const { reason } = yield* Effect.flip(exit)
      assert.strictEqual(reason._tag, "SinkUnavailable")
      assert.include(reason.problem, "Together answered 503. It went on for longer than 5m.")
      assert.deepStrictEqual(said(answers), ["e-1 updated 200"])
      assert.isAtLeast(heard.at(-1)!.at - heard[2]!.at, 300_000)
      keepsTheKey(exit)
    })
  )

  it.effect("reports every request that was made, the last before it gives up as well", () =>
    Effect.gen(function* () {
      const script = [down, down, { status: 503, headers: { "retry-after": "90" } }]
      const { answers, apply, heard } = yield* withScript(script, { patienceMinutes: 0.1 })
      yield* inTheEnd(apply(people(3)))
      assert.lengthOf(answers, heard.length)
      assert.isAtLeast(answers.at(-1)!.deferral!.waitMillis, 1000)
      assert.strictEqual(new Set(answers.map(({ request }) => request)).size, heard.length)
    })
  )

  it.effect("makes one attempt without any patience, and reports it", () =>
    Effect.gen(function* () {
      const { answers, apply, heard } = yield* withScript([down], { patienceMinutes: 0 })
      const exit = yield* inTheEnd(apply([person(1)]))
      assert.strictEqual((yield* Effect.flip(exit)).reason._tag, "SinkUnavailable")
      assert.lengthOf(heard, 1)
      assert.lengthOf(deferrals(answers), 1)
    })
  )

  it.effect.each([401, 403])("makes not one request more after %i, not even after a fault or in a split", (status) =>
    Effect.gen(function* () {
      const { apply, heard } = yield* withScript([down, { status: 409 }, { status }])
      const exit = yield* inTheEnd(apply(people(4)))
      assert.strictEqual((yield* Effect.flip(exit)).reason._tag, "CredentialsRejected")
      assert.lengthOf(heard, 3)
      keepsTheKey(exit)
    })
  )

  it.effect("stops at an answer that is in no document", () =>
    Effect.gen(function* () {
      const { answers, apply, heard } = yield* withScript([{ status: 302, headers: { location: "https://x.example" } }])
      const exit = yield* inTheEnd(apply(people(2)))
      assert.strictEqual((yield* Effect.flip(exit)).reason._tag, "SinkMisread")
      assert.lengthOf(heard, 1)
      assert.deepStrictEqual(answers, [])
      keepsTheKey(exit)
    })
  )

  it.effect("stops when its caller cannot record, with the caller's own error", () =>
    Effect.gen(function* () {
      const { heard, sink } = yield* withScript([down])
      const exit = yield* inTheEnd(sink.apply([person(1)], () => Effect.fail("disk full")))
      assert.strictEqual(yield* Effect.flip(exit), "disk full")
      assert.lengthOf(heard, 1)
    })
  )

  it.effect("makes no further request when it is interrupted while it waits", () =>
    Effect.gen(function* () {
      const { apply, heard } = yield* withScript([down])
      const fiber = yield* Effect.forkChild(apply([person(1)]))
      yield* TestClock.adjust("1500 millis")
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(heard, 1)
    })
  )

  it.effect("keeps two callers in one file, a second apart", () =>
    Effect.gen(function* () {
      const { apply, heard, sink } = yield* withScript([{ status: 200, text: "[]" }])
      yield* inTheEnd(
        Effect.all([apply([person(1)]), sink.check, apply([person(2)]), sink.check], { concurrency: "unbounded" })
      )
      assert.deepStrictEqual(
        heard.map(({ at }) => at),
        [1000, 2000, 3000, 4000]
      )
    })
  )
})

describe("TogetherSink: check", () => {
  const check = Effect.fnUntraced(function* (line: Line) {
    const { heard, sink } = yield* withScript([line])
    return { exit: yield* inTheEnd(sink.check), heard }
  })

  it.effect.each([
    ["[]", 0],
    ["", 0],
    ["{}", 0],
    ["null", 0],
    ['"text"', 0],
    ['{"total":3,"users":[{},{},{}]}', 3],
    ['{"data":[{}],"next":null}', 1]
  ] as const)("reads %s defensively", ([text, users]) =>
    Effect.gen(function* () {
      const { exit } = yield* check({ status: 200, text })
      assert.include((yield* exit).summary, `${users} users`)
    })
  )

  it.effect("tries once and does not wait, however long the server would like it to", () =>
    Effect.gen(function* () {
      const { exit, heard } = yield* check({ status: 503, headers: { "retry-after": "86400" } })
      const { reason } = yield* Effect.flip(exit)
      assert.strictEqual(reason._tag, "SinkUnavailable")
      assert.strictEqual(reason.problem, "Together answered 503.")
      assert.lengthOf(heard, 1)
      keepsTheKey(exit)
    })
  )

  it.effect.each([
    [401, "CredentialsRejected"],
    [404, "SinkMisread"],
    [302, "SinkMisread"]
  ] as const)("says with %i what is wrong: %s", ([status, tag]) =>
    Effect.gen(function* () {
      const { exit } = yield* check({ status })
      assert.strictEqual((yield* Effect.flip(exit)).reason._tag, tag)
      keepsTheKey(exit)
    })
  )

  it.effect("keeps the key to itself when the connection breaks", () =>
    Effect.gen(function* () {
      const { exit } = yield* check({})
      keepsTheKey(exit)
    })
  )
})
