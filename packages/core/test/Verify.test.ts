import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"

import { EventLog } from "../src/contract/EventLog.ts"
import type { Lane } from "../src/contract/Lane.ts"
import type { ListedUser } from "../src/contract/Sink.ts"
import { employeeStream, employeeStreamPrefix } from "../src/domain/Employee.ts"
import type { Event, EventType } from "../src/domain/Event.ts"
import type { Fields } from "../src/domain/Field.ts"
import { acme, everyone, holds, itIs, january, newRun, row, someone } from "./Given.ts"
import { allEvents, withEmptyLog } from "./MemoryLog.ts"
import { type MemorySink, makeMemorySink, show, usersOf } from "./MemorySink.ts"
import { pass, plan, read, readList } from "./When.ts"

const ofType = (...types: ReadonlyArray<EventType>) =>
  Effect.map(allEvents(acme), (events) => events.filter(({ event }) => types.includes(event.type)))

const discoveries = ["EntryFound", "DriftFound", "DriftResolved", "RemoteUserFound"] as const

const nothing = { matched: 0, drifted: 0, missing: 0, found: 0, linkable: 0, remoteOnly: 0 }

const named = (key: string, fields: Fields = {}): Fields => ({ ...someone, email: `${key}@acme.test`, ...fields })

/** HR has these people, and Together was sent them all. */
const synced = Effect.fnUntraced(function* (keys: ReadonlyArray<string>) {
  const sink = makeMemorySink()
  yield* read(everyone(...keys.map((key) => row(key, named(key, { title: "Clerk" })))))
  yield* pass(sink)
  show(sink, usersOf(sink))
  return sink
})

/** The list, with one of them changed. */
const withEdit = (users: ReadonlyArray<ListedUser>, key: string, fields: Fields): ReadonlyArray<ListedUser> =>
  users.map((user) => (user.employeeId === key ? { ...user, fields: { ...user.fields, ...fields } } : user))

const requestOf = (event: Event | undefined) => (event !== undefined && "request" in event ? event.request : undefined)

