/**
 * The rules that decisions were made by, kept for good, so that each decision can be computed again.
 *
 * Written before anything is decided under a configuration that the log does not hold yet. Stands in the stream
 * `configuration`; folded by `sync/Adopted`.
 */
import type { Policy } from "./Policy.ts"

export interface ConfigurationAdopted {
  readonly type: "ConfigurationAdopted"
  /** SHA-256 of the canonical JSON of `{ policy, settings }`: what events call `configurationHash`. */
  readonly configuration: string
  /** The version of Rollcall that adopted it. */
  readonly engine: string
  /** The organization as its configuration file has it: secrets as hashes with the log's salt, plugins by id and version. */
  readonly settings: unknown
  /** The rules that follow from it, defaults included. */
  readonly policy: Policy
}

export type ConfigurationEvent = ConfigurationAdopted
