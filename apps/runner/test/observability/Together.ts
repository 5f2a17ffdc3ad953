/**
 * Together for these tests: takes one person at a time and answers as the person's title asks for (`400`, `409`, else
 * 201), in words that name the person, as the vendor's do.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

import { Effect, type Scope } from "effect"

export interface Together {
  readonly url: string
  /** Bodies of the posts, and the words that were answered. */
  readonly heard: ReadonlyArray<string>
  readonly said: ReadonlyArray<string>
}

export const together: Effect.Effect<Together, never, Scope.Scope> = Effect.acquireRelease(
  Effect.callback<Together & { readonly close: () => void }>((resume) => {
    const [heard, said]: [Array<string>, Array<string>] = [[], []]
    const server = createServer((request, response) => {
      let text = ""
      request.on("data", (chunk: Buffer) => (text += chunk.toString()))
      request.on("end", () => {
        if (request.method === "GET") return response.end("[]")
        heard.push(text)
        const user = JSON.parse(text) as { readonly title?: string }
        const status = { "400": 400, "409": 409 }[user.title ?? ""] ?? 201
        const words = status === 201 ? "" : JSON.stringify({ error: `Refused: ${text}` })
        said.push(words)
        response.statusCode = status
        return response.end(words)
      })
    })
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, heard, said, close: () => void server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)
