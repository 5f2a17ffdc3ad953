import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import {
  type Asked,
  canary,
  employment,
  inShort,
  type Instead,
  isComplete,
  keepsSecrets,
  type Line,
  type Lists,
  notices,
  person,
  read,
  records,
  serve,
  tenant
} from "./Tenant.ts"

const two = { pageSize: 2 }

/** Requests in few words: `person-details 2`. */
const requests = (asked: ReadonlyArray<Asked>, list: string) =>
  asked.filter((ask) => ask.list === list).map(({ page, url }) => `${page}${url.searchParams.get("token") ?? ""}`)

/** Answers with Link headers, as the clients of UltiPro saw them; the last page names no next one. */
const linked =
  (
    lists: Lists,
    linkOf: (ask: Asked) => string = ({ list, page, size }) =>
      `</personnel/v1/${list}?page=${page + 1}&per_Page=${size}>; rel="next"`
  ): Instead =>
  (ask) => {
    if (!ask.list.endsWith("-details")) return undefined
    const rows = lists[ask.list as "person-details"]
    const mine = rows.slice((ask.page - 1) * ask.size, ask.page * ask.size)
    const link = ask.page * ask.size < rows.length ? linkOf(ask) : '<x?page=1>; rel="first", <x?page=1>; rel=last'
    return { rows: mine, headers: { link } }
  }

const onPage =
  (list: string, page: number, line: Line | ((ask: Asked) => Line)): Instead =>
  (ask) =>
    ask.list === list && ask.page === page ? (typeof line === "function" ? line(ask) : line) : undefined

describe("UltiProPages to a proven end", () => {
  it.effect("asks on until a page is empty where there is no Link header", () =>
    Effect.gen(function* () {
      const server = serve(tenant(4))
      const said = yield* read(server, two)
      assert.deepInclude(inShort(said), "Complete 4")
      assert.deepStrictEqual(requests(server.asked, "person-details"), ["1", "2", "3"])
      assert.deepStrictEqual(requests(server.asked, "employment-details"), ["1", "2", "3"])
    })
  )

  it.effect("does not take a short page for the end, for a server may clamp per_Page", () =>
    Effect.gen(function* () {
      const lists = tenant(5)
      const clamp: Instead = ({ list, page }) =>
        list.endsWith("-details")
          ? { rows: lists[list as "person-details"].slice((page - 1) * 2, page * 2) }
          : undefined
      const server = serve(lists, clamp)
      const said = yield* read(server, { pageSize: 1000 })
      assert.lengthOf(records(said), 5)
      assert.isTrue(isComplete(said))
    })
  )

  it.effect("follows rel=next, and ends where there is a Link header without one", () =>
    Effect.gen(function* () {
      const lists = tenant(5)
      const server = serve(
        lists,
        linked(lists, ({ list, page, size, url }) =>
          [
            `<${url.origin}/personnel/v1/${list}?page=1>; rel="first"`,
            `<${url.origin}/personnel/v1/${list}?page=${page + 1}&per_Page=${size}&token=t${page}>; title="a, b"; rel="next"`
          ].join(", ")
        )
      )
      const said = yield* read(server, two)
      assert.lengthOf(records(said), 5)
      assert.isTrue(isComplete(said))
      assert.deepStrictEqual(requests(server.asked, "person-details"), ["1", "2t1", "3t2"])
    })
  )

  it.effect("asks for one more page when the last one has no Link header at all", () =>
    Effect.gen(function* () {
      const lists = tenant(3)
      const server = serve(lists, (ask, before) => (ask.page === 1 ? linked(lists)(ask, before) : undefined))
      assert.isTrue(isComplete(yield* read(server, two)))
      assert.deepStrictEqual(requests(server.asked, "person-details"), ["1", "2", "3"])
    })
  )

  it.effect("always says how large a page it wants, and asks for lists without pages once", () =>
    Effect.gen(function* () {
      const server = serve(tenant(3))
      yield* read(server, two)
      for (const { list, url } of server.asked) {
        assert.strictEqual(url.searchParams.get("per_Page"), list.endsWith("-details") ? "2" : null)
        assert.strictEqual(url.searchParams.has("page"), list.endsWith("-details"))
      }
      const once = server.asked.filter(({ list }) => !list.endsWith("-details")).map(({ list }) => list)
      assert.deepStrictEqual(once, ["org-levels", "jobs", "locations"])
    })
  )

  it.effect("asks for a list without pages once even when it offers a next one", () =>
    Effect.gen(function* () {
      const lists = tenant(1)
      const server = serve(lists, ({ list }) =>
        list === "jobs"
          ? { rows: lists.jobs, headers: { link: "</configuration/v1/jobs?page=2>; rel=next" } }
          : undefined
      )
      assert.isTrue(isComplete(yield* read(server)))
      assert.lengthOf(requests(server.asked, "jobs"), 1)
    })
  )
})

