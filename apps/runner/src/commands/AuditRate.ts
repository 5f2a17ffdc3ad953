/**
 * `rollcall audit rate`: proves from the log alone that the vendor's limit was kept. Reads only.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { RateAudit, type RateReport, requiredSpacing } from "@rollcall/core/sync/RateAudit"
import { Effect, Stream } from "effect"
import { Command } from "effect/cli"

import { LimitExceeded } from "../Failure.ts"
import { type Output, counted } from "../Output.ts"
import { storesIfAny } from "../Stores.ts"
import { commonFlags, framed, load, pick } from "./Frame.ts"

export const auditRate = Command.make("rate", commonFlags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const { id } = yield* pick(configuration, input)
      const lanes = yield* Effect.gen(function* () {
        const log = yield* EventLog
        const audit = new RateAudit()
        yield* Stream.runForEach(log.read(id), (event) => Effect.sync(() => audit.add(event)))
        return audit.finish()
      }).pipe(Effect.provide(storesIfAny(configuration, process.env)))
      if (lanes.length === 0) yield* output.line("No request was ever made.")
      for (const lane of lanes) yield* showLane(output, lane)
      const violations = lanes.reduce((sum, lane) => sum + lane.violations.length, 0)
      yield* output.result({ kept: violations === 0, requiredSpacing, lanes })
      if (violations > 0) return yield* new LimitExceeded({ violations })
    })
  )
).pipe(Command.withDescription("Prove from the log that no more than 1 request a second, 1 at a time, was made"))

const showLane = Effect.fnUntraced(function* (output: Output, report: RateReport) {
  const { lane, largestInFlight, requests, smallestSpacing, unknown, violations } = report
  const spacing = smallestSpacing === null ? "" : `, ${smallestSpacing.toFixed(1)} ms at least from end to start`
  yield* output.line(`${lane}: ${counted(requests, "request")}, at most ${largestInFlight} under way${spacing}`)
  if (unknown > 0)
    yield* output.line(`  ${unknown} whose end nobody recorded; each counts as under way up to its deadline`)
  for (const { position, problem } of violations) yield* output.line(`  event ${position}: ${problem}`)
  yield* output.line(violations.length === 0 ? "  The limit was kept." : "  THE LIMIT WAS NOT KEPT.")
})