describe("verify: what Rollcall left there", () => {
  it.effect("finds nothing where everything is as it was left, and records that it was read", () =>
    Effect.gen(function* () {
      const sink = yield* synced(["1", "2"])
      const report = yield* readList(sink)
      const counts = { ...nothing, users: 2, matched: 2 }
      assert.deepStrictEqual(report, { requests: 1, whole: true, counts, news: false, remoteOnly: [], erased: 0 })
      assert.deepStrictEqual(yield* ofType(...discoveries), [])
      const [completed, ...others] = yield* ofType("VerificationCompleted")
      assert.deepStrictEqual(others, [])
      assert.deepInclude(completed, { stream: "sink:together", actor: "sink:together" })
      assert.deepInclude(completed?.event, { sink: "together", whole: true, counts })
      const ended = (yield* ofType("RequestAnswered")).at(-1)?.event
      assert.deepInclude(ended, { operation: "list", status: 200 })
      assert.strictEqual(requestOf(ended), requestOf(completed?.event))
    }).pipe(withEmptyLog)
  )

  it.effect("finds an edited field, tells it once, and is quiet again once it was repaired", () =>
    Effect.gen(function* () {
      const sink = yield* synced(["1", "2"])
      show(sink, withEdit(usersOf(sink), "1", { title: "Cook" }))
      assert.deepInclude(yield* readList(sink), {
        news: true,
        counts: { ...nothing, users: 2, matched: 1, drifted: 1 }
      })
      assert.deepInclude(yield* readList(sink), {
        news: false,
        counts: { ...nothing, users: 2, matched: 1, drifted: 1 }
      })
      const found = yield* ofType("DriftFound")
      assert.deepStrictEqual(
        found.map(({ event, stream }) => [stream, (event as { fields: Fields }).fields]),
        [[employeeStream(acme, "1"), { title: "Cook" }]]
      )
      assert.deepInclude(yield* pass(sink), { requests: 1, settled: 1 })
      assert.deepStrictEqual(sink.requests.at(-1)?.[0]?.fields, { title: "Clerk" })
      show(sink, usersOf(sink))
      assert.deepInclude(yield* readList(sink), { news: false, counts: { ...nothing, users: 2, matched: 2 } })
      yield* readList(sink)
      assert.lengthOf(yield* ofType("DriftResolved"), 1)
    }).pipe(withEmptyLog)
  )

  it.effect("sends nothing of an edited field where drift is only reported, and tells when it is gone", () =>
    Effect.gen(function* () {
      const sink = yield* synced(["1"])
      show(sink, withEdit(usersOf(sink), "1", { title: "Cook" }))
      yield* readList(sink, { drift: "report" })
      assert.deepInclude(yield* pass(sink, { rules: { drift: "report" } }), { requests: 0 })
      show(sink, usersOf(sink))
      assert.deepInclude(yield* readList(sink, { drift: "report" }), { news: false })
      assert.deepInclude(yield* readList(sink, { drift: "report" }), { news: false })
      assert.strictEqual((yield* ofType("DriftResolved")).length, 1)
    }).pipe(withEmptyLog)
  )

  it.effect("sends a missing person again with everything, alone where an array had taken them, and once", () =>
    Effect.gen(function* () {
      const sink = yield* synced(["1", "2", "3"])
      show(
        sink,
        usersOf(sink).filter(({ employeeId }) => employeeId === "3")
      )
      assert.deepInclude(yield* readList(sink), {
        news: true,
        counts: { ...nothing, users: 1, matched: 1, missing: 2 }
      })
      assert.deepInclude(yield* readList(sink), {
        news: false,
        counts: { ...nothing, users: 1, matched: 1, missing: 2 }
      })
      const before = sink.requests.length
      assert.deepInclude(yield* pass(sink), { requests: 2, settled: 2 })
      const again = sink.requests
        .slice(before)
        .map((request) => request.map(({ alone, fields, known }) => ({ alone, fields, known })))
      const whole = ["1", "2"].map(
        (key) => [{ alone: true, known: false, fields: named(key, { title: "Clerk" }) }] as const
      )
      assert.sameDeepMembers<unknown>(again, whole)
      show(sink, usersOf(sink))
      assert.deepInclude(yield* readList(sink), { news: false, counts: { ...nothing, users: 3, matched: 3 } })
      assert.deepInclude(yield* pass(sink), { requests: 0 })
    }).pipe(withEmptyLog)
  )

  it.effect("misses nobody in a list that was not read to its end", () =>
    Effect.gen(function* () {
      const sink = yield* synced(["1", "2"])
      show(sink, withEdit(usersOf(sink), "1", { title: "Cook" }).slice(0, 1), { whole: false })
      const { counts, whole } = yield* readList(sink)
      assert.isFalse(whole)
      assert.deepInclude(counts, { users: 1, missing: 0 })
      assert.strictEqual((yield* ofType("DriftFound")).length, counts.drifted)
      assert.deepInclude((yield* ofType("VerificationCompleted"))[0]?.event, { whole: false })
    }).pipe(withEmptyLog)
  )

  it.effect("says nothing of an erased person, whose entry nobody can tell any more", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const stream = employeeStream(acme, "1")
      const common = { sink: "together", decidedAt: 0, clock: "", request: "q", members: 1, status: 201 }
      const event = { type: "UserCreated", ...common, payloadHash: "h", configurationHash: "c", fields: {} } as const
      const entry = { stream, event, actor: "sink:together", effectiveOn: null, causation: null }
      yield* log.append(acme, { appendKey: newRun(), events: [entry] })
      const sink = makeMemorySink()
      show(sink, [])
      assert.deepInclude(yield* readList(sink), { news: false, counts: { ...nothing, users: 0 } })
      assert.strictEqual((yield* log.stream(acme, stream)).length, 1)
    }).pipe(withEmptyLog)
  )
})

/** A pass that goes on while a list is read. */
const passing = Effect.fnUntraced(function* (sink: MemorySink) {
  const context = yield* Effect.context<EventLog | Lane>()
  return pass(sink).pipe(Effect.asVoid, Effect.provide(context), Effect.orDie)
})

