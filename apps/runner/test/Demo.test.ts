import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { folder, rollcall } from "./Command.ts"

/** One is tied to an entry that was there by e-mail, nine had an older title. */
const outcomes = { created: 278, updated: 10, rejected: 0, conflicted: 1, gone: 1 }

describe("rollcall demo", () => {
  it.live(
    "takes 290 people from a file to Together past a conflicted and a gone one, and finds nothing new the second time",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const first = yield* rollcall(here, ["demo", "--json"])
        assert.strictEqual(first.code, 0, first.stderr)
        assert.deepInclude(first.json, { employees: 290, events: 296, violations: 0 })
        assert.deepInclude(first.json["outcomes"] as object, outcomes)
        const second = yield* rollcall(here, ["demo", "--json"])
        assert.deepInclude(second.json, { employees: 290, events: 0, requests: 0, violations: 0 })
        assert.deepInclude(second.json["outcomes"] as object, outcomes)
        const told = yield* rollcall(here, ["demo"])
        assert.match(told.stdout, /no employee event was appended/)
      }).pipe(Effect.scoped)
  )
})
