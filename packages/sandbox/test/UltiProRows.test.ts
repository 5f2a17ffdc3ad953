import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { castEvery } from "../src/UltiProCast.ts"
import type { RoleName } from "../src/UltiProCast.ts"
import { UltiProSandbox } from "../src/UltiProServer.ts"
import { ultiProScopes } from "../src/UltiProSettings.ts"
import { ask, employments, firstTen, jobsOf, persons, playing, rowsOf, trimmed } from "./UltiProCaller.ts"

const start = UltiProSandbox.start({ population: castEvery })

describe("UltiProRows: names and casing", () => {
  it.live("writes employeeId and datetimeChanged on people, employeeID and dateTimeChanged on employments", () =>
    Effect.gen(function* () {
      const sandbox = yield* start
      const [person] = yield* rowsOf(sandbox, persons)
      assert.containsAllKeys(person, ["employeeId", "companyId", "personId", "datetimeChanged", "nameSufixCode", "ssn"])
      assert.doesNotHaveAnyKeys(person, ["employeeID", "dateTimeChanged", "isHomeCompany"])
      const [job] = yield* rowsOf(sandbox, employments)
      assert.containsAllKeys(job, ["employeeID", "companyID", "supervisorID", "dateTimeChanged", "orgLevel4Code"])
      assert.doesNotHaveAnyKeys(job, ["employeeId", "datetimeChanged", "isHomeCompany", "emailAddress", "lastName"])
      const [other] = yield* rowsOf(sandbox, "/personnel/v1/employee-employment-details")
      assert.containsAllKeys(other, ["seniorityDate", "terminationDate", "isHomeCompany", "annualSalary", "shift"])
      const [supervisor] = yield* rowsOf(sandbox, "/personnel/v1/employee-supervisor-details")
      assert.containsAllKeys(supervisor, ["employeeID", "supervisorEmployeeID", "supervisorPersonId"])
    })
  )

  it.live("writes moments without a zone and with 0 to 3 fraction digits", () =>
    Effect.gen(function* () {
      const rows = yield* rowsOf(yield* start, employments)
      const moments = rows.flatMap((row) => [String(row["lastHireDate"]), String(row["dateTimeChanged"])])
      assert.isTrue(moments.every((text) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?$/.test(text)))
      const digits = new Set(moments.map((text) => text.split(".")[1]?.length ?? 0))
      assert.deepStrictEqual(
        [...digits].sort((a, b) => a - b),
        [0, 1, 2, 3]
      )
    })
  )

  it.live("pads some codes, and says nothing in many ways", () =>
    Effect.gen(function* () {
      const sandbox = yield* start
      const jobs = yield* rowsOf(sandbox, employments)
      const values = (name: string) => new Set(jobs.map((row) => row[name]))
      for (const padded of ["REG   ", "A "]) {
        assert.isTrue(values("employeeTypeCode").has(padded) || values("employeeStatusCode").has(padded))
      }
      assert.includeMembers([...values("jobTitle")], [null, "", "   "])
      assert.includeMembers([...values("orgLevel3Code")], [null, "", "Z", "0"])
      const titled = jobs.filter((row) => trimmed(row["jobTitle"]) !== null)
      assert.isBelow(titled.length, jobs.length / 2)
    })
  )

  it.live("writes some addresses in capitals, some not at all, and names beyond ASCII", () =>
    Effect.gen(function* () {
      const people = yield* rowsOf(yield* start, persons)
      const emails = people.map((row) => row["emailAddress"])
      assert.isTrue(emails.some((email) => /^[^a-z]+ $/.test(String(email))))
      assert.isTrue(emails.some((email) => trimmed(email) === null))
      assert.isTrue(people.some((row) => /[^ -ÿ]/.test(String(row["lastName"]))))
    })
  )

  it.live("carries fields on some rows that nobody announced", () =>
    Effect.gen(function* () {
      const people = yield* rowsOf(yield* start, persons)
      const surprised = people.filter((row) => "wellnessProgram2027" in row)
      assert.isTrue(surprised.length > 0 && surprised.length < people.length)
    })
  )

  it.live("has EEIDs of 12 letters and digits, numbers with zeros, and numbers that two companies share", () =>
    Effect.gen(function* () {
      const sandbox = yield* start
      const jobs = yield* rowsOf(sandbox, employments)
      assert.isTrue(jobs.every((row) => /^[0-9A-Z]{12}$/.test(String(row["employeeID"]))))
      const numbers = new Map<string, Set<unknown>>()
      for (const row of jobs) {
        const number = trimmed(row["employeeNumber"]) ?? ""
        assert.match(number, /^0\d{8}$/)
        numbers.set(number, (numbers.get(number) ?? new Set()).add(row["employeeID"]))
      }
      assert.isTrue([...numbers.values()].some((owners) => owners.size > 1))
    })
  )
})

