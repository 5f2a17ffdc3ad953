import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { demoCredentials } from "@rollcall/sandbox/TogetherSettings"
import { Effect } from "effect"

import { folder, rollcall } from "./Command.ts"
import { serve } from "./directory/Program.ts"
import { type Human, columns, rosterOf } from "./InProcess.ts"

const script = fileURLToPath(new URL("../bin/rollcall.js", import.meta.url))

const rootKey = { ROLLCALL_ROOT_KEY: "a root key for tests, of 32 bytes or more" }

const configurationOf = (baseUrl: string): string => `import { csv, defineConfig } from "rollcall"
export default defineConfig({
  sources: { hr: csv(${JSON.stringify({ file: "people.csv", columns })}) },
  together: ${JSON.stringify({ baseUrl, ...demoCredentials, patienceMinutes: 0 })},
  guard: { leavers: { count: 1, percent: 0 } }
})
`

/** As much of a condition as is looked at here. */
interface Heard {
  readonly sources: ReadonlyArray<{ readonly last: { readonly at: string } | null }>
  readonly sending: {
    readonly doing: string
    readonly requests: number
    readonly held: ReadonlyArray<{ readonly people: number }>
  }
}

/** Listens until what is heard is as it is waited for; answers with all that was heard. */
const progress = (url: string, token: string) => {
  const heard: Array<Heard> = []
  const waiting = new Set<() => void>()
  const listening = async (signal: AbortSignal) => {
    const response = await fetch(`${url}/ops/v1/default/events`, {
      headers: { authorization: `Bearer ${token}` },
      signal
    })
    let text = ""
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString()
      const events = text.split("\n\n")
      text = events.pop() ?? ""
      for (const event of events) {
        const data = /^data: (.*)$/mu.exec(event)?.[1] ?? "{}"
        if (event.startsWith("event: condition")) heard.push(JSON.parse(data) as Heard)
      }
      for (const look of waiting) look()
    }
  }
  const until = (holds: (now: Heard) => boolean) =>
    Effect.callback<Heard>((resume) => {
      const look = () => {
        const now = heard.at(-1)
        if (now === undefined || !holds(now)) return
        waiting.delete(look)
        resume(Effect.succeed(now))
      }
      waiting.add(look)
      look()
    }).pipe(Effect.timeout("30 seconds"))
  return { until, listening: Effect.promise((signal) => listening(signal)) }
}

const everybody: ReadonlyArray<Human> = ["0001", "0002", "0003", "0004", "0005"].map((id) => ({ id }))

describe("rollcall --server", () => {
  it.live(
    "asks and tells a running service what the embedded database can no longer be opened for",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const together = yield* TogetherSandbox.start()
        const write = (humans: ReadonlyArray<Human>) => writeFileSync(join(here, "people.csv"), rosterOf(humans))
        writeFileSync(join(here, "rollcall.config.ts"), configurationOf(together.url))
        write(everybody)
        const url = yield* serve({ script, args: ["serve", "--port", "0"], folder: here, environment: rootKey })
        const ask = (...args: ReadonlyArray<string>) =>
          rollcall(here, [...args, "--json"], { ...rootKey, ROLLCALL_SERVER: url })
        const signed = ["--by", "Ann", "--reason", "a test"]
        const token = String((yield* ask("token")).json["token"])
        const { listening, until } = progress(url, token)
        yield* Effect.forkScoped(listening)
        const read = Effect.promise(() =>
          fetch(`${url}/ops/v1/default/sources/hr/sync`, {
            method: "POST",
            headers: { authorization: `Bearer ${token}` }
          })
        )
        const began = yield* until(() => true)
        assert.isNull(began.sources[0]?.last)
        yield* read
        yield* until(({ sending }) => sending.doing === "idle" && sending.requests >= 1)

        const locked = yield* rollcall(here, ["status"], rootKey)
        assert.strictEqual(locked.code, 2)
        assert.match(locked.stderr, /open in another process[^]*--server URL/)
        const status = yield* rollcall(here, ["status", "--server", url, "--token", token])
        assert.strictEqual(status.code, 0, status.stderr)
        assert.match(status.stdout, /created +5/)

        const paused = yield* ask("pause", ...signed)
        assert.deepInclude(paused.json["pause"] as object, { by: "Ann", reason: "a test" })
        write(everybody.map(({ id }) => ({ id, status: id < "0004" ? "T" : "A" })))
        yield* read
        yield* until(({ sending }) => sending.doing === "paused")
        const refused = yield* ask("sync", "--employee", "0005")
        assert.strictEqual(refused.code, 2)
        assert.match(JSON.stringify(refused.json), /Sending is paused/)
        assert.strictEqual((yield* ask("resume", ...signed)).json["said"], true)

        yield* until(({ sending }) => sending.held[0]?.people === 3)
        const some = yield* ask("approve", "leavers", "--employee", "0001", ...signed)
        assert.deepStrictEqual(some.json, { kind: "leavers", approved: 1 })
        yield* until(({ sending }) => sending.doing === "idle" && sending.held[0]?.people === 2)
        const users = yield* together.users
        const gone = users.filter(({ fields }) => fields["employeeStatusCode"] === "T")
        assert.deepStrictEqual(
          gone.map(({ fields }) => fields["employeeId"]),
          ["0001"]
        )
        const again = yield* ask("approve", "leavers", "--employee", "0001", ...signed)
        assert.strictEqual(again.code, 2)

        write(everybody.map(({ id }) => ({ id, status: id < "0004" ? "T" : "A", title: id === "0005" ? "Chief" : "" })))
        const person = yield* ask("sync", "--employee", "0005")
        assert.strictEqual(person.code, 0, person.stdout)
        assert.deepInclude(person.json["person"] as object, { employeeId: "0005", outcome: "updated" })
        const { violations } = yield* together.report
        assert.deepStrictEqual([violations.spacing, violations.concurrency], [0, 0])
      }).pipe(Effect.scoped),
    { timeout: 120_000 }
  )
})
