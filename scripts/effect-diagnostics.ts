/**
 * Runs Effect's own diagnostics over every package: an Effect that is not yielded, a missing error, a wrong layer.
 *
 * Part of `npm run check`. Prints what was found and fails when anything was. The checker is fetched by `npm exec` at the
 * version named here and kept in npm's cache: as a dependency it would stand in the lock file with packages for platforms
 * that not every registry has, and `npm ci` would refuse the lot (docs/decisions/0007).
 */
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const { references } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")) as {
  readonly references: ReadonlyArray<{ readonly path: string }>
}

const checker = "@effect/tsgo@0.45.0"

const diagnose = (project: string) =>
  spawnSync(
    "npm",
    ["exec", "--yes", `--package=${checker}`, "--", "effect-tsgo", "diagnostics", "--strict", "--project", project],
    { encoding: "utf8", shell: process.platform === "win32" }
  )

let failed = false
for (const { path } of references) {
  const project = join(root, path.endsWith(".json") ? path : join(path, "tsconfig.json"))
  const { status, stdout, stderr } = diagnose(project)
  if (status === 0 && /Checked [1-9]/.test(stdout)) continue
  failed = true
  process.stdout.write(`${path}:\n${stdout}${stderr}\n`)
}
process.exitCode = failed ? 1 : 0
