import { spawn } from "node:child_process"
/**
 * What proving a long log costs: `audit verify` and `audit export` as processes, the verifier of the export by Node alone,
 * each with its peak of memory, beside a bare paged SELECT of the same columns through the same driver in the same run.
 *
 * `npx node benchmarks/log-proof.ts [EVENTS]` (default 1000000, some three minutes). A real PostgreSQL; nine in ten events have a
 * personal part. Exit code 1 when the verifier disagrees with the log, or verify takes more than 5 times the bare read.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { EventLog } from "@rollcall/core/contract/EventLog"
import { employeeStream } from "@rollcall/core/domain/Employee"
import type { NewEvent } from "@rollcall/core/domain/Event"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Database } from "@rollcall/directory-store/Database"
import { layer as eventLog } from "@rollcall/directory-store/EventLogStore"
import { freshDatabase, startPostgres } from "@rollcall/testkit/PostgresForTests"
import { Console, Effect, Layer, Redacted } from "effect"
import { Client } from "pg"

import { rosterConfiguration, siteFolder, startRollcall } from "./Site.ts"

const events = Number(process.argv[2] ?? 1_000_000)
const organization = OrganizationId.make("default")
const append = 10_000

const eventAt = (n: number): NewEvent => {
  const common = { actor: "source:hr", effectiveOn: null, causation: null }
  const run = { source: "hr", run: "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" }
  if (n % 10 === 0) {
    const event = { type: "CredentialsAccepted", sink: "together", configurationHash: "c0ffee".repeat(10) } as const
    return { ...common, stream: "sink:together", event }
  }
  const employeeId = String(n % 300_000).padStart(6, "0")
  const fields = { firstName: `Élodie ${n}`, lastName: "Guðmundsson", email: `p${n}@example.com`, title: "Engineer" }
  const event = {
    type: "EmployeeAppeared",
    ...run,
    day: "2026-01-02",
    employeeId,
    locator: `hr.csv:${n}`,
    fields
  } as const
  return { ...common, stream: employeeStream(organization, employeeId), event }
}

const fill = Effect.gen(function* () {
  const log = yield* EventLog
  for (let from = 0; from < events; from += append) {
    const some = Array.from({ length: Math.min(append, events - from) }, (_, n) => eventAt(from + n))
    yield* log.append(organization, { appendKey: globalThis.crypto.randomUUID(), events: some })
  }
})

/** Every column of `audit verify`, by the same key, as plain rows. */
const bare = `
  select organization_id, position, stream, version, type, schema_version, causation_position, actor, salt, personal_hash, hash,
    data::text as data, personal::text as personal, to_char(effective_on, 'YYYY-MM-DD') as effective_on,
    to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at
  from events where organization_id = $1 and position > $2 order by position limit 1000`

const readBare = async (url: string): Promise<number> => {
  const client = new Client(url)
  await client.connect()
  // Rollcall's own statements do without statistics; this one would sort the whole log for every page.
  await client.query("analyze events")
  const began = performance.now()
  for (let after = 0; after < events;) {
    const { rows } = await client.query<{ position: string }>(bare, [organization, after])
    after = Number(rows.at(-1)?.position)
  }
  const seconds = (performance.now() - began) / 1000
  await client.end()
  return seconds
}

interface Measured {
  readonly code: number | null
  readonly seconds: number
  readonly megabytes: number
}

/** A process writes down its own peak, as the operating system counted it. */
const measured = async (here: string, run: (nodeOptions: string) => Promise<number | null>): Promise<Measured> => {
  const peak = join(here, "peak")
  const reporter = join(here, "peak.mjs")
  writeFileSync(
    reporter,
    `import { writeFileSync } from "node:fs"
process.on("exit", () => writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)))`
  )
  const began = performance.now()
  const code = await run(`--import=${reporter}`)
  const seconds = (performance.now() - began) / 1000
  return { code, seconds, megabytes: Number(readFileSync(peak, "utf8")) / 1024 }
}

const runVerifier = (folder: string, nodeOptions: string): Promise<number | null> =>
  new Promise((resolve) => {
    const env = { NODE_OPTIONS: nodeOptions }
    spawn(process.execPath, [join(folder, "verify.mjs")], { env, stdio: "inherit" }).on("close", resolve)
  })

const told = (what: string, { code, megabytes, seconds }: Measured) =>
  Console.log(
    `${what}: ${seconds.toFixed(1)} s, ${Math.round(events / seconds)} events/s, peak ${megabytes.toFixed(0)} MB, exit ${code}`
  )

const run = Effect.gen(function* () {
  const here = yield* siteFolder
  writeFileSync(join(here, "rollcall.config.ts"), rosterConfiguration)
  const { chosen, url: admin } = yield* Effect.acquireRelease(Effect.promise(startPostgres), ({ stop }) =>
    Effect.promise(stop)
  )
  const DATABASE_URL = yield* freshDatabase(admin, "proof")
  const store = eventLog.pipe(Layer.provide(Database.layerPostgres(Redacted.make(DATABASE_URL))))
  yield* Effect.provide(fill, store)
  yield* Console.log(`PostgreSQL: ${chosen}; ${events} events`)
  const command = (...args: ReadonlyArray<string>) =>
    Effect.promise(() =>
      measured(
        here,
        async (NODE_OPTIONS) => (await startRollcall(here, args, { DATABASE_URL, NODE_OPTIONS }).ended).code
      )
    )
  const plain = yield* Effect.promise(() => readBare(DATABASE_URL))
  yield* Console.log(`bare SELECT, page by page: ${plain.toFixed(1)} s, ${Math.round(events / plain)} events/s`)
  const verified = yield* command("audit", "verify")
  yield* told("audit verify", verified)
  const exported = yield* command("audit", "export", "--to", "out")
  yield* told("audit export", exported)
  yield* Console.log(
    `events.jsonl: ${(statSync(join(here, "out/events.jsonl")).size / events).toFixed(0)} bytes an event`
  )
  const checked = yield* Effect.promise(() => measured(here, (options) => runVerifier(join(here, "out"), options)))
  yield* told("verify.mjs", checked)
  const whole = [verified, exported, checked].every(({ code }) => code === 0)
  yield* Console.log(`verify to bare SELECT: ${(verified.seconds / plain).toFixed(2)}`)
  return whole && verified.seconds / plain <= 5
}).pipe(Effect.scoped)

process.exitCode = (await Effect.runPromise(run)) ? 0 : 1
