import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"

import { directories } from "./Directories.ts"
import { bodyOf, operations, pathOf } from "./Example.ts"
import { given } from "./Given.ts"
import * as Served from "./Served.ts"

const documented = new Set([200, 201, 204, 400, 401, 403, 404, 405, 409, 413, 415])

/** Texts of every kind: NUL, half characters, other alphabets, what is something to SQL, and long ones. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "\0",
    "\ud800",
    "\udfff\ud800",
    "'; drop table employee; --",
    "%",
    "_",
    "\\",
    "../..",
    "null",
    "__proto__"
  ),
  fc.nat({ max: 3000 }).map((length) => "x".repeat(length)),
  fc.uuid(),
  fc.emailAddress()
)

/** `JSON.stringify` writes half a character as an escape, so the server reads it as it is. */
const json = fc.oneof(fc.jsonValue({ stringUnit: "binary", depthSize: "medium" }), text)

const known = fc.constantFrom(...operations)

/** What a client can put into an address. */
const segment = fc.oneof(
  text.filter((value) => value.isWellFormed()).map(encodeURIComponent),
  fc.constantFrom(
    "%",
    "%0",
    "%zz",
    "%ff",
    "%c0%80",
    "%ED%A0%80",
    "%00",
    ";",
    "a;b=c",
    ".",
    "..",
    "%2e%2e",
    "%2F",
    "a%2Fb",
    "~",
    "*",
    ":employee"
  )
)

const settings = { numRuns: 150 }

const holds = <A>(arbitrary: fc.Arbitrary<A>, ask: (value: A) => Effect.Effect<Served.Answer>) =>
  Effect.promise(() =>
    fc.assert(
      fc.asyncProperty(arbitrary, async (value) => {
        const { status, headers, text } = await Effect.runPromise(ask(value))
        assert.isTrue(documented.has(status), `${status} ${text}`)
        if (status >= 400) assert.strictEqual(headers.get("content-type"), "application/problem+json")
      }),
      settings
    )
  )

for (const { name, directory } of directories) {
  describe(`Whatever is asked, ${name}`, () => {
    layer(Served.layer(directory), { excludeTestServices: true })((it) => {
      it.effect("no JSON of any shape makes it fail", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          const bodies = fc.tuple(
            known.filter(({ hasBody }) => hasBody),
            json
          )
          yield* holds(bodies, ([operation, body]) =>
            ask(operation.method, pathOf(operation, ours), { token, raw: JSON.stringify(body) ?? "" })
          )
        })
      )

      it.effect("no member of any kind makes it fail where it knows the member", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          const bodies = known
            .filter(({ hasBody, operation }) => hasBody && operation !== "setEntityGroups")
            .chain((one) => {
              const good = bodyOf(one.operation, ours) as Readonly<Record<string, unknown>>
              return fc
                .subarray(Object.keys(good), { minLength: 1 })
                .chain((members) => fc.record(Object.fromEntries(members.map((member) => [member, json]))))
                .map((changes) => [one, { ...good, ...changes }] as const)
            })
          yield* holds(bodies, ([operation, body]) => ask(operation.method, pathOf(operation, ours), { token, body }))
        })
      )

      it.effect("no text of any kind makes it fail that is no JSON", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          const bodies = fc.tuple(
            known.filter(({ hasBody }) => hasBody),
            fc.uint8Array({ maxLength: 300 })
          )
          yield* holds(bodies, ([operation, bytes]) =>
            ask(operation.method, pathOf(operation, ours), { token, raw: new Uint8Array(bytes) })
          )
        })
      )

      it.effect("no address makes it fail", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          const paths = fc.tuple(
            fc.constantFrom("GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"),
            known,
            fc.array(segment, { maxLength: 4 })
          )
          const body = (method: string, operation: (typeof operations)[number]) =>
            /^(?:POST|PATCH)$/u.test(method) ? { body: bodyOf(operation.operation, ours) ?? {} } : {}
          yield* holds(paths, ([method, operation, segments]) => {
            let at = 0
            const path = operation.path.replaceAll(/:(\w+)/gu, () => segments[at++] ?? "x")
            return ask(method, path, { token, ...body(method, operation) })
          })
        })
      )

      it.effect("no query makes it fail", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const token = ours.tokens.ORG_ADMIN
          const names = fc.constantFrom("limit", "after", "status", "type", "entity", "membership", "x", "__proto__")
          const queries = fc.tuple(
            known.filter(({ method }) => method === "GET"),
            fc.array(fc.tuple(names, segment), { maxLength: 4 })
          )
          yield* holds(queries, ([operation, pairs]) =>
            ask("GET", `${pathOf(operation, ours)}?${pairs.map((pair) => pair.join("=")).join("&")}`, { token })
          )
        })
      )

      it.effect("no token makes it fail, and none that was made up is let in", () =>
        Effect.gen(function* () {
          const { ask, ours } = yield* given
          const part = fc.oneof(
            json.map((value) => Buffer.from(JSON.stringify(value) ?? "").toString("base64url")),
            fc.base64String(),
            fc.string()
          )
          const tokens = fc
            .oneof(
              fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(".")),
              fc.string()
            )
            .filter((token) => /^[\x21-\x7e]*$/u.test(token) && token.length < 8000)
          yield* Effect.promise(() =>
            fc.assert(
              fc.asyncProperty(tokens, async (token) => {
                assert.strictEqual(
                  (await Effect.runPromise(ask("GET", `/employee/${ours.worker}`, { token }))).status,
                  401
                )
              }),
              settings
            )
          )
        })
      )
    })
  })
}
