/**
 * What reading a tenant of UKG Pro costs, by its size: seconds and peak memory of whole processes (a dry run, and into an
 * embedded log), against a stand-in in this one. Memory is to stay flat, within a fifth, from 5,000 to 50,000 employees.
 *
 * `npx node benchmarks/ultipro-memory.ts [PEOPLE ...]` (default 5000 50000). Exit code 1 when it does not.
 */
import { writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"

import { UltiProSandbox } from "@rollcall/sandbox/UltiProServer"
import { demoUltiPro } from "@rollcall/sandbox/UltiProSettings"
import { Clock, Console, Effect } from "effect"

import { siteFolder, startRollcall } from "./Site.ts"

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [5000, 50_000]

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

const measure = Effect.fnUntraced(function* (mode: string, population: number) {
  const here = yield* siteFolder
  const hr = yield* UltiProSandbox.start({ population })
  writeFileSync(join(here, "rollcall.config.ts"), configuration(hr.url))
  const file = join(here, "peak")
  writeFileSync(join(here, "peak.mjs"), reporter(file))
  const began = yield* Clock.currentTimeMillis
  const runner = startRollcall(here, ["sync", mode], { NODE_OPTIONS: `--import=${join(here, "peak.mjs")}` })
  const { code, json } = yield* Effect.promise(() => runner.ended)
  const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
  const megabytes = Number(yield* Effect.promise(() => readFile(file, "utf8"))) / 1024
  yield* Console.log(
    `sync ${mode}, ${population} people: ${seconds.toFixed(1)} s, peak ${megabytes.toFixed(0)} MB, ` +
      `${String(json["employees"])} read, exit ${code}`
  )
  return code === 0 ? megabytes : Infinity
}, Effect.scoped)

const isFlat = Effect.fnUntraced(function* (mode: string) {
  const peaks = yield* Effect.forEach(sizes, (population) => measure(mode, population))
  const ratio = Math.max(...peaks) / Math.min(...peaks)
  yield* Console.log(`sync ${mode}: largest / smallest peak ${ratio.toFixed(2)}`)
  return ratio <= 1.2
})

const flat = await Effect.runPromise(Effect.forEach(["--dry-run", "--no-send"], isFlat))
console.log(flat.every(Boolean) ? "flat" : "NOT FLAT")
process.exitCode = flat.every(Boolean) ? 0 : 1
