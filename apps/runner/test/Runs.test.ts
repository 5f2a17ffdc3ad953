import { assert, describe, it } from "@effect/vitest"
import { EventLog } from "@rollcall/core/contract/EventLog"
import type { Event, RecordedEvent } from "@rollcall/core/domain/Event"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Layer } from "effect"

import { foldRuns } from "../src/operations/Runs.ts"
import { sharing } from "../src/operations/Sharing.ts"

const counts = { records: 2, appeared: 2, changed: 0, unchanged: 0, vanished: 0, removed: 0, rejected: 0 }

const started = (run: string): Event => ({
  type: "SourceRunStarted",
  source: "hr",
  run,
  plugin: "csv",
  pluginVersion: "1",
  configuration: "c"
})

const completed = (run: string, incomplete?: string): Event => ({
  type: "SourceRunCompleted",
  source: "hr",
  run,
  counts,
  ...(incomplete === undefined ? {} : { incomplete })
})

const failed = (run: string): Event => ({
  type: "SourceRunFailed",
  source: "hr",
  run,
  reason: "Unavailable",
  message: "It is away."
})

const recorded = (events: ReadonlyArray<Event>): ReadonlyArray<RecordedEvent> =>
  events.map((event, i) => ({
    stream: "source:hr",
    event,
    actor: "source:hr",
    effectiveOn: null,
    causation: null,
    position: i + 1,
    version: i + 1,
    recordedAt: `2026-01-01T00:00:0${i}.000000Z`
  }))

describe("Runs", () => {
  it("tells them newest first, each with how it ended", () => {
    const runs = foldRuns(
      recorded([
        started("1"),
        completed("1"),
        started("2"),
        failed("2"),
        started("3"),
        completed("3", "The file was cut."),
        started("4"),
        started("5")
      ])
    )
    assert.deepStrictEqual(
      runs.map(({ outcome, run }) => [run, outcome]),
      [
        ["5", "running"],
        ["4", "broken-off"],
        ["3", "incomplete"],
        ["2", "failed"],
        ["1", "complete"]
      ]
    )
    assert.deepInclude(runs[2]!, { problem: "The file was cut.", counts })
    assert.deepInclude(runs[3]!, { problem: "Unavailable: It is away.", counts: null })
    assert.deepInclude(runs[4]!, { plugin: "csv 1", startedAt: "2026-01-01T00:00:00.000000Z" })
  })
})

describe("Sharing", () => {
  it.effect("makes one pass for all who ask while the log stands still, and another when it has moved", () =>
    Effect.gen(function* () {
      let position = 1
      let passes = 0
      const log = Layer.mock(EventLog, { head: () => Effect.succeed({ position, hash: "", recordedAt: null }) })
      const pass = Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => ++passes)
      )
      const shared = Effect.provide(yield* sharing(OrganizationId.make("acme"), pass), log)
      const many = Effect.all(
        Array.from({ length: 50 }, () => shared),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(new Set(yield* many), new Set([1]))
      position = 2
      assert.deepStrictEqual(new Set(yield* many), new Set([2]))
    })
  )
})
