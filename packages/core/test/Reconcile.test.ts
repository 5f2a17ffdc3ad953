import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"

import { EventLog, StoreError, StoreUnavailable, VersionConflict } from "../src/contract/EventLog.ts"
import { CredentialsRejected, SinkError, SinkUnavailable, type Upsert, type Verdict } from "../src/contract/Sink.ts"
import { employeeStream } from "../src/domain/Employee.ts"
import type { EventType } from "../src/domain/Event.ts"
import type { Fields } from "../src/domain/Field.ts"
import { payloadHash } from "../src/sync/Consider.ts"
import { placeHash } from "../src/sync/Programs.ts"
import type { ReconcileProgress } from "../src/sync/Reconcile.ts"
import { acme, everyone, holds, itIs, january, row, someone } from "./Given.ts"
import { allEvents, withEmptyLog } from "./MemoryLog.ts"
import { type MemorySink, makeMemorySink, show } from "./MemorySink.ts"
import { pass, plan, read, readList, release } from "./When.ts"

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
      const next = yield* plan()
      assert.strictEqual(next.upToDate, 1)
      assert.strictEqual(next.budget.least, 1)
    }).pipe(withEmptyLog)
  )

  it.effect("records a deferral in the lane's stream, and settles nobody by it", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink({ deferrals: [{ reason: "too many requests", waitMillis: 2000 }] })
      yield* read(everyone(row("1", someone)))
      assert.deepStrictEqual(yield* pass(sink), { requests: 2, settled: 1, left: 0 })
      const deferred = yield* ofType("RequestDeferred")
      assert.deepStrictEqual(
        deferred.map(({ stream }) => stream),
        ["lane:lane"]
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

/** Somebody else wrote to the person in between. */
const conflict = new StoreError({ reason: new VersionConflict({ stream: "employee:x", expected: 1, actual: 2 }) })

describe("reconcile: people who have news", () => {
  it.effect("decides again about who is not settled yet, and settles everybody once", () =>
    Effect.gen(function* () {
      let conflicts = 0
      const sink = makeMemorySink({
        batchSize: 1,
        beforeGrant: (n) => (n === 1 && conflicts++ === 0 ? Effect.fail(conflict) : Effect.void)
      })
      yield* read(everyone(row("1", someone), row("2", someone), row("3", someone)))
      assert.deepStrictEqual(yield* pass(sink), { requests: 3, settled: 3, left: 0 })
      assert.strictEqual(conflicts, 2)
      const once = sink.requests.flat().map(({ employeeId }) => employeeId)
      assert.deepStrictEqual(once.toSorted(), ["1", "2", "3"])
      assert.strictEqual((yield* ofType("UserCreated")).length, 3)
      assert.deepInclude(yield* pass(sink), { requests: 0 })
    }).pipe(withEmptyLog)
  )

  it.effect("sends the news that came in between", () =>
    Effect.gen(function* () {
      const context = yield* Effect.context<EventLog>()
      const news = read(everyone(row("1", { ...someone, title: "Head" }))).pipe(Effect.provide(context), Effect.orDie)
      let asked = 0
      const sink = makeMemorySink({
        beforeGrant: () => (asked++ === 0 ? Effect.andThen(news, Effect.fail(conflict)) : Effect.void)
      })
      yield* read(everyone(row("1", someone)))
      yield* pass(sink)
      assert.deepStrictEqual(sent(sink), [[{ key: "1", ...someone, title: "Head" }]])
    }).pipe(withEmptyLog)
  )

  it.effect("gives up where there is news every time", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink({ beforeGrant: () => Effect.fail(conflict) })
      yield* read(everyone(row("1", someone)))
      assert.strictEqual(yield* Effect.flip(pass(sink)), conflict)
      assert.deepStrictEqual(sink.requests, [])
    }).pipe(withEmptyLog)
  )

  it.effect("does not decide again where the store fails in another way", () =>
    Effect.gen(function* () {
      const away = new StoreError({ reason: new StoreUnavailable({ problem: "No database.", remedy: "Start it." }) })
      let asked = 0
      const sink = makeMemorySink({
        beforeGrant: () => {
          asked++
          return Effect.fail(away)
        }
      })
      yield* read(everyone(row("1", someone)))
      assert.strictEqual(yield* Effect.flip(pass(sink)), away)
      assert.strictEqual(asked, 1)
    }).pipe(withEmptyLog)
  )
})

