/**
 * `rollcall demo` (`npm start`): the main job on real input, on this machine alone.
 *
 * HR goes through the log into a stand-in of Together over real HTTP. Log and stand-in are kept in `.rollcall/`, so the
 * second time nothing is new.
 */
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"

import { letterOf } from "../operations/DeadLetterReport.ts"
import type { Output } from "../Output.ts"
import { standing } from "../Standing.ts"
import { stores } from "../Stores.ts"
import { syncRun } from "../SyncRun.ts"
import { type SceneName, adventureWorks, sceneNames, ultiProTenant } from "./DemoScene.ts"
import { framed, jsonFlag, services } from "./Frame.ts"
import { showOutcomes, syncJson, watchOn } from "./Sync.ts"

const flags = {
  json: jsonFlag,
  source: Flag.Literals("source", sceneNames).pipe(
    Flag.withDescription("Where HR's word comes from: a CSV file, or a stand-in of UKG Pro (UltiPro)"),
    Flag.withDefault("csv")
  )
}

export const demo = Command.make("demo", flags, ({ json, source }) =>
  framed(
    json,
    Effect.fnUntraced(function* (output) {
      const scene = yield* source === "csv" ? adventureWorks : ultiProTenant
      const { data, folder, organization, server } = scene
      yield* output.line(`${scene.intro.join("\n")}\n`)
      yield* Effect.gen(function* () {
        const report = yield* Effect.scoped(syncRun({ organization, folder, mode: "send", watch: watchOn(output) }))
        const { letters, outcomes } = yield* standing(organization.id)
        const { largestInFlight, smallestSpacing, violations } = yield* server.report
        yield* showOutcomes(output, report, outcomes, letters.map(letterOf))
        const seen =
          smallestSpacing === null
            ? ""
            : `, least ${Math.round(smallestSpacing)} ms apart, at most ${largestInFlight} at once`
        yield* output.line(`The vendor's judge saw ${violations.spacing + violations.concurrency} violations${seen}.`)
        yield* tryNext(output, source)
        yield* output.result({ ...syncJson(report, outcomes), violations: violations.spacing + violations.concurrency })
      }).pipe(Effect.provide(services(organization, stores({ data, organizations: [organization] }, process.env))))
    }, Effect.scoped)
  )
).pipe(
  Command.withDescription("Show the main job on this machine: 290 people from a CSV file into a stand-in of Together")
)

const tryNext = (output: Output, source: SceneName): Effect.Effect<void> =>
  source === "csv"
    ? output.line(`
What to try next:
  npm start                                        again: nothing new, nothing sent
  npx rollcall employee 295847284 -c EXAMPLE       one person: values, origin, history
  npx rollcall dead-letters -c EXAMPLE             whom Together refused, and what to do
  npx rollcall audit rate -c EXAMPLE               proof from the log that the limit was kept
                                                   (EXAMPLE is examples/adventureworks/rollcall.config.ts)
  npx rollcall demo --source ultipro               the same from a stand-in of UKG Pro (UltiPro)
  npx rollcall init --csv YOUR_FILE.csv            a configuration for your own file
  npx rollcall sync --dry-run                      what it would send; leaves nothing behind
  npx rollcall --help                              everything else`)
    : output.line("\ndocs/ultipro.md says how to connect a real tenant.")
