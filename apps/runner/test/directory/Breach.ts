/**
 * Servers that are wrong on purpose, so that a judge who sees nothing is noticed: one that passes on what the real server
 * answers but spoils one operation's, and one that gives a recorded answer again as it is told to.
 */
import { type IncomingMessage, type ServerResponse, createServer } from "node:http"
import type { AddressInfo } from "node:net"

import { Effect, type Scope } from "effect"

import { operations } from "./Seed003.ts"

export interface Answer {
  readonly status: number
  readonly type: string | null
  readonly text: string
}

export type Spoil = (answer: Answer) => Answer

const eachEntity = (answer: Answer, change: (entity: Record<string, unknown>) => object): Answer => {
  const body = JSON.parse(answer.text) as Record<string, unknown> | ReadonlyArray<Record<string, unknown>>
  return {
    ...answer,
    text: JSON.stringify(Array.isArray(body) ? body.map(change) : change(body as Record<string, unknown>))
  }
}

/** The member by which an entity is told from others. */
const keyOf = (entity: Record<string, unknown>): string =>
  ["id", "managerId", "entityId", "groupId"].find((name) => name in entity) ?? Object.keys(entity)[0] ?? ""

/** Ways to be wrong; `losesItsKey` is none for a profile, whose members are all optional. */
export const spoils = {
  losesItsKey: (answer) =>
    eachEntity(answer, (entity) =>
      Object.fromEntries(Object.entries(entity).filter(([name]) => name !== keyOf(entity)))
    ),
  misspells: (answer) => eachEntity(answer, (entity) => ({ ...entity, naem: "" })),
  mistypes: (answer) => eachEntity(answer, (entity) => ({ ...entity, [keyOf(entity)]: 7 })),
  saysOtherwise: (answer) => ({ ...answer, status: answer.status === 201 ? 200 : 201 })
} satisfies Record<string, Spoil>

/** Passes everything on to `upstream`, and spoils the answers of one operation. */
export const spoiling = (
  upstream: string,
  operation: string,
  spoil: Spoil
): Effect.Effect<string, never, Scope.Scope> =>
  listening(async (request) => {
    const path = request.url ?? ""
    const body = await read(request)
    const response = await fetch(`${upstream}${path}`, {
      method: request.method ?? "GET",
      headers: {
        authorization: request.headers.authorization ?? "",
        "content-type": request.headers["content-type"] ?? ""
      },
      ...(body === "" ? {} : { body })
    })
    const { status, headers } = response
    const answer = { status, type: headers.get("content-type"), text: await response.text() }
    return operationOf(request.method ?? "", path) === operation ? spoil(answer) : answer
  })

/** Gives whatever answer it was last told to give. */
export const repeating = Effect.gen(function* () {
  let answer: Answer = { status: 500, type: null, text: "" }
  const url = yield* listening(() => Promise.resolve(answer))
  return { url, next: (told: Answer) => void (answer = told) }
})

/** The operation of a request: of several that fit, the one with the fewest parameters. */
const operationOf = (method: string, url: string): string | undefined =>
  operations
    .filter((operation) => operation.method === method)
    .filter(({ path }) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}(\\?|$)`).test(url))
    .toSorted((one, other) => one.path.split("{").length - other.path.split("{").length)[0]?.name

const listening = (answer: (request: IncomingMessage) => Promise<Answer>): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly close: () => void }>((resume) => {
      const server = createServer((request: IncomingMessage, response: ServerResponse) => {
        void answer(request).then(({ status, type, text }) => {
          response.writeHead(status, type === null ? {} : { "content-type": type })
          return response.end(text)
        })
      })
      const close = () => {
        server.close()
        server.closeAllConnections()
      }
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  ).pipe(Effect.map(({ url }) => url))

const read = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of request) text += String(chunk)
  return text
}
