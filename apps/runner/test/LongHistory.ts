/**
 * Two hundred days of an organization, as `rollcall sync` leaves them: real file, real PostgreSQL, real HTTP, and a clock
 * that jumps from day to day.
 *
 * People join, move, leave, vanish and come back; rows are broken; Together refuses, forgets and puts off; the rules are
 * changed five times. Everything follows from the day's number, so the history is the same each time.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { demoCredentials } from "@rollcall/sandbox/TogetherSettings"
import { csv } from "@rollcall/source-csv"
import { shiftedTime } from "@rollcall/testkit/ShiftedTime"
import { DateTime, Effect, Layer } from "effect"

import { services } from "../src/commands/Frame.ts"
import { read } from "../src/ConfigurationFile.ts"
import { stores } from "../src/Stores.ts"
import { syncRun } from "../src/SyncRun.ts"
import { platform, silent } from "./InProcess.ts"

export const days = 200
const firstDay = DateTime.makeUnsafe("2026-01-01T05:00:00Z")

interface Person {
  readonly id: string
  readonly first: string
  readonly last: string
  readonly born: string
  status: string
  title: string
  office: string
  boss: string
}

/** Rules by the day from which they hold. */
const rules: ReadonlyArray<readonly [day: number, rules: object]> = [
  [0, {}],
  [30, { mapping: { translate: { officeId: { BER: "Berlin" } } } }],
  [60, { scope: { exclude: [{ title: "Contractor" }] }, absence: { policy: "suspend", afterDays: 2 } }],
  [
    90,
    {
      mapping: { withhold: ["officeId"] },
      programs: [{ programId: "mentoring-2026", who: [{ title: "Head" }], roles: { mentor: true } }]
    }
  ],
  [120, { timezone: "America/New_York", absence: { policy: "terminate", afterDays: 3 } }],
  [160, { together: { batchSize: 7 }, refresh: "never" }]
]

/** The setting that holds on a day, earlier ones included. */
const rulesOn = (day: number): Record<string, object> =>
  Object.assign({}, ...rules.filter(([from]) => from <= day).map(([, one]) => one))

const founders = 40
const person = (n: number): Person => ({
  id: `E${1000 + n}`,
  first: `First${n}`,
  last: `Last${n}`,
  born: `19${60 + (n % 40)}-0${1 + (n % 9)}-1${n % 10}`,
  status: "A",
  title: n % 9 === 0 ? "Contractor" : n % 7 === 0 ? "Head" : "Clerk",
  office: n % 3 === 0 ? "BER" : "NYC",
  boss: n === 0 ? "" : `E${1000 + Math.floor(n / 4)}`
})

/** Who is in the file on a day: what changes follows from the day's number alone. */
const advance = (people: Map<string, Person>, day: number): void => {
  const nth = (n: number) => [...people.values()][n % people.size]
  if (day % 4 === 0) people.set(`E${1000 + founders + day}`, person(founders + day))
  const [mover, leaver, moved] = [nth(day * 7), nth(day * 13 + 5), nth(day * 3 + 1)]
  if (mover !== undefined) mover.title = day % 5 === 0 ? "Head" : `Clerk ${day}`
  if (moved !== undefined && day % 4 === 0) moved.office = moved.office === "BER" ? "NYC" : "BER"
  if (leaver !== undefined && day % 6 === 0) leaver.status = "T"
  if (moved !== undefined && day % 11 === 0) moved.boss = `E${1000 + (day % founders)}`
}

/** Some are missing for a few days; some rows are broken for one. */
const rosterOn = (people: ReadonlyMap<string, Person>, day: number): string => {
  const lines = [...people.values()].flatMap(({ id, first, last, born, status, title, office, boss }, n) => {
    if (n % 17 === 3 && day % 40 >= 20 && day % 40 < 26) return []
    const birth = n % 23 === day % 23 && day % 9 === 0 ? "31/31/1999" : born
    const mail = `${first}.${last}@example.com`.toLowerCase()
    return [[id, first, last, mail, status, title, office, boss, birth].join(",")]
  })
  return ["id,first,last,mail,status,title,office,boss,born", ...lines].join("\n") + "\n"
}

