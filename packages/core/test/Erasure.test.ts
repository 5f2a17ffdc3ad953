/**
 * What is left of whom an erasure took, to every step that comes across them: nothing, and nothing comes back.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"

import { EventLog } from "../src/contract/EventLog.ts"
import { foldAccount } from "../src/directory/AccountRecord.ts"
import { emptyRecord } from "../src/directory/EmployeeRecord.ts"
import { employeeStream } from "../src/domain/Employee.ts"
import type { Event, RecordedEvent } from "../src/domain/Event.ts"
import { consider } from "../src/sync/Consider.ts"
import { nobody, reduce } from "../src/sync/Reduce.ts"
import { concernOf, tracesOf } from "../src/sync/Traces.ts"
import {
  type History,
  acme,
  badRow,
  everyone,
  given,
  gone,
  holds,
  january,
  newRun,
  noonOf,
  policy,
  row,
  someone
} from "./Given.ts"
import { ann, told, toldOf, viewed } from "./GivenDirectory.ts"
import { allEvents, withEmptyLog } from "./MemoryLog.ts"
import { makeMemorySink, show, usersOf } from "./MemorySink.ts"
import { pass, read, readList } from "./When.ts"

const erasure: Event = { type: "EmployeeErased", by: "grace", reason: "asked for it" }

const append = Effect.fnUntraced(function* (key: string, ...events: ReadonlyArray<Event>) {
  const log = yield* EventLog
  const stream = employeeStream(acme, key)
  const entries = events.map((event) => ({
    stream,
    event,
    actor: "operator:grace",
    effectiveOn: null,
    causation: null
  }))
  // An erasure forgets what sources said last, too.
  const seen = [{ source: "hr", stream, digest: null, present: false }]
  yield* log.append(acme, { appendKey: newRun(), events: entries, seen })
})

const release: Event = { type: "HoldReleased", by: "grace", reason: "came back" }

const personOf = Effect.fnUntraced(function* (key: string) {
  const log = yield* EventLog
  const stream = employeeStream(acme, key)
  return reduce(stream, yield* log.stream(acme, stream))
})

/** What sources said since a position. */
const saidSince = Effect.fnUntraced(function* (position: number) {
  return (yield* allEvents(acme))
    .filter((event) => event.position > position && !event.event.type.startsWith("SourceRun"))
    .map(({ event, stream }) => ({ stream, event }))
})

const head = Effect.flatMap(EventLog, (log) => Effect.map(log.head(acme), ({ position }) => position))

const ada = row("1", { ...someone, title: "Clerk" })
const bob = row("2", { ...someone, firstName: "Bob" })

const considered = ({ person }: History) => consider(person, policy(), noonOf(january(20)))

describe("erasure: the person", () => {
  it("is somebody of whom nothing is known but that they were erased, by whom, and where", () => {
    const { events, person, stream } = given().appeared(someone).created(someone).on(january(3)).and(erasure)
    assert.deepStrictEqual(person, {
      ...nobody(stream),
      position: 3,
      version: 3,
      erased: { position: 3, recordedAt: events[2]!.recordedAt, by: "grace", refused: [] }
    })
    assert.deepStrictEqual(considered(given().appeared(someone).and(erasure)), {
      _tag: "Blocked",
      gate: { _tag: "Erased" }
    })
  })

  it("stays so whatever is said, until somebody releases them, and then begins anew", () => {
    const after = given().appeared(someone).and(erasure).created(someone).appeared(someone).foundByAddress("u-1")
    assert.deepStrictEqual(after.person, {
      ...nobody(after.stream),
      position: 5,
      version: 5,
      erased: { ...given().appeared(someone).and(erasure).person.erased!, refused: [] }
    })
    const back = after.released()
    assert.deepStrictEqual(back.person, { ...nobody(after.stream), position: 6, version: 6 })
    assert.deepStrictEqual(considered(back), { _tag: "Blocked", gate: { _tag: "NotInAnySource" } })
    assert.deepInclude(considered(back.appeared(someone)), { _tag: "Send", known: false })
  })
})

