/**
 * A folder with a roster of made-up people and the configuration that syncs it, gone with the scope; and the command line
 * as a process of its own.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"

import { demoCredentials } from "@rollcall/sandbox/TogetherSettings"
import { Effect, type Scope } from "effect"

const bin = join(import.meta.dirname, "../apps/runner/bin/rollcall.js")

const columns = {
  employeeId: "id",
  firstName: "first",
  lastName: "last",
  email: "mail",
  status: "status",
  title: "title"
}

export const siteFolder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rollcall-site-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export const rowOf = (n: number, title: string): string => `${n},First${n},Last${n},person${n}@example.com,A,${title}`

export const writeSite = (here: string, rows: ReadonlyArray<string>, together: object): void => {
  writeFileSync(join(here, "people.csv"), `${Object.values(columns).join()}\n${rows.join("\n")}\n`)
  const source = JSON.stringify({ file: "people.csv", columns })
  const access = JSON.stringify({ ...demoCredentials, ...together })
  writeFileSync(
    join(here, "rollcall.config.ts"),
    `import { csv, defineConfig } from "rollcall"\nexport default defineConfig({ sources: { hr: csv(${source}) }, together: ${access} })\n`
  )
}

/** Takes in `roster.csv` as Roster writes it; sends nothing anywhere. */
export const rosterConfiguration = `import { csv, defineConfig } from "rollcall"
export default defineConfig({
  sources: {
    hr: csv({
      file: "roster.csv",
      columns: {
        employeeId: "Number", firstName: "First", lastName: "Last", email: "Mail", status: "Status", title: "Title",
        departmentId: "DeptId", departmentName: "Dept", supervisorId: "Boss", originalHireDate: "Hired",
        employeeTypeCode: "Type", addressCountry: "Country"
      }
    })
  },
  together: { baseUrl: "http://127.0.0.1:9", organizationId: "o", clientId: "c", apiKey: "k" }
})
`

export interface Runner {
  readonly child: ChildProcess
  /** Exit code and the JSON of the last line; the code is null for who was killed. */
  readonly ended: Promise<{ readonly code: number | null; readonly json: Readonly<Record<string, unknown>> }>
}

/** Runs a command with `--json`. */
export const startRollcall = (here: string, args: ReadonlyArray<string>, environment: object = {}): Runner => {
  const child = spawn(process.execPath, [bin, ...args, "--json"], {
    cwd: here,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"]
  })
  let said = ""
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()))
  const ended: Runner["ended"] = new Promise((resolve) =>
    child.on("close", (code) => {
      const last = said.trimEnd().split("\n").at(-1) ?? ""
      const json = last.startsWith("{") ? (JSON.parse(last) as Record<string, unknown>) : {}
      resolve({ code, json })
    })
  )
  return { child, ended }
}

/** `rollcall serve`, from when it says its address to the end of the scope. */
export const serveRollcall = (here: string, environment: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const child = spawn(process.execPath, [bin, "serve", "--port", "0", "--json"], {
        cwd: here,
        env: { ...process.env, ...environment },
        stdio: ["ignore", "pipe", "inherit"]
      })
      for await (const line of createInterface({ input: child.stdout })) {
        return { child, url: (JSON.parse(line) as { readonly url: string }).url }
      }
      throw new Error("rollcall serve ended before it listened")
    }),
    ({ child }) => Effect.promise(() => new Promise((gone) => (child.once("close", gone), child.kill("SIGTERM"))))
  )
