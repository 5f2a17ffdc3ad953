import { assert, describe, it } from "@effect/vitest"
import { fieldNames, fieldSpec, statuses } from "@rollcall/core/domain/Field"
import { Effect } from "effect"
import * as fc from "fast-check"

import { readDate } from "../src/UltiProCell.ts"
import { rulesOf } from "../src/UltiProEmployment.ts"
import { makeMapping } from "../src/UltiProMapping.ts"
import { departmentLevelOf, tenantOf } from "../src/UltiProTenant.ts"
import { employmentReader, readJob, readLocation, readOrgLevel, readPerson } from "../src/UltiProWire.ts"
import {
  canary,
  configOf,
  employment,
  type Encoded,
  inShort,
  jobs,
  type Json,
  locations,
  notices,
  orgLevels,
  person,
  readTenant,
  records,
  rejections,
  tenant,
  today
} from "./Tenant.ts"

/** What is said of one person with these rows. */
const mapped = (p: Json = {}, e: Json = {}, more: Partial<Encoded> = {}) => {
  const config = configOf(more)
  const known = tenantOf(config, orgLevels.map(readOrgLevel), jobs.map(readJob), locations.map(readLocation))
  const mapping = makeMapping(config, known, rulesOf(config, today))
  const { faults, fields } = mapping(
    readPerson(person(1, p)),
    employmentReader(known.departmentLevel)(employment(1, e)).row
  )
  return {
    fields,
    faults: faults.map(({ fault: { message, reason, value }, field }) => ({ field, message, reason, value }))
  }
}

describe("UltiProMapping of names and addresses", () => {
  it("trims texts and takes blanks for empty", () =>
    assert.deepInclude(mapped({ firstName: "  Ann ", middleName: " ", lastName: null, preferredName: "" }).fields, {
      firstName: "Ann",
      middleName: null,
      lastName: null,
      preferredName: null
    }))

  it("says nothing of a member that is not there", () => {
    const { middleName: _, emailAddress: __, ...rest } = person(1)
    const mapping = makeMapping(configOf(), tenantOf(configOf(), [], [], []), rulesOf(configOf(), today))
    const { fields } = mapping(readPerson(rest), employmentReader(undefined)({}).row)
    for (const name of ["middleName", "email", "title", "officeId", "departmentId", "lastHireDate"] as const) {
      assert.notProperty(fields, name)
    }
  })

  it("writes e-mail addresses in lower case", () =>
    assert.strictEqual(mapped({ emailAddress: " Ann.Lee@EXAMPLE.com " }).fields.email, "ann.lee@example.com"))

  it("lists the alternate address, and not the main one over again", () => {
    assert.deepStrictEqual(mapped({ emailAddressAlternate: " Ann@Home.example" }).fields.alternateEmails, [
      "ann@home.example"
    ])
    assert.isNull(mapped({ emailAddress: "a@b.c", emailAddressAlternate: "A@B.C " }).fields.alternateEmails)
    assert.isNull(mapped({ emailAddressAlternate: " " }).fields.alternateEmails)
  })

  it.each(["ann", "a@b@c", "ann lee@example.com", "@"])(
    "refuses %s as an e-mail address, and the rest stands",
    (emailAddress) => {
      const { faults, fields } = mapped({ emailAddress })
      assert.notProperty(fields, "email")
      assert.strictEqual(fields.lastName, "Last1")
      assert.deepInclude(faults[0], { field: "email", reason: "value-invalid", value: emailAddress })
      assert.notInclude(faults[0]?.message, emailAddress === "@" ? "never" : emailAddress)
    }
  )

  it.effect("refuses what is no text, field by field, and never repeats it", () =>
    Effect.gen(function* () {
      const rows = [person(1, { firstName: 7, gender: { ssn: canary }, dateOfBirth: [canary] })]
      const said = yield* readTenant(
        tenant(1, {
          "person-details": rows,
          "employment-details": [employment(1, { supervisorID: 9, primaryWorkLocationCode: true, orgLevel2Code: 4 })]
        })
      )
      assert.deepStrictEqual(
        rejections(said).map(({ field, key, value }) => [key, field, value]),
        ["firstName", "supervisorId", "departmentId", "officeId", "gender", "dateOfBirth"]
          .map((field) => ["EMP1", field, undefined])
          .sort((a, b) => order(a) - order(b))
      )
      assert.strictEqual(records(said)[0]?.fields.lastName, "Last1")
      assert.strictEqual(rejections(said)[0]?.locator, records(said)[0]?.locator)
      assert.notInclude(JSON.stringify(said.messages), canary)
    })
  )

  it("takes the home's state and country, or those of the place of work", () => {
    assert.deepInclude(mapped().fields, { addressState: "TX", addressCountry: "USA" })
    assert.deepInclude(mapped({ addressState: "TX" }, {}, { addresses: "work" }).fields, {
      addressState: "FL",
      addressCountry: "USA"
    })
    assert.deepInclude(mapped({}, { primaryWorkLocationCode: "RMT" }, { addresses: "work" }).fields, {
      addressState: null,
      addressCountry: null
    })
  })
})

