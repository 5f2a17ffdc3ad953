/**
 * `rollcall backtest --config NEW [--from DAY]`: what a changed configuration would have done over the real history.
 * Reads only.
 */
import type { BacktestDay, BacktestReport } from "@rollcall/core/sync/Backtest"
import type { DayLoad } from "@rollcall/core/sync/Workload"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"

import { runBacktest } from "../BacktestRun.ts"
import { InputInvalid } from "../Failure.ts"
import { guardWords } from "../operations/GateWords.ts"
import { type Output, counted } from "../Output.ts"
import { requireDatabase, storesIfAny } from "../Stores.ts"
import { commonFlags, framed, load, pick } from "./Frame.ts"

const flags = {
  ...commonFlags,
  from: Flag.String("from").pipe(
    Flag.withDescription("The first day to try, YYYY-MM-DD (default: the log's first)"),
    Flag.optional
  )
}

export const backtest = Command.make("backtest", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const from = yield* readDay(Option.getOrUndefined(input.from))
      const configuration = yield* load(input)
      const organization = yield* pick(configuration, input)
      yield* requireDatabase(configuration, process.env)
      const progress = output.progress("trying")
      const report = yield* runBacktest({
        organization,
        from,
        onProgress: (people) => progress.at(people, undefined, "people")
      }).pipe(Effect.ensuring(progress.end), Effect.provide(storesIfAny(configuration, process.env)))
      yield* describe(output, report)
      yield* output.result(report)
    })
  )
).pipe(Command.withDescription("Try a changed configuration on the real history: requests, people, fields, guard"))

const readDay = (day: string | undefined) =>
  day === undefined || /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(day)
    ? Effect.succeed(day)
    : Effect.fail(
        new InputInvalid({ place: "--from", problem: `"${day}" is no day.`, remedy: "Write it as YYYY-MM-DD." })
      )

const describe = Effect.fnUntraced(function* (output: Output, report: BacktestReport) {
  const { affected, days, examples, fields, from, people, programs, requests, to } = report
  const difference = requests.after - requests.before
  const words = difference === 0 ? "as many" : difference > 0 ? `${difference} more` : `${-difference} fewer`
  yield* output.line(
    `${from} to ${to}: ${counted(requests.after, "request")} instead of ${requests.before} (${words}), something else for ${affected} of ${people} people`
  )
  for (const [field, count] of [...Object.entries(fields), ...Object.entries(programs)]) {
    yield* output.line(`  ${field}: ${count} ${count === 1 ? "person" : "people"}`)
  }
  const differing = days.filter(differs)
  yield* output.table(
    ["day", "requests", "instead of", "people", "instead of", "the guard would have held"],
    differing.slice(0, shownDays).map(dayRow)
  )
  if (differing.length > shownDays)
    yield* output.line(`... and ${differing.length - shownDays} more days (--json has all)`)
  const stopped = days.filter(({ after }) => after.stops.length > 0)
  yield* output.line(
    stopped.length === 0
      ? "The guard would have stopped nothing."
      : `The guard would have stopped a run on ${counted(stopped.length, "day")}: ${stopped.map(({ day }) => day).join(", ")}.`
  )
  for (const { employeeId, fields: changed, programs: placed } of examples.slice(0, shownPeople)) {
    yield* output.line(`  ${employeeId}: ${[...changed, ...placed].join(", ")}`)
  }
  if (affected > shownPeople) yield* output.line(`  ... and ${affected - shownPeople} more people`)
})

const shownDays = 60
const shownPeople = 10

const differs = ({ after, before }: BacktestDay): boolean =>
  after.requests !== before.requests || after.people !== before.people || after.stops.length + before.stops.length > 0

const dayRow = ({ after, before, day }: BacktestDay) => [
  day,
  after.requests,
  before.requests,
  after.people,
  before.people,
  stopWords(after) + (before.stops.length > 0 ? ` (before: ${stopWords(before)})` : "")
]

const stopWords = ({ stops }: DayLoad): string =>
  stops.length === 0
    ? "-"
    : stops.map(({ kind, limit, people }) => `${people} ${guardWords[kind]} (${limit} allowed)`).join(", ")
