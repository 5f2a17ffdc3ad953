import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { canonicalJson, sha256, uuidV5 } from "../src/domain/Digest.ts"
import { employeeStream, employeeUuid } from "../src/domain/Employee.ts"
import { OrganizationId } from "../src/domain/Organization.ts"
import { acme } from "./Given.ts"

/** The same value with the keys of every object in the opposite order. */
const turned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, turned(member)])
  )
}

describe("canonicalJson", () => {
  it("does not depend on the order of keys", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => canonicalJson(turned(value)) === canonicalJson(value)))
  })

  it("is JSON of the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepStrictEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))
      })
    )
  })

  it("tells different values apart, and keeps the order of a list", () => {
    assert.notStrictEqual(canonicalJson({ a: null }), canonicalJson({ a: "null" }))
    assert.notStrictEqual(canonicalJson(["a", "b"]), canonicalJson(["b", "a"]))
  })

  it("leaves out members without a value", () => {
    assert.strictEqual(canonicalJson({ b: 1, a: undefined }), '{"b":1}')
  })
})

describe("sha256", () => {
  it("gives the published digest of the empty text", () => {
    assert.strictEqual(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  })
})

describe("uuidV5", () => {
  it("gives the test vector of RFC 9562, appendix A.4", () => {
    assert.strictEqual(
      uuidV5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"),
      "2ed6657d-e927-568b-95e1-2665a8aea6a2"
    )
  })

  it("always carries version 5 and the variant of the RFC", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string(), (namespace, name) => {
        assert.match(uuidV5(namespace, name), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      })
    )
  })
})

describe("employeeStream", () => {
  it("is the same name today as in every log that was ever written", () => {
    assert.strictEqual(employeeStream(acme, "0001"), "employee:785592ac-5603-5f1e-9f46-84edb6cab452")
  })

  it("is the Directory's id of the person behind a prefix", () => {
    assert.strictEqual(employeeStream(acme, "0001"), `employee:${employeeUuid(acme, "0001")}`)
  })

  it("tells apart keys that a number or a case-blind reader would confuse, and organizations", () => {
    const streams = [
      employeeStream(acme, "1"),
      employeeStream(acme, "01"),
      employeeStream(acme, "a"),
      employeeStream(acme, "A"),
      employeeStream(OrganizationId.make("other"), "1")
    ]
    assert.strictEqual(new Set(streams).size, streams.length)
  })
})
