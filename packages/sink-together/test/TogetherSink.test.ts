import { assert, describe, it } from "@effect/vitest"
import type { Answer } from "@rollcall/core/contract/Sink"
import { arrayModes } from "@rollcall/sandbox/TogetherArrays"
import { listShapes } from "@rollcall/sandbox/TogetherSettings"
import { makeMemoryLane } from "@rollcall/testkit/MemoryLane"
import { Effect, Fiber, Schedule } from "effect"
import { TestClock } from "effect/testing"

import {
  deferrals,
  fair,
  inTheEnd,
  keepsTheKey,
  type Line,
  newcomer,
  noLuck,
  people,
  person,
  resident,
  said,
  withSandbox,
  withScript
} from "./Vendor.ts"

const registration = {
  stream: "employee:1",
  version: 1,
  employeeId: "e-1",
  programId: "mentoring-2026",
  roles: { mentor: true }
}

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

  it.live.each(arrayModes)("tells the good from the bad in an array, where the answers allow it: %s", (arrayMode) =>
    Effect.gen(function* () {
      const residents = [1, 2, 3, 4, 5, 6].map(resident)
      const { answers, apply, sandbox, stored } = yield* withSandbox({ arrayMode, users: residents })
      yield* sandbox.mark("e-3", "conflicted")
      yield* sandbox.mark("e-6", "gone")
      const news = { title: "Analyst" }
      yield* apply(
        [1, 2, 3, 4, 5, 6].map((n) => person(n, { known: true, fields: n === 4 ? { ...news, email: "" } : news }))
      )
      const as = new Map(
        answers.flatMap(({ verdicts }) => verdicts.map(({ upsert, verdict }) => [upsert.employeeId, verdict.as]))
      )
      assert.lengthOf(said(answers), 6)
      const good = ["e-1", "e-2", "e-5"]
      for (const employeeId of good) assert.include(["updated", "unchanged"], as.get(employeeId), employeeId)
      const bad = ["e-3", "e-4", "e-6"].map((employeeId) => as.get(employeeId))
      // Skipped in silence: everyone counts as applied, and the list shows later who is not.
      const skipped = ["updated", "updated", "updated"] as const
      assert.deepStrictEqual(bad, arrayMode === "skip-bad" ? [...skipped] : ["conflicted", "rejected", "gone"])
      assert.deepStrictEqual(
        (yield* stored).flatMap(({ employeeId, title }) => (title === "Analyst" ? [employeeId] : [])),
        good
      )
      const journal = yield* fair(sandbox, answers.length)
      if (arrayMode === "per-member" || arrayMode === "skip-bad") assert.lengthOf(journal, 1)
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

  it.live("ties an entry without the key to the person by the entry's own id", () =>
    Effect.gen(function* () {
      const { employeeId: _, ...stranger } = resident(1)
      const { answers, apply, sandbox, stored } = yield* withSandbox({ users: [stranger] })
      const [user] = yield* sandbox.users
      yield* apply([person(1, { userId: user!.userId })])
      assert.deepStrictEqual(said(answers), ["e-1 updated 200"])
      assert.strictEqual(answers[0]?.operation, "link")
      assert.deepStrictEqual(yield* stored, [{ ...stranger, employeeId: "e-1" }])
      const [request] = yield* fair(sandbox, 1)
      assert.deepInclude(request, { method: "POST", path: `/public/user/${user!.userId}` })
    })
  )

  it.live("registers a person in a program, and hands on why not", () =>
    Effect.gen(function* () {
      const { answers, register, sandbox } = yield* withSandbox({ users: [resident(1)] })
      yield* register(registration)
      yield* register({ ...registration, programId: "no such" })
      assert.deepStrictEqual(
        answers.map(({ operation, registered, status }) => [operation, status, registered?.refusal]),
        [
          ["register", 200, undefined],
          ["register", 400, '{"error":"programId must name an existing program"}']
        ]
      )
      assert.deepInclude((yield* sandbox.registrations)[0], { programId: "mentoring-2026", roles: { mentor: true } })
      yield* fair(sandbox, 2)
    })
  )

  it.live("stops at once when the key is refused, and makes not one request more", () =>
    Effect.gen(function* () {
      const { answers, apply, sandbox } = yield* withSandbox({
        credentials: { organizationId: "acme", clientId: "client-7", apiKey: "another" }
      })
      const exit = yield* Effect.exit(apply(people(4)))
      const { reason } = (yield* Effect.flip(exit)) as { reason: { _tag: string; problem: string } }
      assert.strictEqual(reason._tag, "CredentialsRejected")
      assert.include(reason.problem, "401")
      keepsTheKey(exit)
      const again = yield* Effect.exit(apply(people(4)))
      assert.include(String(again), "has refused these credentials since")
      assert.lengthOf(answers, 1)
      assert.isTrue(answers[0]?.credentialsRefused)
      yield* fair(sandbox, 1)
    })
  )

  it.live.each([
    ["seconds", 2],
    ["http-date", 2]
  ] as const)("waits at least as long as Retry-After says in %s", ([retryAfterForm, retryAfter]) =>
    Effect.gen(function* () {
      const { answers, apply, sandbox } = yield* withSandbox({
        faults: [{ fault: { kind: "status", status: 429, retryAfter, retryAfterForm } }]
      })
      yield* apply([person(1)])
      assert.deepStrictEqual(said(answers), ["e-1 created 201"])
      const [first, second] = yield* fair(sandbox, 2)
      assert.strictEqual(first?.status, 429)
      assert.isAtLeast(second!.spacing!, 1995)
    })
  )

  const faults = [
    ["a 500", { kind: "status", status: 500 }, "Together answered 500.", 201],
    ["a 502", { kind: "status", status: 502 }, "Together answered 502.", 201],
    ["a 503", { kind: "status", status: 503 }, "Together answered 503.", 201],
    ["a reset before it was applied", { kind: "reset-before" }, /cannot be reached: (ECONNRESET|UND_ERR_SOCKET)/, 201],
    ["a reset after it was applied", { kind: "reset-after" }, /cannot be reached: (ECONNRESET|UND_ERR_SOCKET)/, 204],
    ["a page with 200", { kind: "html" }, "Together answered 200 with a body that is not JSON.", 201],
    ["JSON that breaks off", { kind: "truncated" }, /Together answered 201 with a body that is not JSON/, 204],
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
      const [first, second] = yield* fair(sandbox, 2)
      assert.isAtLeast(second!.arrivedAt - first!.endedAt!, deferred!.deferral!.waitMillis - 5)
    })
  )

  it.live("frees the lane after the pace when it is interrupted in the middle of a request", () =>
    Effect.gen(function* () {
      const { answers, apply, sandbox } = yield* withSandbox({ faults: [{ fault: { kind: "hang" } }] })
      const fiber = yield* Effect.forkChild(apply([person(1)]))
      yield* Effect.andThen(sandbox.report, ({ inFlight }) =>
        inFlight === 0 ? Effect.fail("early") : Effect.void
      ).pipe(Effect.retry({ times: 100, schedule: Schedule.spaced("20 millis") }))
      yield* Fiber.interrupt(fiber)
      yield* apply([person(1)])
      assert.deepStrictEqual(
        answers.map(({ deferral }) => deferral?.reason),
        ["the run was interrupted; what became of the request is not known", undefined]
      )
      assert.deepStrictEqual(said(answers), ["e-1 created 201"])
      yield* fair(sandbox, 2)
    })
  )

  it.live.each(listShapes)("reads a list of the shape %s in its check, and changes nothing", (listShape) =>
    Effect.gen(function* () {
      const { answers, check, sandbox, stored } = yield* withSandbox({
        listShape,
        pageSize: 2,
        users: [resident(1), resident(2)]
      })
      assert.strictEqual(yield* check(), "credentials accepted; 2 users in the answer to the list")
      assert.deepInclude(answers[0], { operation: "check", members: 0, status: 200, verdicts: [] })
      assert.deepStrictEqual(yield* stored, [resident(1), resident(2)])
      const [request] = yield* fair(sandbox, 1)
      assert.deepInclude(request, { method: "GET", path: "/public/user", status: 200 })
    })
  )
})

