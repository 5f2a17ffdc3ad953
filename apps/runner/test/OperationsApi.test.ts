import { connect } from "node:net"

import { assert, describe, it, layer } from "@effect/vitest"
import { organizationUuid } from "@rollcall/core/domain/Employee"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { Cause, Context, Effect, Layer } from "effect"

import { failureOf } from "../src/Failure.ts"
import { folder } from "./Command.ts"
import type { Human } from "./InProcess.ts"
import { operationsSite, until } from "./OperationsSite.ts"

const beside = { timeout: 60_000 }

const five: ReadonlyArray<Human> = ["a", "b", "c", "d", "e"].map((id) => ({ id }))

const careful = { guard: { leavers: { count: 1, percent: 0 } } } as const

const signature = { by: "Ann", reason: "a test" }

/** Nothing runs: nobody writes on its board but a test. */
class Quiet extends Context.Service<Quiet, Effect.Success<ReturnType<typeof operationsSite>>>()(
  "rollcall/test/Quiet"
) {}

const quiet = Layer.effect(
  Quiet,
  Effect.flatMap(folder, (here) => operationsSite(here, "http://127.0.0.1:9", five))
)

layer(quiet, { timeout: "60 seconds", excludeTestServices: true })("The operations API", (it) => {
  it.effect(
    "lets in an administrator of the organization or of all, and nobody else",
    () =>
      Effect.gen(function* () {
        const { ask, token } = yield* Quiet
        const [acme, other] = [OrganizationId.make("acme"), OrganizationId.make("other")].map(organizationUuid)
        const all = yield* token({ role: "SUPER_ADMIN" })
        const others = yield* token({ organization: other! })
        const manager = yield* token({ organization: acme!, role: "MANAGER" })
        const statuses = yield* Effect.forEach(
          [
            ["/acme/condition", undefined],
            ["/acme/condition", all],
            ["/acme/condition", "no token"],
            ["/acme/condition", manager],
            ["/acme/condition", others],
            ["/nobody/condition", all],
            ["/acme/sources/none/runs", undefined],
            ["/nothing", undefined]
          ] as const,
          ([path, bearer]) => Effect.map(ask("GET", path, undefined, bearer), ({ status }) => status)
        )
        assert.deepStrictEqual(statuses, [200, 200, 401, 403, 404, 404, 404, 404])
        const { json, type } = yield* ask("GET", "/acme/condition", undefined, others)
        assert.strictEqual(type, "application/problem+json")
        assert.deepInclude(json, { status: 404, detail: "There is no such organization." })
        const names = (bearer?: string) =>
          Effect.map(ask("GET", "/organizations", undefined, bearer), ({ json }) =>
            (json as ReadonlyArray<{ readonly organization: string }>).map(({ organization }) => organization)
          )
        assert.deepStrictEqual(yield* names(), ["acme"])
        assert.deepStrictEqual(yield* names(all), ["acme", "other"])
        const wrong = yield* ask("PUT", "/acme/pause")
        assert.strictEqual(wrong.status, 405)
      }),
    beside
  )

  it.effect(
    "describes every operation, and says what is wrong with a body by its field",
    () =>
      Effect.gen(function* () {
        const { ask } = yield* Quiet
        const { json } = yield* ask("GET", "/ops/openapi.json")
        assert.strictEqual(json.openapi.slice(0, 3), "3.1")
        const operations = Object.entries<Record<string, { readonly responses: object }>>(json.paths)
        assert.strictEqual(operations.flatMap(([, methods]) => Object.keys(methods)).length, 20)
        for (const [path, methods] of operations)
          for (const { responses } of Object.values(methods)) {
            assert.isTrue(path.startsWith("/ops/v1/"))
            assert.includeMembers(Object.keys(responses), ["401", "403", "503"])
          }
        const page = yield* ask("GET", "/ops/docs")
        assert.include(page.json as string, "Approve a hold")
        const empty = yield* ask("POST", "/acme/pause", { reason: " " })
        assert.strictEqual(empty.status, 400)
        assert.strictEqual(empty.json.errors[0].field, "reason")
        const kind = yield* ask("POST", "/acme/holds/everybody/approve", signature)
        assert.strictEqual(kind.status, 404)
      }),
    beside
  )

  it.effect(
    "drops a reader of progress that does not read, and nobody waits for it",
    () =>
      Effect.gen(function* () {
        const { admin, board, url } = yield* Quiet
        const address = new URL(url)
        yield* Effect.promise(
          () =>
            new Promise<void>((resolve) => {
              const socket = connect(Number(address.port), address.hostname)
              socket.on("error", () => undefined)
              socket.once("data", () => {
                socket.pause()
                resolve()
              })
              socket.write(
                `GET /ops/v1/acme/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${admin}\r\nconnection: close\r\n\r\n`
              )
            })
        )
        const reader = new AbortController()
        const attentive = yield* Effect.promise(() =>
          fetch(`${url}/ops/v1/acme/events`, {
            headers: { authorization: `Bearer ${admin}` },
            signal: reader.signal
          })
        )
        assert.strictEqual(attentive.headers.get("content-type"), "text/event-stream")
        let heard = 0
        const listening = (async () => {
          for await (const chunk of attentive.body!) heard += chunk.length
        })().catch(() => undefined)
        let told = 0
        const change = Effect.sync(() => board.sending({ problem: `${told++} ${"x".repeat(50_000)}` }))
        yield* Effect.repeat(Effect.andThen(change, Effect.sleep("1 millis")), { times: 1000 })
        yield* until(
          Effect.sync(() => board.watchers),
          (watchers) => watchers === 1
        )
        assert.isAbove(heard, 1000 * 50_000)
        reader.abort()
        yield* Effect.promise(() => listening)
      }),
    beside
  )
})

