import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as fc from "fast-check"

import { EventLog, StoreError, StoreUnavailable } from "../src/contract/EventLog.ts"
import { Expected, Incomplete, Noticed, Reached } from "../src/contract/Source.ts"
import { employeeStream } from "../src/domain/Employee.ts"
import type { Event, EventType } from "../src/domain/Event.ts"
import type { Fields } from "../src/domain/Field.ts"
import type { IngestProgress } from "../src/sync/Intake.ts"
import { reduce, wordOn } from "../src/sync/Reduce.ts"
import { acme, badRow, cutOff, everyone, gone, holds, itIs, january, newRun, row, saying, someone } from "./Given.ts"
import { allEvents, withEmptyLog } from "./MemoryLog.ts"
import { read, readFrom } from "./When.ts"

/** Events of people since a position, as they were said. */
const saidSince = Effect.fnUntraced(function* (position = 0) {
  const events = yield* allEvents(acme)
  const runs: ReadonlyArray<EventType> = ["SourceRunStarted", "SourceRunCompleted", "SourceRunFailed"]
  return events
    .filter((event) => event.position > position && !runs.includes(event.event.type))
    .map(({ event }) => event)
})

const head = Effect.flatMap(EventLog, (log) => Effect.map(log.head(acme), ({ position }) => position))

const typesOf = (events: ReadonlyArray<Event>) => events.map(({ type }) => type)

const lastOf = (type: EventType) =>
  Effect.map(allEvents(acme), (events) => events.findLast(({ event }) => event.type === type)?.event)

const personOf = Effect.fnUntraced(function* (key: string) {
  const log = yield* EventLog
  const stream = employeeStream(acme, key)
  return reduce(stream, yield* log.stream(acme, stream))
})

const viewOf = (key: string, source = "hr") => Effect.map(personOf(key), ({ sources }) => sources[source])

const ada = row("1", { ...someone, title: "Clerk" })
const bob = row("2", { ...someone, firstName: "Bob" })

/** Somebody who writes to the first of the people that are read, so many times, just after they were read. */
const writesMeanwhile = (times: number, event: Event) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    let left = times
    return EventLog.of({
      ...log,
      streams: (organization, streams) =>
        Effect.tap(log.streams(organization, streams), () =>
          left-- > 0
            ? log.append(acme, {
                appendKey: newRun(),
                events: [{ stream: streams[0]!, event, actor: "account:a", effectiveOn: null, causation: null }]
              })
            : Effect.void
        )
    })
  })

const remark: Event = {
  type: "EmployeeAmended",
  source: "directory",
  run: "r",
  day: january(5),
  employeeId: "1",
  fields: { officeId: "B" }
}