describe("verify: what happens meanwhile", () => {
  it.effect("takes an outcome that comes in while the list is read for no drift, and records what else it finds", () =>
    Effect.gen(function* () {
      const writer = yield* synced(["1", "2"])
      yield* read(everyone(row("1", named("1", { title: "Head" })), row("2", named("2", { title: "Clerk" }))))
      const sink = makeMemorySink({ afterList: yield* passing(writer) })
      show(sink, withEdit(withEdit(usersOf(writer), "2", { title: "Cook" }), "1", { title: "Boss" }))
      const report = yield* readList(sink)
      assert.deepInclude(report, { news: true })
      assert.deepStrictEqual(
        (yield* ofType("DriftFound")).map(({ stream }) => stream),
        [employeeStream(acme, "2")]
      )
      assert.deepStrictEqual(writer.users.get("1")?.title, "Head")
      assert.deepInclude(yield* pass(writer), { requests: 1, settled: 1 })
      assert.deepStrictEqual(writer.users.get("2")?.title, "Clerk")
    }).pipe(withEmptyLog)
  )

  it.effect("records as much as it finds, but for whom there is news", () =>
    Effect.gen(function* () {
      const keys = Array.from({ length: 1100 }, (_, i) => `e-${i}`)
      const writer = yield* synced(keys.slice(0, 1))
      yield* read(
        everyone(row("e-0", named("e-0", { title: "Head" })), ...keys.slice(1).map((key) => row(key, named(key))))
      )
      const sink = makeMemorySink({ afterList: yield* passing(writer) })
      const others = keys.slice(1).map((employeeId) => ({ employeeId, fields: named(employeeId) }))
      show(sink, withEdit([...usersOf(writer), ...others], "e-0", { title: "Cook" }))
      yield* readList(sink)
      // Everybody has news: the writer sent them all.
      assert.deepStrictEqual(yield* ofType(...discoveries), [])
      const reader = makeMemorySink()
      show(
        reader,
        usersOf(writer).map(({ employeeId, fields }) => ({ employeeId, fields: { ...fields, lastName: "King" } }))
      )
      assert.deepInclude((yield* readList(reader)).counts, { drifted: 1100 })
      const found = yield* ofType("DriftFound")
      assert.strictEqual(new Set(found.map(({ stream }) => stream)).size, 1100)
      assert.strictEqual(found.length, 1100)
    }).pipe(withEmptyLog)
  )

  it.effect("takes nobody for missing whom an outcome created while the list was read", () =>
    Effect.gen(function* () {
      const writer = makeMemorySink()
      yield* read(everyone(row("1", named("1"))))
      const sink = makeMemorySink({ afterList: yield* passing(writer) })
      show(sink, [])
      assert.deepInclude(yield* readList(sink), { news: false, counts: { ...nothing, users: 0 } })
      assert.strictEqual(writer.users.size, 1)
      assert.deepStrictEqual(yield* ofType(...discoveries), [])
    }).pipe(withEmptyLog)
  )
})

