/** What every event log of this package does, whatever the engine: called once for PGlite and once for PostgreSQL. */
import { randomUUID } from "node:crypto"

import { assert, layer as withLayer } from "@effect/vitest"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { employeeStream } from "@rollcall/core/domain/Employee"
import { schemaVersion, split } from "@rollcall/core/domain/Event"
import { Effect, Exit, Fiber, Layer, Stream } from "effect"
import { sql } from "kysely"

import { AppendLimits } from "../src/AppendTransaction.ts"
import { Database } from "../src/Database.ts"
import * as EventLogStore from "../src/EventLogStore.ts"
import { accepted, appeared, appendOf, asNew, employees, newOrganization } from "./Given.ts"

const insertLane = Effect.provideService(AppendLimits, {
  lockTimeout: "10s",
  statementTimeout: "60s",
  copyFrom: Infinity,
  gather: 500
})
const copyLane = Effect.provideService(AppendLimits, {
  lockTimeout: "10s",
  statementTimeout: "60s",
  copyFrom: 1,
  gather: 500
})

const reasonOf = <A, R>(effect: Effect.Effect<A, StoreError, R>) =>
  Effect.map(Effect.flip(effect), (error) => error.reason)

const deafDatabase = Layer.effect(
  Database,
  Effect.map(Database, (database) => Database.of({ ...database, listen: () => Stream.never }))
)

const noise = (length: number) => Array.from({ length: length / 36 }, () => randomUUID()).join("")

const record = (stream: string, digest: string | null, present: boolean) => ({ source: "hr", stream, digest, present })

const poll = (stream: string) =>
  appendOf([appeared(stream)], {
    cursor: { source: "hr", expected: null, next: stream },
    seen: [record(stream, "d", true)]
  })

