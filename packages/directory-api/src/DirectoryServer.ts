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
import * as Docs from "./Docs.ts"
import * as EmployeeHandlers from "./EmployeeHandlers.ts"
import { responseOf } from "./Fault.ts"
import * as GroupHandlers from "./GroupHandlers.ts"
import * as OrganizationHandlers from "./OrganizationHandlers.ts"
import type { RootKey } from "./RootKey.ts"
import { routing } from "./Unrouted.ts"

const largestBody = ByteSize.kibibytes(256)

const routes = (rootKey: RootKey) =>
  Layer.mergeAll(HttpApiBuilder.layer(DirectoryApi), Docs.layer).pipe(
    Layer.provide([
      OrganizationHandlers.layer(rootKey),
      AccountHandlers.layer,
      EmployeeHandlers.layer,
      GroupHandlers.layer
    ]),
    Layer.provide(Admission.layer(rootKey)),
    Layer.provide(HttpServer.layerServices)
  )

/** Serves as long as its scope is open. Needs an `HttpServer`, and the four services of the Directory. */
export const layer = (options: { readonly rootKey: RootKey }) =>
  HttpRouter.toHttpEffect(routes(options.rootKey)).pipe(
    Effect.provideService(HttpRouter.RouterConfig, routing),
    Effect.map((app) => HttpServer.serve(Effect.catchCause(app, responseOf))),
    Layer.unwrap,
    Layer.provide(Layer.succeed(HttpIncomingMessage.MaxBodySize, largestBody))
  )
