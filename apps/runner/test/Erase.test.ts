/**
 * `rollcall erase` as it is used: real processes, a file that still has the person, a server that still has them, a
 * backup that is restored, and a running service.
 */
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, inject, it } from "@effect/vitest"
import { Database } from "@rollcall/directory-store/Database"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { freshDatabase } from "@rollcall/testkit/PostgresForTests"
import { Effect, Redacted } from "effect"

import { type Ended, folder, rollcall, writeSite } from "./Command.ts"
import type { Human } from "./InProcess.ts"
import { operationsSite, until } from "./OperationsSite.ts"
import { vendor } from "./Vendor.ts"

const signed = ["--by", "Ann", "--reason", "asked for it"]

/** Nobody else's file, message or program says any of these. */
const values = ["Quokkalia", "Zzyzxberg-Ø", "q.zzyzx@wümbat.example", "1907-03-09"]

const roster = `Number,First,Last,Mail,Status,Job,Boss,Born
0001,Ada,Lovelace,ada@example.com,A,Chief Executive,,1980-01-01
0002,${values[0]},${values[1]},${values[2]},A,Engineer,0001,${values[3]}
`

const site = (here: string, baseUrl: string) => {
  writeSite(here, { baseUrl, columns: { dateOfBirth: "Born" } })
  writeFileSync(join(here, "people.csv"), roster)
}

/** Everything in the files of the embedded database's tables. */
const inFiles = (here: string): ReadonlyArray<string> => {
  const base = join(here, ".rollcall", "db", "base")
  const files = readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
  return values.filter((value) => files.some((bytes) => bytes.includes(value)))
}

const isDiscreet = ({ stderr, stdout }: Ended): void => {
  for (const value of values) assert.notInclude(stdout + stderr, value)
}

const patiently = { timeout: 120_000 }

