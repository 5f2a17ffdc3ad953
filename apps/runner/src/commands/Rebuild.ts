/**
 * `rollcall rebuild`: makes the Directory's tables anew from the log, and says where they were otherwise.
 */
import { type Comparison, Upkeep } from "@rollcall/directory-store/Upkeep"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"

import { counted } from "../Output.ts"
import { requireDatabase, stores } from "../Stores.ts"
import { configFlag, framed, jsonFlag, load } from "./Frame.ts"

const flags = {
  json: jsonFlag,
  config: configFlag,
  check: Flag.Boolean("check").pipe(
    Flag.withDescription("Compare only, and leave the tables as they are"),
    Flag.withDefault(false)
  )
}

export const rebuild = Command.make("rebuild", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      yield* requireDatabase(configuration, process.env)
      const tables = yield* Effect.flatMap(Upkeep, (upkeep) => upkeep.rebuild(input.check ? "check" : "repair")).pipe(
        Effect.provide(stores(configuration, process.env))
      )
      yield* output.table(
        ["table", "rows", "were missing", "were too many"],
        tables.map(({ missing, rows, table, unexpected }) => [table, rows, missing, unexpected])
      )
      const differences = tables.reduce((sum, table) => sum + differing(table), 0)
      const now = input.check ? "nothing was changed" : "they are as the log says now"
      yield* output.line(
        differences === 0
          ? "The tables are what the log says, row for row."
          : `${counted(differences, "row")} differed from the log; ${now}.`
      )
      yield* output.result({ differences, repaired: !input.check, tables })
    })
  )
).pipe(Command.withDescription("Make the Directory's tables anew from the log, and compare"))

/** A row that was altered is one too many and one missing. */
const differing = ({ missing, unexpected }: Comparison): number => Math.max(missing, unexpected)
