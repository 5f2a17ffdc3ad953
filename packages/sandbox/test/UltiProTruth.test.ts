import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

import { placeOfRole } from "../src/UltiProCast.ts"
import { daysAfter } from "../src/UltiProDays.ts"
import { listingOf } from "../src/UltiProListings.ts"
import { secretOf } from "../src/UltiProLook.ts"
import type { HumanResources } from "../src/UltiProPeople.ts"
import { humanResourcesOf } from "../src/UltiProPopulation.ts"
import { UltiProSandbox } from "../src/UltiProServer.ts"
import { settingsOf } from "../src/UltiProSettings.ts"
import { truthOf } from "../src/UltiProTruth.ts"
import { employments, firstTen, keyOf, persons, playing, rowsOf, trimmed } from "./UltiProCaller.ts"
import type { Row } from "./UltiProCaller.ts"

interface Answers {
  readonly persons: ReadonlyArray<Row>
  readonly employments: ReadonlyArray<Row>
  readonly orgLevels: ReadonlyArray<Row>
  readonly jobs: ReadonlyArray<Row>
  readonly locations: ReadonlyArray<Row>
}

const code = (value: unknown) => {
  const text = trimmed(value)
  return text === "Z" || text === "0" ? null : text
}

/** The rule of the facts, section 3: home and not T, else not T, else home and a real end, else the latest end. */
const chosen = (rows: ReadonlyArray<Row>, home: unknown): Row => {
  const rank = (row: Row) => {
    const over = trimmed(row["employeeStatusCode"]) === "T"
    const isHome = row["companyID"] === home
    if (!over) return isHome ? 1 : 2
    return isHome && trimmed(row["termReason"]) !== "TRO" ? 3 : 4
  }
  const day = (row: Row) => firstTen(row[rank(row) === 2 ? "lastHireDate" : "dateOfTermination"]) ?? ""
  const sorted = rows.toSorted((a, b) => rank(a) - rank(b) || (day(a) < day(b) ? 1 : -1))
  return sorted[0] as Row
}

const terminationOf = (row: Row): string | null => {
  const end = firstTen(row["dateOfTermination"])
  const stale =
    trimmed(row["employeeStatusCode"]) !== "T" && end !== null && end <= (firstTen(row["lastHireDate"]) ?? "")
  return stale ? null : end
}

const statusOf = (row: Row, today: string) => {
  const letter = trimmed(row["employeeStatusCode"])
  if (letter === "T") return "terminated"
  if ((firstTen(row["lastHireDate"]) ?? "") > today) return "future"
  return letter === "L" ? "leave" : "active"
}

const addressOf = (row: Row | undefined): string | null => {
  if (row === undefined) return null
  const fields = ["addressLine1", "addressLine2", "city", "state", "zipOrPostalCode", "countryCode"]
  const line = fields.flatMap((field) => trimmed(row[field]) ?? []).join(", ")
  return line === "" ? trimmed(row["description"]) : line
}

