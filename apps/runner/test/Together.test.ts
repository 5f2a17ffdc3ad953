import { assert, describe, it } from "@effect/vitest"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { Effect } from "effect"

import { folder, rollcall, writeSite } from "./Command.ts"
import { type Human, type Site, syncSite } from "./InProcess.ts"

const beside = { concurrent: true, timeout: 180_000 }

const three: ReadonlyArray<Human> = [{ id: "a" }, { id: "b" }, { id: "c" }]

const titleOf = (server: TogetherSandbox, key: string) =>
  Effect.map(server.users, (users) => users.find(({ fields }) => fields["employeeId"] === key)?.fields["title"])

/** Three people who are at Together, of whom one was edited there. */
const edited = Effect.fnUntraced(function* (rules: Site["rules"]) {
  const server = yield* TogetherSandbox.start()
  const site: Site = { folder: yield* folder, server, ...(rules === undefined ? {} : { rules }) }
  yield* syncSite(site, three)
  yield* server.edit("b", { title: "Edited at Together" })
  const { drifted, report } = yield* syncSite(site, three, { verifyNow: true })
  return { server, site, drifted, report }
})

describe("Together, from end to end", () => {
  it.live(
    "what was edited at Together is found and put right within one verification",
    () =>
      Effect.gen(function* () {
        const { drifted, report, server } = yield* edited({ drift: "repair" })
        assert.strictEqual(yield* titleOf(server, "b"), "Clerk")
        assert.strictEqual(drifted, 0)
        // The list, and one post.
        assert.strictEqual(report.requests, 2)
      }).pipe(Effect.scoped),
    beside
  )

  it.live(
    "what was edited at Together is only reported where the policy says so",
    () =>
      Effect.gen(function* () {
        const { drifted, report, server, site } = yield* edited({ drift: "report" })
        assert.strictEqual(yield* titleOf(server, "b"), "Edited at Together")
        assert.strictEqual(drifted, 1)
        assert.strictEqual(report.requests, 1)
        const repaired = yield* syncSite({ ...site, rules: { drift: "repair" } }, three)
        assert.strictEqual(yield* titleOf(server, "b"), "Clerk")
        assert.strictEqual(repaired.drifted, 0)
      }).pipe(Effect.scoped),
    beside
  )

  it.live(
    "programs get the people whom a rule names, once each, after they exist, and a refusal is shown with its reason",
    () =>
      Effect.gen(function* () {
        const server = yield* TogetherSandbox.start()
        const humans = [{ id: "a", title: "Chief" }, { id: "b" }, { id: "c", title: "Chief", status: "T" }]
        const rule = { programId: "mentoring-2026", who: [{ title: "Chief" }] as const, roles: { mentor: true } }
        const wrong = { programId: "no-such-program", who: [{ title: "Clerk" }] as const, roles: { mentee: true } }
        const rules = { programs: [rule, wrong] }
        const site: Site = { folder: yield* folder, server, rules }
        const { letters } = yield* syncSite(site, humans)
        const userOf = new Map((yield* server.users).map(({ fields, userId }) => [userId, fields["employeeId"]]))
        const registered = (yield* server.registrations).map(({ programId, roles, times, userId }) => [
          userOf.get(userId),
          programId,
          roles,
          times
        ])
        assert.deepStrictEqual(registered, [["a", "mentoring-2026", { mentor: true }, 1]])
        assert.deepStrictEqual(
          letters.map(({ answer, employeeId, kind, programId }) => [employeeId, kind, programId, answer]),
          [["b", "registration", "no-such-program", '{"error":"programId must name an existing program"}']]
        )
        assert.strictEqual((yield* syncSite(site, humans)).report.requests, 0)
        const changed = { ...rule, roles: { mentor: true, peer: true } }
        yield* syncSite({ ...site, rules: { programs: [changed, wrong] } }, humans)
        assert.deepStrictEqual((yield* server.registrations)[0]?.roles, { mentor: true, peer: true })
      }).pipe(Effect.scoped),
    beside
  )

  it.live(
    "whom Together refused is listed with reason and remedy, and sent again once somebody releases them by name",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const server = yield* TogetherSandbox.start({
          users: [
            { employeeId: "0002", firstName: "G", lastName: "H", email: "g@example.com", employeeStatusCode: "A" }
          ],
          marks: { "0002": "conflicted" }
        })
        writeSite(here, { baseUrl: server.url })
        assert.strictEqual((yield* rollcall(here, ["sync"])).code, 0)
        const listed = yield* rollcall(here, ["dead-letters"])
        assert.match(listed.stdout, /conflicted: 0002 \(409\).*modified permanently/s)
        assert.match(listed.stdout, /rollcall release/)
        assert.strictEqual((yield* rollcall(here, ["release", "0002"])).code, 2, "unsigned")
        assert.strictEqual((yield* rollcall(here, ["release", "0001", "--by", "x", "--reason", "y"])).code, 2)
        yield* server.mark("0002", null)
        const signed = ["release", "0002", "--by", "Jo", "--reason", "settled with support", "--json"]
        assert.deepStrictEqual((yield* rollcall(here, signed)).json["released"], ["conflicted"])
        assert.strictEqual((yield* rollcall(here, ["sync"])).code, 0)
        assert.deepStrictEqual((yield* rollcall(here, ["dead-letters", "--json"])).json["deadLetters"], [])
        const grace = (yield* server.users).find(({ fields }) => fields["employeeId"] === "0002")
        assert.strictEqual(grace?.fields["firstName"], "Grace")
      }).pipe(Effect.scoped),
    beside
  )
})
