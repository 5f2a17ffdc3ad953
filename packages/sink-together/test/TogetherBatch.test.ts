import { assert, describe, it } from "@effect/vitest"
import type { Answer, Errand, Upsert } from "@rollcall/core/contract/Sink"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { type ArrayMode, upsertArray } from "@rollcall/sandbox/TogetherArrays"
import { type Mark, find, noUsers, plant, put, upsert } from "@rollcall/sandbox/TogetherUsers"
import { Effect, Schema } from "effect"

import { makeApply } from "../src/TogetherBatch.ts"
import type { Member, TogetherClient } from "../src/TogetherClient.ts"
import type { TogetherLane } from "../src/TogetherLane.ts"
import { type Received, readReply } from "../src/TogetherReply.ts"
import { toWire } from "../src/TogetherWire.ts"
import { people, person, resident, said } from "./Vendor.ts"

const received = (status: number, body?: unknown): Received => ({
  status,
  headers: {},
  text: body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body)
})

type Vendor = (members: ReadonlyArray<Member>, request: number) => Received

/** A client made of one function, and a lane that makes requests at once and again after faults. */
const around = (vendor: Vendor) => {
  const asked: Array<{ readonly path: string; readonly members: ReadonlyArray<string> }> = []
  const story: Array<string> = []
  const exchange = (path: string, members: ReadonlyArray<Member>) =>
    Effect.sync(() => {
      asked.push({ path, members: members.map(({ employeeId }) => employeeId) })
      story.push(`ask ${asked.length}`)
      if (asked.length > 1000) throw new Error("asks without end")
      return vendor(members, asked.length)
    })
  const client = {
    upsert: (members: ReadonlyArray<Member>) => exchange("/public/user", members),
    link: (userId: string, member: Member) => exchange(`/public/user/${userId}`, [member])
  } as unknown as TogetherClient["Service"]
  const lane: TogetherLane["Service"] = {
    name: "lane",
    take: Effect.fnUntraced(function* (request, errand) {
      while (true) {
        const reply = readReply(yield* Effect.orDie(request.exchange), 0)
        const used = "_tag" in reply ? reply : request.understand(reply)
        const { members, operation } = request
        const answer = { request: `${asked.length}`, operation, members, ending: {} as Answer["ending"] }
        if (used._tag === "Understood") {
          const { status, verdicts = [], arraysRefused } = used
          yield* errand.report({ ...answer, status, verdicts, ...(arraysRefused ? { arraysRefused } : {}) })
          return { request: answer.request, result: used.result }
        }
        const deferral = { reason: used._tag, waitMillis: 1 }
        yield* errand.report({ ...answer, verdicts: [], deferral })
        if (used._tag !== "TogetherFault") return yield* Effect.die(used)
      }
    })
  }
  return { asked, story, apply: makeApply(client, lane) }
}

const errandWith = <E>(report: Errand<E, never>["report"]): Errand<E, never> => ({
  organization: OrganizationId.make("acme"),
  run: "run-1",
  urgency: "routine",
  report
})

/** Settles these people with a vendor made of one function, and says what was asked and what was reported. */
const settled = Effect.fnUntraced(function* (upserts: ReadonlyArray<Upsert>, vendor: Vendor, arraySize = 100) {
  const { apply, asked, story } = around(vendor)
  const answers: Array<Answer> = []
  const errand = errandWith((answer) =>
    Effect.sync(() => {
      answers.push(answer)
      story.push(`report ${answer.request}`)
    })
  )
  yield* apply(upserts, arraySize, errand)
  return { asked: asked.map(({ members }) => members), paths: asked.map(({ path }) => path), answers, story }
})

/** Refuses everything that has one of these people (their numbers) in it. */
const refusing =
  (bad: ReadonlySet<number>, status = 409): Vendor =>
  (members) =>
    members.some(({ employeeId }) => bad.has(Number(employeeId.slice(2)))) ? received(status, "no") : received(200)