/** What a careful reader makes of the API's rows, written from the facts and not from the model. */
const readRows = (answers: Answers, today: string, level: number): ReadonlyArray<unknown> => {
  const units = new Map(answers.orgLevels.map((row) => [`${String(row["level"])}:${trimmed(row["code"])}`, row]))
  const places = new Map(answers.locations.map((row) => [trimmed(row["locationCode"]), row]))
  const jobs = new Map(answers.jobs.map((row) => [trimmed(row["jobCode"]), row]))
  const people = new Map(answers.persons.map((row) => [String(row["employeeId"]), row]))
  const rowsByKey = new Map(answers.employments.map((row) => [keyOf(row), row]))
  const byPerson = Map.groupBy(rowsByKey.values(), (row) => String(row["employeeID"]))
  return Array.from(people, ([employeeId, person]) => {
    const rows = byPerson.get(employeeId) ?? []
    const job = chosen(rows, person["companyId"])
    const status = statusOf(job, today)
    const email = trimmed(person["emailAddress"])?.toLowerCase() ?? null
    const alternate = trimmed(person["emailAddressAlternate"])?.toLowerCase() ?? null
    const departmentId = code(job[`orgLevel${level}Code`])
    const officeId = code(job["primaryWorkLocationCode"])
    const title =
      trimmed(job["jobTitle"]) ??
      trimmed(job["jobDescription"]) ??
      trimmed(jobs.get(trimmed(job["primaryJobCode"]))?.["title"])
    return {
      employeeId,
      status,
      statusCode: trimmed(job["employeeStatusCode"]),
      companyId: job["companyID"],
      firstName: trimmed(person["firstName"]),
      middleName: trimmed(person["middleName"]),
      lastName: trimmed(person["lastName"]),
      preferredName: trimmed(person["preferredName"]),
      email,
      alternateEmails: alternate === null || alternate === email ? [] : [alternate],
      dateOfBirth: firstTen(person["dateOfBirth"]),
      gender: trimmed(person["gender"]),
      addressState: trimmed(person["addressState"]),
      addressCountry: trimmed(person["addressCountry"]),
      employeeNumber: trimmed(job["employeeNumber"]),
      title,
      departmentId,
      departmentName: trimmed(units.get(`${level}:${departmentId}`)?.["description"]),
      officeId,
      officeAddress: officeId === null ? null : addressOf(places.get(officeId)),
      supervisorId: trimmed(job["supervisorID"]),
      originalHireDate: firstTen(job["originalHireDate"]),
      lastHireDate: firstTen(job["lastHireDate"]),
      dateOfTermination: terminationOf(job),
      dateOfSeniority: firstTen(job["dateOfSeniority"]),
      dateInJob: firstTen(job["dateInJob"]),
      employeeTypeCode: trimmed(job["employeeTypeCode"]),
      fullTimeOrPartTimeCode: trimmed(job["fullTimeOrPartTimeCode"]),
      hiredOn: status === "future" ? firstTen(job["lastHireDate"]) : null,
      companies: rows.length
    }
  })
}

const answersOf = (hr: HumanResources): Answers => {
  const settings = settingsOf({})
  const view = { hr, settings, secret: secretOf(undefined), origin: "http://127.0.0.1" }
  const rows = (name: string) =>
    listingOf(name)
      ?.entries(view)
      .map(({ row }) => row()) ?? []
  return {
    persons: rows("personnel/person-details"),
    employments: rows("personnel/employment-details"),
    orgLevels: rows("configuration/org-levels"),
    jobs: rows("configuration/jobs"),
    locations: rows("configuration/locations")
  }
}

describe("UltiProTruth and the rows of the API", () => {
  it.prop(
    "say the same to whoever reads the rows by the facts, for any seed, department level and number of days",
    {
      seed: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 })),
      days: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 })),
      departmentLevel: Schema.Literals([1, 2, 3, 4])
    },
    ({ days, departmentLevel, seed }) => {
      const first = humanResourcesOf(settingsOf({ seed, departmentLevel, population: 120 }))
      const { hr } = daysAfter(first, days)
      assert.deepStrictEqual<unknown>(readRows(answersOf(hr), hr.today, departmentLevel), truthOf(hr))
    },
    { arbitrary: { runs: 60 } }
  )

  it.live("say the same over HTTP, page by page, day by day", () =>
    Effect.gen(function* () {
      const sandbox = yield* UltiProSandbox.start({ seed: 7, paging: "silent", maxPerPage: 90 })
      const all = Effect.fnUntraced(function* (path: string) {
        const rows: Array<Row> = []
        for (let page = 1; ; page++) {
          const more = yield* rowsOf(sandbox, `${path}?page=${page}`)
          if (more.length === 0) return rows
          rows.push(...more)
        }
      })
      for (let round = 0; round < 3; round++) {
        const answers = {
          persons: yield* all(persons),
          employments: yield* all(employments),
          orgLevels: yield* rowsOf(sandbox, "/configuration/v1/org-levels"),
          jobs: yield* rowsOf(sandbox, "/configuration/v1/jobs"),
          locations: yield* rowsOf(sandbox, "/configuration/v1/locations")
        }
        assert.deepStrictEqual<unknown>(readRows(answers, yield* sandbox.today, 2), yield* sandbox.truth)
        yield* sandbox.advance(10)
      }
    })
  )
})

