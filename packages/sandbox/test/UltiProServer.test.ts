import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { UltiProSandbox } from "../src/UltiProServer.ts"
import type { UltiProSandboxOptions } from "../src/UltiProSettings.ts"
import { ask, employments, persons } from "./UltiProCaller.ts"

const now = Effect.sync(() => performance.now())

describe("UltiProServer: the judge", () => {
  it.live("counts requests by path, method and status, and keeps their parameters", () =>
    Effect.gen(function* () {
      const sandbox = yield* UltiProSandbox.start({ population: 20 })
      yield* ask(sandbox, `${persons}?Per_Page=5&page=2`)
      yield* ask(sandbox, persons, { without: "authorization" })
      yield* ask(sandbox, "/personnel/v1/employee-changes")
      const report = yield* sandbox.report
      assert.deepInclude(report, {
        requests: 3,
        inFlight: 0,
        unanswered: 0,
        largestInFlight: 1,
        byStatus: { 200: 1, 401: 1, 403: 1 },
        byMethod: { GET: 3 },
        byPath: { [persons]: { 200: 1, 401: 1 }, "/personnel/v1/employee-changes": { 403: 1 } }
      })
      assert.deepInclude(report.journal[0], {
        path: persons,
        page: 2,
        query: { Per_Page: "5", page: "2" },
        status: 200
      })
      yield* sandbox.pardon
      assert.deepInclude(yield* sandbox.report, { requests: 0, journal: [] })
    })
  )

  it.live("sees how many requests are open at once", () =>
    Effect.gen(function* () {
      const sandbox = yield* UltiProSandbox.start({ population: 20, latency: 60 })
      const paths = [persons, employments, persons]
      yield* Effect.forEach(paths, (path) => ask(sandbox, path), { concurrency: "unbounded" })
      assert.strictEqual((yield* sandbox.report).largestInFlight, 3)
    })
  )

  it.live("waits as long as it is told before every answer", () =>
    Effect.gen(function* () {
      const sandbox = yield* UltiProSandbox.start({ population: 20, latency: 50 })
      const before = yield* now
      yield* ask(sandbox, persons)
      assert.isAtLeast((yield* now) - before, 45)
    })
  )
})

describe("UltiProServer: starting", () => {
  it.live.each([
    ["today", { today: "2026-02-30" }],
    ["companies", { companies: [] }],
    ["population", { population: 0 }],
    ["maxPerPage", { maxPerPage: 1.5 }]
  ] as ReadonlyArray<readonly [string, UltiProSandboxOptions]>)(
    "refuses an unusable %s by name",
    ([setting, options]) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Effect.scoped(UltiProSandbox.start(options)))
        assert.strictEqual(error.reason._tag, "SettingUnusable")
        assert.include(error.message, setting)
      })
  )

  it.live("says which port is taken, and frees its own with its scope", () =>
    Effect.gen(function* () {
      const sandbox = yield* UltiProSandbox.start({ population: 1 })
      const taken = yield* Effect.flip(Effect.scoped(UltiProSandbox.start({ port: sandbox.port })))
      assert.strictEqual(taken.reason._tag, "PortUnavailable")
      const port = yield* Effect.scoped(Effect.map(UltiProSandbox.start({ population: 1 }), (other) => other.port))
      const again = yield* UltiProSandbox.start({ port, population: 1 })
      assert.strictEqual((yield* ask(again, persons)).status, 200)
    })
  )
})

describe("UltiProServer: size", () => {
  it.live("serves 50,000 people in pages of 10,000, each in well under two seconds", () =>
    Effect.gen(function* () {
      const sandbox = yield* UltiProSandbox.start({ population: 50_000, canary: "CANARY" })
      for (const path of [persons, employments]) {
        const before = yield* now
        const reply = yield* ask(sandbox, `${path}?per_Page=10000&page=5`)
        assert.lengthOf(reply.rows, 10_000)
        assert.isBelow((yield* now) - before, 2000)
      }
      const before = yield* now
      yield* sandbox.advance()
      assert.isBelow((yield* now) - before, 2000)
      assert.isAtLeast((yield* sandbox.truth).length, 50_000)
    })
  )
})