describe("rollcall erase", () => {
  it.live(
    "forgets a person in every file, refuses them until released, and once more after a restored backup",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const { heard, url } = yield* vendor
        site(here, url)
        assert.strictEqual((yield* rollcall(here, ["sync"])).code, 0)
        assert.deepStrictEqual(inFiles(here), values)
        cpSync(join(here, ".rollcall"), join(here, "backup"), { recursive: true })

        const erased = yield* rollcall(here, ["erase", "0002", ...signed])
        assert.strictEqual(erased.code, 0, erased.stderr)
        isDiscreet(erased)
        assert.match(erased.stdout, /^employee:[0-9a-f-]{36}: erased: \d+ personal parts, \d+ rows?, 0 logins\./)
        assert.match(erased.stdout, /still in hr: end it there[^]*Together still has an active entry[^]*7 tables/)
        assert.deepStrictEqual(inFiles(here), [])

        const list = yield* rollcall(here, ["erase", "--list"])
        assert.deepInclude(list.json, { organization: "default", by: "Ann", reason: "asked for it" })
        isDiscreet(list)
        const shown = yield* rollcall(here, ["employee", "0002"])
        assert.match(shown.stdout, /^0002: erased 20\S+ by Ann\. Next: held back, erased/)
        const why = yield* rollcall(here, ["why", "0002"])
        assert.match(why.stdout, /^0002: erased, and taken over from no source[^]*by Ann/)
        for (const told of [shown, why]) isDiscreet(told)

        const sent = heard.length
        const refused = yield* rollcall(here, ["sync"])
        assert.strictEqual(refused.code, 0, refused.stderr)
        assert.match(refused.stdout, /refused people\.csv:3: this person was erased/)
        isDiscreet(refused)
        const status = yield* rollcall(here, ["status", "--json"])
        assert.deepInclude(status.json["outcomes"] as object, { created: 1, none: 0 })
        const quiet = yield* rollcall(here, ["sync", "--json"])
        assert.deepInclude(quiet.json, { events: 0, requests: 0 })
        const verified = yield* rollcall(here, ["verify"])
        assert.match(verified.stdout, /1 user there were erased here/)
        assert.deepStrictEqual(
          heard.slice(sent).filter(({ method }) => method === "POST"),
          []
        )
        assert.deepStrictEqual(inFiles(here), [])

        writeFileSync(join(here, "list.jsonl"), list.stdout)
        rmSync(join(here, ".rollcall"), { recursive: true })
        cpSync(join(here, "backup"), join(here, ".rollcall"), { recursive: true })
        assert.deepStrictEqual(inFiles(here), values)
        const again = yield* rollcall(here, ["erase", "--again", "list.jsonl", "--json"])
        assert.strictEqual(again.code, 0, again.stderr + again.stdout)
        assert.lengthOf(again.json["people"] as ReadonlyArray<unknown>, 1)
        assert.deepStrictEqual(inFiles(here), [])

        const released = yield* rollcall(here, ["release", "0002", ...signed])
        assert.match(released.stdout, /They were erased/)
        const back = yield* rollcall(here, ["sync", "--no-send", "--json"])
        assert.deepInclude(back.json, { events: 1 })
        assert.strictEqual((yield* rollcall(here, ["erase", "--list"])).stdout, "")
      }).pipe(Effect.scoped),
    patiently
  )

  it.live(
    "says what is wrong with what it is handed, and then does nothing",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        site(here, "http://127.0.0.1:9")
        const nothing = yield* rollcall(here, ["erase", "0002", ...signed])
        assert.deepStrictEqual([nothing.code, /no database here yet/.test(nothing.stderr)], [2, true])
        yield* rollcall(here, ["sync", "--no-send"])
        const entry = { organization: "default", position: 1, erasedAt: "x", by: "Ann", reason: "x" }
        const uuid = "5b7a5a0c-0c0e-4f5e-9d1c-0a7f4f2f9a11"
        const lines = [
          { ...entry, stream: `employee:${uuid}` },
          { ...entry, stream: "employee:0002" }
        ]
        writeFileSync(join(here, "list.jsonl"), lines.map((line) => JSON.stringify(line)).join("\n\n"))
        const wrong: ReadonlyArray<readonly [args: ReadonlyArray<string>, says: RegExp]> = [
          [["erase"], /It is not clear what is wanted/],
          [["erase", "0002", "--list"], /It is not clear what is wanted/],
          [["erase", "0002"], /Neither who says it nor why may be empty/],
          [["erase", "0002", "0003", ...signed], /employee 0003: [^]*Nobody was erased/],
          [["erase", "--again", "list.jsonl"], /list\.jsonl:3: This line is no erasure/],
          [["erase", "--again", "none.jsonl"], /none\.jsonl: The list cannot be read/],
          [["erase", "--again", "list.jsonl", "--server", "http://127.0.0.1:9"], /--server: [^]*on the database itself/]
        ]
        for (const [args, says] of wrong) {
          const ended = yield* rollcall(here, args)
          assert.strictEqual(ended.code, 2, args.join(" "))
          assert.match(ended.stderr, says)
        }
        const { json } = yield* rollcall(here, ["status", "--json"])
        assert.strictEqual(json["position"], 5)
      }).pipe(Effect.scoped),
    patiently
  )

  it.live(
    "ends with 3 where the files could not be rewritten, and the erasure stands",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        site(here, "http://127.0.0.1:9")
        const url = new URL(yield* freshDatabase(inject("postgresUrl"), "erase"))
        const name = url.pathname.slice(1)
        const asOwner = (statements: string) =>
          Effect.flatMap(Database, (database) =>
            database.transaction(() => Effect.void, { settings: statements })
          ).pipe(Effect.provide(Database.layerPostgres(Redacted.make(url.href))))
        yield* rollcall(here, ["sync", "--no-send"], { DATABASE_URL: url.href })
        yield* asOwner(`create role "${name}" login password 'x';
          grant select, insert, update, delete on all tables in schema public to "${name}";`)
        yield* Effect.addFinalizer(() => Effect.orDie(asOwner(`drop owned by "${name}"; drop role "${name}";`)))
        const guest = new URL(url)
        guest.username = name
        guest.password = "x"
        const ended = yield* rollcall(here, ["erase", "0002", ...signed], { DATABASE_URL: guest.href })
        assert.strictEqual(ended.code, 3, ended.stdout + ended.stderr)
        assert.match(ended.stderr, /The people are erased[^]*was not rewritten[^]*Run the same command again/)
        const owner = yield* rollcall(here, ["erase", "0002", ...signed], { DATABASE_URL: url.href })
        assert.strictEqual(owner.code, 0, owner.stderr)
        assert.match(owner.stdout, /erased before; gone since: 0 personal parts/)
      }).pipe(Effect.scoped),
    patiently
  )

  it.live(
    "is asked of a running service, too, which refuses the person from then on",
    () =>
      Effect.gen(function* () {
        const humans: ReadonlyArray<Human> = [{ id: "a" }, { id: "b", boss: "a" }]
        const together = yield* TogetherSandbox.start()
        const { ask, operator, remote } = yield* operationsSite(yield* folder, together.url, humans, { run: true })
        yield* ask("POST", "/acme/sources/hr/sync")
        yield* until(ask("GET", "/acme/status"), ({ json }) => json.outcomes.created === 2 && json.verified !== null)
        const unknown = yield* ask("POST", "/acme/erasures", { reason: "x", employees: ["a", "nobody"] })
        assert.deepStrictEqual([unknown.status, unknown.json.exitCode], [404, 2])
        const none = yield* ask("POST", "/acme/erasures", { reason: "x", employees: [] })
        assert.strictEqual(none.status, 400)
        assert.deepStrictEqual((yield* ask("GET", "/acme/erasures")).json, [])

        const { people, sweep } = yield* remote.erase(["a"], { by: "Ann", reason: "asked for it" })
        assert.isNull(sweep.problem)
        assert.deepInclude(people[0], { before: false, sources: ["hr"], atTogether: true })
        assert.deepStrictEqual(people[0]?.mentions, { EmployeeAppeared: 1, UserCreated: 1 })
        const [entry] = yield* remote.erasures
        assert.deepInclude(entry, { organization: "acme", by: "Ann", stream: people[0]!.stream })
        assert.deepStrictEqual(yield* remote.erasures, yield* operator.erasures)
        const again = yield* ask("POST", "/acme/erasures", { reason: "x", employees: ["a"] })
        assert.deepInclude(again.json.people[0], { before: true, events: 0 })

        yield* ask("POST", "/acme/sources/hr/sync")
        const told = yield* until(
          ask("GET", "/acme/employees/a"),
          ({ json }) => json.timeline.at(-1).type !== "EmployeeErased"
        )
        assert.deepInclude(told.json.erased, { by: "Ann" })
        assert.match(told.json.timeline.at(-1).details, /this person was erased/)
        const why = yield* ask("GET", "/acme/employees/a/why")
        assert.match(why.json.reasons[0].why, /^erased/)
      }).pipe(Effect.scoped),
    patiently
  )
})
