/**
 * `rollcall approve KIND`: lets people go whom the guard holds back, by name and with a reason; never sends itself.
 */
import { guardKinds } from "@rollcall/core/domain/GuardEvent"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"

import { guardWords } from "../operations/GateWords.ts"
import { commonFlags, framed, serverFlags, signatureFlags } from "./Frame.ts"
import { operated } from "./Operated.ts"

const flags = {
  ...commonFlags,
  ...serverFlags,
  ...signatureFlags,
  kind: Argument.Literals("kind", guardKinds).pipe(Argument.withDescription("What is held: see `rollcall status`")),
  employee: Flag.String("employee").pipe(
    Flag.withDescription("Only this person (employeeId); may be given several times. Default: all that are held"),
    Flag.between(0, 1000)
  )
}

export const approve = Command.make("approve", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const { by, employee, kind, reason } = input
      const report = yield* operated(input, "database", (operator) => operator.approve(kind, employee, { by, reason }))
      yield* output.line(`Approved: ${report.approved} of those who ${guardWords[kind]}. The next sync sends them.`)
      yield* output.result(report)
    })
  )
).pipe(Command.withDescription("Let people go whom the guard holds back, once, by name and with a reason"))
