/**
 * What of a configuration is secret, and what is left when that is hashed.
 *
 * A value is secret where it comes from the environment, or by its name; a hash has the organization's own salt.
 */
import { sha256 } from "@rollcall/core/domain/Digest"
import { Predicate } from "effect"

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

/** What is left to hash: plugins by name and version, secrets as salted hashes. */
export const withoutSecrets = (tree: unknown, environment: Environment, salt: string): unknown =>
  mapTree(
    tree,
    (value, path) => {
      const key = path.slice(path.lastIndexOf(".") + 1)
      if (isFromEnvironment(value)) return sha256(`${salt} ${environment[value.env] ?? ""}`)
      if (credentials.has(key) && Predicate.isString(value)) return sha256(`${salt} ${value}`)
      if (!Predicate.hasProperty(value, "plugin") || !Predicate.hasProperty(value, "config")) return value
      const { id, version } = value.plugin as { readonly id: string; readonly version: string }
      return [id, version, withoutSecrets(value.config, environment, salt)]
    },
    ""
  )
