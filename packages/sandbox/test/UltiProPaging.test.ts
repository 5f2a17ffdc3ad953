import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { UltiProSandbox } from "../src/UltiProServer.ts"
import type { PagingMode } from "../src/UltiProSettings.ts"
import { ask, employments, linkOf, persons, rowsOf } from "./UltiProCaller.ts"
import type { Reply } from "./UltiProCaller.ts"

const start = (paging: PagingMode, maxPerPage = 10_000) => UltiProSandbox.start({ population: 100, paging, maxPerPage })
/** 100 people, two of them listed twice. */
const listed = 102
const idsOf = (rows: ReadonlyArray<Record<string, unknown>>) => rows.map((row) => row["employeeId"])

describe("UltiProPaging: link", () => {
  it.live("leads from page to page until everybody was shown", () =>
    Effect.gen(function* () {
      const sandbox = yield* start("link")
      const seen: Array<unknown> = []
      let path: string | undefined = `${persons}?per_Page=30`
      let pages = 0
      while (path !== undefined) {
        const reply: Reply = yield* ask(sandbox, path)
        seen.push(...idsOf(reply.rows))
        path = linkOf(reply, "next")?.replace(sandbox.url, "")
        pages += 1
      }
      assert.strictEqual(pages, 4)
      assert.strictEqual(seen.length, listed)
      assert.strictEqual(new Set(seen).size, 100)
    })
  )

  it.live("names first, previous, next and last, and keeps filters in them", () =>
    Effect.gen(function* () {
      const sandbox = yield* start("link")
      const reply = yield* ask(sandbox, `${employments}?Per_Page=10&PAGE=2&companyId=6Y4NV`)
      const url = new URL(linkOf(reply, "next") ?? "")
      assert.deepStrictEqual(Object.fromEntries(url.searchParams), { companyId: "6Y4NV", page: "3", per_Page: "10" })
      assert.include(linkOf(reply, "previous"), "page=1&")
      assert.include(linkOf(reply, "first"), "page=1&")
      assert.isDefined(linkOf(reply, "last"))
    })
  )

  it.live("has no next on the last page, and [] past the end", () =>
    Effect.gen(function* () {
      const sandbox = yield* start("link")
      const last = yield* ask(sandbox, `${persons}?per_Page=60&page=2`)
      assert.isUndefined(linkOf(last, "next"))
      const past = yield* ask(sandbox, `${persons}?per_Page=60&page=3`)
      assert.deepStrictEqual([past.status, past.json], [200, []])
      assert.isUndefined(linkOf(past, "next"))
    })
  )

  it.live.each(["page=0", "page=-1", "page=two", "per_Page=0", "per_page=1.5"])("refuses %s with 400", (query) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* ask(yield* start("link"), `${persons}?${query}`)).status, 400)
    })
  )
})

describe("UltiProPaging: other tenants", () => {
  it.live("silent gives no Link and [] past the end", () =>
    Effect.gen(function* () {
      const sandbox = yield* start("silent")
      const first = yield* ask(sandbox, `${persons}?per_page=60`)
      assert.isNull(first.headers.get("link"))
      assert.lengthOf(first.rows, 60)
      assert.lengthOf(yield* rowsOf(sandbox, `${persons}?per_page=60&page=2`), listed - 60)
      assert.deepStrictEqual((yield* ask(sandbox, `${persons}?per_page=60&page=3`)).json, [])
    })
  )

  it.live("clamp cuts per_Page without saying so", () =>
    Effect.gen(function* () {
      const sandbox = yield* start("clamp", 40)
      const pages = yield* Effect.forEach([1, 2, 3, 4], (page) =>
        ask(sandbox, `${persons}?per_Page=10000&page=${page}`)
      )
      assert.deepStrictEqual(
        pages.map(({ rows }) => rows.length),
        [40, 40, 22, 0]
      )
      assert.isTrue(pages.every(({ headers }) => headers.get("link") === null))
    })
  )

  it.live("ignores-page shows page 1 for ever", () =>
    Effect.gen(function* () {
      const sandbox = yield* start("ignores-page")
      const first = yield* ask(sandbox, `${persons}?per_Page=30`)
      const ninth = yield* ask(sandbox, `${persons}?per_Page=30&page=9`)
      assert.lengthOf(first.rows, 30)
      assert.strictEqual(ninth.text, first.text)
    })
  )

  it.live("no-end repeats the last page past the end", () =>
    Effect.gen(function* () {
      const sandbox = yield* start("no-end")
      const last = yield* ask(sandbox, `${persons}?per_Page=30&page=4`)
      const past = yield* ask(sandbox, `${persons}?per_Page=30&page=9`)
      assert.lengthOf(last.rows, 12)
      assert.strictEqual(past.text, last.text)
      assert.notStrictEqual((yield* ask(sandbox, `${persons}?per_Page=30&page=3`)).text, last.text)
    })
  )
})

describe("UltiProPaging: sizes", () => {
  it.live("gives as many rows as allowed when not asked, and 100 on employee-employment-details", () =>
    Effect.gen(function* () {
      const sandbox = yield* UltiProSandbox.start({ population: 150 })
      assert.isAbove((yield* rowsOf(sandbox, persons)).length, 149)
      assert.lengthOf(yield* rowsOf(sandbox, "/personnel/v1/employee-employment-details"), 100)
      assert.isAbove((yield* rowsOf(sandbox, "/personnel/v1/employee-employment-details?per_Page=500")).length, 150)
    })
  )

  it.live("refuses more than the limit where it is told to", () =>
    Effect.gen(function* () {
      const sandbox = yield* UltiProSandbox.start({ population: 20, maxPerPage: 10, overMaxPerPage: "refuse" })
      assert.strictEqual((yield* ask(sandbox, `${persons}?per_Page=11`)).status, 400)
      assert.strictEqual((yield* ask(sandbox, `${persons}?per_Page=10`)).status, 200)
    })
  )

  it.live("shows a few people twice, on pages far apart", () =>
    Effect.gen(function* () {
      const sandbox = yield* start("link")
      const pages = yield* Effect.forEach([1, 2], (page) => rowsOf(sandbox, `${persons}?per_Page=60&page=${page}`))
      const [first = [], second = []] = pages.map(idsOf)
      assert.lengthOf(
        first.filter((id) => second.includes(id)),
        2
      )
    })
  )
})