describe("ingest: what is appended", () => {
  it.effect("appends everyone of a first reading, between its start and its end", () =>
    Effect.gen(function* () {
      const report = yield* read(everyone(ada, bob))
      assert.deepStrictEqual(typesOf((yield* allEvents(acme)).map(({ event }) => event)), [
        "SourceRunStarted",
        "EmployeeAppeared",
        "EmployeeAppeared",
        "SourceRunCompleted"
      ])
      assert.deepInclude(report, { events: 2, incomplete: undefined })
      assert.deepInclude(report.counts, { records: 2, appeared: 2, unchanged: 0 })
      assert.deepInclude(yield* lastOf("SourceRunCompleted"), { counts: report.counts })
    }).pipe(withEmptyLog)
  )

  it.effect("stays quiet when the same is read again, also on another day and with rows moved down the file", () =>
    Effect.gen(function* () {
      yield* itIs(january(5))
      yield* read(everyone(ada, bob))
      const before = yield* head
      yield* itIs(january(6))
      const report = yield* read(everyone({ ...bob, locator: "hr.csv:90" } as typeof bob, ada))
      assert.deepStrictEqual(yield* saidSince(before), [])
      assert.deepInclude(report.counts, { records: 2, unchanged: 2, changed: 0 })
    }).pipe(withEmptyLog)
  )

  it.effect("appends exactly one change of exactly one field for one new title", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada, bob))
      const before = yield* head
      const report = yield* read(everyone(row("1", { ...someone, title: "Head" }), bob))
      const [event, ...others] = yield* saidSince(before)
      assert.deepInclude(event, { type: "EmployeeChanged", employeeId: "1", fields: { title: "Head" } })
      assert.deepStrictEqual(others, [])
      assert.deepInclude(report.counts, { changed: 1, unchanged: 1 })
    }).pipe(withEmptyLog)
  )

  it.effect("names the run's start as the cause of every event, and the source as its author", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada))
      const [started, ...others] = yield* allEvents(acme)
      for (const { actor, causation } of others) {
        assert.deepStrictEqual([actor, causation], ["source:hr", started?.position])
      }
    }).pipe(withEmptyLog)
  )

  it.effect("appends a planned change once, and nothing when its day comes", () =>
    Effect.gen(function* () {
      yield* itIs(january(5))
      const rows = everyone(row("1", someone, january(2)), row("1", { ...someone, title: "Head" }, january(9)))
      const report = yield* read(rows)
      assert.deepStrictEqual(
        (yield* allEvents(acme)).map(({ effectiveOn }) => effectiveOn),
        [null, january(2), january(9), null]
      )
      assert.strictEqual(report.counts.records, 1)
      const before = yield* head
      yield* itIs(january(10))
      yield* read(rows)
      assert.deepStrictEqual(yield* saidSince(before), [])
    }).pipe(withEmptyLog)
  )

  it.effect("commits more people than one batch holds, and recognises all of them again", () =>
    Effect.gen(function* () {
      const rows = everyone(...Array.from({ length: 2500 }, (_, i) => row(`${i}`, someone)))
      assert.deepInclude((yield* read(rows)).counts, { records: 2500, appeared: 2500 })
      assert.deepInclude((yield* read(rows)).counts, { records: 2500, appeared: 0, unchanged: 2500 })
    }).pipe(withEmptyLog)
  )

  it.effect("keeps the words of two sources apart", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada))
      const report = yield* read(everyone(ada, bob), { name: "crm" })
      assert.deepInclude(report.counts, { appeared: 2, vanished: 0 })
      assert.strictEqual((yield* viewOf("1"))?.presence, "present")
      assert.strictEqual((yield* viewOf("1", "crm"))?.presence, "present")
    }).pipe(withEmptyLog)
  )

  it.effect("compares again when the API writes to a person meanwhile, and counts everybody once", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada, bob, row("3", someone)))
      const before = yield* head
      const raced = yield* writesMeanwhile(2, remark)
      const rows = everyone(row("1", { ...someone, title: "Head" }), row("4", someone), bob)
      const report = yield* read(rows).pipe(Effect.provideService(EventLog, raced))
      const counts = { records: 3, appeared: 1, changed: 1, unchanged: 1, vanished: 1 }
      assert.deepInclude(report.counts, counts)
      assert.deepInclude(yield* lastOf("SourceRunCompleted"), { counts: report.counts })
      assert.deepStrictEqual(typesOf(yield* saidSince(before)).toSorted(), [
        "EmployeeAmended",
        "EmployeeAmended",
        "EmployeeAppeared",
        "EmployeeChanged",
        "EmployeeVanished"
      ])
      assert.deepInclude((yield* read(rows)).counts, { unchanged: 3, changed: 0, vanished: 0 })
    }).pipe(withEmptyLog)
  )

  it.effect("decides anew about who vanished when somebody writes to them meanwhile", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada, bob))
      const raced = yield* writesMeanwhile(1, { ...remark, employeeId: "2" })
      const report = yield* read(everyone(ada)).pipe(Effect.provideService(EventLog, raced))
      assert.strictEqual(report.counts.vanished, 1)
      assert.strictEqual((yield* viewOf("2"))?.presence, "vanished")
    }).pipe(withEmptyLog)
  )

  it.effect("takes another reader's word for known that came between, and does not say it twice", () =>
    Effect.gen(function* () {
      const common = { source: "hr", run: "r", day: january(5), employeeId: "1", locator: "hr.csv:1" }
      const fields: Fields = { ...someone, title: "Clerk" }
      const raced = yield* writesMeanwhile(1, { type: "EmployeeAppeared", ...common, fields })
      const report = yield* read(everyone(ada)).pipe(Effect.provideService(EventLog, raced))
      assert.deepInclude(report.counts, { appeared: 0, unchanged: 1 })
      assert.deepStrictEqual(typesOf(yield* saidSince()), ["EmployeeAppeared"])
    }).pipe(withEmptyLog)
  )

  it.effect("gives up when somebody writes to a person every time they are compared", () =>
    Effect.gen(function* () {
      const raced = yield* writesMeanwhile(Infinity, remark)
      const error = yield* read(everyone(ada)).pipe(Effect.provideService(EventLog, raced), Effect.flip)
      assert.strictEqual(error.reason._tag, "VersionConflict")
      assert.strictEqual(yield* viewOf("1"), undefined)
    }).pipe(withEmptyLog)
  )
})

