/**
 * The two judges as the processes they are: Prism, a proxy that holds each request and answer against the description,
 * and Redocly, which checks documents (`lint`), tells a server a story of its own (`respect`), turns YAML into JSON (`bundle`).
 */
import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

import { Effect, type Scope } from "effect"

import { folder } from "../Command.ts"
import { run, serve } from "./Program.ts"
import { operations } from "./Seed003.ts"

const require = createRequire(import.meta.url)
const here = dirname(fileURLToPath(import.meta.url))
const prism = require.resolve("@stoplight/prism-cli")
const redocly = join(dirname(require.resolve("@redocly/cli/package.json")), "bin/cli.js")

export const description = join(here, "seed003.openapi.yaml")
export const story = join(here, "seed003.arazzo.yaml")

/** `strict` answers a wrong request itself; `lenient` lets it pass and judges the answer alone. */
export const prismBefore = (
  upstream: string,
  judged: "strict" | "lenient"
): Effect.Effect<string, never, Scope.Scope> =>
  serve({
    script: prism,
    args: ["proxy", description, upstream, "--errors", "--port", "0", `--validate-request=${judged === "strict"}`]
  })

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

/** One step of the story: its checks that failed, and what it should have been held against and was not. */
export interface Step {
  readonly operation: string
  readonly faults: ReadonlyArray<string>
}

/** Tells the whole story to a server; `said` is what Redocly says of those that failed. */
export const respect = Effect.fnUntraced(function* (url: string, inputs: Readonly<Record<string, string>>) {
  const output = join(yield* folder, "respect.json")
  const input = { REDOCLY_CLI_RESPECT_INPUT: JSON.stringify(inputs) }
  const { code, said } = yield* runRedocly(["respect", story, "--server", `directory=${url}`, "-J", output], input)
  const steps = existsSync(output) ? stepsIn(JSON.parse(readFileSync(output, "utf8"))) : []
  return { code, steps, said: said.split("Failed tests info:").at(-1) ?? "" }
})

interface Check {
  readonly name: string
  readonly passed: boolean
  readonly message: string
}

interface Told {
  readonly stepId: string
  readonly response?: { readonly size: number }
  readonly checks: ReadonlyArray<Check>
}

interface Report {
  readonly files: Readonly<Record<string, { readonly executedWorkflows: ReadonlyArray<Workflow> }>>
}

interface Workflow {
  readonly executedSteps: ReadonlyArray<Told>
}

/** Of an answer without a content type Redocly checks no schema: that is a fault too, and content where none belongs. */
const stepsIn = (report: Report): ReadonlyArray<Step> =>
  Object.values(report.files)
    .flatMap(({ executedWorkflows }) => executedWorkflows)
    .flatMap(({ executedSteps }) => executedSteps)
    .map(({ stepId, response, checks }) => {
      const faults = checks.filter(({ passed }) => !passed).map(({ name, message }) => `${name}: ${message}`)
      const nothing = operations.some(({ name, answersNothing }) => name === stepId && answersNothing)
      if (nothing && response?.size !== 0) faults.push("has content")
      if (!nothing && !checks.some(({ name }) => name === "schema check")) faults.push("no schema was checked")
      return { operation: stepId, faults }
    })
