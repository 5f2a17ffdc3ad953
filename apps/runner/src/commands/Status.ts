/**
 * `rollcall status`: where the log, the sources and Together stand. Reads only.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Sink } from "@rollcall/core/contract/Sink"
import { momentIn } from "@rollcall/core/sync/Moment"
import { makePlan } from "@rollcall/core/sync/Planning"
import { Effect } from "effect"
import { Command } from "effect/cli"

import type { Organization } from "../ConfigurationFile.ts"
import { standing } from "../Standing.ts"
import { eventLogIfAny } from "../Stores.ts"
import { commonFlags, framed, load, pick, services } from "./Frame.ts"
import { describePlan, planJson } from "./PlanTable.ts"

export const status = Command.make("status", commonFlags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const organization = yield* pick(configuration, input)
      yield* Effect.gen(function* () {
        const log = yield* EventLog
        const head = yield* log.head(organization.id)
        const { policy } = organization
        const sources = yield* Effect.forEach(policy.precedence, (name) => lastRun(organization, name))
        const { outcomes, refusals } = yield* standing(organization.id)
        const moment = yield* momentIn(policy.timezone)
        const waiting = yield* makePlan({ organization: organization.id, policy, moment, tariff: yield* Sink })
        yield* output.line(
          `log: ${head.position} events${head.recordedAt === null ? "" : `, the last of ${head.recordedAt}`}`
        )
        for (const { at, name, outcome } of sources)
          yield* output.line(`source ${name}: ${outcome}${at === null ? "" : ` at ${at}`}`)
        yield* output.table(["outcome", "people"], Object.entries(outcomes))
        for (const { answer, employeeId, outcome, since } of refusals) {
          yield* output.line(
            `  ${outcome} since ${since}: ${employeeId ?? "(erased)"}${answer === undefined ? "" : ` - ${answer}`}`
          )
        }
        yield* describePlan(output, waiting)
        const { operations: _, ...queue } = planJson(waiting)
        yield* output.result({
          position: head.position,
          recordedAt: head.recordedAt,
          sources,
          outcomes,
          refusals,
          queue
        })
      }).pipe(Effect.provide(services(organization, eventLogIfAny(configuration.data, process.env))))
    })
  )
).pipe(Command.withDescription("Show where the log, the sources and Together stand"))

/** The last word of a source's own stream. */
const lastRun = Effect.fnUntraced(function* ({ id }: Organization, name: string) {
  const log = yield* EventLog
  const last = (yield* log.stream(id, `source:${name}`)).findLast(({ event }) => event.type.startsWith("SourceRun"))
  if (last === undefined) return { name, outcome: "never read", at: null }
  const { event, recordedAt: at } = last
  if (event.type === "SourceRunFailed") return { name, outcome: `broke off (${event.reason}: ${event.message})`, at }
  if (event.type !== "SourceRunCompleted") return { name, outcome: "begun and not finished", at }
  const { records } = event.counts
  const incomplete = event.incomplete === undefined ? "" : `, not complete: ${event.incomplete}`
  return { name, outcome: `read, ${records} people${incomplete}`, at }
})