/** The department's level among levels of these names. */
const named = (...names: ReadonlyArray<string>) =>
  departmentLevelOf(
    configOf(),
    names.map((levelDescription, i) => readOrgLevel({ level: i + 1, levelDescription, code: "X" }))
  ).level

const order = ([, field]: ReadonlyArray<unknown>): number =>
  ["firstName", "gender", "supervisorId", "departmentId", "officeId", "dateOfBirth"].indexOf(String(field))

describe("UltiProMapping of work", () => {
  it("takes the alternate title first, then the job's", () => {
    assert.strictEqual(mapped({}, { jobTitle: "Wizard" }).fields.title, "Wizard")
    assert.strictEqual(mapped({}, { jobTitle: " " }).fields.title, "Engineer")
    assert.strictEqual(mapped({}, { jobDescription: null }).fields.title, "Engineer of jobs")
    assert.isNull(mapped({}, { jobDescription: null, primaryJobCode: "?" }).fields.title)
    assert.isNull(mapped({}, { jobDescription: null, primaryJobCode: "Z" }).fields.title)
  })

  it("reads the department by level and code, whatever other levels have that code", () =>
    assert.deepInclude(mapped().fields, { departmentId: "2:SALES", departmentName: "Sales" }))

  it("takes the level that the configuration fixes, and then the bare code", () => {
    assert.deepInclude(mapped({}, { orgLevel1Code: "SALES" }, { departmentLevel: 1 }).fields, {
      departmentId: "SALES",
      departmentName: "A region called sales"
    })
    assert.strictEqual(
      mapped({}, {}, { departmentLevel: 2, departmentIdWithLevel: true }).fields.departmentId,
      "2:SALES"
    )
    assert.strictEqual(mapped({}, {}, { departmentIdWithLevel: false }).fields.departmentId, "SALES")
  })

  it.each(["Z", "0", " Z ", "", null])("takes the code %j for none", (code) => {
    const { fields } = mapped(
      {},
      {
        orgLevel2Code: code,
        primaryWorkLocationCode: code,
        employeeTypeCode: code,
        fullTimeOrPartTimeCode: code,
        supervisorID: code
      }
    )
    assert.deepInclude(fields, {
      departmentId: null,
      departmentName: null,
      officeId: null,
      officeAddress: null,
      employeeTypeCode: null,
      fullTimeOrPartTimeCode: null,
      supervisorId: null
    })
  })

  it("says nothing of a department that no level is, and null for a code that no level lists", () => {
    const levels = [{ level: 1, levelDescription: "Region", code: "EAST" }].map(readOrgLevel)
    assert.isUndefined(departmentLevelOf(configOf(), levels).level)
    assert.deepInclude(mapped({}, { orgLevel2Code: "NEW" }).fields, { departmentId: "2:NEW", departmentName: null })
  })

  it("finds the department's level by its name, and does not guess between several", () => {
    assert.strictEqual(named("Division", "Region", "DEPARTMENT "), 3)
    assert.strictEqual(named("Cost Department", "Region"), 1)
    assert.strictEqual(named("Sub-department", "Department"), 2)
    assert.isUndefined(named("Sub-department", "Department group"))
    assert.isUndefined(named("Division", "Region"))
  })

  it.effect("notices that there is no department, and what lists are empty", () =>
    Effect.gen(function* () {
      const said = yield* readTenant(tenant(1, { "org-levels": [], jobs: [], locations: [] }))
      assert.match(notices(said).join("\n"), /No org level says .*\n.*org-levels.*\n.*jobs.*\n.*locations/)
      const [record] = records(said)
      for (const name of ["departmentId", "departmentName", "officeAddress"] as const)
        assert.notProperty(record?.fields, name)
      assert.strictEqual(record?.fields.title, "Engineer")
    })
  )

  it("accepts a job's code in either casing", () => {
    assert.deepStrictEqual(readJob({ code: " A ", title: "T" }), { code: "A", title: "T" })
    assert.deepStrictEqual(readJob({ jobCode: "A", title: "T" }), { code: "A", title: "T" })
  })

  it("joins what a place of work says of its address, or else its description", () => {
    assert.strictEqual(mapped().fields.officeAddress, "1 Main Street, Weston, FL, 33326, USA")
    assert.strictEqual(mapped({}, { primaryWorkLocationCode: "RMT" }).fields.officeAddress, "Remote - US")
    assert.deepInclude(mapped({}, { primaryWorkLocationCode: "NEW" }).fields, { officeId: "NEW", officeAddress: null })
  })

  it("says who works remotely where the configuration tells, and otherwise nothing", () => {
    assert.notProperty(mapped().fields, "remote")
    const byCode = { remote: { locations: ["RMT"] } } as const
    const byPattern = { remote: { pattern: "^remote|home" } } as const
    for (const more of [byCode, byPattern]) {
      assert.isTrue(mapped({}, { primaryWorkLocationCode: "RMT" }, more).fields.remote)
      assert.isFalse(mapped({}, {}, more).fields.remote)
      assert.isNull(mapped({}, { primaryWorkLocationCode: null }, more).fields.remote)
    }
    assert.isNull(mapped({}, { primaryWorkLocationCode: "NEW" }, byPattern).fields.remote)
  })

  it.each([
    ["A", "active"],
    ["O", "active"],
    ["L", "leave"],
    ["S", "leave"],
    ["R", "leave"],
    ["T", "terminated"]
  ])("reads status %s as %s", (letter, status) =>
    assert.strictEqual(mapped({}, { employeeStatusCode: ` ${letter}` }).fields.status, status)
  )

  it("reads a letter as the configuration says, and refuses one that nobody explains", () => {
    assert.strictEqual(mapped({}, { employeeStatusCode: "P" }, { statuses: { P: "leave" } }).fields.status, "leave")
    assert.strictEqual(mapped({}, { employeeStatusCode: "A" }, { statuses: { P: "leave" } }).fields.status, "active")
    for (const employeeStatusCode of ["P", "a", null, "", 1, "constructor"]) {
      const { faults, fields } = mapped({}, { employeeStatusCode })
      assert.notProperty(fields, "status")
      assert.deepInclude(faults[0], { field: "status", reason: "value-invalid" })
      assert.strictEqual(fields.firstName, "First1")
    }
  })
})

