import { writeFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, inject, it } from "@effect/vitest"
import type { Fault } from "@rollcall/sandbox/TogetherFaults"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { demoCredentials } from "@rollcall/sandbox/TogetherSettings"
import { freshDatabase } from "@rollcall/testkit/PostgresForTests"
import { Effect } from "effect"

import { folder, rollcall, startRollcall, writeSite } from "./Command.ts"
import { type Human, columns, rosterOf } from "./InProcess.ts"

/** Beside each other: nearly all of their time is spent waiting for the lane. */
const beside = { concurrent: true, timeout: 180_000 }

const together = { ...demoCredentials, batchSize: 5, timeoutSeconds: 2 }

const write = (here: string, baseUrl: string, humans: ReadonlyArray<Human>, more: object = {}) => {
  writeFileSync(join(here, "people.csv"), rosterOf(humans))
  const settings = JSON.stringify({ ...together, baseUrl, ...more })
  const source = JSON.stringify({ file: "people.csv", columns })
  writeFileSync(
    join(here, "rollcall.config.ts"),
    `import { csv, defineConfig } from "rollcall"\nexport default defineConfig({ sources: { hr: csv(${source}) }, together: ${settings} })\n`
  )
}

const crowd = (count: number): ReadonlyArray<Human> => Array.from({ length: count }, (_, n) => ({ id: `p${n}` }))

/** Waits until so many requests have arrived. */
const arrived = (server: TogetherSandbox, requests: number) =>
  Effect.repeat(Effect.andThen(Effect.sleep("20 millis"), server.report), {
    until: (report) => report.requests >= requests
  })

const kept = Effect.fnUntraced(function* (server: TogetherSandbox) {
  const { duplicates, largestInFlight, violations } = yield* server.report
  assert.deepStrictEqual(violations, { spacing: 0, concurrency: 0 })
  assert.strictEqual(largestInFlight, 1)
  assert.strictEqual(duplicates, 0)
})

const provenByTheLog = Effect.fnUntraced(function* (here: string, environment: Record<string, string> = {}) {
  const audit = yield* rollcall(here, ["audit", "rate", "--json"], environment)
  assert.strictEqual(audit.code, 0, audit.stdout)
  assert.deepInclude(audit.json, { kept: true, requiredSpacing: 1000 })
  return audit.json["lanes"] as ReadonlyArray<{ readonly requests: number; readonly unknown: number }>
})

const status = (code: number, more: object = {}) => ({ kind: "status" as const, status: code, ...more })

