/**
 * The operations API in this process: real HTTP, an embedded database in a folder, Together's stand-in beside it.
 *
 * Sources and sender run where a test lets them; everything else is as `rollcall serve` composes it.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"

import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Organizations } from "@rollcall/core/contract/Organizations"
import { organizationUuid } from "@rollcall/core/domain/Employee"
import * as DirectoryServer from "@rollcall/directory-api/DirectoryServer"
import { decode } from "@rollcall/directory-api/RootKey"
import { type TokenRequest, mint } from "@rollcall/directory-api/Token"
import { demoCredentials } from "@rollcall/sandbox/TogetherSettings"
import { csv } from "@rollcall/source-csv"
import { Duration, Effect, Latch, Layer, Redacted, Schedule } from "effect"
import { HttpServer } from "effect/http"

import { services } from "../src/commands/Frame.ts"
import type { OrganizationSettings } from "../src/Configuration.ts"
import { read } from "../src/ConfigurationFile.ts"
import { localOperator } from "../src/operations/LocalOperator.ts"
import * as OperationsServer from "../src/operations/OperationsServer.ts"
import { remoteOperator } from "../src/operations/RemoteOperator.ts"
import { silent } from "../src/operations/Silent.ts"
import { makeService, runService } from "../src/service/Service.ts"
import { stores } from "../src/Stores.ts"
import { type Human, columns, platform, rosterOf } from "./InProcess.ts"

export const rootKeyText = "a root key for tests, of 32 bytes or more"

export interface Answer {
  readonly status: number
  readonly type: string | null
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly json: any
}

const settingsOf = (
  baseUrl: string,
  rules: Partial<OrganizationSettings>,
  credentials = demoCredentials
): OrganizationSettings => ({
  sources: { hr: csv({ file: "people.csv", columns }) },
  together: { baseUrl, ...credentials },
  ...rules
})

/** Two organizations, of which `acme` is asked; `run`: its sources are read and Together is served. */
export const operationsSite = Effect.fnUntraced(function* (
  folder: string,
  baseUrl: string,
  humans: ReadonlyArray<Human>,
  { rules = {}, run = false }: { readonly rules?: Partial<OrganizationSettings>; readonly run?: boolean } = {}
) {
  mkdirSync(folder, { recursive: true })
  const write = (roster: ReadonlyArray<Human>) => writeFileSync(join(folder, "people.csv"), rosterOf(roster))
  write(humans)
  const written = {
    organizations: {
      acme: settingsOf(baseUrl, rules),
      other: settingsOf("http://127.0.0.1:9", {}, { ...demoCredentials, organizationId: "other" })
    }
  }
  const { organizations } = yield* read(join(folder, "rollcall.config.ts"), written, {})
  const acme = organizations[0]!
  const rootKey = yield* decode(Redacted.make(rootKeyText))
  const stored = stores({ data: join(folder, "data"), organizations }, {})
  const context = yield* Layer.build(Layer.merge(services(acme, stored), platform))
  return yield* Effect.gen(function* () {
    const log = yield* EventLog
    const directory = yield* Organizations
    for (const { apps, id } of organizations) yield* directory.register(id, apps(yield* log.salt(id)))
    const service = yield* makeService({ file: "", folder, data: "", organizations })
    const stopping = yield* Latch.make()
    const beside = OperationsServer.beside({ rootKey, service, folder, stop: stopping.await })
    const listening = yield* Layer.build(
      Layer.provideMerge(
        DirectoryServer.layer({ rootKey, beside }),
        NodeHttpServer.layer(() => createServer(), { host: "127.0.0.1", port: 0 })
      )
    )
    yield* Effect.addFinalizer(() => stopping.open)
    if (run) yield* Effect.forkScoped(runService(service))
    const url = yield* Effect.provideContext(HttpServer.addressFormattedWith(Effect.succeed), listening)
    const token = (request: Partial<TokenRequest>) =>
      mint(rootKey, { key: null, role: "ORG_ADMIN", lifetime: Duration.minutes(5), ...request })
    const admin = yield* token({ organization: organizationUuid(acme.id) })
    const ask = (method: string, path: string, body?: unknown, bearer: string = admin) =>
      Effect.promise(async (): Promise<Answer> => {
        const response = await fetch(`${url}${path.startsWith("/ops") ? path : `/ops/v1${path}`}`, {
          method,
          headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) })
        })
        const text = await response.text()
        const json = text.startsWith("{") || text.startsWith("[") ? (JSON.parse(text) as unknown) : text
        return { status: response.status, type: response.headers.get("content-type"), json }
      })
    const operator = yield* localOperator(acme, { organization: acme, folder, watch: silent })
    const remote = yield* remoteOperator({ url: new URL(url), token: Redacted.make(admin) }, undefined)
    const [served] = service.organizations
    return { url, ask, token, admin, operator, remote, board: served!.board, write }
  }).pipe(Effect.provideContext(context))
})

/** Asks again until the answer is as it is waited for. */
export const until = <A, E, R>(ask: Effect.Effect<A, E, R>, holds: (answer: A) => boolean) =>
  Effect.repeat(ask, { until: holds, schedule: Schedule.spaced("50 millis") }).pipe(Effect.timeout("40 seconds"))
