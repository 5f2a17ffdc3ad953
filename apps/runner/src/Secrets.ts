/**
 * What of a configuration is secret, and what is left when that is hashed.
 *
 * A value is secret where it comes from the environment, where its plugin keeps it Redacted, or by its name; a hash has the
 * organization's own salt.
 */
import type { SourceBinding } from "@rollcall/core/contract/Source"
import { canonicalJson, sha256 } from "@rollcall/core/domain/Digest"
import { Predicate, Redacted, Result, Schema } from "effect"

import type { FromEnvironment } from "./Configuration.ts"

export type Environment = Readonly<Record<string, string | undefined>>

export const isFromEnvironment = (value: unknown): value is FromEnvironment =>
  Predicate.hasProperty(value, "env") && Predicate.isString(value.env) && Object.keys(value).length === 1

export const isPlain = (value: unknown): value is Record<string, unknown> =>
  Predicate.isObject(value) && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype

/** Bindings of plugins are entered for their configuration only. */
export const mapTree = (value: unknown, change: (value: unknown, path: string) => unknown, path: string): unknown => {
  const changed = change(value, path)
  if (changed !== value || !isPlain(value)) return changed
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === "plugin" ? member : mapTree(member, change, path === "" ? key : `${path}.${key}`)
    ])
  )
}

export const credentials: ReadonlySet<string> = new Set([
  "organizationId",
  "clientId",
  "apiKey",
  "username",
  "password",
  "customerApiKey",
  "userApiKey",
  "secret"
])

/** What is secret besides: how it is hashed, and the paths of settings that a plugin itself keeps Redacted. */
export interface Hiding {
  readonly environment: Environment
  readonly salt: string
  /** As `sources.NAME.SETTING`. */
  readonly secrets: ReadonlySet<string>
}

/** The settings that each source's own schema calls secret, whatever they are named. */
export const secretsOf = (sources: Readonly<Record<string, SourceBinding>>): ReadonlySet<string> =>
  new Set(
    Object.entries(sources).flatMap(([name, { config, plugin }]) => {
      const decoded = Schema.decodeUnknownResult(plugin.config as Schema.Codec<unknown>)(config)
      // What cannot be read is refused when the source is opened; until then all of it is taken for secret.
      return Result.isFailure(decoded)
        ? leaves(config, `sources.${name}`)
        : redacted(decoded.success, `sources.${name}`)
    })
  )

const redacted = (value: unknown, path: string): ReadonlyArray<string> => {
  if (Redacted.isRedacted(value)) return [path]
  return isPlain(value) ? Object.entries(value).flatMap(([key, member]) => redacted(member, `${path}.${key}`)) : []
}

const leaves = (value: unknown, path: string): ReadonlyArray<string> =>
  isPlain(value) ? Object.entries(value).flatMap(([key, member]) => leaves(member, `${path}.${key}`)) : [path]

export const isSecret = (path: string, { secrets }: Hiding): boolean =>
  secrets.has(path) || credentials.has(path.slice(path.lastIndexOf(".") + 1))

/** What is left to keep and to hash: plugins by name and version, secrets as salted hashes. */
export const withoutSecrets = (tree: unknown, hiding: Hiding, from = ""): unknown =>
  mapTree(
    tree,
    (value, path) => {
      if (isFromEnvironment(value)) return sha256(`${hiding.salt} ${hiding.environment[value.env] ?? ""}`)
      if (isSecret(path, hiding) && !isPlain(value)) return sha256(`${hiding.salt} ${canonicalJson(value)}`)
      if (!Predicate.hasProperty(value, "plugin") || !Predicate.hasProperty(value, "config")) return value
      const { id, version } = value.plugin as { readonly id: string; readonly version: string }
      return [id, version, withoutSecrets(value.config, hiding, path)]
    },
    from
  )
