import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

import { placeOfRole } from "../src/UltiProCast.ts"
import { dayNumber, dayOf, isDay, plusDays, usDay } from "../src/UltiProDates.ts"
import { daysAfter } from "../src/UltiProDays.ts"
import { chanceKinds } from "../src/UltiProHappenings.ts"
import { currentOf, transferReason } from "../src/UltiProPeople.ts"
import type { HumanResources, Person } from "../src/UltiProPeople.ts"
import { humanResourcesOf } from "../src/UltiProPopulation.ts"
import { UltiProSandbox } from "../src/UltiProServer.ts"
import { demoCompanies, settingsOf } from "../src/UltiProSettings.ts"
import { truthOf } from "../src/UltiProTruth.ts"
import { ask, employments, keyOf, persons } from "./UltiProCaller.ts"

const seeds = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))
const few = { arbitrary: { runs: 40 } }
const firstDay = (seed: number, population = 120) => humanResourcesOf(settingsOf({ seed, population }))

const open = ({ assignments }: Person) => assignments.filter(({ status }) => status !== "T")

const ids = (model: HumanResources) => model.people.map(({ employeeId }) => employeeId)

const keepsItsLaws = (hr: HumanResources) => {
  for (const person of hr.people) {
    const current = currentOf(person)
    const companies = person.assignments.map(({ companyId }) => companyId)
    assert.strictEqual(new Set(companies).size, companies.length, "one assignment a company")
    assert.include(companies, person.currentCompanyId)
    assert.include(companies, person.homeCompanyId)
    if (open(person).length > 0) assert.notStrictEqual(current.status, "T", "the current one is open")
    for (const assignment of person.assignments) {
      assert.isTrue(assignment.originalHireDate <= assignment.lastHireDate)
      const { dateOfTermination, lastHireDate, staleTermination, status } = assignment
      if (status === "T") assert.isTrue(dateOfTermination !== null && dateOfTermination <= hr.today)
      else assert.isTrue(dateOfTermination === null || dateOfTermination > hr.today)
      if (staleTermination !== null) assert.isTrue(status !== "T" && staleTermination <= lastHireDate)
    }
    if (current.status === "T") assert.notStrictEqual(current.termReason, transferReason)
  }
  assert.strictEqual(new Set(hr.people.map(({ employeeId }) => employeeId)).size, hr.people.length)
}

describe("UltiProDays: laws of the model", () => {
  it.prop(
    "hold on the first day and on each of 30 more, for any seed",
    { seed: seeds },
    ({ seed }) => {
      let hr = firstDay(seed)
      keepsItsLaws(hr)
      for (let day = 0; day < 30; day++) {
        hr = daysAfter(hr, 1).hr
        keepsItsLaws(hr)
      }
    },
    few
  )

  it.prop(
    "never lose anybody: EEIDs stay in their places, and truth is told of every one",
    { seed: seeds },
    ({ seed }) => {
      const before = firstDay(seed)
      const { happened, hr } = daysAfter(before, 30)
      assert.deepStrictEqual(ids(hr).slice(0, before.people.length), ids(before))
      const newcomers = happened.filter(({ kind }) => kind === "joined" || kind === "announced")
      assert.strictEqual(hr.people.length, before.people.length + newcomers.length)
      assert.deepStrictEqual(
        truthOf(hr).map(({ employeeId }) => employeeId),
        ids(hr)
      )
      for (const [place, person] of hr.people.entries()) assert.strictEqual(hr.places.get(person.employeeId), place)
    },
    few
  )

  it.prop(
    "make the same tenant and the same days of the same seed, in one stride or in many",
    { seed: seeds },
    ({ seed }) => {
      const stride = daysAfter(firstDay(seed), 12)
      const first = daysAfter(firstDay(seed), 5)
      const second = daysAfter(first.hr, 7)
      assert.deepStrictEqual(second.hr, stride.hr)
      assert.deepStrictEqual([...first.happened, ...second.happened], stride.happened)
      assert.notDeepEqual(truthOf(stride.hr), truthOf(daysAfter(firstDay(seed + 1), 12).hr))
    },
    few
  )

  it.prop(
    "let nobody report to themselves, not by any detour",
    { seed: seeds },
    ({ seed }) => {
      const { hr } = daysAfter(firstDay(seed), 30)
      for (const [place, person] of hr.people.entries()) {
        const manager = hr.places.get(currentOf(person).supervisorId ?? "")
        assert.isTrue(manager === undefined || manager < place)
      }
    },
    few
  )

  it("makes the same person at the same place of a small and of a large company", () => {
    assert.deepStrictEqual(firstDay(3, 40).people, firstDay(3, 400).people.slice(0, 40))
  })

  it("does without transfers where there is one company", () => {
    const companies = demoCompanies.slice(0, 1)
    const { happened, hr } = daysAfter(humanResourcesOf(settingsOf({ companies })), 60)
    keepsItsLaws(hr)
    assert.isTrue(hr.people.every(({ assignments }) => assignments.length === 1))
    assert.isFalse(happened.some(({ kind }) => kind === "transferred"))
  })
})

