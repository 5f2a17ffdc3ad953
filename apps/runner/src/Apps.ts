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

import { type Hiding, isFromEnvironment, isPlain, isSecret } from "./Secrets.ts"

/** `written` is the organization as the configuration has it, before the environment is filled in. */
export const appsOf = (
  organization: OrganizationId,
  written: unknown,
  hiding: Hiding
): ReadonlyArray<ConfiguredApp> => {
  if (!isPlain(written)) return []
  const app = (name: string, type: string, config: unknown, path: string): ConfiguredApp => ({
    id: uuidV5(organizationUuid(organization), `app:${name}`),
    type,
    name,
    ...settingsOf(config, path, hiding)
  })
  const sources = isPlain(written["sources"]) ? Object.entries(written["sources"]) : []
  return [
    ...sources.flatMap(([name, binding]) =>
      isPlain(binding) && Predicate.hasProperty(binding["plugin"], "id")
        ? [app(name, String(binding["plugin"].id), binding["config"], `sources.${name}`)]
        : []
    ),
    app("together", "together", written["together"], "together")
  ]
}

const settingsOf = (config: unknown, path: string, hiding: Hiding) => {
  const { environment, salt } = hiding
  const data: Record<string, string> = {}
  const secrets: Record<string, string> = {}
  for (const [name, value] of Object.entries(isPlain(config) ? config : {})) {
    if (isFromEnvironment(value)) secrets[name] = hmacSha256(salt, environment[value.env] ?? "")
    else if (value === undefined) continue
    else {
      const text = Predicate.isString(value) ? value : JSON.stringify(value)
      if (isSecret(`${path}.${name}`, hiding)) secrets[name] = hmacSha256(salt, text)
      else data[name] = text
    }
  }
  return { data, secrets }
}
