import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { cutName, supervisorOf, utterances, wordOf } from "../src/directory/EmployeeWord.ts"
import { employeeStream } from "../src/domain/Employee.ts"
import type { Fields } from "../src/domain/Field.ts"
import { valuesOf } from "../src/sync/Opinions.ts"
import { reduce, wordOn } from "../src/sync/Reduce.ts"
import { type History, acme, given, january } from "./Given.ts"
import { bea, cleo, told } from "./GivenDirectory.ts"

describe("cutName", () => {
  it("cuts a name at its last space", () => {
    assert.deepStrictEqual(cutName("Ada King Byron"), { firstName: "Ada King", lastName: "Byron" })
    assert.deepStrictEqual(cutName("Ada  Byron"), { firstName: "Ada", lastName: "Byron" })
  })

  it("has no last name where there is one word", () => {
    assert.deepStrictEqual(cutName("Cher"), { firstName: "Cher", lastName: undefined })
  })

  it("loses no letter of any name", () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const { firstName, lastName = "" } = cutName(name)
        assert.strictEqual(`${firstName}${lastName}`.replaceAll(" ", ""), name.replaceAll(" ", ""))
      })
    )
  })
})

describe("wordOf", () => {
  it("says an employee of the API's own in the engine's fields, active", () => {
    const one = told().created().profiled({ gender: "f", companyRole: "Clerk", bio: "x", timezone: "UTC" })
    assert.deepStrictEqual(wordOf(one.record, null), {
      firstName: "Ada",
      lastName: "Byron",
      email: "ada@acme.test",
      gender: "f",
      title: "Clerk",
      status: "active"
    })
  })

  it("says of HR's people what it was told, and nothing else", () => {
    assert.deepStrictEqual(wordOf(told().record, null), {})
    assert.deepStrictEqual(wordOf(told().profiled({ joinDate: january(2), birthDate: null }).record, null), {
      originalHireDate: january(2),
      dateOfBirth: null
    })
  })

  it("takes the profile's names before those of the whole one, and falls back when they are emptied", () => {
    const one = told().created().profiled({ firstName: "Augusta" })
    assert.deepInclude(wordOf(one.record, null), { firstName: "Augusta", lastName: "Byron" })
    assert.deepInclude(wordOf(one.profiled({ firstName: null }).record, null), { firstName: "Ada", lastName: "Byron" })
  })

  it("names the supervisor by HR's key, where there is one", () => {
    const one = told().created().assigned(bea, "mentor").assigned(cleo)
    assert.strictEqual(supervisorOf(one.record), cleo)
    assert.strictEqual(wordOf(one.record, "7").supervisorId, "7")
    assert.notProperty(wordOf(one.record, null), "supervisorId")
  })
})

const occasion = { organization: acme, run: "r", day: january(20), actor: "account:admin" }

const said = (history: History, word: Fields, vouched: boolean) =>
  utterances(history.person, word, { vouched, employeeId: history.employeeId }, occasion)

const word: Fields = { firstName: "Ada", lastName: "Byron", status: "active" }

describe("utterances", () => {
  it("lets somebody the API made appear, in the person's stream and by the writer", () => {
    const [event, ...others] = said(given("0042"), word, true)
    assert.deepStrictEqual(others, [])
    assert.deepInclude(event, { stream: employeeStream(acme, "0042"), actor: "account:admin", effectiveOn: null })
    assert.deepInclude(event?.event, {
      type: "EmployeeAppeared",
      source: "directory",
      employeeId: "0042",
      fields: word
    })
  })

  it("says what has changed of somebody it vouches for, and stays quiet otherwise", () => {
    const history = given().appeared(word, { source: "directory" })
    assert.deepStrictEqual(said(history, word, true), [])
    const [event] = said(history, { ...word, title: "Clerk" }, true)
    assert.deepInclude(event?.event, { type: "EmployeeChanged", fields: { title: "Clerk" } })
  })

  it("amends HR's people, and stays quiet where nothing was told", () => {
    const history = given().appeared({ firstName: "Ada", title: "Clerk" })
    assert.deepStrictEqual(said(history, {}, false), [])
    const [event] = said(history, { title: "Head" }, false)
    assert.deepInclude(event?.event, { type: "EmployeeAmended", source: "directory", fields: { title: "Head" } })
    assert.notProperty(event?.event, "locator")
  })

  it("says of a supervisor who was taken away that there is none, once", () => {
    const history = given().appeared({}).amended({ supervisorId: "7" })
    const [event] = said(history, {}, false)
    assert.deepInclude(event?.event, { type: "EmployeeAmended", fields: { supervisorId: null } })
    assert.deepStrictEqual(said(given().appeared({}).amended({ supervisorId: null }), {}, false), [])
  })

  it("takes back the last name of a name that has none any more", () => {
    const history = given().appeared({ firstName: "Ada", lastName: "Byron", status: "active" }, { source: "directory" })
    const [event] = said(history, { firstName: "Cher", status: "active" }, true)
    assert.deepInclude(event?.event, { fields: { firstName: "Cher", lastName: null } })
  })

  const texts = fc.option(fc.constantFrom("a", "b"))
  const words = fc.record(
    { firstName: texts, lastName: texts, title: texts, supervisorId: texts },
    { requiredKeys: [] }
  )

  it("has said the whole word afterwards, and has nothing more to say", () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 4 }), fc.boolean(), (several, vouched) => {
        const history = given()
        for (const one of several) {
          for (const { event } of said(history, one, vouched)) history.and(event)
          assert.deepStrictEqual(said(history, one, vouched), [])
          const view = reduce(history.stream, history.events).sources["directory"]
          const all = view === undefined ? {} : valuesOf(wordOn(view, january(20), true))
          const meant = Object.entries(all).filter(([name, value]) => name in one || value !== null)
          assert.deepStrictEqual(Object.fromEntries(meant), one)
        }
      })
    )
  })
})