describe("UltiProDays: what happens", () => {
  const before = firstDay(1, 200)
  const { happened, hr } = daysAfter(before, 120)

  it("brings every kind about within some months", () => {
    const kinds = new Set(happened.map(({ kind }) => kind))
    assert.includeMembers([...kinds], [...chanceKinds, "started", "termination-came", "home-caught-up"])
  })

  it("touches a person at most once a day", () => {
    const once = happened.flatMap(({ day, employeeId }) => (employeeId === undefined ? [] : [`${day} ${employeeId}`]))
    assert.strictEqual(new Set(once).size, once.length)
  })

  it("lets planned days come true when they are due", () => {
    const week = daysAfter(before, 7)
    const place = placeOfRole("leavesNextWeek")
    const eve = daysAfter(before, 6).hr
    assert.include(truthOf(eve)[place], { status: "active", dateOfTermination: "2026-01-12" })
    assert.include(truthOf(week.hr)[place], { status: "terminated", dateOfTermination: "2026-01-12" })
    const hired = placeOfRole("hiredForNextWeek")
    assert.include(truthOf(eve)[hired], { status: "future", hiredOn: "2026-01-12" })
    assert.include(truthOf(week.hr)[hired], { status: "active", hiredOn: null })
    const employeeId = before.people[hired]?.employeeId ?? ""
    assert.deepInclude(week.happened, { day: "2026-01-12", kind: "started", employeeId })
  })

  it("leaves the old row of every transfer as T with TRO, and the person employed in the new company", () => {
    const moved = daysAfter(before, 1)
    let passed = moved
    for (let day = 0; day < 60; day++) {
      const earlier = passed.hr
      passed = daysAfter(earlier, 1)
      for (const { employeeId = "", kind } of passed.happened) {
        if (kind !== "transferred") continue
        const [was, is] = [earlier, passed.hr].map(
          (model) => model.people[model.places.get(employeeId) ?? -1] as Person
        )
        const old = is?.assignments.find(({ companyId }) => companyId === was?.currentCompanyId)
        assert.include(old, { status: "T", termReason: transferReason, dateOfTermination: passed.hr.today })
        assert.notStrictEqual(is?.currentCompanyId, was?.currentCompanyId)
        assert.strictEqual(open(is as Person).length, 1)
      }
    }
  })

  it("brings people back under their old EEID with a later last hire", () => {
    const back = happened.filter(({ kind }) => kind === "rehired")
    assert.isNotEmpty(back)
    for (const { employeeId = "" } of back) {
      const person = hr.people[hr.places.get(employeeId) ?? -1] as Person
      assert.isTrue(currentOf(person).originalHireDate < currentOf(person).lastHireDate)
    }
  })

  it("renames units, places and jobs in the configuration and touches nobody", () => {
    let earlier = before
    const renamed = new Set<string>()
    for (let day = 0; day < 60; day++) {
      const { happened, hr } = daysAfter(earlier, 1)
      const touched = new Set(happened.map(({ employeeId }) => employeeId))
      for (const { code, kind } of happened) if (code !== undefined) renamed.add(kind)
      for (const [place, person] of earlier.people.entries()) {
        if (!touched.has(person.employeeId)) assert.strictEqual(hr.people[place], person)
      }
      earlier = hr
    }
    assert.sameMembers([...renamed], ["department-renamed", "location-renamed", "job-renamed"])
    assert.notDeepEqual(earlier.organisation.units, before.organisation.units)
  })
})

describe("UltiProDays over HTTP", () => {
  it.live("lets days pass when told, and only then", () =>
    Effect.gen(function* () {
      const sandbox = yield* UltiProSandbox.start({ today: "2026-02-27", population: 80 })
      const before = (yield* ask(sandbox, persons)).text
      assert.strictEqual((yield* ask(sandbox, persons)).text, before)
      yield* sandbox.advance()
      assert.strictEqual(yield* sandbox.today, "2026-02-28")
      const happened = yield* sandbox.advance(10)
      assert.strictEqual(yield* sandbox.today, "2026-03-10")
      assert.isTrue(happened.every(({ day }) => day > "2026-02-28" && day <= "2026-03-10"))
      assert.notStrictEqual((yield* ask(sandbox, persons)).text, before)
      assert.isAtLeast(yield* sandbox.people, 80)
    })
  )

  it.live("changes no row on a first day, and no person's stamp in a rename", () =>
    Effect.gen(function* () {
      const sandbox = yield* UltiProSandbox.start()
      const stamps = Effect.map(ask(sandbox, employments), ({ rows }) => new Map(rows.map((row) => [keyOf(row), row])))
      let before = yield* stamps
      for (let day = 0; day < 30; day++) {
        const happened = yield* sandbox.advance()
        const after = yield* stamps
        const touched = new Set(happened.filter(({ kind }) => kind !== "started").map(({ employeeId }) => employeeId))
        for (const [key, row] of before) {
          const employeeId = String(row["employeeID"])
          if (touched.has(employeeId)) continue
          assert.strictEqual(after.get(key)?.["dateTimeChanged"], row["dateTimeChanged"])
        }
        before = after
      }
    })
  )
})

describe("UltiProDates", () => {
  it.prop(
    "count days there and back",
    { number: Schema.Int.check(Schema.isBetween({ minimum: -30_000, maximum: 60_000 })) },
    ({ number }) => {
      assert.strictEqual(dayNumber(dayOf(number)), number)
      assert.isTrue(isDay(dayOf(number)))
      assert.isTrue(dayOf(number) < plusDays(dayOf(number), 1))
    }
  )

  it("know leap years and refuse days that do not exist", () => {
    assert.strictEqual(plusDays("2024-02-28", 1), "2024-02-29")
    assert.strictEqual(plusDays("2026-02-28", 1), "2026-03-01")
    assert.strictEqual(plusDays("1999-12-31", 1), "2000-01-01")
    for (const text of ["2026-02-29", "2026-13-01", "26-01-01", "tomorrow"]) assert.isFalse(isDay(text))
    assert.strictEqual(usDay("2026-01-05"), "1/5/2026 12:00:00 AM")
  })
})
