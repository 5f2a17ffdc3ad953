import { randomUUID } from "node:crypto"
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from "node:http"

import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { type Answer, Sink } from "@rollcall/core/contract/Sink"
import { sha256 } from "@rollcall/core/domain/Digest"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { type MemoryLane, makeMemoryLane } from "@rollcall/testkit/MemoryLane"
import { Context, Effect, Layer, Redacted } from "effect"
import type { HttpClient } from "effect/http"

import { TogetherClient } from "../src/TogetherClient.ts"
import type { TogetherConfig } from "../src/TogetherConfig.ts"
import { layer } from "../src/TogetherSink.ts"
import { canary, configOf, credentials, keepsTheKey, person } from "./Vendor.ts"

const clientOver = (config: TogetherConfig, http: Layer.Layer<HttpClient.HttpClient> = NodeHttpClient.layerUndici) =>
  Layer.build(TogetherClient.layer(config).pipe(Layer.provide(http))).pipe(
    Effect.map((context) => Context.get(context, TogetherClient))
  )

interface Seen {
  readonly line: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
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
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString("utf8")
        seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body })
        answer(request, response)
      })
    })
    made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
  })
  return Effect.map(Effect.acquireRelease(opened, closed), (made) => {
    const address = made.address()
    return { seen, url: `http://127.0.0.1:${typeof address === "object" ? address?.port : address}` }
  })
}

const acme = OrganizationId.make("acme")

const sinkOver = (url: string, memory: MemoryLane) =>
  layer(configOf(url)).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.provide(memory.layer))

const registration = {
  stream: "employee:1",
  version: 1,
  employeeId: "e-1",
  programId: "mentoring-2026",
  roles: { mentor: true, mentee: false }
}

