import { hmacSha256, uuidV5 } from "@rollcall/core/domain/Digest"
/**
 * The plugins of an organization's configuration, as the Directory API shows and finds them: its "apps".
 *
 * Settings are shown as text, each by its own name; a secret is known by its name and a keyed hash alone.
 */
import type { ConfiguredApp } from "@rollcall/core/domain/DirectoryEvent"
import { organizationUuid } from "@rollcall/core/domain/Employee"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Predicate } from "effect"

import { type Environment, credentials, isFromEnvironment, isPlain } from "./Secrets.ts"

/** `written` is the organization as the configuration has it, before the environment is filled in. */
export const appsOf = (
  organization: OrganizationId,
  written: unknown,
  environment: Environment,
  salt: string
): ReadonlyArray<ConfiguredApp> => {
  if (!isPlain(written)) return []
  const app = (name: string, type: string, config: unknown): ConfiguredApp => ({
    id: uuidV5(organizationUuid(organization), `app:${name}`),
    type,
    name,
    ...settingsOf(config, environment, salt)
  })
  const sources = isPlain(written["sources"]) ? Object.entries(written["sources"]) : []
  return [
    ...sources.flatMap(([name, binding]) =>
      isPlain(binding) && Predicate.hasProperty(binding["plugin"], "id")
        ? [app(name, String(binding["plugin"].id), binding["config"])]
        : []
    ),
    app("together", "together", written["together"])
  ]
}

const settingsOf = (config: unknown, environment: Environment, salt: string) => {
  const data: Record<string, string> = {}
  const secrets: Record<string, string> = {}
  for (const [name, value] of Object.entries(isPlain(config) ? config : {})) {
    if (isFromEnvironment(value)) secrets[name] = hmacSha256(salt, environment[value.env] ?? "")
    else if (Predicate.isString(value)) {
      if (credentials.has(name)) secrets[name] = hmacSha256(salt, value)
      else data[name] = value
    } else if (value !== undefined) data[name] = JSON.stringify(value)
  }
  return { data, secrets }
}
