/**
 * The Directory API on 127.0.0.1 at a port of its own, and a plain caller of it: the tests speak HTTP alone.
 *
 * What the server logs is kept, so that tests can look for what must not stand there.
 */
import { createServer } from "node:http"

import { NodeHttpServer } from "@effect/platform-node"
import type { Accounts } from "@rollcall/core/contract/Accounts"
import type { Employees } from "@rollcall/core/contract/Employees"
import type { Groups } from "@rollcall/core/contract/Groups"
import type { Organizations } from "@rollcall/core/contract/Organizations"
import { Context, Duration, Effect, Layer, Logger } from "effect"
import { HttpServer } from "effect/http"

import * as DirectoryServer from "../src/DirectoryServer.ts"
import type { RootKey } from "../src/RootKey.ts"
import { mint, type TokenRequest } from "../src/Token.ts"
import { rootKey } from "./GivenRootKey.ts"

export type Directory = Organizations | Accounts | Employees | Groups

export interface Call {
  readonly token?: string | undefined
  readonly body?: unknown
  /** In the place of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
}

export class Served extends Context.Service<
  Served,
  {
    readonly url: string
    readonly rootKey: RootKey
    /** What was logged, oldest first. */
    readonly logged: ReadonlyArray<string>
    readonly ask: (method: string, path: string, call?: Call) => Effect.Effect<Answer>
    readonly token: (request: Partial<TokenRequest>) => Effect.Effect<string>
  }
>()("@rollcall/directory-api/test/Served") {}

const read = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Prefixes what begins with a slash with `/api/v1`, unless it is a document. */
const addressOf = (path: string) => (/^\/(?:api|docs|openapi)/u.test(path) ? path : `/api/v1${path}`)

const asking =
  (url: string) =>
  (method: string, path: string, { token, body, raw, headers }: Call = {}) =>
    Effect.promise(async (signal): Promise<Answer> => {
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const response = await fetch(`${url}${addressOf(path)}`, {
        method,
        signal,
        redirect: "manual",
        headers: {
          ...(sent === undefined ? {} : { "content-type": "application/json" }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers
        },
        ...(sent === undefined ? {} : { body: sent })
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, json: read(text) }
    })

export const layer = <E, R>(directory: Layer.Layer<Directory, E, R>) => {
  const logged: Array<string> = []
  const keeping = Logger.layer([
    Logger.make(({ message }) => {
      logged.push([message].flat().map(String).join(" "))
    })
  ])
  return Layer.effect(
    Served,
    Effect.map(HttpServer.HttpServer, ({ address }) => {
      const url = `http://127.0.0.1:${"port" in address ? address.port : 0}`
      return {
        url,
        rootKey,
        logged,
        ask: asking(url),
        token: (request) => mint(rootKey, { key: null, lifetime: Duration.minutes(10), ...request })
      }
    })
  ).pipe(
    Layer.provideMerge(DirectoryServer.layer({ rootKey })),
    Layer.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })),
    Layer.provide(keeping),
    Layer.provideMerge(directory)
  )
}
