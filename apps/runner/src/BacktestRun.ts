/**
 * Runs a backtest of a configuration over one organization's log: the rules kept there, day by day, against these.
 *
 * Called by the command `backtest`. Reads only; nothing of the configuration that is tried is kept.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import type { RecordedEvent } from "@rollcall/core/domain/Event"
import type { Policy } from "@rollcall/core/domain/Policy"
import { adoptedAt, configurationStream } from "@rollcall/core/sync/Adopted"
import { Backtest, type Regime } from "@rollcall/core/sync/Backtest"
import { Days } from "@rollcall/core/sync/Days"
import { dayIn, momentIn } from "@rollcall/core/sync/Moment"
import { defaultBatchSize } from "@rollcall/sink-together/TogetherConfig"
import { Effect, Predicate, Stream } from "effect"

import type { Organization } from "./ConfigurationFile.ts"
import { InputInvalid } from "./Failure.ts"

export interface BacktestRequest {
  readonly organization: Organization
  /** `YYYY-MM-DD`; undefined: the first day of the log. */
  readonly from: string | undefined
  readonly onProgress: (people: number) => Effect.Effect<void>
}

export const runBacktest = Effect.fn("BacktestRun.run")(function* ({
  from,
  onProgress,
  organization
}: BacktestRequest) {
  const log = yield* EventLog
  const { id, policy, settings } = organization
  const kept = yield* log.stream(id, configurationStream)
  const last = adoptedAt(kept, Infinity)
  if (last === undefined) return yield* nothingKept(id)
  const today = (yield* momentIn(policy.timezone)).day
  const begun = yield* firstDay(organization)
  const days = new Days(from !== undefined && from > begun ? from : begun, today, policy.timezone)
  if (days.count < 1) return yield* notBegun(from ?? begun, today)
  const before = regimeOf(kept, days, batchSizeOf(last.settings))
  const after: Regime = { rules: () => policy, turns: [], batchSize: settings.together.batchSize ?? defaultBatchSize }
  const backtest = new Backtest(days, before, after)
  let people = 0
  yield* Stream.runForEach(
    log.people(id),
    Effect.fnUntraced(function* (events) {
      backtest.add(events)
      if (++people % breath === 0) yield* onProgress(people)
    })
  )
  return backtest.finish()
})

const breath = 500

/** The day of the log's first event. */
const firstDay = Effect.fnUntraced(function* ({ id, policy }: Organization) {
  const log = yield* EventLog
  const [first] = yield* Stream.runCollect(log.read(id, { upTo: 1 }))
  return first === undefined ? (yield* momentIn(policy.timezone)).day : dayIn(first.recordedAt, policy.timezone)
})

/** What was in force at the end of each day; before the first that is kept, that one. */
const regimeOf = (kept: ReadonlyArray<RecordedEvent>, days: Days, batchSize: number): Regime => {
  const adopted = kept.flatMap(({ event, recordedAt }) =>
    event.type === "ConfigurationAdopted" ? [{ day: days.at(recordedAt), policy: event.policy }] : []
  )
  const rules = (day: number): Policy => (adopted.findLast((one) => one.day <= day) ?? adopted[0])?.policy as Policy
  const turns = [...new Set(adopted.map(({ day }) => day))].filter((day) => day > 0 && day < days.count)
  return { rules, turns, batchSize }
}

/** As the kept settings have it; they are JSON of whatever version wrote them. */
const batchSizeOf = (settings: unknown): number => {
  const together = Predicate.hasProperty(settings, "together") ? settings.together : undefined
  const size = Predicate.hasProperty(together, "batchSize") ? together.batchSize : undefined
  return Predicate.isNumber(size) ? size : defaultBatchSize
}

const nothingKept = (organization: string) =>
  new InputInvalid({
    place: `organization ${organization}`,
    problem: "The log keeps no configuration yet, so there is nothing to compare with.",
    remedy: "Run `rollcall sync` or `rollcall serve` once with the configuration that is in use."
  })

const notBegun = (from: string, today: string) =>
  new InputInvalid({
    place: "--from",
    problem: `${from} is after today, ${today}.`,
    remedy: "Name a day of the past, YYYY-MM-DD, or leave it out: then the whole log is tried."
  })