describe("reconcile: the budget", () => {
  const five = everyone(...["1", "2", "3", "4", "5"].map((key) => row(key, someone)))

  /** A plan with another budget. */
  const planWith = Effect.fnUntraced(function* (most: number) {
    const made = yield* plan({}, { batchSize: 1 })
    return { ...made, budget: { ...made.budget, most } }
  })

  it.effect("stops when it is spent, says what is left, and leaves that to the next plan", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink({ batchSize: 1 })
      yield* read(five)
      assert.deepStrictEqual(yield* pass(sink, { made: yield* planWith(2) }), { requests: 2, settled: 2, left: 3 })
      assert.strictEqual((yield* ofType("UserCreated")).length, 2)
      assert.deepStrictEqual(yield* pass(sink), { requests: 3, settled: 3, left: 0 })
      assert.strictEqual(sink.users.size, 5)
      assert.strictEqual(sink.requests.length, 5)
    }).pipe(withEmptyLog)
  )

  it.effect("leaves nothing where it just suffices", () =>
    Effect.gen(function* () {
      yield* read(five)
      const made = yield* planWith(5)
      assert.deepStrictEqual(yield* pass(makeMemorySink({ batchSize: 1 }), { made }), {
        requests: 5,
        settled: 5,
        left: 0
      })
    }).pipe(withEmptyLog)
  )

  it.effect("does not count requests without an answer", () =>
    Effect.gen(function* () {
      const deferral = { reason: "too many requests", waitMillis: 1000 }
      const sink = makeMemorySink({ batchSize: 1, deferrals: [deferral, deferral, deferral] })
      yield* read(five)
      assert.deepStrictEqual(yield* pass(sink, { made: yield* planWith(2) }), { requests: 5, settled: 2, left: 3 })
    }).pipe(withEmptyLog)
  )

  it.effect("counts registrations, too", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink()
      const rules = { programs: [peers] }
      yield* read(five)
      const made = yield* plan(rules)
      const cut = { ...made, budget: { ...made.budget, most: 3 } }
      assert.deepStrictEqual(yield* pass(sink, { rules, made: cut }), { requests: 3, settled: 7, left: 3 })
      assert.strictEqual(sink.registrations.length, 2)
      assert.deepStrictEqual(yield* pass(sink, { rules }), { requests: 3, settled: 3, left: 0 })
    }).pipe(withEmptyLog)
  )
})

const peers = { programId: "p-1", who: [{}] as const, roles: { peer: true } }

