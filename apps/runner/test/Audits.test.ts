import { readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

import { assert, layer } from "@effect/vitest"
import type { BacktestReport } from "@rollcall/core/sync/Backtest"
import { execute, freshDatabase } from "@rollcall/testkit/PostgresForTests"
import { Context, Effect, Layer } from "effect"
import { inject } from "vitest"

import { folder, rollcall } from "./Command.ts"
import { type LongHistory, days, longHistory } from "./LongHistory.ts"

class Lived extends Context.Service<Lived, LongHistory>()("test/Lived") {}

const lived = Layer.effect(
  Lived,
  Effect.gen(function* () {
    return yield* longHistory(yield* folder, yield* freshDatabase(inject("postgresUrl"), "decisions"))
  })
)

const query = (sql: string) =>
  Effect.flatMap(Lived, ({ databaseUrl }) => Effect.promise(() => execute(databaseUrl, sql)))

/** As a superuser who means harm: past the trigger that refuses every change of an event. */
const tamper = (sql: string) =>
  query(`alter table events disable trigger all; ${sql}; alter table events enable trigger all`)

const audit = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { config, databaseUrl } = yield* Lived
    return yield* rollcall(dirname(config), ["audit", ...args, "--json"], { DATABASE_URL: databaseUrl })
  })

