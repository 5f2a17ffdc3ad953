import { assert, describe, it } from "@effect/vitest"

import type { Fields } from "../src/domain/Field.ts"
import type { Policy, ProgramRule } from "../src/domain/Policy.ts"
import { type Placement, placeHash, placements, placesOf } from "../src/sync/Programs.ts"
import { type History, given, january, noonOf, policy, someone } from "./Given.ts"

const mentors: ProgramRule = { programId: "p-1", who: [{ title: "Head" }], roles: { mentor: true } }
const mentees: ProgramRule = { programId: "p-1", who: [{ title: ["Head", "Clerk"] }], roles: { mentee: true } }
const peers: ProgramRule = { programId: "p-2", who: [{}], roles: { peer: true }, matchTypeIds: ["m-1"] }

const mentorPlace = { programId: "p-1", roles: { mentor: true } }
const menteePlace = { programId: "p-1", roles: { mentee: true } }
const peerPlace = { programId: "p-2", roles: { peer: true }, matchTypeIds: ["m-1"] }

const placed = (rules: ReadonlyArray<ProgramRule>, fields: Fields) => placesOf(rules, { ...someone, ...fields })

describe("placesOf", () => {
  it("gives one place a program, by the first rule that holds", () => {
    assert.deepStrictEqual(placed([mentors, mentees, peers], { title: "Head" }), [mentorPlace, peerPlace])
    assert.deepStrictEqual(placed([mentees, mentors, peers], { title: "Head" }), [menteePlace, peerPlace])
    assert.deepStrictEqual(placed([mentors, mentees, peers], { title: "Clerk" }), [menteePlace, peerPlace])
  })

  it("gives no place where no rule holds", () => {
    assert.deepStrictEqual(placed([mentors, mentees], { title: "Cook" }), [])
  })

  it("takes whoever meets one of a rule's conditions", () => {
    const rule: ProgramRule = { ...mentors, who: [{ title: "Head" }, { officeId: "B" }] }
    assert.deepStrictEqual(placed([rule], { officeId: "B" }), [mentorPlace])
  })

  it("means active people, unless the condition speaks of the status", () => {
    for (const status of ["leave", "terminated"]) {
      assert.deepStrictEqual(placed([peers], { status }), [])
      assert.deepStrictEqual(
        placed([{ ...peers, who: [{ status: "leave" }, {}] }], { status }).length,
        +(status === "leave")
      )
    }
  })
})

const judge = (history: History, programs: ReadonlyArray<ProgramRule>, rules: Partial<Policy> = {}) =>
  placements(history.person, policy({ programs, ...rules }), noonOf(january(20)))

const head = () =>
  given()
    .appeared({ ...someone, title: "Head" })
    .created({ ...someone, title: "Head" })

const due: Placement = { _tag: "due", place: mentorPlace }

describe("placements: what is due", () => {
  it("is a place that was never asked for", () => {
    assert.deepStrictEqual(judge(head(), [mentors]), [due])
  })

  it("is not a place that was granted", () => {
    assert.deepStrictEqual(judge(head().registered(mentorPlace), [mentors]), [
      { _tag: "registered", place: mentorPlace }
    ])
  })

  it("is a place whose rule has other roles or match types now", () => {
    const history = head().registered(mentorPlace)
    for (const change of [
      { roles: { mentor: true, mentee: true } },
      { roles: { mentee: true } },
      { matchTypeIds: ["m-1"] as const }
    ]) {
      const rule = { ...mentors, ...change }
      const { who: _, ...place } = rule
      assert.deepStrictEqual(judge(history, [rule]), [{ _tag: "due", place }])
    }
  })

  it("is not a place whose rule only finds its people in another way", () => {
    const rule: ProgramRule = { ...mentors, who: [{ title: { not: "Cook" } }] }
    assert.deepStrictEqual(judge(head().registered(mentorPlace), [rule]), [{ _tag: "registered", place: mentorPlace }])
  })
})

describe("placements: a refused place", () => {
  it("stays refused, with Together's reason, whatever else is said of the person", () => {
    const history = head().notRegistered(mentorPlace, "no such role").changed({ officeId: "B" })
    const refused: Placement = { _tag: "refused", place: mentorPlace, answer: "no such role" }
    assert.deepStrictEqual(judge(history, [mentors]), [refused])
  })

  it("is due again when the rule changes", () => {
    const history = head().notRegistered(mentorPlace)
    assert.deepStrictEqual(judge(history, [mentees]), [{ _tag: "due", place: menteePlace }])
  })

  it("is due again when someone releases it, and refused again after the next refusal", () => {
    const history = head().notRegistered(mentorPlace).released()
    assert.deepStrictEqual(judge(history, [mentors]), [due])
    assert.deepInclude(judge(history.notRegistered(mentorPlace), [mentors])[0], { _tag: "refused" })
  })

  it("is released alone: what was granted is not asked for again", () => {
    const history = head().registered(peerPlace).notRegistered(mentorPlace).released()
    assert.deepStrictEqual(judge(history, [mentors, peers]), [due, { _tag: "registered", place: peerPlace }])
  })
})

describe("placements: who has a place", () => {
  const left: Placement = { _tag: "left", programId: "p-1" }

  it("shows who was registered and is named by no rule any more", () => {
    const history = head().registered(mentorPlace)
    assert.deepStrictEqual(judge(history, []), [left])
    assert.deepStrictEqual(judge(history.changed({ title: "Cook" }), [mentors]), [left])
  })

  it("says nothing of whom no rule names and who was refused", () => {
    assert.deepStrictEqual(judge(head().notRegistered(mentorPlace), []), [])
  })

  it("gives none to whom no source has, who is out of scope, gone at Together, or erased", () => {
    const excluded = { scope: { exclude: [{ title: "Head" }] } }
    assert.deepStrictEqual(judge(head(), [mentors], excluded), [])
    assert.deepStrictEqual(judge(head().vanished(), [mentors]), [])
    assert.deepStrictEqual(judge(head().removed(), [{ ...mentors, who: [{ status: "terminated" }] }]), [])
    assert.deepStrictEqual(judge(head().refused("UserGone", {}), [mentors]), [])
    const erased = { ...head().person, employeeId: undefined }
    assert.deepStrictEqual(placements(erased, policy({ programs: [mentors] }), noonOf(january(20))), [])
  })

  it("gives none before the person's first day", () => {
    const history = given().appeared({ ...someone, title: "Head" }, { effectiveOn: january(21) })
    assert.deepStrictEqual(judge(history, [mentors]), [])
  })

  it("asks of HR's own values, not of what is sent", () => {
    const mapping = { translate: { title: { Head: "Chief" } }, withhold: ["status" as const] }
    assert.deepStrictEqual(judge(head(), [mentors], { mapping }), [due])
  })

  it("shows who left, out of scope or out of HR", () => {
    assert.deepStrictEqual(judge(head().registered(mentorPlace).vanished(), [mentors]), [left])
  })
})

describe("placeHash", () => {
  it("depends on program, roles and match types, and not on the order of the roles", () => {
    const place = { programId: "p", roles: { mentor: true, mentee: false } }
    assert.strictEqual(placeHash({ programId: "p", roles: { mentee: false, mentor: true } }), placeHash(place))
    for (const other of [{ programId: "q" }, { roles: { mentor: true } }, { matchTypeIds: ["m"] }]) {
      assert.notStrictEqual(placeHash({ ...place, ...other }), placeHash(place))
    }
  })
})