describe("verify: entries that Rollcall did not make", () => {
  it.effect("knows by the key what is there, and sends only what differs", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink()
      yield* read(everyone(row("1", named("1", { title: "Clerk" })), row("2", named("2"))))
      show(sink, [
        { employeeId: "1", userId: "u-1", fields: named("1", { title: "Cook", officeId: "B" }) },
        { employeeId: "2", userId: "u-2", fields: named("2") }
      ])
      assert.deepInclude(yield* readList(sink), { news: true, counts: { ...nothing, users: 2, found: 2 } })
      assert.deepInclude(yield* readList(sink), { news: false, counts: { ...nothing, users: 2, matched: 2 } })
      assert.deepInclude(yield* pass(sink), { requests: 1, settled: 1 })
      assert.deepStrictEqual(
        sink.requests[0]?.map(({ employeeId, fields, known }) => [employeeId, known, fields]),
        [["1", true, { title: "Clerk" }]]
      )
    }).pipe(withEmptyLog)
  )

  it.effect(
    "ties an entry without a key to the one person who has its address, alone and before joiners, and once",
    () =>
      Effect.gen(function* () {
        const sink = makeMemorySink()
        yield* read(
          everyone(
            row("1", named("1")),
            row("2", named("2", { alternateEmails: ["Two@old.test"] })),
            row("3", named("3"))
          )
        )
        show(sink, [{ userId: "u-9", fields: { email: "two@OLD.test" } }])
        assert.deepInclude(yield* readList(sink), { news: true, counts: { ...nothing, users: 1, linkable: 1 } })
        assert.deepInclude(yield* readList(sink), { news: false, counts: { ...nothing, users: 1, linkable: 1 } })
        const found = yield* ofType("EntryFound")
        assert.strictEqual(found.length, 1)
        assert.deepInclude(found[0]?.event, { keyed: false, userId: "u-9", employeeId: "2" })
        yield* pass(sink)
        const [link, joiners, ...others] = sink.requests.map((request) =>
          request.map(({ employeeId, userId }) => `${employeeId} ${userId}`)
        )
        assert.deepStrictEqual(link, ["2 u-9"])
        assert.sameMembers(joiners ?? [], ["1 undefined", "3 undefined"])
        assert.deepStrictEqual(others, [])
        assert.deepInclude(sink.requests[0]?.[0]?.fields, named("2"))
        const answers = (yield* ofType("RequestAnswered")).map(
          ({ event }) => (event as { operation: string }).operation
        )
        assert.deepStrictEqual(answers, ["list", "list", "link", "upsert"])
        assert.deepInclude(yield* pass(sink), { requests: 0 })
      }).pipe(withEmptyLog)
  )

  it.effect("reports an address of two people, and ties it to neither", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink()
      yield* read(everyone(row("1", named("team")), row("2", named("team"))))
      show(sink, [{ userId: "u-9", fields: { email: "team@acme.test" } }])
      const report = yield* readList(sink)
      assert.deepInclude(report.counts, { linkable: 0, remoteOnly: 1 })
      assert.deepStrictEqual(yield* ofType("EntryFound"), [])
      assert.strictEqual((yield* ofType("RemoteUserFound")).length, 1)
      yield* pass(sink)
      assert.isTrue(sink.requests.flat().every(({ userId }) => userId === undefined))
    }).pipe(withEmptyLog)
  )

  it.effect("ties nobody to an entry by address who has one of their own, is gone, or is in no source", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink({
        verdict: ({ employeeId }) => (employeeId === "2" ? { _tag: "Refused", as: "gone", status: 410 } : undefined)
      })
      yield* read(everyone(row("1", named("1")), row("2", named("2")), row("3", named("3", { firstName: null }))))
      yield* read(everyone(row("1", named("1")), row("2", named("2"))))
      yield* pass(sink)
      const byAddress = ["1", "2", "3"].map((key) => ({ userId: `x-${key}`, fields: { email: `${key}@acme.test` } }))
      show(sink, [...usersOf(sink), ...byAddress])
      assert.deepInclude((yield* readList(sink)).counts, { matched: 1, linkable: 0, remoteOnly: 3 })
      assert.deepStrictEqual(yield* ofType("EntryFound"), [])
    }).pipe(withEmptyLog)
  )

  it.effect("ties an entry again from which somebody took the key, before anything could make a second one", () =>
    Effect.gen(function* () {
      const sink = yield* synced(["1"])
      show(
        sink,
        usersOf(sink).map(({ fields, userId }) => ({ fields, ...(userId === undefined ? {} : { userId }) }))
      )
      assert.deepInclude((yield* readList(sink)).counts, { missing: 1, linkable: 1, remoteOnly: 0 })
      assert.deepInclude(yield* readList(sink), { news: false })
      assert.deepInclude(yield* pass(sink), { requests: 1, settled: 1 })
      assert.deepInclude(sink.requests.at(-1)?.[0], { employeeId: "1", userId: "u-1" })
      show(sink, usersOf(sink))
      assert.deepInclude((yield* readList(sink)).counts, { matched: 1, missing: 0, linkable: 0 })
    }).pipe(withEmptyLog)
  )
})