const columns = {
  employeeId: "id",
  firstName: "first",
  lastName: "last",
  email: "mail",
  status: { column: "status", values: { A: "active", T: "terminated" } },
  title: "title",
  officeId: "office",
  supervisorId: "boss",
  dateOfBirth: "born"
} as const

export interface LongHistory {
  readonly organization: OrganizationId
  /** With the clock that jumps; a process that only reads may use it as well. */
  readonly databaseUrl: string
  /** The configuration of the last day, as a file. */
  readonly config: string
  /** Requests that the vendor's stand-in got. */
  readonly requests: number
}

/** Lives through the days. Faults: now and then Together puts a request off, refuses somebody, or forgets them. */
export const longHistory = Effect.fn("LongHistory.live")(function* (folder: string, databaseUrl: string) {
  mkdirSync(folder, { recursive: true })
  const server = yield* TogetherSandbox.start({
    marks: { E1005: "conflicted", E1011: "gone" },
    users: [user("E1005"), user("E1011"), user("E1020"), { email: "first21.last21@example.com", firstName: "F" }],
    faults: [12, 40, 77, 140].map((ordinal) => ({ ordinal, fault: { kind: "status", status: 429, retryAfter: 3 } }))
  })
  const time = yield* shiftedTime(databaseUrl, DateTime.toEpochMillis(firstDay))
  const people = new Map(Array.from({ length: founders }, (_, n) => [`E${1000 + n}`, person(n)]))
  const settingsOn = (day: number) => {
    const { together, ...rest } = rulesOn(day)
    return {
      sources: { hr: csv({ file: "people.csv", columns, dates: "yyyy-MM-dd" }) },
      guard: { leavers: "off", clears: "off", keyChanges: "off", joins: "off" },
      together: { baseUrl: server.url, ...demoCredentials, timeoutSeconds: 600, ...together },
      ...rest
    }
  }
  let organization: OrganizationId | undefined
  for (let day = 0; day < days; day++) {
    yield* time.moveTo(DateTime.toEpochMillis(DateTime.add(firstDay, { days: day })))
    if (day > 0) advance(people, day)
    writeFileSync(join(folder, "people.csv"), rosterOn(people, day))
    organization = yield* syncOn(folder, time.url, settingsOn(day)).pipe(Effect.provide(time.layer))
  }
  const config = join(folder, "rollcall.config.ts")
  writeFileSync(config, configurationFile(settingsOn(days)))
  const { requests } = yield* server.report
  const history: LongHistory = {
    organization: organization as OrganizationId,
    databaseUrl: time.url,
    config,
    requests
  }
  return history
})

const user = (employeeId: string) => ({
  employeeId,
  firstName: "F",
  lastName: "L",
  email: `${employeeId}@old.example.com`
})

const syncOn = Effect.fnUntraced(function* (folder: string, databaseUrl: string, settings: object) {
  const { organizations } = yield* read(join(folder, "rollcall.config.ts"), settings, {})
  const organization = organizations[0] ?? (yield* Effect.die("no organization"))
  const open = stores({ data: join(folder, "data"), organizations: [organization] }, { DATABASE_URL: databaseUrl })
  yield* syncRun({ organization, folder, mode: "send", watch: silent }).pipe(
    Effect.scoped,
    Effect.provide(Layer.merge(services(organization, open), platform))
  )
  return organization.id
})

const configurationFile = ({ sources: _sources, ...settings }: { readonly sources: unknown }): string =>
  `import { csv, defineConfig } from "rollcall"
export default defineConfig({
  sources: { hr: csv(${JSON.stringify({ file: "people.csv", columns, dates: "yyyy-MM-dd" })}) },
  ${JSON.stringify(settings).slice(1, -1)}
})
`
