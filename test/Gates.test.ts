/**
 * A gate that sees nothing is green. Each rule of `npm run check` gets one planted breach, in a copy of this repository,
 * and must name it; without the breach the same gate must be quiet.
 */
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

import { afterAll, assert, beforeAll, describe, it } from "vitest"

const root = join(import.meta.dirname, "..")
let copy = ""

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "rollcall-gates-"))
  const own = (path: string) =>
    !/[\\/](node_modules|dist|\.rollcall|\.turbo|\.git)([\\/]|$)/.test(path.slice(root.length))
  cpSync(root, copy, { recursive: true, filter: own })
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "dir")
  run("git", "init", "--quiet")
  run("git", "add", "--all")
})

afterAll(() => rmSync(copy, { recursive: true, force: true }))

const run = (command: string, ...args: ReadonlyArray<string>) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, encoding: "utf8" })
  return { status, said: stdout + stderr }
}

const script = (name: string) => run("npm", "run", "--silent", name)

/** Puts files there for as long as `body` runs. */
const planted = (files: Readonly<Record<string, string>>, body: () => void) => {
  const before = Object.keys(files).map((path) => [path, read(path)] as const)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    writeFileSync(join(copy, path), text)
  }
  run("git", "add", "--all")
  try {
    body()
  } finally {
    for (const [path, text] of before) {
      if (text === undefined) rmSync(join(copy, path))
      else writeFileSync(join(copy, path), text)
    }
    run("git", "add", "--all")
  }
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(join(copy, path), "utf8")
  } catch {
    return undefined
  }
}

const header = "/** Planted. */\n"

const breaches: ReadonlyArray<{
  readonly rule: string
  readonly gate: string
  readonly files: Readonly<Record<string, string>>
  readonly says: RegExp
}> = [
  {
    rule: "one format",
    gate: "check:format",
    files: { "packages/core/src/domain/Planted.ts": `${header}export   const x = 'a';` },
    says: /Planted\.ts/
  },
  {
    rule: "domain does not import contract",
    gate: "check:lint",
    files: { "packages/core/src/domain/Planted.ts": `${header}export { Sink } from "../contract/Sink.ts"\n` },
    says: /domain imports nothing but/
  },
  {
    rule: "contract does not import sync",
    gate: "check:lint",
    files: { "packages/core/src/contract/Planted.ts": `${header}export { rank } from "../sync/Hierarchy.ts"\n` },
    says: /contract imports domain and effect alone/
  },
  {
    rule: "sync does not reach a database",
    gate: "check:lint",
    files: { "packages/core/src/sync/Planted.ts": `${header}export { Kysely } from "kysely"\n` },
    says: /sync imports domain, contract and effect alone/
  },
  {
    rule: "SQL stays in directory-store",
    gate: "check:lint",
    files: { "apps/runner/src/Planted.ts": `${header}export { Kysely } from "kysely"\n` },
    says: /Only directory-store knows/
  },
  {
    rule: "no promise is left floating",
    gate: "check:lint",
    files: { "apps/runner/src/Planted.ts": `${header}export const go = () => {\n  Promise.resolve(1)\n}\n` },
    says: /no-floating-promises/
  },
  {
    rule: "time comes from the clock",
    gate: "check:lint",
    files: { "packages/core/src/sync/Planted.ts": `${header}export const now = () => new Date()\n` },
    says: /Time comes from Clock/
  },
  {
    rule: "files do not import in circles",
    gate: "check:lint",
    files: {
      "packages/core/src/domain/PlantedA.ts": `${header}import { b } from "./PlantedB.ts"\nexport const a = () => b\n`,
      "packages/core/src/domain/PlantedB.ts": `${header}import { a } from "./PlantedA.ts"\nexport const b = () => a\n`
    },
    says: /no-cycle/
  },
  {
    rule: "a file holds one concept",
    gate: "check:lint",
    files: { "packages/core/src/domain/Planted.ts": header + "export const x = [\n" + "1,\n".repeat(320) + "]\n" },
    says: /max-lines/
  },
  {
    rule: "types hold",
    gate: "check:types",
    files: { "packages/core/src/domain/Planted.ts": `${header}export const x: number = "one"\n` },
    says: /Planted\.ts.*TS2322/
  },
  {
    rule: "no Effect is left unyielded",
    gate: "check:effect",
    files: {
      "packages/core/src/domain/Planted.ts": `${header}import { Effect } from "effect"\nexport const x = Effect.gen(function* () {\n  Effect.log("lost")\n  yield* Effect.void\n})\n`
    },
    says: /floatingEffect/
  },
  {
    rule: "plugins do not import each other",
    gate: "check:boundaries",
    files: {
      "packages/source-csv/src/Planted.ts": `${header}export { toWire } from "@rollcall/sink-together/TogetherWire"\n`
    },
    says: /cannot import package `@rollcall\/sink-together`/
  },
  {
    rule: "a dependency that the layers forbid is refused even when it is declared",
    gate: "check:boundaries",
    files: {
      "packages/core/package.json": readFileSync(join(root, "packages/core/package.json"), "utf8").replace(
        `"dependencies": {`,
        `"dependencies": {\n    "@rollcall/directory-store": "0.1.0",`
      )
    },
    says: /@rollcall\/directory-store/
  },
  {
    rule: "a relative import does not leave its package",
    gate: "check:boundaries",
    files: {
      "packages/source-csv/src/Planted.ts": `${header}export { sha256 } from "../../core/src/domain/Digest.ts"\n`
    },
    says: /Planted\.ts/
  },
  {
    rule: "nothing unused stays",
    gate: "check:unused",
    files: { "packages/core/test/Planted.ts": `${header}export const x = 1\n`, "scripts/unused/Planted.ts": header },
    says: /Planted\.ts/
  }
]

describe.each(breaches)("gate: $rule", ({ files, gate, says }) => {
  it("names the breach", () => {
    planted(files, () => {
      const { said, status } = script(gate)
      assert.notStrictEqual(status, 0, said)
      assert.match(said, says)
    })
  })
})

describe.each([...new Set(breaches.map(({ gate }) => gate))])("gate: %s", (gate) => {
  it("stays quiet on the tree as it is", () => {
    const { said, status } = script(gate)
    assert.strictEqual(status, 0, said)
  })
})
