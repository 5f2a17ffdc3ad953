import { assert, describe, layer } from "@effect/vitest"
import { Effect, Predicate } from "effect"

import { openApi } from "../src/Docs.ts"
import { inMemory } from "./Directories.ts"
import { bodyOf, operations, pathOf } from "./Example.ts"
import { given } from "./Given.ts"
import * as Served from "./Served.ts"

// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any

const document: Loose = openApi

const resolved = (schema: Loose): Loose =>
  Predicate.isString(schema?.$ref) ? document.components.schemas[schema.$ref.split("/").at(-1) ?? ""] : schema

const schemaOf = (operation: string): Loose => {
  for (const item of Object.values<Loose>(document.paths)) {
    for (const one of Object.values<Loose>(item)) {
      if (one.operationId === operation) return resolved(one.requestBody.content["application/json"].schema)
    }
  }
}

/** Values that a member of this schema cannot have. */
const wrongs = (schema: Loose): ReadonlyArray<unknown> => {
  const nullable = schema.anyOf !== undefined
  const text = nullable ? schema.anyOf[0] : schema
  const always = [7, true, {}, [], ["x"], "", "a\0b", "\ud800", "\ufffd", ...(nullable ? [] : [null])]
  const long = text.maxLength === undefined ? [] : ["x".repeat(text.maxLength + 1)]
  const formats: Record<string, ReadonlyArray<string>> = {
    email: ["ken", "a@b", "a b@c.de"],
    uuid: ["ken", "0f8fad5b-d9cb-469f-a165"],
    date: ["2023-02-29", "29.01.1969", "1969-1-29"],
    uri: ["adventure-works", "javascript:alert(1)"]
  }
  const values = text.enum === undefined ? (formats[text.format] ?? []) : ["SUPER_ADMIN", "org_admin", "x"]
  return [...always, ...long, ...values]
}

const withBody = operations.filter(({ hasBody }) => hasBody)

for (const { name, directory } of inMemory) {
  describe(`Bodies, ${name}`, () => {
    layer(Served.layer(directory), { excludeTestServices: true })((it) => {
      for (const known of withBody) {
        const { operation, method } = known
        const schema = schemaOf(operation)
        const isArray = schema.type === "array"
        const members = isArray ? resolved(schema.items) : schema
        const field = (member: string) => (isArray ? `0.${member}` : member)

        it.effect(`names at ${operation} every field that is missing or wrong`, () =>
          Effect.gen(function* () {
            const { ask, token, ours } = yield* given
            const made = yield* token({ role: "SUPER_ADMIN", organization: ours.id })
            const good = bodyOf(operation, ours)
            const base: Loose = isArray ? (good as ReadonlyArray<unknown>)[0] : good
            const asked = (body: unknown) =>
              ask(method, pathOf(known, ours), { token: made, body: isArray ? [body] : body })
            for (const [member, of] of Object.entries<Loose>(members.properties)) {
              if ((members.required ?? []).includes(member)) {
                const { [member]: _taken, ...rest } = base
                const { status, json } = yield* asked(rest)
                assert.strictEqual(status, 400, member)
                assert.deepStrictEqual(json.errors, [{ field: field(member), problem: "is missing" }])
              }
              for (const wrong of wrongs(of)) {
                const { status, json } = yield* asked({ ...base, [member]: wrong })
                assert.strictEqual(status, 400, `${member} ${JSON.stringify(wrong)?.slice(0, 40)}`)
                assert.deepInclude(json, { type: "about:blank", title: "Bad Request", status: 400 })
                assert.deepStrictEqual(
                  json.errors.map((one: Loose) => one.field),
                  [field(member)]
                )
              }
            }
          })
        )

        it.effect(`names at ${operation} all that is wrong at once, and repeats none of it`, () =>
          Effect.gen(function* () {
            const { ask, token, ours } = yield* given
            const made = yield* token({ role: "SUPER_ADMIN", organization: ours.id })
            const all = Object.keys(members.properties)
            const wrong = Object.fromEntries(all.map((member) => [member, " PRIVATE "]))
            const body = isArray ? [wrong] : wrong
            const { status, json, text } = yield* ask(method, pathOf(known, ours), { token: made, body })
            if (operation === "listOrganizationsByAppSecret") return assert.strictEqual(status, 200)
            assert.strictEqual(status, 400)
            assert.notInclude(text, "PRIVATE")
            const prose = new Set(["mission", "bio", "description"])
            assert.deepStrictEqual(
              json.errors.map((one: Loose) => one.field),
              all.filter((member) => !prose.has(member)).map(field)
            )
          })
        )

        it.effect(`refuses at ${operation} what is no object`, () =>
          Effect.gen(function* () {
            const { ask, token, ours } = yield* given
            const made = yield* token({ role: "SUPER_ADMIN", organization: ours.id })
            const wrong = [
              "",
              "null",
              "7",
              '"x"',
              "true",
              isArray ? "{}" : "[]",
              "[[]]",
              "{",
              "{'a':1}",
              "nul",
              "\u0000"
            ]
            for (const raw of wrong) {
              const { status, headers, json } = yield* ask(method, pathOf(known, ours), { token: made, raw })
              assert.strictEqual(status, 400, raw)
              assert.strictEqual(headers.get("content-type"), "application/problem+json")
              assert.include(json.detail, raw === "[[]]" && isArray ? "0 must be an object" : "The body")
            }
          })
        )

        it.effect(`understands at ${operation} a client that sends more than there is`, () =>
          Effect.gen(function* () {
            const { ask, token, ours } = yield* given
            const made = yield* token({ role: "SUPER_ADMIN", organization: ours.id })
            const more = { somethingNew: { a: [1, "two"] }, id: "7", __proto__x: {}, constructor: 1 }
            const good: Loose = bodyOf(operation, ours)
            const body = isArray ? good.map((one: Loose) => ({ ...more, ...one })) : { ...more, ...good }
            const { status, text } = yield* ask(method, pathOf(known, ours), { token: made, body })
            assert.isBelow(status, 300, text)
          })
        )
      }

      it.effect("empties a member of a profile with null, and has no null in the answer", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          const full = { firstName: "Terri", bio: "Rides.", gender: "female" }
          const path = `/employee/${ours.worker}/profile`
          assert.deepStrictEqual((yield* ask("POST", path, { token, body: full })).json, full)
          const patched = yield* ask("PATCH", path, { token, body: { bio: null } })
          assert.deepStrictEqual(patched.json, { firstName: "Terri", gender: "female" })
          assert.deepStrictEqual((yield* ask("POST", path, { token, body: { bio: "New." } })).json, { bio: "New." })
          assert.deepStrictEqual((yield* ask("GET", path, { token })).json, { bio: "New." })
        })
      )

      it.effect("reads only UTF-8: a letter in another encoding is not lost in silence", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const raw = new Uint8Array(Buffer.from('{"name":"S\u00e1nchez","email":"s@ours.com"}', "latin1"))
          const { status, json } = yield* ask("POST", "/employee", { token: ours.tokens.ORG_ADMIN, raw })
          assert.strictEqual(status, 400)
          assert.include(json.detail, "UTF-8")
        })
      )
    })
  })
}
