/**
 * Programs beside the test, each a process of its own that runs to its end. Only what was started here is ended here.
 */
import { type ChildProcess, spawn } from "node:child_process"

import { Effect } from "effect"

export interface Program {
  /** The script this Node runs. */
  readonly script: string
  readonly args: ReadonlyArray<string>
  readonly folder?: string
  readonly environment?: Readonly<Record<string, string>>
}

const start = ({ script, args, folder, environment }: Program): ChildProcess => {
  const { DATABASE_URL: _, ...inherited } = process.env
  const env = { ...inherited, NO_COLOR: "1", FORCE_COLOR: "0", ...environment }
  return spawn(process.execPath, [script, ...args], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] })
}

const closed = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once("close", () => resolve())
  })

const end = (child: ChildProcess): Effect.Effect<void> =>
  Effect.sync(() => void child.kill("SIGTERM")).pipe(
    Effect.andThen(Effect.promise(() => closed(child))),
    Effect.timeoutOrElse({ duration: "10 seconds", orElse: () => Effect.sync(() => void child.kill("SIGKILL")) })
  )

/** Runs it to its end, and gives all that it said. */
export const run = (program: Program): Effect.Effect<{ readonly code: number | null; readonly said: string }> =>
  Effect.scoped(
    Effect.gen(function* () {
      const child = yield* Effect.acquireRelease(
        Effect.sync(() => start(program)),
        end
      )
      let said = ""
      child.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()))
      child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()))
      yield* Effect.promise(() => closed(child))
      return { code: child.exitCode, said }
    })
  )
