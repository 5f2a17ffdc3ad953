/**
 * `rollcall plan`: what the log says is to be sent, in which order and at what price. Reads only.
 */
import { operationClasses } from "@rollcall/core/sync/Plan"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"

import { shownOperations } from "../operations/PlanReport.ts"
import { commonFlags, framed, serverFlags } from "./Frame.ts"
import { operated } from "./Operated.ts"
import { describePlan } from "./PlanTable.ts"

const limitFlag = Flag.Int("limit").pipe(Flag.withDescription("How many people to list"), Flag.withDefault(20))

export const plan = Command.make("plan", { ...commonFlags, ...serverFlags, limit: limitFlag }, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const wanted = Math.max(input.limit, shownOperations)
      const made = yield* operated(input, "any", (operator) => operator.plan(wanted))
      yield* describePlan(output, made)
      const rows = made.operations
        .slice(0, Math.max(0, input.limit))
        .map(({ employeeId, fields, kind, programId, request }) => [
          request,
          kind,
          employeeId,
          programId ?? fields.join(", ")
        ])
      if (rows.length > 0) yield* output.table(["request", "what", "employee", "fields or program"], rows)
      const hidden = operationClasses.reduce((sum, name) => sum + made[name], 0) - rows.length
      if (hidden > 0) yield* output.line(`... and ${hidden} more (--limit N)`)
      if (made.employees === 0)
        yield* output.line("The log holds nobody yet: run `rollcall sync --dry-run` to try your sources.")
      yield* output.result(made)
    })
  )
).pipe(Command.withDescription("Show what is to be sent, in which order, and how long it takes"))
