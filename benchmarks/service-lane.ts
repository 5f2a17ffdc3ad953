/**
 * What a running service makes of its lane: how well it is used while there is a backlog, whether 200 clients of the API
 * delay it, and how soon a change reaches an idle Together.
 *
 * `npx node benchmarks/service-lane.ts [REQUESTS] [CLIENTS]` (default 40 and 200). `rollcall serve` on a real PostgreSQL
 * and the readers are processes of their own; the vendor's stand-in answers after 100 ms and its journal is what counts.
 * Exit code 1 where a figure is not as it must be.
 */
import { spawn } from "node:child_process"
import { join } from "node:path"

import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { freshDatabase, startPostgres } from "@rollcall/testkit/PostgresForTests"
import { Console, Effect } from "effect"

import { rowOf, serveRollcall, siteFolder, startRollcall, writeSite } from "./Site.ts"

const requests = Number(process.argv[2] ?? 40)
const clients = Number(process.argv[3] ?? 200)
const latency = 100
const batchSize = 2
const ROLLCALL_ROOT_KEY = "a root key of the benchmark, 32 bytes and more"

const database = Effect.acquireRelease(Effect.promise(startPostgres), ({ stop }) => Effect.promise(stop))

const rows = (title: string) => Array.from({ length: requests * batchSize }, (_, n) => rowOf(n, `${title} ${n % 7}`))

const quantile = (values: ReadonlyArray<number>, q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? 0

type Sandbox = Effect.Success<ReturnType<typeof TogetherSandbox.start>>

/** From the end of each answer to the next arrival, in milliseconds, for requests after `after`. */
const gaps = Effect.fnUntraced(function* (server: Sandbox, after: number) {
  const { journal } = yield* server.report
  const made = journal.filter(({ id, method }) => id > after && method === "POST")
  return made.slice(1).map(({ arrivedAt }, i) => arrivedAt - (made[i]?.endedAt ?? 0))
})

/** Waits until Together was told of so many requests more. */
const told = Effect.fnUntraced(function* (server: Sandbox, posts: number, after: number) {
  for (;;) {
    const { journal } = yield* server.report
    const made = journal.filter(({ id, method, endedAt }) => id > after && method === "POST" && endedAt !== null)
    if (made.length >= posts) return made
    yield* Effect.sleep("20 millis")
  }
})

const lastId = (server: Sandbox) =>
  Effect.map(server.report, ({ journal }) => Math.max(0, ...journal.map(({ id }) => id)))

/** Everybody has news at once: a backlog of `requests` requests. */
const backlog = Effect.fnUntraced(function* (server: Sandbox, here: string, title: string, url: string) {
  writeSite(here, rows(title), { baseUrl: url, batchSize })
  const after = yield* lastId(server)
  const { code } = yield* Effect.promise(() => startRollcall(here, ["sync", "--no-send"], environmentOf()).ended)
  if (code !== 0) return yield* Effect.die(new Error("the roster was not taken in"))
  yield* told(server, requests, after)
  return yield* gaps(server, after)
})

let databaseUrl = ""
const environmentOf = () => ({ DATABASE_URL: databaseUrl, ROLLCALL_ROOT_KEY })

const changes = 15

/** From the answer to a write until Together has it, with nothing else to be sent; in milliseconds. */
const delays = Effect.fnUntraced(function* (server: Sandbox, url: string, token: string) {
  const write = (method: string, path: string, body: object) =>
    Effect.promise(async () => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
      const response = await fetch(`${url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) })
      if (!response.ok) throw new Error(await response.text())
      return (await response.json()) as { readonly id: string }
    })
  const { id } = yield* write("POST", "/employee", { name: "Idle Hands", email: "idle@example.com" })
  yield* write("PATCH", `/employee/${id}/profile`, { employeeNumber: "idle-1", companyRole: "Role 0" })
  const has = (role: string) =>
    Effect.map(server.users, (users) =>
      users.some(({ fields }) => fields["employeeId"] === "idle-1" && fields["title"] === role)
    )
  const taken: Array<number> = []
  for (let n = 0; n <= changes; n++) {
    const role = `Role ${n}`
    if (n > 0) yield* write("PATCH", `/employee/${id}/profile`, { companyRole: role })
    const began = performance.now()
    while (!(yield* has(role))) yield* Effect.sleep("5 millis")
    if (n > 0) taken.push(performance.now() - began)
    yield* Effect.sleep("3 seconds")
  }
  return taken
})

const readers = (url: string, token: string, seconds: number) =>
  Effect.promise(
    () =>
      new Promise<string>((resolve) => {
        const args = [join(import.meta.dirname, "Readers.ts"), url, token, String(clients), String(seconds)]
        const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
        let said = ""
        child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()))
        child.on("close", () => resolve(said.trim()))
      })
  )

const describe = (what: string, values: ReadonlyArray<number>) =>
  Console.log(
    `${what}: ${values.length} gaps, end to start ${quantile(values, 0.5).toFixed(0)} ms median, ` +
      `${quantile(values, 0.95).toFixed(0)} ms p95, ${Math.max(...values).toFixed(0)} ms most`
  )

const run = Effect.gen(function* () {
  const here = yield* siteFolder
  const { chosen, url: admin } = yield* database
  yield* Console.log(`PostgreSQL: ${chosen}`)
  databaseUrl = yield* freshDatabase(admin, "lane")
  const server = yield* TogetherSandbox.start({ latency, maxMembers: batchSize })
  writeSite(here, rows("Title"), { baseUrl: server.url, batchSize })
  yield* Effect.promise(() => startRollcall(here, ["sync", "--no-send"], environmentOf()).ended)
  const { url } = yield* serveRollcall(here, environmentOf())
  const first = yield* told(server, requests, 0)
  const { json } = yield* Effect.promise(() => startRollcall(here, ["token"], environmentOf()).ended)

  const alone = yield* backlog(server, here, "Clerk", server.url)
  yield* describe("alone", alone)
  const mean = alone.reduce((sum, gap) => sum + gap, 0) / alone.length
  const utilisation = (1000 + latency) / (mean + latency)
  yield* Console.log(`utilisation while there is a backlog: ${utilisation.toFixed(4)} of 1 / (1 s + answer time)`)

  yield* Effect.sleep("3 seconds")
  const delay = quantile(yield* delays(server, url, String(json["token"])), 0.5)
  yield* Console.log(
    `a change reaches an idle Together in ${delay.toFixed(0)} ms (median of ${changes}, answer time ${latency} ms)`
  )

  const seconds = Math.ceil(requests * 1.2) + 5
  const [crowded, said] = yield* Effect.all(
    [backlog(server, here, "Nurse", server.url), readers(url, String(json["token"]), seconds)],
    { concurrency: 2 }
  )
  yield* describe(`beside ${clients} readers`, crowded)
  yield* Console.log(`  readers: ${said}`)

  const { violations } = yield* server.report
  yield* Console.log(`violations: ${JSON.stringify(violations)}; first sync ${first.length} requests`)
  const late = Math.max(quantile(crowded, 0.95)) - 1000
  return utilisation >= 0.99 && late <= 50 && delay < 2000 && violations.spacing + violations.concurrency === 0
}).pipe(Effect.scoped)

const held = await Effect.runPromise(run)
console.log(held ? "as it must be" : "NOT as it must be")
process.exitCode = held ? 0 : 1
