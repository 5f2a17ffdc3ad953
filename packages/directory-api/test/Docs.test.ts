import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"

import { openApi } from "../src/Docs.ts"
import * as MemoryDirectory from "./MemoryDirectory.ts"
import * as Served from "./Served.ts"

describe("The documents", () => {
  layer(Served.layer(MemoryDirectory.layer), { excludeTestServices: true })((it) => {
    it.effect("are there for whoever has no token", () =>
      Effect.gen(function* () {
        const { ask } = yield* Served.Served
        const machine = yield* ask("GET", "/openapi.json")
        assert.strictEqual(machine.headers.get("content-type"), "application/json")
        assert.deepStrictEqual(machine.json, JSON.parse(JSON.stringify(openApi)))
        const page = yield* ask("GET", "/docs")
        assert.strictEqual(page.status, 200)
        assert.match(page.headers.get("content-type") ?? "", /^text\/html/u)
      })
    )

    it.effect("show every operation and every shape, and every link leads somewhere", () =>
      Effect.gen(function* () {
        const { ask } = yield* Served.Served
        const { text } = yield* ask("GET", "/docs")
        const ids = [...text.matchAll(/ id="([^"]+)"/gu)].map(([, id]) => id)
        assert.strictEqual(new Set(ids).size, ids.length)
        const operations = Object.values(openApi.paths).flatMap((item) => Object.values(item))
        for (const operation of operations) {
          if (!Array.isArray(operation) && "operationId" in operation) assert.include(ids, operation.operationId)
        }
        assert.includeMembers(ids, Object.keys(openApi.components.schemas))
        const links = [...text.matchAll(/ href="#([^"]+)"/gu)].map(([, id]) => id)
        assert.isAbove(links.length, 52)
        for (const link of links) assert.include(ids, link)
      })
    )

    it.effect("load nothing from anywhere, and run nothing", () =>
      Effect.gen(function* () {
        const { ask } = yield* Served.Served
        const { text, headers } = yield* ask("GET", "/docs")
        assert.notMatch(text, /<script|<link|<img|<iframe|@import|url\(|\son\w+=/iu)
        assert.notMatch(text, /(?:href|src)="(?:https?:)?\/\//iu)
        assert.include(headers.get("content-security-policy"), "default-src 'none'")
      })
    )
  })
})
