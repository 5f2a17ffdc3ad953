/**
 * Makes what users install: a tarball of every package, built, with its exports pointing at JavaScript and declarations.
 *
 * `node scripts/pack.ts FOLDER`. Node strips no types below node_modules, so the sources that run here cannot run there.
 * `tsc -b` has already written `dist/`; this only stages and packs, and changes nothing in the tree.
 */
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

const root = join(import.meta.dirname, "..")
const out = resolve(process.argv[2] ?? "dist/packages")

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports: Record<string, unknown>
  readonly [field: string]: unknown
}

/** `./src/domain/*.ts` -> what stands in its place in the tarball. */
const built = (source: string) => {
  const path = source.replace(/^\.\/src\//, "./dist/src/").replace(/\.ts$/, "")
  return { types: `${path}.d.ts`, default: `${path}.js` }
}

const run = (command: string, args: ReadonlyArray<string>, cwd: string): string => {
  const { status, stderr, stdout } = spawnSync(command, args, { cwd, encoding: "utf8" })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} in ${cwd}:\n${stdout}${stderr}`)
  return stdout
}

const pack = (folder: string): void => {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest
  const stage = mkdtempSync(join(tmpdir(), "rollcall-pack-"))
  try {
    cpSync(join(root, folder, "dist/src"), join(stage, "dist/src"), { recursive: true })
    if (existsSync(join(root, folder, "bin")))
      cpSync(join(root, folder, "bin"), join(stage, "bin"), { recursive: true })
    if (manifest.name === "rollcall") stageExample(stage)
    for (const file of ["LICENSE", "NOTICE"]) cpSync(join(root, file), join(stage, file))
    const exports = Object.fromEntries(
      Object.entries(manifest.exports).map(([name, path]) => [name, built(String(path))])
    )
    const published = { ...manifest, devDependencies: undefined, exports, files: ["dist", "bin", "examples", "NOTICE"] }
    writeFileSync(join(stage, "package.json"), JSON.stringify(published, null, 2))
    run("npm", ["pack", "--pack-destination", out], stage)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** The demo's people; their configuration as JavaScript. */
const stageExample = (stage: string): void => {
  const example = "examples/adventureworks"
  mkdirSync(join(stage, example), { recursive: true })
  for (const file of ["employees.csv", "at-together.json", "LICENSE"])
    cpSync(join(root, example, file), join(stage, example, file))
  cpSync(join(root, "dist/tools", example, "rollcall.config.js"), join(stage, example, "rollcall.config.js"))
}

mkdirSync(out, { recursive: true })
for (const folder of globSync(["packages/*", "apps/*"], { cwd: root })) pack(folder)
