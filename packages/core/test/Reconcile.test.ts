import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"

import { EventLog } from "../src/contract/EventLog.ts"
import { CredentialsRejected, SinkError, SinkUnavailable, type Upsert, type Verdict } from "../src/contract/Sink.ts"
import { employeeStream } from "../src/domain/Employee.ts"
import type { EventType } from "../src/domain/Event.ts"
import type { Fields } from "../src/domain/Field.ts"
import { payloadHash } from "../src/sync/Consider.ts"
import type { ReconcileProgress } from "../src/sync/Reconcile.ts"
import { acme, everyone, holds, itIs, january, row, someone } from "./Given.ts"
import { allEvents, withEmptyLog } from "./MemoryLog.ts"
import { type MemorySink, makeMemorySink } from "./MemorySink.ts"
import { pass, plan, read } from "./When.ts"

const ofType = (...types: ReadonlyArray<EventType>) =>
  Effect.map(allEvents(acme), (events) => events.filter(({ event }) => types.includes(event.type)))

/** Payloads in the order they were sent, one list a request. */
const sent = ({ requests }: MemorySink): ReadonlyArray<ReadonlyArray<Fields & { readonly key: string }>> =>
  requests.map((request) => request.map(({ employeeId, fields }) => ({ key: employeeId, ...fields })))

const refusal = (as: "rejected" | "conflicted" | "gone", status: number): Verdict => ({
  _tag: "Refused",
  as,
  status,
  answer: "no"
})

describe("reconcile: what is sent", () => {
  it.effect("creates joiners with every field, then sends changed fields alone, then nothing", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink()
      yield* read(everyone(row("1", { ...someone, title: "Clerk", officeId: null })))
      assert.deepInclude(yield* pass(sink), { requests: 1, settled: 1 })
      yield* read(everyone(row("1", { ...someone, title: "Head", officeId: "B" })))
      yield* pass(sink)
      assert.deepInclude(yield* pass(sink), { requests: 0, settled: 0 })
      assert.deepStrictEqual(sent(sink), [
        [{ key: "1", ...someone, title: "Clerk" }],
        [{ key: "1", title: "Head", officeId: "B" }]
      ])
      assert.deepStrictEqual(
        sink.requests.map(([upsert]) => upsert?.known),
        [false, true]
      )
    }).pipe(withEmptyLog)
  )

  it.effect("records what was applied, and everything that it was decided from", () =>
    Effect.gen(function* () {
      yield* itIs(january(5))
      const sink = makeMemorySink()
      yield* read(everyone(row("1", someone), row("2", someone)))
      const decidedAt = (yield* allEvents(acme)).length
      yield* pass(sink)
      const outcomes = yield* ofType("UserCreated")
      assert.strictEqual(outcomes.length, 2)
      for (const { actor, event, stream } of outcomes) {
        assert.strictEqual(actor, "sink:together")
        assert.deepInclude(event, {
          sink: "together",
          decidedAt,
          clock: `${january(5)}T12:00:00.000Z`,
          members: 2,
          configurationHash: "c",
          status: 201,
          fields: someone
        })
        const { employeeId, payloadHash: hash } = event as Extract<typeof event, { payloadHash: string }>
        assert.strictEqual(stream, employeeStream(acme, employeeId!))
        assert.strictEqual(hash, payloadHash(employeeId!, someone))
      }
    }).pipe(withEmptyLog)
  )

  it.effect("sends a change that came in after the plan was made, and none that was taken back", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink()
      yield* read(everyone(row("1", someone), row("2", someone)))
      yield* pass(sink)
      yield* read(everyone(row("1", { ...someone, title: "Clerk" }), row("2", { ...someone, title: "Clerk" })))
      const made = yield* plan()
      yield* read(everyone(row("1", { ...someone, title: "Head" }), row("2", { ...someone, title: null })))
      assert.deepInclude(yield* pass(sink, { made }), { requests: 1, settled: 1 })
      assert.deepStrictEqual(sent(sink).at(-1), [{ key: "1", title: "Head" }])
    }).pipe(withEmptyLog)
  )

  it.effect("makes no request when nothing is left to send", () =>
    Effect.gen(function* () {
      yield* read(everyone(row("1", someone)))
      const made = yield* plan()
      yield* read(everyone(row("1", { ...someone, email: null })))
      assert.deepInclude(yield* pass(makeMemorySink(), { made }), { requests: 0, settled: 0 })
    }).pipe(withEmptyLog)
  )

  it.effect("tells how far it is after every answer", () =>
    Effect.gen(function* () {
      const told: Array<ReconcileProgress> = []
      yield* read(everyone(row("1", someone), row("2", someone), row("3", someone)))
      yield* pass(makeMemorySink({ batchSize: 2 }), {
        onProgress: (progress) => Effect.sync(() => void told.push(progress))
      })
      const planned = { requests: 2, people: 3 }
      assert.deepStrictEqual(told, [
        { requests: 1, settled: 2, planned },
        { requests: 2, settled: 3, planned }
      ])
    }).pipe(withEmptyLog)
  )
})

