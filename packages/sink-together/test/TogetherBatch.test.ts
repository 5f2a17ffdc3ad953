import { assert, describe, it } from "@effect/vitest"
import type { Answer, Upsert } from "@rollcall/core/contract/Sink"
import { type ArrayMode, upsertArray } from "@rollcall/sandbox/TogetherArrays"
import { type Mark, find, noUsers, plant, put, upsert } from "@rollcall/sandbox/TogetherUsers"
import { Effect, Schema } from "effect"

import { type Ask, settle } from "../src/TogetherBatch.ts"
import type { Reply } from "../src/TogetherReply.ts"
import { toWire } from "../src/TogetherWire.ts"
import { people, person, resident, said } from "./Vendor.ts"

const reply = (status: number, text = ""): Reply => ({ status, accepted: status < 300, text })

/** Settles these people with a vendor made of one function, and says what was asked and what was reported. */
const settled = Effect.fnUntraced(function* (
  upserts: ReadonlyArray<Upsert>,
  vendor: (upserts: ReadonlyArray<Upsert>) => Reply
) {
  const asked: Array<ReadonlyArray<Upsert>> = []
  const answers: Array<Answer> = []
  const story: Array<string> = []
  const ask: Ask<never, never> = (members) =>
    Effect.sync(() => {
      asked.push(members)
      story.push(`ask ${asked.length}`)
      if (asked.length > 500) throw new Error("asks without end")
      return { request: `${asked.length}`, reply: vendor(members) }
    })
  const refused = yield* settle(upserts, ask, (answer) =>
    Effect.sync(() => {
      answers.push(answer)
      story.push(`report ${answer.request}`)
    })
  )
  return { refused, asked: asked.map((members) => members.map(({ employeeId }) => employeeId)), answers, story }
})

/** Refuses everything that has one of these people (their positions, from 0) in it. */
const refusing =
  (positions: ReadonlySet<number>, status = 409) =>
  (upserts: ReadonlyArray<Upsert>): Reply =>
    upserts.some(({ employeeId }) => positions.has(Number(employeeId.slice(2)) - 1)) ? reply(status, "no") : reply(200)

const verdictsOf = (answers: ReadonlyArray<Answer>) => answers.flatMap(({ verdicts }) => verdicts)

/** One person, refused with these words. */
const refuse = (text: string) => settled([person(1)], () => reply(400, text))

/** So many among a hundred, as far apart as they can be. */
const spread = (bad: number) => new Set(Array.from({ length: bad }, (_, index) => Math.floor((index * 100) / bad)))

/** Requests that a hundred people take when these are refused. */
const cost = (bad: ReadonlySet<number>) =>
  Effect.map(settled(people(100), refusing(bad)), ({ answers, asked }) => {
    assert.lengthOf(verdictsOf(answers), 100)
    return asked.length
  })

describe("TogetherBatch: verdicts", () => {
  it.effect.each([
    [200, "updated"],
    [201, "created"],
    [204, "unchanged"],
    [400, "rejected"],
    [404, "rejected"],
    [409, "conflicted"],
    [410, "gone"],
    [413, "rejected"],
    [422, "rejected"]
  ] as const)("takes a single person's %i as %s, known before or not", ([status, as]) =>
    Effect.gen(function* () {
      for (const known of [true, false]) {
        const { answers, refused } = yield* settled([person(1, { known })], () => reply(status))
        assert.deepStrictEqual(said(answers), [`e-1 ${as} ${status}`])
        assert.strictEqual(refused, status >= 400)
      }
    })
  )

  it.effect("tells creation from update in an array by who was known, for its status cannot", () =>
    Effect.gen(function* () {
      const mixed = [person(1), person(2, { known: true }), person(3)]
      for (const status of [200, 201]) {
        const { answers } = yield* settled(mixed, () => reply(status))
        assert.deepStrictEqual(said(answers), [
          `e-1 created ${status}`,
          `e-2 updated ${status}`,
          `e-3 created ${status}`
        ])
      }
      const { answers } = yield* settled(mixed, () => reply(204))
      assert.deepStrictEqual(said(answers), ["e-1 unchanged 204", "e-2 unchanged 204", "e-3 unchanged 204"])
    })
  )

  it.effect("keeps the vendor's words with a refused person, and none where there were none", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* refuse("email is required")).answers[0]?.verdicts[0]?.verdict, {
        _tag: "Refused",
        as: "rejected",
        status: 400,
        answer: "email is required"
      })
      assert.deepStrictEqual((yield* refuse("")).answers[0]?.verdicts[0]?.verdict, {
        _tag: "Refused",
        as: "rejected",
        status: 400
      })
    })
  )

  it.effect("keeps enough of a long body, and never half a character", () =>
    Effect.gen(function* () {
      const { answers } = yield* settled([person(1)], () => reply(400, `${"x".repeat(999)}😀${"y".repeat(5000)}`))
      const verdict = answers[0]!.verdicts[0]!.verdict
      const answer = verdict._tag === "Refused" ? (verdict.answer ?? "") : ""
      assert.isTrue(answer.startsWith("x".repeat(999)))
      assert.isAtMost(answer.length, 1001)
      assert.isTrue(answer.isWellFormed())
    })
  )
})