describe("ingest: rows that are refused", () => {
  it.effect("counts a person whose row was refused as present, keeps their word, and tells it once", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada, bob))
      const before = yield* head
      const again = everyone(ada, badRow("2", "hr.csv:3"))
      const report = yield* read(again)
      assert.deepInclude(report.counts, { records: 2, rejected: 1, vanished: 0 })
      assert.deepStrictEqual(
        report.rejections.map(({ locator }) => locator),
        ["hr.csv:3"]
      )
      assert.deepStrictEqual(typesOf(yield* saidSince(before)), ["SourceRecordRejected"])
      const view = (yield* viewOf("2"))!
      assert.strictEqual(view.presence, "present")
      assert.strictEqual(wordOn(view, january(1), true).firstName?.value, "Bob")
      assert.deepInclude((yield* read(again)).counts, { rejected: 0, unchanged: 2 })
    }).pipe(withEmptyLog)
  )

  it.effect("says once that a refused row was mended, also where it is as it was known before", () =>
    Effect.gen(function* () {
      const standing = Effect.map(personOf("2"), ({ rejections }) => Object.keys(rejections))
      yield* read(everyone(ada, bob))
      yield* read(everyone(ada, badRow("2", "hr.csv:3")))
      assert.deepStrictEqual(yield* standing, ["hr"])
      const before = yield* head
      assert.deepInclude((yield* read(everyone(ada, bob))).counts, { changed: 1, unchanged: 1 })
      const [mended, ...others] = yield* saidSince(before)
      assert.deepInclude(mended, { type: "EmployeeChanged", employeeId: "2", locator: "hr.csv:2", fields: {} })
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual(yield* standing, [])
      assert.deepInclude((yield* read(everyone(ada, bob))).counts, { changed: 0, unchanged: 2 })
      assert.strictEqual((yield* saidSince(before)).length, 1)
    }).pipe(withEmptyLog)
  )

  it.effect("lets nobody vanish who never appeared", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada, badRow("2", "hr.csv:3")))
      const before = yield* head
      const report = yield* read(everyone(ada))
      assert.deepStrictEqual(yield* saidSince(before), [])
      assert.strictEqual(report.counts.vanished, 0)
    }).pipe(withEmptyLog)
  )

  it.effect("tells a row without a key once, in the source's own stream and without its value", () =>
    Effect.gen(function* () {
      const rows = everyone(ada, badRow(undefined, "hr.csv:3", "key-missing"))
      assert.strictEqual((yield* read(rows)).counts.rejected, 1)
      const rejected = (yield* allEvents(acme)).filter(({ event }) => event.type === "SourceRecordRejected")
      assert.deepStrictEqual(
        rejected.map(({ stream }) => stream),
        ["source:hr"]
      )
      assert.notProperty(rejected[0]?.event, "value")
      assert.strictEqual((yield* read(rows)).counts.rejected, 0)
      assert.strictEqual((yield* read(everyone(badRow(undefined, "hr.csv:4", "key-missing")))).counts.rejected, 1)
    }).pipe(withEmptyLog)
  )

  it.effect("takes the first of two reports that are apart, and tells of the second once", () =>
    Effect.gen(function* () {
      const second = { ...row("1", { ...someone, title: "Cook" }), locator: "hr.csv:9" } as typeof ada
      const third = { ...second, locator: "hr.csv:10" } as typeof ada
      const rows = everyone(ada, bob, second, third)
      const report = yield* read(rows)
      assert.deepInclude(report, { incomplete: undefined })
      assert.deepInclude(report.counts, { records: 2, appeared: 2, rejected: 2 })
      assert.deepStrictEqual(
        report.rejections.map(({ locator, reason }) => [locator, reason]),
        [
          ["hr.csv:9", "key-duplicate"],
          ["hr.csv:10", "key-duplicate"]
        ]
      )
      assert.strictEqual(wordOn((yield* viewOf("1"))!, january(1), true).title?.value, "Clerk")
      for (const again of [1, 2, 3]) {
        const before = yield* head
        yield* read(rows)
        assert.deepStrictEqual(yield* saidSince(before), [], `reading ${again} after the first`)
      }
    }).pipe(withEmptyLog)
  )

  it.effect("takes neither a removal nor a refusal that comes apart for the last word on a person", () =>
    Effect.gen(function* () {
      const rows = everyone(ada, bob, row("3", someone), gone("1"), badRow("2", "hr.csv:9"))
      const report = yield* read(rows)
      assert.deepInclude(report.counts, { records: 3, appeared: 3, removed: 0, rejected: 2 })
      assert.strictEqual((yield* viewOf("1"))?.presence, "present")
      const before = yield* head
      yield* read(rows)
      yield* read(rows)
      assert.deepStrictEqual(yield* saidSince(before), [])
    }).pipe(withEmptyLog)
  )

  it.effect("keeps the version that a refused row may have stated, in force or planned", () =>
    Effect.gen(function* () {
      yield* itIs(january(5))
      const first = row("1", { ...someone, status: "terminated" }, january(1))
      yield* read(everyone(first, row("1", someone, january(3)), row("1", { ...someone, title: "Head" }, january(9))))
      const before = yield* head
      yield* read(everyone(first, badRow("1", "hr.csv:8")))
      assert.deepStrictEqual(typesOf(yield* saidSince(before)), ["SourceRecordRejected"])
      const view = (yield* viewOf("1"))!
      assert.strictEqual(wordOn(view, january(5), true).status?.value, "active")
      assert.strictEqual(wordOn(view, january(9), true).title?.value, "Head")
    }).pipe(withEmptyLog)
  )

  it.effect("calls a planned change off although one field of a row that was taken could not be read", () =>
    Effect.gen(function* () {
      yield* itIs(january(5))
      const first = row("1", someone, january(1))
      yield* read(everyone(first, row("1", { title: "Head" }, january(9))))
      yield* read(everyone(first, badRow("1", "hr.csv:1", "reference-unknown")))
      assert.notProperty(wordOn((yield* viewOf("1"))!, january(9), true), "title")
    }).pipe(withEmptyLog)
  )

  it.effect("shows the first twenty refusals and records all", () =>
    Effect.gen(function* () {
      const report = yield* read(everyone(...Array.from({ length: 30 }, (_, i) => badRow(`${i}`, `hr.csv:${i}`))))
      assert.deepStrictEqual([report.rejections.length, report.counts.rejected], [20, 30])
    }).pipe(withEmptyLog)
  )
})