describe("reconcile: managers", () => {
  it.effect("creates a manager before who reports to them", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink()
      yield* read(everyone(row("a", { ...someone, supervisorId: "b" }), row("b", someone)))
      yield* pass(sink)
      assert.deepStrictEqual(sent(sink), [[{ key: "b", ...someone }], [{ key: "a", ...someone, supervisorId: "b" }]])
    }).pipe(withEmptyLog)
  )

  it.effect("withholds a manager who is not there, and sends the reference alone once they are", () =>
    Effect.gen(function* () {
      let refusing = true
      const sink = makeMemorySink({
        verdict: ({ employeeId }) => (refusing && employeeId === "b" ? refusal("rejected", 400) : undefined)
      })
      yield* read(everyone(row("a", { ...someone, supervisorId: "b" }), row("b", someone)))
      yield* pass(sink)
      assert.deepStrictEqual(sink.users.get("a"), someone)
      assert.deepInclude(yield* pass(sink), { requests: 0 })
      refusing = false
      const mended = { ...someone, email: "b@acme.test" }
      yield* read(everyone(row("a", { ...someone, supervisorId: "b" }), row("b", mended)))
      yield* pass(sink)
      assert.deepStrictEqual(sent(sink).slice(-2), [[{ key: "b", ...mended }], [{ key: "a", supervisorId: "b" }]])
      assert.deepStrictEqual(sink.orphans, [])
      assert.deepInclude(yield* pass(sink), { requests: 0 })
    }).pipe(withEmptyLog)
  )

  it.effect("ties a circle of managers together in one pass", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink()
      yield* read(everyone(row("a", { ...someone, supervisorId: "b" }), row("b", { ...someone, supervisorId: "a" })))
      yield* pass(sink)
      assert.deepStrictEqual(sent(sink), [
        [{ key: "a", ...someone }],
        [{ key: "b", ...someone, supervisorId: "a" }],
        [{ key: "a", supervisorId: "b" }]
      ])
      assert.deepInclude(yield* pass(sink), { requests: 0 })
    }).pipe(withEmptyLog)
  )
})

/** A Together that says this of everyone with the title `X`. */
const refusing = (verdict: Verdict) =>
  makeMemorySink({ verdict: ({ fields }) => (fields.title === "X" ? verdict : undefined) })

describe("reconcile: refusals", () => {
  it.effect("holds a payload answered with 400 until it changes", () =>
    Effect.gen(function* () {
      const sink = refusing(refusal("rejected", 400))
      yield* read(everyone(row("1", { ...someone, title: "X" })))
      yield* pass(sink)
      assert.deepInclude((yield* ofType("UserRejected"))[0]?.event, { status: 400, answer: "no" })
      assert.deepInclude(yield* pass(sink), { requests: 0 })
      yield* read(everyone(row("1", { ...someone, title: "Clerk" })))
      assert.deepInclude(yield* pass(sink), { requests: 1, settled: 1 })
      assert.deepInclude(sink.users.get("1"), { title: "Clerk" })
    }).pipe(withEmptyLog)
  )

  for (const [status, as, type] of [
    [409, "conflicted", "UserConflicted"],
    [410, "gone", "UserGone"]
  ] as const) {
    it.effect(`never sends a person again who was answered with ${status}`, () =>
      Effect.gen(function* () {
        const sink = refusing(refusal(as, status))
        yield* read(everyone(row("1", { ...someone, title: "X" }), row("2", someone)))
        yield* pass(sink)
        assert.strictEqual((yield* ofType(type)).length, 1)
        yield* read(everyone(row("1", { ...someone, title: "Clerk", status: "terminated" }), row("2", someone)))
        assert.deepInclude(yield* pass(sink), { requests: 0 })
      }).pipe(withEmptyLog)
    )
  }

  it.effect("settles everybody else of the same request", () =>
    Effect.gen(function* () {
      const sink = refusing(refusal("rejected", 400))
      yield* read(everyone(row("1", { ...someone, title: "X" }), row("2", someone)))
      assert.deepInclude(yield* pass(sink), { requests: 1, settled: 2 })
      assert.deepStrictEqual([...sink.users.keys()], ["2"])
    }).pipe(withEmptyLog)
  )
})

