import { assert, describe, it } from "@effect/vitest"

import type { ListedUser } from "../src/contract/Sink.ts"
import { Entries } from "../src/sync/Entries.ts"
import type { Person } from "../src/sync/Reduce.ts"
import { given } from "./Given.ts"

const keyed = (employeeId: string, email = `${employeeId}@acme.test`): ListedUser => ({
  employeeId,
  userId: `u-${employeeId}`,
  fields: { email }
})

const unkeyed = (userId: string, email: string, ...alternateEmails: ReadonlyArray<string>): ListedUser => ({
  userId,
  fields: { email, alternateEmails }
})

const ada: Person = given("ada").appeared({}).person
const eva: Person = given("eva").appeared({}).person

const linksOf = (entries: Entries) => entries.links().map(({ listed, person }) => [person.employeeId, listed.userId])

const restOf = (entries: Entries) => entries.rest().map(({ userId }) => userId)

describe("Entries: by key", () => {
  it("gives an entry to the person whose key it has, once", () => {
    const entries = new Entries([keyed("ada"), keyed("eva")])
    assert.deepStrictEqual(entries.take("ada"), keyed("ada"))
    assert.isUndefined(entries.take("ada"))
    assert.deepStrictEqual(entries.rest(), [keyed("eva")])
  })

  it("gives nothing to whom the list does not have, nor to whom has no key any more", () => {
    const entries = new Entries([keyed("ada")])
    assert.isUndefined(entries.take("ADA"))
    assert.isUndefined(entries.take(undefined))
  })
})

describe("Entries: by address", () => {
  it("links the one person to the one entry that has their address, in any case", () => {
    const entries = new Entries([unkeyed("u-1", "Ada@Acme.test "), unkeyed("u-2", "x@acme.test")])
    entries.claim(ada, "ada@acme.TEST", null)
    assert.deepStrictEqual(linksOf(entries), [["ada", "u-1"]])
    assert.deepStrictEqual(restOf(entries), ["u-2"])
  })

  it("links by alternate addresses of either side", () => {
    for (const [entry, email, alternates] of [
      [unkeyed("u-1", "old@acme.test", "ada@acme.test"), "ada@acme.test", []],
      [unkeyed("u-1", "old@acme.test"), "ada@acme.test", ["old@acme.test"]],
      [unkeyed("u-1", "x@acme.test", "old@acme.test"), "ada@acme.test", ["old@acme.test"]]
    ] as const) {
      const entries = new Entries([entry])
      entries.claim(ada, email, alternates)
      assert.deepStrictEqual(linksOf(entries), [["ada", "u-1"]])
    }
  })

  it("links whoever has several addresses of one entry", () => {
    const entries = new Entries([unkeyed("u-1", "a@x", "b@x")])
    entries.claim(ada, "a@x", ["b@x"])
    assert.deepStrictEqual(linksOf(entries), [["ada", "u-1"]])
  })

  it("links nobody to an entry that has a key, or no id to write it by", () => {
    const entries = new Entries([keyed("other", "ada@acme.test"), { fields: { email: "eva@acme.test" } }])
    entries.claim(ada, "ada@acme.test", null)
    entries.claim(eva, "eva@acme.test", null)
    assert.deepStrictEqual(linksOf(entries), [])
    assert.strictEqual(entries.rest().length, 2)
  })

  it("links nobody where two people have the address", () => {
    const entries = new Entries([unkeyed("u-1", "team@acme.test")])
    entries.claim(ada, "team@acme.test", null)
    entries.claim(eva, "eva@acme.test", ["team@acme.test"])
    assert.deepStrictEqual(linksOf(entries), [])
    assert.deepStrictEqual(restOf(entries), ["u-1"])
  })

  it("links nobody where two entries have the address", () => {
    const entries = new Entries([unkeyed("u-1", "ada@acme.test"), unkeyed("u-2", "x@x", "ada@acme.test")])
    entries.claim(ada, "ada@acme.test", null)
    assert.deepStrictEqual(linksOf(entries), [])
    assert.deepStrictEqual(restOf(entries), ["u-1", "u-2"])
  })

  it("links nobody to one of two entries, each of which has one of their addresses", () => {
    const entries = new Entries([unkeyed("u-1", "ada@acme.test"), unkeyed("u-2", "old@acme.test")])
    entries.claim(ada, "ada@acme.test", ["old@acme.test"])
    assert.deepStrictEqual(linksOf(entries), [])
  })

  it("links nobody who has an address of a second entry, also where that one is not theirs alone", () => {
    const shared = new Entries([unkeyed("u-1", "ada@acme.test"), unkeyed("u-2", "team@acme.test")])
    shared.claim(ada, "ada@acme.test", ["team@acme.test"])
    shared.claim(eva, "eva@acme.test", ["team@acme.test"])
    assert.deepStrictEqual(linksOf(shared), [])
    const twofold = new Entries([unkeyed("u-1", "ada@x"), unkeyed("u-2", "team@x"), unkeyed("u-3", "team@x")])
    twofold.claim(ada, "ada@x", ["team@x"])
    assert.deepStrictEqual(linksOf(twofold), [])
  })

  it("takes an entry that the list shows twice, on two pages, for one", () => {
    const entries = new Entries([unkeyed("u-1", "ada@acme.test"), unkeyed("u-1", "ada@acme.test")])
    entries.claim(ada, "ada@acme.test", null)
    assert.deepStrictEqual(linksOf(entries), [["ada", "u-1"]])
    assert.deepStrictEqual(restOf(entries), [])
  })

  it("links nobody without an address, and no entry without one", () => {
    const entries = new Entries([unkeyed("u-1", ""), { userId: "u-2", fields: {} }])
    entries.claim(ada, "", [" "])
    entries.claim(eva, null, null)
    assert.deepStrictEqual(linksOf(entries), [])
    assert.deepStrictEqual(restOf(entries), ["u-1", "u-2"])
  })
})
