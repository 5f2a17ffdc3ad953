import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { UltiProSandbox } from "../src/UltiProServer.ts"
import { demoUltiPro, togetherScopes, ultiProScopes } from "../src/UltiProSettings.ts"
import type { UltiProSandboxOptions } from "../src/UltiProSettings.ts"
import { ask, basic, employments, persons, playing, rowsOf, trimmed } from "./UltiProCaller.ts"
import type { Asking } from "./UltiProCaller.ts"

const start = (options: UltiProSandboxOptions = {}) => UltiProSandbox.start({ population: 60, ...options })
const detailOf = (json: unknown) => (json as { detail: string }).detail

const transferredIn = (company: string) =>
  `/personnel/v1/companies/${company}/employees/${playing("transferred")}/employment-details`

describe("UltiProRoutes: signing in", () => {
  const wrong: ReadonlyArray<readonly [what: string, Asking, detail: RegExp]> = [
    ["no Authorization", { without: "authorization" }, /denied/],
    [
      "a wrong password",
      { headers: { authorization: basic({ ...demoUltiPro, password: "x" }) } },
      /username or password/
    ],
    ["a Bearer token", { headers: { authorization: "Bearer abc" } }, /username or password/],
    ["no customer key", { without: "us-customer-api-key" }, /header is missing/],
    ["a wrong customer key", { headers: { "us-customer-api-key": "OTHER" } }, /customer API key is not valid/]
  ]

  it.live.each(wrong)("refuses %s with 401 and says why", ([, asking, detail]) =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const reply = yield* ask(sandbox, persons, asking)
      assert.strictEqual(reply.status, 401)
      assert.match(detailOf(reply.json), detail)
    })
  )

  it.live("has another body for each reason", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const bodies = yield* Effect.forEach(wrong, ([, asking]) => ask(sandbox, persons, asking))
      assert.strictEqual(new Set(bodies.map(({ text }) => text)).size, 4)
    })
  )

  it.live("asks for the user API key only where a header is named", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* ask(yield* start(), persons)).status, 200)
      const strict = yield* start({ userApiKeyHeader: "Api-Key" })
      assert.strictEqual((yield* ask(strict, persons)).status, 401)
      const headers = { "api-key": demoUltiPro.userApiKey }
      assert.strictEqual((yield* ask(strict, persons, { headers })).status, 200)
    })
  )

  it.live("follows a rotation of credentials", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const password = "nächstes:Wort"
      yield* sandbox.setCredentials({ ...demoUltiPro, password })
      assert.strictEqual((yield* ask(sandbox, persons)).status, 401)
      const authorization = basic({ ...demoUltiPro, password })
      assert.strictEqual((yield* ask(sandbox, persons, { headers: { authorization } })).status, 200)
    })
  )
})