describe("ingest: who is no longer there", () => {
  it.effect("tells once that somebody vanished from a complete reading", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada, bob))
      const before = yield* head
      const report = yield* read(everyone(ada))
      assert.deepStrictEqual(
        (yield* saidSince(before)).map((event) => [event.type, "employeeId" in event && event.employeeId]),
        [["EmployeeVanished", "2"]]
      )
      assert.deepInclude(report.counts, { records: 1, vanished: 1 })
      const after = yield* head
      assert.strictEqual((yield* read(everyone(ada))).counts.vanished, 0)
      assert.deepStrictEqual(yield* saidSince(after), [])
    }).pipe(withEmptyLog)
  )

  it.effect("tells that somebody appeared again, with everything, also what is as it was", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada, bob))
      yield* read(everyone(ada))
      const before = yield* head
      yield* read(everyone(ada, bob))
      const [event, ...others] = yield* saidSince(before)
      assert.deepInclude(event, { type: "EmployeeAppeared", employeeId: "2", fields: { ...someone, firstName: "Bob" } })
      assert.deepStrictEqual(others, [])
    }).pipe(withEmptyLog)
  )

  it.effect("tells once that somebody was removed, and nothing of a stranger's removal", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada, bob))
      const before = yield* head
      const report = yield* read(everyone(ada, gone("2"), gone("3")))
      assert.deepStrictEqual(typesOf(yield* saidSince(before)), ["EmployeeRemoved"])
      assert.deepInclude(report.counts, { removed: 1, vanished: 0, records: 3 })
      const after = yield* head
      yield* read(everyone(ada, gone("2"), gone("3")))
      yield* read(everyone(ada))
      assert.deepStrictEqual(yield* saidSince(after), [])
    }).pipe(withEmptyLog)
  )

  it.effect("lets a removal win over a row of the same person, new or known", () =>
    Effect.gen(function* () {
      const rows = everyone(ada, gone("1"))
      assert.deepInclude((yield* read(rows)).counts, { appeared: 1, removed: 1 })
      assert.strictEqual((yield* viewOf("1"))?.presence, "removed")
      const before = yield* head
      yield* read(rows)
      assert.deepStrictEqual(yield* saidSince(before), [])
    }).pipe(withEmptyLog)
  )

  const infersNothing = (name: string, second: ReturnType<typeof everyone>, reason: string) =>
    it.effect(name, () =>
      Effect.gen(function* () {
        yield* read(everyone(ada, bob))
        const before = yield* head
        const report = yield* read(second)
        assert.deepStrictEqual(yield* saidSince(before), [])
        assert.include(report.incomplete, reason)
        assert.include((yield* lastOf("SourceRunCompleted")) as { incomplete: string }, {
          incomplete: report.incomplete!
        })
      }).pipe(withEmptyLog)
    )

  infersNothing(
    "infers nothing when the total is another",
    [ada, ...everyone(ada, bob).slice(2)],
    "2 people but reported 1"
  )
  infersNothing("infers nothing from nobody at all where there was somebody", everyone(), "where there were 2 before")
  infersNothing("infers nothing without the word that this was everyone", [ada], "did not say")
  infersNothing(
    "infers nothing when the source says why it may not",
    [ada, Incomplete({ reason: "page 2 failed" })],
    "page 2"
  )

  it.effect("takes nobody at all for complete in a log where nobody was", () =>
    Effect.gen(function* () {
      assert.isUndefined((yield* read(everyone())).incomplete)
    }).pipe(withEmptyLog)
  )
})