const verdictsOf = (answers: ReadonlyArray<Answer>) => answers.flatMap(({ verdicts }) => verdicts)

const sorted = (answers: ReadonlyArray<Answer>) =>
  said(answers).toSorted((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b)))

/** The verdict of one person who is refused with these words. */
const refusedWith = (text: string) =>
  Effect.map(
    settled([person(1)], () => received(400, text)),
    ({ answers }) => verdictsOf(answers)[0]?.verdict
  )

describe("TogetherBatch: verdicts", () => {
  it.effect.each([
    [200, "updated"],
    [201, "created"],
    [204, "unchanged"],
    [400, "rejected"],
    [409, "conflicted"],
    [410, "gone"],
    [413, "rejected"],
    [422, "rejected"]
  ] as const)("takes a single person's %i as %s, known before or not", ([status, as]) =>
    Effect.gen(function* () {
      for (const known of [true, false]) {
        const { answers } = yield* settled([person(1, { known })], () => received(status))
        assert.deepStrictEqual(said(answers), [`e-1 ${as} ${status}`])
      }
    })
  )

  it.effect("tells creation from update in an array by who was known, for its status cannot", () =>
    Effect.gen(function* () {
      const mixed = [person(1), person(2, { known: true }), person(3)]
      for (const status of [200, 201]) {
        const { answers } = yield* settled(mixed, () => received(status))
        assert.deepStrictEqual(said(answers), [
          `e-1 created ${status}`,
          `e-2 updated ${status}`,
          `e-3 created ${status}`
        ])
      }
      const { answers } = yield* settled(mixed, () => received(204))
      assert.deepStrictEqual(said(answers), ["e-1 unchanged 204", "e-2 unchanged 204", "e-3 unchanged 204"])
    })
  )

  it.effect("keeps the vendor's words with a refused person, and none where there were none", () =>
    Effect.gen(function* () {
      const refused = { _tag: "Refused", as: "rejected", status: 400 } as const
      assert.deepStrictEqual(yield* refusedWith("email is required"), { ...refused, answer: "email is required" })
      assert.deepStrictEqual(yield* refusedWith(""), refused)
      const long = yield* refusedWith("x".repeat(5000))
      assert.lengthOf(long?._tag === "Refused" ? (long.answer ?? "") : "", 1000)
    })
  )

  it.effect("does not take a 404 for anybody's fault: the address is wrong", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(settled(people(2), () => received(404, "no such page")))
      assert.include(String(exit), "TogetherMisread")
    })
  )
})