describe("The operations API of a service that runs", () => {
  it.live(
    "holds, approves in part, refuses what is stale, pauses, and says the same as over the log",
    () =>
      Effect.gen(function* () {
        const together = yield* TogetherSandbox.start()
        const site = yield* operationsSite(yield* folder, together.url, five, { rules: careful, run: true })
        const { ask, board, operator, remote } = site
        assert.strictEqual((yield* ask("POST", "/acme/sources/hr/sync")).status, 202)
        yield* until(ask("GET", "/acme/status"), ({ json }) => json.outcomes.created === 5 && json.verified !== null)
        const runs = yield* ask("GET", "/acme/sources/hr/runs")
        assert.deepInclude(runs.json[0], { outcome: "complete" })

        site.write(five.map(({ id }) => ({ id, status: id < "d" ? "T" : "A" })))
        yield* ask("POST", "/acme/sources/hr/sync")
        yield* until(ask("GET", "/acme/holds"), ({ json }) => json.holds[0]?.people === 3)
        assert.strictEqual(board.condition.sending.held[0]?.kind, "leavers")
        const why = yield* ask("GET", "/acme/employees/a/why")
        assert.match(why.json.reasons[0].why, /^held by the guard: 3 are to leave/)

        assert.isTrue((yield* ask("POST", "/acme/pause", { reason: "a look" })).json.said)
        assert.isFalse((yield* ask("POST", "/acme/pause", signature)).json.said)
        assert.strictEqual((yield* ask("GET", "/acme/status")).json.pause.by, "root")
        const unknown = yield* ask("POST", "/acme/holds/leavers/approve", { ...signature, employees: ["d"] })
        assert.strictEqual(unknown.status, 409)
        assert.deepInclude(unknown.json, { kind: "InputInvalid", exitCode: 2 })
        const some = yield* ask("POST", "/acme/holds/leavers/approve", { ...signature, employees: ["a"] })
        assert.deepStrictEqual(some.json, { kind: "leavers", approved: 1 })
        // The hold is still of three; the plan's is of two.
        const stale = yield* ask("POST", "/acme/holds/leavers/approve", signature)
        assert.strictEqual(stale.status, 409)
        assert.match(stale.json.detail, /Other people are concerned/)

        assert.deepStrictEqual(yield* remote.status, yield* operator.status)
        assert.deepStrictEqual(yield* remote.plan(1000), yield* operator.plan(1000))
        assert.deepStrictEqual(yield* remote.why(undefined), yield* operator.why(undefined))
        const value = yield* remote.why("a", "status")
        assert.deepStrictEqual(value, yield* operator.why("a", "status"))
        assert.deepInclude(value.reasons[0]?.value, { field: "status", sent: "terminated", settled: false })
        const misspelt = yield* ask("GET", "/acme/employees/a/why?field=statu")
        assert.strictEqual(misspelt.status, 400)
        assert.deepInclude(misspelt.json, { kind: "InputInvalid", place: "--field", exitCode: 2 })
        assert.match(misspelt.json.remedy, /^Did you mean status\?/)
        assert.deepStrictEqual(yield* remote.employee("a"), yield* operator.employee("a"))
        const said = yield* Effect.flip(remote.employee("nobody"))
        const local = failureOf(Cause.fail(yield* Effect.flip(operator.employee("nobody"))))
        assert.deepStrictEqual(failureOf(Cause.fail(said)), local)

        const paused = yield* ask("POST", "/acme/employees/d/sync")
        assert.strictEqual(paused.status, 409)
        assert.match(paused.json.detail, /Sending is paused/)
        assert.isTrue((yield* remote.resume(signature)).said)
        yield* until(ask("GET", "/acme/holds"), ({ json }) => json.holds[0]?.people === 2)
        yield* until(ask("GET", "/acme/employees/a"), ({ json }) => json.next === "nothing, Together is up to date")

        site.write(five.map(({ id }) => ({ id, status: id < "d" ? "T" : "A", title: id === "d" ? "Chief" : "Clerk" })))
        const person = yield* remote.syncPerson("d")
        assert.deepInclude(person.person, { employeeId: "d", outcome: "updated", status: 200 })
        const users = yield* together.users
        const statusOf = (key: string) =>
          users.find(({ fields }) => fields["employeeId"] === key)?.fields["employeeStatusCode"]
        assert.deepStrictEqual(["a", "b", "c", "d"].map(statusOf), ["T", "A", "A", "A"])
        const { violations } = yield* together.report
        assert.deepStrictEqual([violations.spacing, violations.concurrency], [0, 0])
      }).pipe(Effect.scoped),
    beside
  )
})
