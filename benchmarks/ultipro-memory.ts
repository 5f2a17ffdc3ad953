/**
 * What reading a tenant of UKG Pro costs, by its size: seconds and peak memory of whole processes (a dry run, into an
 * embedded log, into PostgreSQL), against a stand-in in this one. Memory is to stay flat, within a fifth, from 5,000 to
 * 50,000 employees.
 *
 * When the collector runs is chance, so each is run several times, the sizes in turns, and the medians are compared.
 *
 * `RUNS=3 npx node benchmarks/ultipro-memory.ts [PEOPLE ...]` (default 5 runs of 5000 and 50000, some five minutes). Exit
 * code 1 when memory is not flat.
 */
import { writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"

import { UltiProSandbox } from "@rollcall/sandbox/UltiProServer"
import { demoUltiPro } from "@rollcall/sandbox/UltiProSettings"
import { freshDatabase, startPostgres } from "@rollcall/testkit/PostgresForTests"
import { Clock, Console, Effect } from "effect"

import { siteFolder, startRollcall } from "./Site.ts"

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [5000, 50_000]
const runs = Number(process.env["RUNS"] ?? 5)

interface Tenant {
  readonly people: number
  readonly rootUrl: string
}

interface Mode {
  readonly name: string
  readonly option: "--dry-run" | "--no-send"
  /** Of the PostgreSQL that is taken; without it the log is embedded. */
  readonly postgres?: string
}

/** A process writes down its own peak, as the operating system counted it. */
const reporter = (file: string) => `import { writeFileSync } from "node:fs"
process.on("exit", () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)))
`

const configuration = (rootUrl: string) => `import { defineConfig, ultipro } from "rollcall"
export default defineConfig({
  sources: { hr: ultipro(${JSON.stringify({ rootUrl, ...demoUltiPro })}) },
  together: { baseUrl: "http://127.0.0.1:9", organizationId: "o", clientId: "c", apiKey: "k" }
})
`

/** Peak in megabytes of one run in a folder, and where there is one a database, of its own. */
const measure = Effect.fnUntraced(function* ({ name, option, postgres }: Mode, { people, rootUrl }: Tenant) {
  const here = yield* siteFolder
  writeFileSync(join(here, "rollcall.config.ts"), configuration(rootUrl))
  const file = join(here, "peak")
  writeFileSync(join(here, "peak.mjs"), reporter(file))
  const url = postgres === undefined ? "" : yield* freshDatabase(postgres, "memory")
  const began = yield* Clock.currentTimeMillis
  const environment = { NODE_OPTIONS: `--import=${join(here, "peak.mjs")}`, DATABASE_URL: url }
  const { code, json } = yield* Effect.promise(() => startRollcall(here, ["sync", option], environment).ended)
  const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
  const megabytes = Number(yield* Effect.promise(() => readFile(file, "utf8"))) / 1024
  yield* Console.log(
    `${name}, ${people} people: ${seconds.toFixed(1)} s, peak ${megabytes.toFixed(0)} MB, ` +
      `${String(json["employees"])} read, exit ${code}`
  )
  return code === 0 && json["employees"] === people ? megabytes : Infinity
}, Effect.scoped)

const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Infinity

const isFlat = Effect.fnUntraced(function* (mode: Mode, tenants: ReadonlyArray<Tenant>) {
  const peaks = new Map(tenants.map((tenant) => [tenant, new Array<number>()]))
  for (let run = 0; run < runs; run++) {
    for (const [tenant, measured] of peaks) measured.push(yield* measure(mode, tenant))
  }
  const medians = [...peaks.values()].map(median)
  const ratio = Math.max(...medians) / Math.min(...medians)
  const told = tenants.map(({ people }, i) => `${medians[i]?.toFixed(0)} MB at ${people}`).join(", ")
  yield* Console.log(`${mode.name}: medians of ${runs} ${told}; ratio ${ratio.toFixed(2)}`)
  return ratio <= 1.2
})

const flat = await Effect.runPromise(
  Effect.gen(function* () {
    const postgres = yield* Effect.acquireRelease(Effect.promise(startPostgres), ({ stop }) => Effect.promise(stop))
    yield* Console.log(`PostgreSQL: ${postgres.chosen}`)
    const tenants = yield* Effect.forEach(sizes, (people) =>
      Effect.map(UltiProSandbox.start({ population: people }), ({ url }): Tenant => ({ people, rootUrl: url }))
    )
    const modes: ReadonlyArray<Mode> = [
      { name: "dry run", option: "--dry-run" },
      { name: "embedded log", option: "--no-send" },
      { name: "PostgreSQL", option: "--no-send", postgres: postgres.url }
    ]
    return yield* Effect.forEach(modes, (mode) => isFlat(mode, tenants))
  }).pipe(Effect.scoped)
)
console.log(flat.every(Boolean) ? "flat" : "NOT FLAT")
process.exitCode = flat.every(Boolean) ? 0 : 1
