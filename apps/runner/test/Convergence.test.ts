import { join } from "node:path"

import { assert, describe, inject, it } from "@effect/vitest"
import { type ArrayMode, arrayModes } from "@rollcall/sandbox/TogetherArrays"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { type ListShape, listShapes } from "@rollcall/sandbox/TogetherSettings"
import { freshDatabase } from "@rollcall/testkit/PostgresForTests"
import { Effect } from "effect"

import { folder } from "./Command.ts"
import { type Human, syncSite } from "./InProcess.ts"

/** `bad` has the address of somebody else at Together, `odd` and `out` are marked there. */
const humans: ReadonlyArray<Human> = [
  { id: "chief", title: "Chief" },
  ...["a", "b", "bad", "c", "d", "odd", "e", "out", "f"].map((id) => ({ id, boss: "chief" })),
  { id: "signed", boss: "chief" }
]

/** At Together before the first sync: one with an older title, one without a key, one whom HR does not know. */
const before = [
  { employeeId: "stranger", firstName: "S", lastName: "S", email: "bad@example.com", employeeStatusCode: "A" },
  { employeeId: "odd", firstName: "O", lastName: "O", email: "odd@example.com", employeeStatusCode: "A" },
  { employeeId: "out", firstName: "U", lastName: "U", email: "out@example.com", employeeStatusCode: "A" },
  {
    employeeId: "c",
    firstName: "C",
    lastName: "Last c",
    email: "c@example.com",
    employeeStatusCode: "A",
    title: "Old"
  },
  { firstName: "First signed", lastName: "Last signed", email: "Signed@example.com", employeeStatusCode: "A" }
]

const expected = ["a", "b", "c", "chief", "d", "e", "f", "signed"]

const converges = Effect.fnUntraced(function* (arrayMode: ArrayMode, listShape: ListShape) {
  const server = yield* TogetherSandbox.start({
    arrayMode,
    listShape,
    pageSize: 4,
    users: before,
    marks: { odd: "conflicted", out: "gone" }
  })
  const databaseUrl = yield* freshDatabase(inject("postgresUrl"), "convergence")
  const site = { folder: join(yield* folder, "site"), server, databaseUrl }
  const { letters, outcomes } = yield* syncSite(site, humans)
  const report = yield* server.report
  assert.deepStrictEqual(report.violations, { spacing: 0, concurrency: 0 })
  assert.strictEqual(report.duplicates, 0)
  const held = letters.map(({ employeeId, kind }) => `${employeeId} ${kind}`).toSorted()
  assert.deepStrictEqual(held, ["bad rejected", "odd conflicted", "out gone"])
  assert.deepInclude(outcomes, { rejected: 1, conflicted: 1, gone: 1, none: 0 })
  const users = (yield* server.users)
    .filter(({ fields }) => expected.includes(String(fields["employeeId"])))
    .map(({ fields }) => fields)
    .toSorted((a, b) => (String(a["employeeId"]) < String(b["employeeId"]) ? -1 : 1))
  assert.deepStrictEqual(
    users.map(({ email, employeeId, employeeStatusCode, supervisorId, title }) => [
      employeeId,
      String(email).toLowerCase(),
      employeeStatusCode,
      title,
      supervisorId
    ]),
    expected.map((id) => [
      id,
      `${id}@example.com`,
      "A",
      id === "chief" ? "Chief" : "Clerk",
      id === "chief" ? undefined : "chief"
    ])
  )
  // Nobody was created a second time: eight of HR's, and the three who are there for their own reasons.
  assert.lengthOf(yield* server.users, expected.length + 3)
  const again = yield* syncSite(site, humans)
  assert.deepInclude(again.report, { events: 0, requests: 0 })
})

describe("sync against every plausible Together ends with the same users", () => {
  for (const arrayMode of arrayModes) {
    for (const listShape of listShapes) {
      it.live(`${arrayMode}, list as ${listShape}`, () => Effect.scoped(converges(arrayMode, listShape)), {
        concurrent: true,
        timeout: 180_000
      })
    }
  }
})
