/**
 * Opens the configured sources: decodes each plugin's part of the configuration and hands the plugin its place.
 *
 * Composition only; what a source is stands in core's contract.
 */
import { type Source, type SourceBinding, SourceError, ConfigInvalid } from "@rollcall/core/contract/Source"
import { Effect, Schema, type SchemaIssue, type Scope } from "effect"

import type { Organization } from "./ConfigurationFile.ts"
import { faultsOf } from "./Failure.ts"

export interface OpenSource {
  readonly name: string
  readonly plugin: { readonly id: string; readonly version: string }
  readonly source: Source<unknown>
}

/** What plugins need of the platform. */
export type SourceNeeds = Exclude<Effect.Services<ReturnType<typeof openSource>>, Scope.Scope>

/** In the order of the configuration. The sources close with the scope. */
export const openSources = Effect.fn("Sources.open")(function* ({ settings }: Organization, folder: string) {
  const opened: Array<OpenSource> = []
  for (const [name, binding] of Object.entries(settings.sources)) opened.push(yield* openSource(name, binding, folder))
  return opened
})

/** One of them; it closes with the scope. */
export const openSource = Effect.fnUntraced(function* (
  name: string,
  { config, plugin }: SourceBinding,
  folder: string
) {
  // A plugin's schema needs no services: what it decodes is plain data from the configuration.
  const schema = plugin.config as Schema.Codec<unknown>
  const decoded = yield* Schema.decodeUnknownEffect(schema, { errors: "all", onExcessProperty: "error" })(config).pipe(
    Effect.mapError(({ issue }) => configInvalid(name, issue))
  )
  const source: Source<unknown> = yield* plugin.open(decoded, { name, folder })
  return { name, plugin: { id: plugin.id, version: plugin.version }, source }
})

const configInvalid = (source: string, issue: SchemaIssue.Issue): SourceError => {
  const faults = faultsOf(issue)
  const path = faults[0]?.path.join(".") ?? ""
  const problem = faults.map(({ message }) => message).join(" ")
  return new SourceError({
    source,
    reason: new ConfigInvalid({ path, problem, remedy: "Mend the setting in the configuration." })
  })
}
