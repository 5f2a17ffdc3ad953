/**
 * `rollcall status`: where the log, the sources and Together stand. Reads only.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Lane, type LaneState } from "@rollcall/core/contract/Lane"
import { Sink } from "@rollcall/core/contract/Sink"
import { momentIn } from "@rollcall/core/sync/Moment"
import { makePlan } from "@rollcall/core/sync/Planning"
import type { Hold } from "@rollcall/core/sync/Quarantine"
import { Effect } from "effect"
import { Command } from "effect/cli"

import type { Organization } from "../ConfigurationFile.ts"
import { type SinkStanding, sinkStanding } from "../SinkStanding.ts"
import { standing } from "../Standing.ts"
import { storesIfAny } from "../Stores.ts"
import { commonFlags, framed, load, pick, services } from "./Frame.ts"
import { describePlan, guardWords, planJson } from "./PlanTable.ts"

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
        const sources = yield* Effect.forEach(Object.keys(organization.settings.sources), (name) =>
          lastRun(organization, name)
        )
        const { drifted, letters, outcomes } = yield* standing(organization.id)
        const moment = yield* momentIn(policy.timezone)
        const sink = yield* Sink
        const together = yield* sinkStanding(
          organization.id,
          organization.configurationHash(yield* log.salt(organization.id))
        )
        const lane = yield* Effect.flatMap(Lane, ({ state }) => state(sink.lane))
        const { guarding, tariff } = together
        const waiting = yield* makePlan({ organization: organization.id, policy, moment, tariff, guarding })
        yield* output.line(
          `log: ${head.position} events${head.recordedAt === null ? "" : `, the last of ${head.recordedAt}`}`
        )
        for (const { at, name, outcome } of sources)
          yield* output.line(`source ${name}: ${outcome}${at === null ? "" : ` at ${at}`}`)
        yield* output.table(["outcome", "people"], Object.entries(outcomes))
        yield* output.line(`lane: ${laneWords(lane)}`)
        yield* output.line(`Together's list: ${verifiedWords(together.verified)}; ${drifted} people differ`)
        if (letters.length > 0) yield* output.line(`dead letters: ${letters.length} (\`rollcall dead-letters\`)`)
        for (const hold of together.open.values()) yield* output.line(holdLine(hold))
        yield* describePlan(output, waiting)
        const { operations: _, ...queue } = planJson(waiting)
        yield* output.result({
          position: head.position,
          recordedAt: head.recordedAt,
          sources,
          outcomes,
          deadLetters: letters.length,
          lane,
          verified: together.verified,
          drifted,
          held: [...together.open.values()].map(({ kind, known, limit, people, since }) => ({
            kind,
            people,
            limit,
            known,
            since
          })),
          queue
        })
      }).pipe(Effect.provide(services(organization, storesIfAny(configuration, process.env))))
    })
  )
).pipe(Command.withDescription("Show where the log, the sources and Together stand"))

const holdLine = ({ kind, limit, people, since }: Hold): string =>
  `HELD since ${since}: ${people} ${guardWords[kind]}, and ${limit} are allowed at once (\`rollcall approve ${kind}\`)`

const laneWords = (lane: LaneState | null): string => {
  if (lane === null) return "no request was made yet"
  const { busyUntil, circuit, faults, grants, notBefore } = lane
  const told = `${grants} requests so far`
  if (circuit !== null)
    return `${told}; closed since ${circuit.since}: ${circuit.reason} Correct it, then \`rollcall check\`.`
  if (faults > 0) return `${told}; ${faults} in a row without an answer, the next not before ${notBefore ?? "now"}`
  return busyUntil === null ? `${told}; free` : `${told}; a request is under way`
}

const verifiedWords = (verified: SinkStanding["verified"]): string => {
  if (verified === null) return "never compared"
  const { matched, remoteOnly, users } = verified.counts
  const part = verified.whole ? "" : ", not read to its end"
  return `compared at ${verified.at}${part}: ${users} users, ${matched} as they should be, ${remoteOnly} in no source`
}

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
