/**
 * What users install runs: the tarballs of all packages, in an empty folder, without this repository.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { afterAll, assert, beforeAll, describe, it } from "vitest"

const root = join(import.meta.dirname, "..")
let folder = ""

const run = (command: string, ...args: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = spawnSync(command, args, { cwd: folder, encoding: "utf8" })
  return { status, stdout, said: stdout + stderr }
}

const credentials = ["TOGETHER_ORGANIZATION_ID=o", "TOGETHER_CLIENT_ID=c", "TOGETHER_API_KEY=k"]

/** With the configuration that `rollcall init` wrote. */
const rollcall = (...args: ReadonlyArray<string>) => run("env", ...credentials, "npx", "rollcall", ...args)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-installed-"))
  const types = spawnSync("npm", ["run", "--silent", "check:types"], { cwd: root, encoding: "utf8" })
  assert.strictEqual(types.status, 0, types.stdout)
  const packed = spawnSync(process.execPath, [join(root, "scripts/pack.ts"), folder], { cwd: root, encoding: "utf8" })
  assert.strictEqual(packed.status, 0, packed.stderr)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "customer", private: true, type: "module" }))
  const tarballs = readdirSync(folder).filter((name) => name.endsWith(".tgz"))
  const installed = run(
    "npm",
    "install",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    ...tarballs.map((name) => `./${name}`)
  )
  assert.strictEqual(installed.status, 0, installed.said)
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("the packages, installed", () => {
  it("run the demo", () => {
    const { said, status, stdout } = run("npx", "rollcall", "demo", "--json")
    assert.strictEqual(status, 0, said)
    const last = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>
    assert.deepInclude(last, { employees: 290, violations: 0 })
  })

  it("run a configuration of the customer's own", () => {
    writeFileSync(join(folder, "people.csv"), "Id,First,Last,Mail,Status\n1,Ada,Lovelace,ada@example.com,A\n")
    assert.strictEqual(run("npx", "rollcall", "init", "--csv", "people.csv").status, 0)
    const { said, status } = rollcall("sync", "--dry-run")
    assert.strictEqual(status, 0, said)
    assert.match(said, /1 joiner in 1 request,/)
  })

  it("bring the verifier of exports along", () => {
    const synced = rollcall("sync", "--no-send")
    assert.strictEqual(synced.status, 0, synced.said)
    const exported = rollcall("audit", "export", "--to", "proof")
    assert.strictEqual(exported.status, 0, exported.said)
    const { said, status } = run(process.execPath, "proof/verify.mjs")
    assert.strictEqual(status, 0, said)
    assert.match(said, /^OK: \d+ events of default/)
  })
})
