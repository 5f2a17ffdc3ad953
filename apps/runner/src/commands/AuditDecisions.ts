/**
 * `rollcall audit decisions [--all]`: computes requests again from the log and compares them byte for byte. Reads only.
 */
import { type DecisionReport, type Difference, auditDecisions as recompute } from "@rollcall/core/sync/DecisionAudit"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"

import { DecisionsDiffer } from "../Failure.ts"
import { type Output, counted } from "../Output.ts"
import { storesIfAny } from "../Stores.ts"
import { commonFlags, framed, load, pick, services } from "./Frame.ts"

/** Without `--all`: about a working day of the lane. */
const newest = 1000

const flags = {
  ...commonFlags,
  all: Flag.Boolean("all").pipe(
    Flag.withDescription(`Every request that was ever made (default: the newest ${newest})`),
    Flag.withDefault(false)
  )
}

export const auditDecisions = Command.make("decisions", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const organization = yield* pick(configuration, input)
      const progress = output.progress("recomputing")
      const report = yield* recompute({
        organization: organization.id,
        extent: input.all ? "all" : { newest },
        onProgress: (position, of) => progress.at(position, of, "events")
      }).pipe(
        Effect.ensuring(progress.end),
        Effect.provide(services(organization, storesIfAny(configuration, process.env)))
      )
      yield* describe(output, report)
      yield* output.result(report)
      const { different } = report
      if (different.length > 0) return yield* new DecisionsDiffer({ different: different.length })
    })
  )
).pipe(
  Command.withDescription("Recompute what was sent from the events, rules and clock recorded with it, and compare")
)

const describe = Effect.fnUntraced(function* (output: Output, report: DecisionReport) {
  const { different, identical, partly, requests, unkept, unrecorded, withoutPeople } = report
  yield* output.line(`${counted(requests, "request")}: ${identical} recomputed byte for byte as they were sent`)
  const others = [
    [withoutPeople, "carried nobody (lists, proofs of credentials)"],
    [partly, "with people who were erased: the others of them are as they were sent"],
    [unrecorded, "of an older Rollcall, which did not record what they were decided from"],
    [unkept, "under a configuration that the log does not keep"]
  ] as const
  for (const [count, words] of others) if (count > 0) yield* output.line(`  ${count} ${words}`)
  for (const difference of different.slice(0, shown)) yield* output.line(`  ${describeDifference(difference)}`)
  if (different.length > shown) yield* output.line(`  ... and ${different.length - shown} more`)
  yield* output.line(different.length === 0 ? "Nothing differs." : `${different.length} DIFFER.`)
})

const shown = 20

const describeDifference = ({ people, position, problem, request }: Difference): string =>
  `event ${position}, request ${request}: ${problem}${people.length > 0 ? ` (employee:${people.join(", employee:")})` : ""}`
