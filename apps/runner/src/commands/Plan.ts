/**
 * `rollcall plan`: what the log says is to be sent, in which order and at what price. Reads only.
 */
import { Sink } from "@rollcall/core/contract/Sink"
import { momentIn } from "@rollcall/core/sync/Moment"
import { makePlan } from "@rollcall/core/sync/Planning"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"

import { eventLogIfAny } from "../Stores.ts"
import { commonFlags, framed, load, pick, services } from "./Frame.ts"
import { describePlan, firstOperations, planJson } from "./PlanTable.ts"

const limitFlag = Flag.Int("limit").pipe(Flag.withDescription("How many people to list"), Flag.withDefault(20))

export const plan = Command.make("plan", { ...commonFlags, limit: limitFlag }, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const organization = yield* pick(configuration, input)
      const made = yield* Effect.gen(function* () {
        const { policy } = organization
        const moment = yield* momentIn(policy.timezone)
        return yield* makePlan({ organization: organization.id, policy, moment, tariff: yield* Sink })
      }).pipe(Effect.provide(services(organization, eventLogIfAny(configuration.data, process.env))))
      yield* describePlan(output, made)
      const { joiner, leaver, mover, reference } = made.counts
      const shown = firstOperations(made, input.limit)
      const rows = shown.map(({ employeeId, fields, kind, request }) => [request, kind, employeeId, fields.join(", ")])
      if (rows.length > 0) yield* output.table(["request", "what", "employee", "fields"], rows)
      const hidden = joiner + leaver + mover + reference - rows.length
      if (hidden > 0) yield* output.line(`... and ${hidden} more (--limit N)`)
      if (made.employees === 0)
        yield* output.line("The log holds nobody yet: run `rollcall sync --dry-run` to try your sources.")
      yield* output.result(planJson(made))
    })
  )
).pipe(Command.withDescription("Show what is to be sent, in which order, and how long it takes"))
