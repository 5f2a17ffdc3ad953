/**
 * Lays out what a server needs: `rollcall` and the packages it is made of, their sources and nothing for development.
 *
 * `node scripts/production.ts FOLDER`, then in that folder `npm ci --omit=dev --ignore-scripts`: every version is the one
 * of this repository's lock file, for whatever is not needed is only taken out of it. The Dockerfile does this, and so
 * may whoever installs Rollcall without a container. Nothing is built: Node runs the sources.
 */
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"

const root = join(import.meta.dirname, "..")
const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error("Name the folder: node scripts/production.ts FOLDER")
const out = resolve(folder)

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

const json = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"))

const workspaces = new Map(
  globSync(["packages/*", "apps/*"], { cwd: root }).map((path) => {
    const manifest = json(join(root, path, "package.json")) as Manifest
    return [manifest.name, { path, manifest }] as const
  })
)

/** `name` and all of ours that it needs. */
const closure = (name: string, found = new Set<string>()): ReadonlySet<string> => {
  const workspace = workspaces.get(name)
  if (workspace === undefined || found.has(name)) return found
  found.add(name)
  for (const dependency of Object.keys(workspace.manifest.dependencies ?? {})) closure(dependency, found)
  return found
}

const write = (path: string, value: unknown) => writeFileSync(join(out, path), `${JSON.stringify(value, null, 2)}\n`)

const needed = [...closure("rollcall")].flatMap((name) => workspaces.get(name) ?? [])
for (const { manifest, path } of needed) {
  mkdirSync(join(out, path), { recursive: true })
  for (const part of ["src", "bin"]) {
    if (existsSync(join(root, path, part))) cpSync(join(root, path, part), join(out, path, part), { recursive: true })
  }
  write(`${path}/package.json`, { ...manifest, devDependencies: undefined })
}
const { license, packageManager, private: unpublished, type } = json(join(root, "package.json")) as Manifest
const names = needed.map(({ path }) => path).toSorted()
write("package.json", {
  name: "rollcall-production",
  private: unpublished,
  license,
  type,
  packageManager,
  workspaces: names
})
for (const file of ["package-lock.json", "LICENSE", "NOTICE"]) cpSync(join(root, file), join(out, file))

// Takes out of the lock file what nobody needs now; what stays keeps its version.
const trimmed = spawnSync("npm", ["install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"], {
  cwd: out,
  encoding: "utf8",
  shell: process.platform === "win32"
})
if (trimmed.status !== 0) throw new Error(`npm install --package-lock-only:\n${trimmed.stderr}`)

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>
}
const before = json(join(root, "package-lock.json")) as Lock
const after = json(join(out, "package-lock.json")) as Lock
const moved = Object.entries(after.packages).filter(
  ([path, { integrity }]) => path.startsWith("node_modules/") && before.packages[path]?.integrity !== integrity
)
if (moved.length > 0) throw new Error(`Not as in the lock file: ${moved.map(([path]) => path).join(", ")}`)
console.log(`${needed.length} packages of ours, ${Object.keys(after.packages).length} in all, in ${out}`)