const refusedKey = new SinkError({
  reason: new CredentialsRejected({ problem: "Together refuses the key.", remedy: "Set another." })
})

describe("reconcile: a sink that fails", () => {
  it.effect("records that the key was refused, in the sink's stream, and stops", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink({ failure: refusedKey, batchSize: 1 })
      yield* read(everyone(row("1", someone), row("2", someone)))
      assert.strictEqual(yield* Effect.flip(pass(sink)), refusedKey)
      const refused = yield* ofType("CredentialsRefused")
      assert.deepStrictEqual(
        refused.map(({ stream }) => stream),
        ["sink:together"]
      )
      assert.deepInclude(refused[0]?.event, { sink: "together", configurationHash: "c" })
      assert.deepStrictEqual(sink.requests, [])
    }).pipe(withEmptyLog)
  )

  it.effect("says nothing of the key when the sink is merely away, and keeps what was settled before", () =>
    Effect.gen(function* () {
      const failure = new SinkError({ reason: new SinkUnavailable({ problem: "No answer.", remedy: "Wait." }) })
      const sink = makeMemorySink({ failure, failsAfter: 1, batchSize: 1 })
      yield* read(everyone(row("1", someone), row("2", someone)))
      assert.strictEqual(yield* Effect.flip(pass(sink)), failure)
      assert.deepStrictEqual(yield* ofType("CredentialsRefused"), [])
      assert.strictEqual((yield* ofType("UserCreated")).length, 1)
      assert.deepInclude(yield* plan(), { upToDate: 1, requests: 1 })
    }).pipe(withEmptyLog)
  )

  it.effect("records a deferral in the sink's stream, and settles nobody by it", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink({ deferrals: [{ reason: "too many requests", waitMillis: 2000 }] })
      yield* read(everyone(row("1", someone)))
      assert.deepStrictEqual(yield* pass(sink), { requests: 2, settled: 1 })
      const deferred = yield* ofType("RequestDeferred")
      assert.deepStrictEqual(
        deferred.map(({ stream }) => stream),
        ["sink:together"]
      )
      assert.deepInclude(deferred[0]?.event, {
        status: 429,
        reason: "too many requests",
        waitMillis: 2000,
        members: 1
      })
      const log = yield* EventLog
      const types = (yield* log.stream(acme, employeeStream(acme, "1"))).map(({ event }) => event.type)
      assert.deepStrictEqual(types, ["EmployeeAppeared", "UserCreated"])
    }).pipe(withEmptyLog)
  )
})

const keys = ["1", "2", "3", "4", "5", "6"]

const people = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom(...keys),
    title: fc.constantFrom("a", "b", null),
    status: fc.constantFrom("active", "leave", "terminated"),
    supervisorId: fc.constantFrom(...keys, "nobody", null)
  }),
  { selector: ({ key }) => key }
)

const messagesOf = (list: ReadonlyArray<{ key: string } & Fields>) =>
  everyone(...list.map(({ key, ...fields }) => row(key, { ...someone, ...fields })))

const twice = (request: ReadonlyArray<Upsert>) =>
  new Set(request.map(({ employeeId }) => employeeId)).size < request.length

describe("reconcile, for any people", () => {
  it("makes Together equal to HR in three passes, ties nobody to a manager it does not know, and then stays quiet", () =>
    holds(
      fc.tuple(fc.array(people, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 3 })),
      ([list, batchSize]) =>
        Effect.gen(function* () {
          const sink = makeMemorySink({ batchSize })
          for (const humans of list) {
            yield* read(messagesOf(humans))
            for (let i = 0; i < 3; i++) yield* pass(sink)
            assert.deepInclude(yield* pass(sink), { requests: 0 })
            for (const { key, supervisorId, status, title } of humans) {
              const user = sink.users.get(key)
              assert.deepStrictEqual([user?.status, user?.title ?? null], [status, title])
              if (supervisorId !== key && (supervisorId === null || sink.users.has(supervisorId))) {
                assert.strictEqual(user?.supervisorId ?? null, supervisorId)
              }
            }
          }
          assert.deepStrictEqual(sink.orphans, [])
        }).pipe(withEmptyLog)
    ))

  it("sends nobody twice in one request", () =>
    holds(people, (humans) =>
      Effect.gen(function* () {
        const sink = makeMemorySink({ batchSize: 100 })
        yield* read(messagesOf(humans))
        yield* pass(sink)
        assert.isFalse(sink.requests.some(twice))
      }).pipe(withEmptyLog)
    ))
})
