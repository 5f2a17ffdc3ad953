import { randomUUID } from "node:crypto"

import { assert, layer as withLayer } from "@effect/vitest"
import { type Append, EventLog } from "@rollcall/core/contract/EventLog"
import type { NewEvent } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Exit, Layer, Stream } from "effect"
import * as fc from "fast-check"

import { AppendLimits } from "../src/AppendTransaction.ts"
import { Database } from "../src/Database.ts"
import * as EventLogStore from "../src/EventLogStore.ts"
import { accepted, appeared, asNew, newOrganization } from "./Given.ts"
import { postgres } from "./OnPostgres.ts"

/** The simplest log there could be: what every engine must agree with. */
class Model {
  readonly events: Array<NewEvent> = []
  readonly cursors = new Map<string, string>()
  readonly seen = new Map<string, boolean>()
  readonly done = new Map<string, { readonly append: Append; readonly first: number }>()

  version = (stream: string) => this.events.filter((event) => event.stream === stream).length

  /** What the log must say of this append, and the model as it is afterwards. */
  append(append: Append): string {
    const known = this.done.get(append.appendKey)
    if (known !== undefined) {
      return JSON.stringify(plain(known.append)) === JSON.stringify(plain(append))
        ? `replayed ${known.first}`
        : "AppendKeyReused"
    }
    const { cursor, expectedVersions = [] } = append
    if (cursor !== undefined && (this.cursors.get(cursor.source) ?? null) !== cursor.expected) return "CursorConflict"
    for (const [stream, expected] of expectedVersions) {
      if (this.version(stream) !== expected) return "VersionConflict"
    }
    if (append.events.some(({ effectiveOn }) => effectiveOn === impossible)) return "mistake"
    const first = this.events.length + 1
    this.events.push(...append.events)
    if (cursor !== undefined) this.cursors.set(cursor.source, cursor.next)
    for (const { stream, present } of append.seen ?? []) this.seen.set(stream, present)
    this.done.set(append.appendKey, { append, first })
    return `written ${first}`
  }
}

const plain = (append: Append) => ({ ...append, expectedVersions: [...(append.expectedVersions ?? [])] })

/** Looks like a date, and is none: the database refuses it in the middle of the transaction. */
const impossible = "2026-02-30"

const streams = ["employee:a", "employee:b", "employee:c", "source:hr"]
const anyText = fc.string({ unit: "binary", maxLength: 8 })
const anyDate = fc.constantFrom(null, null, "2026-01-01", "1999-12-31", "9999-12-31")

const anyEvent = fc
  .record({ stream: fc.constantFrom(...streams), text: anyText, effectiveOn: anyDate })
  .map(({ stream, text, effectiveOn }): NewEvent => ({
    ...(stream.startsWith("employee:") ? appeared(stream, { firstName: text, title: text }) : accepted(stream, text)),
    effectiveOn
  }))

const anyStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("write" as const), events: fc.array(anyEvent, { maxLength: 6 }) })
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("again" as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reuse" as const), which: fc.nat(9), event: anyEvent }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("expect" as const),
      event: anyEvent,
      off: fc.constantFrom(0, 0, 0, 1, -1)
    })
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("poll" as const), event: anyEvent, stale: fc.boolean(), next: anyText })
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("break" as const), event: anyEvent }) }
)

type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never

const cursorText = (text: string) => text.replaceAll(/[\0\uD800-\uDFFF]/g, "")

/** A step becomes an append that depends on what the model holds when it is taken. */
const appendFor = (step: Step, model: Model): Append => {
  const past = [...model.done.values()]
  const appendKey = randomUUID()
  switch (step.kind) {
    case "write":
      return { appendKey, events: step.events }
    case "again":
      return past[step.which % Math.max(1, past.length)]?.append ?? { appendKey, events: [] }
    case "reuse": {
      const known = past[step.which % Math.max(1, past.length)]?.append
      return { appendKey: known?.appendKey ?? appendKey, events: [...(known?.events ?? []), step.event] }
    }
    case "expect": {
      const { stream } = step.event
      const version = Math.max(0, model.version(stream) + step.off)
      return { appendKey, events: [step.event], expectedVersions: new Map([[stream, version]]) }
    }
    case "poll": {
      const expected = step.stale ? "stale" : (model.cursors.get("hr") ?? null)
      const seen = [{ source: "hr", stream: step.event.stream, digest: "d", present: step.stale || step.next !== "" }]
      const cursor = { source: "hr", expected, next: cursorText(step.next) }
      return { appendKey, events: [step.event], cursor, seen }
    }
    case "break":
      return { appendKey, events: [step.event, { ...step.event, effectiveOn: impossible }] }
  }
}

