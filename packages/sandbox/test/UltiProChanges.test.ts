import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"

import { UltiProSandbox } from "../src/UltiProServer.ts"
import { ultiProScopes } from "../src/UltiProSettings.ts"
import { ask, playing, rowsOf } from "./UltiProCaller.ts"

const changes = "/personnel/v1/employee-changes"
const always = `${changes}?startDate=1990-01-01T00:00:00&endDate=2030-01-01T00:00:00`
const start = (population = 60) => UltiProSandbox.start({ population, scopes: ultiProScopes })

describe("UltiProChanges: rows", () => {
  it.live("shows people flat, with US dates and empty texts for nothing", () =>
    Effect.gen(function* () {
      const rows = yield* rowsOf(yield* start(), always)
      assert.lengthOf(rows, 60)
      const left = rows.find((row) => row["employeeId"] === playing("transferredThenLeft"))
      assert.include(left, { isActive: false, employeeStatus: "T", terminationDate: "12/30/2025 12:00:00 AM" })
      const unsupervised = rows.find((row) => row["employeeId"] === playing("withoutSupervisor"))
      assert.include(unsupervised, { supervisorId: "", supervisorName: "", terminationDate: "" })
      assert.match(String(unsupervised?.["hireDate"]), /^\d{1,2}\/\d{1,2}\/\d{4} 12:00:00 AM$/)
      assert.isTrue(rows.every((row) => Object.values(row).every((value) => value !== null)))
      assert.notProperty(rows[0], "dateOfBirth")
    })
  )

  it.live("shows those alone who were touched in the window", () =>
    Effect.gen(function* () {
      const rows = yield* rowsOf(yield* start(), `${changes}?startDate=2025-12-30&endDate=2025-12-30T23:59:59Z`)
      assert.include(
        rows.map((row) => row["employeeId"]),
        playing("transferredThenLeft")
      )
      assert.isBelow(rows.length, 10)
    })
  )

  it.live("shows one person at any time, and 404 for somebody unknown", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const path = `${changes}/${playing("rehired")}`
      assert.lengthOf(yield* rowsOf(sandbox, path), 1)
      assert.lengthOf(yield* rowsOf(sandbox, path), 1)
      assert.strictEqual((yield* ask(sandbox, `${changes}/NOBODY`)).status, 404)
    })
  )

  it.live.each([
    "",
    "?startDate=2026-01-01",
    "?startDate=01-01-2026&endDate=01-02-2026",
    "?startDate=2026-01-02&endDate=2026-01-01"
  ])("refuses the window %o with 400", (query) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* ask(yield* start(), `${changes}${query}`)).status, 400)
    })
  )
})

describe("UltiProChanges: three hours", () => {
  it.effect("answers 429 until three hours have passed", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      assert.strictEqual((yield* ask(sandbox, always)).status, 200)
      assert.strictEqual((yield* ask(sandbox, always)).status, 429)
      yield* TestClock.adjust("179 minutes")
      assert.strictEqual((yield* ask(sandbox, always)).status, 429)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* ask(sandbox, always)).status, 200)
    })
  )

  it.live("lets the further pages of one window through, 200 rows each", () =>
    Effect.gen(function* () {
      const sandbox = yield* start(450)
      const pages = yield* Effect.forEach([1, 2, 3, 4], (page) =>
        rowsOf(sandbox, `${always}&per_page=5000&page=${page}`)
      )
      assert.deepStrictEqual(
        pages.map((rows) => rows.length),
        [200, 200, 50, 0]
      )
      assert.strictEqual((yield* ask(sandbox, `${always}&page=1`)).status, 429)
    })
  )
})
