/**
 * Reads `rollcall.config.ts`: runs it, fills in the environment, checks it against the schema.
 *
 * Called once by every command. A configuration may stand anywhere: `rollcall` and its plugins are found from here when
 * its own folder has none. Secrets are Redacted before anything can print them; the configuration's hash holds salted
 * hashes in their place.
 */
import { existsSync } from "node:fs"
import { registerHooks } from "node:module"
import { dirname, resolve } from "node:path"
import { pathToFileURL } from "node:url"

import { directorySource } from "@rollcall/core/contract/Directory"
import type { ConfiguredApp } from "@rollcall/core/domain/DirectoryEvent"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { type Policy, defaultGuard } from "@rollcall/core/domain/Policy"
import { type Rules, configurationHashOf } from "@rollcall/core/sync/Adopted"
import { Effect, Predicate, Result, Schema, type SchemaIssue } from "effect"

import { appsOf } from "./Apps.ts"
import { ConfigurationSchema, type OrganizationSchema, flatName } from "./Configuration.ts"
import { InputInvalid, faultsOf } from "./Failure.ts"
import { type Environment, isFromEnvironment, mapTree, secretsOf, withoutSecrets } from "./Secrets.ts"

export const defaultFile = "rollcall.config.ts"

/** One organization, ready to run. */
export interface Organization {
  readonly id: OrganizationId
  readonly settings: OrganizationSchema
  readonly policy: Policy
  /** Everything that decides what is sent, without secrets; `salt` is the organization's own. */
  readonly rules: (salt: string) => Rules
  /** The hash of that. */
  readonly configurationHash: (salt: string) => string
  /** Its plugins, as the Directory shows them; their secrets as hashes with the same salt. */
  readonly apps: (salt: string) => ReadonlyArray<ConfiguredApp>
}

export interface LoadedConfiguration {
  readonly file: string
  /** Where the paths of the sources begin. */
  readonly folder: string
  /** The embedded database's folder. */
  readonly data: string
  readonly organizations: ReadonlyArray<Organization>
}

export const loadConfiguration = Effect.fn("ConfigurationFile.load")(function* (
  given: string,
  environment: Environment
) {
  const file = resolve(given)
  if (!existsSync(file)) {
    return yield* new InputInvalid({
      place: file,
      problem: "There is no configuration here.",
      remedy: "Run `rollcall init` to write one, or name another file with --config."
    })
  }
  const written = yield* run(file)
  const { data, organizations } = yield* read(file, written, environment)
  const folder = dirname(file)
  return { file, folder, data: resolve(folder, data), organizations } satisfies LoadedConfiguration
})

/** The configuration with every `env(...)` filled in, checked; `written` is what the file exports. */
export const read = Effect.fnUntraced(function* (file: string, written: unknown, environment: Environment) {
  const missing: Array<string> = []
  const filled = fill(normalized(written), environment, missing, "")
  if (missing.length > 0) {
    return yield* new InputInvalid({
      place: file,
      problem: `These settings are to come from the environment, and are not there: ${missing.join(", ")}.`,
      remedy: "Export the variables, or start Rollcall through your secrets manager."
    })
  }
  const decoded = decode(filled)
  if (Result.isFailure(decoded)) return yield* invalid(file, decoded.failure.issue)
  const raw = (normalized(written) as { organizations: Record<string, unknown> }).organizations
  const all = Object.entries(decoded.success.organizations).map(
    ([id, settings]) => [OrganizationId.make(id), settings] as const
  )
  for (const [id, settings] of all) {
    yield* checkPrecedence(file, id, settings)
    yield* checkSchedules(file, id, settings)
  }
  const organizations = all.map(([id, settings]): Organization => {
    const policy = policyOf(settings)
    const secrets = secretsOf(settings.sources)
    const rules = (salt: string): Rules => {
      const kept = withoutSecrets(deciding(raw[id]), { environment, salt, secrets })
      return { policy, settings: kept }
    }
    return {
      id,
      settings,
      policy,
      rules,
      configurationHash: (salt) => configurationHashOf(rules(salt)),
      apps: (salt) => appsOf(id, raw[id], { environment, salt, secrets })
    }
  })
  return { data: decoded.success.data ?? dataFolder, organizations }
})

/** Who is told of alarms decides nothing of what is sent. */
const deciding = (settings: unknown): unknown => {
  if (!Predicate.isObject(settings)) return settings
  const { alarms: _alarms, ...rest } = settings as Record<string, unknown>
  return rest
}

const decode = Schema.decodeUnknownResult(ConfigurationSchema, { errors: "all", onExcessProperty: "error" })

