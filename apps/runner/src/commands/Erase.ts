/**
 * `rollcall erase ID...`: forgets people, by name and with a reason. `--list` says who was, as UUIDs, for a file that is
 * kept apart from the backups; `--again FILE` repeats that list on a database that was restored.
 */
import { Erasure } from "@rollcall/core/contract/Erasure"
import { Console, Effect, FileSystem, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"

import { ErasureUnswept, InputInvalid } from "../Failure.ts"
import { ErasureEntry, type ErasureReport } from "../operations/Erasing.ts"
import { type Output, counted } from "../Output.ts"
import { requireDatabase, stores } from "../Stores.ts"
import { commonFlags, framed, load, pick, serverFlags, signatureFlags } from "./Frame.ts"
import { type OperatedInput, operated } from "./Operated.ts"

const flags = {
  ...commonFlags,
  ...serverFlags,
  by: signatureFlags.by.pipe(Flag.withDefault("")),
  reason: signatureFlags.reason.pipe(Flag.withDefault("")),
  id: Argument.String("id").pipe(
    Argument.withDescription("HR's key of a person (employeeId), or a UUID: of their stream, or in the Directory"),
    Argument.variadic({ min: 0, max: 1000 })
  ),
  list: Flag.Boolean("list").pipe(
    Flag.withDescription("Print the erasures that hold, one JSON object a line, and erase nobody"),
    Flag.withDefault(false)
  ),
  again: Flag.String("again").pipe(
    Flag.withDescription("Repeat the erasures of this list (a file that --list wrote), after a restored backup"),
    Flag.optional
  )
}

export const erase = Command.make("erase", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const again = Option.getOrUndefined(input.again)
      const asked = [input.id.length > 0, input.list, again !== undefined].filter(Boolean).length
      if (asked !== 1) return yield* oneOfThree
      if (input.list) return yield* list(input)
      const { by, id, reason } = input
      const report =
        again === undefined
          ? yield* operated(input, "database", (operator) => operator.erase(id, { by, reason }))
          : yield* repeat(input, again)
      yield* describe(output, report)
      yield* output.result(report)
      const { problem } = report.sweep
      if (problem !== null) return yield* new ErasureUnswept({ problem })
    })
  )
).pipe(Command.withDescription("Forget people for good: their values in the log, the tables and the database's files"))

const oneOfThree = new InputInvalid({
  place: "rollcall erase",
  problem: "It is not clear what is wanted.",
  remedy: "Name the people (rollcall erase ID... --by NAME --reason TEXT), or say --list, or --again FILE."
})

const list = Effect.fnUntraced(function* (input: OperatedInput) {
  const entries = yield* operated(input, "database", (operator) => operator.erasures)
  for (const entry of entries) yield* Console.log(JSON.stringify(entry))
})

/** A restored database is opened for it, before anything else runs on it. */
const repeat = Effect.fnUntraced(function* (input: OperatedInput, file: string) {
  if (Option.isSome(input.server)) return yield* notByServer
  const configuration = yield* load(input)
  const { id } = yield* pick(configuration, input)
  yield* requireDatabase(configuration, process.env)
  const entries = (yield* readList(file)).filter(({ organization }) => organization === id)
  return yield* Effect.flatMap(Erasure, (erasure) => erasure.repeat(id, entries)).pipe(
    Effect.provide(stores(configuration, process.env))
  )
})

const notByServer = new InputInvalid({
  place: "--server",
  problem: "A list is repeated on the database itself, before a service runs on it.",
  remedy: "Stop the service, and say it again without --server."
})

/** Every line before anything is done. */
const readList = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const text = yield* files.readFileString(file).pipe(Effect.mapError(() => unreadable(file)))
  const entries: Array<ErasureEntry> = []
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue
    entries.push(yield* decode(line).pipe(Effect.mapError(() => malformed(file, index + 1))))
  }
  return entries
})

const decode = Schema.decodeEffect(Schema.fromJsonString(ErasureEntry))

const unreadable = (file: string) =>
  new InputInvalid({
    place: file,
    problem: "The list cannot be read.",
    remedy: "Name a file that `rollcall erase --list` wrote."
  })

const malformed = (file: string, line: number) =>
  new InputInvalid({
    place: `${file}:${line}`,
    problem: "This line is no erasure. Nothing was done.",
    remedy: "Take the list as `rollcall erase --list` wrote it: one whole JSON object a line."
  })

const describe = Effect.fnUntraced(function* (output: Output, { people, sweep }: ErasureReport) {
  if (people.length === 0) yield* output.line("Nobody was left to be erased.")
  for (const person of people) {
    for (const line of linesOf(person)) yield* output.line(line)
  }
  if (sweep.problem === null)
    yield* output.line(`The files of ${counted(sweep.tables.length, "table")} were rewritten.`)
})

const linesOf = (person: ErasureReport["people"][number]): ReadonlyArray<string> => {
  const { accounts, atTogether, before, configurations, events, mentions, rows, sources, stream } = person
  const named = Object.entries(mentions).map(([type, count]) => `${type} ${count}`)
  const gone = [counted(events, "personal part"), counted(rows, "row"), counted(accounts, "login")].join(", ")
  return [
    `${stream}: ${before ? "erased before; gone since" : "erased"}: ${gone}.`,
    ...(sources.length > 0
      ? [`  still in ${sources.join(", ")}: end it there; until then the person is refused.`]
      : []),
    ...(atTogether
      ? ["  Together still has an active entry: have it deleted there; nothing can be sent of this person any more."]
      : []),
    ...(named.length > 0 ? [`  stays, for it is others' word that names the person: ${named.join(", ")}.`] : []),
    ...(configurations.length > 0
      ? [`  stays, in kept configurations that hold a value of theirs: events ${configurations.join(", ")}.`]
      : [])
  ]
}
