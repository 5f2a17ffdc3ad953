import { assert, describe, layer } from "@effect/vitest"
import { Accounts } from "@rollcall/core/contract/Accounts"
import { Employees } from "@rollcall/core/contract/Employees"
import {
  AppendKeyReused,
  StoreError,
  StoreLocked,
  StoreUnavailable,
  VersionConflict
} from "@rollcall/core/contract/EventLog"
import { Effect, Layer } from "effect"

import { given } from "./Given.ts"
import * as MemoryDirectory from "./MemoryDirectory.ts"
import * as Served from "./Served.ts"

const unavailable = new StoreUnavailable({ problem: "The database does not answer.", remedy: "Start it." })

/** Gives the error that the name asks for. */
const failing = (name: string) => {
  switch (name) {
    case "away":
      return Effect.fail(new StoreError({ reason: unavailable }))
    case "conflict":
      return Effect.fail(new StoreError({ reason: new VersionConflict({ stream: "s", expected: 1, actual: 2 }) }))
    case "locked":
      return Effect.fail(
        new StoreError({ reason: new StoreLocked({ folder: "f", problem: "It is open.", remedy: "Close." }) })
      )
    case "reused":
      return Effect.fail(new StoreError({ reason: new AppendKeyReused({ appendKey: "k" }) }))
    case "no error":
      return Effect.die("ken@private.com")
    default:
      return Effect.die(
        Object.assign(new TypeError("duplicate: Key (email)=(ken@private.com)"), {
          code: "23505",
          detail: "ken@private.com"
        })
      )
  }
}

/** A Directory whose lists by name go wrong, and whose accounts are lost while `away`. */
let away = false

const broken = Layer.mergeAll(
  Layer.effect(
    Employees,
    Effect.map(Employees, (employees) => ({ ...employees, byName: (_: string, name: string) => failing(name) }))
  ),
  Layer.effect(
    Accounts,
    Effect.map(Accounts, (accounts) => ({
      ...accounts,
      find: (sight: string | null, id: string) =>
        Effect.suspend(() => (away ? Effect.fail(new StoreError({ reason: unavailable })) : accounts.find(sight, id)))
    }))
  )
).pipe(Layer.provideMerge(MemoryDirectory.layer))

describe("A service in trouble", () => {
  layer(Served.layer(broken), { excludeTestServices: true })((it) => {
    it.effect("says 503 and when to come again while its database is away", () =>
      Effect.gen(function* () {
        const { ask, ours, logged } = yield* given
        for (const name of ["away", "conflict"]) {
          const { status, headers, json } = yield* ask("GET", `/employee/by-name/${name}`, {
            token: ours.tokens.EMPLOYEE
          })
          assert.strictEqual(status, 503)
          assert.strictEqual(headers.get("retry-after"), "5")
          assert.deepInclude(json, { title: "Service Unavailable", status: 503 })
          assert.notInclude(json.detail, "does not answer")
        }
        assert.isTrue(logged.some((line) => line.includes("The database does not answer. Start it.")))
      })
    )

    it.effect("says so, too, when it cannot find out who calls", () =>
      Effect.gen(function* () {
        const { ask, ours } = yield* given
        away = true
        const { status } = yield* ask("GET", "/employee", { token: ours.tokens.user })
        away = false
        assert.strictEqual(status, 503)
        assert.strictEqual((yield* ask("GET", "/employee", { token: ours.tokens.user })).status, 200)
      })
    )

    it.effect("says 500 for what will not get better by itself", () =>
      Effect.gen(function* () {
        const { ask, ours } = yield* given
        for (const name of ["locked", "reused"]) {
          const { status, json } = yield* ask("GET", `/employee/by-name/${name}`, { token: ours.tokens.EMPLOYEE })
          assert.strictEqual(status, 500)
          assert.deepInclude(json, { title: "Internal Server Error", status: 500 })
        }
      })
    )

    it.effect("says 500 for a defect, logs its name and place, and neither says nor logs a value", () =>
      Effect.gen(function* () {
        const { ask, ours, logged } = yield* given
        for (const name of ["a defect", "no error"]) {
          const path = `/employee/by-name/${encodeURIComponent(name)}`
          const { status, headers, text } = yield* ask("GET", path, { token: ours.tokens.EMPLOYEE })
          assert.strictEqual(status, 500)
          assert.strictEqual(headers.get("content-type"), "application/problem+json")
          assert.notInclude(text, "private")
        }
        const lines = logged.join("\n")
        assert.include(lines, "GET /api/v1/employee/by-name/:name")
        assert.include(lines, "TypeError 23505")
        assert.include(lines, "Faults.test.ts")
        assert.notInclude(lines, "private")
      })
    )
  })
})