describe("UltiProMapping of dates", () => {
  it.each([
    ["2021-09-20T00:00:00", "2021-09-20"],
    ["2021-09-20T23:59:59.997", "2021-09-20"],
    ["2021-09-20", "2021-09-20"],
    ["2021-09-20 00:00:00", "2021-09-20"],
    ["2024-02-29T00:00:00", "2024-02-29"],
    ["2000-02-29", "2000-02-29"]
  ])("takes the day of %s as it stands", (text, date) => assert.strictEqual(readDate(text), date))

  it.each([
    "2023-02-29T00:00:00",
    "1900-02-29",
    "2021-13-01",
    "2021-00-10",
    "2021-04-31",
    "1/1/1996 12:00:00 AM",
    "0001-01-01T00:00:00",
    "20210920",
    "2021-09-2012",
    "soon"
  ])("refuses %s, and the rest stands", (dateOfBirth) => {
    const { faults, fields } = mapped({ dateOfBirth })
    assert.notProperty(fields, "dateOfBirth")
    assert.strictEqual(fields.lastHireDate, "2020-01-06")
    assert.deepInclude(faults[0], { field: "dateOfBirth", reason: "value-invalid", value: dateOfBirth })
    assert.notInclude(faults[0]?.message, dateOfBirth)
  })

  it("reads every day of the calendar and no other", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1800, max: 2199 }),
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 0, max: 32 }),
        (y, m, d) => {
          const text = `${y}-${String(m).padStart(2, "0")}-${String(d).padStart(2, "0")}`
          const utc = new globalThis.Date(globalThis.Date.UTC(y, m - 1, d))
          const isDay = utc.getUTCMonth() === m - 1 && utc.getUTCDate() === d
          assert.strictEqual(readDate(`${text}T00:00:00`) === text, isDay)
        }
      )
    ))
})

