import { readFileSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { EventLog } from "@rollcall/core/contract/EventLog"
import { fieldNames } from "@rollcall/core/domain/Field"
import { desired, values } from "@rollcall/core/sync/Desired"
import { momentIn } from "@rollcall/core/sync/Moment"
import { reduce } from "@rollcall/core/sync/Reduce"
import type { FaultRule } from "@rollcall/sandbox/UltiProFaults"
import { UltiProSandbox } from "@rollcall/sandbox/UltiProServer"
import { demoUltiPro } from "@rollcall/sandbox/UltiProSettings"
import { DateTime, Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"

import { services } from "../src/commands/Frame.ts"
import type { Organization } from "../src/ConfigurationFile.ts"
import { read } from "../src/ConfigurationFile.ts"
import { ultipro } from "../src/index.ts"
import { stores } from "../src/Stores.ts"
import { syncRun } from "../src/SyncRun.ts"
import { folder, rollcall } from "./Command.ts"
import { silent } from "./InProcess.ts"

const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeHttpClient.layerUndici)

/** As many as the environment says; the rule is the same for any number. */
const people = Number(process.env["ULTIPRO_PEOPLE"] ?? 300)

const together = { baseUrl: "http://127.0.0.1:9", organizationId: "o", clientId: "c", apiKey: "k" }

/** UKG's letters as docs/ultipro.md explains them. */
const meaning: Readonly<Record<string, string>> = {
  A: "active",
  O: "active",
  L: "leave",
  S: "leave",
  R: "leave",
  T: "terminated"
}

/** No addresses are no value. */
const orNothing = (value: unknown): unknown => (Array.isArray(value) && value.length === 0 ? null : (value ?? null))

const toldFields = fieldNames.filter((name) => name !== "status")

/** Rollcall's word on everybody, as the stand-in's own truth has it. */
const believed = Effect.fnUntraced(function* ({ id, policy }: Organization) {
  const log = yield* EventLog
  const moment = yield* momentIn(policy.timezone)
  const people = yield* Stream.runCollect(log.people(id))
  return new Map(
    people.map((events) => {
      const person = reduce(events[0]?.stream ?? "", events)
      const wanted = desired(person, policy, moment)
      return [person.employeeId, { presence: wanted.presence, fields: values(wanted.fields) }] as const
    })
  )
})

describe("UltiPro, day after day", () => {
  it.effect(
    "is believed field by field, and nobody is lost or made a leaver by a transfer or a rehire",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const hr = yield* UltiProSandbox.start({ population: people, seed: 7 })
        const source = ultipro({ rootUrl: hr.url, ...demoUltiPro, departmentLevel: 2 })
        const { organizations } = yield* read("test", { sources: { hr: source }, together }, {})
        const organization = organizations[0]!
        yield* Effect.gen(function* () {
          for (let day = 0; day < 30; day++) {
            const today = yield* hr.today
            yield* TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(`${today}T12:00:00Z`)))
            yield* Effect.scoped(syncRun({ organization, folder: here, mode: "record", watch: silent }))
            const known = yield* believed(organization)
            const truth = yield* hr.truth
            assert.strictEqual(known.size, truth.length, `people on ${today}`)
            for (const { employeeId, status, ...fields } of truth) {
              const person = known.get(employeeId)
              if (status === "future") {
                assert.strictEqual(person?.presence, "expected", `${employeeId} on ${today}`)
                continue
              }
              assert.strictEqual(person?.fields.status, meaning[fields.statusCode], `${employeeId} on ${today}`)
              for (const name of toldFields) {
                const value = orNothing(fields[name as keyof typeof fields])
                const said = orNothing(person?.fields[name])
                assert.deepStrictEqual<unknown>(said, value, `${name} of ${employeeId} on ${today}`)
              }
            }
            yield* hr.advance()
          }
        }).pipe(
          Effect.provide(
            Layer.merge(
              services(organization, stores({ data: join(here, "data"), organizations: [organization] }, {})),
              platform
            )
          )
        )
      }).pipe(Effect.scoped),
    { timeout: 1_200_000 }
  )
})