describe("UltiProRows: careers", () => {
  it.live("keeps the old company's row of a transferred person as T with the reason TRO", () =>
    Effect.gen(function* () {
      const sandbox = yield* start
      const [old, current] = yield* jobsOf(sandbox, "transferred")
      const [person] = yield* rowsOf(sandbox, `${persons}/${playing("transferred")}`)
      assert.deepStrictEqual([trimmed(old?.["employeeStatusCode"]), trimmed(old?.["termReason"])], ["T", "TRO"])
      assert.strictEqual(firstTen(old?.["dateOfTermination"]), "2025-12-16")
      assert.strictEqual(trimmed(current?.["employeeStatusCode"]), "A")
      assert.isNull(firstTen(current?.["dateOfTermination"]))
      assert.strictEqual(firstTen(current?.["dateInJob"]), "2025-12-16")
      assert.strictEqual(current?.["companyID"], person?.["companyId"])
      assert.notStrictEqual(trimmed(old?.["employeeNumber"]), trimmed(current?.["employeeNumber"]))
      assert.strictEqual(firstTen(old?.["originalHireDate"]), firstTen(current?.["originalHireDate"]))
    })
  )

  it.live("still calls the old company home for a day or two after some transfers", () =>
    Effect.gen(function* () {
      const sandbox = yield* start
      const [old, current] = yield* jobsOf(sandbox, "homeLagsBehind")
      const [person] = yield* rowsOf(sandbox, `${persons}/${playing("homeLagsBehind")}`)
      assert.strictEqual(person?.["companyId"], old?.["companyID"])
      assert.strictEqual(trimmed(current?.["employeeStatusCode"]), "A")
    })
  )

  it.live("leaves a termination date on active rows after a rehire, before the last hire or equal to it", () =>
    Effect.gen(function* () {
      const sandbox = yield* start
      const dates = (role: RoleName) =>
        Effect.map(jobsOf(sandbox, role), ([row]) => [
          trimmed(row?.["employeeStatusCode"]),
          firstTen(row?.["lastHireDate"]),
          firstTen(row?.["dateOfTermination"])
        ])
      assert.deepStrictEqual(yield* dates("rehired"), ["A", "2025-12-26", null])
      assert.deepStrictEqual(yield* dates("rehiredWithStaleDate"), ["A", "2025-12-26", "2025-12-06"])
      assert.deepStrictEqual(yield* dates("rehiredOnStaleDate"), ["A", "2025-12-26", "2025-12-26"])
    })
  )

  it.live("lists future hires as A before their day, and planned leavers as A with a date ahead", () =>
    Effect.gen(function* () {
      const sandbox = yield* start
      const [hire] = yield* jobsOf(sandbox, "hiredForNextWeek")
      assert.deepStrictEqual(
        [trimmed(hire?.["employeeStatusCode"]), firstTen(hire?.["lastHireDate"])],
        ["A", "2026-01-12"]
      )
      const [leaver] = yield* jobsOf(sandbox, "leavesInAMonth")
      assert.deepStrictEqual(
        [trimmed(leaver?.["employeeStatusCode"]), firstTen(leaver?.["dateOfTermination"])],
        ["A", "2026-02-04"]
      )
    })
  )

  it.live("shows two rows that are not over for somebody in two companies", () =>
    Effect.gen(function* () {
      const rows = yield* jobsOf(yield* start, "inTwoCompanies")
      assert.deepStrictEqual(
        rows.map((row) => trimmed(row["employeeStatusCode"])),
        ["A", "A"]
      )
      assert.deepStrictEqual(
        rows.map((row) => row["isMultipleJob"]),
        ["Y", "Y"]
      )
    })
  )

  it.live("keeps the order of past moves in the job history", () =>
    Effect.gen(function* () {
      const sandbox = yield* UltiProSandbox.start({ scopes: ultiProScopes })
      const path = `/personnel/v1/employee-job-history-details?employeeId=${playing("rehired")}`
      const rows = yield* rowsOf(sandbox, path)
      assert.deepStrictEqual(
        rows.map((row) => row["reasonCode"]),
        ["HIRE", "REHIRE"]
      )
    })
  )
})

describe("UltiProRows: the canary", () => {
  const canary = "CANARY7F3A"
  const start = UltiProSandbox.start({ population: castEvery, canary })
  const sensitive = [
    [
      persons,
      [
        "ssn",
        "previousSSN",
        "nationalId",
        "ethnicDescription",
        "healthBloodType",
        "cobraStatus",
        "i9VerificationStatus",
        "militaryBranchServed",
        "homePhone",
        "addressLine1"
      ]
    ],
    ["/personnel/v1/employee-employment-details", ["annualSalary", "hourlyPayRate"]],
    ["/personnel/v1/contacts", ["firstName", "homePhone", "addressLine1"]],
    ["/configuration/v1/company-details", ["federalTaxId"]]
  ] as const

  it.live.each(sensitive)("sits on every row of %s in %o", ([path, fields]) =>
    Effect.gen(function* () {
      const rows = yield* rowsOf(yield* start, path)
      assert.isNotEmpty(rows)
      for (const row of rows) for (const field of fields) assert.include(String(row[field]), `${canary}-`)
    })
  )

  it.live("sits in nothing that a directory needs", () =>
    Effect.gen(function* () {
      const sandbox = yield* start
      for (const path of [
        employments,
        "/configuration/v1/org-levels",
        "/configuration/v1/jobs",
        "/configuration/v1/locations"
      ]) {
        assert.notInclude((yield* ask(sandbox, path)).text, canary)
      }
      const [person] = yield* rowsOf(sandbox, persons)
      for (const field of ["firstName", "lastName", "emailAddress", "dateOfBirth", "addressState", "addressCountry"]) {
        assert.notInclude(String(person?.[field]), canary)
      }
      assert.notInclude(JSON.stringify(yield* sandbox.truth), canary)
    })
  )

  it.live("is nowhere when nobody asked for it, and pay is a number", () =>
    Effect.gen(function* () {
      const sandbox = yield* UltiProSandbox.start()
      assert.notInclude((yield* ask(sandbox, persons)).text, "undefined")
      const [row] = yield* rowsOf(sandbox, "/personnel/v1/employee-employment-details")
      assert.isNumber(row?.["annualSalary"])
    })
  )
})