describe("TogetherBatch: an array whose members are answered one by one", () => {
  const results = [
    { employeeId: "e-1", status: 201 },
    { employeeId: "e-2", status: 204 },
    { employeeId: "e-3", status: 409, error: "modified" },
    { employeeId: "e-4", status: 410 },
    { employeeId: "e-5", status: 400, error: "email is required" }
  ]

  it.effect.each([200, 201, 207])("with %i gives each their own verdict, with one request", (status) =>
    Effect.gen(function* () {
      const { answers, asked } = yield* settled(people(5, { known: true }), () => received(status, results))
      assert.lengthOf(asked, 1)
      assert.deepStrictEqual(said(answers), [
        "e-1 created 201",
        "e-2 unchanged 204",
        "e-3 conflicted 409",
        "e-4 gone 410",
        "e-5 rejected 400"
      ])
      assert.deepStrictEqual(verdictsOf(answers)[2]?.verdict, {
        _tag: "Refused",
        as: "conflicted",
        status: 409,
        answer: "modified"
      })
    })
  )

  it.effect("asks again for those who were put off, and for nobody else", () =>
    Effect.gen(function* () {
      const { answers, asked } = yield* settled(people(5), (_, request) =>
        request === 1
          ? received(200, [
              ...results.slice(0, 3),
              { employeeId: "e-4", status: 503 },
              { employeeId: "e-5", code: 429 }
            ])
          : received(201)
      )
      assert.deepStrictEqual(asked.slice(1), [["e-4", "e-5"]])
      assert.deepStrictEqual(sorted(answers).slice(3), ["e-4 created 201", "e-5 created 201"])
    })
  )

  it.effect("takes an answer that puts off everybody for a fault", () =>
    Effect.gen(function* () {
      const { answers, asked } = yield* settled([person(1)], (_, request) =>
        request === 1 ? received(200, { results: [{ status: 503 }] }) : received(201)
      )
      assert.lengthOf(asked, 2)
      assert.strictEqual(answers[0]?.deferral?.reason, "TogetherFault")
      assert.deepStrictEqual(said(answers), ["e-1 created 201"])
    })
  )

  it.effect("applies those whom a list of failures does not name", () =>
    Effect.gen(function* () {
      const { answers } = yield* settled(people(3, { known: true }), () =>
        received(200, { updated: 2, errors: [{ employeeId: "e-2", status: 409 }] })
      )
      assert.deepStrictEqual(said(answers), ["e-1 updated 200", "e-2 conflicted 409", "e-3 updated 200"])
    })
  )

  it.effect("does not guess at a 207 that says nothing of them", () =>
    Effect.gen(function* () {
      for (const body of [undefined, { received: 2 }]) {
        const exit = yield* Effect.exit(settled(people(2), () => received(207, body)))
        assert.include(String(exit), "TogetherMisread")
      }
    })
  )
})

describe("TogetherBatch: groups", () => {
  it.effect("asks nothing for nobody", () =>
    Effect.gen(function* () {
      const { answers, asked } = yield* settled([], () => received(400))
      assert.deepStrictEqual([asked, answers], [[], []])
    })
  )

  it.effect("narrows down who is refused, and asks even the one who must be it for the answer", () =>
    Effect.gen(function* () {
      const { answers, asked } = yield* settled(people(8), refusing(new Set([4]), 410))
      assert.deepStrictEqual(
        asked[0],
        people(8).map(({ employeeId }) => employeeId)
      )
      assert.include(
        asked.filter(({ length }) => length === 1).map(([employeeId]) => employeeId),
        "e-4"
      )
      assert.lengthOf(said(answers), 8)
      assert.deepStrictEqual(
        said(answers).filter((text) => !text.endsWith("200")),
        ["e-4 gone 410"]
      )
    })
  )

  it.effect("reports each request under its name before the next is made", () =>
    Effect.gen(function* () {
      const { answers, story } = yield* settled(people(4), refusing(new Set([3])))
      assert.deepStrictEqual(
        story,
        answers.flatMap((_, n) => [`ask ${n + 1}`, `report ${n + 1}`])
      )
      assert.deepInclude(answers[0], { request: "1", members: 4, status: 409, verdicts: [], operation: "upsert" })
    })
  )

  it.effect("asks the same people again after a fault", () =>
    Effect.gen(function* () {
      const { answers, asked } = yield* settled(people(3), (_, request) => received(request < 3 ? 503 : 201))
      assert.strictEqual(new Set(asked.map((members) => members.join())).size, 1)
      assert.lengthOf(asked, 3)
      assert.lengthOf(verdictsOf(answers), 3)
    })
  )

  it.effect("stops when a report fails, and asks no more", () =>
    Effect.gen(function* () {
      const { apply, asked } = around(refusing(new Set([1])))
      const errand = errandWith(() => Effect.fail("disk full"))
      assert.strictEqual(yield* Effect.flip(apply(people(8), 100, errand)), "disk full")
      assert.lengthOf(asked, 1)
    })
  )

  it.effect("sends who goes alone singly, and who has an entry without the key by the entry's own id, in order", () =>
    Effect.gen(function* () {
      const upserts = [person(1), person(2), person(3, { alone: true }), person(4, { userId: "u-4" }), person(5)]
      const { answers, asked, paths } = yield* settled(upserts, () => received(200))
      assert.deepStrictEqual(asked, [["e-1", "e-2"], ["e-3"], ["e-4"], ["e-5"]])
      assert.deepStrictEqual(paths, ["/public/user", "/public/user", "/public/user/u-4", "/public/user"])
      assert.deepStrictEqual(
        answers.map(({ operation }) => operation),
        ["upsert", "upsert", "link", "upsert"]
      )
    })
  )

  it.effect("takes a 404 for the entry's own id as a refusal of that person", () =>
    Effect.gen(function* () {
      const { answers } = yield* settled([person(1, { userId: "u-1" })], () => received(404, "no such user"))
      assert.deepStrictEqual(said(answers), ["e-1 rejected 404"])
    })
  )
})

