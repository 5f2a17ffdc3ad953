/**
 * `rollcall plan`: what the log says is to be sent, in which order and at what price. Reads only.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { momentIn } from "@rollcall/core/sync/Moment"
import { makePlan } from "@rollcall/core/sync/Planning"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"

import { sinkStanding } from "../SinkStanding.ts"
import { storesIfAny } from "../Stores.ts"
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
        const { id, policy } = organization
        const log = yield* EventLog
        const { guarding, tariff } = yield* sinkStanding(id, organization.configurationHash(yield* log.salt(id)))
        const moment = yield* momentIn(policy.timezone)
        return yield* makePlan({ organization: id, policy, moment, tariff, guarding })
      }).pipe(Effect.provide(services(organization, storesIfAny(configuration, process.env))))
      yield* describePlan(output, made)
      const shown = firstOperations(made, input.limit)
      const rows = shown.map(({ employeeId, fields, kind, programId, request }) => [
        request,
        kind,
        employeeId,
        programId ?? fields.join(", ")
      ])
      if (rows.length > 0) yield* output.table(["request", "what", "employee", "fields or program"], rows)
      const hidden = made.batches.reduce((sum, batch) => sum + batch.length, 0) - rows.length
      if (hidden > 0) yield* output.line(`... and ${hidden} more (--limit N)`)
      if (made.employees === 0)
        yield* output.line("The log holds nobody yet: run `rollcall sync --dry-run` to try your sources.")
      yield* output.result(planJson(made))
    })
  )
).pipe(Command.withDescription("Show what is to be sent, in which order, and how long it takes"))
