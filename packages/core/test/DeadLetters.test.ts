import { assert, describe, it } from "@effect/vitest"

import { deadLetters } from "../src/sync/DeadLetters.ts"
import { type History, given, january, someone } from "./Given.ts"

const place = { programId: "p-1", roles: { mentor: true } }

const lettersOf = (history: History) => deadLetters(history.person)

const since = `${january(3)}T12:00:00.000000Z`

describe("deadLetters", () => {
  for (const [type, kind, status, remedy] of [
    ["UserRejected", "rejected", 400, /Correct the value in HR.*rollcall release/],
    ["UserConflicted", "conflicted", 409, /support@togetherplatform\.com.*rollcall release/],
    ["UserGone", "gone", 410, /never sent/]
  ] as const) {
    it(`lists a person who is ${kind}: since when, in whose words, what to do`, () => {
      const history = given().appeared(someone).on(january(3)).refused(type, someone, "email taken", { status })
      const [letter, ...others] = lettersOf(history)
      assert.deepStrictEqual(others, [])
      assert.deepInclude(letter, { kind, status, since, answer: "email taken", employeeId: "e-1" })
      assert.strictEqual(letter?.stream, history.stream)
      assert.match(letter?.remedy ?? "", remedy)
    })
  }

  it("lists each refused registration by its program", () => {
    const history = given()
      .appeared(someone)
      .created(someone)
      .on(january(3))
      .notRegistered(place, "no such role")
      .registered({ ...place, programId: "p-2" })
      .notRegistered({ ...place, programId: "p-3" }, "no such program")
    assert.deepStrictEqual(
      lettersOf(history).map(({ answer, kind, programId, since, status }) => [kind, programId, answer, status, since]),
      [
        ["registration", "p-1", "no such role", 400, since],
        ["registration", "p-3", "no such program", 400, since]
      ]
    )
    assert.match(lettersOf(history)[0]?.remedy ?? "", /Compare the rule.*rollcall release/)
  })

  it("lists a person and their registrations side by side", () => {
    const history = given().created(someone).notRegistered(place).refused("UserRejected", { title: "X" })
    assert.deepStrictEqual(
      lettersOf(history).map(({ kind }) => kind),
      ["rejected", "registration"]
    )
  })

  it("forgets what was released, and lists it again when it is refused again", () => {
    for (const type of ["UserRejected", "UserConflicted"] as const) {
      const history = given().created(someone).notRegistered(place).refused(type, someone).released()
      assert.deepStrictEqual(lettersOf(history), [])
      assert.strictEqual(lettersOf(history.refused(type, someone)).length, 1)
    }
  })

  it("keeps who is gone, for nobody can release them", () => {
    const history = given().created(someone).refused("UserGone", someone).released()
    assert.strictEqual(lettersOf(history)[0]?.kind, "gone")
  })

  it("forgets what was taken later", () => {
    const history = given().created(someone).refused("UserRejected", { title: "X" }).notRegistered(place)
    history.applied("UserUpdated", { title: "Y" }).registered(place)
    assert.deepStrictEqual(lettersOf(history), [])
  })

  it("stays quiet about whom nothing was ever refused, and about nobody", () => {
    assert.deepStrictEqual(lettersOf(given().appeared(someone).created(someone).registered(place)), [])
    assert.deepStrictEqual(lettersOf(given().appeared(someone)), [])
  })
})