describe("erasure: sources", () => {
  it.effect("are told once each that they still name the person, and keep no digest of them", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* read(everyone(ada, bob))
      yield* append("1", erasure)
      const before = yield* head
      const report = yield* read(everyone(ada, bob))
      assert.deepInclude(report.counts, { records: 2, rejected: 1, unchanged: 1, changed: 0, vanished: 0 })
      const [told, ...none] = yield* saidSince(before)
      assert.deepStrictEqual(none, [])
      assert.strictEqual(told?.stream, employeeStream(acme, "1"))
      assert.hasAllKeys(told?.event, ["type", "source", "run", "reason", "message", "locator"])
      assert.deepInclude(told?.event, { reason: "erased", locator: "hr.csv:1" })
      assert.include(told?.event.type === "SourceRecordRejected" ? told.event.message : "", "`rollcall release ID`")
      const seen = yield* log.seen(acme, "hr", [employeeStream(acme, "1")])
      assert.deepInclude([...seen.values()][0], { digest: null, present: true })

      const quiet = yield* head
      for (const rows of [everyone(ada, bob), everyone(row("1", { ...someone, title: "Chief" }), bob), [gone("1")]]) {
        yield* read(rows)
        assert.deepStrictEqual(yield* saidSince(quiet), [])
      }
      yield* read(everyone(badRow("1", "crm.csv:7")), { name: "crm" })
      assert.deepStrictEqual(
        (yield* saidSince(quiet)).map(({ event }) => event.type === "SourceRecordRejected" && event.source),
        ["crm"]
      )
    }).pipe(withEmptyLog)
  )

  it.effect("are not written to again where nothing is new: not even an empty commit", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada))
      yield* append("1", erasure)
      yield* read(everyone(ada))
      const log = yield* EventLog
      let appends = 0
      const counting = EventLog.of({
        ...log,
        append: (organization, append) => {
          if (append.events.length === 0 || (append.seen !== undefined && append.seen.length > 0)) appends++
          return log.append(organization, append)
        }
      })
      yield* read(everyone(ada)).pipe(Effect.provideService(EventLog, counting))
      assert.strictEqual(appends, 0)
    }).pipe(withEmptyLog)
  )

  it.effect("bring the person again once they are released, with every field", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada, bob))
      yield* append("1", erasure)
      yield* read(everyone(ada, bob))
      const log = yield* EventLog
      const entry = { stream: employeeStream(acme, "1"), event: release, actor: "operator:grace" }
      yield* log.append(acme, { appendKey: newRun(), events: [{ ...entry, effectiveOn: null, causation: null }] })
      const before = yield* head
      const report = yield* read(everyone(ada, bob))
      assert.deepInclude(report.counts, { appeared: 1, rejected: 0 })
      assert.deepStrictEqual(
        (yield* saidSince(before)).map(({ event }) => event.type),
        ["EmployeeAppeared"]
      )
      assert.strictEqual((yield* personOf("1")).employeeId, "1")
    }).pipe(withEmptyLog)
  )

  it.effect("may stop naming them: nobody has vanished, and an absence of others means what it meant", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada, bob))
      yield* append("1", erasure)
      yield* read(everyone(ada, bob))
      const before = yield* head
      yield* read(everyone(bob))
      assert.deepStrictEqual(yield* saidSince(before), [])
      yield* read(everyone(row("3", someone)))
      assert.deepStrictEqual(
        (yield* saidSince(before)).map(({ event, stream }) => `${event.type} ${stream}`),
        [`EmployeeAppeared ${employeeStream(acme, "3")}`, `EmployeeVanished ${employeeStream(acme, "2")}`]
      )
    }).pipe(withEmptyLog)
  )

  const keys = ["1", "2", "3", "4"]
  const titles = fc.array(fc.record({ key: fc.constantFrom(...keys), title: fc.constantFrom("Clerk", "Chief", null) }))

  it("says nothing of anybody else when the same is read again, for any histories", () =>
    holds(
      fc.record({ rounds: fc.array(titles, { maxLength: 4 }), erased: fc.constantFrom(...keys) }),
      ({ erased, rounds }) =>
        withEmptyLog(
          Effect.gen(function* () {
            const current = new Map<string, string | null>(keys.map((key) => [key, "Clerk"]))
            const rows = () => everyone(...[...current].map(([key, title]) => row(key, { ...someone, title })))
            yield* read(rows())
            for (const round of rounds) {
              for (const { key, title } of round) current.set(key, title)
              yield* read(rows())
            }
            const others = keys.filter((key) => key !== erased)
            const before = yield* Effect.forEach(others, personOf)
            yield* append(erased, erasure)
            const position = yield* head
            yield* read(rows())
            yield* read(rows())
            assert.deepStrictEqual(
              (yield* saidSince(position)).map(({ event, stream }) => `${event.type} ${stream}`),
              [`SourceRecordRejected ${employeeStream(acme, erased)}`]
            )
            assert.deepStrictEqual(yield* Effect.forEach(others, personOf), before)
          })
        )
    ))
})

