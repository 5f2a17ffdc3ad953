/**
 * The least server that follows Together's documents: keyed upserts answered 200, 201, 204, and a list. It writes down
 * every request, and knows nothing of the sandbox or the client.
 */
import { type IncomingMessage, createServer } from "node:http"
import type { AddressInfo } from "node:net"

import { Effect, type Scope } from "effect"

export interface Heard {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

export interface Vendor {
  readonly url: string
  readonly heard: Array<Heard>
}

type User = Record<string, unknown> & { readonly employeeId: string }

export const vendor: Effect.Effect<Vendor, never, Scope.Scope> = Effect.acquireRelease(
  Effect.callback<Vendor & { readonly close: () => void }>((resume) => {
    const heard: Array<Heard> = []
    const users = new Map<string, User>()
    const server = createServer((request, response) => {
      void read(request).then((text) => {
        const body: unknown = text === "" ? undefined : JSON.parse(text)
        heard.push({ method: request.method ?? "", path: request.url ?? "", body })
        if (request.method === "GET") return response.end(JSON.stringify([...users.values()]))
        const statuses = (Array.isArray(body) ? body : [body]).map((user) => upsert(users, user as User))
        response.statusCode = statuses.includes(201) ? 201 : statuses.includes(200) ? 200 : 204
        return response.end()
      })
    })
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, heard, close: () => void server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

const read = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of request) text += String(chunk)
  return text
}

const upsert = (users: Map<string, User>, user: User): number => {
  const known = users.get(user.employeeId)
  const next = { ...known, ...user }
  users.set(user.employeeId, next)
  if (known === undefined) return 201
  return JSON.stringify(known) === JSON.stringify(next) ? 204 : 200
}