export const eventLogContract = (name: string, database: Layer.Layer<Database, StoreError>) =>
  withLayer(EventLogStore.layer.pipe(Layer.provideMerge(database)), {
    excludeTestServices: true,
    timeout: "60 seconds"
  })(name, (it) => {
    it.effect("has an empty head before the first event", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        assert.deepStrictEqual(yield* log.head(organization), { position: 0, hash: "", recordedAt: null })
        assert.deepStrictEqual(yield* Stream.runCollect(log.read(organization)), [])
        assert.deepStrictEqual(yield* Stream.runCollect(log.people(organization)), [])
        assert.isNull(yield* log.verify(organization))
      })
    )

    it.effect("gives back what was appended, with position, version and time", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const events = [appeared("employee:a"), accepted("sink:together"), appeared("employee:a", { title: null })]
        const appended = yield* log.append(organization, appendOf(events))
        const read = yield* Stream.runCollect(log.read(organization))
        assert.deepStrictEqual(read.map(asNew), events)
        assert.deepStrictEqual(
          read.map(({ position, version }) => [position, version]),
          [
            [1, 1],
            [2, 1],
            [3, 2]
          ]
        )
        assert.match(appended.recordedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
        assert.deepStrictEqual(new Set(read.map(({ recordedAt }) => recordedAt)), new Set([appended.recordedAt]))
        const head = yield* log.head(organization)
        assert.deepStrictEqual([head.position, head.recordedAt], [3, appended.recordedAt])
        assert.match(head.hash, /^[0-9a-f]{64}$/)
      })
    )

    it.effect("keeps organizations apart", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const [one, other] = [newOrganization(), newOrganization()]
        const key = randomUUID()
        yield* log.append(one, { appendKey: key, events: [appeared("employee:a")] })
        const appended = yield* log.append(other, { appendKey: key, events: [appeared("employee:a")] })
        assert.deepStrictEqual([appended.firstPosition, appended.replayed], [1, false])
        assert.notStrictEqual(yield* log.salt(one), yield* log.salt(other))
        assert.strictEqual(yield* log.salt(one), yield* log.salt(one))
      })
    )

    it.effect("reads after a position and up to another", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        yield* log.append(organization, appendOf(employees(organization, 10)))
        const positions = (options: { after?: number; upTo?: number }) =>
          Effect.map(Stream.runCollect(log.read(organization, options)), (events) =>
            events.map(({ position }) => position)
          )
        assert.deepStrictEqual(yield* positions({ after: 7 }), [8, 9, 10])
        assert.deepStrictEqual(yield* positions({ upTo: 2 }), [1, 2])
        assert.deepStrictEqual(yield* positions({ after: 4, upTo: 6 }), [5, 6])
        assert.deepStrictEqual(yield* positions({ after: 10 }), [])
        assert.deepStrictEqual(yield* positions({ after: 3, upTo: 99 }), [4, 5, 6, 7, 8, 9, 10])
      })
    )

    it.effect("reads across page ends, each position once and in order, though events are appended meanwhile", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        yield* log.append(organization, appendOf(employees(organization, 2001)))
        const read = yield* log.read(organization).pipe(
          Stream.tap((event) =>
            event.position % 500 === 0 ? log.append(organization, appendOf([accepted("s")])) : Effect.void
          ),
          Stream.runCollect
        )
        assert.deepStrictEqual(
          read.map(({ position }) => position),
          Array.from({ length: 2001 }, (_, index) => index + 1)
        )
        assert.strictEqual((yield* log.head(organization)).position, 2005)
      })
    )

    for (const size of [1, 999, 1000, 1001, 20_000]) {
      it.effect(`appends ${size} events at once`, () =>
        Effect.gen(function* () {
          const log = yield* EventLog
          const organization = newOrganization()
          const appended = yield* log.append(organization, appendOf(employees(organization, size)))
          assert.strictEqual(appended.lastPosition, size)
          assert.strictEqual(yield* Stream.runCount(log.read(organization)), size)
          assert.strictEqual(yield* Stream.runCount(log.people(organization)), size)
          assert.isNull(yield* log.verify(organization))
        })
      )
    }

    it.effect("needs no more parameters for more rows: 20,000 events and 70,000 records by INSERT", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const seen = Array.from({ length: 70_000 }, (_, index) => ({
          source: "hr",
          stream: `employee:${index}`,
          digest: index % 3 === 0 ? null : `d${index}`,
          present: index % 2 === 0
        }))
        yield* insertLane(log.append(organization, appendOf(employees(organization, 20_000), { seen })))
        assert.strictEqual((yield* log.head(organization)).position, 20_000)
        assert.strictEqual(yield* Stream.runCount(log.present(organization, "hr")), 35_000)
        const names = ["employee:3", "employee:4", "employee:nobody"]
        const found = yield* log.seen(organization, "hr", names)
        assert.deepStrictEqual(
          [...found.values()].toSorted((a, b) => (a.stream < b.stream ? -1 : 1)),
          [
            { source: "hr", stream: "employee:3", digest: null, present: false },
            { source: "hr", stream: "employee:4", digest: "d4", present: true }
          ]
        )
      })
    )

    it.effect("takes an event of a megabyte, an empty one, and many large ones page by page", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const events = [
          appeared("employee:a", { title: noise(1 << 20), lastName: noise(1 << 20) }),
          appeared("employee:a", {}),
          ...Array.from({ length: 60 }, () => appeared("employee:a", { title: noise(200_000) }))
        ]
        yield* copyLane(log.append(organization, appendOf(events)))
        assert.deepStrictEqual((yield* Stream.runCollect(log.read(organization))).map(asNew), events)
        assert.deepStrictEqual((yield* log.stream(organization, "employee:a")).map(asNew), events)
        const people = yield* Stream.runCollect(log.people(organization))
        assert.deepStrictEqual(
          people.map((person) => person.length),
          [62]
        )
        assert.isAbove((yield* Stream.runCollect(Stream.chunks(log.read(organization)))).length, 2)
        assert.isNull(yield* log.verify(organization))
      })
    )

    const awkward = [
      "\u0000 in the middle \u0000",
      "\ud800 half a pair \udfff",
      "\\N",
      "\\.",
      "\\",
      "\\\\n",
      "tab\there",
      "line\nfeed\r\n",
      "\"quoted\" 'twice'",
      "a,b;c|d\u001e\u001f",
      "{}[]",
      "😀 é ß ﷽",
      "\u2028\u2029\ufeff",
      "",
      " "
    ]

    for (const [lane, inLane] of [
      ["INSERT", insertLane],
      ["COPY", copyLane]
    ] as const) {
      it.effect(`keeps every legal text byte for byte by ${lane}`, () =>
        Effect.gen(function* () {
          const log = yield* EventLog
          const { query } = yield* Database
          const organization = newOrganization()
          const events = awkward.map((text) =>
            appeared("employee:a", { firstName: text, title: text, alternateEmails: [text, text] })
          )
          yield* inLane(log.append(organization, appendOf(events)))
          assert.deepStrictEqual((yield* Stream.runCollect(log.read(organization))).map(asNew), events)
          const kept = yield* query((db) =>
            sql<{ data: string; personal: string }>`
              select data::text as data, personal::text as personal from events
              where organization_id = ${organization} order by position`.execute(db)
          )
          assert.deepStrictEqual(
            kept.rows,
            events.map(({ event }) => {
              const { data, personal } = split(event)
              return { data: JSON.stringify(data), personal: JSON.stringify(personal) }
            })
          )
          assert.isNull(yield* log.verify(organization))
        })
      )

      it.effect(`keeps names with separators, numbers and dates as they are by ${lane}`, () =>
        Effect.gen(function* () {
          const log = yield* EventLog
          const organization = newOrganization()
          const names = [
            "employee:a\tb",
            "employee:a\nb",
            'employee:"a"',
            "employee:a,b",
            "employee:\\N",
            "employee:😀"
          ]
          const dates = ["0001-01-01", "2026-03-29", "2024-02-29", "9999-12-31", null, "2026-10-25"]
          const events = names.map((stream, index) => ({
            ...appeared(stream, {}),
            actor: `operator:${stream}`,
            effectiveOn: dates[index] ?? null,
            causation: index === 0 ? null : Number.MAX_SAFE_INTEGER - index
          }))
          yield* inLane(log.append(organization, appendOf(events)))
          assert.deepStrictEqual((yield* Stream.runCollect(log.read(organization))).map(asNew), events)
          assert.strictEqual((yield* log.streams(organization, names)).size, names.length)
          assert.isNull(yield* log.verify(organization))
        })
      )
    }

    it.effect("keeps numbers beyond 2^53 of a payload as JavaScript has them", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const counts = { records: 2 ** 53 + 2, appeared: 1e300, changed: -0.1, unchanged: 0, vanished: 5e-324 }
        const event = {
          type: "SourceRunCompleted" as const,
          source: "hr",
          run: "r",
          counts: { ...counts, removed: 1, rejected: 1 }
        }
        yield* log.append(organization, appendOf([{ ...accepted("source:hr"), event }]))
        assert.deepStrictEqual((yield* log.stream(organization, "source:hr"))[0]?.event, event)
      })
    )

    it.effect("goes on without a gap after an append that broke off", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        yield* log.append(organization, appendOf([appeared("employee:a")]))
        const broken = appendOf([appeared("employee:a"), { ...appeared("employee:a"), effectiveOn: "2026-02-30" }])
        assert.isTrue(Exit.hasDies(yield* Effect.exit(log.append(organization, broken))))
        assert.isTrue(Exit.hasDies(yield* Effect.exit(copyLane(log.append(organization, broken)))))
        yield* log.append(organization, appendOf([appeared("employee:a")]))
        const events = yield* Stream.runCollect(log.read(organization))
        assert.deepStrictEqual(
          events.map(({ position, version }) => [position, version]),
          [
            [1, 1],
            [2, 2]
          ]
        )
        assert.isNull(yield* log.verify(organization))
      })
    )

    it.effect("refuses what a column would alter, before anything is written", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        for (const event of [
          accepted("with\u0000nul"),
          accepted("half \ud800"),
          accepted(""),
          { ...accepted("s"), effectiveOn: "infinity" },
          { ...accepted("s"), effectiveOn: "2026-1-1" }
        ]) {
          assert.isTrue(Exit.hasDies(yield* Effect.exit(log.append(organization, appendOf([event])))))
        }
        const badKey = { appendKey: "not a uuid", events: [] }
        assert.isTrue(Exit.hasDies(yield* Effect.exit(log.append(organization, badKey))))
        assert.strictEqual((yield* log.head(organization)).position, 0)
      })
    )

    it.effect("never lets time run backwards, though the clock does", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const { query } = yield* Database
        const organization = newOrganization()
        yield* log.append(organization, appendOf([appeared("employee:a")]))
        const future = "2999-01-01T00:00:00.000001Z"
        yield* query((db) =>
          sql`update log_heads set recorded_at = ${future} where organization_id = ${organization}`.execute(db)
        )
        const appended = yield* log.append(organization, appendOf([appeared("employee:a")]))
        assert.strictEqual(appended.recordedAt, future)
        assert.isNull(yield* log.verify(organization))
      })
    )

    it.effect("answers the same append key with the first result", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const append = appendOf(employees(organization, 3), {
          cursor: { source: "hr", expected: null, next: "1" },
          expectedVersions: new Map([[employeeStream(organization, "0"), 0]]),
          seen: [{ source: "hr", stream: "employee:0", digest: "d", present: true }]
        })
        const first = yield* log.append(organization, append)
        const upper = { ...append, appendKey: append.appendKey.toUpperCase() }
        yield* log.append(organization, appendOf(employees(organization, 3)))
        for (const again of [append, upper]) {
          assert.deepStrictEqual(yield* log.append(organization, again), { ...first, replayed: true })
        }
        assert.strictEqual((yield* log.head(organization)).position, 6)
      })
    )

    it.effect("refuses the same append key with anything else", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const append = appendOf([appeared("employee:a")])
        yield* log.append(organization, append)
        const others = [
          { ...append, events: [] },
          { ...append, events: [appeared("employee:b")] },
          { ...append, events: [appeared("employee:a", { firstName: "Eve", title: "Engineer" })] },
          { ...append, events: [appeared("employee:a"), appeared("employee:a")] },
          { ...append, runId: "run-2" },
          { ...append, cursor: { source: "hr", expected: null, next: "1" } },
          { ...append, expectedVersions: new Map([["employee:a", 1]]) },
          { ...append, seen: [{ source: "hr", stream: "employee:a", digest: null, present: true }] }
        ]
        for (const other of others) {
          const reason = yield* reasonOf(log.append(organization, other))
          assert.deepStrictEqual([reason._tag, reason.isRetryable], ["AppendKeyReused", false])
        }
        assert.strictEqual((yield* log.head(organization)).position, 1)
      })
    )

    it.effect("still knows the append key after an erasure took the digest of the request", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const { query } = yield* Database
        const organization = newOrganization()
        const append = appendOf([appeared("employee:a")])
        yield* log.append(organization, append)
        yield* query((db) =>
          sql`update commits set request_digest = null where organization_id = ${organization}`.execute(db)
        )
        assert.isTrue((yield* log.append(organization, append)).replayed)
      })
    )

    it.effect("writes the same append once when it is asked for many times at once", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const append = appendOf([appeared("employee:a")])
        const answers = yield* Effect.all(
          Array.from({ length: 20 }, () => log.append(organization, append)),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(answers.filter(({ replayed }) => !replayed).length, 1)
        assert.deepStrictEqual(new Set(answers.map(({ firstPosition }) => firstPosition)), new Set([1]))
        assert.strictEqual((yield* log.head(organization)).position, 1)
      })
    )

    it.effect("keeps the cursor of an append without events, and answers it again", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        assert.isNull(yield* log.cursor(organization, "hr"))
        const append = appendOf([], { cursor: { source: "hr", expected: null, next: "page 1" } })
        const first = yield* log.append(organization, append)
        assert.deepStrictEqual([first.firstPosition, first.lastPosition], [1, 0])
        assert.deepStrictEqual(yield* log.append(organization, append), { ...first, replayed: true })
        assert.strictEqual(yield* log.cursor(organization, "hr"), "page 1")
        assert.isNull(yield* log.cursor(organization, "payroll"))
        assert.strictEqual((yield* log.head(organization)).position, 0)
        assert.strictEqual((yield* log.append(organization, appendOf([accepted("s")]))).firstPosition, 1)
        assert.isNull(yield* log.verify(organization))
      })
    )

    it.effect("lets one of two readers of a source go on, and the other not", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const exits = yield* Effect.forEach(
          ["employee:a", "employee:b"],
          (stream) => Effect.exit(log.append(organization, poll(stream))),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(exits.map((exit) => exit._tag).toSorted(), ["Failure", "Success"])
        const late = yield* reasonOf(log.append(organization, poll("employee:c")))
        assert.deepStrictEqual([late._tag, late.isRetryable], ["CursorConflict", true])
        assert.strictEqual((yield* log.head(organization)).position, 1)
        assert.strictEqual(yield* Stream.runCount(log.present(organization, "hr")), 1)
      })
    )

    it.effect("refuses a stale version and writes nothing of the append", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        yield* log.append(organization, appendOf([appeared("employee:a"), appeared("employee:a")]))
        const attempt = (stream: string, version: number) =>
          log.append(
            organization,
            appendOf([appeared("employee:a"), appeared("employee:new")], {
              expectedVersions: new Map([[stream, version]]),
              cursor: { source: "hr", expected: null, next: "1" },
              seen: [{ source: "hr", stream: "employee:new", digest: "d", present: true }]
            })
          )
        for (const [stream, version, actual] of [
          ["employee:a", 1, 2],
          ["employee:a", 0, 2],
          ["employee:a", 3, 2],
          ["employee:new", 1, 0]
        ] as const) {
          const reason = yield* reasonOf(attempt(stream, version))
          assert.deepInclude(reason, { _tag: "VersionConflict", stream, expected: version, actual, isRetryable: true })
        }
        assert.strictEqual((yield* log.head(organization)).position, 2)
        assert.isNull(yield* log.cursor(organization, "hr"))
        assert.strictEqual((yield* log.seen(organization, "hr", ["employee:new"])).size, 0)
        yield* attempt("employee:a", 2)
        assert.strictEqual((yield* log.stream(organization, "employee:a")).at(-1)?.version, 3)
      })
    )

    it.effect("gathers appends that wait into few transactions, each with its own answer", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const { query } = yield* Database
        const organization = newOrganization()
        const stale = { expectedVersions: new Map([["employee:1", 7]]) }
        const exits = yield* Effect.forEach(
          Array.from({ length: 60 }, (_, index) => index),
          (index) =>
            Effect.exit(
              log.append(organization, appendOf([appeared(`employee:${index}`)], index % 10 === 5 ? stale : {}))
            ),
          { concurrency: "unbounded" }
        )
        const failed = exits.flatMap((exit, index) => (Exit.isFailure(exit) ? [index] : []))
        assert.deepStrictEqual(failed, [5, 15, 25, 35, 45, 55])
        const { rows } = yield* query((db) =>
          sql<{ commits: number; transactions: number }>`
            select count(*) as commits, count(distinct xmin::text) as transactions from commits
            where organization_id = ${organization}`.execute(db)
        )
        assert.strictEqual(rows[0]?.commits, 54)
        assert.isBelow(rows[0]?.transactions ?? 99, 5)
        assert.strictEqual((yield* log.head(organization)).position, 54)
        assert.isNull(yield* log.verify(organization))
      })
    )

    it.effect("lets a mistake in one of the gathered appends fall on that one alone", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const exits = yield* Effect.forEach(
          Array.from({ length: 8 }, (_, index) => index),
          (index) => {
            const event = appeared(`employee:${index}`)
            const append = appendOf([index === 4 ? { ...event, effectiveOn: "2026-02-31" } : event])
            return Effect.exit(log.append(organization, append))
          },
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(
          exits.map((exit) => Exit.hasDies(exit)),
          [false, false, false, false, true, false, false, false]
        )
        assert.strictEqual((yield* log.head(organization)).position, 7)
        assert.isNull(yield* log.verify(organization))
      })
    )

    it.effect("lets each of the gathered appends see the versions of those before it", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const exits = yield* Effect.forEach(
          [0, 0, 1, 1, 2],
          (expected) =>
            Effect.exit(
              log.append(
                organization,
                appendOf([appeared("employee:a")], { expectedVersions: new Map([["employee:a", expected]]) })
              )
            ),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(
          exits.map((exit) => exit._tag),
          ["Success", "Failure", "Success", "Failure", "Success"]
        )
      })
    )

    it.effect("does not write an append that was interrupted while it waited, and writes the others", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const fibers = yield* Effect.forEach(
          Array.from({ length: 10 }, (_, index) => index),
          (index) =>
            Effect.forkChild(log.append(organization, appendOf([appeared(`employee:${index}`)])), {
              startImmediately: true
            })
        )
        yield* Effect.forEach([0, 3, 7], (index) => Fiber.interrupt(fibers[index] ?? assert.fail()))
        yield* Effect.forEach([1, 2, 4, 5, 6, 8, 9], (index) => Fiber.join(fibers[index] ?? assert.fail()))
        const streams = (yield* Stream.runCollect(log.read(organization))).map(({ stream }) => stream)
        assert.deepStrictEqual(
          streams,
          [1, 2, 4, 5, 6, 8, 9].map((index) => `employee:${index}`)
        )
        assert.isNull(yield* log.verify(organization))
      })
    )

    it.effect("keeps a query of another fiber out of an open transaction", () =>
      Effect.gen(function* () {
        const { query, transaction } = yield* Database
        const organization = newOrganization()
        const insert = (source: string) => sql`insert into source_cursors values (${organization}, ${source}, '1')`
        const rolledBack = transaction(({ run }) =>
          Effect.gen(function* () {
            yield* run((db) => insert("inside").execute(db))
            const outside = yield* Effect.forkDetach(
              query((db) => insert("outside").execute(db)),
              {
                startImmediately: true
              }
            )
            yield* run((db) => sql`select 1`.execute(db))
            return yield* Effect.fail(outside)
          })
        )
        const outside = yield* Effect.flip(rolledBack)
        if (Fiber.isFiber(outside)) yield* Fiber.join(outside)
        const { rows } = yield* query((db) =>
          sql<{ source: string }>`select source from source_cursors where organization_id = ${organization}`.execute(db)
        )
        assert.deepStrictEqual(rows, [{ source: "outside" }])
      })
    )

    it.effect("runs a transaction again when it lost a race", () =>
      Effect.gen(function* () {
        const { transaction } = yield* Database
        let attempts = 0
        const answer = yield* transaction(({ run }) =>
          run(async (db) => {
            attempts += 1
            const code = ["40001", "40P01"][attempts - 1]
            if (code !== undefined) {
              await sql`do ${sql.lit(`begin raise exception using errcode = '${code}'; end`)}`.execute(db)
            }
            return "done"
          })
        )
        assert.deepStrictEqual([answer, attempts], ["done", 3])
      })
    )

    it.effect("gives every employee whole, in the order of names, over page ends and with nobody else's", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const busy = "employee:mmmm"
        yield* log.append(organization, appendOf(Array.from({ length: 1200 }, () => appeared(busy))))
        yield* log.append(organization, appendOf(employees(organization, 1500)))
        yield* log.append(organization, appendOf(Array.from({ length: 1300 }, () => appeared(busy))))
        const aside = ["employee", "employee9", "employee;", "Employee:a", "source:hr", "zzz"]
        yield* log.append(organization, appendOf(aside.map((stream) => accepted(stream))))
        const people = yield* Stream.runCollect(log.people(organization))
        assert.strictEqual(people.length, 1501)
        const names = people.map((person) => person[0]?.stream ?? "")
        assert.deepStrictEqual(names, names.toSorted())
        for (const person of people) {
          assert.deepStrictEqual(
            person.map(({ version }) => version),
            person.map((_, index) => index + 1)
          )
        }
        assert.strictEqual(people.find((person) => person[0]?.stream === busy)?.length, 2500)
        const early = yield* Stream.runCollect(log.people(organization, { upTo: 1201 }))
        assert.deepStrictEqual(
          early.map((person) => person.length).toSorted((a, b) => a - b),
          [1, 1200]
        )
      })
    )

    it.effect("finds the position of a time: the last event recorded at or before it", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const { query } = yield* Database
        const [organization, other] = [newOrganization(), newOrganization()]
        assert.strictEqual(yield* log.positionAt(organization, "2026-01-01T00:00:00Z"), 0)
        const appends = [appendOf(employees(organization, 3)), appendOf([accepted("s")]), appendOf([accepted("s")])]
        const times: Array<string> = []
        for (const append of appends) times.push((yield* log.append(organization, append)).recordedAt)
        // An append without events, by a clock that ran ahead: nothing was learned by it.
        yield* log.append(organization, appendOf([], { cursor: { source: "hr", expected: null, next: "1" } }))
        yield* query((db) =>
          sql`update commits set recorded_at = recorded_at + interval '1 hour'
            where organization_id = ${organization} and last_position < first_position`.execute(db)
        )
        yield* log.append(organization, appendOf([accepted("s")]))
        yield* log.append(other, appendOf(employees(other, 9)))
        const [first = "", second = "", third = ""] = times
        const before = first.replace(/^\d{4}/, "2020")
        assert.deepStrictEqual(
          yield* Effect.forEach([before, first, second, third], (time) => log.positionAt(organization, time)),
          [0, 3, 4, 5]
        )
        assert.strictEqual(yield* log.positionAt(organization, "9999-12-31T23:59:59.999999+02:00"), 6)
      })
    )

    it.effect("gives everybody once and whole in ranges of names, whoever stands at an edge or beside all UUIDs", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        // So many events come to ranges whose edges are among these sixteenths.
        const edges = Array.from({ length: 16 }, (_, i) => i.toString(16)).flatMap((digit) =>
          ["", "000", "fff", "000000-0000-4000-8000-000000000000", "fff-ffff"].map((rest) => `employee:${digit}${rest}`)
        )
        const odd = [
          "employee:",
          "employee:!",
          "employee:zz",
          "employee:A",
          "employee:é",
          "employee:3332",
          "employee:3333",
          "employee:3334"
        ]
        const names = [...new Set([...edges, ...odd])]
        for (let round = 0; round < 30; round++)
          yield* log.append(organization, appendOf(names.map((name) => appeared(name))))
        const crowd = Array.from({ length: 10_500 }, () => appeared("employee:3333"))
        yield* log.append(organization, appendOf(crowd))
        yield* log.append(organization, appendOf([accepted("source:hr"), accepted("zzz"), accepted("employee;")]))
        const people = yield* Stream.runCollect(log.people(organization))
        const bytewise = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        assert.deepStrictEqual(
          people.map((person) => person[0]?.stream ?? ""),
          bytewise
        )
        for (const person of people) {
          const expected = person[0]?.stream === "employee:3333" ? 10_530 : 30
          assert.deepStrictEqual(
            person.map(({ version }) => version),
            Array.from({ length: expected }, (_, i) => i + 1)
          )
        }
        const early = yield* Stream.runCollect(log.people(organization, { upTo: names.length * 2 }))
        assert.deepStrictEqual(
          [early.length, new Set(early.map((person) => person.length))],
          [names.length, new Set([2])]
        )
      })
    )

    it.effect("gives of people the events of some types alone, and nobody who has none", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const [one, other, quiet] = ["employee:1", "employee:2", "employee:3"] as const
        const events = [appeared(one), accepted(one), appeared(other), appeared(one), accepted(quiet)]
        yield* log.append(organization, appendOf(events))
        const people = yield* Stream.runCollect(log.people(organization, { only: ["EmployeeAppeared"] }))
        const told = people.map((person) => person.map(({ position, version }) => [position, version]))
        assert.deepStrictEqual(told, [
          [
            [1, 1],
            [4, 3]
          ],
          [[3, 1]]
        ])
        const until = yield* Stream.runCollect(log.people(organization, { only: ["EmployeeAppeared"], upTo: 2 }))
        assert.deepStrictEqual(
          until.map((person) => person.length),
          [1]
        )
      })
    )

    it.effect("gives people whose keys all fall into one range, page by page", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const names = Array.from({ length: 6000 }, (_, i) => `employee:7777${String(i).padStart(5, "0")}`)
        yield* log.append(organization, appendOf(names.map((name) => appeared(name))))
        yield* log.append(organization, appendOf(names.map((name) => appeared(name))))
        const people = yield* Stream.runCollect(log.people(organization))
        assert.deepStrictEqual(
          people.map((person) => [person[0]?.stream, person.length]),
          names.map((name) => [name, 2])
        )
      })
    )

    it.effect("gives the streams that are asked for, each whole, and nothing for others", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        yield* log.append(organization, appendOf(employees(organization, 2500)))
        yield* log.append(organization, appendOf(employees(organization, 2500)))
        const names = Array.from({ length: 2600 }, (_, index) => employeeStream(organization, String(index)))
        const found = yield* log.streams(organization, [...names, ...names])
        assert.strictEqual(found.size, 2500)
        for (const events of found.values())
          assert.deepStrictEqual(
            events.map(({ version }) => version),
            [1, 2]
          )
        assert.strictEqual((yield* log.streams(organization, [])).size, 0)
        assert.deepStrictEqual(yield* log.stream(organization, "employee:nobody"), [])
      })
    )

    it.effect("remembers what a source said last, and who is present", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        yield* log.append(
          organization,
          appendOf([], { seen: [record("employee:a", "1", true), record("employee:b", "1", true)] })
        )
        yield* log.append(
          organization,
          appendOf([], {
            seen: [record("employee:b", null, false), record("employee:a", "2", true), record("employee:a", "3", true)]
          })
        )
        const seen = yield* log.seen(organization, "hr", ["employee:a", "employee:b"])
        assert.deepStrictEqual(seen.get("employee:a"), record("employee:a", "3", true))
        assert.deepStrictEqual(seen.get("employee:b"), record("employee:b", null, false))
        assert.deepStrictEqual(yield* Stream.runCollect(log.present(organization, "hr")), ["employee:a"])
        assert.deepStrictEqual(yield* Stream.runCollect(log.present(organization, "payroll")), [])
      })
    )

    it.effect("follows: what is there, and then what comes, in order", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const [organization, other] = [newOrganization(), newOrganization()]
        yield* log.append(organization, appendOf(employees(organization, 1500)))
        const followed = yield* log
          .follow(organization, 1000)
          .pipe(Stream.take(506), Stream.runCollect, Effect.forkChild)
        for (let round = 0; round < 6; round++) {
          yield* log.append(other, appendOf([accepted("s")]))
          yield* log.append(organization, appendOf([accepted("s")]))
        }
        assert.deepStrictEqual(
          (yield* Fiber.join(followed)).map(({ position }) => position),
          Array.from({ length: 506 }, (_, index) => 1001 + index)
        )
      })
    )

    it.effect("follows by polling where no NOTIFY arrives", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const organization = newOrganization()
        const followed = yield* Effect.gen(function* () {
          const deaf = yield* EventLog
          return yield* deaf.follow(organization, 0).pipe(Stream.take(2), Stream.runCount)
        }).pipe(Effect.provide(EventLogStore.layerNoMigrate.pipe(Layer.provide(deafDatabase))), Effect.forkChild)
        yield* Effect.sleep("50 millis")
        yield* log.append(organization, appendOf([accepted("s"), accepted("s")]))
        assert.strictEqual(yield* Fiber.join(followed), 2)
      })
    )

    it.effect("refuses to read an event of a newer schema", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const { query } = yield* Database
        const organization = newOrganization()
        yield* log.append(organization, appendOf([accepted("s")]))
        yield* query((db) =>
          sql`insert into events (organization_id, position, stream, version, type, schema_version, recorded_at, actor, data, hash)
            select organization_id, 2, stream, 2, 'EmployeeTeleported', ${schemaVersion + 1}::smallint, recorded_at, actor, data, hash
            from events where organization_id = ${organization}`.execute(db)
        )
        yield* query((db) => sql`update log_heads set position = 2 where organization_id = ${organization}`.execute(db))
        const reason = yield* reasonOf(Stream.runCollect(log.read(organization)))
        assert.strictEqual(reason._tag, "StoreNewer")
        assert.strictEqual((yield* reasonOf(log.stream(organization, "s")))._tag, "StoreNewer")
        assert.strictEqual(yield* Stream.runCount(log.read(organization, { upTo: 1 })), 1)
      })
    )
  })