describe("UltiProRoutes: permissions", () => {
  const needed = [
    [persons, "Employee Person Details"],
    [employments, "Personnel Integration"],
    ["/personnel/v1/employee-employment-details", "Personnel Integration"],
    ["/personnel/v1/employee-supervisor-details", "Personnel Integration"],
    ["/personnel/v1/contacts", "Personnel Integration"],
    ["/personnel/v1/employee-changes", "EmployeeExport"],
    ["/personnel/v1/employee-changes/X", "EmployeeExport"],
    ["/personnel/v1/employee-job-history-details", "Employee Job History Details"],
    ["/configuration/v1/org-levels", "Company Configuration Integration"],
    ["/configuration/v1/jobs", "Company Configuration Integration"],
    ["/configuration/v1/locations", "Company Configuration Integration"],
    ["/configuration/v1/company-details", "Company Configuration Integration"],
    ["/configuration/v1/code-tables", "Company Configuration Integration"],
    ["/configuration/v1/code-tables/GENDER", "Company Configuration Integration"]
  ] as const

  it.live.each(needed)("answers %s with 403 without %s, and names it", ([path, scope]) =>
    Effect.gen(function* () {
      const sandbox = yield* start({ scopes: ultiProScopes.filter((other) => other !== scope) })
      const reply = yield* ask(sandbox, path)
      assert.strictEqual(reply.status, 403)
      assert.include(detailOf(reply.json), `"${scope}"`)
      assert.containsAllKeys(reply.json, [
        "title",
        "type",
        "detail",
        "errorCount",
        "errors",
        "code",
        "message",
        "modelstate"
      ])
    })
  )

  it.live("grants by default what Together's instructions name and nothing else", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const replies = yield* Effect.forEach(needed, ([path]) => ask(sandbox, path))
      const expected = needed.map(([, scope]) => (togetherScopes.includes(scope) ? 200 : 403))
      assert.deepStrictEqual(
        replies.map(({ status }) => status),
        expected
      )
    })
  )

  it.live("follows a permission that is taken away and given back", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      yield* sandbox.setScopes(["Personnel Integration"])
      assert.strictEqual((yield* ask(sandbox, persons)).status, 403)
      assert.strictEqual((yield* ask(sandbox, employments)).status, 200)
      yield* sandbox.setScopes(togetherScopes)
      assert.strictEqual((yield* ask(sandbox, persons)).status, 200)
    })
  )
})

describe("UltiProRoutes: what there is", () => {
  it.live.each([
    "/",
    "/personnel/v1",
    "/personnel/v1/",
    "/personnel/v2/person-details",
    "/personnel/v1/supervisor-details",
    "/personnel/v1/constructor",
    "/personnel/v1/companies/6Y4NV",
    "/personnel/v1/companies/6Y4NV/contacts",
    "/configuration/v1/org-levels/1",
    "/personnel/v1/%E0%A4%A"
  ])("knows no %s", (path) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* ask(yield* start(), path)).status, 404)
    })
  )

  it.live.each(["POST", "PUT", "PATCH", "DELETE"])("refuses %s, for the account may only read", (method) =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      assert.strictEqual((yield* ask(sandbox, persons, { method })).status, 405)
      assert.strictEqual((yield* sandbox.report).byMethod[method], 1)
    })
  )

  it.live("reads one person, and answers 404 for somebody unknown", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const employeeId = playing("transferred")
      const rows = yield* rowsOf(sandbox, `${persons}/${employeeId}`)
      assert.deepStrictEqual(
        rows.map((row) => row["employeeId"]),
        [employeeId]
      )
      assert.strictEqual((yield* ask(sandbox, `${persons}/NOBODY`)).status, 404)
    })
  )

  it.live("reads a company's people, and one employment of one person", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const inCompany = yield* rowsOf(sandbox, "/personnel/v1/companies/6Y4NV/employment-details")
      assert.deepStrictEqual([...new Set(inCompany.map((row) => row["companyID"]))], ["6Y4NV"])
      assert.lengthOf(yield* rowsOf(sandbox, transferredIn("6Y4NV")), 1)
      assert.lengthOf(yield* rowsOf(sandbox, transferredIn("7K2QX")), 1)
      assert.strictEqual((yield* ask(sandbox, transferredIn("XXXXX"))).status, 404)
      const homes = yield* rowsOf(sandbox, "/personnel/v1/companies/7K2QX/person-details")
      assert.deepStrictEqual([...new Set(homes.map((row) => row["companyId"]))], ["7K2QX"])
      const [home] = yield* rowsOf(sandbox, `${persons}/${playing("transferred")}`)
      const single = `/personnel/v1/companies/${String(home?.["companyId"])}/employees/${playing("transferred")}/person-details`
      assert.lengthOf(yield* rowsOf(sandbox, single), 1)
    })
  )
})

