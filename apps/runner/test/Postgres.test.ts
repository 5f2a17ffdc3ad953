import { assert, describe, inject, it } from "@effect/vitest"
import { freshDatabase } from "@rollcall/testkit/PostgresForTests"
import { Effect } from "effect"

import { folder, rollcall, writeSite } from "./Command.ts"
import { vendor } from "./Vendor.ts"

describe("rollcall on PostgreSQL", () => {
  it.live("keeps its log where DATABASE_URL says, and nothing in the folder", () =>
    Effect.gen(function* () {
      const here = yield* folder
      const { url } = yield* vendor
      const database = { DATABASE_URL: yield* freshDatabase(inject("postgresUrl"), "runner") }
      writeSite(here, { baseUrl: url })
      const first = yield* rollcall(here, ["sync", "--json"], database)
      assert.strictEqual(first.code, 0, first.stdout + first.stderr)
      assert.deepInclude(first.json, { events: 4 })
      const second = yield* rollcall(here, ["sync", "--json"], database)
      assert.deepInclude(second.json, { events: 0, requests: 0 })
      const embedded = yield* rollcall(here, ["status", "--json"])
      assert.strictEqual(embedded.json["position"], 0)
    }).pipe(Effect.scoped)
  )
})
