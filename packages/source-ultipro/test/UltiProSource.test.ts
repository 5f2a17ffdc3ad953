import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Stream } from "effect"

import { ultipro } from "../src/UltiProSource.ts"
import { inShort, openOn, read, readTenant, records, serve, tenant } from "./Tenant.ts"

describe("UltiProSource on a tenant that answers as it should", () => {
  it.effect("reports everyone, and that this is everyone", () =>
    Effect.gen(function* () {
      const said = yield* readTenant(tenant(3), { pageSize: 2 })
      assert.deepStrictEqual(inShort(said), ["Expected 3", "Record EMP1", "Record EMP2", "Record EMP3", "Complete 3"])
    })
  )

  it.effect("says of a person what both lists and the configuration say", () =>
    Effect.gen(function* () {
      const [record] = records(yield* readTenant(tenant(1)))
      assert.deepStrictEqual(record, {
        _tag: "Record",
        key: "EMP1",
        locator: "ultipro:person-details?page=1#1+employment-details?page=1#1",
        fields: {
          firstName: "First1",
          middleName: null,
          lastName: "Last1",
          preferredName: null,
          email: "person1@example.com",
          alternateEmails: null,
          status: "active",
          supervisorId: null,
          title: "Engineer",
          departmentId: "2:SALES",
          departmentName: "Sales",
          officeId: "HQ",
          officeAddress: "1 Main Street, Weston, FL, 33326, USA",
          addressState: "TX",
          addressCountry: "USA",
          employeeTypeCode: "REG",
          fullTimeOrPartTimeCode: "F",
          gender: "F",
          dateOfBirth: "1990-02-28",
          originalHireDate: "2020-01-06",
          lastHireDate: "2020-01-06",
          dateOfTermination: null,
          dateOfSeniority: "2020-01-06",
          dateInJob: "2021-09-20"
        }
      })
    })
  )
})

describe("UltiProSource as a plugin", () => {
  it("says what it can do", () => {
    const { capabilities, id } = ultipro.plugin
    assert.deepStrictEqual([id, capabilities], ["ultipro", { changes: false, lookup: true, effectiveDated: true }])
  })

  it.effect("says the same again when nothing changed", () =>
    Effect.gen(function* () {
      const lists = tenant(5)
      assert.deepStrictEqual((yield* readTenant(lists)).messages, (yield* readTenant(lists)).messages)
    })
  )

  it.effect("says people page by page, and not all at once", () =>
    Effect.gen(function* () {
      const source = yield* openOn(serve(tenant(100)).http, { pageSize: 10 })
      const sizes: Array<number> = []
      yield* source
        .snapshot(Option.none())
        .pipe(Stream.runForEachArray((chunk) => Effect.sync(() => sizes.push(chunk.length))))
      assert.deepStrictEqual(sizes, [1, ...Array.from({ length: 10 }, () => 10), 1])
    }).pipe(Effect.scoped)
  )

  it.effect("keeps what was said before it broke off", () =>
    Effect.gen(function* () {
      const server = serve(tenant(6), ({ list, page }) =>
        list === "person-details" && page === 3 ? { status: 403 } : undefined
      )
      const said = yield* read(server, { pageSize: 2 })
      assert.deepStrictEqual(inShort(said), ["Expected 6", "Record EMP1", "Record EMP2", "PermissionMissing"])
    })
  )
})
