import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { Database } from "@rollcall/directory-store/Database"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { Effect, Layer } from "effect"

import { folder, people, rollcall, writeSite } from "./Command.ts"

const untouched = (here: string) => assert.isFalse(existsSync(join(here, ".rollcall", "db")), "a log was made")

/** Every refusal says what is wrong and what to do, and leaves with code 2. */
const refuses = Effect.fnUntraced(function* (here: string, says: RegExp, environment: Record<string, string> = {}) {
  const ended = yield* rollcall(here, ["sync"], environment)
  assert.strictEqual(ended.code, 2, ended.stdout + ended.stderr)
  assert.match(ended.stderr, says)
  assert.notInclude(ended.stderr, "    at ")
  const machine = yield* rollcall(here, ["sync", "--json"], environment)
  assert.strictEqual(machine.code, 2)
  assert.match(JSON.stringify(machine.json["error"]), says)
})

/** Runs once in good order, then makes it bad: the log must not move. */
const leavesTheLog = Effect.fnUntraced(function* (here: string, spoil: () => void, says: RegExp) {
  writeSite(here)
  yield* rollcall(here, ["sync", "--no-send"])
  const before = (yield* rollcall(here, ["status", "--json"])).json["position"]
  spoil()
  yield* refuses(here, says)
  writeSite(here)
  const after = (yield* rollcall(here, ["status", "--json"])).json["position"]
  assert.isNumber(before)
  assert.strictEqual(after, before)
})

describe("rollcall on bad input", () => {
  it.live("refuses without a configuration", () =>
    Effect.gen(function* () {
      const here = yield* folder
      yield* refuses(here, /There is no configuration here/)
    }).pipe(Effect.scoped)
  )

  it.live("refuses a missing file", () =>
    Effect.gen(function* () {
      const here = yield* folder
      yield* leavesTheLog(here, () => writeSite(here, { file: "elsewhere.csv" }), /no file .*elsewhere\.csv/)
    }).pipe(Effect.scoped)
  )

  it.live("refuses an empty file", () =>
    Effect.gen(function* () {
      const here = yield* folder
      yield* leavesTheLog(here, () => writeFileSync(join(here, "people.csv"), ""), /people\.csv is empty/)
    }).pipe(Effect.scoped)
  )

  it.live("refuses a header without the key column", () =>
    Effect.gen(function* () {
      const here = yield* folder
      const spoil = () => writeFileSync(join(here, "people.csv"), people.replace("Number,", "Nr,"))
      yield* leavesTheLog(here, spoil, /columns\.employeeId.*no column .*Number/s)
    }).pipe(Effect.scoped)
  )

  it.live("refuses a column that is not in the file, and suggests the nearest", () =>
    Effect.gen(function* () {
      const here = yield* folder
      yield* leavesTheLog(here, () => writeSite(here, { columns: { title: "Jb" } }), /columns\.title.*Jb.*Job/s)
    }).pipe(Effect.scoped)
  )

  it.live("refuses a setting it does not know, by name", () =>
    Effect.gen(function* () {
      const here = yield* folder
      writeFileSync(
        join(here, "rollcall.config.ts"),
        `export default { sources: {}, together: { apiKee: "x" }, tmezone: 1 }\n`
      )
      yield* refuses(here, /tmezone.*|together\.apiKee/s)
      untouched(here)
    }).pipe(Effect.scoped)
  )

  it.live("stops at once when Together refuses the key, before the log hears of anybody", () =>
    Effect.gen(function* () {
      const here = yield* folder
      const server = yield* TogetherSandbox.start()
      writeSite(here, { baseUrl: server.url, apiKey: "wrong-canary" })
      const ended = yield* rollcall(here, ["sync"])
      assert.strictEqual(ended.code, 2)
      assert.match(ended.stderr, /refuses the credentials \(401\)/)
      assert.notInclude(ended.stdout + ended.stderr, "wrong-canary")
      assert.strictEqual((yield* server.report).requests, 1)
      const status = yield* rollcall(here, ["status", "--json"])
      assert.deepInclude(status.json["queue"] as object, { employees: 0 })
      // The configuration, the grant, its end, and the refusal.
      assert.strictEqual(status.json["position"], 4)
    }).pipe(Effect.scoped)
  )

  it.live("refuses when the database cannot be reached, without its password", () =>
    Effect.gen(function* () {
      const here = yield* folder
      writeSite(here)
      const url = { DATABASE_URL: "postgres://someone:hidden-canary@127.0.0.1:9/nothing" }
      yield* refuses(here, /127\.0\.0\.1:9/, url)
      const ended = yield* rollcall(here, ["sync"], url)
      assert.notInclude(ended.stdout + ended.stderr, "hidden-canary")
    }).pipe(Effect.scoped)
  )

  it.live("refuses to be the second on the embedded database", () =>
    Effect.gen(function* () {
      const here = yield* folder
      writeSite(here)
      yield* Layer.build(Database.layerPGlite(join(here, ".rollcall")))
      yield* refuses(here, /another process/)
    }).pipe(Effect.scoped)
  )

  it.live("refuses a command line it does not understand", () =>
    Effect.gen(function* () {
      const here = yield* folder
      assert.strictEqual((yield* rollcall(here, ["sync", "--whatever"])).code, 2)
      assert.strictEqual((yield* rollcall(here, ["nonsense"])).code, 2)
      assert.strictEqual((yield* rollcall(here, ["--help"])).code, 0)
    }).pipe(Effect.scoped)
  )
})