const tooLarge =
  (most: number, then: Vendor = () => received(201)): Vendor =>
  (members, request) =>
    members.length > most ? received(413) : then(members, request)

describe("TogetherBatch: 413", () => {
  it.effect("asks for both parts of an array that is too large, and keeps to what it learned", () =>
    Effect.gen(function* () {
      const { apply, asked } = around(tooLarge(30))
      const errand = errandWith(() => Effect.void)
      yield* apply(people(100), 100, errand)
      yield* apply(people(100), 100, errand)
      assert.deepStrictEqual(
        asked.map(({ members }) => members.length),
        [100, 50, 25, 25, 25, 25, 25, 25, 25, 25]
      )
    })
  )

  it.effect("says nothing against anybody in it", () =>
    Effect.gen(function* () {
      const { answers, asked } = yield* settled(people(20), tooLarge(10, refusing(new Set([13]))))
      assert.deepStrictEqual(
        asked.slice(0, 3).map(({ length }) => length),
        [20, 10, 10]
      )
      assert.deepStrictEqual(
        said(answers).filter((text) => !/created|updated/.test(text)),
        ["e-13 conflicted 409"]
      )
      assert.lengthOf(said(answers), 20)
    })
  )

  it.effect("ends where every array is too large", () =>
    Effect.gen(function* () {
      const { answers, asked } = yield* settled(people(100), tooLarge(1))
      assert.lengthOf(said(answers), 100)
      assert.isAtMost(asked.length, 110)
    })
  )
})

const noArrays: Vendor = (members) => (members.length > 1 ? received(400, "one user, please") : received(201))

describe("TogetherBatch: arrays that are not taken at all", () => {
  it.effect("are seen, said once with the answer that shows it, and not tried again", () =>
    Effect.gen(function* () {
      const { apply, asked } = around(noArrays)
      const answers: Array<Answer> = []
      const errand = errandWith((answer) => Effect.sync(() => void answers.push(answer)))
      yield* apply(people(100), 100, errand)
      assert.isAtMost(asked.length, 110)
      assert.lengthOf(said(answers), 100)
      const showing = answers.findIndex(({ arraysRefused }) => arraysRefused === true)
      assert.deepInclude(answers[showing], { members: 1, status: 201 })
      assert.isTrue(answers.slice(showing).every(({ members }) => members === 1))
      yield* apply(people(5), 100, errand)
      assert.lengthOf(
        answers.filter(({ arraysRefused }) => arraysRefused === true),
        1
      )
      assert.isTrue(asked.slice(-5).every(({ members }) => members.length === 1))
    })
  )

  it.effect("are not taken for that when an array was ever accepted", () =>
    Effect.gen(function* () {
      const { answers } = yield* settled(
        people(30),
        (members, request) => (request === 1 || members.length < 5 ? received(200) : received(400)),
        4
      )
      assert.isTrue(answers.every(({ arraysRefused }) => arraysRefused === undefined))
    })
  )

  it.effect("are not taken for that when one of two is refused", () =>
    Effect.gen(function* () {
      const { answers } = yield* settled(people(2), refusing(new Set([2])))
      assert.isTrue(answers.every(({ arraysRefused }) => arraysRefused === undefined))
      assert.deepStrictEqual(said(answers), ["e-1 updated 200", "e-2 conflicted 409"])
    })
  )
})

