/**
 * Runs the real command line as a process of its own, in a folder of its own.
 */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

import { Effect, type Scope } from "effect"

const bin = fileURLToPath(new URL("../bin/rollcall.js", import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** The last line of standard output, where it is JSON. */
  readonly json: Record<string, unknown>
}

/** A folder that goes away with the test. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rollcall-test-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export interface Running {
  readonly ended: Effect.Effect<Ended>
  /** At once, with nothing told to the process. */
  readonly kill: () => void
}

/** Starts `rollcall ...args` in a folder; without DATABASE_URL unless `environment` brings one. */
export const startRollcall = (
  cwd: string,
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>> = {}
): Running => {
  const { DATABASE_URL: _, ...inherited } = process.env
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...inherited, ...environment } })
  let stdout = ""
  let stderr = ""
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr, json: lastJson(stdout) }))
  )
  return { ended: Effect.promise(() => ended), kill: () => void child.kill("SIGKILL") }
}

/** Runs it to its end. */
export const rollcall = (
  cwd: string,
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>> = {}
): Effect.Effect<Ended> =>
  Effect.suspend(() => {
    const running = startRollcall(cwd, args, environment)
    return Effect.onInterrupt(running.ended, () => Effect.sync(running.kill))
  })

const lastJson = (stdout: string): Record<string, unknown> => {
  const line = stdout.trimEnd().split("\n").at(-1) ?? ""
  return line.startsWith("{") ? (JSON.parse(line) as Record<string, unknown>) : {}
}

export const people = `Number,First,Last,Mail,Status,Job,Boss
0001,Ada,Lovelace,ada@example.com,A,Chief Executive,
0002,Grace,Hopper,grace@example.com,A,Engineer,0001
0003,Linus,Pauling,linus@example.com,A,Chemist,0001
0004,Mary,Shelley,mary@example.com,L,Author,0003
`

export interface Settings {
  readonly baseUrl?: string
  readonly apiKey?: string
  readonly file?: string
  readonly columns?: Readonly<Record<string, unknown>>
}

const columns = {
  employeeId: "Number",
  firstName: "First",
  lastName: "Last",
  email: "Mail",
  status: "Status",
  title: "Job",
  supervisorId: "Boss"
}

/** Writes a configuration, and the four people beside it unless another file is named. */
export const writeSite = (cwd: string, settings: Settings = {}): void => {
  const source = { file: settings.file ?? "people.csv", columns: { ...columns, ...settings.columns } }
  const together = {
    baseUrl: settings.baseUrl ?? "http://127.0.0.1:9",
    organizationId: "demo-organization",
    clientId: "demo-client",
    apiKey: settings.apiKey ?? "demo-api-key",
    patienceMinutes: 0
  }
  const text = `import { csv, defineConfig } from "rollcall"
export default defineConfig({ sources: { hr: csv(${JSON.stringify(source)}) }, together: ${JSON.stringify(together)} })
`
  writeFileSync(join(cwd, "rollcall.config.ts"), text)
  if (settings.file === undefined) writeFileSync(join(cwd, "people.csv"), people)
}
