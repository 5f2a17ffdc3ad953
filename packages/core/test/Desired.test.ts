import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import type { Absence, Policy } from "../src/domain/Policy.ts"
import { daysBetween, desired, isErased, values } from "../src/sync/Desired.ts"
import { type History, given, january, noonOf, policy } from "./Given.ts"

const wanted = (history: History, rules: Partial<Policy> = {}, day = january(20)) =>
  desired(history.person, policy(rules), noonOf(day))

const both = () => given().appeared({ title: "Clerk" }).appeared({ title: "Head", officeId: "B" }, { source: "crm" })

describe("desired: which source is believed", () => {
  it("takes each field from the first source that has an opinion, with the event it came from", () => {
    assert.deepStrictEqual(wanted(both()).fields, {
      title: { value: "Clerk", position: 1, source: "hr" },
      officeId: { value: "B", position: 2, source: "crm" }
    })
    assert.deepInclude(wanted(both(), { precedence: ["crm", "hr"] }).fields.title, { value: "Head", source: "crm" })
  })

  it("takes an asserted emptiness for an opinion", () => {
    assert.isNull(wanted(both().changed({ title: null })).fields.title?.value)
  })

  it("stays quiet about a source that is not in the precedence", () => {
    assert.deepStrictEqual(Object.keys(wanted(both(), { precedence: ["hr"] }).fields), ["title"])
  })

  it("no longer believes a source that lost the person while another has them", () => {
    const { fields, presence } = wanted(both().vanished("hr"), { absence: { policy: "terminate" } })
    assert.strictEqual(presence, "present")
    assert.deepStrictEqual(values({ ...fields }), { title: "Head", officeId: "B" })
  })

  it("keeps the last word of all when every source lost the person", () => {
    const { fields, presence } = wanted(both().vanished("hr").vanished("crm"))
    assert.strictEqual(presence, "vanished")
    assert.deepStrictEqual(values(fields), { title: "Clerk", officeId: "B" })
  })

  it("expects a person whose first day is to come", () => {
    const history = given().appeared({ title: "Clerk" }, { effectiveOn: january(21) })
    assert.deepInclude(wanted(history, {}, january(20)), { presence: "expected", fields: {} })
    assert.strictEqual(wanted(history, {}, january(21)).presence, "present")
  })

  it("knows nothing of a person whom no source ever had", () => {
    assert.deepInclude(wanted(given().created({ title: "Clerk" })), { presence: "unknown", fields: {} })
  })
})

const withApi = { precedence: ["hr", "directory"] }
const apiFirst = { precedence: ["directory", "hr"] }

const remarked = () => given().appeared({ status: "active" }).amended({ title: "Head" })

