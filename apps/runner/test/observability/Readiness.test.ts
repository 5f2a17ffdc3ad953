import { assert, describe, it } from "@effect/vitest"
import { StoreError, StoreUnavailable } from "@rollcall/core/contract/EventLog"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import type { Upkeep } from "@rollcall/directory-store/Upkeep"
import { Effect } from "effect"
import { TestClock } from "effect/testing"

import { makeReadiness } from "../../src/observability/Readiness.ts"
import { Board } from "../../src/service/Condition.ts"
import type { Served } from "../../src/service/Service.ts"

const acme = OrganizationId.make("acme")
const at = "2026-01-01T00:00:00.000Z"

const away = new StoreError({
  reason: new StoreUnavailable({ problem: "db.internal:5432 did not answer.", remedy: "See that it runs." })
})

/** As much of a service as readiness looks at. */
const given = Effect.fnUntraced(function* (upkeep: Partial<Upkeep["Service"]>) {
  const board = new Board(acme, at)
  const readiness = yield* makeReadiness
  const whole = {
    difference: Effect.succeed({ missing: [], unknown: [] }),
    progress: Effect.succeed([{ organization: acme, position: 7, projected: 7 }]),
    ...upkeep
  }
  const begin = () =>
    readiness.begin({ upkeep: whole as Upkeep["Service"], organizations: [{ board } as unknown as Served] })
  const waiting = Effect.gen(function* () {
    yield* TestClock.adjust("2 seconds")
    const checks = yield* readiness.checks
    return checks.filter(({ ready }) => !ready).map(({ name, problem }) => `${name}: ${problem}`)
  })
  return { begin, board, readiness, waiting }
})

describe("Readiness", () => {
  it.effect("waits for the database, and then for each sender", () =>
    Effect.gen(function* () {
      const { begin, board, waiting } = yield* given({})
      assert.deepStrictEqual(yield* waiting, [
        "database: It is not open yet.",
        "migrations: They wait for the database."
      ])
      begin()
      assert.deepStrictEqual(yield* waiting, ["sender: It is still starting."])
      board.doing("planning", at)
      assert.deepStrictEqual(yield* waiting, [])
      board.doing("refused", at, "Together refuses the credentials.")
      assert.deepStrictEqual(yield* waiting, [])
    })
  )

  it.effect("says that the database is away, and not where it is", () =>
    Effect.gen(function* () {
      const { begin, waiting } = yield* given({ progress: Effect.fail(away) })
      begin()
      assert.include(yield* waiting, "database: It cannot be reached; the log says why.")
      assert.notInclude((yield* waiting).join(), "db.internal")
    })
  )

  it.effect("names migrations that are missing or came later", () =>
    Effect.gen(function* () {
      const missing = yield* given({ difference: Effect.succeed({ missing: ["0004-directory"], unknown: [] }) })
      missing.begin()
      assert.include(yield* missing.waiting, "migrations: Missing: 0004-directory.")
      const newer = yield* given({ difference: Effect.succeed({ missing: [], unknown: ["0099-later"] }) })
      newer.begin()
      assert.include(yield* newer.waiting, "migrations: Made by a newer Rollcall: 0099-later.")
    })
  )

  it.effect("bears with tables that are behind for a moment, not with those that stay so", () =>
    Effect.gen(function* () {
      const { begin, board, readiness, waiting } = yield* given({
        progress: Effect.succeed([{ organization: acme, position: 9, projected: 7 }])
      })
      begin()
      board.doing("idle", at)
      assert.deepStrictEqual(yield* waiting, [])
      assert.deepInclude(yield* readiness.checks, { name: "projection", organization: acme, ready: true, lag: 2 })
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* waiting, ["projection: The Directory's tables stay behind the log."])
    })
  )

  it.effect("looks at the database once a second, whoever asks how often", () =>
    Effect.gen(function* () {
      let looks = 0
      const { begin, readiness } = yield* given({
        progress: Effect.sync(() => {
          looks++
          return []
        })
      })
      begin()
      for (let n = 0; n < 50; n++) yield* readiness.checks
      assert.strictEqual(looks, 1)
      yield* TestClock.adjust("1 second")
      yield* readiness.checks
      assert.strictEqual(looks, 2)
    })
  )
})
