import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"

import { chooseEmployment, hasStaleEnd, rulesOf, standingOf } from "../src/UltiProEmployment.ts"
import type { Employment } from "../src/UltiProTable.ts"
import { type Cell, employmentReader, wrongType } from "../src/UltiProWire.ts"
import {
  configOf,
  employment,
  type Encoded,
  inShort,
  type Json,
  notices,
  readTenant,
  records,
  rejections,
  tenant,
  today
} from "./Tenant.ts"

const read = employmentReader(2)

const rowOf = (company: string, more: Json = {}): Employment => ({
  is: read(employment(1, { companyID: company, companyCode: company, ...more })).row,
  page: 1,
  row: 1
})

const ended = (company: string, date: string | null, more: Json = {}) =>
  rowOf(company, { employeeStatusCode: "T", dateOfTermination: date, ...more })

const rules = (more: Partial<Encoded> = {}) => rulesOf(configOf(more), today)

const isOpen = ({ is }: Employment) => is.statusCode !== "T"

const stale = (status: string, date: string) =>
  hasStaleEnd(rowOf("A", { employeeStatusCode: status, dateOfTermination: date }).is, rules())

const future = (more: Json = {}) =>
  employment(1, { originalHireDate: "2026-02-02", lastHireDate: "2026-02-02T00:00:00", ...more })

const chosen = (rows: ReadonlyArray<Employment>, home: Cell = "HOME1") =>
  chooseEmployment(rows, home, rules())?.is.companyId

describe("UltiProEmployment choosing among several", () => {
  it("takes the open one in the home company before one with a later hire", () =>
    assert.strictEqual(chosen([rowOf("AWAY1", { lastHireDate: "2025-01-01" }), rowOf("HOME1")]), "HOME1"))

  it("takes the open one with the latest hire where none is in the home company", () => {
    const rows = [
      rowOf("A", { lastHireDate: "2021-01-01" }),
      rowOf("B", { lastHireDate: "2023-01-01" }),
      ended("HOME1", "2024-01-01")
    ]
    assert.strictEqual(chosen(rows), "B")
  })

  it("takes an open one before any that ended, on leave or not", () =>
    assert.strictEqual(chosen([ended("HOME1", "2024-01-01"), rowOf("AWAY1", { employeeStatusCode: "L" })]), "AWAY1"))

  it("takes the one that ended at home before one that ended later elsewhere", () =>
    assert.strictEqual(chosen([ended("AWAY1", "2025-01-01"), ended("HOME1", "2020-01-01")]), "HOME1"))

  it("takes the one that ended last where the one at home was a transfer", () =>
    assert.strictEqual(
      chosen([
        ended("AWAY1", "2019-01-01"),
        ended("AWAY2", "2018-01-01"),
        ended("HOME1", "2010-01-01", { termReason: "TRO" })
      ]),
      "AWAY1"
    ))

  it("takes a transfer that is all there is", () =>
    assert.strictEqual(chosen([ended("HOME1", "2020-01-01", { termReason: "TRO" })]), "HOME1"))

  it("goes without a home where the person has none", () => {
    const rows = [rowOf("A", { lastHireDate: "2021-01-01" }), rowOf("B", { lastHireDate: "2023-01-01" })]
    for (const home of [null, undefined, wrongType] as const) assert.strictEqual(chosen(rows, home), "B")
  })

  it("does not let the order of the rows decide", () => {
    const anyRow = fc
      .record({
        company: fc.constantFrom("HOME1", "A", "B", "C", "D"),
        employeeStatusCode: fc.constantFrom("A", "L", "T", "X", null, 7),
        lastHireDate: fc.constantFrom("2020-01-01", "2021-01-01", null, "x"),
        dateOfTermination: fc.constantFrom("2024-01-01", "2025-06-01", null),
        termReason: fc.constantFrom("TRO", "VOL", null)
      })
      .map(({ company, ...more }) => rowOf(company, more))
    fc.assert(
      fc.property(
        fc.uniqueArray(anyRow, { selector: ({ is }) => is.companyId, minLength: 1, maxLength: 5 }),
        fc.nat(),
        (rows, turn) => {
          const best = chooseEmployment(rows, "HOME1", rules())
          const turned = [...rows.slice(turn % rows.length), ...rows.slice(0, turn % rows.length)].toReversed()
          assert.deepStrictEqual(chooseEmployment(turned, "HOME1", rules()), best)
          assert.include(rows, best, "one of those that there are")
          assert.isTrue(!rows.some(isOpen) || (best !== undefined && isOpen(best)), "no leaver while one is open")
        }
      )
    )
  })

  it("takes what the configuration calls terminated for ended", () =>
    assert.strictEqual(
      chooseEmployment(
        [rowOf("HOME1", { employeeStatusCode: "R" }), rowOf("B")],
        "HOME1",
        rules({ statuses: { R: "terminated" } })
      )?.is.companyId,
      "B"
    ))
})