describe("ingest: a source that breaks", () => {
  it.effect("keeps what was heard of whole people, infers nothing, and records the failure", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada, bob, row("3", someone)))
      const before = yield* head
      const rows = [row("1", { ...someone, title: "Head" }), row("2", { ...someone, title: "Cook" })]
      const error = yield* Effect.flip(read(rows, { failure: cutOff }))
      assert.strictEqual(error, cutOff)
      const said = yield* saidSince(before)
      // The second person may have had more rows.
      assert.deepStrictEqual(
        said.map((event) => "employeeId" in event && event.employeeId),
        ["1"]
      )
      assert.deepInclude(yield* lastOf("SourceRunFailed"), { source: "hr", reason: "Truncated" })
      assert.strictEqual((yield* viewOf("3"))?.presence, "present")
    }).pipe(withEmptyLog)
  )

  it.effect("leaves the log untouched when it breaks before its first word", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* Effect.flip(read([], { failure: cutOff })), cutOff)
      assert.deepStrictEqual(yield* allEvents(acme), [])
    }).pipe(withEmptyLog)
  )

  it.effect("catches up with the next whole reading", () =>
    Effect.gen(function* () {
      yield* Effect.flip(read([ada, bob], { failure: cutOff }))
      assert.deepInclude((yield* read(everyone(ada, bob))).counts, { appeared: 1, unchanged: 1 })
    }).pipe(withEmptyLog)
  )

  it.effect("records no failure of the source when it is the log that fails", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const reason = new StoreUnavailable({ problem: "The database is away.", remedy: "Wait." })
      const away = EventLog.of({ ...log, seen: () => Effect.fail(new StoreError({ reason })) })
      const error = yield* read(everyone(ada)).pipe(Effect.provideService(EventLog, away), Effect.flip)
      assert.strictEqual(error.reason, reason)
      assert.isUndefined(yield* lastOf("SourceRunFailed"))
    }).pipe(withEmptyLog)
  )
})

describe("ingest: besides", () => {
  it.effect("writes nothing in a rehearsal, and hands over what it would have written", () =>
    Effect.gen(function* () {
      yield* read(everyone(ada, bob))
      const before = yield* allEvents(acme)
      const found: Array<Event> = []
      const rows = everyone(row("1", { ...someone, title: "Head" }), badRow(undefined, "hr.csv:9"))
      const report = yield* read(rows, {
        rehearse: ({ events }) => void found.push(...events.map(({ event }) => event))
      })
      assert.deepStrictEqual(yield* allEvents(acme), before)
      assert.deepStrictEqual(typesOf(found), ["EmployeeChanged", "SourceRecordRejected", "EmployeeVanished"])
      assert.strictEqual(report.events, 3)
      yield* read(rows)
      const written = (yield* saidSince(before.length)).map((event) => ({ ...event, run: "" }))
      assert.deepStrictEqual(
        written,
        found.map((event) => ({ ...event, run: "" }))
      )
    }).pipe(withEmptyLog)
  )

  it.effect("tells how far it is, and passes notices on", () =>
    Effect.gen(function* () {
      const told: Array<IngestProgress> = []
      const rows = [
        Expected({ count: 2 }),
        ...everyone(ada, bob),
        Noticed({ message: "old export" }),
        Reached({ cursor: 1 })
      ]
      const report = yield* read(rows, { onProgress: (progress) => Effect.sync(() => void told.push(progress)) })
      assert.deepStrictEqual(told, [{ source: "hr", people: 2, expected: 2 }])
      assert.deepStrictEqual(report.notices, ["old export"])
    }).pipe(withEmptyLog)
  )
})