describe("UltiProRoutes: filters", () => {
  it.live("does not care about the casing of parameter names and trims padded codes", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const plain = yield* rowsOf(sandbox, `${employments}?companyId=6Y4NV&employeeStatusCode=T`)
      assert.isNotEmpty(plain)
      assert.isTrue(plain.every((row) => trimmed(row["employeeStatusCode"]) === "T"))
      const cased = yield* rowsOf(sandbox, `${employments}?COMPANYID=6Y4NV&employeestatuscode=T`)
      assert.deepStrictEqual(cased, plain)
    })
  )

  it.live("finds by employeeId and by employeeNumber with its zeros", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const employeeId = playing("rehired")
      const [row] = yield* rowsOf(sandbox, `${employments}?employeeId=${employeeId}`)
      const number = trimmed(row?.["employeeNumber"]) ?? ""
      assert.match(number, /^0{4}\d{5}$/)
      const found = yield* rowsOf(
        sandbox,
        `${employments}?employeeNumber=${number}&companyID=${String(row?.["companyID"])}`
      )
      assert.deepStrictEqual(
        found.map((other) => other["employeeID"]),
        [employeeId]
      )
      assert.deepStrictEqual(yield* rowsOf(sandbox, `${employments}?employeeNumber=${Number(number)}`), [])
    })
  )

  it.live("filters by home company, which employment-details does not show", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const employeeId = playing("transferred")
      const path = (home: string) => `${employments}?employeeId=${employeeId}&isHomeCompany=${home}`
      const [home] = yield* rowsOf(sandbox, path("true"))
      const [other] = yield* rowsOf(sandbox, path("false"))
      assert.notProperty(home, "isHomeCompany")
      assert.deepStrictEqual(
        [trimmed(home?.["employeeStatusCode"]), trimmed(other?.["employeeStatusCode"])],
        ["A", "T"]
      )
      const shown = yield* rowsOf(sandbox, `/personnel/v1/employee-employment-details?employeeID=${employeeId}`)
      assert.sameMembers(
        shown.map((row) => row["isHomeCompany"]),
        [false, true]
      )
    })
  )

  it.live("understands operators inside of date values", () =>
    Effect.gen(function* () {
      const sandbox = yield* start({ population: 200 })
      const count = (value: string) =>
        Effect.map(rowsOf(sandbox, `${persons}?per_Page=1000&dateTimeChanged=${encodeURIComponent(value)}`), (rows) =>
          rows.map((row) => String(row["datetimeChanged"]).slice(0, 10))
        )
      assert.isTrue((yield* count(">06-30-2024")).every((day) => day > "2024-06-30"))
      assert.isTrue((yield* count("<06-30-2024")).every((day) => day < "2024-06-30"))
      const range = yield* count("{01-01-2020,12-31-2024}")
      assert.isNotEmpty(range)
      assert.isTrue(range.every((day) => day >= "2020-01-01" && day <= "2024-12-31"))
      const [year = "", month, day] = (range[0] ?? "").split("-")
      assert.include(yield* count(`${month}-${day}-${year}`), range[0] ?? "")
    })
  )

  it.live.each(["2026-01-31", ">yesterday", "{01-01-2026}", ">02-30-2026"])("refuses the date %s with 400", (value) =>
    Effect.gen(function* () {
      const reply = yield* ask(yield* start(), `${persons}?dateTimeChanged=${encodeURIComponent(value)}`)
      assert.strictEqual(reply.status, 400)
      assert.include(detailOf(reply.json), "dateTimeChanged")
    })
  )

  it.live("ignores what is not documented", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const all = yield* rowsOf(sandbox, persons)
      assert.deepStrictEqual(yield* rowsOf(sandbox, `${persons}?start_date=2026-01-01&firstName=Anna`), all)
    })
  )

  it.live("takes several values with commas on employee-employment-details alone", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const both = `${playing("rehired")},${playing("onLeave")}`
      const list = yield* rowsOf(sandbox, `/personnel/v1/employee-employment-details?employeeID=${both}`)
      assert.lengthOf(list, 2)
      assert.deepStrictEqual(yield* rowsOf(sandbox, `${employments}?employeeId=${both}`), [])
    })
  )

  it.live("answers a filtered list without rows with [] or, where told, with 404", () =>
    Effect.gen(function* () {
      const path = `${persons}?lastName=Nobody`
      assert.deepStrictEqual((yield* ask(yield* start(), path)).json, [])
      const other = yield* start({ emptyList: "404" })
      assert.strictEqual((yield* ask(other, path)).status, 404)
      assert.strictEqual((yield* ask(other, `${persons}?page=99`)).status, 200)
    })
  )
})

