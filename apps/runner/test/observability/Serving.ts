/**
 * `rollcall serve` as a process of its own, with all that it says kept apart by stream, asked over HTTP, and stopped as an
 * operator stops it.
 */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

import { Effect, type Scope } from "effect"

const bin = fileURLToPath(new URL("../../bin/rollcall.js", import.meta.url))

export const rootKey = { ROLLCALL_ROOT_KEY: "a root key for tests, of 32 bytes or more" }

export interface Serving {
  readonly url: string
  readonly said: { readonly stdout: string; readonly stderr: string }
  /** A path's answer: status, type, text. */
  readonly ask: (
    path: string,
    init?: RequestInit
  ) => Effect.Effect<{ readonly status: number; readonly type: string; readonly text: string }>
  /** SIGTERM, and then its end; answers with the exit code. */
  readonly stop: Effect.Effect<number | null>
}

export const serving = (
  folder: string,
  environment: Readonly<Record<string, string>> = {},
  args: ReadonlyArray<string> = []
): Effect.Effect<Serving, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Serving>((resume) => {
      const { DATABASE_URL: _, ...inherited } = process.env
      const child = spawn(process.execPath, [bin, "serve", "--port", "0", ...args], {
        cwd: folder,
        env: { ...inherited, ...rootKey, ...environment },
        stdio: ["ignore", "pipe", "pipe"]
      })
      const said = { stdout: "", stderr: "" }
      const closed = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)))
      const stop = Effect.promise(() => {
        child.kill("SIGTERM")
        return closed
      })
      child.stderr.on("data", (chunk: Buffer) => (said.stderr += chunk.toString()))
      child.stdout.on("data", (chunk: Buffer) => {
        said.stdout += chunk.toString()
        const url = /Directory API: (http\S+)\n/u.exec(said.stdout)?.[1]
        if (url !== undefined) resume(Effect.succeed({ url, said, stop, ask: askerOf(url) }))
      })
      void closed.then((code) =>
        resume(Effect.die(new Error(`It ended (${code}) before it served.\n${said.stdout}${said.stderr}`)))
      )
    }),
    ({ stop }) => stop
  )

const askerOf =
  (url: string): Serving["ask"] =>
  (path, init) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}${path}`, init)
      const type = response.headers.get("content-type") ?? ""
      return { status: response.status, type, text: await response.text() }
    })

/** Looks again and again until it holds; `why` says what was seen when it never did. */
export const until = (holds: () => boolean, why: () => string): Effect.Effect<void> =>
  Effect.repeat(Effect.sleep("100 millis"), { until: holds, times: 600 }).pipe(
    Effect.andThen(Effect.suspend(() => (holds() ? Effect.void : Effect.die(new Error(why())))))
  )
