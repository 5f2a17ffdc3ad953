/**
 * `rollcall verify`: reads Together's own list and compares it with what was sent. Records what it finds, sends nothing.
 */
import { type VerifyReport, verify as verifyList } from "@rollcall/core/sync/Verify"
import { Effect } from "effect"
import { Command } from "effect/cli"

import { adoptConfiguration } from "../Adoption.ts"
import { type Output, counted } from "../Output.ts"
import { stores } from "../Stores.ts"
import { commonFlags, framed, load, pick, services } from "./Frame.ts"

export const verify = Command.make("verify", commonFlags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const organization = yield* pick(configuration, input)
      const { id, policy } = organization
      const report = yield* Effect.gen(function* () {
        const configurationHash = yield* adoptConfiguration(organization)
        return yield* verifyList({ organization: id, policy, run: globalThis.crypto.randomUUID(), configurationHash })
      }).pipe(Effect.provide(services(organization, stores(configuration, process.env))))
      yield* describeVerification(output, report)
      if (report.erased > 0)
        yield* output.line(`  ${counted(report.erased, "user")} there were erased here: have them deleted`)
      for (const user of report.remoteOnly.slice(0, shown)) {
        yield* output.line(`  in no source: user ${user.userId ?? "?"}, employeeId ${user.employeeId ?? "none"}`)
      }
      if (report.remoteOnly.length > shown) yield* output.line(`  ... and ${report.remoteOnly.length - shown} more`)
      if (report.news) {
        const next =
          policy.drift === "repair" ? "`rollcall sync` repairs what differs." : "Policy `report`: nothing is sent."
        yield* output.line(`${next} \`rollcall plan\` shows it.`)
      }
      const remoteOnly = report.remoteOnly.map(({ employeeId, userId }) => ({ userId, employeeId }))
      yield* output.result({
        ...report.counts,
        whole: report.whole,
        requests: report.requests,
        erased: report.erased,
        remoteOnlyUsers: remoteOnly
      })
    })
  )
).pipe(Command.withDescription("Compare Together's own list with what was sent; record what differs, send nothing"))

const shown = 20

export const describeVerification = (output: Output, { counts, whole }: VerifyReport): Effect.Effect<void> => {
  const { drifted, found, linkable, matched, missing, remoteOnly, users } = counts
  const parts = [
    [matched, "as they should be"],
    [drifted, "differ"],
    [missing, "missing"],
    [found, "there already, with our key"],
    [linkable, "there already, by e-mail"],
    [remoteOnly, "in no source"]
  ] as const
  const told = parts.flatMap(([count, words]) => (count > 0 ? [`${count} ${words}`] : []))
  const incomplete = whole ? "" : " (not read to its end: nobody is taken for missing)"
  return output.line(
    `Together's list: ${counted(users, "user")}${incomplete}${told.length > 0 ? `: ${told.join(", ")}` : ""}`
  )
}
