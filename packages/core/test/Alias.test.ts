import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { aliasOf, freeAlias, isAlias } from "../src/directory/Alias.ts"

const inPaths = ["profile", "keys", "alias", "by-app", "by-app-id", "by-app-data", "by-app-secret"]

describe("Alias", () => {
  it("is made of the letters and digits of a name, without accents", () => {
    assert.strictEqual(aliasOf("Café Société 2000"), "cafe-societe-2000")
    assert.strictEqual(aliasOf("  ACME, Inc.  "), "acme-inc")
  })

  it("is a word of its own where the name has nothing to make it of, or makes a word that stands in a path", () => {
    for (const name of ["", "東京", "---", "Profile", "By App Id"]) assert.strictEqual(aliasOf(name), "organization")
  })

  it("refuses what is no alias", () => {
    for (const text of ["", "-a", "a-", "A", "a b", "ä", "a/b", "a\0b", "a".repeat(64), ...inPaths]) {
      assert.isFalse(isAlias(text), text)
    }
    for (const text of ["a", "7", "a_b-c", "a".repeat(63), "profiles"]) assert.isTrue(isAlias(text), text)
  })

  it("stays as it is where nobody has it, and takes the first free number otherwise", () => {
    assert.strictEqual(freeAlias("acme", new Set(["acme-2"])), "acme")
    assert.strictEqual(freeAlias("acme", new Set(["acme", "acme-2"])), "acme-3")
  })

  it("is sound for any name, however many have it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), fc.nat(12), (name, others) => {
        const taken = new Set<string>()
        for (let i = 0; i <= others; i++) {
          const made = freeAlias(aliasOf(name), taken)
          assert.isTrue(isAlias(made) && !taken.has(made), made)
          taken.add(made)
        }
      })
    )
  })
})