describe("the lane over processes", () => {
  it.live(
    "keeps the limit while two processes work and one is killed, and everyone is right in the end",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const server = yield* TogetherSandbox.start({ latency: 300 })
        const database = { DATABASE_URL: yield* freshDatabase(inject("postgresUrl"), "lane") }
        write(here, server.url, crowd(40))
        const [killed, other] = [startRollcall(here, ["sync"], database), startRollcall(here, ["sync"], database)]
        yield* arrived(server, 4)
        killed.kill()
        const again = startRollcall(here, ["sync"], database)
        yield* arrived(server, 7)
        again.kill()
        assert.strictEqual((yield* other.ended).code, 0)
        const last = yield* rollcall(here, ["sync", "--json"], database)
        assert.strictEqual(last.code, 0, last.stdout)
        assert.lengthOf(yield* server.users, 40)
        yield* kept(server)
        const [lane] = yield* provenByTheLog(here, database)
        // A process may die, or find its grant too old, between the grant and the request.
        assert.isAtLeast(lane?.requests ?? 0, (yield* server.report).requests)
      }).pipe(Effect.scoped),
    beside
  )

  it.live(
    "waits the rest of a backoff after it was killed in the middle of one",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const server = yield* TogetherSandbox.start()
        yield* server.inject({ method: "POST", fault: { kind: "status", status: 429, retryAfter: 7 } })
        write(here, server.url, crowd(3))
        const first = startRollcall(here, ["sync"])
        // The proof of the credentials, the list (two pages asked for), and the refused post.
        yield* Effect.repeat(Effect.andThen(Effect.sleep("20 millis"), server.report), {
          until: ({ byStatus }) => byStatus[429] === 1
        })
        yield* Effect.sleep("1500 millis")
        first.kill()
        yield* first.ended
        assert.lengthOf(yield* server.users, 0)
        const second = yield* rollcall(here, ["sync", "--json"])
        assert.strictEqual(second.code, 0, second.stdout + second.stderr)
        assert.lengthOf(yield* server.users, 3)
        const { journal } = yield* server.report
        const refused = journal.findIndex(({ status }) => status === 429)
        const waited = (journal[refused + 1]?.arrivedAt ?? 0) - (journal[refused]?.endedAt ?? 0)
        assert.isAtLeast(waited, 7000)
        assert.isBelow(waited, 12_000)
        yield* kept(server)
        yield* provenByTheLog(here)
      }).pipe(Effect.scoped),
    beside
  )

  it.live(
    "lets one person on demand overtake a sync that is running",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const server = yield* TogetherSandbox.start()
        const database = { DATABASE_URL: yield* freshDatabase(inject("postgresUrl"), "demand") }
        write(here, server.url, [{ id: "vip" }])
        assert.strictEqual((yield* rollcall(here, ["sync"], database)).code, 0)
        write(here, server.url, [{ id: "vip", title: "Chief" }, ...crowd(150)])
        const running = startRollcall(here, ["sync"], database)
        yield* Effect.repeat(Effect.andThen(Effect.sleep("20 millis"), server.users), {
          until: (users) => users.length > 1
        })
        const unknown = yield* rollcall(here, ["sync", "--employee", "nobody"], database)
        assert.strictEqual(unknown.code, 2)
        assert.match(unknown.stderr, /No source has this person/)
        const demanded = yield* rollcall(here, ["sync", "--employee", "vip", "--json"], database)
        assert.strictEqual(demanded.code, 0, demanded.stdout + demanded.stderr)
        const users = yield* server.users
        assert.strictEqual(users.find(({ fields }) => fields["employeeId"] === "vip")?.fields["title"], "Chief")
        assert.isBelow(users.length, 140, "the crowd was not waited for")
        assert.strictEqual((yield* running.ended).code, 0)
        assert.lengthOf(yield* server.users, 151)
        yield* kept(server)
        yield* provenByTheLog(here, database)
      }).pipe(Effect.scoped),
    beside
  )

  it.live(
    "brings everyone there past every fault, and no request comes too early",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const server = yield* TogetherSandbox.start()
        const faults: ReadonlyArray<Fault> = [
          status(429, { retryAfter: 3 }),
          status(429, { retryAfter: 3, retryAfterForm: "http-date" }),
          status(500),
          status(502),
          status(503),
          { kind: "reset-before" },
          { kind: "reset-after" },
          { kind: "hang", applied: true },
          { kind: "html" },
          { kind: "truncated" }
        ]
        // Every other request meets one, so that the backoff begins anew each time.
        yield* server.inject(faults.map((fault, n) => ({ ordinal: 4 + 2 * n, fault })))
        write(here, server.url, crowd(50))
        const run = yield* rollcall(here, ["sync", "--json"])
        assert.strictEqual(run.code, 0, run.stdout + run.stderr)
        assert.lengthOf(yield* server.users, 50)
        assert.deepInclude(run.json, { neverSent: 0, blocked: 0 })
        const { journal } = yield* server.report
        const after = (n: number) => (journal[4 + 2 * n]?.arrivedAt ?? 0) - (journal[3 + 2 * n]?.endedAt ?? 0)
        for (const n of faults.keys()) assert.isAtLeast(after(n), n === 0 ? 3000 : n === 1 ? 2000 : 1600, `after ${n}`)
        yield* kept(server)
        yield* provenByTheLog(here)
      }).pipe(Effect.scoped),
    beside
  )

  it.live(
    "makes no request with refused credentials, before they change or a check finds them good",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const server = yield* TogetherSandbox.start()
        writeSite(here, { baseUrl: server.url, apiKey: "wrong-canary" })
        assert.strictEqual((yield* rollcall(here, ["sync"])).code, 2)
        const closed = yield* rollcall(here, ["sync"])
        assert.strictEqual(closed.code, 2)
        assert.match(closed.stderr, /since .*rollcall check/s)
        assert.notInclude(closed.stdout + closed.stderr, "wrong-canary")
        assert.strictEqual((yield* server.report).requests, 1)
        const status = yield* rollcall(here, ["status"])
        assert.match(status.stdout, /closed since/)
        assert.strictEqual((yield* rollcall(here, ["check"])).code, 2)
        assert.strictEqual((yield* server.report).requests, 2)
        writeSite(here, { baseUrl: server.url })
        assert.strictEqual((yield* rollcall(here, ["sync"])).code, 0)
        assert.lengthOf(yield* server.users, 4)
        yield* kept(server)
      }).pipe(Effect.scoped),
    beside
  )
})
