import { writeFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { parse } from "csv-parse/sync"
import { Effect } from "effect"

import { folder, rollcall, writeSite } from "./Command.ts"

const roster = (title: string, born: string) => `Number,First,Last,Mail,Status,Job,Boss,Born
0001,Ada,Lovelace,ada@example.com,A,Chief Executive,,1990-12-10
0002,Grace,Hopper,grace@example.com,A,"${title.replaceAll('"', '""')}",0001,${born}
`

const leaverless = `Number,First,Last,Mail,Status,Job,Boss,Born
0001,Ada,Lovelace,ada@example.com,A,Chief Executive,,1990-12-10
0003,Linus,Pauling,linus@example.com,A,Chemist,0001,1991-02-28
`

interface Happening {
  readonly recordedAt: string
  readonly type: string
}

/** Two syncs that send nothing; and the times at which the log learned of 0002 and of 0002's new title. */
const twoSyncs = Effect.gen(function* () {
  const here = yield* folder
  writeSite(here, { file: "roster.csv", columns: { dateOfBirth: "Born" } })
  for (const text of [roster("Engineer", "1996-12-09"), roster('Rear, "Admiral"', "1996-12-08")]) {
    writeFileSync(join(here, "roster.csv"), text)
    const synced = yield* rollcall(here, ["sync", "--no-send", "--json"])
    assert.strictEqual(synced.code, 0, synced.stdout)
  }
  const { json } = yield* rollcall(here, ["employee", "0002", "--json"])
  const [appeared, changed] = json["timeline"] as ReadonlyArray<Happening>
  return { here, t1: appeared?.recordedAt ?? "", t2: changed?.recordedAt ?? "" }
})

interface Line {
  readonly employeeId: string
  readonly fields: Readonly<Record<string, { readonly value: unknown; readonly position: number }>>
}

const linesOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line)

const gracesTitle = (stdout: string) =>
  linesOf(stdout).find(({ employeeId }) => employeeId === "0002")?.fields["title"]?.value

describe("rollcall replay", () => {
  it.live(
    "shows what was known at a time, to the microsecond, in every format, and never a sensitive value",
    () =>
      Effect.gen(function* () {
        const { here, t1, t2 } = yield* twoSyncs
        const earlier = yield* rollcall(here, ["replay", "--at", t1, "--format", "json"])
        assert.strictEqual(earlier.code, 0, earlier.stderr)
        assert.strictEqual(gracesTitle(earlier.stdout), "Engineer")
        assert.match(earlier.stderr, /2 people as known at/)
        const exact = yield* rollcall(here, ["replay", "--at", t2, "--format", "json", "--json"])
        assert.strictEqual(gracesTitle(exact.stdout), 'Rear, "Admiral"')
        assert.strictEqual(exact.stderr, "")
        assert.deepInclude(exact.json, { people: 2, presence: { present: 2 }, rules: "adopted" })

        const file = yield* rollcall(here, ["replay", "--format", "csv"])
        const rows = parse(file.stdout, { columns: true }) as ReadonlyArray<Record<string, string>>
        assert.deepInclude(rows.find((row) => row["employeeId"] === "0002") as object, {
          title: 'Rear, "Admiral"',
          dateOfBirth: "(not shown)"
        })
        assert.match(file.stdout, /^employeeId,presence,scope,firstName,.*\r\n/)
        const one = yield* rollcall(here, ["replay", "--employee", "0002", "--effective", "2027-01-01"])
        assert.match(one.stdout, /title +Rear, "Admiral" +hr/)
        assert.match(one.stdout, /effective on 2027-01-01/)
        const before = yield* rollcall(here, ["replay", "--at", "2020-01-01", "--json"])
        assert.deepInclude(before.json, { people: 0, position: 0 })
        for (const { stderr, stdout } of [earlier, exact, file, one]) assert.notMatch(stdout + stderr, /1996-12-0/)
      }).pipe(Effect.scoped),
    { timeout: 180_000 }
  )

  it.live(
    "shows what changed between two times: who joined, who left, which values were otherwise",
    () =>
      Effect.gen(function* () {
        const { here, t1, t2 } = yield* twoSyncs
        const between = yield* rollcall(here, ["replay", "--diff", t1, t2, "--format", "csv"])
        assert.strictEqual(between.code, 0, between.stderr)
        const rows = parse(between.stdout) as ReadonlyArray<ReadonlyArray<string>>
        assert.deepStrictEqual(
          rows.slice(1).map((row) => row.slice(0, 6)),
          [
            ["0002", "changed", "title", "Engineer", 'Rear, "Admiral"', "hr"],
            ["0002", "changed", "dateOfBirth", "(not shown)", "(not shown)", "hr"]
          ]
        )
        writeFileSync(join(here, "roster.csv"), leaverless)
        yield* rollcall(here, ["sync", "--no-send"])
        const since = yield* rollcall(here, ["replay", "--diff", t2, "--format", "json", "--json"])
        assert.deepInclude(since.json, { joined: 1, left: 1, changed: 0 })
        const kinds = since.stdout
          .split("\n")
          .flatMap((line) => /"employeeId":"(\d+)","change":"(\w+)"/.exec(line)?.slice(1, 3).join(" ") ?? [])
        assert.sameMembers(kinds, ["0002 left", "0003 joined"])
        const none = yield* rollcall(here, ["replay", "--diff", t2, t2])
        assert.match(none.stdout, /^0 people changed/m)
        const { json: status } = yield* rollcall(here, ["status", "--json"])
        assert.strictEqual((since.json["to"] as Record<string, unknown>)["position"], status["position"])
      }).pipe(Effect.scoped),
    { timeout: 180_000 }
  )

  it.live(
    "refuses times, days and people that cannot be, and says what to write",
    () =>
      Effect.gen(function* () {
        const nowhere = yield* folder
        writeSite(nowhere)
        const empty = yield* rollcall(nowhere, ["replay"])
        assert.deepStrictEqual([empty.code, /There is no database here yet/.test(empty.stderr)], [2, true])
        const { here, t1, t2 } = yield* twoSyncs
        const refusals: ReadonlyArray<readonly [RegExp, ...ReadonlyArray<string>]> = [
          [/--at: "yesterday" is no time[^]*2026-03-31T12:00:00Z/, "--at", "yesterday"],
          [/"2026-02-30" is no time/, "--at", "2026-02-30"],
          [/9999-01-01 is still to come[^]*--effective/, "--at", "9999-01-01"],
          [/"31.03.2026" is no day[^]*YYYY-MM-DD/, "--effective", "31.03.2026"],
          [/employee 9999: The log has never heard/, "--employee", "9999"],
          [/Nothing was known of this person then[^]*first heard/, "--employee", "0002", "--at", "2020-01-01"],
          [/A second time goes with --diff/, t1],
          [/is later than the second/, "--diff", t2, t1]
        ]
        // No two of them would find the database free: only what needs it is asked one after the other.
        const refuse = Effect.fnUntraced(function* ([words, ...args]: (typeof refusals)[number]) {
          const refused = yield* rollcall(here, ["replay", ...args])
          assert.strictEqual(refused.code, 2, refused.stderr)
          assert.match(refused.stderr, words)
          assert.strictEqual(refused.stdout, "")
        })
        yield* Effect.forEach(
          refusals.filter(([, flag]) => flag !== "--employee"),
          refuse,
          { concurrency: 2 }
        )
        yield* Effect.forEach(
          refusals.filter(([, flag]) => flag === "--employee"),
          refuse
        )
      }).pipe(Effect.scoped),
    { timeout: 180_000 }
  )
})
