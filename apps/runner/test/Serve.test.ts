import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { folder, rollcall, writeSite } from "./Command.ts"
import { serve } from "./directory/Program.ts"
import { vendor } from "./Vendor.ts"

const script = fileURLToPath(new URL("../bin/rollcall.js", import.meta.url))
const adventureWorks = fileURLToPath(new URL("../../../examples/adventureworks/employees.csv", import.meta.url))

const environment = { ROLLCALL_ROOT_KEY: "a root key for tests, of 32 bytes or more" }

/** As much of an answer as is looked at here. */
interface Said {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly active: boolean
  readonly email: string
  readonly employeeNumber: string
  readonly group: Said
}

/** What a client of the API does: one request, and what it is answered: one thing, or a list. */
const clientOf = Effect.fnUntraced(function* (here: string, url: string) {
  const { json } = yield* rollcall(here, ["token", "--json"], environment)
  return (method: string, path: string, body?: unknown) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${String(json["token"])}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      const text = await response.text()
      return {
        status: response.status,
        answer: JSON.parse(text) as Said,
        list: JSON.parse(text) as ReadonlyArray<Said>
      }
    })
})

/** Serves as long as the scope is open. */
const served = Effect.fnUntraced(function* (here: string) {
  const url = yield* serve({ script, args: ["serve", "--port", "0"], folder: here, environment })
  return yield* clientOf(here, url)
})

describe("rollcall serve", () => {
  it.live("serves HR's people with managers and groups, by whatever name they have", () =>
    Effect.gen(function* () {
      const here = yield* folder
      writeFileSync(
        join(here, "rollcall.config.ts"),
        `import { csv, defineConfig } from "rollcall"
export default defineConfig({
  sources: { hr: csv(${JSON.stringify({
    file: adventureWorks,
    effectiveOn: "StartDate",
    columns: {
      employeeId: "EmployeeNationalIDAlternateKey",
      firstName: "FirstName",
      lastName: "LastName",
      email: "EmailAddress",
      departmentName: "DepartmentName",
      status: { column: "CurrentFlag", values: { "1": "active", "0": "terminated" } },
      supervisorId: { column: "ParentEmployeeKey", references: "EmployeeKey" }
    }
  })}) },
  together: { baseUrl: "http://127.0.0.1:9", organizationId: "o", clientId: "c", apiKey: "k" }
})
`
      )
      yield* rollcall(here, ["sync", "--no-send"], environment)
      const ask = yield* served(here)
      const found = yield* ask("GET", `/employee/by-name/${encodeURIComponent("Ken Sánchez")}`)
      assert.strictEqual(found.status, 200)
      assert.strictEqual(found.list.length, 1)
      const ken = found.list[0]!
      assert.deepInclude(ken, { name: "Ken Sánchez", active: true, email: "ken0@adventure-works.com" })
      const reports = yield* ask("GET", `/employee/by-manager/${ken.id}?type=supervisor`)
      assert.isAbove(reports.list.length, 3)
      const groups = yield* ask("GET", `/entity/${ken.id}/groups`)
      assert.deepStrictEqual(
        groups.list.map(({ group, type }) => [group.name, group.type, type]),
        [["Executive", "department", "member"]]
      )
      const everybody = yield* ask("GET", "/employee")
      assert.strictEqual(everybody.list.length, 290)
    }).pipe(Effect.scoped)
  )

  it.live("sends an employee the API made once there is a number; why names the one without", () =>
    Effect.gen(function* () {
      const here = yield* folder
      const together = yield* vendor
      writeSite(here, {
        baseUrl: together.url,
        columns: { status: { column: "Status", values: { A: "active", L: "leave" } } }
      })
      yield* rollcall(here, ["sync", "--no-send"], environment)
      const made = yield* Effect.scoped(
        Effect.gen(function* () {
          const ask = yield* served(here)
          const grace = yield* ask("POST", "/employee", { name: "Margaret Hamilton", email: "mh@example.com" })
          assert.strictEqual(grace.status, 201)
          const given = yield* ask("PATCH", `/employee/${grace.answer.id}/profile`, { employeeNumber: "M-0007" })
          assert.strictEqual(given.answer.employeeNumber, "M-0007")
          const taken = yield* ask("POST", "/employee", { name: "Annie Easley", email: "ae@example.com" })
          const refused = yield* ask("PATCH", `/employee/${taken.answer.id}/profile`, { employeeNumber: "0002" })
          assert.strictEqual(refused.status, 409)
          return { keyed: grace.answer.id, keyless: taken.answer.id }
        })
      )
      const sent = yield* rollcall(here, ["sync", "--json"], environment)
      assert.strictEqual(sent.code, 0, sent.stderr)
      const people = together.heard.flatMap(({ body }) => (Array.isArray(body) ? body : [body])) as ReadonlyArray<
        { readonly employeeId: string } | undefined
      >
      const hamilton = people.find((user) => user?.employeeId === "M-0007")
      assert.deepInclude(hamilton as object, { firstName: "Margaret", lastName: "Hamilton", email: "mh@example.com" })
      assert.isFalse(JSON.stringify(people).includes("Easley"))
      const why = yield* rollcall(here, ["why", "--json"], environment)
      const reasons = why.json["reasons"] as ReadonlyArray<{ readonly directoryId: string; readonly why: string }>
      assert.deepStrictEqual(
        reasons.map(({ directoryId }) => directoryId),
        [made.keyless]
      )
      assert.match(reasons[0]!.why, /^lacks a key/)
      const one = yield* rollcall(here, ["why", made.keyless], environment)
      assert.match(one.stdout, /lacks a key/)
      const other = yield* rollcall(here, ["why", made.keyed], environment)
      assert.match(other.stdout, /M-0007: nothing, Together is up to date/)
      const rebuilt = yield* rollcall(here, ["rebuild", "--json"], environment)
      assert.strictEqual(rebuilt.json["differences"], 0)
    }).pipe(Effect.scoped)
  )

  it.live("says what is wrong before it listens, with exit code 2", () =>
    Effect.gen(function* () {
      const here = yield* folder
      writeSite(here)
      const without = yield* rollcall(here, ["serve"], { ROLLCALL_ROOT_KEY: "" })
      assert.strictEqual(without.code, 2)
      assert.match(without.stderr, /ROLLCALL_ROOT_KEY: The root key .* is not in the environment/)
      const short = yield* rollcall(here, ["token"], { ROLLCALL_ROOT_KEY: "short" })
      assert.strictEqual(short.code, 2)
      assert.match(short.stderr, /needs 32 or more/)
      assert.isFalse(short.stderr.includes("short."))
      const long = yield* rollcall(here, ["token", "--minutes", "100000"], environment)
      assert.strictEqual(long.code, 2)
      const early = yield* rollcall(here, ["rebuild"], environment)
      assert.strictEqual(early.code, 2)
      assert.match(early.stderr, /no database here yet/)
      const other = yield* vendor
      const busy = yield* rollcall(here, ["serve", "--port", new URL(other.url).port], environment)
      assert.strictEqual(busy.code, 2)
      assert.match(busy.stderr, /Name another port/)
    }).pipe(Effect.scoped)
  )
})