describe("desired: a remark", () => {
  it("counts in the precedence of fields", () => {
    const history = given().appeared({ title: "Clerk" }).amended({ title: "Head", officeId: "B" })
    assert.deepStrictEqual(values(wanted(history, withApi).fields), { title: "Clerk", officeId: "B" })
    assert.deepStrictEqual(values(wanted(history, apiFirst).fields), { title: "Head", officeId: "B" })
    assert.deepStrictEqual(values(wanted(history).fields), { title: "Clerk" })
  })

  it("never keeps somebody present who vanished or was removed", () => {
    for (const rules of [withApi, apiFirst]) {
      const absence: Absence = { policy: "terminate" }
      assert.deepInclude(wanted(remarked().vanished(), { ...rules, absence }), { presence: "vanished" })
      assert.strictEqual(wanted(remarked().vanished(), { ...rules, absence }).fields.status?.value, "terminated")
      assert.strictEqual(wanted(remarked().removed(), rules).fields.status?.value, "terminated")
      assert.strictEqual(wanted(remarked().removed().amended({ officeId: "B" }), rules).presence, "removed")
    }
  })

  it("is all that is left of the API's word on somebody it made, once HR knows them", () => {
    const known = given().appeared({ status: "active" }, { source: "directory" }).appeared({ status: "active" })
    assert.strictEqual(wanted(known, withApi).presence, "present")
    assert.strictEqual(
      wanted(known.changed({ title: "Head" }, { source: "directory" }), withApi).fields.title?.value,
      "Head"
    )
    assert.strictEqual(wanted(known.removed(), withApi).fields.status?.value, "terminated")
  })

  it("names HR's event for a leaver, though the remark came later", () => {
    const history = given().appeared({ status: "active" }).removed().amended({ title: "Head" })
    assert.deepStrictEqual(wanted(history, withApi).fields.status, { value: "terminated", position: 2, source: "hr" })
  })

  it("never lets somebody begin early", () => {
    const history = given()
      .appeared({ title: "Clerk" }, { effectiveOn: january(21) })
      .amended({ officeId: "B" })
    assert.strictEqual(wanted(history, withApi, january(20)).presence, "expected")
    assert.strictEqual(wanted(history, withApi, january(21)).presence, "present")
  })

  it("makes nobody of itself", () => {
    assert.strictEqual(wanted(given().amended({ title: "Head" }), withApi).presence, "unknown")
  })

  it("is kept while another source no longer has a say", () => {
    const history = both().amended({ title: "Boss" }).vanished("hr")
    const { fields } = wanted(history, { precedence: ["hr", "directory", "crm"] })
    assert.deepStrictEqual(values(fields), { title: "Boss", officeId: "B" })
  })

  it("changes nothing of who is there, whatever is said and in whatever order", () => {
    const act = fc.constantFrom("appeared" as const, "future" as const, "vanished" as const, "removed" as const)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(act, fc.boolean()), { maxLength: 6 }),
        fc.integer({ min: 1, max: 31 }),
        (acts, n) => {
          const [plain, amended] = [given(), given()]
          for (const [kind, remark] of acts) {
            for (const history of [plain, amended]) {
              if (kind === "appeared") history.appeared({ status: "active" })
              else if (kind === "future") history.appeared({ status: "active" }, { effectiveOn: january(15) })
              else history[kind]()
            }
            if (remark) amended.amended({ title: "Head" })
          }
          for (const rules of [withApi, apiFirst]) {
            const given = { ...rules, absence: { policy: "terminate", afterDays: 3 } } as const
            const [a, b] = [wanted(plain, given, january(n)), wanted(amended, given, january(n))]
            assert.deepStrictEqual([b.presence, b.fields.status?.value], [a.presence, a.fields.status?.value])
          }
        }
      )
    )
  })
})

const left = () => given().on(january(2)).appeared({ status: "active", title: "Clerk" }).on(january(10)).vanished()

const statusAfter = (history: History, absence: Absence, day: string) =>
  wanted(history, { absence }, day).fields.status?.value

describe("desired: what absence means", () => {
  it("reports and changes nothing by default", () => {
    assert.strictEqual(statusAfter(left(), { policy: "report" }, january(30)), "active")
  })

  it("suspends or terminates on the first absence, and names the event that says so", () => {
    assert.strictEqual(statusAfter(left(), { policy: "suspend" }, january(10)), "leave")
    assert.deepStrictEqual(wanted(left(), { absence: { policy: "terminate" } }, january(10)).fields.status, {
      value: "terminated",
      position: 2,
      source: "hr"
    })
  })

  it("waits for as many days as it was told to", () => {
    const absence: Absence = { policy: "terminate", afterDays: 3 }
    assert.strictEqual(statusAfter(left(), absence, january(12)), "active")
    assert.strictEqual(statusAfter(left(), absence, january(13)), "terminated")
  })

  it("acts on the first absence although the day is a later one in UTC than in the organization", () => {
    assert.strictEqual(statusAfter(left(), { policy: "terminate" }, january(9)), "terminated")
  })

  it("counts the days from the last source that lost the person", () => {
    const history = left().appeared({ status: "active" }, { source: "crm" }).on(january(15)).vanished("crm")
    const absence: Absence = { policy: "suspend", afterDays: 3 }
    assert.strictEqual(statusAfter(history, absence, january(17)), "active")
    assert.strictEqual(statusAfter(history, absence, january(18)), "leave")
  })

  it("starts the count anew after a return", () => {
    const history = left().on(january(11)).appeared({ status: "active" }).on(january(14)).vanished()
    const absence: Absence = { policy: "terminate", afterDays: 3 }
    assert.strictEqual(statusAfter(history, absence, january(16)), "active")
    assert.strictEqual(statusAfter(history, absence, january(17)), "terminated")
  })

  it("never makes a leaver into somebody on leave", () => {
    const history = left().changed({ status: "terminated" }).vanished()
    assert.strictEqual(statusAfter(history, { policy: "suspend" }, january(30)), "terminated")
  })

  it("stays quiet about somebody who is there", () => {
    const history = left().appeared({ status: "active" })
    assert.strictEqual(statusAfter(history, { policy: "terminate" }, january(30)), "active")
  })

  it("terminates whoever a source removed in so many words, whatever absence means", () => {
    const removed = given().appeared({ status: "active" }).removed()
    assert.deepInclude(wanted(removed), { presence: "removed" })
    assert.strictEqual(statusAfter(removed, { policy: "report" }, january(2)), "terminated")
    assert.strictEqual(statusAfter(removed, { policy: "terminate", afterDays: 90 }, january(2)), "terminated")
  })

  it("believes a source that has the person against one that removed them", () => {
    const history = given()
      .appeared({ status: "active" })
      .removed()
      .appeared({ status: "active", title: "Clerk" }, { source: "crm" })
    assert.deepInclude(wanted(history).fields.status, { value: "active", source: "crm" })
  })
})

