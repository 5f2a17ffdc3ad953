import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Option } from "effect"

import {
  employment,
  type Encoded,
  inTheEnd,
  type Instead,
  keepsSecrets,
  openOn,
  person,
  serve,
  tenant
} from "./Tenant.ts"

const checked = Effect.fnUntraced(function* (server: ReturnType<typeof serve>, more: Partial<Encoded> = {}) {
  const source = yield* openOn(server.http, more)
  return yield* inTheEnd(source.check)
}, Effect.scoped)

const forbid =
  (...lists: ReadonlyArray<string>): Instead =>
  ({ list }) =>
    lists.includes(list) ? { status: 403 } : undefined

describe("UltiProCheck", () => {
  it.effect("names the companies, the people of the first page and the department's level", () =>
    Effect.gen(function* () {
      const rows = [employment(1), employment(2, { companyName: "Acme Canada" })]
      const server = serve(tenant(2, { "employment-details": rows }))
      assert.deepStrictEqual(yield* yield* checked(server), {
        summary: "https://service4.ultipro.example: Acme Inc., Acme Canada; the first page shows 2 people",
        findings: ['Org level 2 ("Department") is read as the department.']
      })
      assert.deepStrictEqual(
        server.asked.map(({ list, page }) => `${list} ${page}`),
        ["org-levels 1", "person-details 1", "employment-details 1"]
      )
    })
  )

  it.effect.each([
    [["person-details"], "Employee Person Details", /tick 'Employee Person Details' View/],
    [["employment-details"], "Personnel Integration", /tick 'Personnel Integration' View/],
    [["org-levels"], "Company Configuration Integration", /tick 'Company Configuration Integration' View/],
    [
      ["org-levels", "person-details", "employment-details"],
      "Company Configuration Integration, Employee Person Details, Personnel Integration",
      /'Company Configuration Integration' View and 'Employee Person Details' View and 'Personnel Integration' View/
    ]
  ] as const)("names what is missing when %j is forbidden", ([lists, permission, words]) =>
    Effect.gen(function* () {
      const exit = yield* checked(serve(tenant(2), forbid(...lists)))
      const { reason } = yield* Effect.flip(exit)
      assert.deepInclude(reason, { _tag: "PermissionMissing", permission })
      assert.match(reason.remedy, words)
      assert.match(reason.remedy, /System Configuration > Security > Service Account Administration/)
      keepsSecrets(exit)
    })
  )

  it.effect("stops at credentials that are refused", () =>
    Effect.gen(function* () {
      const server = serve(tenant(2), () => ({ status: 401 }))
      const exit = yield* checked(server)
      assert.strictEqual((yield* Effect.flip(exit)).reason._tag, "AuthRefused")
      assert.lengthOf(server.asked, 1)
      keepsSecrets(exit)
    })
  )

  it.effect("says what is wrong with an address that has no such lists", () =>
    Effect.gen(function* () {
      const exit = yield* checked(serve(tenant(2), () => ({ status: 404 })))
      assert.match((yield* Effect.flip(exit)).reason.remedy, /rootUrl/)
    })
  )

  it.effect("tells of empty lists and of a department that nothing names", () =>
    Effect.gen(function* () {
      const server = serve(tenant(0, { "org-levels": [{ level: 1, levelDescription: "Region", code: "E" }] }))
      const { findings } = yield* yield* checked(server)
      assert.match(findings.join("\n"), /departmentLevel.*\nperson-details is empty.*\nemployment-details is empty/)
      const fixed = yield* yield* checked(serve(tenant(1)), { departmentLevel: 4 })
      assert.deepStrictEqual(fixed.findings, [
        "Org level 4 is read as the department, but UltiPro lists no such level."
      ])
    })
  )
})

const found = Effect.fnUntraced(function* (
  server: ReturnType<typeof serve>,
  key = "EMP2",
  more: Partial<Encoded> = {}
) {
  const source = yield* openOn(server.http, more)
  return yield* inTheEnd(source.lookup?.(key) ?? Effect.die("no lookup"))
}, Effect.scoped)

describe("UltiProLookup", () => {
  it.effect("reads one person by two filtered requests", () =>
    Effect.gen(function* () {
      const server = serve(tenant(3))
      const message = Option.getOrThrow(yield* yield* found(server))
      assert.deepInclude(message, { _tag: "Record", key: "EMP2" })
      const asked = server.asked.filter(({ list }) => list.endsWith("-details"))
      assert.deepStrictEqual(
        asked.map(({ url }) => url.searchParams.get("employeeId")),
        ["EMP2", "EMP2"]
      )
    })
  )

  it.effect.each([{ rows: [] }, { status: 404 }])("finds nobody where UltiPro answers %j", (line) =>
    Effect.gen(function* () {
      const server = serve(tenant(3), ({ list }) => (list === "person-details" ? line : undefined))
      assert.isTrue(Option.isNone(yield* yield* found(server)))
    })
  )

  it.effect("refuses somebody without an employment by name", () =>
    Effect.gen(function* () {
      const server = serve(tenant(3), ({ list }) => (list === "employment-details" ? { status: 404 } : undefined))
      assert.deepInclude(Option.getOrThrow(yield* yield* found(server)), { _tag: "Rejected", key: "EMP2" })
    })
  )

  it.effect("chooses among several employments as a snapshot does", () =>
    Effect.gen(function* () {
      const rows = [employment(2, { companyID: "B", jobTitle: "Away" }), employment(2, { jobTitle: "Home" })]
      const message = Option.getOrThrow(yield* yield* found(serve(tenant(3, { "employment-details": rows }))))
      assert.strictEqual(message._tag === "Record" ? message.fields.title : "", "Home")
    })
  )

  it.effect("finds nobody whom the configuration leaves out", () =>
    Effect.gen(function* () {
      assert.isTrue(Option.isNone(yield* yield* found(serve(tenant(3)), "EMP2", { companies: ["OTHER"] })))
    })
  )

  it.effect("refuses to take somebody else for an answer", () =>
    Effect.gen(function* () {
      const server = serve(tenant(3), ({ list }) =>
        list === "person-details" ? { rows: [person(1), person(2)] } : undefined
      )
      const exit = yield* found(server)
      assert.isTrue(Exit.isFailure(exit))
      const { reason } = yield* Effect.flip(exit)
      assert.strictEqual(reason._tag, "Malformed")
      assert.notInclude(JSON.stringify(reason), "EMP2")
      keepsSecrets(exit)
    })
  )

  it.effect("reads what the tenant configured once for several people, and again after five minutes", () =>
    Effect.gen(function* () {
      const server = serve(tenant(3))
      const source = yield* openOn(server.http)
      const look = () => inTheEnd(source.lookup?.("EMP1") ?? Effect.void)
      yield* inTheEnd(Effect.all([source.lookup?.("EMP1") ?? Effect.void, source.lookup?.("EMP2") ?? Effect.void]))
      const reads = () => server.asked.filter(({ list }) => list === "jobs").length
      assert.strictEqual(reads(), 1)
      yield* look()
      assert.strictEqual(reads(), 2)
    }).pipe(Effect.scoped)
  )
})
