/**
 * Holds snapshot diffing against an independent change feed: takes a folder of daily rosters (`YYYY-MM-DD.csv`) into a log
 * one after the other and compares the events of each day with what the feed says of that day.
 *
 * `npx node benchmarks/change-feed.ts SNAPSHOTS FEED.csv`. Columns as in the feed: employeeNumber, firstName, lastName, email,
 * jobTitle, departmentCode, department, managerEmployeeNumber, hireDate, status (A or T), terminationDate; the feed has
 * `date` and `op` (insert, update, delete) before them. Exit code 1 when anything differs.
 */
import { readFileSync, readdirSync } from "node:fs"
import { basename, resolve } from "node:path"

import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import { EventLog } from "@rollcall/core/contract/EventLog"
import type { RecordedEvent } from "@rollcall/core/domain/Event"
import type { Fields } from "@rollcall/core/domain/Field"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { defaultGuard } from "@rollcall/core/domain/Policy"
import { values, desired } from "@rollcall/core/sync/Desired"
import { ingest } from "@rollcall/core/sync/Ingest"
import { reduce } from "@rollcall/core/sync/Reduce"
import { Database } from "@rollcall/directory-store/Database"
import { layer as store } from "@rollcall/directory-store/EventLogStore"
import { csv } from "@rollcall/source-csv"
import { Effect, Layer, Schema, Stream } from "effect"

const organization = OrganizationId.make("feed")
const [folder, feedFile] = process.argv.slice(2).map((path) => resolve(path)) as [string, string]

const columns = {
  employeeId: "employeeNumber",
  firstName: "firstName",
  lastName: "lastName",
  email: "email",
  title: "jobTitle",
  departmentId: "departmentCode",
  departmentName: "department",
  supervisorId: "managerEmployeeNumber",
  originalHireDate: "hireDate",
  status: "status",
  dateOfTermination: "terminationDate"
} as const

/** `op key` for every change of a day, and what the person's row then says. */
const feedOf = (day: string): ReadonlyMap<string, string> =>
  new Map(
    readFileSync(feedFile, "utf8")
      .split("\n")
      .filter((line) => line.startsWith(`${day},`))
      .map((line) => {
        const [, op, key, ...rest] = line.split(",")
        return [`${op} ${key}`, op === "delete" ? "" : rest.join(",")]
      })
  )

const ops = { EmployeeAppeared: "insert", EmployeeChanged: "update", EmployeeVanished: "delete" } as const

const policy = {
  precedence: ["hr"],
  absence: { policy: "report" },
  scope: {},
  mapping: {},
  programs: [],
  drift: "repair",
  refresh: "never",
  guard: defaultGuard,
  timezone: "UTC"
} as const

/** The person's row as the feed writes it, from the log alone. */
const rowOf = (events: ReadonlyArray<RecordedEvent>, day: string): string => {
  const person = reduce(events[0]?.stream ?? "", events)
  const fields: Fields = values(desired(person, policy, { instant: `${day}T12:00:00.000Z`, day }).fields)
  const { departmentId, departmentName, email, firstName, lastName, originalHireDate, supervisorId, title } = fields
  const status = fields.status === "terminated" ? "T" : "A"
  return [
    firstName,
    lastName,
    email,
    title,
    departmentId,
    departmentName,
    supervisorId,
    originalHireDate,
    status,
    fields.dateOfTermination
  ]
    .map((value) => value ?? "")
    .join(",")
}

const takeIn = Effect.fnUntraced(function* (file: string) {
  const day = basename(file, ".csv")
  const { plugin } = csv({ file, columns })
  const config = yield* Schema.decodeUnknownEffect(plugin.config as Schema.Codec<unknown>)({ file, columns })
  const source = yield* plugin.open(config, { name: "hr", folder })
  const run = crypto.randomUUID()
  return yield* ingest({ organization, name: "hr", plugin, source, run, day, configurationHash: "" })
}, Effect.scoped)

const compareDay = Effect.fnUntraced(function* (file: string) {
  const log = yield* EventLog
  const day = basename(file, ".csv")
  const { position } = yield* log.head(organization)
  const report = yield* takeIn(file)
  const events = yield* Stream.runCollect(log.read(organization, { after: position }))
  const said = new Map<string, string>()
  for (const { event, stream } of events) {
    if (!(event.type in ops)) continue
    const op = ops[event.type as keyof typeof ops]
    const key = `${op} ${"employeeId" in event ? event.employeeId : stream}`
    said.set(key, op === "delete" ? "" : rowOf(yield* log.stream(organization, stream), day))
  }
  const expected = feedOf(day)
  const wrong = [...new Set([...expected.keys(), ...said.keys()])].filter((key) => expected.get(key) !== said.get(key))
  console.log(
    `${day}  ${report.counts.records} people  ${expected.size} in the feed  ${said.size} events  ${wrong.length} differ`
  )
  for (const key of wrong.slice(0, 5)) console.log(`  ${key}\n    feed ${expected.get(key)}\n    log  ${said.get(key)}`)
  return { changes: expected.size, wrong: wrong.length }
})

const program = Effect.gen(function* () {
  const [first, ...days] = readdirSync(folder).toSorted()
  yield* takeIn(first ?? "")
  const totals = yield* Effect.forEach(days, compareDay)
  const sum = (what: "changes" | "wrong") => totals.reduce((n, day) => n + day[what], 0)
  console.log(`${days.length} days, ${sum("changes")} changes in the feed, ${sum("wrong")} differ`)
  process.exitCode = sum("wrong") === 0 && sum("changes") > 0 ? 0 : 1
})

const platform = Layer.mergeAll(
  Layer.provide(store, Database.layerPGliteMemory),
  NodeServices.layer,
  NodeHttpClient.layerUndici
)

await Effect.runPromise(Effect.provide(program, platform))