describe("reconcile: programs", () => {
  const rules = { programs: [peers] }

  it.effect("registers people once they are there, once each, and records it", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink()
      yield* read(everyone(row("1", someone), row("2", { ...someone, status: "leave" })))
      assert.deepStrictEqual(yield* pass(sink, { rules }), { requests: 2, settled: 3, left: 0 })
      assert.deepStrictEqual(
        sink.registrations.map(({ employeeId, programId, roles }) => ({ employeeId, programId, roles })),
        [{ employeeId: "1", programId: "p-1", roles: { peer: true } }]
      )
      const [registered] = yield* ofType("ProgramRegistered")
      assert.strictEqual(registered?.stream, employeeStream(acme, "1"))
      assert.deepInclude(registered?.event, {
        employeeId: "1",
        programId: "p-1",
        status: 200,
        members: 1,
        payloadHash: placeHash({ programId: "p-1", roles: { peer: true } })
      })
      const created = (yield* ofType("UserCreated"))[0]
      assert.isAbove(registered?.position ?? 0, created?.position ?? Infinity)
      assert.deepStrictEqual(yield* pass(sink, { rules }), { requests: 0, settled: 0, left: 0 })
    }).pipe(withEmptyLog)
  )

  it.effect("registers again when the rule changes", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink()
      yield* read(everyone(row("1", someone)))
      yield* pass(sink, { rules })
      const changed = { programs: [{ ...peers, matchTypeIds: ["m-1"] as const }] }
      assert.deepInclude(yield* pass(sink, { rules: changed }), { requests: 1, settled: 1 })
      assert.deepInclude(sink.registrations.at(-1), { matchTypeIds: ["m-1"] })
      assert.deepInclude(yield* pass(sink, { rules: changed }), { requests: 0 })
    }).pipe(withEmptyLog)
  )

  it.effect("holds a refused registration, with the reason, until someone releases it", () =>
    Effect.gen(function* () {
      let refuses = true
      const sink = makeMemorySink({ refusesPlace: () => (refuses ? "no such role" : undefined) })
      yield* read(everyone(row("1", someone)))
      yield* pass(sink, { rules })
      assert.deepInclude((yield* ofType("ProgramRefused"))[0]?.event, { status: 400, answer: "no such role" })
      assert.deepInclude(yield* pass(sink, { rules }), { requests: 0 })
      refuses = false
      yield* release("1")
      assert.deepInclude(yield* pass(sink, { rules }), { requests: 1, settled: 1 })
      assert.deepInclude(yield* pass(sink, { rules }), { requests: 0 })
      assert.strictEqual(sink.registrations.length, 2)
    }).pipe(withEmptyLog)
  )

  it.effect("registers nobody whom Together has just refused, nor whom the rule no longer names", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink({
        verdict: ({ employeeId }) => (employeeId === "1" ? refusal("rejected", 400) : undefined)
      })
      yield* read(everyone(row("1", someone), row("2", someone)))
      const made = yield* plan(rules)
      assert.strictEqual(made.counts.registration, 2)
      yield* read(everyone(row("1", someone), row("2", { ...someone, status: "leave" })))
      yield* pass(sink, { rules, made })
      assert.deepStrictEqual(sink.registrations, [])
    }).pipe(withEmptyLog)
  )

  it.effect("registers nobody whose missing entry Together does not take again", () =>
    Effect.gen(function* () {
      let refuses = false
      const sink = makeMemorySink({ verdict: () => (refuses ? refusal("rejected", 400) : undefined) })
      yield* read(everyone(row("1", someone)))
      yield* pass(sink)
      show(sink, [])
      yield* readList(sink)
      refuses = true
      yield* pass(sink, { rules })
      assert.deepStrictEqual(sink.registrations, [])
      assert.deepInclude(yield* pass(sink, { rules }), { requests: 0 })
    }).pipe(withEmptyLog)
  )
})

describe("reconcile: the day's refresh", () => {
  const rules = { refresh: "daily" } as const

  it.effect("sends every field that has a value, and records none of them as news", () =>
    Effect.gen(function* () {
      yield* itIs(january(5))
      const sink = makeMemorySink()
      const clerk = { ...someone, title: "Clerk" }
      yield* read(everyone(row("1", { ...clerk, officeId: null })))
      yield* pass(sink, { rules })
      yield* itIs(january(6))
      assert.deepInclude(yield* pass(sink, { rules }), { requests: 1, settled: 1 })
      assert.deepStrictEqual(sent(sink).at(-1), [{ key: "1", ...clerk }])
      assert.deepInclude(sink.requests.at(-1)?.[0], { known: true, news: {} })
      const [refreshed] = yield* ofType("UserUnchanged")
      assert.deepInclude(refreshed?.event, { fields: {}, payloadHash: payloadHash("1", clerk), status: 204 })
      assert.deepInclude(yield* pass(sink, { rules }), { requests: 0 })
    }).pipe(withEmptyLog)
  )

  it.effect("sends a change that came in since in its place", () =>
    Effect.gen(function* () {
      yield* itIs(january(5))
      const sink = makeMemorySink()
      yield* read(everyone(row("1", someone)))
      yield* pass(sink, { rules })
      yield* itIs(january(6))
      const made = yield* plan(rules)
      assert.strictEqual(made.counts.refresh, 1)
      yield* read(everyone(row("1", { ...someone, title: "Head" })))
      yield* pass(sink, { rules, made })
      assert.deepStrictEqual(sent(sink).at(-1), [{ key: "1", title: "Head" }])
      assert.deepInclude(yield* pass(sink, { rules }), { requests: 0 })
    }).pipe(withEmptyLog)
  )

  it.effect("holds a refused refresh until something changes", () =>
    Effect.gen(function* () {
      yield* itIs(january(5))
      const sink = makeMemorySink({ verdict: ({ known }) => (known ? refusal("rejected", 400) : undefined) })
      yield* read(everyone(row("1", someone)))
      yield* pass(sink, { rules })
      yield* itIs(january(6))
      assert.deepInclude(yield* pass(sink, { rules }), { requests: 1 })
      assert.deepInclude(yield* pass(sink, { rules }), { requests: 0 })
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
