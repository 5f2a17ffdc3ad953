/**
 * The Directory API, served: the entry of this package. apps/runner gives it an HTTP server, the root key and the store.
 *
 * Routes, documents and the answers to what meets no route. Nothing stands between a request and its handler but `Admission`;
 * there are no spans, no access log and no CORS headers.
 */
import { ByteSize, Effect, Layer } from "effect"
import { HttpIncomingMessage, HttpRouter, HttpServer } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"

import * as AccountHandlers from "./AccountHandlers.ts"
import * as Admission from "./Admission.ts"
import { DirectoryApi } from "./DirectoryApi.ts"
import { documents, openApi } from "./Docs.ts"
import * as EmployeeHandlers from "./EmployeeHandlers.ts"
import { responseOf } from "./Fault.ts"
import * as GroupHandlers from "./GroupHandlers.ts"
import * as OrganizationHandlers from "./OrganizationHandlers.ts"
import type { RootKey } from "./RootKey.ts"
import { type Known, makeUnrouted, pathsOf, routing } from "./Unrouted.ts"

const largestBody = ByteSize.kibibytes(256)

/** What else answers at the same address. */
export interface Beside<R> {
  readonly routes: Layer.Layer<never, never, R>
  /** Its methods and paths, so that a wrong method is told apart from a wrong path. */
  readonly paths: ReadonlyArray<Known>
}

const docs = documents("", openApi)

const routes = (rootKey: RootKey) =>
  Layer.mergeAll(HttpApiBuilder.layer(DirectoryApi), docs.routes).pipe(
    Layer.provide([
      OrganizationHandlers.layer(rootKey),
      AccountHandlers.layer,
      EmployeeHandlers.layer,
      GroupHandlers.layer
    ]),
    Layer.provide(Admission.layer(rootKey)),
    Layer.provide(HttpServer.layerServices)
  )

const nothingElse: Beside<never> = { routes: Layer.empty, paths: [] }

interface Options<R> {
  readonly rootKey: RootKey
  readonly beside?: Beside<R>
}

/**
 * What answers a request, whoever listens. Needs the four services of the Directory and what `beside` needs, as long as
 * its scope is open.
 */
export const app = <R = never>({ beside, rootKey }: Options<R>) => {
  const { paths, routes: besides }: Beside<R> = beside ?? nothingElse
  const unrouted = makeUnrouted([...pathsOf(DirectoryApi), ...docs.paths, ...paths])
  return HttpRouter.toHttpEffect(Layer.merge(routes(rootKey), besides)).pipe(
    Effect.provideService(HttpRouter.RouterConfig, routing),
    Effect.map((app) =>
      Effect.catchCause(app, responseOf(unrouted)).pipe(
        Effect.provideService(HttpIncomingMessage.MaxBodySize, largestBody)
      )
    )
  )
}

/** Serves as long as its scope is open. Needs an `HttpServer`, too. */
export const layer = <R = never>(options: Options<R>) =>
  app(options).pipe(
    Effect.map((app) => HttpServer.serve(app)),
    Layer.unwrap
  )