describe("TogetherBatch: halving", () => {
  it.effect("asks nothing for nobody", () =>
    Effect.gen(function* () {
      const { answers, asked } = yield* settled([], () => reply(400))
      assert.deepStrictEqual([asked, answers], [[], []])
    })
  )

  it.effect("halves an array that was refused, left before right, until single people answer", () =>
    Effect.gen(function* () {
      const { answers, asked, refused } = yield* settled(people(4), refusing(new Set([1, 2])))
      assert.deepStrictEqual(asked, [
        ["e-1", "e-2", "e-3", "e-4"],
        ["e-1", "e-2"],
        ["e-1"],
        ["e-2"],
        ["e-3", "e-4"],
        ["e-3"],
        ["e-4"]
      ])
      assert.deepStrictEqual(said(answers), [
        "e-1 updated 200",
        "e-2 conflicted 409",
        "e-3 conflicted 409",
        "e-4 updated 200"
      ])
      assert.isTrue(refused)
    })
  )

  it.effect("splits the right half without asking when the left one went through", () =>
    Effect.gen(function* () {
      const { asked } = yield* settled(people(4), refusing(new Set([2])))
      assert.deepStrictEqual(asked, [["e-1", "e-2", "e-3", "e-4"], ["e-1", "e-2"], ["e-3"], ["e-4"]])
    })
  )

  it.effect("asks the right half when the left one was refused, for it may be good", () =>
    Effect.gen(function* () {
      const { asked } = yield* settled(people(4), refusing(new Set([0])))
      assert.deepStrictEqual(asked, [["e-1", "e-2", "e-3", "e-4"], ["e-1", "e-2"], ["e-1"], ["e-2"], ["e-3", "e-4"]])
    })
  )

  it.effect("asks even the one person who is inferred to be refused, for the answer", () =>
    Effect.gen(function* () {
      const { answers, asked } = yield* settled(people(2), refusing(new Set([1]), 410))
      assert.deepStrictEqual(asked, [["e-1", "e-2"], ["e-1"], ["e-2"]])
      assert.deepStrictEqual(said(answers), ["e-1 updated 200", "e-2 gone 410"])
    })
  )

  it.effect("reports each request under its name before the next is made", () =>
    Effect.gen(function* () {
      const { answers, story } = yield* settled(people(4), refusing(new Set([2])))
      assert.deepStrictEqual(
        story,
        [1, 2, 3, 4].flatMap((n) => [`ask ${n}`, `report ${n}`])
      )
      assert.deepStrictEqual(
        answers.map(({ members, request, status, verdicts }) => [request, members, status, verdicts.length]),
        [
          ["1", 4, 409, 0],
          ["2", 2, 200, 2],
          ["3", 1, 409, 1],
          ["4", 1, 200, 1]
        ]
      )
    })
  )

  it.effect("stops when a request or a report fails, and asks no more", () =>
    Effect.gen(function* () {
      let asked = 0
      const ask: Ask<string, never> = (members) =>
        Effect.suspend(() =>
          ++asked === 3 ? Effect.fail("cut") : Effect.succeed({ request: "", reply: refusing(new Set([0]))(members) })
        )
      assert.strictEqual(yield* Effect.flip(settle(people(8), ask, () => Effect.void)), "cut")
      assert.strictEqual(asked, 3)
      assert.strictEqual(yield* Effect.flip(settle(people(8), ask, () => Effect.fail("disk full"))), "disk full")
      assert.strictEqual(asked, 4)
    })
  )
})