describe.concurrent("TogetherClient", () => {
  it.live("sends the headers as documented and no others of its own", () =>
    Effect.gen(function* () {
      const { seen, url } = yield* server((_, response) => response.writeHead(200).end("{}"))
      const client = yield* clientOver(configOf(`${url}/base//`))
      yield* Effect.withSpan(client.upsert([{ employeeId: "e-1", fields: { remote: true } }]), "a run")
      yield* client.list(client.listUrl)
      for (const { headers } of seen) {
        assert.deepInclude(headers, {
          "organization-id": credentials.organizationId,
          "client-id": credentials.clientId,
          "api-key": canary,
          "content-type": "application/json"
        })
        assert.notProperty(headers, "traceparent")
        assert.notProperty(headers, "b3")
      }
    })
  )

  it.live("makes each operation's request as documented", () =>
    Effect.gen(function* () {
      const { seen, url } = yield* server((_, response) => response.writeHead(200).end("{}"))
      const client = yield* clientOver(configOf(`${url}/base//`, { organizationId: Redacted.make("a/c me") }))
      yield* client.upsert([{ employeeId: "e-1", fields: { remote: true } }])
      yield* client.upsert([1, 2].map((n) => ({ employeeId: `e-${n}`, fields: { title: "Çırak" } })))
      yield* client.link("../no such/one?", { employeeId: "e-1", fields: { title: null } })
      yield* client.list(client.listUrl)
      yield* client.list(`${client.listUrl}?page=2`)
      yield* client.register(registration)
      yield* client.register({ ...registration, matchTypeIds: ["group"] })
      const register = '{"employeeId":"e-1","programId":"mentoring-2026","roles":{"mentor":true,"mentee":false}'
      assert.deepStrictEqual(
        seen.map(({ body, line }) => [line, body]),
        [
          ["POST /base/public/user", '{"employeeId":"e-1","remote":true}'],
          ["POST /base/public/user", '[{"employeeId":"e-1","title":"Çırak"},{"employeeId":"e-2","title":"Çırak"}]'],
          ["POST /base/public/user/..%2Fno%20such%2Fone%3F", '{"employeeId":"e-1","title":""}'],
          ["GET /base/public/user", ""],
          ["GET /base/public/user?page=2", ""],
          ["POST /base/public/a%2Fc%20me/registerUser", `${register}}`],
          ["POST /base/public/a%2Fc%20me/registerUser", `${register},"matchTypeIds":["group"]}`]
        ]
      )
    })
  )

  it.live("leaves in each grant the hash of the very bytes that go out, and whom and what they were decided from", () =>
    Effect.gen(function* () {
      const { seen, url } = yield* server((_, response) => response.writeHead(200).end("{}"))
      const memory = makeMemoryLane({ beginPauseMillis: 0 })
      const basis = { decidedAt: 7, clock: "2026-01-05T12:00:00.000Z", configurationHash: "c" }
      const report = ({ ending }: Answer) =>
        memory.lane.release(acme, { ...ending, endedMillisAgo: 0 }, { appendKey: randomUUID(), events: [] })
      const errand = { organization: acme, run: "r", urgency: "routine", basis, report } as const
      yield* Effect.gen(function* () {
        const sink = yield* Sink
        yield* sink.apply([person(1), person(2)], 100, errand)
        yield* sink.apply([person(3, { userId: "u/3" })], 100, errand)
        yield* sink.register(registration, errand)
        yield* sink.check(false, errand)
      }).pipe(Effect.provide(sinkOver(url, memory)))
      const hashOf = (n: number) => {
        const { body, line } = seen[n] ?? assert.fail()
        return sha256(`${line.replace("/acme/", "/:organizationId/")}\n${body}`)
      }
      const [array, link, place, list] = memory.granted
      assert.deepInclude(array, { ...basis, people: ["1", "2"], requestHash: hashOf(0) })
      assert.deepInclude(link, { ...basis, people: ["3"], requestHash: hashOf(1) })
      assert.deepInclude(place, { ...basis, people: ["1"], programId: "mentoring-2026", requestHash: hashOf(2) })
      assert.notProperty(list, "decidedAt")
    })
  )

  it.live("hands back what came, whatever it is", () =>
    Effect.gen(function* () {
      const { url } = yield* server((_, response) => response.writeHead(418, { link: "<x>; rel=next" }).end("no"))
      const client = yield* clientOver(configOf(url))
      const { headers, status, text } = yield* client.list(client.listUrl)
      assert.deepStrictEqual([status, text, headers["link"]], [418, "no", "<x>; rel=next"])
    })
  )

  it.live.each([
    ["undici", NodeHttpClient.layerUndici],
    ["node:http", NodeHttpClient.layerNodeHttp],
    ["fetch", NodeHttpClient.layerFetch]
  ] as const)("never follows a redirect, for the key would go along (%s)", ([, http]) =>
    Effect.gen(function* () {
      const elsewhere = yield* server((_, response) => response.writeHead(200).end("{}"))
      const { seen, url } = yield* server((_, response) => response.writeHead(307, { location: elsewhere.url }).end())
      const client = yield* clientOver(configOf(url), http)
      const { status } = yield* client.upsert([{ employeeId: "e-1", fields: {} }])
      assert.strictEqual(status, 307)
      assert.lengthOf(elsewhere.seen, 0)
      assert.lengthOf(seen, 1)
    })
  )

  it.live("takes an answer that breaks off in the middle for a fault", () =>
    Effect.gen(function* () {
      const { url } = yield* server((_, response) => {
        response.writeHead(200, { "content-length": 100 })
        response.write('{"employeeId":', () => response.destroy())
      })
      const client = yield* clientOver(configOf(url))
      const exit = yield* Effect.exit(client.list(client.listUrl))
      assert.strictEqual((yield* Effect.flip(exit))._tag, "TogetherFault")
      keepsTheKey(exit)
    })
  )

  it.live("takes a server that is not there for a fault, and names it", () =>
    Effect.gen(function* () {
      const client = yield* clientOver(configOf("http://127.0.0.1:1"))
      const exit = yield* Effect.exit(client.list(client.listUrl))
      assert.deepInclude(yield* Effect.flip(exit), {
        _tag: "TogetherFault",
        problem: "http://127.0.0.1:1 cannot be reached: ECONNREFUSED."
      })
      keepsTheKey(exit)
    })
  )
})