layer(lived, { timeout: "5 minutes", excludeTestServices: true })(
  `an audit of ${days} days with five changes of the rules`,
  (it) => {
    it.effect("recomputes every request byte for byte as it was sent", () =>
      Effect.gen(function* () {
        const { requests } = yield* Lived
        const { code, json } = yield* audit("decisions", "--all")
        assert.strictEqual(code, 0)
        assert.deepInclude(json, { requests, unrecorded: 0, unkept: 0, partly: 0, different: [] })
        assert.strictEqual(Number(json["identical"]) + Number(json["withoutPeople"]), requests)
        const [found] = yield* query(`
            select count(*) filter (where data ->> 'people' is not null) as carrying,
              count(distinct data ->> 'configurationHash') as configurations,
              count(*) filter (where data ->> 'operation' = 'register') as places,
              count(*) filter (where data ->> 'operation' = 'link') as links
            from events where type = 'RequestGranted'`)
        assert.strictEqual(Number(json["identical"]), Number(found?.["carrying"]))
        assert.strictEqual(Number(found?.["configurations"]), 6)
        assert.isAbove(Number(found?.["places"]), 10)
        assert.isAbove(Number(found?.["links"]), 0)
      })
    )

    it.effect("looks at the newest alone unless it is asked for all", () =>
      Effect.gen(function* () {
        const { json } = yield* audit("decisions")
        assert.isAtMost(Number(json["requests"]), 1000)
        assert.deepStrictEqual(json["different"], [])
      })
    )

    it.effect(
      "finds a word of HR's that was changed under a request, and a rule, and is quiet when both are put back",
      () =>
        Effect.gen(function* () {
          const [joined] = yield* query(
            "select position from events where type = 'UserCreated' order by position desc limit 1"
          )
          const [said] = yield* query(`
          select position, data::text as data from events where type = 'EmployeeAppeared' and stream =
            (select stream from events where position = ${joined?.["position"]})`)
          const change = (to: string) =>
            tamper(`update events set data = $$${to}$$ where position = ${said?.["position"]}`)
          yield* change(said?.["data"]?.replace(/"title":"[^"]*"/, '"title":"Emperor"') ?? "")
          const word = yield* audit("decisions", "--all")
          assert.strictEqual(word.code, 1)
          assert.deepInclude(word.json["error"], { kind: "DecisionsDiffer", place: "log" })
          yield* change(said?.["data"] ?? "")

          const [kept] = yield* query(
            "select position, data::text as data from events where type = 'ConfigurationAdopted' order by position offset 1 limit 1"
          )
          const rule = (to: string) =>
            tamper(`update events set data = $$${to}$$ where position = ${kept?.["position"]}`)
          yield* rule(kept?.["data"]?.replaceAll("Berlin", "Paris") ?? "")
          assert.strictEqual((yield* audit("decisions", "--all")).code, 1)
          yield* rule(kept?.["data"] ?? "")
          assert.strictEqual((yield* audit("decisions", "--all")).code, 0)
        })
    )

    it.effect.each([
      [
        "one changed event",
        1234,
        "update events set data = replace(data::text, '{', '{ ')::json where position = 1234"
      ],
      ["one deleted event", 2345, "delete from events where position = 2345"],
      [
        "two exchanged events",
        3456,
        "update events set position = 0 - position where position in (3456, 4567); update events set position = 8023 + position where position < 0"
      ],
      [
        "one byte of a personal part",
        2,
        "update events set personal = overlay(personal::text placing 'x' from 4 for 1)::json where position = (select min(position) from events where personal is not null and position > 5000)"
      ]
    ] as const)("finds %s by its position, and is quiet once it is put back", ([, , statements]) =>
      Effect.gen(function* () {
        const at = `select min(position) as position from events as now full join kept using (organization_id, position)
          where now.hash is distinct from kept.hash or now.personal::text is distinct from kept.personal::text
            or now.data::text is distinct from kept.data::text`
        yield* tamper(
          `alter table events drop constraint if exists events_position_check; create table kept as table events; ${statements}`
        )
        const [first] = yield* query(at)
        const found = yield* audit("verify")
        assert.strictEqual(found.code, 1)
        assert.include(JSON.stringify(found.json["error"]), `${first?.["position"]}`)
        yield* tamper("delete from events; insert into events table kept; drop table kept")
        assert.strictEqual((yield* audit("verify")).code, 0)
      })
    )

    it.effect("tries other rules on it: what it takes for sent is what was sent, day by day", () =>
      Effect.gen(function* () {
        const report = yield* tried({ scope: { exclude: [{ lastName: { not: null } }] } })
        const simulated = report.days
          .filter(({ before }) => before.people > 0)
          .map(({ before, day }) => [day, before.people])
        const real = yield* query(`
          select (recorded_at at time zone 'America/New_York')::date::text as day, count(distinct stream) as people
          from events where type = 'ProgramRegistered'
            or type in ('UserCreated', 'UserUpdated') and (data ->> 'fields' <> '{}' or personal ->> 'fields' is not null)
          group by 1 order by 1`)
        assert.deepStrictEqual(
          simulated,
          real.map(({ day, people }) => [day, Number(people)])
        )
        // Who is out of scope is sent nothing but that they left, and that only where Together had them before.
        assert.isBelow(report.requests.after, report.requests.before / 10)
      })
    )

    it.effect("names the days on which another guard would have stopped a run", () =>
      Effect.gen(function* () {
        const none = { count: 0, percent: 0 }
        const { days: found } = yield* tried(
          {
            guard: { leavers: none, clears: "off", keyChanges: "off", joins: "off" }
          },
          "2026-06-11"
        )
        const stopped = found.filter(({ after }) => after.stops.length > 0).map(({ day }) => day)
        const left = yield* query(`
          select distinct (recorded_at at time zone 'America/New_York')::date::text as day from events
          where type = 'UserUpdated' and data -> 'fields' ->> 'status' in ('terminated', 'leave')
            and recorded_at > '2026-06-11' order by 1`)
        assert.deepStrictEqual(
          stopped,
          left.map(({ day }) => day)
        )
        assert.isAbove(stopped.length, 3)
        assert.isTrue(found.every(({ after, before }) => after.requests === before.requests))
      })
    )

    it.effect("forgets a person for all times, and replays, recomputes and proves everybody else as before", () =>
      Effect.gen(function* () {
        const { config, databaseUrl } = yield* Lived
        const run = (...args: ReadonlyArray<string>) => rollcall(dirname(config), args, { DATABASE_URL: databaseUrl })
        const replays = Effect.forEach(["2026-01-02", "2026-03-01", "2026-05-15", "2026-07-19"], (at) =>
          Effect.map(run("replay", "--at", at, "--format", "json"), ({ code, stdout }) => {
            assert.strictEqual(code, 0)
            return stdout.split("\n")
          })
        )
        const everything = query(`
          select table_name, query_to_xml(format('select * from %I', table_name), true, true, '')::text as dump
          from information_schema.tables where table_schema = 'public'`)
        const traces = ["First33", "Last33", "first33.last33@example.com", "1993-07-13", "E1033"]
        const found = (text: string) => traces.filter((trace) => text.includes(trace))
        const before = yield* replays
        const held = (yield* everything).map(({ dump }) => dump).join()
        assert.deepStrictEqual(found(held), traces)

        const erased = yield* run("erase", "E1033", "--by", "Ann Lee", "--reason", "request 2026-117")
        assert.strictEqual(erased.code, 0, erased.stderr)
        assert.deepStrictEqual(found(erased.stdout + erased.stderr), [])

        assert.deepStrictEqual(
          yield* replays,
          before.map((lines) => lines.filter(isOther))
        )
        const left = (yield* everything).map(({ dump }) => dump).join()
        // Reports say who their manager was: their word, not the person's.
        assert.deepStrictEqual(found(left.replaceAll('"supervisorId":"E1033"', "")), [])
        const to = join(dirname(config), "export")
        assert.strictEqual((yield* audit("export", "--to", to)).code, 0)
        const exported = readFileSync(join(to, "events.jsonl"), "utf8")
        assert.deepStrictEqual(found(exported.replaceAll('\\"supervisorId\\":\\"E1033\\"', "")), [])
        assert.strictEqual((yield* audit("verify")).code, 0)
        const decisions = yield* audit("decisions", "--all")
        assert.deepInclude(decisions.json, { unrecorded: 0, unkept: 0, different: [] })
        assert.isAbove(Number(decisions.json["partly"]), 0)
        const again = yield* run("why", "E1033", "--json")
        assert.include(JSON.stringify(again.json), "erased")
      })
    )
  }
)

/** A backtest of the last day's configuration with other rules in it. */
const tried = (rules: object, from?: string) =>
  Effect.gen(function* () {
    const { config, databaseUrl } = yield* Lived
    const file = join(dirname(config), "tried.config.ts")
    const written = readFileSync(config, "utf8").replace("export default defineConfig(", "const inForce = (")
    writeFileSync(file, `${written}\nexport default defineConfig({ ...inForce, ...${JSON.stringify(rules)} })\n`)
    const args = ["backtest", "--config", file, "--json", ...(from === undefined ? [] : ["--from", from])]
    const { code, json, stderr } = yield* rollcall(dirname(config), args, { DATABASE_URL: databaseUrl })
    assert.strictEqual(code, 0, stderr)
    return json as unknown as BacktestReport
  })

/** A line of a replay about somebody else. */
const isOther = (line: string) => !line.includes('"employeeId":"E1033"')
