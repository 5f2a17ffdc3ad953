/**
 * Programs beside the test, each a process of its own: one that runs to its end, one that serves until the scope closes.
 * Only what was started here is ended here, by its own handle.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"

import { Effect, type Scope } from "effect"

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

/** The address that a server announces in this line, in words or as JSON; nothing for any other line. */
const addressIn = (line: string): string | undefined => {
  const address = /(?:Directory API:|is listening on|"url":) *"?(https?:[^\s"]+)/.exec(line)?.[1]
  return address === undefined ? undefined : new URL(address).origin
}

/** Starts it, waits for the line that has its address, and ends it with the scope. */
export const serve = (program: Program): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => start(program)),
    end
  ).pipe(Effect.flatMap((child) => Effect.promise(() => announced(child))))

const announced = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = ""
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on("line", (line) => {
        said += `${line}\n`
        const address = addressIn(line)
        if (address !== undefined) resolve(address)
      })
    }
    child.once("close", (code) => reject(new Error(`It ended (${code}) before it said its address.\n${said}`)))
  })
