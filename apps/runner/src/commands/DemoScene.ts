/**
 * What the demo shows: an organization with its HR and its Together, both on this machine.
 *
 * `csv`: the 290 people of AdventureWorks from a file. `ultipro`: a tenant of UKG Pro with two companies, by a stand-in
 * over real HTTP. Each keeps its log and its stand-in of Together in a folder of its own.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

import { demoCredentials } from "@rollcall/sandbox/TogetherSettings"
import { Effect, Redacted, Schema } from "effect"

import { type Organization, dataFolder, loadConfiguration, read } from "../ConfigurationFile.ts"
import { ultipro } from "../index.ts"
import { startSandbox } from "./Frame.ts"

export const sceneNames = ["csv", "ultipro"] as const

export type SceneName = (typeof sceneNames)[number]

/** In the repository, and in the package that is installed, where it is JavaScript. */
const examples = [
  "../../../../examples/adventureworks/rollcall.config.ts",
  "../../../examples/adventureworks/rollcall.config.js"
]

const example = examples.map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync) ?? ""

export const adventureWorks = Effect.gen(function* () {
  const data = made(resolve(dataFolder))
  const { folder, organizations } = yield* loadConfiguration(example, process.env)
  const { marks, users } = before(folder)
  const server = yield* startSandbox({ file: join(data, "sandbox.json"), users, marks })
  const organization = towards(server.url, organizations[0] as Organization)
  const intro = [
    "AdventureWorks: HR file -> event log -> desired state -> Together (a stand-in on this machine)",
    `${users.length} people are at Together before the first run: one entry was changed there for good, one deleted.`
  ]
  return { data, folder, server, organization, intro }
})

export const ultiProTenant = Effect.gen(function* () {
  const data = made(resolve(dataFolder, "ultipro"))
  const { UltiProSandbox } = yield* Effect.promise(() => import("@rollcall/sandbox/UltiProServer"))
  const { demoUltiPro } = yield* Effect.promise(() => import("@rollcall/sandbox/UltiProSettings"))
  const hr = yield* UltiProSandbox.start()
  const server = yield* startSandbox({ file: join(data, "sandbox.json") })
  const source = (rootUrl: string) => ultipro({ rootUrl, ...demoUltiPro })
  // Ports change with every start and are no change of the configuration.
  const written = { sources: { hr: source("http://127.0.0.1") }, together: demoCredentials }
  const { organizations } = yield* read("the demo's configuration", written, {})
  const { settings, ...rest } = organizations[0] as Organization
  const organization = towards(server.url, { ...rest, settings: { ...settings, sources: { hr: source(hr.url) } } })
  const intro = [
    "UKG Pro (UltiPro) -> event log -> desired state -> Together, both vendors by stand-ins on this machine",
    `The tenant answers at ${hr.url}: two companies, transfers, rehires, people to come and people who left.`
  ]
  return { data, folder: dirname(data), server, organization, intro }
})

const made = (folder: string): string => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

const Before = Schema.Struct({
  users: Schema.Array(Schema.Record(Schema.String, Schema.Unknown)),
  marks: Schema.Record(Schema.String, Schema.Literals(["conflicted", "gone"]))
})

/** Who is at Together before the first run. */
const before = (folder: string) =>
  Schema.decodeUnknownSync(Before)(JSON.parse(readFileSync(join(folder, "at-together.json"), "utf8")))

const towards = (baseUrl: string, organization: Organization): Organization => {
  const { apiKey, clientId, organizationId } = demoCredentials
  const secrets = {
    organizationId: Redacted.make(organizationId),
    clientId: Redacted.make(clientId),
    apiKey: Redacted.make(apiKey)
  }
  const together = { ...organization.settings.together, ...secrets, baseUrl }
  return { ...organization, settings: { ...organization.settings, together } }
}
