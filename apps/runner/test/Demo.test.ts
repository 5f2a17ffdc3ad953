import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { folder, rollcall } from "./Command.ts"

describe("rollcall demo", () => {
  it.live("takes 290 people from a file to Together, and finds nothing new the second time", () =>
    Effect.gen(function* () {
      const here = yield* folder
      const first = yield* rollcall(here, ["demo", "--json"])
      assert.strictEqual(first.code, 0, first.stderr)
      assert.deepInclude(first.json, { employees: 290, events: 296, violations: 0 })
      assert.deepInclude(first.json["outcomes"] as object, { created: 290 })
      const second = yield* rollcall(here, ["demo", "--json"])
      assert.deepInclude(second.json, { employees: 290, events: 0, requests: 0, violations: 0 })
      assert.deepInclude(second.json["outcomes"] as object, { created: 290 })
      const told = yield* rollcall(here, ["demo"])
      assert.match(told.stdout, /no employee event was appended/)
    }).pipe(Effect.scoped)
  )
})
