/**
 * What a replay costs beside a bare paged SELECT of the same rows (PagedSelect): the whole command as people run it,
 * everybody counted or everybody written, and the step alone (ReplayStep). By turns, each a process of its own; wall time, and peak memory as the operating system
 * counted it.
 *
 * `npx node benchmarks/replay.ts` (EVENTS=1000000, ROUNDS=5). On the PostgreSQL of TEST_DATABASE_URL, or one that is
 * started for it. Exit code 1 where the command is not the faster one, or takes 300 MB.
 */
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { loadavg } from "node:os"
import { join } from "node:path"

import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Database } from "@rollcall/directory-store/Database"
import { layer as store } from "@rollcall/directory-store/EventLogStore"
import { freshDatabase, startPostgres } from "@rollcall/testkit/PostgresForTests"
import { Effect, Layer, Redacted } from "effect"
import { Client } from "pg"

import { writeHistories } from "./Histories.ts"
import { rosterConfiguration, siteFolder } from "./Site.ts"

const events = Number(process.env["EVENTS"] ?? 1_000_000)
const rounds = Number(process.env["ROUNDS"] ?? 5)
const organization = OrganizationId.make("default")
const bin = join(import.meta.dirname, "../apps/runner/bin/rollcall.js")
const memoryLimit = 300

interface Run {
  readonly seconds: number
  readonly megabytes: number
}

const peak = `data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS))`

/** Standard output goes nowhere, as it would to /dev/null. */
const measure = (here: string, args: ReadonlyArray<string>, environment: object): Promise<Run> =>
  new Promise((resolve, reject) => {
    const began = performance.now()
    const child = spawn(process.execPath, ["--import", peak, ...args], {
      cwd: here,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "ignore", "pipe"]
    })
    let said = ""
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()))
    child.on("close", (code) => {
      const megabytes = Math.round(Number(/peak (\d+)/.exec(said)?.[1] ?? 0) / 1024)
      if (code === 0) resolve({ seconds: (performance.now() - began) / 1000, megabytes })
      else reject(new Error(said))
    })
  })

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const timeOf = (runs: ReadonlyArray<Run>): number => median(runs.map(({ seconds }) => seconds))

const tell = (what: string, runs: ReadonlyArray<Run>): void => {
  const megabytes = Math.max(...runs.map((run) => run.megabytes))
  const all = runs.map(({ seconds }) => seconds.toFixed(1)).join(" ")
  const rate = Math.round(events / timeOf(runs) / 1000)
  console.log(
    `${what.padEnd(36)} median ${timeOf(runs).toFixed(1)} s (${all}), ${rate} k events/s, peak ${megabytes} MB`
  )
}

/** One round of each unmeasured, so that all find the rows in the same caches. */
const race = async (here: string, url: string) => {
  const environment = { DATABASE_URL: url }
  const script = (file: string) => [join(import.meta.dirname, file), url, organization]
  // Those of the command (bin/rollcall.js and commands/Replay.ts).
  const flags = ["--no-separate-gc-phases", "--semi-space-growth-factor=1", "--heap-growing-percent=150"]
  const [select, command, json, step]: [Array<Run>, Array<Run>, Array<Run>, Array<Run>] = [[], [], [], []]
  for (let round = 0; round <= rounds; round++) {
    const runs = [
      await measure(here, script("PagedSelect.ts"), {}),
      await measure(here, [bin, "replay"], environment),
      await measure(here, [bin, "replay", "--format", "json"], environment),
      await measure(here, [...flags, ...script("ReplayStep.ts")], {})
    ] as const
    if (round === 0) continue
    select.push(runs[0])
    command.push(runs[1])
    json.push(runs[2])
    step.push(runs[3])
  }
  return { select, command, json, step }
}

const main = Effect.gen(function* () {
  const here = yield* siteFolder
  const server = yield* Effect.acquireRelease(Effect.promise(startPostgres), ({ stop }) => Effect.promise(stop))
  const url = yield* freshDatabase(server.url, "replay")
  writeFileSync(join(here, "rollcall.config.ts"), rosterConfiguration)
  const log = Layer.provide(store, Database.layerPostgres(Redacted.make(url)))
  const began = performance.now()
  const people = yield* Effect.provide(writeHistories(organization, events), log)
  const seconds = (performance.now() - began) / 1000
  console.log(`PostgreSQL: ${server.chosen}`)
  console.log(`${events} events of ${people} people, appended in ${seconds.toFixed(1)} s`)
  yield* Effect.promise(async () => {
    const client = new Client(url)
    await client.connect()
    await client.query("vacuum analyze")
    await client.end()
  })
  const { command, json, select, step } = yield* Effect.promise(() => race(here, url))
  tell("paged SELECT, 10,000 rows a page", select)
  tell("rollcall replay", command)
  tell("rollcall replay --format json", json)
  tell("the replay alone", step)
  const ratios = [command, json, step].map((runs) => (timeOf(runs) / timeOf(select)).toFixed(2))
  console.log(
    `ratio to the SELECT: command ${ratios[0]}, writing JSON ${ratios[1]}, step ${ratios[2]}; load average ${loadavg()[0]?.toFixed(1)}`
  )
  return timeOf(command) < timeOf(select) && command.every(({ megabytes }) => megabytes < memoryLimit)
})

const held = await Effect.runPromise(Effect.scoped(main))
console.log(held ? "faster, and under 300 MB" : "NOT faster, or not under 300 MB")
process.exitCode = held ? 0 : 1
