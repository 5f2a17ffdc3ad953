/**
 * The command line: names the commands, gives them the platform, and turns how they end into an exit code.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Exit, Layer, Schema } from "effect"
import { CliError, Command } from "effect/cli"

import { approve } from "./commands/Approve.ts"
import { audit } from "./commands/Audit.ts"
import { backtest } from "./commands/Backtest.ts"
import { check } from "./commands/Check.ts"
import { deadLetters } from "./commands/DeadLetters.ts"
import { demo } from "./commands/Demo.ts"
import { employee } from "./commands/Employee.ts"
import { erase } from "./commands/Erase.ts"
import { init } from "./commands/Init.ts"
import { pause, resume } from "./commands/Pause.ts"
import { plan } from "./commands/Plan.ts"
import { rebuild } from "./commands/Rebuild.ts"
import { release } from "./commands/Release.ts"
import { replay } from "./commands/Replay.ts"
import { sandbox } from "./commands/Sandbox.ts"
import { serve } from "./commands/Serve.ts"
import { status } from "./commands/Status.ts"
import { sync } from "./commands/Sync.ts"
import { token } from "./commands/Token.ts"
import { verify } from "./commands/Verify.ts"
import { why } from "./commands/Why.ts"
import { failureOf } from "./Failure.ts"
import { version } from "./Package.ts"

const rollcall = Command.make("rollcall").pipe(
  Command.withDescription(
    "Keeps the people in Together equal to the people in HR. Exit codes: 0 done, 1 a fault of Rollcall or an audit that says no, 2 nothing was done because something handed to it is wrong, 3 begun but not finished, 130 interrupted."
  ),
  Command.withSubcommands([
    demo,
    init,
    check,
    sync,
    plan,
    verify,
    status,
    employee,
    why,
    deadLetters,
    release,
    erase,
    approve,
    pause,
    resume,
    audit,
    backtest,
    replay,
    serve,
    token,
    rebuild,
    sandbox
  ])
)

/** A command line that cannot be understood is bad input, too; its help was shown. */
const exitCode = (cause: Cause.Cause<unknown>): number => {
  const error = Cause.squash(cause)
  if (Schema.is(CliError.ShowHelp)(error)) return error.errors.length > 0 ? 2 : 0
  return failureOf(cause).exitCode
}

rollcall.pipe(
  Command.run({ version }),
  Effect.provide(Layer.merge(NodeServices.layer, NodeHttpClient.layerUndici)),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : exitCode(exit.cause))
  })
)