describe.each(["person-details", "employment-details"])("UltiProPages where %s is not whole", (list) => {
  const repeating: Instead = (ask) =>
    ask.list === list ? { rows: tenant(4)[list as "person-details"].slice(0, 2) } : undefined
  const circling: Instead = ({ list: asked, page }) => {
    const rows = tenant(4)[list as "person-details"]
    const turned = [...rows.slice(page % 4), ...rows.slice(0, page % 4)]
    return asked === list && page > 2 ? { rows: turned.slice(0, 3) } : undefined
  }
  const broken = onPage(list, 2, {})
  it.effect.each([
    ["404 on page 1", onPage(list, 1, { status: 404 }), "Unavailable"],
    ["404 on page 2", onPage(list, 2, { status: 404 }), "Truncated"],
    ["500 in the middle until patience ends", onPage(list, 2, { status: 500 }), "Unavailable"],
    ["429 in the middle until patience ends", onPage(list, 2, { status: 429 }), "RateLimited"],
    ["connections that break", broken, "Unavailable"],
    ["page 1 over again", repeating, "Malformed"],
    ["the last page over again", onPage(list, 3, { rows: tenant(4)[list as "person-details"].slice(2) }), "Malformed"],
    [
      "an earlier page over again",
      onPage(list, 3, { rows: tenant(4)[list as "person-details"].slice(0, 2) }),
      "Malformed"
    ],
    ["rows of pages before in another order each time", circling, "Truncated"],
    ["JSON that breaks off", onPage(list, 2, { text: `[{"employeeId":"EMP3","ssn":"${canary}` }), "Truncated"],
    ["a web page", onPage(list, 2, { text: `<html>${canary}</html>` }), "Malformed"],
    ["403", onPage(list, 1, { status: 403, text: canary }), "PermissionMissing"],
    ["401 in the middle", onPage(list, 2, { status: 401 }), "AuthRefused"],
    ["no rows at all", onPage(list, 1, { rows: [] }), "Malformed"],
    [
      "no rows at all, with a Link header",
      onPage(list, 1, { rows: [], headers: { link: "<x>; rel=first" } }),
      "Malformed"
    ],
    [
      "a next page on another host",
      onPage(list, 1, {
        rows: tenant(2)[list as "person-details"],
        headers: { link: `<https://elsewhere.example/personnel/v1/${list}?page=2>; rel="next"` }
      }),
      "Malformed"
    ],
    [
      "a next page of another list",
      onPage(list, 1, {
        rows: tenant(2)[list as "person-details"],
        headers: { link: `</personnel/v1/contacts?page=2>; rel="next"` }
      }),
      "Malformed"
    ],
    [
      "a next page over http",
      onPage(list, 1, {
        rows: tenant(2)[list as "person-details"],
        headers: { link: `<http://service4.ultipro.example/personnel/v1/${list}?page=2>; rel=next` }
      }),
      "Malformed"
    ],
    [
      "a next page with other credentials",
      onPage(list, 1, {
        rows: tenant(2)[list as "person-details"],
        headers: { link: `<https://x:y@service4.ultipro.example/personnel/v1/${list}?page=2>; rel=next` }
      }),
      "Malformed"
    ]
  ] as const)("fails at %s, and never says that this was everyone", ([, instead, tag]) =>
    Effect.gen(function* () {
      const server = serve(tenant(4), instead)
      const said = yield* read(server, two)
      assert.strictEqual(said.failure?._tag, tag)
      assert.isFalse(isComplete(said))
      if (tag !== "AuthRefused" && instead !== broken) assert.include(JSON.stringify(said.failure), list)
      keepsSecrets(said.exit)
      const hosts = new Set(server.asked.map(({ url }) => url.origin))
      assert.deepStrictEqual([...hosts], ["https://service4.ultipro.example"])
    })
  )

  it.effect("names the page that is at fault", () =>
    Effect.gen(function* () {
      const said = yield* read(serve(tenant(4), onPage(list, 2, { text: "[{" })), two)
      assert.deepInclude(said.failure, { locator: `ultipro:${list}?page=2` })
    })
  )
})