describe("isErased", () => {
  it("sees a person whose key and own fields are gone, and nobody else", () => {
    const left = { type: "EmployeeAppeared", source: "hr", run: "r", day: january(1), locator: "hr.csv:2" } as const
    assert.isTrue(isErased(given().and({ ...left, fields: { title: "Clerk" } }).person))
    assert.isFalse(isErased(given().and({ ...left, fields: { firstName: "Ada" } }).person))
    assert.isFalse(isErased(given().appeared({ title: "Clerk" }).person))
  })
})

/** The day after a date, by the rule that everybody learns at school. */
const dayAfter = (date: string): string => {
  const [year, month, day] = date.split("-").map(Number) as [number, number, number]
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const length = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
  const [y, m, d] = day < length ? [year, month, day + 1] : month < 12 ? [year, month + 1, 1] : [year + 1, 1, 1]
  return `${String(y).padStart(4, "0")}-${String(m).padStart(2, "0")}-${String(d).padStart(2, "0")}`
}

describe("daysBetween", () => {
  it.each([
    ["2026-01-01", "2026-01-01", 0],
    ["2026-01-01", "2026-01-02", 1],
    ["2026-01-02", "2026-01-01", -1],
    ["2026-02-28", "2026-03-01", 1],
    ["2024-02-28", "2024-03-01", 2],
    ["2024-02-29", "2025-02-28", 365],
    ["1900-02-28", "1900-03-01", 1],
    ["2000-02-28", "2000-03-01", 2],
    ["2100-02-28", "2100-03-01", 1],
    ["2025-12-31", "2026-01-01", 1],
    ["2024-01-01", "2025-01-01", 366],
    ["1970-01-01", "2026-11-22", 20_779],
    ["1600-01-01", "2000-01-01", 146_097]
  ] as const)("from %s to %s are %i", (from, to, days) => {
    assert.strictEqual(daysBetween(from, to), days)
  })

  it("counts one for every step of the calendar, through four centuries", () => {
    let date = "1799-12-31"
    for (let n = 1; n <= 146_097; n++) {
      date = dayAfter(date)
      if (daysBetween("1799-12-31", date) !== n) assert.fail(`${date} is day ${n}`)
    }
    assert.strictEqual(date, "2199-12-31")
  })

  it("is the same way back", () => {
    const date = fc.tuple(
      fc.integer({ min: 1900, max: 2100 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 28 })
    )
    const text = date.map(([y, m, d]) => `${y}-${String(m).padStart(2, "0")}-${String(d).padStart(2, "0")}`)
    fc.assert(fc.property(text, text, (a, b) => daysBetween(a, b) + daysBetween(b, a) === 0))
  })
})
