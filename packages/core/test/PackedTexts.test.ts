import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { employeeStream, packStream, unpackStream } from "../src/domain/Employee.ts"
import { OrganizationId } from "../src/domain/Organization.ts"
import { PackedTexts } from "../src/domain/PackedTexts.ts"

/** Any code units, those included that are no characters: a key is never parsed. */
const texts = fc.array(fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((n) => String.fromCharCode(n)) }))

describe("PackedTexts", () => {
  it("numbers texts as they first come and gives them back as they were", () => {
    fc.assert(
      fc.property(texts, (all) => {
        const packed = new PackedTexts()
        const distinct = [...new Set(all)]
        for (const text of all) assert.strictEqual(packed.add(text), distinct.indexOf(text))
        assert.strictEqual(packed.size, distinct.length)
        assert.deepStrictEqual(
          distinct.map((_, number) => packed.at(number)),
          distinct
        )
      })
    )
  })

  it("finds each of many and nobody else", () => {
    const packed = new PackedTexts()
    for (let n = 0; n < 20_000; n++) packed.add(`E${n}`)
    for (let n = 0; n < 20_000; n++) assert.strictEqual(packed.numberOf(`E${n}`), n)
    assert.isFalse(packed.has("E20000"))
    assert.isFalse(packed.has(""))
  })

  it("keeps a text longer than all its room", () => {
    const packed = new PackedTexts()
    const long = "long ".repeat(100_000)
    assert.strictEqual(packed.at(packed.add(long)), long)
  })
})

describe("Packed names of streams", () => {
  it("take nine code units for an employee's", () => {
    const stream = employeeStream(OrganizationId.make("acme"), "0001")
    assert.strictEqual(packStream(stream).length, 9)
    assert.strictEqual(unpackStream(packStream(stream)), stream)
  })

  it("are unpacked as they were, whatever they name", () => {
    const uuid = fc.uuid().map((id) => `employee:${id}`)
    fc.assert(
      fc.property(fc.oneof(uuid, fc.string(), fc.constant("employee:x")), (stream) => {
        assert.strictEqual(unpackStream(packStream(stream)), stream)
      })
    )
  })
})