describe("UltiProRoutes: configuration", () => {
  it.live.each(["org-levels", "jobs", "locations"])("gives all %s whatever page is asked for, without a Link", (name) =>
    Effect.gen(function* () {
      const sandbox = yield* start({ maxPerPage: 2 })
      const first = yield* ask(sandbox, `/configuration/v1/${name}`)
      const second = yield* ask(sandbox, `/configuration/v1/${name}?page=2&per_Page=1`)
      assert.isAbove(first.rows.length, 2)
      assert.deepStrictEqual(second.json, first.json)
      assert.isNull(first.headers.get("link"))
    })
  )

  it.live("pages company-details and shows the companies of the facts", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const [first, ...more] = yield* rowsOf(sandbox, "/configuration/v1/company-details?per_Page=1")
      assert.include(first, { companyID: "6Y4NV", isMasterCompany: true })
      assert.lengthOf(more, 0)
      assert.deepStrictEqual(yield* rowsOf(sandbox, "/configuration/v1/company-details?page=3&per_Page=1"), [])
    })
  )

  it.live.each([1, 2, 3, 4] as const)("calls level %i the department when it is told so", (departmentLevel) =>
    Effect.gen(function* () {
      const sandbox = yield* start({ departmentLevel })
      const rows = yield* rowsOf(sandbox, "/configuration/v1/org-levels?levelDescription=department")
      assert.deepStrictEqual([...new Set(rows.map((row) => row["level"]))], [departmentLevel])
      const all = yield* rowsOf(sandbox, "/configuration/v1/org-levels")
      const names = new Set(all.map((row) => row["levelDescription"]))
      assert.sameMembers([...names], ["Cost Center", "Department", "Division", "Team"])
    })
  )

  it.live("uses the same code on several levels and pads some", () =>
    Effect.gen(function* () {
      const rows = yield* rowsOf(yield* start(), "/configuration/v1/org-levels")
      const hundred = rows.filter((row) => trimmed(row["code"]) === "100")
      assert.strictEqual(hundred.length, 3)
      assert.strictEqual(new Set(hundred.map((row) => row["description"])).size, 3)
      assert.isTrue(rows.some((row) => String(row["code"]).endsWith("  ")))
      const active = yield* rowsOf(yield* start(), "/configuration/v1/org-levels?isActive=false")
      assert.lengthOf(active, 1)
    })
  )

  it.live("names a job's code jobCode or code", () =>
    Effect.gen(function* () {
      const [usual] = yield* rowsOf(yield* start(), "/configuration/v1/jobs")
      assert.include(usual, { jobCode: "CAADMIN" })
      const [other] = yield* rowsOf(yield* start({ jobCodeField: "code" }), "/configuration/v1/jobs")
      assert.include(other, { code: "CAADMIN" })
    })
  )

  it.live("lists code tables with addresses that lead to them", () =>
    Effect.gen(function* () {
      const sandbox = yield* start()
      const tables = yield* rowsOf(sandbox, "/configuration/v1/code-tables")
      const family = tables.find((row) => row["codeTable"] === "JOBFAMILY")
      const path = String(family?.["url"]).replace(sandbox.url, "")
      assert.containsAllKeys((yield* rowsOf(sandbox, path))[0], ["code", "description"])
      assert.strictEqual((yield* ask(sandbox, "/configuration/v1/code-tables/NOPE")).status, 404)
    })
  )
})