/** Statuses from the script, by turns; some answer comes in the end. */
const nonsense =
  (script: ReadonlyArray<number>, perMember: boolean): Vendor =>
  (members, request) => {
    const status = script[(request * 7 + members.length) % script.length] ?? 200
    if (status !== 207 && !perMember) return received(request % 5 === 0 ? 200 : status)
    const statusOf = (i: number) => (i === 0 ? 200 : (script[(i + request) % script.length] ?? 200))
    const entries = members.map(({ employeeId }, i) => ({ employeeId, status: statusOf(i) }))
    return received(207, entries)
  }

describe("TogetherBatch: whoever is refused", () => {
  const Numbers = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 120 })))
  const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 120 }))

  it.effect.prop(
    "gives everyone exactly one verdict, the right one",
    [Count, Numbers],
    ([count, numbers]) =>
      Effect.gen(function* () {
        const bad = new Set(numbers.filter((number) => number <= count))
        const { answers } = yield* settled(people(count, { known: true }), refusing(bad))
        assert.deepStrictEqual(
          sorted(answers),
          people(count).map(
            ({ employeeId }, at) => `${employeeId} ${bad.has(at + 1) ? "conflicted 409" : "updated 200"}`
          )
        )
      }),
    { arbitrary: { runs: 100 } }
  )

  const Script = Schema.Array(Schema.Literals([200, 201, 204, 207, 400, 409, 410, 413, 422, 429, 503])).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(12)
  )

  it.effect.prop(
    "gives everyone exactly one verdict, whatever nonsense the vendor answers",
    [Count, Script, Schema.Boolean],
    ([count, script, perMember]) =>
      Effect.gen(function* () {
        const { answers, asked } = yield* settled(people(count), nonsense(script, perMember))
        assert.sameMembers(
          verdictsOf(answers).map(({ upsert }) => upsert.employeeId),
          people(count).map(({ employeeId }) => employeeId)
        )
        assert.lengthOf(verdictsOf(answers), count)
        assert.isAtMost(asked.length, count * 9 + 10)
      }),
    { arbitrary: { runs: 100 } }
  )

  const Marks = Schema.Array(Schema.Literals(["good", "good", "good", "conflicted", "gone", "malformed"])).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(24)
  )
  const modes: ReadonlyArray<ArrayMode> = ["refuse-whole", "apply-until-bad", "no-arrays", "per-member"]

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
        const vendor: Vendor = (members) => {
          const payloads = members.map(({ employeeId, fields }) => toWire(employeeId, fields))
          if (payloads.length > 1) {
            const outcome = upsertArray(users, payloads, mode, rules)
            users = outcome.users
            return received(outcome.status, outcome.body)
          }
          const outcome = upsert(users, payloads[0], rules)
          if (outcome._tag === "Applied") users = outcome.users
          return received(outcome.status)
        }
        const moves = marks.map((mark, index) =>
          person(index + 1, {
            known: true,
            fields: { title: "Analyst", ...(mark === "malformed" ? { email: "" } : {}) }
          })
        )
        const { answers } = yield* settled(moves, vendor)
        const as = new Map(verdictsOf(answers).map(({ upsert, verdict }) => [upsert.employeeId, verdict.as]))
        assert.lengthOf(verdictsOf(answers), marks.length)
        for (const [index, mark] of marks.entries()) {
          const employeeId = `e-${index + 1}`
          if (mark === "good") assert.include(["updated", "unchanged"], as.get(employeeId))
          else assert.strictEqual(as.get(employeeId), mark === "malformed" ? "rejected" : mark)
          assert.strictEqual(find(users, employeeId)?.fields["title"] === "Analyst", mark === "good")
        }
      }),
    { arbitrary: { runs: 100 } }
  )
})
