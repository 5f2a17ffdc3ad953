import { request } from "node:http"
import type { AddressInfo, Socket } from "node:net"

import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { Gate } from "../src/service/Gate.ts"

/** A server behind a gate that answers when it is told to, and writes down who came in. */
const served = Effect.acquireRelease(
  Effect.callback<{
    readonly gate: Gate
    readonly port: number
    readonly inside: Array<string>
    readonly clients: ReadonlySet<Socket>
    readonly answer: () => void
    readonly close: () => void
  }>((resume) => {
    const gate = new Gate()
    const inside: Array<string> = []
    const clients = new Set<Socket>()
    const open: Array<() => void> = []
    const server = gate.server()
    server.on("connection", (socket: Socket) => {
      clients.add(socket)
      socket.on("close", () => clients.delete(socket))
    })
    server.on("request", ({ url = "" }, response) => {
      inside.push(url)
      open.push(() => response.end(url))
    })
    const answer = () => {
      for (const one of open.splice(0)) one()
    }
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      const close = () => {
        server.close()
        server.closeAllConnections()
      }
      resume(Effect.succeed({ gate, port, inside, clients, answer, close }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

const ask = (port: number, path: string) => {
  const asked = request({ port, host: "127.0.0.1", path })
  const answered = new Promise<string>((resolve, reject) => {
    asked.on("response", (response) => {
      response.setEncoding("utf8").on("data", resolve)
    })
    asked.on("error", reject)
  })
  answered.catch(() => {})
  asked.end()
  return { answered, leave: () => asked.destroy() }
}

/** Until something holds; the server and the clients are in this process. */
const until = (what: () => boolean) =>
  Effect.promise(async () => {
    while (!what()) await new Promise((resolve) => setImmediate(resolve))
  })

describe("Gate", () => {
  it.live("lets six in at once, and the next as one is answered", () =>
    Effect.gen(function* () {
      const { answer, gate, inside, port } = yield* served
      const asked = Array.from({ length: 8 }, (_, n) => ask(port, `/${n}`))
      yield* until(() => inside.length + gate.waiting === 8)
      assert.lengthOf(inside, 6)
      answer()
      yield* until(() => inside.length === 8)
      answer()
      const said = yield* Effect.promise(() => Promise.all(asked.map(({ answered }) => answered)))
      assert.deepStrictEqual(said, ["/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7"])
    }).pipe(Effect.scoped)
  )

  it.live("lets nobody in while a request is about to go out, on whichever lane", () =>
    Effect.gen(function* () {
      const { answer, gate, inside, port } = yield* served
      yield* gate.attention.begin("one")
      yield* gate.attention.begin("two")
      const { answered } = ask(port, "/held")
      yield* until(() => gate.waiting === 1)
      yield* gate.attention.end("one")
      assert.lengthOf(inside, 0)
      yield* gate.attention.end("two")
      yield* until(() => inside.length === 1)
      answer()
      assert.strictEqual(yield* Effect.promise(() => answered), "/held")
    }).pipe(Effect.scoped)
  )

  it.live("gives no place to who went away while waiting", () =>
    Effect.gen(function* () {
      const { answer, clients, gate, inside, port } = yield* served
      yield* gate.attention.begin("one")
      const gone = Array.from({ length: 12 }, (_, n) => ask(port, `/gone-${n}`))
      yield* until(() => gate.waiting === 12)
      for (const { leave } of gone) leave()
      yield* until(() => clients.size === 0)
      const { answered } = ask(port, "/stays")
      yield* until(() => gate.waiting === 13)
      yield* gate.attention.end("one")
      yield* until(() => inside.length === 1)
      assert.deepStrictEqual(inside, ["/stays"])
      answer()
      assert.strictEqual(yield* Effect.promise(() => answered), "/stays")
    }).pipe(Effect.scoped)
  )
})