describe("UltiProPages where a list of the configuration is not there", () => {
  it.effect.each(["org-levels", "jobs", "locations"])("fails before anything is said at %s", (list) =>
    Effect.gen(function* () {
      for (const line of [{ status: 404 }, { status: 403 }, { text: "[{" }, { status: 500 }]) {
        const said = yield* read(serve(tenant(2), onPage(list, 1, line)), two)
        assert.lengthOf(said.messages, 0)
        assert.isDefined(said.failure)
        assert.include(JSON.stringify(said.failure), list)
      }
    })
  )
})

describe("UltiProPages while the list moves", () => {
  it.effect("says a person once who came down from the page before, as the later row has it", () =>
    Effect.gen(function* () {
      const again = person(2, { firstName: "Later" })
      const server = serve(tenant(4), onPage("person-details", 2, { rows: [again, person(3)] }))
      const said = yield* read({ http: server.http }, two)
      assert.deepStrictEqual(inShort(said).slice(1, 4), ["Record EMP1", "Record EMP2", "Record EMP3"])
      assert.strictEqual(records(said)[1]?.fields.firstName, "Later")
      assert.deepInclude(notices(said), "1 person listed twice in different words; the later row was taken.")
    })
  )

  it.effect("stays quiet about rows that come again in the same words", () =>
    Effect.gen(function* () {
      const rows = [1, 1, 2, 1, 3].map((n) => person(n))
      const said = yield* read(serve(tenant(3, { "person-details": rows })), two)
      assert.deepStrictEqual(inShort(said), ["Expected 3", "Record EMP1", "Record EMP2", "Record EMP3", "Complete 3"])
    })
  )

  it.effect("reads on where a whole page holds nothing new, and the next one is empty", () =>
    Effect.gen(function* () {
      const rows = [1, 2, 3, 4, 1, 3].map((n) => person(n))
      const said = yield* read(serve(tenant(4, { "person-details": rows })), two)
      assert.deepInclude(inShort(said), "Complete 4")
    })
  )

  it.effect("takes the later of two rows on one page", () =>
    Effect.gen(function* () {
      const rows = [person(1, { lastName: "Old" }), person(1, { lastName: "New" })]
      const said = yield* read(serve(tenant(1, { "person-details": rows })))
      assert.deepStrictEqual(
        records(said).map(({ fields }) => fields.lastName),
        ["New"]
      )
      assert.lengthOf(notices(said), 1)
    })
  )

  it.effect("tells of a person who comes again in other words after they were said", () =>
    Effect.gen(function* () {
      const rows = [person(1), person(2), person(3), person(4), person(1, { lastName: "New" }), person(5)]
      const said = yield* read(serve(tenant(5, { "person-details": rows })), two)
      assert.strictEqual(records(said).filter(({ key }) => key === "EMP1").length, 1)
      assert.match(notices(said).join(), /1 person listed again in different words/)
      assert.deepInclude(inShort(said), "Complete 5")
    })
  )

  it.effect("takes the later of two employments of one person in one company", () =>
    Effect.gen(function* () {
      const rows = [
        employment(1, { jobTitle: "Old" }),
        employment(2),
        employment(1, { jobTitle: "New" }),
        employment(3)
      ]
      const said = yield* read(serve(tenant(3, { "employment-details": rows })), two)
      assert.strictEqual(records(said)[0]?.fields.title, "New")
      assert.deepStrictEqual(notices(said), [
        "1 person with an employment listed twice in different words; the later row was taken."
      ])
    })
  )
})