describe("erasure: Together's list", () => {
  it.effect("is not recorded where it shows somebody who was erased, and they are counted apart", () =>
    Effect.gen(function* () {
      const sink = makeMemorySink()
      yield* read(everyone(ada, row("2", { ...someone, email: "bob@acme.test" })))
      yield* pass(sink)
      show(sink, [...usersOf(sink), { employeeId: "9", userId: "u-9", fields: {} }])
      yield* append("1", erasure)
      const report = yield* readList(sink)
      assert.deepInclude(report, { erased: 1 })
      assert.deepInclude(report.counts, { users: 3, matched: 1, remoteOnly: 1 })
      const found = (yield* allEvents(acme)).flatMap(({ event }) =>
        event.type === "RemoteUserFound" || event.type === "EntryFound" ? [event.employeeId] : []
      )
      assert.deepStrictEqual(found, ["9"])
    }).pipe(withEmptyLog)
  )
})

describe("erasure: the Directory", () => {
  it("shows nothing of an employee, and forgets who they were, until they are released", () => {
    const erased = told()
      .created()
      .profiled({ bio: "x" })
      .keyed("1")
      .assigned(ann)
      .and(erasure)
      .updated({ name: "Eve" })
    assert.deepStrictEqual(erased.record, { ...emptyRecord(ann), version: 6, erased: true })
    assert.isUndefined(viewed(erased))
    const person = given("1").appeared(someone)
    assert.isDefined(viewed(toldOf(person), person))
    assert.isUndefined(viewed(toldOf(person).profiled({ bio: "x" }), person.and(erasure)))
    assert.deepStrictEqual(told().created().and(erasure).and(release).record, { ...emptyRecord(ann), version: 3 })
  })

  it("has no account that was erased, whatever it is told of it", () => {
    const events: ReadonlyArray<Event> = [
      { type: "AccountCreated", details: { email: "a@acme.test" } },
      { type: "RoleGranted", organization: ann, role: "MANAGER" },
      { type: "AccountErased", by: "grace", reason: "asked for it" },
      { type: "AccountUpdated", details: { email: "a@acme.test" } }
    ]
    const recorded = (count: number) =>
      events.slice(0, count).map((event, i): RecordedEvent => ({
        stream: `account:${ann}`,
        event,
        actor: "root",
        effectiveOn: null,
        causation: null,
        position: i + 1,
        version: i + 1,
        recordedAt: ""
      }))
    assert.isDefined(foldAccount(ann, recorded(2)))
    assert.isUndefined(foldAccount(ann, recorded(3)))
    assert.isUndefined(foldAccount(ann, recorded(4)))
  })
})

const refusal = (value: string, employeeId?: string): Event => ({
  type: "SourceRecordRejected",
  source: "hr",
  run: "r",
  locator: "hr.csv:2",
  reason: "value-invalid",
  message: "",
  value,
  ...(employeeId === undefined ? {} : { employeeId })
})

const adopted = (value: string): Event => ({
  type: "ConfigurationAdopted",
  configuration: "c",
  engine: "1",
  settings: { scope: [value] },
  policy: policy()
})

describe("Traces", () => {
  const traces = tracesOf(
    given("e-1")
      .appeared({ ...someone, email: " Ada@Acme.test", alternateEmails: ["o'b@x.test"] })
      .foundByAddress("u-1").events
  )
  const concern = (event: Event, stream = "source:hr") => concernOf(traces, "5b7a5a0c", { event, stream })

  it("are all keys, addresses, names and ids that were ever said", () => {
    assert.deepStrictEqual(traces, {
      keys: new Set(["e-1"]),
      addresses: new Set(["ada@acme.test", "o'b@x.test"]),
      userIds: new Set(["u-1"]),
      names: new Set(["Ada", "Byron"])
    })
  })

  it("take a refused value and an entry of Together's with the person, whatever stands around them", () => {
    const values = ["e-1", "ADA@acme.test", "Ada <ada@acme.test>, o", "'o'b@x.test'.", "u-1"]
    assert.deepStrictEqual(
      values.map((value) => concern(refusal(value))),
      values.map(() => "take" as const)
    )
    const entry: Event = { type: "RemoteUserFound", sink: "together", request: "q", userId: "u-1" }
    assert.strictEqual(concern(entry, "remote:x"), "take")
  })

  it("stay away from values that are only like the person's", () => {
    for (const value of ["e-11", "xe-1", "nada@acme.test", "ada@acme.testing", "Ada", ""]) {
      assert.isUndefined(concern(refusal(value, "e-2")))
    }
  })

  it("only mention the person in what others said, and in a configuration", () => {
    const report = given("e-2").appeared({ ...someone, email: "b@acme.test", supervisorId: "e-1" })
    assert.strictEqual(concern(report.events[0]!.event, report.stream), "mention")
    assert.deepStrictEqual(
      ["e-1", "Byron", "Sales"].map((value) => concern(adopted(value), "configuration")),
      ["mention", "mention", undefined]
    )
  })
})