describe("TogetherBatch: what a hundred people cost", () => {
  it.effect.each([
    [0, 1],
    [1, 15],
    [2, 27],
    [10, 81],
    [100, 199]
  ] as const)("with %i refused, evenly spread: %i requests", ([bad, requests]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* cost(spread(bad)), requests)
    })
  )

  it.effect("finds one among a hundred with 8 to 15 requests, wherever it is", () =>
    Effect.gen(function* () {
      const costs = yield* Effect.forEach(
        Array.from({ length: 100 }, (_, index) => index),
        (at) => cost(new Set([at]))
      )
      assert.strictEqual(Math.min(...costs), 8)
      assert.strictEqual(Math.max(...costs), 15)
    })
  )
})

describe("TogetherBatch: whoever is refused", () => {
  const Positions = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 119 })))
  const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 120 }))

  it.effect.prop(
    "gives everyone exactly one verdict, the right one, in order, at the cost of halving",
    [Count, Positions],
    ([count, positions]) =>
      Effect.gen(function* () {
        const bad = new Set(positions.filter((position) => position < count))
        const { answers, asked, refused } = yield* settled(people(count, { known: true }), refusing(bad))
        assert.deepStrictEqual(
          said(answers),
          people(count).map(({ employeeId }, at) => `${employeeId} ${bad.has(at) ? "conflicted 409" : "updated 200"}`)
        )
        assert.strictEqual(refused, bad.size > 0)
        const depth = Math.ceil(Math.log2(count / Math.max(bad.size, 1)))
        assert.isAtMost(asked.length, 1 + 2 * bad.size * (depth + 1))
      }),
    { arbitrary: { runs: 200 } }
  )

  const Marks = Schema.Array(Schema.Literals(["good", "good", "good", "conflicted", "gone", "malformed"])).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(24)
  )
  const modes: ReadonlyArray<ArrayMode> = ["refuse-whole", "apply-until-bad", "no-arrays"]

  it.effect.prop(
    "is right about everyone, whatever the vendor does with a mixed array",
    [Marks, Schema.Literals(modes)],
    ([marks, mode]) =>
      Effect.gen(function* () {
        let users = marks.reduce((before, _, index) => plant(before, resident(index + 1)), noUsers)
        for (const [index, mark] of marks.entries()) {
          const user = find(users, `e-${index + 1}`)
          if (user !== undefined && (mark === "conflicted" || mark === "gone"))
            users = put(users, { ...user, mark: mark satisfies Mark })
        }
        const rules = { strictSupervisor: true }
        const vendor = (upserts: ReadonlyArray<Upsert>): Reply => {
          const payloads = upserts.map(({ employeeId, fields }) => toWire(employeeId, fields))
          if (payloads.length > 1) {
            const outcome = upsertArray(users, payloads, mode, rules)
            users = outcome.users
            return reply(outcome.status, JSON.stringify(outcome.body))
          }
          const outcome = upsert(users, payloads[0], rules)
          if (outcome._tag === "Applied") users = outcome.users
          return reply(outcome.status)
        }
        const moves = marks.map((mark, index) =>
          person(index + 1, {
            known: true,
            fields: { title: "Analyst", ...(mark === "malformed" ? { email: "" } : {}) }
          })
        )
        const { answers } = yield* settled(moves, vendor)
        const as = verdictsOf(answers).map(({ upsert, verdict }) => [upsert.employeeId, verdict.as] as const)
        for (const [index, mark] of marks.entries()) {
          const [employeeId, verdict] = as[index]!
          assert.strictEqual(employeeId, `e-${index + 1}`)
          if (mark === "good") assert.include(["updated", "unchanged"], verdict)
          else assert.strictEqual(verdict, mark === "malformed" ? "rejected" : mark)
          assert.strictEqual(find(users, employeeId)?.fields["title"] === "Analyst", mark === "good")
        }
        assert.lengthOf(as, marks.length)
      }),
    { arbitrary: { runs: 100 } }
  )
})
