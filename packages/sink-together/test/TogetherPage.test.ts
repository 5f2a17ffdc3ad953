import { assert, describe, it } from "@effect/vitest"

import { countUsers, type Page, readPage } from "../src/TogetherPage.ts"
import { TogetherMisread } from "../src/TogetherReply.ts"

const listUrl = "https://together.example/base/public/user"
const user = { employeeId: "e-1" }

const read = (body: unknown, link?: string, url = listUrl) =>
  readPage(
    { status: 200, accepted: true, text: JSON.stringify(body), ...(link === undefined ? {} : { link }) },
    url,
    listUrl
  )

const pageOf = (page: Page | TogetherMisread): Page =>
  page instanceof TogetherMisread ? assert.fail(page.problem) : page

const nextOf = (body: unknown, link?: string, url?: string) => pageOf(read(body, link, url)).next?.url

const count = (text: string) => countUsers({ status: 200, accepted: true, text })

const sure = (value: unknown) => pageOf(read({ users: [user], next: value })).next?.sure

describe("TogetherPage: the users", () => {
  it.each([
    ["a bare array", [user]],
    ["under users", { users: [user] }],
    ["under data", { data: [user], meta: { x: [1] } }],
    ["under results", { results: [user], errors: [] }],
    ["under items", { items: [user] }],
    ["under value", { value: [user] }],
    ["in the only array", { people: [user], total: 1 }]
  ])("are read as %s", (_, body) => {
    assert.deepStrictEqual(pageOf(read(body)).users, [user])
  })

  it("may be none", () => {
    assert.deepStrictEqual(pageOf(read([])).users, [])
    assert.deepStrictEqual(pageOf(readPage({ status: 204, accepted: true, text: "" }, listUrl, listUrl)).users, [])
  })

  it.each([
    ["nothing", null],
    ["a text", "none"],
    ["an object without an array", { total: 0 }],
    ["two arrays of other names", { staff: [user], guests: [user] }],
    ["an array of something else", ["e-1"]],
    ["an array of arrays", [[user]]]
  ])("are not guessed at in %s", (_, body) => {
    assert.instanceOf(read(body), TogetherMisread)
  })

  it("are not guessed at in an empty 200", () => {
    assert.instanceOf(readPage({ status: 200, accepted: true, text: "" }, listUrl, listUrl), TogetherMisread)
  })

  it("are counted in whatever comes, for people to see", () => {
    for (const text of ["", "[]", "{}", "null", '"text"', "7"]) assert.strictEqual(count(text), 0)
    assert.strictEqual(count('{"total":3,"users":[{},{},{}]}'), 3)
    assert.strictEqual(count('{"data":[{}],"next":null}'), 1)
  })
})

describe("TogetherPage: the next page by Link header", () => {
  it.each([
    [`<${listUrl}?page=2>; rel="next"`, `${listUrl}?page=2`],
    [`<${listUrl}?page=2>; rel=next`, `${listUrl}?page=2`],
    [
      `</base/public/user?page=1>; rel="prev", <?page=3&q=a,b>; title="on, on"; REL="last next"`,
      `${listUrl}?page=3&q=a,b`
    ],
    [`<${listUrl}?page=1>; rel="prev"`, undefined],
    [`<${listUrl}?page=9>; rel="last"`, undefined],
    ["", undefined]
  ])("reads %s", (link, url) => {
    assert.strictEqual(nextOf([user], link), url)
  })

  it.each([
    "https://elsewhere.example/base/public/user?page=2",
    "http://together.example/base/public/user?page=2",
    "https://together.example:8443/base/public/user?page=2",
    "https://me@together.example/base/public/user?page=2",
    "//elsewhere.example/base/public/user",
    "/base/public/user/../programs",
    "/public/user?page=2",
    "https://[bad"
  ])("does not follow it to %s, for the key would go along", (target) => {
    assert.instanceOf(read([user], `<${target}>; rel="next"`), TogetherMisread)
    if (/^(http|\/)/.test(target)) assert.instanceOf(read({ users: [user], next: target }), TogetherMisread)
  })
})

describe("TogetherPage: the next page by a member of the body", () => {
  it.each(["next", "nextPage", "next_page", "nextLink"])("reads %s: an address, a number, a cursor", (name) => {
    const next = (value: unknown) => nextOf({ users: [user], [name]: value })
    assert.strictEqual(next(`${listUrl}?after=7`), `${listUrl}?after=7`)
    assert.strictEqual(next("/base/public/user?after=7"), `${listUrl}?after=7`)
    assert.strictEqual(next("?after=7"), `${listUrl}?after=7`)
    assert.strictEqual(next(3), `${listUrl}?page=3`)
    assert.strictEqual(next("3"), `${listUrl}?page=3`)
    assert.strictEqual(next("eyJ/a=="), `${listUrl}?cursor=eyJ%2Fa%3D%3D`)
  })

  it("reads links.next, and what is relative to a page", () => {
    assert.strictEqual(
      nextOf({ users: [user], links: { next: "?page=3" } }, undefined, `${listUrl}?page=2`),
      `${listUrl}?page=3`
    )
  })

  it.each([null, "", 0, -1, 1.5, false, true, {}])("stays quiet about %j", (value) => {
    assert.isUndefined(nextOf({ users: [user], next: value }))
  })

  it("is as sure as an address or a cursor, and not as sure as a number", () => {
    assert.deepStrictEqual([sure("?page=2"), sure("abc"), sure(2)], [true, true, false])
  })
})

describe("TogetherPage: how many there are", () => {
  it.each([
    [{ users: [user], total: 5 }, 5],
    [{ users: [user], totalCount: 5 }, 5],
    [{ users: [user], count: 1, total: 7 }, 7],
    [{ users: [user], total: "5" }, 0],
    [[user], 0]
  ])("reads %j", (body, total) => {
    assert.strictEqual(pageOf(read(body)).total, total)
  })
})
