import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { EventLog } from "@rollcall/core/contract/EventLog"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Layer, Stream } from "effect"

import { Database } from "../src/Database.ts"
import * as EventLogStore from "../src/EventLogStore.ts"
import { appendOf, employees } from "./Given.ts"

const organization = OrganizationId.make("acme")

const newFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rollcall-embedded-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const withLog = <A, E>(folder: string, body: Effect.Effect<A, E, EventLog>) =>
  body.pipe(Effect.provide(EventLogStore.layer.pipe(Layer.provide(Database.layerPGlite(folder)))))

const appendTen = Effect.gen(function* () {
  const log = yield* EventLog
  return yield* log.append(organization, appendOf(employees(organization, 10)))
})

const countAndVerify = Effect.gen(function* () {
  const log = yield* EventLog
  assert.isNull(yield* log.verify(organization))
  return yield* Stream.runCount(log.read(organization))
})

/** Another process, and all that it has said, once it has said `line`. */
const holder = (folder: string, rounds: number, line: string) =>
  Effect.acquireRelease(
    Effect.callback<{ child: ChildProcess; said: () => string }>((resume) => {
      const child = spawn(process.execPath, [join(import.meta.dirname, "EmbeddedHolder.ts"), folder, String(rounds)])
      let said = ""
      child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()))
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes(`${line}\n`)) resume(Effect.succeed({ child, said: () => said }))
      })
      child.on("exit", () => resume(Effect.die(new Error(`The other process ended. ${said}`))))
    }),
    ({ child }) => kill(child)
  )

const kill = (child: ChildProcess) =>
  Effect.callback<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.on("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

describe("The embedded database", () => {
  it.live("keeps its events in the folder and opens again", () =>
    Effect.gen(function* () {
      const folder = join(yield* newFolder, "not", "yet", "there")
      yield* withLog(folder, appendTen)
      yield* withLog(folder, appendTen)
      assert.strictEqual(yield* withLog(folder, countAndVerify), 20)
    })
  )

  it.live("refuses to open twice in one process", () =>
    Effect.gen(function* () {
      const folder = yield* newFolder
      const second = Effect.flip(withLog(folder, appendTen))
      const { reason } = yield* withLog(folder, second)
      assert.deepInclude(reason, { _tag: "StoreLocked", folder, isRetryable: false })
      yield* withLog(folder, appendTen)
    })
  )

  it.live("refuses a second process, and opens again with every committed event when the first was killed", () =>
    Effect.gen(function* () {
      const folder = yield* newFolder
      const { child, said } = yield* holder(folder, 1_000_000, "committed 200")
      const { reason, message } = yield* Effect.flip(withLog(folder, appendTen))
      assert.deepInclude(reason, { _tag: "StoreLocked", folder })
      assert.include(message, `process (${child.pid})`)
      yield* kill(child)
      const committed = Number(/committed (\d+)\n$/.exec(said())?.[1])
      assert.isAtLeast(committed, 200)
      const found = yield* withLog(folder, countAndVerify)
      assert.isAtLeast(found, committed)
      assert.strictEqual(found % 10, 0)
    })
  )

  it.live("begins anew where a first start broke off half-way", () =>
    Effect.gen(function* () {
      const folder = yield* newFolder
      mkdirSync(join(folder, "db.new"))
      writeFileSync(join(folder, "db.new", "PG_VERSION"), "18")
      yield* withLog(folder, appendTen)
      assert.isFalse(existsSync(join(folder, "db.new")))
      assert.strictEqual(yield* withLog(folder, countAndVerify), 10)
    })
  )
})
