import { assert, describe, it } from "@effect/vitest"

import type { FieldName } from "../src/domain/Field.ts"
import type { Policy } from "../src/domain/Policy.ts"
import { valueOrigin } from "../src/sync/ValueOrigin.ts"
import { type History, given, january, noonOf, policy, someone } from "./Given.ts"

const of = (history: History, field: FieldName, rules: Partial<Policy> = {}, day = january(20)) =>
  valueOrigin(history.events, field, policy(rules), noonOf(day))

const brief = (history: History, field: FieldName, rules: Partial<Policy> = {}) =>
  of(history, field, rules).words.map(({ position, source, standing, value }) => [source, position, value, standing])

describe("valueOrigin", () => {
  it("names the event, the day and the place in the source, and those that lost by precedence", () => {
    const history = given()
      .appeared({ ...someone, title: "Cook" }, { source: "crm" })
      .on(january(3))
    history.appeared({ ...someone, title: "Clerk" }).changed({ title: "Head" })
    assert.deepStrictEqual(brief(history, "title"), [
      ["hr", 3, "Head", "believed"],
      ["crm", 1, "Cook", "overruled"]
    ])
    const [word] = of(history, "title").words
    assert.deepInclude(word, { locator: "hr.csv:2", recordedAt: `${january(3)}T12:00:00.000000Z`, from: null })
  })

  it("lists a value for a day to come, and the day", () => {
    const history = given()
      .appeared({ ...someone, title: "Clerk" })
      .changed({ title: "Head" }, { effectiveOn: january(25) })
    assert.deepStrictEqual(brief(history, "title"), [
      ["hr", 1, "Clerk", "believed"],
      ["hr", 2, "Head", "later"]
    ])
    assert.strictEqual(of(history, "title").words[1]?.from, january(25))
    assert.strictEqual(of(history, "title", {}, january(25)).sent, "Head")
  })

  it("says that a source that lost the person, or left the configuration, has no say", () => {
    const history = given().appeared({ officeId: "B" }, { source: "crm" }).appeared(someone).vanished("crm")
    assert.deepStrictEqual(brief(history, "officeId"), [["crm", 1, "B", "unheard"]])
    assert.deepStrictEqual(
      brief(given().appeared({ officeId: "B" }, { source: "old" }).appeared(someone), "officeId"),
      [["old", 1, "B", "unheard"]]
    )
  })

  it("names the removal that a status stands for", () => {
    const history = given().appeared(someone).removed()
    assert.deepStrictEqual(brief(history, "status"), [
      ["hr", 2, "terminated", "believed"],
      ["hr", 1, "active", "overruled"]
    ])
  })

  it("says what the configuration makes of the value", () => {
    const history = given("e-1").appeared({
      ...someone,
      title: "Clerk",
      gender: "F",
      supervisorId: "e-1",
      officeId: null
    })
    const mapping = {
      withhold: ["gender"],
      translate: { title: { Clerk: "Assistant" } },
      defaults: { officeId: "HQ" }
    } as const
    const made = (field: FieldName) => {
      const { sent, treatment } = of(history, field, { mapping })
      return [treatment, sent]
    }
    assert.deepStrictEqual(made("title"), ["translated", "Assistant"])
    assert.deepStrictEqual(made("gender"), ["withheld", null])
    assert.deepStrictEqual(made("officeId"), ["default", "HQ"])
    assert.deepStrictEqual(made("supervisorId"), ["own-manager", null])
    assert.deepStrictEqual(made("email"), ["as-is", someone.email])
    assert.deepStrictEqual(made("remote"), ["nothing", null])
  })

  it("says by which answer Together has it, what its list shows instead, and whether all is settled", () => {
    const history = given()
      .appeared({ ...someone, title: "Clerk" })
      .created({ ...someone, title: "Clerk" })
    const { settled, together } = of(history, "title")
    assert.deepInclude(together, { value: "Clerk", position: 2, type: "UserCreated", request: "q", status: 200 })
    assert.isTrue(settled)
    history.changed({ title: "Head" })
    assert.deepInclude(of(history, "title"), { settled: false, sent: "Head" })
    history.applied("UserUpdated", { title: "Head" }).drifted({ title: "Chief" })
    assert.deepInclude(of(history, "title"), { settled: false, drift: { value: "Chief" } })
    assert.isNull(of(given().appeared(someone), "title").together)
  })
})