/** What may go wrong with a pull, and the reason under which the run is marked as failed. */
const partialPulls: ReadonlyArray<readonly [string, FaultRule, string]> = [
  ["404 on page 1", { path: "person-details", fault: { kind: "status", status: 404 } }, "Unavailable"],
  ["500 in the middle", { path: "person-details", page: 2, fault: { kind: "status", status: 500 } }, "Unavailable"],
  ["a repeated page", { path: "employment-details", page: 2, fault: { kind: "repeat-page" } }, "Malformed"],
  ["truncated JSON", { path: "person-details", page: 2, fault: { kind: "truncated" } }, "Truncated"],
  ["403 on one endpoint", { path: "employment-details", fault: { kind: "status", status: 403 } }, "PermissionMissing"],
  ["zero rows", { path: "person-details", fault: { kind: "empty" } }, "Malformed"],
  ["a web page", { path: "person-details", page: 2, fault: { kind: "html" } }, "Malformed"]
]

describe("a pull of UltiPro that is not whole", () => {
  it.live.each(partialPulls)("makes nobody a leaver: %s", ([, rule, reason]) =>
    Effect.gen(function* () {
      const here = yield* folder
      const hr = yield* UltiProSandbox.start({ population: 60 })
      const source = ultipro({ rootUrl: hr.url, ...demoUltiPro, pageSize: 20, patienceMinutes: 0 })
      const rules = { absence: { policy: "terminate" as const } }
      const { organizations } = yield* read("test", { sources: { hr: source }, together, ...rules }, {})
      const organization = organizations[0]!
      const sync = Effect.scoped(syncRun({ organization, folder: here, mode: "record", watch: silent }))
      yield* Effect.gen(function* () {
        const log = yield* EventLog
        yield* sync
        const { position } = yield* log.head(organization.id)
        yield* hr.inject({ times: 1000, ...rule })
        const error = yield* Effect.flip(sync)
        assert.strictEqual(error._tag === "SourceError" ? error.reason._tag : error._tag, reason)
        const news = yield* Stream.runCollect(log.read(organization.id, { after: position }))
        const said = new Set(news.map(({ event }) => event.type))
        assert.notInclude([...said], "EmployeeVanished")
        assert.notInclude([...said], "EmployeeRemoved")
        assert.notInclude([...said], "SourceRunCompleted")
      }).pipe(
        Effect.provide(
          Layer.merge(
            services(organization, stores({ data: join(here, "data"), organizations: [organization] }, {})),
            platform
          )
        )
      )
    }).pipe(Effect.scoped)
  )
})

describe("rollcall demo --source ultipro", () => {
  it.live("carries a tenant's people to Together, and finds nothing new the second time", () =>
    Effect.gen(function* () {
      const here = yield* folder
      const first = yield* rollcall(here, ["demo", "--source", "ultipro", "--json"])
      assert.strictEqual(first.code, 0, first.stdout + first.stderr)
      assert.strictEqual(first.json["violations"], 0)
      assert.isAbove(Number(first.json["events"]), 150)
      const second = yield* rollcall(here, ["demo", "--source", "ultipro", "--json"])
      assert.deepInclude(second.json, { events: 0, requests: 0, violations: 0 })
    }).pipe(Effect.scoped)
  )
})

/** Every byte below a folder, as text. */
const bytesBelow = (path: string): string =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n")

describe("what UltiPro says beyond the fields that are asked for", () => {
  it.live("reaches neither the database nor the log nor what is printed", () =>
    Effect.gen(function* () {
      const here = yield* folder
      const canary = "CANARY-9f31"
      const hr = yield* UltiProSandbox.start({ population: 120, canary })
      const source = { rootUrl: hr.url, ...demoUltiPro }
      const text = `import { defineConfig, ultipro } from "rollcall"
export default defineConfig({ sources: { hr: ultipro(${JSON.stringify(source)}) }, together: ${JSON.stringify(together)} })
`
      writeFileSync(join(here, "rollcall.config.ts"), text)
      const first = yield* rollcall(here, ["sync", "--no-send"])
      assert.strictEqual(first.code, 0, first.stdout + first.stderr)
      const shown = yield* rollcall(here, ["status", "--json"])
      const kept = bytesBelow(join(here, ".rollcall"))
      // The search sees what is there: somebody's e-mail address.
      const someone = (yield* hr.truth).find(({ email }) => email !== null)
      assert.include(kept, String(someone?.email))
      for (const place of [kept, first.stdout, first.stderr, shown.stdout, shown.stderr]) {
        assert.notInclude(place, canary)
        assert.notInclude(place, demoUltiPro.password)
      }
    }).pipe(Effect.scoped)
  )
})
