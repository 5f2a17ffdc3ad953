import { spawnSync } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"

import { environmentVariables } from "../src/EnvironmentVariables.ts"

const root = join(import.meta.dirname, "../../..")

describe("the environment reference", () => {
  it("is what the schemas and the list of variables say today", () => {
    const { status, stderr } = spawnSync(process.execPath, ["scripts/environment-reference.ts", "--check"], {
      cwd: root,
      encoding: "utf8"
    })
    assert.strictEqual(status, 0, stderr)
  })

  it("names every variable that a source reads", () => {
    const known = new Set(Object.values(environmentVariables).flatMap((list) => list.map(({ name }) => name)))
    const read = globSync(["packages/*/src/**/*.ts", "apps/*/src/**/*.ts"], { cwd: root })
      .filter((file) => !file.startsWith("packages/testkit/"))
      .flatMap(
        (file) =>
          readFileSync(join(root, file), "utf8").match(/(?<=["'`])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?=["'`])/gu) ?? []
      )
      .filter((name) => /^(?:DATABASE|ROLLCALL|OTEL)_/u.test(name))
    assert.include(read, "DATABASE_URL")
    assert.deepStrictEqual(
      read.filter((name) => !known.has(name)),
      []
    )
    const direct = globSync(["packages/*/src/**/*.ts", "apps/*/src/**/*.ts"], { cwd: root })
      .filter((file) => !file.startsWith("packages/testkit/"))
      .filter((file) => /process\.env(?:\.|\[)/u.test(readFileSync(join(root, file), "utf8")))
    assert.deepStrictEqual(direct, [], "the environment is handed on whole, and read by name")
  })
})
