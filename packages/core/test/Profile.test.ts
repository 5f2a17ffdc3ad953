import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { profileChanges, withChanges } from "../src/directory/Profile.ts"

const members = ["icon", "description", "color"] as const

const texts = fc.constantFrom("a", "b")
const profiles = fc.record({ icon: texts, description: texts, color: texts }, { requiredKeys: [] })
const asked = fc.record(
  { icon: fc.option(texts), description: fc.option(texts), color: fc.option(texts) },
  { requiredKeys: [] }
)

describe("Profile", () => {
  it("empties what a replacement does not name, and leaves it where the request merges", () => {
    const known = { icon: "a", description: "b" }
    assert.deepStrictEqual(profileChanges(known, { icon: "c" }, members, "replace"), { icon: "c", description: null })
    assert.deepStrictEqual(profileChanges(known, { icon: "c" }, members, "merge"), { icon: "c" })
  })

  it("empties what is asked to be null", () => {
    assert.deepStrictEqual(profileChanges({ icon: "a" }, { icon: null }, members, "merge"), { icon: null })
    const profile: { readonly [member in "icon" | "color"]?: string } = { icon: "a", color: "b" }
    assert.deepStrictEqual(withChanges(profile, { icon: null }), { color: "b" })
  })

  it("stays quiet about what is so already, and about members it does not have", () => {
    assert.deepStrictEqual(profileChanges({ icon: "a" }, { icon: "a", color: null }, members, "replace"), {})
    assert.deepStrictEqual(profileChanges({}, { motto: "x" }, members, "merge"), {})
  })

  it("is what was asked for afterwards, and asked for again changes nothing", () => {
    fc.assert(
      fc.property(profiles, asked, fc.constantFrom("replace" as const, "merge" as const), (known, request, mode) => {
        const after = withChanges(known, profileChanges(known, request, members, mode))
        const left = mode === "merge" ? known : {}
        const wanted = Object.entries({ ...left, ...request }).filter(([, value]) => value !== null)
        assert.deepStrictEqual(after, Object.fromEntries(wanted))
        assert.deepStrictEqual(profileChanges(after, request, members, mode), {})
      })
    )
  })
})
