/**
 * A whole sync in this process: real file, real database, real HTTP, so that many can run beside each other.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodePath from "@effect/platform-node/NodePath"
import type { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import { demoCredentials } from "@rollcall/sandbox/TogetherSettings"
import { csv } from "@rollcall/source-csv"
import { Effect, Layer } from "effect"

import { services } from "../src/commands/Frame.ts"
import type { OrganizationSettings } from "../src/Configuration.ts"
import { read } from "../src/ConfigurationFile.ts"
import type { Watch } from "../src/SendRun.ts"
import { standing } from "../src/Standing.ts"
import { stores } from "../src/Stores.ts"
import { type SyncRequest, syncRun } from "../src/SyncRun.ts"

/** The roster's columns by field. */
export const columns = {
  employeeId: "id",
  firstName: "first",
  lastName: "last",
  email: "mail",
  status: "status",
  title: "title",
  supervisorId: "boss"
}

export interface Human {
  readonly id: string
  readonly title?: string
  readonly boss?: string
  readonly mail?: string
  readonly status?: string
}

export const rosterOf = (humans: ReadonlyArray<Human>): string =>
  [
    "id,first,last,mail,status,title,boss",
    ...humans.map(({ boss = "", id, mail = `${id}@example.com`, status = "A", title = "Clerk" }) =>
      [id, `First ${id}`, `Last ${id}`, mail, status, title, boss].join(",")
    )
  ].join("\n") + "\n"

export const silent: Watch = {
  ingesting: () => Effect.void,
  ingested: () => Effect.void,
  planned: () => Effect.void,
  reconciling: () => Effect.void,
  verified: () => Effect.void
}

/** What sources may ask for; without a terminal, of which there is one a process. */
export const platform = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeHttpClient.layerUndici)

export interface Site {
  readonly folder: string
  readonly server: TogetherSandbox
  /** Without it the log is embedded in the folder. */
  readonly databaseUrl?: string
  readonly rules?: Partial<OrganizationSettings>
  readonly together?: object
}

/** Writes the file and syncs it. */
export const syncSite = Effect.fnUntraced(function* (
  { databaseUrl, folder, rules, server, together }: Site,
  humans: ReadonlyArray<Human>,
  more: Partial<Pick<SyncRequest, "only" | "verifyNow" | "watch">> = {}
) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "people.csv"), rosterOf(humans))
  const settings = {
    sources: { hr: csv({ file: "people.csv", columns }) },
    together: { baseUrl: server.url, ...demoCredentials, ...together },
    ...rules
  }
  const { organizations } = yield* read(join(folder, "rollcall.config.ts"), settings, {})
  const organization = organizations[0]!
  const environment = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }
  return yield* Effect.gen(function* () {
    const report = yield* syncRun({ organization, folder, mode: "send", watch: silent, ...more })
    return { report, ...(yield* standing(organization.id)) }
  }).pipe(
    Effect.scoped,
    Effect.provide(
      Layer.merge(
        services(organization, stores({ data: join(folder, "data"), organizations: [organization] }, environment)),
        platform
      )
    )
  )
})
