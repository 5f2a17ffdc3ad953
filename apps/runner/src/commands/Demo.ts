/**
 * `rollcall demo` (`npm start`): the main job on real input, on this machine alone.
 *
 * The 290 people of AdventureWorks go from a CSV file through the log into a stand-in of Together over real HTTP. Log and
 * stand-in are kept in `.rollcall/`, so the second time nothing is new.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

import { demoCredentials } from "@rollcall/sandbox/TogetherSettings"
import { Effect, Redacted, Schema } from "effect"
import { Command } from "effect/cli"

import { type Organization, dataFolder, loadConfiguration } from "../ConfigurationFile.ts"
import type { Output } from "../Output.ts"
import { standing } from "../Standing.ts"
import { stores } from "../Stores.ts"
import { syncRun } from "../SyncRun.ts"
import { framed, jsonFlag, services, startSandbox } from "./Frame.ts"
import { showOutcomes, syncJson, watchOn } from "./Sync.ts"

/** In the repository, and in the package that is installed, where it is JavaScript. */
const examples = [
  "../../../../examples/adventureworks/rollcall.config.ts",
  "../../../examples/adventureworks/rollcall.config.js"
]

const example = examples.map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync) ?? ""

export const demo = Command.make("demo", { json: jsonFlag }, ({ json }) =>
  framed(
    json,
    Effect.fnUntraced(function* (output) {
      const data = resolve(dataFolder)
      mkdirSync(data, { recursive: true, mode: 0o700 })
      const { folder, organizations } = yield* loadConfiguration(example, process.env)
      const { marks, users } = before(folder)
      const server = yield* startSandbox({ file: join(data, "sandbox.json"), users, marks })
      const organization = towards(server.url, organizations[0] as Organization)
      yield* output.line(
        `AdventureWorks: HR file -> event log -> desired state -> Together (a stand-in on this machine)\n${users.length} people are at Together before the first run: one entry was changed there for good, one deleted.\n`
      )
      yield* Effect.gen(function* () {
        const report = yield* Effect.scoped(syncRun({ organization, folder, mode: "send", watch: watchOn(output) }))
        const { letters, outcomes } = yield* standing(organization.id)
        const { largestInFlight, smallestSpacing, violations } = yield* server.report
        yield* showOutcomes(output, report, outcomes, letters)
        const seen =
          smallestSpacing === null
            ? ""
            : `, least ${Math.round(smallestSpacing)} ms apart, at most ${largestInFlight} at once`
        yield* output.line(`The vendor's judge saw ${violations.spacing + violations.concurrency} violations${seen}.`)
        yield* tryNext(output)
        yield* output.result({ ...syncJson(report, outcomes), violations: violations.spacing + violations.concurrency })
      }).pipe(Effect.provide(services(organization, stores(data, process.env))))
    }, Effect.scoped)
  )
).pipe(
  Command.withDescription("Show the main job on this machine: 290 people from a CSV file into a stand-in of Together")
)

const Before = Schema.Struct({
  users: Schema.Array(Schema.Record(Schema.String, Schema.Unknown)),
  marks: Schema.Record(Schema.String, Schema.Literals(["conflicted", "gone"]))
})

/** Who is at Together before the first run. */
const before = (folder: string) =>
  Schema.decodeUnknownSync(Before)(JSON.parse(readFileSync(join(folder, "at-together.json"), "utf8")))

const towards = (baseUrl: string, organization: Organization): Organization => {
  const { apiKey, clientId, organizationId } = demoCredentials
  const secrets = {
    organizationId: Redacted.make(organizationId),
    clientId: Redacted.make(clientId),
    apiKey: Redacted.make(apiKey)
  }
  const together = { ...organization.settings.together, ...secrets, baseUrl }
  return { ...organization, settings: { ...organization.settings, together } }
}

const tryNext = (output: Output): Effect.Effect<void> =>
  output.line(`
What to try next:
  npm start                                        again: nothing new, nothing sent
  npx rollcall employee 295847284 -c EXAMPLE       one person: values, origin, history
  npx rollcall dead-letters -c EXAMPLE             whom Together refused, and what to do
  npx rollcall audit rate -c EXAMPLE               proof from the log that the limit was kept
                                                   (EXAMPLE is examples/adventureworks/rollcall.config.ts)
  npx rollcall init --csv YOUR_FILE.csv            a configuration for your own file
  npx rollcall sync --dry-run                      what it would send; leaves nothing behind
  npx rollcall --help                              everything else`)