const outcome = (organization: OrganizationId, append: Append) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const exit = yield* Effect.exit(Effect.result(log.append(organization, append)))
    if (Exit.isFailure(exit)) return "mistake"
    if (exit.value._tag === "Failure") return exit.value.failure.reason._tag
    const { replayed, firstPosition } = exit.value.success
    return `${replayed ? "replayed" : "written"} ${firstPosition}`
  })

const agree = (steps: ReadonlyArray<Step>, together: boolean) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const organization = newOrganization()
    const model = new Model()
    // Together: gathered into few transactions, and still as if each had come after the one before.
    const appends: Array<Append> = []
    const expected: Array<string> = []
    const found: Array<string> = []
    for (const step of steps) {
      const append = appendFor(step, model)
      expected.push(model.append(append))
      appends.push(append)
      if (!together) found.push(yield* outcome(organization, append))
    }
    if (together) {
      const all = yield* Effect.forEach(appends, (append) => outcome(organization, append), {
        concurrency: "unbounded"
      })
      found.push(...all)
    }
    assert.deepStrictEqual(found, expected)

    const events = yield* Stream.runCollect(log.read(organization))
    assert.deepStrictEqual(events.map(asNew), model.events)
    const counted = new Map<string, number>()
    for (const [index, { position, stream, version }] of events.entries()) {
      counted.set(stream, (counted.get(stream) ?? 0) + 1)
      assert.deepStrictEqual([position, version], [index + 1, counted.get(stream)])
    }
    const ofPeople = events
      .filter(({ stream }) => stream.startsWith("employee:"))
      .map(({ actor: _actor, causation: _causation, ...told }) => told)
    const people = yield* Stream.runCollect(log.people(organization))
    assert.deepStrictEqual(
      people,
      [...new Set(ofPeople.map(({ stream }) => stream))]
        .toSorted()
        .map((stream) => ofPeople.filter((event) => event.stream === stream))
    )
    assert.strictEqual(yield* log.cursor(organization, "hr"), model.cursors.get("hr") ?? null)
    const present = [...model.seen].flatMap(([stream, there]) => (there ? [stream] : [])).toSorted()
    assert.deepStrictEqual(yield* Stream.runCollect(log.present(organization, "hr")), present as never)
    assert.strictEqual((yield* log.head(organization)).position, model.events.length)
    assert.isNull(yield* log.verify(organization))
  })

for (const [engine, database] of [
  ["PGlite", Database.layerPGliteMemory],
  ["PostgreSQL", postgres("model")]
] as const) {
  withLayer(EventLogStore.layer.pipe(Layer.provideMerge(database)), { excludeTestServices: true })(
    `Any history of appends on ${engine}`,
    (it) => {
      for (const [how, together] of [
        ["one after the other", false],
        ["all at once", true]
      ] as const) {
        it.effect(`agrees with the model, appended ${how}`, () =>
          Effect.gen(function* () {
            const services = yield* Effect.context<EventLog>()
            const limits = fc.constantFrom(
              { copyFrom: 1, gather: 500 },
              { copyFrom: 500, gather: 500 },
              { copyFrom: 3, gather: 4 }
            )
            const property = fc.asyncProperty(fc.array(anyStep, { maxLength: 20 }), limits, (steps, lanes) =>
              agree(steps, together).pipe(
                Effect.provideService(AppendLimits, { lockTimeout: "10s", statementTimeout: "60s", ...lanes }),
                Effect.runPromiseWith(services)
              )
            )
            yield* Effect.promise(() => fc.assert(property, { numRuns: 25 }))
          })
        )
      }
    }
  )
}
