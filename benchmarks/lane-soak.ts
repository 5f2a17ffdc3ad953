/**
 * Two runner processes on one PostgreSQL, one of them killed again and again in the middle of a sync: the vendor's judge
 * must see nothing too early, nothing side by side, nobody doubled, and every user right in the end.
 *
 * `npx node benchmarks/lane-soak.ts [REQUESTS] [KILLS]` (default 60 and 20, some four minutes). Ends with exit code 1 when
 * anything is not as it must be. Kills only processes that it started.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { demoCredentials } from "@rollcall/sandbox/TogetherSettings"
import { freshDatabase, startPostgres } from "@rollcall/testkit/PostgresForTests"
import { Clock, Console, Effect } from "effect"

const requests = Number(process.argv[2] ?? 60)
const kills = Number(process.argv[3] ?? 20)
const batchSize = 5
const people = requests * batchSize
const bin = join(import.meta.dirname, "../apps/runner/bin/rollcall.js")

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rollcall-soak-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const database = Effect.acquireRelease(Effect.promise(startPostgres), ({ stop }) => Effect.promise(stop)).pipe(
  Effect.tap(({ chosen }) => Console.log(`PostgreSQL: ${chosen}`))
)

const row = (n: number) => `${n},First${n},Last${n},person${n}@example.com,A,Title ${n % 7}`

const writeSite = (here: string, baseUrl: string) => {
  const roster = ["id,first,last,mail,status,title", ...Array.from({ length: people }, (_, n) => row(n))]
  writeFileSync(join(here, "people.csv"), `${roster.join("\n")}\n`)
  const columns = {
    employeeId: "id",
    firstName: "first",
    lastName: "last",
    email: "mail",
    status: "status",
    title: "title"
  }
  const source = JSON.stringify({ file: "people.csv", columns })
  // A request is given up after two seconds, so that a killed one holds the lane for no longer than it must.
  const together = JSON.stringify({ baseUrl, ...demoCredentials, batchSize, timeoutSeconds: 2 })
  writeFileSync(
    join(here, "rollcall.config.ts"),
    `import { csv, defineConfig } from "rollcall"\nexport default defineConfig({ sources: { hr: csv(${source}) }, together: ${together} })\n`
  )
}

interface Runner {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
}

const start = (here: string, DATABASE_URL: string): Runner => {
  const child = spawn(process.execPath, [bin, "sync", "--json"], {
    cwd: here,
    env: { ...process.env, DATABASE_URL },
    stdio: ["ignore", "pipe", "inherit"]
  })
  let last = ""
  child.stdout?.on("data", (chunk: Buffer) => (last = chunk.toString()))
  const ended = new Promise<number | null>((resolve) =>
    child.on("close", (code) => {
      if (code !== null && code !== 0) console.log(`  a runner ended with ${code}: ${last.trim()}`)
      resolve(code)
    })
  )
  return { child, ended }
}

const soak = Effect.gen(function* () {
  const here = yield* folder
  const { url: admin } = yield* database
  const url = yield* freshDatabase(admin, "soak")
  const server = yield* TogetherSandbox.start({ latency: 300, maxMembers: batchSize })
  writeSite(here, server.url)
  const began = yield* Clock.currentTimeMillis
  const runners = [start(here, url), start(here, url)]
  for (let killed = 0; killed < kills;) {
    yield* Effect.sleep(300 + Math.random() * 4700)
    // Every other kill falls into a request, where it hurts most.
    if (killed % 2 === 1) yield* underWay(server)
    const victim = Math.floor(Math.random() * 2)
    const runner = runners[victim] as Runner
    if (runner.child.exitCode === null && runner.child.kill("SIGKILL")) killed++
    yield* Effect.promise(() => runner.ended)
    const { requests: made, violations } = yield* server.report
    yield* Console.log(`  kill ${killed}: ${made} requests so far, ${JSON.stringify(violations)}`)
    runners[victim] = start(here, url)
  }
  yield* Effect.promise(() => Promise.all(runners.map(({ ended }) => ended)))
  const codes = yield* Effect.promise(() => start(here, url).ended)
  const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
  return yield* judge(server, codes, seconds)
})

const underWay = (server: TogetherSandbox) =>
  Effect.repeat(Effect.andThen(Effect.sleep("5 millis"), server.report), { until: ({ inFlight }) => inFlight > 0 })

const judge = Effect.fnUntraced(function* (server: TogetherSandbox, code: number | null, seconds: number) {
  const { duplicates, largestInFlight, requests: made, smallestSpacing, unanswered, violations } = yield* server.report
  const users = yield* server.users
  const right = users.filter(({ fields }) => {
    const n = Number(fields["employeeId"])
    const { email, firstName, lastName, title } = fields
    return [n, firstName, lastName, email, "A", title].join() === row(n)
  })
  yield* Console.log(
    `${made} requests (${unanswered} cut off by a kill) in ${seconds.toFixed(0)} s, ${kills} kills, 2 runners\n` +
      `least ${smallestSpacing?.toFixed(0)} ms between arrivals, at most ${largestInFlight} in flight\n` +
      `violations ${JSON.stringify(violations)}, duplicates ${duplicates}\n` +
      `users ${users.length}, right ${right.length} of ${people}; the last run ended with ${code}`
  )
  const good = violations.spacing + violations.concurrency + duplicates === 0 && right.length === people && code === 0
  return good && users.length === people
})

const good = await Effect.runPromise(Effect.scoped(soak))
console.log(good ? "kept" : "NOT KEPT")
process.exitCode = good ? 0 : 1
