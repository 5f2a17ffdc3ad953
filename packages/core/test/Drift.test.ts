import { assert, describe, it } from "@effect/vitest"

import type { Listing, ListedUser } from "../src/contract/Sink.ts"
import { type FieldName, type Fields, fieldNames } from "../src/domain/Field.ts"
import { compareEntry } from "../src/sync/Drift.ts"
import { type History, given, someone } from "./Given.ts"

const everything = { request: "q", shown: new Set(fieldNames), whole: true } satisfies Omit<Listing, "users">

const judge = (history: History, fields: Fields | undefined, listing: Partial<Listing> = {}) => {
  const listed: ListedUser | undefined = fields && { employeeId: history.employeeId, userId: "u-1", fields }
  return compareEntry("together", history.person, listed, { ...everything, ...listing })
}

const about = { sink: "together", request: "q", employeeId: "e-1" }
const same = { _tag: "Same", drifted: false } as const

const clerk: Fields = { ...someone, title: "Clerk" }
const there = () => given().appeared(clerk).created(clerk)

const drift = (fields: Fields) => ({ _tag: "News", event: { type: "DriftFound", ...about, fields } }) as const

describe("compareEntry: an entry that Rollcall made", () => {
  it("finds every field that is not as it was left, with the value that is there", () => {
    const edited = { ...clerk, title: "Cook", lastName: "King" }
    assert.deepStrictEqual(judge(there(), edited), drift({ title: "Cook", lastName: "King" }))
  })

  it("finds a field that was emptied", () => {
    const { title: _, ...emptied } = clerk
    assert.deepStrictEqual(judge(there(), emptied), drift({ title: null }))
  })

  it("finds a value where an empty one was left", () => {
    const history = there().applied("UserUpdated", { title: null })
    assert.deepStrictEqual(judge(history, clerk), drift({ title: "Clerk" }))
  })

  it("stays quiet where everything is as it was left", () => {
    assert.deepStrictEqual(judge(there(), clerk), same)
  })

  it("stays quiet about fields that Rollcall never sent", () => {
    assert.deepStrictEqual(judge(there(), { ...clerk, officeId: "B" }), same)
  })

  it("stays quiet about fields that the list never shows", () => {
    const shown = new Set<FieldName>(["firstName", "lastName", "email", "status"])
    const { title: _, ...rest } = clerk
    assert.deepStrictEqual(judge(there(), rest, { shown }), same)
  })

  it("compares with what was left there, not with what HR says by now", () => {
    assert.deepStrictEqual(judge(there().changed({ title: "Head" }), clerk), same)
  })
})

describe("compareEntry: what says the same", () => {
  const pairs: ReadonlyArray<readonly [string, Fields, Fields]> = [
    ["an e-mail address in other case", { email: "Ada@Acme.test" }, { email: "ada@acme.test" }],
    ["space around a text", { title: "Clerk" }, { title: " Clerk " }],
    ["an empty text and none", { title: "" }, { title: null }],
    ["none and an empty text", { title: null }, { title: "" }],
    ["an empty list and none", { alternateEmails: [] }, { alternateEmails: null }],
    [
      "alternate addresses in other order and case",
      { alternateEmails: ["A@x", "b@x"] },
      { alternateEmails: ["B@x", "a@x"] }
    ]
  ]
  for (const [what, left, shown] of pairs) {
    it(`is ${what}`, () => {
      assert.deepStrictEqual(judge(there().applied("UserUpdated", left), { ...clerk, ...shown }), same)
    })
  }

  const others: ReadonlyArray<readonly [string, Fields, Fields]> = [
    ["a text in other case", { title: "CLERK" }, { title: "Clerk" }],
    ["another address", { email: "ada@acme.test" }, { email: "eva@acme.test" }],
    ["an alternate address more", { alternateEmails: ["a@x"] }, { alternateEmails: ["a@x", "b@x"] }],
    ["no and yes", { remote: false }, { remote: true }],
    ["no and nothing", { remote: false }, { remote: null }]
  ]
  for (const [what, left, shown] of others) {
    it(`is not ${what}`, () => {
      assert.deepStrictEqual(judge(there().applied("UserUpdated", left), { ...clerk, ...shown }), drift(shown))
    })
  }
})

describe("compareEntry: found before", () => {
  const cook = { ...clerk, title: "Cook" }

  it("is told once", () => {
    assert.deepStrictEqual(judge(there().drifted({ title: "Cook" }), cook), { _tag: "Same", drifted: true })
  })

  it("is told again when it differs in another way, as a whole", () => {
    const history = there().drifted({ title: "Cook" })
    assert.deepStrictEqual(judge(history, { ...cook, lastName: "King" }), drift({ title: "Cook", lastName: "King" }))
    assert.deepStrictEqual(judge(history, { ...clerk, title: "Boss" }), drift({ title: "Boss" }))
    assert.deepStrictEqual(judge(there().drifted({ title: null }), cook), drift({ title: "Cook" }))
  })

  it("is told to be over when the entry is as it was left again", () => {
    const resolved = { type: "DriftResolved", sink: "together", request: "q" } as const
    assert.deepStrictEqual(judge(there().drifted({ title: "Cook" }), clerk), { _tag: "News", event: resolved })
    assert.deepStrictEqual(judge(there().missed(), clerk), { _tag: "News", event: resolved })
  })

  it("is told where a missing entry is there again, and not as it was left", () => {
    assert.deepStrictEqual(judge(there().missed(), cook), drift({ title: "Cook" }))
  })

  it("says once that a repair held, and then stays quiet", () => {
    const repaired = there().drifted({ title: "Cook" }).applied("UserUpdated", { title: "Clerk" })
    assert.deepStrictEqual(judge(repaired, clerk), {
      _tag: "News",
      event: { type: "DriftResolved", sink: about.sink, request: about.request }
    })
    assert.deepStrictEqual(judge(repaired.resolved(), clerk), same)
  })
})

describe("compareEntry: an entry that is not there", () => {
  const missing = { _tag: "News", event: { type: "DriftFound", ...about, fields: {}, missing: true } } as const

  it("is missing from a list that was read whole", () => {
    assert.deepStrictEqual(judge(there(), undefined), missing)
  })

  it("says nothing in a list that was not", () => {
    assert.deepStrictEqual(judge(there(), undefined, { whole: false }), same)
  })

  it("is told once", () => {
    assert.deepStrictEqual(judge(there().missed(), undefined), { _tag: "Same", drifted: true })
  })

  it("is not missing where Rollcall never made one", () => {
    assert.deepStrictEqual(judge(given().appeared(clerk), undefined), same)
    assert.deepStrictEqual(judge(given().appeared(clerk).refused("UserRejected", clerk), undefined), same)
  })
})

describe("compareEntry: an entry that Rollcall did not make", () => {
  it("becomes known with all it holds", () => {
    assert.deepStrictEqual(judge(given().appeared(clerk), { ...someone, title: "Cook" }), {
      _tag: "News",
      event: { type: "EntryFound", ...about, userId: "u-1", keyed: true, fields: { ...someone, title: "Cook" } }
    })
  })

  it("is told once", () => {
    assert.deepStrictEqual(judge(given().appeared(clerk).found(clerk), clerk), same)
  })
})
