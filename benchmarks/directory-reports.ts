/**
 * What `GET /employee/by-manager/{managerId}` costs over a large organization, against a bare indexed SELECT of the same
 * rows through the same driver in the same run: both by turns, for managers drawn from the whole tree.
 *
 * `npx node benchmarks/directory-reports.ts [PEOPLE] [LOOKS]` (default 300000 and 1000). A real PostgreSQL, `rollcall sync`
 * and `rollcall serve` as processes, real HTTP. Exit code 1 where the median is 5 times the bare one's or more.
 */
import { writeFileSync } from "node:fs"
import { Agent, request } from "node:http"
import { join } from "node:path"

import { employeeUuid } from "@rollcall/core/domain/Employee"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { freshDatabase, startPostgres } from "@rollcall/testkit/PostgresForTests"
import { Clock, Console, Effect } from "effect"
import { Client } from "pg"

import { writeRoster } from "./Roster.ts"
import { rosterConfiguration, serveRollcall, siteFolder, startRollcall } from "./Site.ts"

const people = Number(process.argv[2] ?? 300_000)
const looks = Number(process.argv[3] ?? 1000)
const organization = OrganizationId.make("default")

const database = Effect.acquireRelease(Effect.promise(startPostgres), ({ stop }) => Effect.promise(stop))

/** Number 0 heads all; every eighth leads eight (Roster). */
const managerAt = (n: number): string =>
  employeeUuid(organization, String(Math.floor((n * Math.floor((people - 1) / 8)) / looks)).padStart(6, "0"))

const bare = `
  select e.id, e.name, e.email, e.account, e.role, e.type, e.status, e.status_at, e.created_at
  from directory_managers as m join directory_employees as e on e.organization_id = m.organization_id and e.id = m.employee
  where m.organization_id = $1 and m.manager = $2 order by e.name_key, e.id`

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

const get = (url: string, token: string): Promise<ReadonlyArray<{ readonly id: string }>> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      let body = ""
      response.on("data", (chunk: Buffer) => (body += chunk.toString()))
      response.on("end", () =>
        response.statusCode === 200
          ? resolve(JSON.parse(body) as ReadonlyArray<{ readonly id: string }>)
          : reject(new Error(`${response.statusCode}: ${body}`))
      )
    })
    asked.on("error", reject)
    asked.end()
  })

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

const timed = async <A>(work: () => Promise<A>): Promise<readonly [number, A]> => {
  const began = performance.now()
  const result = await work()
  return [performance.now() - began, result]
}

const compare = async (url: string, token: string, client: Client) => {
  const [api, select]: [Array<number>, Array<number>] = [[], []]
  let rows = 0
  for (let n = -50; n < looks; n++) {
    const manager = managerAt(Math.max(n, 0))
    const [apiMillis, reports] = await timed(() => get(`${url}/api/v1/employee/by-manager/${manager}`, token))
    const [selectMillis, found] = await timed(() => client.query<{ id: string }>(bare, [organization, manager]))
    if (reports.map(({ id }) => id).join() !== found.rows.map(({ id }) => id).join()) throw new Error("other rows")
    if (n < 0) continue
    api.push(apiMillis)
    select.push(selectMillis)
    rows += reports.length
  }
  return { api: median(api), select: median(select), rows: rows / looks }
}

const run = Effect.gen(function* () {
  const here = yield* siteFolder
  const { chosen, url: admin } = yield* database
  yield* Console.log(`PostgreSQL: ${chosen}`)
  const DATABASE_URL = yield* freshDatabase(admin, "reports")
  const environment = { DATABASE_URL, ROLLCALL_ROOT_KEY: "a root key of the benchmark, 32 bytes and more" }
  yield* Effect.promise(() => writeRoster(people, join(here, "roster.csv")))
  writeFileSync(join(here, "rollcall.config.ts"), rosterConfiguration)
  const began = yield* Clock.currentTimeMillis
  yield* Effect.promise(() => startRollcall(here, ["sync", "--no-send"], environment).ended)
  const taken = yield* Clock.currentTimeMillis
  const { url } = yield* serveRollcall(here, environment)
  const served = yield* Clock.currentTimeMillis
  yield* Console.log(
    `${people} people: into the log ${((taken - began) / 1000).toFixed(1)} s, tables ${((served - taken) / 1000).toFixed(1)} s`
  )
  const { json } = yield* Effect.promise(() => startRollcall(here, ["token"], environment).ended)
  const client = new Client(DATABASE_URL)
  yield* Effect.promise(() => client.connect())
  yield* Effect.promise(() => client.query("analyze"))
  const { api, rows, select } = yield* Effect.promise(() => compare(url, String(json["token"]), client))
  yield* Effect.promise(() => client.end())
  const ratio = api / select
  yield* Console.log(
    `by-manager over HTTP ${api.toFixed(2)} ms, bare SELECT ${select.toFixed(2)} ms (medians of ${looks}, ${rows.toFixed(1)} rows each): ratio ${ratio.toFixed(2)}`
  )
  return ratio < 5
}).pipe(Effect.scoped)

const held = await Effect.runPromise(run)
console.log(held ? "under 5" : "NOT under 5")
process.exitCode = held ? 0 : 1