const people = (rows: ReadonlyArray<Json>, more: Partial<Encoded> = {}) =>
  readTenant(tenant(1, { "employment-details": rows }), more)

describe("UltiProEmployment and movers", () => {
  it.effect("takes a transfer for no leaver, and keeps the person", () =>
    Effect.gen(function* () {
      const old = employment(1, {
        companyID: "OLD",
        employeeStatusCode: "T",
        termReason: "TRO",
        dateOfTermination: "2025-12-31"
      })
      const said = yield* people([old, employment(1)])
      assert.deepInclude(records(said)[0]?.fields, { status: "active", dateOfTermination: null })
      assert.deepStrictEqual(inShort(said), ["Expected 1", "Record EMP1", "Complete 1"])
    })
  )

  it.effect("takes a rehire back without the end that is left over from before", () =>
    Effect.gen(function* () {
      const said = yield* people([
        employment(1, { lastHireDate: "2025-03-01T00:00:00", dateOfTermination: "2024-02-29T00:00:00" })
      ])
      assert.deepInclude(records(said)[0]?.fields, {
        status: "active",
        originalHireDate: "2020-01-06",
        lastHireDate: "2025-03-01",
        dateOfTermination: null
      })
    })
  )

  it.effect("leaves somebody active who is going to leave", () =>
    Effect.gen(function* () {
      const said = yield* people([employment(1, { dateOfTermination: "2026-02-28T00:00:00" })])
      assert.deepInclude(records(said)[0]?.fields, { status: "active", dateOfTermination: "2026-02-28" })
    })
  )

  it.effect("says that somebody left, and when", () =>
    Effect.gen(function* () {
      const said = yield* people([employment(1, { employeeStatusCode: "T", dateOfTermination: "2019-12-31T00:00:00" })])
      assert.deepInclude(records(said)[0]?.fields, { status: "terminated", dateOfTermination: "2019-12-31" })
    })
  )

  it("knows a stale end: on or before the hire, and never of one that ended", () => {
    assert.deepStrictEqual(
      [
        stale("A", "2020-01-06"),
        stale("A", "2020-01-05"),
        stale("L", "2019-01-01"),
        stale("A", "2020-01-07"),
        stale("T", "2019-01-01"),
        stale("A", "junk")
      ],
      [true, true, true, false, false, false]
    )
  })

  it.effect("notices people with more than one open employment", () =>
    Effect.gen(function* () {
      const said = yield* people([employment(1), employment(1, { companyID: "B" })])
      assert.match(notices(said).join(), /^1 person with more than one open employment/)
      const quiet = yield* people([employment(1), employment(1, { companyID: "B", employeeStatusCode: "T" })])
      assert.lengthOf(notices(quiet), 0)
    })
  )
})

describe("UltiProEmployment and people without one", () => {
  it.effect("refuses a person without an employment by name: they are there", () =>
    Effect.gen(function* () {
      const said = yield* readTenant(tenant(2, { "employment-details": [employment(2)] }))
      assert.deepStrictEqual(inShort(said), [
        "Expected 1",
        "Rejected EMP1 reference-unknown",
        "Record EMP2",
        "Complete 2"
      ])
      assert.match(rejections(said)[0]?.message ?? "", /no employment of theirs/)
    })
  )

  it.effect("refuses an employment without a person by name: they are there, too", () =>
    Effect.gen(function* () {
      const said = yield* readTenant(tenant(1, { "employment-details": [employment(1), employment(7)] }))
      assert.deepStrictEqual(inShort(said), [
        "Expected 2",
        "Record EMP1",
        "Rejected EMP7 reference-unknown",
        "Complete 2"
      ])
      assert.strictEqual(rejections(said)[0]?.locator, "ultipro:employment-details?page=1#2")
    })
  )

  it.effect("says that it does not know who is missing where a row does not say whom it is about", () =>
    Effect.gen(function* () {
      for (const employeeId of [null, " ", undefined, 12, { a: 1 }]) {
        const lists = tenant(1)
        const rows = [
          ...lists["person-details"],
          { firstName: "X", ...(employeeId === undefined ? {} : { employeeId }) }
        ]
        const said = yield* readTenant({ ...lists, "person-details": rows })
        assert.deepStrictEqual(inShort(said), [
          "Expected 1",
          "Rejected nobody employeeId key-missing",
          "Record EMP1",
          "Incomplete"
        ])
      }
      const rows = [employment(1), null, employment(2, { employeeID: null })]
      const said = yield* readTenant(tenant(1, { "employment-details": rows }))
      const last = said.messages.at(-1)
      assert.strictEqual(
        last?._tag === "Incomplete" ? last.reason : "",
        "It is not known whom 2 rows of employment-details are about."
      )
    })
  )
})

