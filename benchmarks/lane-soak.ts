/**
 * Two runner processes on one PostgreSQL, one of them killed again and again in the middle of a sync: the vendor's judge
 * must see nothing too early, nothing side by side, nobody doubled, and every user right in the end.
 *
 * `npx node benchmarks/lane-soak.ts [REQUESTS] [KILLS]` (default 60 and 20, some four minutes). Ends with exit code 1 when
 * anything is not as it must be. Kills only processes that it started.
 */
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { freshDatabase, startPostgres } from "@rollcall/testkit/PostgresForTests"
import { Clock, Console, Effect } from "effect"

import { type Runner, rowOf, siteFolder, startRollcall, writeSite } from "./Site.ts"

const requests = Number(process.argv[2] ?? 60)
const kills = Number(process.argv[3] ?? 20)
const batchSize = 5
const people = requests * batchSize

const database = Effect.acquireRelease(Effect.promise(startPostgres), ({ stop }) => Effect.promise(stop)).pipe(
  Effect.tap(({ chosen }) => Console.log(`PostgreSQL: ${chosen}`))
)

const row = (n: number) => rowOf(n, `Title ${n % 7}`)

const start = (here: string, DATABASE_URL: string): Runner => startRollcall(here, ["sync"], { DATABASE_URL })

const soak = Effect.gen(function* () {
  const here = yield* siteFolder
  const { url: admin } = yield* database
  const url = yield* freshDatabase(admin, "soak")
  const server = yield* TogetherSandbox.start({ latency: 300, maxMembers: batchSize })
  // A request is given up after two seconds, so that a killed one holds the lane for no longer than it must.
  const together = { baseUrl: server.url, batchSize, timeoutSeconds: 2 }
  writeSite(
    here,
    Array.from({ length: people }, (_, n) => row(n)),
    together
  )
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
  const last = yield* Effect.promise(() => start(here, url).ended)
  const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
  return yield* judge(server, last.code, seconds)
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
