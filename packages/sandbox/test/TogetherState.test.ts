import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { TogetherSandbox } from "../src/TogetherServer.ts"
import { call, gary, person, post } from "./Caller.ts"

const freshFolder = () => mkdtempSync(join(tmpdir(), "rollcall-sandbox-"))
const kept = (file: string) => JSON.parse(readFileSync(file, "utf8"))

/** Runs one life of a stand-in and stops it. */
const life = <A, E>(file: string, use: (sandbox: TogetherSandbox) => Effect.Effect<A, E>) =>
  Effect.scoped(Effect.flatMap(TogetherSandbox.start({ file }), use))

describe("TogetherState", () => {
  it.live("carries users, marks, registrations and totals over a restart", () =>
    Effect.gen(function* () {
      const file = join(freshFolder(), "deep", "together.json")
      const before = yield* life(file, (sandbox) =>
        Effect.gen(function* () {
          yield* post(sandbox, [gary, person(2)])
          yield* sandbox.mark("e-2", "gone")
          const body = { employeeId: "e-1", programId: "mentoring-2026", roles: { mentor: true } }
          yield* call(sandbox, { method: "POST", path: "/public/demo-organization/registerUser", body })
          return { users: yield* sandbox.users, registrations: yield* sandbox.registrations }
        })
      )
      yield* life(file, (sandbox) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* sandbox.users, before.users)
          assert.deepStrictEqual(yield* sandbox.registrations, before.registrations)
          assert.deepInclude(yield* sandbox.report, { requests: 2, members: 3, byStatus: { "200": 1, "201": 1 } })
          assert.strictEqual((yield* post(sandbox, person(2))).status, 410)
          assert.strictEqual((yield* post(sandbox, person(3))).status, 201)
          assert.lengthOf(yield* sandbox.users, 3)
        })
      )
    })
  )

  it.live("sees a second process that fires right after the first", () =>
    Effect.gen(function* () {
      const file = join(freshFolder(), "together.json")
      yield* life(file, (sandbox) => call(sandbox))
      const judged = yield* life(file, (sandbox) => Effect.andThen(call(sandbox), sandbox.report))
      assert.strictEqual(judged.violations.spacing, 1)
      assert.isBelow(judged.smallestSpacing ?? Infinity, 995)
    })
  )

  it.live("has every change in the file before the answer is out, and leaves no half-written neighbour", () =>
    Effect.gen(function* () {
      const folder = freshFolder()
      const file = join(folder, "together.json")
      yield* life(file, (sandbox) =>
        Effect.gen(function* () {
          yield* post(sandbox, gary)
          assert.deepInclude(kept(file).users[0], { fields: gary })
          yield* sandbox.mark("e-1", "conflicted")
          assert.strictEqual(kept(file).users[0].mark, "conflicted")
          yield* sandbox.reset()
          assert.lengthOf(kept(file).users, 0)
          assert.deepStrictEqual(readdirSync(folder), ["together.json"])
        })
      )
    })
  )

  it.live("keeps the arrival of a request that it never answered", () =>
    Effect.gen(function* () {
      const file = join(freshFolder(), "together.json")
      yield* life(file, (sandbox) =>
        Effect.gen(function* () {
          yield* sandbox.inject({ fault: { kind: "hang" } })
          yield* Effect.exit(Effect.timeout(call(sandbox), 60))
          assert.isNumber(kept(file).judge.lastArrival)
        })
      )
      const judged = yield* life(file, (sandbox) => sandbox.report)
      assert.deepInclude(judged, { requests: 1, unanswered: 1, inFlight: 0 })
    })
  )

  it.live("plants the seeded users once", () =>
    Effect.gen(function* () {
      const file = join(freshFolder(), "together.json")
      const start = TogetherSandbox.start({ file, users: [gary] })
      yield* Effect.scoped(Effect.flatMap(start, (sandbox) => sandbox.edit("e-1", { title: "Analyst" })))
      const users = yield* Effect.scoped(Effect.flatMap(start, (sandbox) => sandbox.users))
      assert.deepStrictEqual(
        users.map((user) => user.fields),
        [{ ...gary, title: "Analyst" }]
      )
    })
  )

  it.live.each(["", "{", '{"version":1}', '{"version":2,"users":[]}'])("refuses the broken file %o by name", (text) =>
    Effect.gen(function* () {
      const file = join(freshFolder(), "together.json")
      writeFileSync(file, text)
      const error = yield* Effect.flip(Effect.scoped(TogetherSandbox.start({ file })))
      assert.strictEqual(error.reason._tag, "StateFileBroken")
      assert.include(error.message, file)
      assert.strictEqual(readFileSync(file, "utf8"), text)
    })
  )

  it.live("says which file it cannot reach and which port is taken", () =>
    Effect.gen(function* () {
      const folder = freshFolder()
      const unreachable = yield* Effect.flip(Effect.scoped(TogetherSandbox.start({ file: folder })))
      assert.strictEqual(unreachable.reason._tag, "StateFileUnreachable")
      assert.include(unreachable.message, folder)
      const sandbox = yield* TogetherSandbox.start()
      const taken = yield* Effect.flip(Effect.scoped(TogetherSandbox.start({ port: sandbox.port })))
      assert.strictEqual(taken.reason._tag, "PortUnavailable")
      assert.include(taken.message, String(sandbox.port))
    })
  )
})