describe("verify: people at Together who are in no source", () => {
  it.effect("are recorded once each, in streams of their own, and nothing is sent for them", () =>
    Effect.gen(function* () {
      const sink = yield* synced(["1"])
      const strangers: ReadonlyArray<ListedUser> = [
        { userId: "u-8", employeeId: "8", fields: named("8") },
        { userId: "u-9", fields: named("9") },
        { employeeId: "7", fields: named("7") }
      ]
      show(sink, [...usersOf(sink), ...strangers])
      const report = yield* readList(sink)
      assert.sameDeepMembers([...report.remoteOnly], [...strangers])
      assert.deepInclude(report, { news: false, counts: { ...nothing, users: 4, matched: 1, remoteOnly: 3 } })
      yield* readList(sink)
      const found = yield* ofType("RemoteUserFound")
      assert.sameDeepMembers(
        found.map(({ event }) => {
          const { employeeId, userId } = event as { userId: string; employeeId?: string }
          return [userId, employeeId]
        }),
        [
          ["u-8", "8"],
          ["u-9", undefined],
          ["7", "7"]
        ]
      )
      assert.isTrue(found.every(({ stream }) => stream.startsWith("remote:")))
      const streams = new Set((yield* allEvents(acme)).map(({ stream }) => stream))
      assert.deepStrictEqual(
        [...streams].filter((stream) => stream.startsWith(employeeStreamPrefix)),
        [employeeStream(acme, "1")]
      )
      assert.deepInclude(yield* pass(sink), { requests: 0 })
    }).pipe(withEmptyLog)
  )

  it.effect("are nobody where there are none", () =>
    Effect.gen(function* () {
      const sink = yield* synced(["1"])
      yield* readList(sink)
      assert.deepStrictEqual(yield* ofType("RemoteUserFound"), [])
    }).pipe(withEmptyLog)
  )
})

const keys = ["1", "2", "3", "4"]

/** Of each person: whether HR has them, what Together has of them, and under which key. */
const worlds = fc.record({
  hr: fc.subarray(keys),
  there: fc.array(
    fc.record({
      key: fc.constantFrom(...keys, "5"),
      keyed: fc.boolean(),
      title: fc.constantFrom("Clerk", "Cook", null)
    }),
    { maxLength: 6 }
  ),
  edits: fc.array(fc.constantFrom(...keys), { maxLength: 2 }),
  losses: fc.array(fc.constantFrom(...keys), { maxLength: 2 }),
  batchSize: fc.integer({ min: 1, max: 3 })
})

describe("verify, for any list", () => {
  it("is told once, repaired in one pass, and terminates nobody", () =>
    holds(worlds, ({ batchSize, edits, hr, losses, there }) =>
      Effect.gen(function* () {
        yield* itIs(january(5))
        const sink = makeMemorySink({ batchSize })
        yield* read(everyone(...hr.map((key) => row(key, named(key, { title: "Clerk" })))))
        const byName = new Map(there.map((one) => [one.key, one]))
        show(
          sink,
          [...byName.values()].map(({ key, keyed, title }) => ({
            userId: `u-${key}`,
            ...(keyed ? { employeeId: key } : {}),
            fields: named(key, { title })
          }))
        )
        yield* readList(sink)
        assert.isFalse((yield* readList(sink)).news)
        yield* pass(sink)
        assert.deepInclude(yield* pass(sink), { requests: 0 })
        const linked = sink.requests
          .flat()
          .flatMap(({ employeeId, userId }) => (userId === undefined ? [] : [employeeId]))
        assert.sameMembers(
          linked,
          hr.filter((key) => byName.get(key)?.keyed === false)
        )
        // Now it holds what it was sent and what it had; somebody edits it, and loses some.
        const holding = [...hr].map((employeeId) => ({ employeeId, fields: named(employeeId, { title: "Clerk" }) }))
        const edited = edits.reduce<ReadonlyArray<ListedUser>>(
          (all, key) => withEdit(all, key, { title: "Boss" }),
          holding
        )
        show(
          sink,
          edited.filter(({ employeeId }) => !losses.includes(employeeId ?? ""))
        )
        yield* readList(sink)
        assert.isFalse((yield* readList(sink)).news)
        const hit = hr.filter((key) => edits.includes(key) || losses.includes(key))
        assert.deepInclude(yield* pass(sink), { settled: hit.length })
        show(sink, holding)
        assert.deepInclude(yield* readList(sink), {
          news: false,
          counts: { ...nothing, users: hr.length, matched: hr.length }
        })
        assert.isTrue(sink.requests.flat().every(({ fields }) => fields.status !== "terminated"))
        assert.deepInclude((yield* plan()).budget, { least: 0 })
      }).pipe(withEmptyLog)
    ))
})