const texts = fc.constantFrom("a", "b", null)
const people = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom("1", "2", "3", "4", "5", "6"),
    spoilt: fc.boolean(),
    versions: fc.uniqueArray(
      fc.record({ from: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }), title: texts, officeId: texts }),
      { minLength: 1, maxLength: 3, selector: ({ from }) => from ?? 5 }
    )
  }),
  { selector: ({ key }) => key }
)

interface Human {
  readonly key: string
  /** One of their fields could not be read. */
  readonly spoilt: boolean
  readonly versions: ReadonlyArray<{ readonly from: number | undefined } & Fields>
}

const rowsOf = ({ key, spoilt, versions }: Human) => [
  ...versions
    .toSorted((a, b) => (a.from ?? 5) - (b.from ?? 5))
    .map(({ from, ...fields }) => row(key, fields, from === undefined ? undefined : january(from))),
  ...(spoilt ? [badRow(key, `hr.csv:${key}`)] : [])
]

/** What the log says of everybody, without where it says so. */
const state = Effect.fnUntraced(function* () {
  const log = yield* EventLog
  const histories = yield* Stream.runCollect(log.people(acme))
  return histories.map((events) => {
    const view = reduce(events[0]!.stream, events).sources["hr"]!
    const words = Array.from({ length: 9 }, (_, i) => {
      const word = wordOn(view, january(i + 1), true)
      return [word.title?.value, word.officeId?.value]
    })
    return [events[0]!.stream, view.presence, words]
  })
})

describe("ingest, for any people", () => {
  it("comes to the same in any order, in any chunks, and after readings that broke off", () => {
    const twoWays = fc.tuple(people, people).chain(([before, now]) =>
      fc.record({
        before: fc.constant(before),
        now: fc.constant(now),
        shuffled: fc.shuffledSubarray(now, { minLength: now.length }),
        chunk: fc.integer({ min: 1, max: 4 }),
        breaks: fc.array(fc.nat(now.length), { maxLength: 2 })
      })
    )
    return holds(twoWays, ({ before, breaks, chunk, now, shuffled }) =>
      Effect.gen(function* () {
        yield* itIs(january(5))
        const settled = (readings: Effect.Effect<unknown, unknown, EventLog>) =>
          Effect.gen(function* () {
            yield* read(everyone(...before.flatMap(rowsOf)))
            yield* readings
            return yield* state()
          }).pipe(withEmptyLog)
        const whole = yield* settled(read(everyone(...now.flatMap(rowsOf))))
        const messages = everyone(...shuffled.flatMap(rowsOf))
        const chunked = { ...saying(messages), snapshot: () => Stream.rechunk(Stream.fromIterable(messages), chunk) }
        const parts = breaks.map((at) =>
          read(shuffled.slice(0, at).flatMap(rowsOf), { failure: cutOff }).pipe(Effect.exit)
        )
        assert.deepStrictEqual(yield* settled(Effect.andThen(Effect.all(parts), readFrom(chunked))), whole)
      })
    )
  })

  it("stays quiet the second time", () =>
    holds(fc.tuple(people, people), ([before, now]) =>
      Effect.gen(function* () {
        yield* itIs(january(5))
        yield* read(everyone(...before.flatMap(rowsOf)))
        yield* read(everyone(...now.flatMap(rowsOf)))
        const at = yield* head
        yield* read(everyone(...now.flatMap(rowsOf)))
        assert.deepStrictEqual(yield* saidSince(at), [])
      }).pipe(withEmptyLog)
    ))

  it("keeps of what was refused what the latest reading refused", () =>
    holds(fc.tuple(people, people), ([before, others]) =>
      Effect.gen(function* () {
        yield* itIs(january(5))
        const same = before.map((human) => ({ ...human, spoilt: !human.spoilt }))
        const now = [...same, ...others.filter(({ key }) => before.every((human) => human.key !== key))]
        yield* read(everyone(...before.flatMap(rowsOf)))
        yield* read(everyone(...now.flatMap(rowsOf)))
        for (const { key, spoilt } of now) {
          assert.strictEqual((yield* personOf(key)).rejections["hr"]?.length, spoilt ? 1 : undefined)
        }
      }).pipe(withEmptyLog)
    ))
})
