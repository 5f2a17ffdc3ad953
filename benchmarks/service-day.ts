/**
 * Two days in the life of a running service, compressed by the clock: 2,000 people, every one of them sent once a day, 40
 * changes, and one broken HR export with half the rows missing, which is held, told, approved in part, and mended.
 *
 * `npx node benchmarks/service-day.ts [PEOPLE]` (default 2000, some six minutes). Needs libfaketime (Debian: `apt-get
 * install faketime`): PostgreSQL and `rollcall serve` live by a clock that is moved on by an hour at a time, whenever there
 * is nothing to be sent. The vendor's stand-in, its judge and the webhook's receiver live by the real one. Exit code 1 where
 * anything is not as it must be.
 */
import { chmodSync, existsSync, writeFileSync } from "node:fs"
import { type IncomingMessage, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"

import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { startEmbeddedPostgres } from "@rollcall/testkit/EmbeddedPostgres"
import { freshDatabase } from "@rollcall/testkit/PostgresForTests"
import { Console, Effect } from "effect"
import { Client } from "pg"

import { rowOf, serveRollcall, siteFolder, startRollcall } from "./Site.ts"

const people = Number(process.argv[2] ?? 2000)
const changes = 40
const hour = 3600
const ROLLCALL_ROOT_KEY = "a root key of the benchmark, 32 bytes and more"
const libraries = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map(
  (arch) => `/usr/lib/${arch}/faketime/libfaketimeMT.so.1`
)

/** The clock of the processes that are started while its environment is set, moved on by writing its file. */
const makeClock = (file: string) => {
  const library = libraries.find((path) => existsSync(path))
  if (library === undefined) throw new Error("libfaketime is not there: apt-get install faketime")
  let ahead = 0
  const set = (seconds: number) => writeFileSync(file, `+${(ahead = seconds)}\n`)
  set(0)
  const environment = { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: "1" }
  return { environment, moveOn: (seconds: number) => set(ahead + seconds), ahead: () => ahead }
}

const receiver = Effect.acquireRelease(
  Effect.callback<{ readonly url: string; readonly heard: Array<string>; readonly close: () => void }>((resume) => {
    const heard: Array<string> = []
    const server = createServer((request, response) => {
      void textOf(request).then((text) => {
        const { alarm, key, state } = JSON.parse(text) as Readonly<Record<string, string>>
        heard.push(`${state} ${alarm} ${key}`)
        return response.end()
      })
    })
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}/`, heard, close: () => void server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of request) text += String(chunk)
  return text
}

const configuration = (baseUrl: string, webhook: string) => `import { csv, defineConfig } from "rollcall"
export default defineConfig({
  sources: { hr: csv({ file: "people.csv", columns: { employeeId: "id", firstName: "first", lastName: "last",
    email: "mail", status: { column: "status", values: { A: "active" } }, title: "title" } }) },
  absence: { policy: "terminate" },
  alarms: { webhook: { url: "${webhook}", secret: "a secret of the benchmark" }, silenceHours: 26 },
  together: { baseUrl: "${baseUrl}", organizationId: "demo-organization", clientId: "demo-client", apiKey: "demo-api-key" }
})
`

type Sandbox = Effect.Success<ReturnType<typeof TogetherSandbox.start>>

/** Nothing was asked of Together for so long: the lane's second has passed for the vendor, too. */
const quiet = Effect.fnUntraced(function* (server: Sandbox, millis: number) {
  let [seen, since] = [-1, performance.now()]
  while (performance.now() - since < millis) {
    const { requests } = yield* server.report
    if (requests !== seen) [seen, since] = [requests, performance.now()]
    yield* Effect.sleep("100 millis")
  }
})

const terminated = (server: Sandbox) =>
  Effect.map(server.users, (users) => users.filter(({ fields }) => fields["employeeStatusCode"] === "T").length)

const run = Effect.gen(function* () {
  const here = yield* siteFolder
  // The server may run as another user, who has to read the clock.
  chmodSync(here, 0o755)
  const clock = makeClock(join(here, "clock"))
  Object.assign(process.env, clock.environment, { FAKETIME_NO_CACHE: "1" })
  const postgres = yield* Effect.acquireRelease(Effect.promise(startEmbeddedPostgres), ({ stop }) =>
    Effect.promise(stop)
  )
  delete process.env["FAKETIME_NO_CACHE"]
  const DATABASE_URL = yield* freshDatabase(postgres.url, "day")
  const server = yield* TogetherSandbox.start({ latency: 50 })
  const { heard, url: webhook } = yield* receiver
  writeFileSync(join(here, "rollcall.config.ts"), configuration(server.url, webhook))
  const write = (rows: ReadonlyArray<string>) =>
    writeFileSync(join(here, "people.csv"), `id,first,last,mail,status,title\n${rows.join("\n")}\n`)
  const staff = Array.from({ length: people }, (_, n) => rowOf(n, "Clerk"))
  const changed = staff.map((row, n) => (n % (people / changes) === 0 ? rowOf(n, "Head") : row))
  const broken = changed.slice(0, people / 2)
  const environment = { DATABASE_URL, ROLLCALL_ROOT_KEY }
  const command = (...args: ReadonlyArray<string>) => Effect.promise(() => startRollcall(here, args, environment).ended)

  write(staff)
  yield* command("sync")
  yield* quiet(server, 1500)
  yield* Console.log(`${people} people there after the first sync: ${(yield* server.users).length}`)
  const { url } = yield* serveRollcall(here, environment)
  yield* quiet(server, 3000)
  const client = new Client(DATABASE_URL)
  yield* Effect.promise(() => client.connect())
  const nowThere = Effect.promise(async () => {
    const { rows } = await client.query<{ now: Date }>("select clock_timestamp() as now")
    return rows[0]?.now.toISOString() ?? ""
  })
  const pass = Effect.fnUntraced(function* (hours: number) {
    for (let n = 0; n < hours; n++) {
      clock.moveOn(hour)
      yield* Effect.sleep("1500 millis")
      yield* quiet(server, 2500)
    }
  })

  yield* pass(24)
  const morning = yield* nowThere
  const before = (yield* server.report).requests
  yield* pass(3)
  write(changed)
  yield* pass(4)
  const heads = (yield* server.users).filter(({ fields }) => fields["title"] === "Head").length
  yield* Console.log(`${heads} of ${changes} changes there; terminated: ${yield* terminated(server)}`)

  write([...broken, rowOf(people, "Joiner")])
  yield* pass(2)
  const status = yield* command("status", "--server", url)
  const held = JSON.stringify(status.json["held"])
  const joined = (yield* server.users).some(({ fields }) => fields["employeeId"] === String(people))
  const sentWhileHeld = yield* terminated(server)
  yield* Console.log(`half the rows missing: held ${held}; terminated ${sentWhileHeld}; the joiner is there: ${joined}`)
  const chosen = [people - 1, people - 2].flatMap((n) => ["--employee", String(n)])
  const approval = ["--by", "grace", "--reason", "these two did leave", "--server", url]
  const approved = yield* command("approve", "leavers", ...chosen, ...approval)
  yield* Effect.sleep("2 seconds")
  yield* quiet(server, 2500)
  const afterApproval = yield* terminated(server)
  yield* Console.log(`approved ${String(approved.json["approved"])} of them: terminated ${afterApproval}`)

  write([...changed.slice(0, people - 2), rowOf(people, "Joiner")])
  yield* pass(15)
  const evening = yield* nowThere
  const { rows } = yield* Effect.promise(() =>
    client.query<{ sent: number; people: number }>(
      `select sent::int, count(*)::int as people from (
         select stream, count(*) filter (where type like 'User%' and recorded_at >= $1 and recorded_at < $2) as sent
         from events where stream like 'employee:%' group by stream) as each group by sent order by sent`,
      [morning, evening]
    )
  )
  yield* Effect.promise(() => client.end())
  const sentSo = (often: (sent: number) => boolean) =>
    rows.filter(({ sent }) => often(sent)).reduce((sum, row) => sum + row.people, 0)
  const { duplicates, requests, violations } = yield* server.report
  yield* Console.log(
    `from ${morning} to ${evening}: people by times sent ${JSON.stringify(rows)}, ${requests - before} requests`
  )
  yield* Console.log(`alarms heard: ${heard.join(", ")}`)
  yield* Console.log(
    `violations ${JSON.stringify(violations)}, duplicates ${duplicates}, terminated ${yield* terminated(server)}`
  )
  return (
    heads === changes &&
    sentWhileHeld === 0 &&
    joined &&
    afterApproval === 2 &&
    (yield* terminated(server)) === 2 &&
    sentSo((sent) => sent === 0) === 0 &&
    // A change is a sending of its own, and so are the joiner's and those of the two who left.
    sentSo((sent) => sent > 1) <= changes + 3 &&
    sentSo((sent) => sent > 2) === 0 &&
    heard.includes("raised plan-held guard:leavers") &&
    heard.includes("ended plan-held guard:leavers") &&
    violations.spacing + violations.concurrency + duplicates === 0
  )
}).pipe(Effect.scoped)

const right = await Effect.runPromise(run)
console.log(right ? "as it must be" : "NOT as it must be")
process.exitCode = right ? 0 : 1
