import { assert, describe, it } from "@effect/vitest"
import { listShapes } from "@rollcall/sandbox/TogetherSettings"
import { Effect } from "effect"

import { fair, inTheEnd, type Line, newcomer, resident, withSandbox, withScript } from "./Vendor.ts"

const listUrl = "https://together.example/public/user"

const page = (body: unknown, headers?: Record<string, string>): Line => ({
  status: 200,
  text: JSON.stringify(body),
  ...(headers === undefined ? {} : { headers })
})

const users = (...numbers: ReadonlyArray<number>) => numbers.map((n) => ({ userId: `u-${n}`, ...resident(n) }))

/** What is read of a vendor that answers line by line, and where it was asked for. */
const listed = Effect.fnUntraced(function* (script: ReadonlyArray<Line>, expected: ReadonlyArray<string> = []) {
  const { answers, heard, list } = yield* withScript(script)
  const exit = yield* inTheEnd(list(expected))
  return { answers, asked: heard.map(({ url }) => url.slice(listUrl.length)), exit }
})

const read = Effect.fnUntraced(function* (script: ReadonlyArray<Line>, expected: ReadonlyArray<string> = []) {
  const { answers, asked, exit } = yield* listed(script, expected)
  const { request, shown, users, whole } = yield* exit
  return {
    answers,
    asked,
    request,
    shown,
    users,
    whole,
    keys: users.map(({ employeeId }) => employeeId ?? "").toSorted()
  }
})

const problem = Effect.fnUntraced(function* (script: ReadonlyArray<Line>, expected: ReadonlyArray<string> = []) {
  const { answers, exit } = yield* listed(script, expected)
  const error = yield* Effect.flip(exit)
  assert.isDefined(answers.at(-1)?.deferral)
  return String(error)
})

describe("TogetherList: a list that says how to read on", () => {
  it.effect("reads a bare array as the whole list", () =>
    Effect.gen(function* () {
      const { answers, asked, keys, request, users: all, whole } = yield* read([page(users(1, 2))], ["e-1"])
      assert.deepStrictEqual([asked, keys, whole], [[""], ["e-1", "e-2"], true])
      assert.deepStrictEqual(
        all.find(({ userId }) => userId === "u-1"),
        {
          userId: "u-1",
          employeeId: "e-1",
          fields: newcomer(1)
        }
      )
      assert.deepInclude(answers[0], { operation: "list", members: 0, status: 200, request })
    })
  )

  it.effect("follows the Link header, each page a request of its own", () =>
    Effect.gen(function* () {
      const link = { link: `<${listUrl}?page=2>; rel="next"` }
      const { answers, asked, keys, request, whole } = yield* read([page(users(1, 2), link), page(users(3))])
      assert.deepStrictEqual([asked, keys, whole], [["", "?page=2"], ["e-1", "e-2", "e-3"], true])
      assert.lengthOf(answers, 2)
      assert.strictEqual(request, answers[1]?.request)
    })
  )

  it.effect("follows numbers and cursors in an envelope", () =>
    Effect.gen(function* () {
      const { asked, keys, whole } = yield* read([
        page({ data: users(1), next: 2 }),
        page({ data: users(2), next: "abc" }),
        page({ data: users(3), next: null })
      ])
      assert.deepStrictEqual([asked, keys, whole], [["", "?page=2", "?cursor=abc"], ["e-1", "e-2", "e-3"], true])
    })
  )

  it.effect("ends at a page that repeats only known users, and does not take that for the whole", () =>
    Effect.gen(function* () {
      const same = page({ data: users(1, 2), next: "abc" })
      const { asked, whole } = yield* read([same])
      assert.deepStrictEqual([asked, whole], [["", "?cursor=abc"], false])
    })
  )

  it.effect("ends at an empty page, though that names a number after it", () =>
    Effect.gen(function* () {
      const { asked, whole } = yield* read([page({ data: users(1), next: 2 }), page({ data: [], next: 3 })])
      assert.deepStrictEqual([asked, whole], [["", "?page=2"], true])
    })
  )

  it.effect("does not take a part for the whole when the list says there are more", () =>
    Effect.gen(function* () {
      const { asked, whole } = yield* read([page({ users: users(1, 2), total: 3 }), page({ users: users(1, 2) })])
      assert.deepStrictEqual([asked, whole], [["", "?page=2"], false])
    })
  )

  it.effect("stops where a link leads back, or out", () =>
    Effect.gen(function* () {
      const back = [
        page({ data: users(1), next: "a" }),
        page({ data: users(2), next: "b" }),
        page({ data: users(3), next: "a" })
      ]
      assert.include(yield* problem(back), "leads in a circle")
      assert.include(
        yield* problem([page(users(1), { link: '<https://elsewhere.example/public/user>; rel="next"' })]),
        "another address"
      )
    })
  )

  it.effect("stops after ten thousand pages", () =>
    Effect.gen(function* () {
      const pages = Array.from({ length: 10_001 }, (_, n) => page({ data: users(n + 1), next: n + 2 }))
      const { answers, exit } = yield* listed(pages)
      assert.include(String(yield* Effect.flip(exit)), "leads in a circle")
      assert.lengthOf(answers, 10_000)
    })
  )

  it.effect.each([
    ["a refusal", { status: 404 }],
    ["nothing that is a list", page({ ok: true })],
    ["a list of no users", page(["e-1"])],
    ["a 207", { status: 207, text: "[]" }]
  ] as const)("stops at %s", ([, line]) => problem([line]))

  it.effect("stops at a refusal in the middle of the list", () =>
    Effect.gen(function* () {
      assert.include(yield* problem([page({ data: users(1), next: 2 }), { status: 404 }]), "404")
    })
  )

  it.effect("reads a page again after a fault", () =>
    Effect.gen(function* () {
      const { asked, keys } = yield* read([page({ data: users(1), next: 2 }), { status: 503 }, page(users(2))])
      assert.deepStrictEqual(
        [asked, keys],
        [
          ["", "?page=2", "?page=2"],
          ["e-1", "e-2"]
        ]
      )
    })
  )
})

