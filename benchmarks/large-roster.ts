/**
 * What a large roster costs: a dry run, taking it into the log, and the same file again; seconds and peak memory of each,
 * as whole processes, beside a bare parse of the same file in the same run.
 *
 * `npx node benchmarks/large-roster.ts [ROWS]` (default 300000). Uses DATABASE_URL if it is set, otherwise the embedded
 * database in a folder that is thrown away.
 */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { writeRoster } from "./Roster.ts"
import { rosterConfiguration } from "./Site.ts"

const rows = Number(process.argv[2] ?? 300_000)
const folder = mkdtempSync(join(tmpdir(), "rollcall-roster-"))
const bin = join(import.meta.dirname, "../apps/runner/bin/rollcall.js")

/** Runs Node with these arguments; the child reports its own peak, as the operating system counted it. */
const measure = async (what: string, args: ReadonlyArray<string>) => {
  const peak = `data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS))`
  const began = performance.now()
  const child = spawn(process.execPath, ["--import", peak, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  let errors = ""
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve))
  const seconds = (performance.now() - began) / 1000
  const megabytes = Math.round(Number(/peak (\d+)/.exec(errors)?.[1] ?? 0) / 1024)
  const last = said.trimEnd().split("\n").at(-1) ?? ""
  console.log(
    `${what.padEnd(34)} ${seconds.toFixed(1).padStart(7)} s ${String(megabytes).padStart(6)} MB  exit ${code}`
  )
  console.log(`  ${last.slice(0, 170)}`)
  if (code !== 0) console.log(errors)
}

const bare = `
const { createReadStream } = require("node:fs")
const { parse } = require("csv-parse")
let n = 0
createReadStream("roster.csv").pipe(parse({ bom: true })).on("data", () => n++).on("end", () => console.log(n + " rows parsed"))
`

try {
  await writeRoster(rows, join(folder, "roster.csv"))
  writeFileSync(join(folder, "rollcall.config.ts"), rosterConfiguration)
  const modules = join(import.meta.dirname, "../node_modules")
  writeFileSync(join(folder, "bare.cjs"), bare.replace('"csv-parse"', JSON.stringify(join(modules, "csv-parse"))))
  console.log(`${rows} people, ${process.env["DATABASE_URL"] === undefined ? "embedded database" : "PostgreSQL"}`)
  await measure("bare parse of the file", ["bare.cjs"])
  await measure("sync --dry-run (no database yet)", [bin, "sync", "--dry-run", "--json"])
  await measure("sync --no-send (into the log)", [bin, "sync", "--no-send", "--json"])
  await measure("sync --no-send (same file again)", [bin, "sync", "--no-send", "--json"])
  await measure("sync --dry-run (same file again)", [bin, "sync", "--dry-run", "--json"])
} finally {
  rmSync(folder, { recursive: true, force: true })
}
