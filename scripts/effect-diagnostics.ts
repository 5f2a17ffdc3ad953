/**
 * Runs Effect's own diagnostics over every package: an Effect that is not yielded, a missing error, a wrong layer.
 *
 * Part of `npm run check`. Prints what was found and fails when anything was.
 */
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const { references } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")) as {
  readonly references: ReadonlyArray<{ readonly path: string }>
}

let failed = false
for (const { path } of references) {
  const project = join(root, path.endsWith(".json") ? path : join(path, "tsconfig.json"))
  const { status, stdout, stderr } = spawnSync("effect-tsgo", ["diagnostics", "--strict", "--project", project], {
    encoding: "utf8",
    shell: process.platform === "win32"
  })
  if (status === 0 && /Checked [1-9]/.test(stdout)) continue
  failed = true
  process.stdout.write(`${path}:\n${stdout}${stderr}\n`)
}
process.exitCode = failed ? 1 : 0