describe("TogetherList: a list that says nothing, and somebody is missing", () => {
  it.effect.each([
    ["repeats itself", page(users(1, 2))],
    ["is empty", page([])],
    ["is refused", { status: 400 }],
    ["is not there", { status: 404 }]
  ] as const)("takes it for the whole when its page 2 %s", ([, second]) =>
    Effect.gen(function* () {
      const { asked, keys, whole } = yield* read([page(users(1, 2)), second], ["e-1", "e-9"])
      assert.deepStrictEqual([asked, keys, whole], [["", "?page=2"], ["e-1", "e-2"], true])
    })
  )

  it.effect.each([
    ["is empty", page([])],
    ["repeats", page(users(3))],
    ["is refused", { status: 404 }]
  ] as const)("reads page by page until one %s", ([, last]) =>
    Effect.gen(function* () {
      const { asked, keys, whole } = yield* read([page(users(1, 2)), page(users(3)), last], ["e-3"])
      assert.deepStrictEqual([asked, keys, whole], [["", "?page=2", "?page=3"], ["e-1", "e-2", "e-3"], true])
    })
  )

  it.effect("takes news from a page that overlaps the one before", () =>
    Effect.gen(function* () {
      const { keys } = yield* read([page(users(1, 2)), page(users(2, 3)), page([])], ["e-3"])
      assert.deepStrictEqual(keys, ["e-1", "e-2", "e-3"])
    })
  )

  it.effect("stays quiet when everyone expected is there, or nobody is in the list at all", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* read([page(users(1, 2))], ["e-2"])).asked, [""])
      assert.deepStrictEqual((yield* read([page([])], ["e-2"])).asked, [""])
    })
  )
})

describe("TogetherList: what it shows", () => {
  it.effect("names the fields that anybody has, emptied ones as well", () =>
    Effect.gen(function* () {
      const { shown } = yield* read([
        page([
          { employeeId: "e-1", title: "" },
          { employeeId: "e-2", employeeStatusCode: "A", salary: 1, remote: "?" }
        ])
      ])
      assert.deepStrictEqual([...shown].toSorted(), ["status", "title"])
    })
  )

  it.effect("tells people without any id apart", () =>
    Effect.gen(function* () {
      const { users } = yield* read([page([{ email: "a@x.org" }, { email: "b@x.org" }])])
      assert.lengthOf(users, 2)
    })
  )
})

describe.concurrent("TogetherList in front of the sandbox", () => {
  it.live.each(listShapes)("reads the same people from the shape %s", (listShape) =>
    Effect.gen(function* () {
      const people = [1, 2, 3, 4, 5].map(resident)
      const { list, sandbox } = yield* withSandbox({ listShape, pageSize: 2, users: people })
      const { users, whole } = yield* list(["e-5", "e-9"])
      assert.isTrue(whole)
      assert.deepStrictEqual(
        users.toSorted((a, b) => (a.employeeId! < b.employeeId! ? -1 : 1)),
        people.map((_, i) => ({
          userId: `usr_0000000${i + 1}`,
          employeeId: `e-${i + 1}`,
          fields: newcomer(i + 1)
        }))
      )
      // The sandbox does not page a bare array: one try finds that out.
      yield* fair(sandbox, listShape === "pages" ? 3 : 2)
    })
  )
})
