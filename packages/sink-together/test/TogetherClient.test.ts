import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from "node:http"

import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { Context, Effect, Layer } from "effect"
import type { HttpClient } from "effect/http"

import { TogetherClient } from "../src/TogetherClient.ts"
import type { TogetherConfig } from "../src/TogetherConfig.ts"
import { TogetherLane } from "../src/TogetherLane.ts"
import { canary, configOf, credentials, fair, keepsTheKey, newcomer, resident } from "./Vendor.ts"

const clientOver = (config: TogetherConfig, http: Layer.Layer<HttpClient.HttpClient> = NodeHttpClient.layerUndici) =>
  Layer.build(TogetherClient.layer(config).pipe(Layer.provide(TogetherLane.layer), Layer.provide(http))).pipe(
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

describe.concurrent("TogetherClient", () => {
  it.live("sends the headers as documented, one person as an object, several as an array", () =>
    Effect.gen(function* () {
      const { seen, url } = yield* server((_, response) => response.writeHead(200).end("{}"))
      const client = yield* clientOver(configOf(`${url}/base//`))
      yield* client.upsert([{ employeeId: "e-1", fields: { remote: true } }])
      yield* client.upsert([1, 2].map((n) => ({ employeeId: `e-${n}`, fields: { title: "Çırak" } })))
      yield* client.list
      assert.deepStrictEqual(
        seen.map(({ line }) => line),
        ["POST /base/public/user", "POST /base/public/user", "GET /base/public/user"]
      )
      for (const { headers } of seen)
        assert.deepInclude(headers, {
          "organization-id": credentials.organizationId,
          "client-id": credentials.clientId,
          "api-key": canary,
          "content-type": "application/json"
        })
      assert.deepStrictEqual(
        seen.map(({ body }) => body),
        [
          '{"employeeId":"e-1","remote":true}',
          '[{"employeeId":"e-1","title":"Çırak"},{"employeeId":"e-2","title":"Çırak"}]',
          ""
        ]
      )
    })
  )

  it.live("gets and updates an entry by Together's own id, and hears when there is none", () =>
    Effect.gen(function* () {
      const { employeeId: _, ...stranger } = resident(1)
      const sandbox = yield* TogetherSandbox.start({ credentials, users: [stranger] })
      const client = yield* clientOver(configOf(sandbox.url))
      const [user] = yield* sandbox.users
      const tied = yield* client.update(user!.userId, { employeeId: "e-1", fields: newcomer(1) })
      assert.deepInclude(tied, { status: 200, accepted: true })
      const got = yield* client.get(user!.userId)
      assert.deepInclude(JSON.parse(got.text) as object, { userId: user!.userId, employeeId: "e-1" })
      assert.deepInclude(yield* client.get("../no such/one?"), { status: 404, accepted: false })
      const journal = yield* fair(sandbox, 3)
      assert.deepStrictEqual(
        journal.map(({ method, path }) => `${method} ${path}`),
        [
          `POST /public/user/${user!.userId}`,
          `GET /public/user/${user!.userId}`,
          "GET /public/user/..%2Fno%20such%2Fone%3F"
        ]
      )
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
      const exit = yield* Effect.exit(client.upsert([{ employeeId: "e-1", fields: {} }]))
      assert.lengthOf(elsewhere.seen, 0)
      assert.lengthOf(seen, 1)
      const error = yield* Effect.flip(exit)
      assert.deepInclude(error, { _tag: "TogetherMisread", status: 307 })
      keepsTheKey(exit)
    })
  )

  it.live("takes an answer that breaks off in the middle for a fault", () =>
    Effect.gen(function* () {
      const { url } = yield* server((_, response) => {
        response.writeHead(200, { "content-length": 100 })
        response.write('{"employeeId":', () => response.destroy())
      })
      const client = yield* clientOver(configOf(url))
      const exit = yield* Effect.exit(client.list)
      assert.strictEqual((yield* Effect.flip(exit))._tag, "TogetherFault")
      keepsTheKey(exit)
    })
  )

  it.live("takes a server that is not there for a fault, and names it", () =>
    Effect.gen(function* () {
      const client = yield* clientOver(configOf("http://127.0.0.1:1"))
      const exit = yield* Effect.exit(client.list)
      const error = yield* Effect.flip(exit)
      assert.deepInclude(error, {
        _tag: "TogetherFault",
        problem: "http://127.0.0.1:1 cannot be reached: ECONNREFUSED."
      })
      keepsTheKey(exit)
    })
  )

  it.live("counts a body that never ends as no answer", () =>
    Effect.gen(function* () {
      const { url } = yield* server((_, response) => {
        response.writeHead(200)
        response.write("[")
      })
      const client = yield* clientOver(configOf(url, { timeoutSeconds: 1 }))
      const exit = yield* Effect.exit(client.list)
      assert.deepInclude(yield* Effect.flip(exit), {
        _tag: "TogetherFault",
        problem: "Together did not answer within 1s."
      })
      keepsTheKey(exit)
    })
  )
})