describe("UltiProTruth: roles on the first day", () => {
  const truth = truthOf(humanResourcesOf(settingsOf({})))
  const of = (role: Parameters<typeof placeOfRole>[0]) =>
    truth[placeOfRole(role)] ?? assert.fail(`nobody plays ${role}`)

  it("knows who is here, away, gone and still to come", () => {
    assert.include(of("transferred"), { status: "active", companies: 2, dateOfTermination: null })
    assert.include(of("transferredThenLeft"), { status: "terminated", companies: 2, dateOfTermination: "2025-12-30" })
    assert.include(of("homeLagsBehind"), { status: "active", companies: 2 })
    assert.include(of("homeLagsBehindALeaver"), { status: "terminated", companies: 2, dateOfTermination: "2026-01-04" })
    assert.include(of("hiredForNextWeek"), { status: "future", statusCode: "A", hiredOn: "2026-01-12" })
    assert.include(of("leavesNextWeek"), { status: "active", dateOfTermination: "2026-01-12" })
    assert.include(of("onLeave"), { status: "leave", statusCode: "L" })
    assert.include(of("released"), { status: "active", statusCode: "R" })
    assert.include(of("managerWhoLeft"), { status: "terminated", dateOfTermination: "2025-12-16" })
  })

  it("forgets the termination of somebody who came back", () => {
    for (const role of ["rehired", "rehiredWithStaleDate", "rehiredOnStaleDate", "rehiredElsewhere"] as const) {
      assert.include(of(role), { status: "active", dateOfTermination: null, lastHireDate: "2025-12-26" })
      assert.isBelow(Number(of(role).originalHireDate.slice(0, 4)), 2026)
      assert.isTrue(of(role).originalHireDate < of(role).lastHireDate)
    }
  })

  it("takes the home company of somebody in two, whichever is newer", () => {
    const [older, newer] = [of("inTwoCompanies"), of("inTwoCompaniesHomeInTheNewer")]
    assert.isTrue(older.originalHireDate < "2025-12-01" && older.title !== "Advisor")
    assert.include(newer, { lastHireDate: "2025-12-24", title: "Advisor", fullTimeOrPartTimeCode: "P" })
  })

  it("writes nulls where nothing is known", () => {
    assert.include(of("withoutAddress"), { email: null })
    assert.include(of("withoutSupervisor"), { supervisorId: null })
    assert.include(of("withoutDepartment"), { departmentId: null, departmentName: null })
    assert.include(of("inUnknownDepartment"), { departmentId: "NIX99", departmentName: null })
    assert.include(of("inClosedDepartment"), { departmentId: "LEG", departmentName: "Legacy Systems" })
    assert.include(of("withoutPlace"), { officeId: null, officeAddress: null })
    assert.include(of("inUnknownPlace"), { officeId: "XX404", officeAddress: null })
    assert.include(of("atHome"), { officeId: "REMOTE", officeAddress: "Remote - Home Office" })
    assert.deepStrictEqual(of("alternateIsTheSame").alternateEmails, [])
  })

  it("keeps a supervisor who is gone, elsewhere, or nowhere", () => {
    const known = new Set(truth.map(({ employeeId }) => employeeId))
    const left = playing("managerWhoLeft")
    assert.isTrue(truth.some((person) => person.supervisorId === left && person.status === "active"))
    assert.isFalse(known.has(of("withUnknownSupervisor").supervisorId ?? ""))
    const companies = new Map(truth.map(({ companyId, employeeId }) => [employeeId, companyId]))
    assert.isTrue(
      truth.some(({ companyId, supervisorId }) => (companies.get(supervisorId ?? "") ?? companyId) !== companyId)
    )
  })

  it("has two people behind one address", () => {
    const { email } = of("sharesAnAddress")
    assert.isAtLeast(truth.filter((person) => person.email === email).length, 2)
  })
})
