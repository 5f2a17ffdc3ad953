import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import type { Mapping } from "../src/domain/Policy.ts"
import type { DesiredFields } from "../src/sync/Desired.ts"
import { mapFields } from "../src/sync/Mapping.ts"

const from = { position: 7, source: "hr" }

describe("mapFields", () => {
  it("leaves everything as it is when nothing is configured", () => {
    const fields: DesiredFields = { title: { value: "Clerk", ...from }, officeId: { value: null, ...from } }
    assert.deepStrictEqual(mapFields({}, fields), fields)
  })

  it("withholds a field whatever a source or a default says", () => {
    const mapping: Mapping = { withhold: ["gender"], defaults: { gender: "X" } }
    assert.deepStrictEqual(mapFields(mapping, { gender: { value: "F", ...from } }), {})
  })

  it("translates listed values and sends others as they are, from where they came", () => {
    const mapping: Mapping = { translate: { employeeTypeCode: { REG: "Regular" } } }
    const mapped = (value: string) => mapFields(mapping, { employeeTypeCode: { value, ...from } }).employeeTypeCode
    assert.deepStrictEqual(mapped("REG"), { value: "Regular", ...from })
    assert.deepStrictEqual(mapped("TMP"), { value: "TMP", ...from })
  })

  it("translates no value that merely bears the name of something every object has", () => {
    const mapping: Mapping = { translate: { title: { Clerk: "Assistant" } } }
    for (const value of ["constructor", "toString", "__proto__"]) {
      assert.deepStrictEqual(mapFields(mapping, { title: { value, ...from } }).title, { value, ...from })
    }
  })

  it("fills in a default where no source has a value, and says that it did", () => {
    const mapping: Mapping = { defaults: { addressCountry: "US", remote: false } }
    const filled = { value: "US", position: 0, source: "configuration" }
    assert.deepStrictEqual(mapFields(mapping, {}).addressCountry, filled)
    assert.deepStrictEqual(mapFields(mapping, { addressCountry: { value: null, ...from } }).addressCountry, filled)
    assert.deepInclude(mapFields(mapping, {}).remote, { value: false })
  })

  it("stays quiet with its default where a source has a value", () => {
    const mapping: Mapping = { defaults: { addressCountry: "US", remote: true } }
    const fields: DesiredFields = { addressCountry: { value: "CA", ...from }, remote: { value: false, ...from } }
    assert.deepStrictEqual(mapFields(mapping, fields), fields)
  })

  it("withholds and fills in the same when it is done twice", () => {
    const mapping: Mapping = { withhold: ["gender"], defaults: { title: "Clerk" } }
    const field = fc.option(fc.record({ value: fc.option(fc.string()), position: fc.nat(), source: fc.string() }), {
      nil: undefined
    })
    const fields = fc
      .record({ title: field, gender: field, officeId: field })
      .map(
        (record) =>
          Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as DesiredFields
      )
    fc.assert(
      fc.property(fields, (given) => {
        const once = mapFields(mapping, given)
        assert.deepStrictEqual(mapFields(mapping, once), once)
      })
    )
  })
})