const down: Line = { status: 503 }

interface Reason {
  readonly _tag: string
  readonly problem: string
  readonly stream?: string
  readonly expected?: number
  readonly actual?: number
}

const reasonOf = (error: unknown) => (error as { readonly reason: Reason }).reason

describe("TogetherSink in front of a scripted vendor", () => {
  it.effect("says who it is, which lane it takes and what a request costs", () =>
    Effect.gen(function* () {
      const { sink } = yield* withScript([])
      assert.deepInclude(sink, { id: "together", batchSize: 100, requestMillis: 1000 })
      assert.match(sink.lane, /^together-[0-9a-f]{12}$/)
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

  it.effect("sends no more people in a request than it is told", () =>
    Effect.gen(function* () {
      const { apply, heard } = yield* withScript([{ status: 200 }])
      yield* inTheEnd(apply(people(10), 4))
      assert.deepStrictEqual(
        heard.map(({ body }) => (Array.isArray(body) ? body.length : 1)),
        [4, 4, 2]
      )
    })
  )

  it.effect("sends the same again after every fault, with its own name for every request", () =>
    Effect.gen(function* () {
      const { answers, apply, heard } = yield* withScript([
        down,
        {},
        { status: 429, headers: { "retry-after": "100" } },
        { status: 429, headers: { "retry-after": "Thu, 01 Jan 1970 00:05:00 GMT" } },
        { status: 200, text: '{"trunc' },
        { status: 200, text: "<html>" },
        { status: 201, text: "{}" }
      ])
      yield* yield* inTheEnd(apply(people(2)))
      assert.lengthOf(heard, 7)
      assert.strictEqual(new Set(heard.map(({ body }) => JSON.stringify(body))).size, 1)
      assert.deepStrictEqual(
        deferrals(answers).map(({ reason, status }) => [status, reason]),
        [
          [503, "Together answered 503."],
          [undefined, "https://together.example cannot be reached: ECONNRESET."],
          [429, "Together answered 429."],
          [429, "Together answered 429."],
          [200, "Together answered 200 with a body that is not JSON."],
          [200, "Together answered 200 with a body that is not JSON."]
        ]
      )
      assert.strictEqual(new Set(answers.map(({ request }) => request)).size, 7)
      assert.strictEqual(deferrals(answers)[2]?.waitMillis, 100_000)
      assert.strictEqual(heard[4]?.at, 300_000)
      for (const [index, { waitMillis }] of deferrals(answers).entries())
        assert.isAtLeast(heard[index + 1]!.at - heard[index]!.at, Math.max(1000, waitMillis - 1))
      assert.lengthOf(said(answers), 2)
    })
  )

  it.effect("waits out 7 s as it is asked, and a date to the second", () =>
    Effect.gen(function* () {
      const { apply, heard } = yield* withScript([
        { status: 429, headers: { "retry-after": "7" } },
        { status: 200 },
        { status: 503, headers: { "retry-after": "Thu, 01 Jan 1970 00:01:00 GMT" } },
        { status: 200 }
      ])
      yield* inTheEnd(Effect.andThen(apply([person(1)]), apply([person(2)])))
      assert.deepStrictEqual(
        heard.map(({ at }) => at),
        [1000, 8000, 9000, 60_000]
      )
    })
  )

  it.effect("gives each request its own patience, and each answer a new backoff", () =>
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
      const reason = reasonOf(yield* Effect.flip(exit))
      assert.strictEqual(reason._tag, "SinkUnavailable")
      assert.include(reason.problem, "Together answered 503. The backoff asks for quiet until")
      assert.deepStrictEqual(said(answers), ["e-1 updated 200"])
      assert.lengthOf(answers, heard.length)
      assert.strictEqual(new Set(answers.map(({ request }) => request)).size, heard.length)
      keepsTheKey(exit)
    })
  )

  it.effect("goes on after a restart where the backoff was, and no faster", () =>
    Effect.gen(function* () {
      const memory = makeMemoryLane()
      const before = yield* withScript([down], { patienceMinutes: 0.1 }, memory)
      const fiber = yield* Effect.forkChild(Effect.exit(before.apply(people(3))))
      yield* TestClock.adjust("8 seconds")
      yield* Fiber.await(fiber)
      assert.deepStrictEqual(
        before.heard.map(({ at }) => at),
        [1000, 3000, 7000]
      )
      const after = yield* withScript([down, { status: 201 }], {}, memory)
      yield* inTheEnd(after.apply(people(3)))
      assert.deepStrictEqual(
        after.heard.map(({ at }) => at),
        [15_000, 31_000]
      )
      assert.lengthOf(said(after.answers), 3)
    }).pipe(noLuck)
  )

  it.effect.each([401, 403])("makes not one request more after %i, not even after a fault or in a search", (status) =>
    Effect.gen(function* () {
      const { answers, apply, heard } = yield* withScript([down, { status: 409 }, { status }])
      const exit = yield* inTheEnd(apply(people(4)))
      assert.strictEqual(reasonOf(yield* Effect.flip(exit))._tag, "CredentialsRejected")
      assert.lengthOf(heard, 3)
      assert.deepInclude(answers.at(-1), { status, credentialsRefused: true })
      keepsTheKey(exit)
    })
  )

  it.effect.each([
    ["a redirect", { status: 302, headers: { location: "https://x.example" } }],
    ["404", { status: 404, text: '{"error":"no such page"}' }],
    ["a web page that refuses", { status: 400, text: "<html>Blocked</html>" }],
    ["a 207 that says nothing", { status: 207, text: "{}" }]
  ] as const)("stops at %s, and reports it", ([, line]) =>
    Effect.gen(function* () {
      const { answers, apply, heard } = yield* withScript([line])
      const exit = yield* inTheEnd(apply(people(2)))
      const reason = reasonOf(yield* Effect.flip(exit))
      assert.strictEqual(reason._tag, "SinkMisread")
      assert.lengthOf(heard, 1)
      assert.lengthOf(answers, 1)
      assert.deepInclude(answers[0], { status: line.status, verdicts: [] })
      assert.deepStrictEqual(answers[0]?.deferral, { reason: reason.problem, waitMillis: 1000 })
      assert.strictEqual(answers[0]?.ending.faults, 0)
      assert.notProperty(answers[0]?.ending, "circuit")
      keepsTheKey(exit)
    })
  )

  it.effect("stops when its caller cannot record, with the caller's own error", () =>
    Effect.gen(function* () {
      const { errand, heard, sink } = yield* withScript([down])
      const exit = yield* inTheEnd(sink.apply([person(1)], 100, { ...errand, report: () => Effect.fail("disk full") }))
      assert.strictEqual(yield* Effect.flip(exit), "disk full")
      assert.lengthOf(heard, 1)
    })
  )

  it.effect("stops when somebody has news, before anything is sent", () =>
    Effect.gen(function* () {
      const { apply, heard, memory } = yield* withScript([{ status: 200 }])
      memory.moved("employee:2", 7)
      const error = yield* Effect.flip(yield* inTheEnd(apply(people(3))))
      assert.deepInclude(reasonOf(error), { _tag: "VersionConflict", stream: "employee:2", expected: 1, actual: 7 })
      assert.deepStrictEqual(heard, [])
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

  it.effect("keeps several callers in one file, a second apart", () =>
    Effect.gen(function* () {
      const { apply, check, heard } = yield* withScript([{ status: 200, text: "[]" }])
      yield* inTheEnd(
        Effect.all([apply([person(1)]), check(), apply([person(2)]), check()], { concurrency: "unbounded" })
      )
      assert.deepStrictEqual(
        heard.map(({ at }) => at),
        [1000, 2000, 3000, 4000]
      )
    })
  )
})

describe("TogetherSink: register", () => {
  const registered = Effect.fnUntraced(function* (script: ReadonlyArray<Line>) {
    const { answers, heard, register } = yield* withScript(script)
    const exit = yield* inTheEnd(register({ ...registration, matchTypeIds: ["group"] }))
    return { answers, exit, heard }
  })

  it.effect.each([200, 201, 204])("takes %i for done", (status) =>
    Effect.gen(function* () {
      const { answers, heard } = yield* registered([{ status }])
      const [answer] = answers
      assert.deepInclude(answer, { operation: "register", members: 1, status, verdicts: [] })
      assert.deepInclude(answer?.registered, { status })
      assert.notProperty(answer?.registered, "refusal")
      assert.strictEqual(heard[0]?.url, "https://together.example/public/acme/registerUser")
      assert.deepStrictEqual(heard[0]?.body, {
        employeeId: "e-1",
        programId: "mentoring-2026",
        roles: { mentor: true },
        matchTypeIds: ["group"]
      })
    })
  )

  it.effect.each([400, 404, 409, 410, 413, 422])("takes %i for a refusal, in the vendor's words", (status) =>
    Effect.gen(function* () {
      const { answers, exit } = yield* registered([{ status, text: "no such program" }])
      assert.deepInclude(answers[0]?.registered, { status, refusal: "no such program" })
      yield* exit
      const silent = yield* registered([{ status }])
      assert.strictEqual(silent.answers[0]?.registered?.refusal, `Together answered ${status}.`)
    })
  )

  it.effect("asks again after a fault, and stops at a refused key and at what it cannot read", () =>
    Effect.gen(function* () {
      assert.lengthOf((yield* registered([down, { status: 200 }])).heard, 2)
      const refused = yield* registered([{ status: 401 }])
      assert.strictEqual(reasonOf(yield* Effect.flip(refused.exit))._tag, "CredentialsRejected")
      const misread = yield* registered([{ status: 207 }])
      assert.strictEqual(reasonOf(yield* Effect.flip(misread.exit))._tag, "SinkMisread")
    })
  )

  it.effect("is decided from the person's version", () =>
    Effect.gen(function* () {
      const { heard, memory, register } = yield* withScript([{ status: 200 }])
      memory.moved("employee:1", 2)
      assert.include(String(yield* inTheEnd(register(registration))), "Stream employee:1 is at version 2")
      assert.deepStrictEqual(heard, [])
    })
  )
})

describe("TogetherSink: check", () => {
  const checked = Effect.fnUntraced(function* (line: Line) {
    const { answers, check, heard } = yield* withScript([line])
    return { answers, exit: yield* inTheEnd(check()), heard }
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
      const { exit } = yield* checked({ status: 200, text })
      assert.include(yield* exit, `${users} users`)
    })
  )

  it.effect("tries once and does not wait, however long the server would like it to", () =>
    Effect.gen(function* () {
      const { answers, exit, heard } = yield* checked({ status: 503, headers: { "retry-after": "86400" } })
      const reason = reasonOf(yield* Effect.flip(exit))
      assert.strictEqual(reason._tag, "SinkUnavailable")
      assert.include(reason.problem, "Together answered 503. Together asks for quiet until 1970-01-02T00:00:00.980Z.")
      assert.lengthOf(heard, 1)
      assert.lengthOf(answers, 1)
      keepsTheKey(exit)
    })
  )

  it.effect.each([
    [401, "CredentialsRejected"],
    [404, "SinkMisread"],
    [302, "SinkMisread"],
    [207, "SinkMisread"]
  ] as const)("says with %i what is wrong: %s", ([status, tag]) =>
    Effect.gen(function* () {
      const { answers, exit } = yield* checked({ status })
      assert.strictEqual(reasonOf(yield* Effect.flip(exit))._tag, tag)
      assert.lengthOf(answers, 1)
      keepsTheKey(exit)
    })
  )

  it.effect("finds out with a probe that credentials are good again, and without one asks nothing", () =>
    Effect.gen(function* () {
      const { apply, check, heard } = yield* withScript([{ status: 401 }, { status: 200, text: "[]" }])
      yield* inTheEnd(apply([person(1)]))
      assert.include(String(yield* inTheEnd(apply([person(1)]))), "has refused these credentials since")
      assert.lengthOf(heard, 1)
      assert.include(String(yield* inTheEnd(check())), "has refused these credentials since")
      assert.lengthOf(heard, 1)
      yield* yield* inTheEnd(check(true))
      yield* yield* inTheEnd(apply([person(1, { fields: newcomer(1) })]))
      assert.lengthOf(heard, 3)
    })
  )

  it.effect("keeps the key to itself when the connection breaks", () =>
    Effect.gen(function* () {
      const { answers, exit } = yield* checked({})
      keepsTheKey(exit)
      assert.notInclude(JSON.stringify(answers satisfies ReadonlyArray<Answer>), "canary")
    })
  )
})
