/**
 * Redocly as the process it is: checks documents (`lint`), turns YAML into JSON (`bundle`).
 */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

import { Effect } from "effect"

import { folder } from "../Command.ts"
import { run } from "./Program.ts"

const require = createRequire(import.meta.url)
const here = dirname(fileURLToPath(import.meta.url))
const redocly = join(dirname(require.resolve("@redocly/cli/package.json")), "bin/cli.js")

export const description = join(here, "seed003.openapi.yaml")
export const story = join(here, "seed003.arazzo.yaml")

/** Asks nobody on the net whether there is a newer Redocly, and tells nobody that it runs. */
const quiet = { NODE_ENV: "production", REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", CI: "true" }

const runRedocly = (args: ReadonlyArray<string>, environment: Readonly<Record<string, string>> = {}) =>
  run({ script: redocly, args, folder: here, environment: { ...quiet, ...environment } })

export const lint = (documents: ReadonlyArray<string>) => runRedocly(["lint", ...documents])

/** A YAML document as a value. */
export const bundle = Effect.fnUntraced(function* (document: string) {
  const output = join(yield* folder, "bundle.json")
  const { code, said } = yield* runRedocly(["bundle", document, "--output", output])
  if (code !== 0) return yield* Effect.die(new Error(said))
  return JSON.parse(readFileSync(output, "utf8")) as unknown
})
