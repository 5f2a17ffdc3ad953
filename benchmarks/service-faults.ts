/**
 * What a running service survives: PostgreSQL stopped for twenty seconds in the middle of a backlog, `kill -9` on embedded
 * parts, and another organization whose key was revoked. The vendor's judge and the users it ends with are the measure.
 *
 * `npx node benchmarks/service-faults.ts [REQUESTS]` (default 40, some three minutes). Exit code 1 where anything is not as
 * it must be. Ends only processes that it started.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"

import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { startEmbeddedPostgres } from "@rollcall/testkit/EmbeddedPostgres"
import { freshDatabase } from "@rollcall/testkit/PostgresForTests"
import { Clock, Console, Effect } from "effect"

import { rowOf, serveRollcall, siteFolder, startRollcall, writeSite } from "./Site.ts"

const requests = Number(process.argv[2] ?? 40)
const ROLLCALL_ROOT_KEY = "a root key of the benchmark, 32 bytes and more"
const rows = Array.from({ length: requests }, (_, n) => rowOf(n, `Title ${n % 7}`))

type Sandbox = Effect.Success<ReturnType<typeof TogetherSandbox.start>>

const until = (what: Effect.Effect<boolean>) =>
  Effect.gen(function* () {
    while (!(yield* what)) yield* Effect.sleep("100 millis")
  }).pipe(Effect.timeout("5 minutes"))

const atLeast = (server: Sandbox, users: number) => until(Effect.map(server.users, (there) => there.length >= users))

/** Everybody there once, as HR has them, and the limit kept. */
const judged = Effect.fnUntraced(function* (what: string, server: Sandbox) {
  const users = yield* server.users
  const right = rows.filter((row) => {
    const [key, firstName, lastName, email, , title] = row.split(",")
    const wanted = { employeeId: key, firstName, lastName, email, title }
    return users.some(({ fields }) => Object.entries(wanted).every(([name, value]) => fields[name] === value))
  }).length
  const { duplicates, requests: made, smallestSpacing, violations } = yield* server.report
  yield* Console.log(
    `${what}: ${right} of ${requests} users right, ${users.length} in all, ${made} requests, ` +
      `least ${Math.round(smallestSpacing ?? 0)} ms apart, violations ${JSON.stringify(violations)}, duplicates ${duplicates}`
  )
  return (
    right === requests && users.length === requests && duplicates + violations.spacing + violations.concurrency === 0
  )
})

const site = Effect.fnUntraced(function* (server: Sandbox) {
  const here = yield* siteFolder
  writeSite(here, rows, { baseUrl: server.url, batchSize: 1, timeoutSeconds: 5 })
  return here
})

const withoutDatabase = Effect.gen(function* () {
  const postgres = yield* Effect.acquireRelease(Effect.promise(startEmbeddedPostgres), ({ stop }) =>
    Effect.promise(stop)
  )
  yield* Console.log(`PostgreSQL: ${postgres.version}`)
  const DATABASE_URL = yield* freshDatabase(postgres.url, "faults")
  const server = yield* TogetherSandbox.start({ latency: 100 })
  const here = yield* site(server)
  const environment = { DATABASE_URL, ROLLCALL_ROOT_KEY }
  yield* Effect.promise(() => startRollcall(here, ["sync", "--no-send"], environment).ended)
  yield* serveRollcall(here, environment)
  yield* atLeast(server, Math.floor(requests / 4))
  yield* Effect.promise(postgres.halt)
  const before = (yield* server.users).length
  yield* Effect.sleep("20 seconds")
  const meanwhile = (yield* server.users).length - before
  yield* Effect.promise(postgres.resume)
  const back = yield* Clock.currentTimeMillis
  yield* atLeast(server, before + meanwhile + 1)
  const seconds = ((yield* Clock.currentTimeMillis) - back) / 1000
  yield* Console.log(
    `  ${meanwhile} users while PostgreSQL was away; the next ${seconds.toFixed(1)} s after it was back`
  )
  yield* atLeast(server, requests)
  const audit = yield* Effect.promise(() => startRollcall(here, ["audit", "rate"], environment).ended)
  yield* Console.log(`  audit rate: ${audit.json["kept"] === true ? "kept" : "NOT kept"}`)
  return (yield* judged("PostgreSQL stopped for 20 s", server)) && audit.code === 0 && meanwhile <= 1
}).pipe(Effect.scoped)

const killed = Effect.gen(function* () {
  const server = yield* TogetherSandbox.start({ latency: 100 })
  const here = yield* site(server)
  const environment = { DATABASE_URL: "", ROLLCALL_ROOT_KEY }
  yield* Effect.promise(() => startRollcall(here, ["sync", "--no-send"], environment).ended)
  yield* Effect.scoped(
    Effect.gen(function* () {
      const { child } = yield* serveRollcall(here, environment)
      yield* atLeast(server, Math.floor(requests / 3))
      child.kill("SIGKILL")
    })
  )
  yield* serveRollcall(here, environment)
  yield* atLeast(server, requests)
  return yield* judged("kill -9 on embedded parts", server)
}).pipe(Effect.scoped)

const organization = (baseUrl: string, apiKey: string, organizationId: string) => `{
  sources: { hr: csv({ file: "people.csv", columns: { employeeId: "id", firstName: "first", lastName: "last",
    email: "mail", status: "status", title: "title" } }) },
  schedules: { hr: "* * * * *" },
  together: { baseUrl: "${baseUrl}", organizationId: "${organizationId}", clientId: "demo-client", apiKey: "${apiKey}", batchSize: 1 }
}`

const besideAnother = Effect.gen(function* () {
  const good = yield* TogetherSandbox.start({ latency: 100 })
  const bad = yield* TogetherSandbox.start({ latency: 100 })
  const here = yield* site(good)
  writeFileSync(
    join(here, "rollcall.config.ts"),
    `import { csv, defineConfig } from "rollcall"
export default defineConfig({ organizations: {
  good: ${organization(good.url, "demo-api-key", "demo-organization")},
  revoked: ${organization(bad.url, "a-revoked-key", "demo-organization-2")}
} })
`
  )
  const environment = { DATABASE_URL: "", ROLLCALL_ROOT_KEY }
  yield* serveRollcall(here, environment)
  yield* atLeast(good, requests)
  const { requests: asked } = yield* bad.report
  yield* Console.log(`  the revoked key was tried ${asked} times`)
  return (yield* judged("beside an organization with a revoked key", good)) && asked <= 2
}).pipe(Effect.scoped)

const results = await Effect.runPromise(Effect.all([withoutDatabase, killed, besideAnother]))
console.log(results.every(Boolean) ? "as it must be" : "NOT as it must be")
process.exitCode = results.every(Boolean) ? 0 : 1