describe("UltiProMapping whatever comes", () => {
  const anyCell = fc.oneof(
    fc.string(),
    fc.constantFrom(null, "Z", "0", " ", "A", "T", "HQ", "RMT", "SALES", "ENG", "2026-01-01T00:00:00", "a@b.c"),
    fc.integer(),
    fc.boolean(),
    fc.object()
  )
  const members = [...new Set([...Object.keys(person(1)), ...Object.keys(employment(1))])]
  const anyRow = fc.dictionary(fc.constantFrom(...members), anyCell)

  const textsIn = (json: unknown): ReadonlyArray<string> =>
    typeof json === "string"
      ? [json.trim()]
      : json !== null && typeof json === "object"
        ? Object.values(json).flatMap(textsIn)
        : []

  it("never throws, and never says anything that was not in the rows, the lists or the configuration", () =>
    fc.assert(
      fc.property(
        anyRow,
        anyRow,
        fc.constantFrom<Partial<Encoded>>(
          {},
          { departmentLevel: 1, addresses: "work" },
          { remote: { pattern: "remote" } }
        ),
        (p, e, more) => {
          const config = configOf(more)
          const known = tenantOf(config, orgLevels.map(readOrgLevel), jobs.map(readJob), locations.map(readLocation))
          const mapping = makeMapping(config, known, rulesOf(config, today))
          const { faults, fields } = mapping(readPerson(p), employmentReader(known.departmentLevel)(e).row)
          const said = [...textsIn([p, e, orgLevels, jobs, locations])]
          const allowed = new Set([
            ...said,
            ...said.map((text) => text.toLowerCase()),
            ...said.map((text) => text.slice(0, 10)),
            ...said.map((text) => `2:${text}`),
            ...statuses,
            "1 Main Street, Weston, FL, 33326, USA"
          ])
          for (const [name, value] of Object.entries(fields)) {
            const spec = fieldSpec(name as (typeof fieldNames)[number])
            if (value === null) continue
            if (spec.kind === "flag") assert.isBoolean(value)
            else for (const text of [value].flat()) assert.isTrue(allowed.has(String(text)), `${name}: ${String(text)}`)
          }
          for (const { fault } of faults) assert.isTrue(fault.value === undefined || said.includes(fault.value))
        }
      )
    ))

  it.effect("keeps nothing of people but what it reports", () =>
    Effect.gen(function* () {
      const secrets = {
        ssn: canary,
        nationalId: canary,
        healthPlan: canary,
        annualSalary: canary,
        workPhoneNumber: canary,
        emailAddresses: canary
      }
      const rows = [person(1, secrets)]
      const said = yield* readTenant(
        tenant(1, { "person-details": rows, "employment-details": [employment(1, secrets)] })
      )
      assert.notInclude(JSON.stringify(said.messages), canary)
      assert.notInclude(JSON.stringify([readPerson(rows[0]), employmentReader(2)(employment(1, secrets))]), canary)
    })
  )

  it.each([null, undefined, 1, "x", [], [1], true])("takes the row %j for one that says nothing", (row) => {
    assert.isTrue(Object.values(readPerson(row)).every((cell) => cell === undefined))
    assert.isUndefined(employmentReader(2)(row).employeeId)
    assert.isNull(readLocation(row).code)
  })

  it("accepts the members' names in both casings", () => {
    assert.strictEqual(readPerson({ employeeID: "E", companyID: "C" }).employeeId, "E")
    const { employeeId, row } = employmentReader(1)({ employeeId: "E", companyId: "C", supervisorId: "S" })
    assert.deepStrictEqual([employeeId, row.companyId, row.supervisorId], ["E", "C", "S"])
  })
})

describe("UltiProPeople and what an operator should know", () => {
  it.effect("keeps a supervisor who is not there, and counts them", () =>
    Effect.gen(function* () {
      const rows = [
        employment(1, { supervisorID: "EMP2" }),
        employment(2, { supervisorID: "GONE" }),
        employment(3, { supervisorID: "GONE" })
      ]
      const said = yield* readTenant(tenant(3, { "employment-details": rows }))
      assert.deepStrictEqual(
        records(said).map(({ fields }) => fields.supervisorId),
        ["EMP2", "GONE", "GONE"]
      )
      assert.deepStrictEqual(notices(said), [
        "2 people with a supervisor who is not among those read; the reference was kept."
      ])
    })
  )

  it.effect("counts people who share an e-mail address", () =>
    Effect.gen(function* () {
      const rows = [1, 2, 3].map((n) =>
        person(n, n === 3 ? {} : { emailAddress: n === 1 ? "Front@desk.example" : "front@DESK.example " })
      )
      const said = yield* readTenant(tenant(3, { "person-details": rows }))
      assert.deepStrictEqual(notices(said), ["2 people with an e-mail address that somebody else has, too."])
      assert.deepInclude(inShort(said), "Complete 3")
    })
  )

  it.effect("names nobody where it says where a row stood", () =>
    Effect.gen(function* () {
      const said = yield* readTenant(tenant(3), { pageSize: 2 })
      assert.deepStrictEqual(
        records(said).map(({ locator }) => locator),
        ["1#1", "1#2", "2#1"].map((at) => `ultipro:person-details?page=${at}+employment-details?page=${at}`)
      )
    })
  )
})
