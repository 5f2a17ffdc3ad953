import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from "node:http"

import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Random } from "effect"
import type { HttpClient } from "effect/http"

import { makeClient } from "../src/UltiProClient.ts"
import { jobs } from "../src/UltiProEndpoint.ts"
import { canary, configOf, type Encoded, inTheEnd, type Instead, keepsSecrets, serve, tenant } from "./Tenant.ts"

interface Seen {
  readonly line: string
  readonly headers: IncomingHttpHeaders
}

const closed = (made: ReturnType<typeof createServer>) =>
  Effect.callback<void>((resume) => {
    made.close(() => resume(Effect.void))
    made.closeAllConnections()
  })

/** A server that writes down what reaches it and answers however it is told. */
const server = (answer: (request: IncomingMessage, response: ServerResponse) => void) => {
  const seen: Array<Seen> = []
  const opened = Effect.callback<ReturnType<typeof createServer>>((resume) => {
    const made = createServer((request, response) => {
      seen.push({ line: `${request.method} ${request.url}`, headers: request.headers })
      answer(request, response)
    })
    made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
  })
  return Effect.map(Effect.acquireRelease(opened, closed), (made) => {
    const address = made.address()
    return { seen, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : address}` }
  })
}

const ask = Effect.fnUntraced(function* (
  http: Layer.Layer<HttpClient.HttpClient>,
  more: Partial<Encoded> = {},
  what = jobs
) {
  const client = yield* Effect.provideContext(makeClient(configOf(more), "hr"), yield* Layer.build(http))
  return yield* client.get(what, { page: 3, query: { page: "3", per_Page: "10" } })
})

const once = { patienceMinutes: 0 }

const noLuck = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, Random.Random, { nextDoubleUnsafe: () => 0.5, nextIntUnsafe: () => 0 })

/** How the one request to a server that behaves so ends, and when it was made how often. */
const meeting = Effect.fnUntraced(function* (instead: Instead, more: Partial<Encoded> = {}) {
  const { asked, http } = serve(tenant(1), instead)
  const exit = yield* inTheEnd(noLuck(ask(http, more)))
  const reason = Exit.isFailure(exit) ? (yield* Effect.flip(exit)).reason : undefined
  return { exit, reason, at: asked.map(({ at }) => (at - (asked[0]?.at ?? 0)) / 1000) }
})

/** The first request meets the quota. */
const quotaOnce =
  (retryAfter: string): Instead =>
  (_, { length }) =>
    length === 0 ? { status: 429, headers: { "retry-after": retryAfter } } : undefined

describe("UltiProClient and its headers", () => {
  it.live("sends what is documented, and nothing for tracing", () =>
    Effect.gen(function* () {
      const { seen, url } = yield* server((_, response) => response.writeHead(200).end("[]"))
      yield* Effect.withSpan(ask(NodeHttpClient.layerUndici, { rootUrl: `${url}/services/BIDataService` }), "a run")
      assert.deepStrictEqual(
        seen.map(({ line }) => line),
        ["GET /configuration/v1/jobs?page=3&per_Page=10"]
      )
      const account = Buffer.from(`TogetherIntegration-${canary}:${canary}`).toString("base64")
      assert.deepInclude(seen[0]?.headers, {
        authorization: `Basic ${account}`,
        "us-customer-api-key": canary,
        accept: "application/json"
      })
      for (const name of ["traceparent", "b3", "api-key", "x-api-key"]) assert.notProperty(seen[0]?.headers, name)
      assert.lengthOf(
        Object.values(seen[0]?.headers ?? {}).filter((value) => String(value).includes(canary)),
        1,
        "the user API key"
      )
    })
  )

  it.live("sends the user API key where the configuration names a header for it", () =>
    Effect.gen(function* () {
      const { seen, url } = yield* server((_, response) => response.writeHead(200).end("[]"))
      yield* ask(NodeHttpClient.layerUndici, { rootUrl: url, userApiKeyHeader: "Api-Key" })
      assert.strictEqual(seen[0]?.headers["api-key"], canary)
    })
  )

  it.live("encodes the account as UTF-8", () =>
    Effect.gen(function* () {
      const { seen, url } = yield* server((_, response) => response.writeHead(200).end("[]"))
      yield* ask(NodeHttpClient.layerUndici, { rootUrl: url, username: "Zoë", password: "pâss:word" })
      const account = seen[0]?.headers.authorization?.replace("Basic ", "") ?? ""
      assert.strictEqual(Buffer.from(account, "base64").toString("utf8"), "Zoë:pâss:word")
    })
  )

  it.live.each([
    ["undici", NodeHttpClient.layerUndici],
    ["node:http", NodeHttpClient.layerNodeHttp],
    ["fetch", NodeHttpClient.layerFetch]
  ] as const)("never follows a redirect, for the password would go along (%s)", ([, http]) =>
    Effect.gen(function* () {
      const elsewhere = yield* server((_, response) => response.writeHead(200).end("[]"))
      const { seen, url } = yield* server((_, response) => response.writeHead(302, { location: elsewhere.url }).end())
      const exit = yield* Effect.exit(ask(http, { rootUrl: url }))
      const { reason } = yield* Effect.flip(exit)
      assert.strictEqual(reason._tag, "Malformed")
      assert.match(reason.problem, /redirect, which is not followed \(302\)/)
      assert.lengthOf(elsewhere.seen, 0)
      assert.lengthOf(seen, 1)
      keepsSecrets(exit)
    })
  )

  it.live("takes an answer that breaks off on the wire for a fault", () =>
    Effect.gen(function* () {
      const { url } = yield* server((_, response) => {
        response.writeHead(200, { "content-length": 100 })
        response.write('[{"ssn":', () => response.destroy())
      })
      const exit = yield* Effect.exit(ask(NodeHttpClient.layerUndici, { rootUrl: url, ...once }))
      assert.strictEqual((yield* Effect.flip(exit)).reason._tag, "Unavailable")
      keepsSecrets(exit)
    })
  )

  it.live("says of a server that is not there where it was looked for", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(ask(NodeHttpClient.layerUndici, { rootUrl: "http://127.0.0.1:1", ...once }))
      const { reason } = yield* Effect.flip(exit)
      assert.strictEqual(reason._tag, "Unavailable")
      assert.match(reason.problem, /http:\/\/127\.0\.0\.1:1 cannot be reached: ECONNREFUSED/)
      keepsSecrets(exit)
    })
  )
})

describe("UltiProClient and what comes back", () => {
  it.effect.each([
    [{ status: 401 }, "AuthRefused", /user name and password.*customer API key.*root URL/],
    [
      { status: 403 },
      "PermissionMissing",
      /Service Account Administration.*tick 'Company Configuration Integration' View/
    ],
    [{ status: 302, headers: { location: "https://elsewhere.example" } }, "Malformed", /redirect/],
    [{ status: 400 }, "Malformed", /pageSize/],
    [{ status: 204 }, "Malformed", /rootUrl/],
    [{ text: "<html>Log in</html>" }, "Malformed", /a web page/],
    [{ text: "" }, "Malformed", /not JSON/],
    [{ text: "not json" }, "Malformed", /not JSON/],
    [{ text: `[{"ssn":"${canary}"` }, "Truncated", /breaks off/],
    [{ text: "[" }, "Truncated", /breaks off/],
    [{ text: `[{"ssn":"${canary}"}]]` }, "Malformed", /not JSON/],
    [{ text: `{"title":"${canary}"}` }, "Malformed", /no list/],
    [{ text: "null" }, "Malformed", /no list/],
    [{ text: '"[]"' }, "Malformed", /no list/]
  ] as const)("refuses %j at once as %s", ([line, tag, words]) =>
    Effect.gen(function* () {
      const { at, exit, reason } = yield* meeting(() => line)
      assert.strictEqual(reason?._tag, tag)
      assert.match(`${reason?.problem} ${reason?.remedy}`, words)
      assert.deepStrictEqual(at, [0])
      keepsSecrets(exit)
    })
  )

  it.effect("takes a body with a byte order mark", () =>
    Effect.gen(function* () {
      const { exit } = yield* meeting(() => ({ text: '\uFEFF[{"jobCode":"X"}]' }))
      assert.isTrue(Exit.isSuccess(exit))
    })
  )
})

describe("UltiProClient and its patience", () => {
  it.effect.each([{ status: 429 }, { status: 500 }, { status: 502 }, { status: 503 }, { status: 408 }, {}])(
    "waits out %j with growing pauses",
    (fault) =>
      Effect.gen(function* () {
        const { at, exit } = yield* meeting((_, before) => (before.length < 8 ? fault : undefined))
        assert.isTrue(Exit.isSuccess(exit))
        assert.deepStrictEqual(at, [0, 1, 3, 7, 15, 31, 63, 123, 183])
      })
  )

  it.effect.each([
    ["90", 90],
    ["Thu, 01 Jan 1970 00:02:00 GMT", 120],
    ["nonsense", 1],
    ["0", 1]
  ] as const)("never comes back before Retry-After %s allows", ([header, seconds]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* meeting(quotaOnce(header))).at, [0, seconds])
    })
  )

  it.effect("gives up with RateLimited when the server asks for more than patience allows", () =>
    Effect.gen(function* () {
      const { at, exit, reason } = yield* meeting(() => ({ status: 429, headers: { "retry-after": "3600" } }))
      assert.deepInclude(reason, { _tag: "RateLimited", retryAfter: 3600 })
      assert.deepStrictEqual(at, [0])
      keepsSecrets(exit)
    })
  )

  it.effect.each([
    [{ status: 500, text: canary }, "Unavailable"],
    [{}, "Unavailable"],
    [{ status: 429 }, "RateLimited"]
  ] as const)("gives up on %j when patience ends, and not before", ([fault, tag]) =>
    Effect.gen(function* () {
      const { at, exit, reason } = yield* meeting(() => fault, { patienceMinutes: 3 })
      assert.strictEqual(reason?._tag, tag)
      assert.deepStrictEqual(at, [0, 1, 3, 7, 15, 31, 63, 123])
      keepsSecrets(exit)
    })
  )

  it.effect("does not wait longer for an answer than it was told", () =>
    Effect.gen(function* () {
      const { at, reason } = yield* meeting(() => ({ rows: [], after: 7_200_000 }), { timeoutSeconds: 20, ...once })
      assert.match(reason?.problem ?? "", /did not answer jobs within 20 seconds/)
      assert.deepStrictEqual(at, [0])
    })
  )

  it.effect("makes one request at a time, whoever asks", () =>
    Effect.gen(function* () {
      const { http, mostInFlight } = serve(tenant(1), () => ({ rows: [], after: 5000 }))
      const client = yield* Effect.provide(makeClient(configOf(), "hr"), http)
      yield* inTheEnd(
        Effect.all(
          [1, 2, 3].map(() => client.get(jobs, {})),
          { concurrency: "unbounded" }
        )
      )
      assert.strictEqual(mostInFlight(), 1)
    })
  )
})
