/**
 * The operations API, to be served beside the Directory API: its routes and documents, over the running service.
 *
 * What is asked of one person is done in a fiber of the service's, so that a client who goes breaks off no request.
 */
import type { Lane } from "@rollcall/core/contract/Lane"
import type { Sink } from "@rollcall/core/contract/Sink"
import type { Beside } from "@rollcall/directory-api/DirectoryServer"
import { documents } from "@rollcall/directory-api/Docs"
import type { RootKey } from "@rollcall/directory-api/RootKey"
import { pathsOf } from "@rollcall/directory-api/Unrouted"
import { Effect, Fiber, Layer, Semaphore } from "effect"
import { HttpServer } from "effect/http"
import { HttpApiBuilder, OpenApi } from "effect/http-api"

import { behind } from "../service/Sender.ts"
import type { Served, Service } from "../service/Service.ts"
import { makeTurnstile } from "../service/Turnstile.ts"
import { type OperatorNeeds, localOperator } from "./LocalOperator.ts"
import * as OperationsAdmission from "./OperationsAdmission.ts"
import { OperationsApi } from "./OperationsApi.ts"
import * as OperationsHandlers from "./OperationsHandlers.ts"
import type { Operator } from "./Operator.ts"
import { silent } from "./Silent.ts"

export const openApi = OpenApi.fromApi(OperationsApi)

const docs = documents("/ops", openApi)

export interface OperationsOptions {
  readonly rootKey: RootKey
  readonly service: Service["Service"]
  /** Where the paths of the sources begin. */
  readonly folder: string
  /** Ends what would not end by itself, when the service is about to stop. */
  readonly stop: Effect.Effect<void>
}

export const beside = ({ folder, rootKey, service, stop }: OperationsOptions) => {
  const routes = Effect.forEach(service.organizations, (served) => operatedOf(served, folder)).pipe(
    Effect.map((all) =>
      Layer.merge(HttpApiBuilder.layer(OperationsApi), docs.routes).pipe(
        Layer.provide(OperationsHandlers.layer(all, stop)),
        Layer.provide(OperationsAdmission.layer(rootKey)),
        Layer.provide(HttpServer.layerServices)
      )
    ),
    Layer.unwrap
  )
  return { routes, paths: [...pathsOf(OperationsApi), ...docs.paths] } satisfies Beside<Layer.Services<typeof routes>>
}

const operatedOf = Effect.fnUntraced(function* (served: Served, folder: string) {
  const { organization, readers } = served
  const scope = yield* Effect.scope
  const turnstile = yield* makeTurnstile
  const turn = yield* Semaphore.make(1)
  const context = yield* Layer.build(behind(organization, turnstile))
  const takeIn = Effect.forEach(readers, ({ read }) => read)
  const operator = yield* localOperator(organization, { organization, folder, watch: silent, takeIn }).pipe(
    Effect.provideContext(context)
  ) as Effect.Effect<Operator, never, Exclude<OperatorNeeds, Sink | Lane> | Lane>
  const syncPerson: Operator["syncPerson"] = (employeeId) =>
    turnstile.until(turn.withPermits(1)(operator.syncPerson(employeeId)), Effect.never).pipe(
      Effect.flatMap((done) => (done._tag === "Some" ? Effect.succeed(done.value) : Effect.interrupt)),
      Effect.forkIn(scope),
      Effect.flatMap(Fiber.join)
    )
  return { served, operator: { ...operator, syncPerson } }
})