/** A configuration elsewhere imports `rollcall` as if it were installed there. */
const run = (file: string) =>
  Effect.tryPromise({
    try: async () => {
      const hooks = registerHooks({
        resolve: (specifier, context, next) => {
          try {
            return next(specifier, context)
          } catch (error) {
            if (specifier !== "rollcall" && !specifier.startsWith("@rollcall/")) throw error
            return next(specifier, { ...context, parentURL: import.meta.url })
          }
        }
      })
      try {
        const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown }
        return module.default
      } finally {
        hooks.deregister()
      }
    },
    catch: (cause) =>
      new InputInvalid({
        place: file,
        problem: `The configuration does not run: ${cause instanceof Error ? cause.message : String(cause)}`,
        remedy: "Mend the file; `rollcall init` in an empty folder writes one that runs."
      })
  })

/** One organization written flat gets its name. */
const normalized = (written: unknown): unknown => {
  if (Predicate.hasProperty(written, "organizations") || !Predicate.isObject(written)) return written
  const { data, ...organization } = written as Record<string, unknown>
  return { ...(data === undefined ? {} : { data }), organizations: { [flatName]: organization } }
}

const fill = (tree: unknown, environment: Environment, missing: Array<string>, path: string): unknown =>
  mapTree(
    tree,
    (value, at) => {
      if (!isFromEnvironment(value)) return value
      const found = environment[value.env]
      if (found === undefined || found === "")
        missing.push(`${value.env} (${at.replace(`organizations.${flatName}.`, "")})`)
      return found ?? ""
    },
    path
  )

const invalid = (file: string, issue: SchemaIssue.Issue): InputInvalid => {
  const lines = faultsOf(issue).map(({ message, path: names }) => {
    const shown = names[0] === "organizations" && names[1] === flatName ? names.slice(2) : names
    return `  ${shown.join(".")}: ${message}`
  })
  return new InputInvalid({
    place: file,
    problem: `The configuration is not as it should be:\n${lines.join("\n")}`,
    remedy: "Mend these settings; an editor with TypeScript shows each one's meaning."
  })
}

const checkPrecedence = (file: string, id: string, { precedence, sources }: OrganizationSchema) => {
  if (directorySource in sources) return Effect.fail(reservedName(file, id))
  const unknown = (precedence ?? []).filter((name) => !(name in sources) && name !== directorySource)
  const silent = Object.keys(sources).filter((name) => precedence !== undefined && !precedence.includes(name))
  if (unknown.length === 0 && silent.length === 0 && Object.keys(sources).length > 0) return Effect.void
  const problem =
    Object.keys(sources).length === 0
      ? "There are no sources."
      : [
          ...unknown.map((name) => `"${name}" is no source.`),
          ...silent.map((name) => `Source "${name}" is missing in it.`)
        ].join(" ")
  const place = `${file}: ${id === flatName ? "" : `organizations.${id}.`}${unknown.length + silent.length > 0 ? "precedence" : "sources"}`
  return Effect.fail(
    new InputInvalid({ place, problem, remedy: `Name every source once: ${Object.keys(sources).join(", ")}` })
  )
}

const checkSchedules = (file: string, id: string, { schedules = {}, sources }: OrganizationSchema) => {
  const unknown = Object.keys(schedules).filter((name) => !(name in sources))
  if (unknown.length === 0) return Effect.void
  return Effect.fail(
    new InputInvalid({
      place: `${file}: ${id === flatName ? "" : `organizations.${id}.`}schedules`,
      problem: unknown.map((name) => `"${name}" is no source.`).join(" "),
      remedy: `Name sources: ${Object.keys(sources).join(", ")}`
    })
  )
}

const reservedName = (file: string, id: string) =>
  new InputInvalid({
    place: `${file}: ${id === flatName ? "" : `organizations.${id}.`}sources.${directorySource}`,
    problem: `"${directorySource}" is the name of what is written through the Directory API.`,
    remedy: "Give the source another name."
  })

/** The Directory API is believed last, unless the configuration puts it elsewhere. */
const precedenceOf = ({ precedence, sources }: OrganizationSchema): ReadonlyArray<string> => {
  const named = precedence ?? Object.keys(sources)
  return named.includes(directorySource) ? named : [...named, directorySource]
}

const policyOf = (settings: OrganizationSchema): Policy => ({
  precedence: precedenceOf(settings),
  absence: settings.absence ?? { policy: "report" },
  scope: settings.scope ?? {},
  mapping: settings.mapping ?? {},
  programs: settings.programs ?? [],
  drift: settings.drift ?? "repair",
  refresh: settings.refresh ?? "daily",
  guard: { ...defaultGuard, ...settings.guard },
  timezone: settings.timezone ?? "UTC"
})

/** Where the embedded database is kept, unless the configuration says otherwise. */
export const dataFolder = ".rollcall"
