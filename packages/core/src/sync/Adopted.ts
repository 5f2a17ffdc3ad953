/**
 * The configurations that the log keeps: which one was in force when, and the adoption of a new one.
 *
 * `adopt` is called before anything is decided under a configuration; `audit decisions`, `replay` and `backtest` look them
 * up again. The rules that decided something are never forgotten.
 */
import { Effect } from "effect"

import { EventLog } from "../contract/EventLog.ts"
import type { ConfigurationAdopted } from "../domain/ConfigurationEvent.ts"
import { canonicalJson, sha256 } from "../domain/Digest.ts"
import type { RecordedEvent } from "../domain/Event.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import { byActor } from "./Record.ts"

/** Where configurations stand. */
export const configurationStream = "configuration"

/** What decides: the rules, and the settings they follow from, with hashes in the place of secrets. */
export type Rules = Pick<ConfigurationAdopted, "policy" | "settings">

/** The name of a configuration: `configurationHash` in events. */
export const configurationHashOf = ({ policy, settings }: Rules): string => sha256(canonicalJson({ policy, settings }))

/** The one in force at a position: the latest that was adopted up to it. */
export const adoptedAt = (events: Iterable<RecordedEvent>, position: number): ConfigurationAdopted | undefined => {
  let found: ConfigurationAdopted | undefined
  for (const { event, position: at } of events) {
    if (event.type === "ConfigurationAdopted" && at <= position) found = event
  }
  return found
}

/** By its hash; undefined: the log does not keep it. */
export const adoptedBy = (events: Iterable<RecordedEvent>, hash: string): ConfigurationAdopted | undefined => {
  for (const { event } of events) {
    if (event.type === "ConfigurationAdopted" && event.configuration === hash) return event
  }
  return undefined
}

/** So often may another process adopt one in between. */
const attempts = 5

/** Keeps these rules as the ones in force from now on, unless they are already. Answers with their hash. */
export const adopt = (organization: OrganizationId, rules: Rules, engine: string) =>
  Effect.retry(attempt(organization, rules, engine), {
    while: (error) => error.reason._tag === "VersionConflict",
    times: attempts
  })

const attempt = Effect.fnUntraced(function* (organization: OrganizationId, rules: Rules, engine: string) {
  const log = yield* EventLog
  const configuration = configurationHashOf(rules)
  const kept = yield* log.stream(organization, configurationStream)
  const inForce = adoptedAt(kept, Infinity)
  if (inForce?.configuration === configuration && inForce.engine === engine) return configuration
  const event: ConfigurationAdopted = { type: "ConfigurationAdopted", configuration, engine, ...rules }
  yield* log.append(organization, {
    appendKey: globalThis.crypto.randomUUID(),
    events: [byActor("rollcall", { stream: configurationStream, event })],
    expectedVersions: new Map([[configurationStream, kept.length]])
  })
  return configuration
})