describe("UltiProEmployment of people who have not begun", () => {
  it.effect("says them as planned for their first day", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(inShort(yield* people([future()])), [
        "Expected 1",
        "Record EMP1 from 2026-02-02",
        "Complete 1"
      ])
    })
  )

  it.effect("says somebody's first day itself as a date, for it begins later in the west", () =>
    Effect.gen(function* () {
      const said = yield* people([future({ lastHireDate: today })])
      assert.deepStrictEqual(inShort(said), ["Expected 1", `Record EMP1 from ${today}`, "Complete 1"])
      const yesterday = yield* people([future({ lastHireDate: "2026-01-04" })])
      assert.deepStrictEqual(inShort(yesterday), ["Expected 1", "Record EMP1", "Complete 1"])
    })
  )

  it.effect("leaves them out where the configuration says so", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(inShort(yield* people([future()], { includeFutureHires: false })), [
        "Expected 1",
        "Complete 0"
      ])
    })
  )

  it.effect("says what holds today before what is planned", () =>
    Effect.gen(function* () {
      const left = employment(1, {
        companyID: "OLD",
        employeeStatusCode: "T",
        dateOfTermination: "2025-06-30",
        termReason: "VOL"
      })
      const said = yield* people([future(), left])
      assert.deepStrictEqual(inShort(said), ["Expected 1", "Record EMP1", "Record EMP1 from 2026-02-02", "Complete 1"])
      assert.deepStrictEqual(
        records(said).map(({ fields }) => fields.status),
        ["terminated", "active"]
      )
      const without = yield* people([future(), left], { includeFutureHires: false })
      assert.deepStrictEqual(inShort(without), ["Expected 1", "Record EMP1", "Complete 1"])
    })
  )

  it.effect("does not take somebody away between the two halves of a transfer", () =>
    Effect.gen(function* () {
      const left = employment(1, {
        companyID: "OLD",
        employeeStatusCode: "T",
        dateOfTermination: "2025-12-31",
        termReason: "TRO"
      })
      const said = yield* people([left, future()])
      assert.deepStrictEqual(inShort(said), ["Expected 1", "Record EMP1", "Complete 1"])
      assert.strictEqual(records(said)[0]?.fields.status, "active")
    })
  )

  it.effect("says of one who never came that they are gone", () =>
    Effect.gen(function* () {
      const said = yield* people([future({ employeeStatusCode: "T", dateOfTermination: "2026-01-02" })])
      assert.deepStrictEqual(inShort(said), ["Expected 1", "Record EMP1", "Complete 1"])
      assert.strictEqual(records(said)[0]?.fields.status, "terminated")
    })
  )
})

describe("UltiProEmployment outside what is to be read", () => {
  const both = [
    employment(1, { companyID: "A", companyCode: "AAA" }),
    employment(2, { companyID: "B", companyCode: "BBB" })
  ]

  it.effect.each(["AAA", "A"])("reads the people of company %s alone", (company) =>
    Effect.gen(function* () {
      const said = yield* readTenant(tenant(2, { "employment-details": both }), { companies: [company] })
      assert.deepStrictEqual(inShort(said), ["Expected 2", "Record EMP1", "Complete 1"])
    })
  )

  it.effect("leaves test employees out, with or without a person", () =>
    Effect.gen(function* () {
      const rows = [
        employment(1, { employeeTypeCode: "TES" }),
        employment(2),
        employment(9, { employeeTypeCode: "TES" })
      ]
      const said = yield* readTenant(tenant(2, { "employment-details": rows }), { excludeEmployeeTypes: ["TES"] })
      assert.deepStrictEqual(inShort(said), ["Expected 3", "Record EMP2", "Complete 1"])
    })
  )

  it.effect("does not say that somebody left who went on in a company that is not read", () =>
    Effect.gen(function* () {
      const rows = [
        employment(1, {
          companyID: "A",
          companyCode: "AAA",
          employeeStatusCode: "T",
          termReason: "TRO",
          dateOfTermination: "2025-12-31"
        }),
        employment(1, { companyID: "B", companyCode: "BBB" }),
        employment(2, { companyID: "A", companyCode: "AAA", employeeStatusCode: "T", dateOfTermination: "2025-12-31" })
      ]
      const said = yield* readTenant(tenant(2, { "employment-details": rows }), { companies: ["AAA"] })
      assert.deepStrictEqual(inShort(said), ["Expected 2", "Record EMP2", "Noticed", "Complete 1"])
      assert.match(notices(said)[0] ?? "", /1 person gone on in a company/)
    })
  )

  it("reads an employment that does not say its company", () => {
    const row = rowOf("A", { companyID: null, companyCode: " " })
    assert.isObject(standingOf([row], null, rules({ companies: ["AAA"] })))
  })
})
