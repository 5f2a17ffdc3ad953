import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { folder, people, rollcall, writeSite } from "./Command.ts"
import { type Heard, vendor } from "./Vendor.ts"

const posts = (heard: ReadonlyArray<Heard>) => heard.filter(({ method }) => method === "POST").map(({ body }) => body)

describe("rollcall sync", () => {
  it.live("brings everyone to a server that follows the documents, once", () =>
    Effect.gen(function* () {
      const here = yield* folder
      const { heard, url } = yield* vendor
      writeSite(here, { baseUrl: url })

      const first = yield* rollcall(here, ["sync", "--json"])
      assert.strictEqual(first.code, 0, first.stderr)
      assert.deepInclude(first.json, { employees: 4, events: 4 })
      assert.deepInclude(first.json["outcomes"] as object, { created: 4 })
      assert.deepStrictEqual(
        posts(heard)
          .flat()
          .map((user) => (user as { employeeId: string }).employeeId),
        ["0001", "0002", "0003", "0004"]
      )

      const before = heard.length
      const second = yield* rollcall(here, ["sync", "--json"])
      assert.deepInclude(second.json, { events: 0, requests: 0 })
      assert.strictEqual(heard.length, before)

      writeFileSync(join(here, "people.csv"), people.replace("Engineer", "Rear Admiral"))
      const third = yield* rollcall(here, ["sync", "--json"])
      assert.deepInclude(third.json, { events: 1, requests: 1 })
      assert.deepStrictEqual(posts(heard.slice(before)), [{ employeeId: "0002", title: "Rear Admiral" }])

      const shown = yield* rollcall(here, ["employee", "0002", "--json"])
      const title = (shown.json["fields"] as ReadonlyArray<{ field: string }>).find(({ field }) => field === "title")
      assert.deepInclude(title as object, { value: "Rear Admiral", source: "hr" })
    }).pipe(Effect.scoped)
  )

  it.live("leaves nothing behind when it is dry, and says what it would do", () =>
    Effect.gen(function* () {
      const here = yield* folder
      writeSite(here)
      const dry = yield* rollcall(here, ["sync", "--dry-run", "--json"])
      assert.strictEqual(dry.code, 0, dry.stderr)
      assert.deepInclude(dry.json, { employees: 4, events: 0, wouldAppend: 4, requests: 0 })
      assert.deepInclude(dry.json["plan"] as object, { joiner: 4, requests: 3, seconds: 3 })
      assert.isFalse(existsSync(join(here, ".rollcall")))
    }).pipe(Effect.scoped)
  )

  it.live("records without sending, and plans what it recorded", () =>
    Effect.gen(function* () {
      const here = yield* folder
      writeSite(here)
      const recorded = yield* rollcall(here, ["sync", "--no-send", "--json"])
      assert.deepInclude(recorded.json, { events: 4, requests: 0 })
      const again = yield* rollcall(here, ["sync", "--no-send", "--json"])
      assert.deepInclude(again.json, { events: 0 })
      const planned = yield* rollcall(here, ["plan", "--json"])
      assert.deepInclude(planned.json, { joiner: 4, requests: 3 })
      const status = yield* rollcall(here, ["status", "--json"])
      assert.deepInclude(status.json["outcomes"] as object, { none: 4 })
    }).pipe(Effect.scoped)
  )

  it.live("tells a refused row by file, line, field and reason, and takes the rest", () =>
    Effect.gen(function* () {
      const here = yield* folder
      writeSite(here)
      writeFileSync(join(here, "people.csv"), people.replace("grace@example.com", "no address"))
      const run = yield* rollcall(here, ["sync", "--no-send"])
      assert.strictEqual(run.code, 0, run.stderr)
      assert.match(run.stdout, /refused people\.csv:3 \(email\)/)
      assert.notInclude(run.stdout, "no address")
      assert.match(run.stdout, /4 people: 3 appeared/)
    }).pipe(Effect.scoped)
  )

  it.live("writes a configuration whose columns it read from the file", () =>
    Effect.gen(function* () {
      const here = yield* folder
      writeFileSync(
        join(here, "export.csv"),
        "Employee Number,First Name,Surname,Work Email,Employment Status,Job Title\n7,Ada,Lovelace,ada@example.com,Active,Poet\n"
      )
      const made = yield* rollcall(here, ["init", "--csv", "export.csv"])
      assert.strictEqual(made.code, 0, made.stderr)
      assert.include(readFileSync(join(here, "rollcall.config.ts"), "utf8"), `lastName: "Surname"`)
      const secrets = { TOGETHER_ORGANIZATION_ID: "o", TOGETHER_CLIENT_ID: "c", TOGETHER_API_KEY: "k" }
      const dry = yield* rollcall(here, ["sync", "--dry-run", "--json"], secrets)
      assert.deepInclude(dry.json, { employees: 1, wouldAppend: 1 })
      const again = yield* rollcall(here, ["init"])
      assert.strictEqual(again.code, 2)
    }).pipe(Effect.scoped)
  )
})
