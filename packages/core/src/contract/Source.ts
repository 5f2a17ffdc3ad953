/**
 * What a source plugin is: something that reads one HR system and reports what it finds, and nothing else.
 *
 * A plugin never maps to Together, never decides that somebody left, never writes to the log. It says what it read, row
 * by row, and says `Complete` only when it has proof that it has read everything. The engine draws the conclusions.
 *
 * @example A whole plugin
 * ```ts
 * export const roster = definePlugin({
 *   id: "roster",
 *   version: "1.0.0",
 *   config: Schema.Struct({ people: Schema.Array(Schema.String) }),
 *   cursor: Schema.Never,
 *   fields: ["firstName"],
 *   capabilities: { changes: false, lookup: false, effectiveDated: false },
 *   open: (config) => Effect.succeed({
 *     check: Effect.succeed({ summary: `${config.people.length} people`, findings: [] }),
 *     snapshot: () => Stream.fromIterable([
 *       ...config.people.map((name, i) => Record({ key: `${i}`, fields: { firstName: name }, locator: `roster:${i}` })),
 *       Complete({ total: config.people.length })
 *     ])
 *   })
 * })
 * ```
 */
import { Data, type Effect, type FileSystem, type Option, type Path, Schema, type Scope, type Stream } from "effect"
import type { HttpClient } from "effect/http"

import type { EmployeeId } from "../domain/Employee.ts"
import type { FieldName, Fields } from "../domain/Field.ts"
import type { Locator, RejectionReason } from "../domain/SourceEvent.ts"

/** What a source says while it is read. Rows of one person follow each other, oldest effective date first. */
export type SourceMessage<Cursor> = Data.TaggedEnum<{
  /** How many people will come, if the source knows beforehand: gives progress its end, and no more. */
  Expected: { readonly count: number }
  /** One employee as the source sees them. A field it has no column for is missing; an empty cell is null. */
  Record: {
    readonly key: EmployeeId
    readonly fields: Fields
    readonly locator: Locator
    /** From when this holds, `YYYY-MM-DD`. A date to come makes a planned change that waits for its day. */
    readonly effectiveOn?: string
  }
  /** The source says in so many words that the person is no more. */
  Removed: { readonly key: EmployeeId; readonly locator: Locator }
  /** A row that could not be understood. With a key, the person counts as present and keeps what was said before. */
  Rejected: {
    readonly key?: EmployeeId
    readonly field?: string
    /** The value at fault, never a whole row. */
    readonly value?: string
    readonly reason: RejectionReason
    /** In words, without the value: it is shown and logged. */
    readonly message: string
    readonly locator: Locator
  }
  /** Everything before this may be committed, and reading may be taken up again from here. */
  Reached: { readonly cursor: Cursor }
  /** Something an operator should know; nothing is lost by it. */
  Noticed: { readonly message: string }
  /** The end was reached, but absence proves nothing, for this reason. */
  Incomplete: { readonly reason: string }
  /** Everything was read: `total` people were reported, and whoever was not among them is not there. */
  Complete: { readonly total: number }
}>

interface SourceMessageDefinition extends Data.TaggedEnum.WithGenerics<1> {
  readonly taggedEnum: SourceMessage<this["A"]>
}

export const { Expected, Record, Removed, Rejected, Reached, Noticed, Incomplete, Complete, $match, $is } =
  Data.taggedEnum<SourceMessageDefinition>()

/** The configuration or what it names (a file, its header) cannot be used. `path` names the setting at fault. */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  path: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  readonly isRetryable = false
}

/** The source does not accept the credentials. */
export class AuthRefused extends Schema.TaggedError<AuthRefused>()("AuthRefused", {
  problem: Schema.String,
  remedy: Schema.String
}) {
  readonly isRetryable = false
}

/** The credentials are right, but may not do this. */
export class PermissionMissing extends Schema.TaggedError<PermissionMissing>()("PermissionMissing", {
  permission: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  readonly isRetryable = false
}

/** The source asks for patience: seconds to wait, if it said. */
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", {
  problem: Schema.String,
  remedy: Schema.String,
  retryAfter: Schema.optionalKey(Schema.Finite)
}) {
  readonly isRetryable = true
}

/** The source cannot be reached or answers with a fault of its own. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", {
  problem: Schema.String,
  remedy: Schema.String
}) {
  readonly isRetryable = true
}

/** What came is not what the source should send: not CSV, not JSON, another shape. */
export class Malformed extends Schema.TaggedError<Malformed>()("Malformed", {
  locator: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  readonly isRetryable = false
}

/** It broke off: an open quote at the end of the file, a page that never came, a file that changed while it was read. */
export class Truncated extends Schema.TaggedError<Truncated>()("Truncated", {
  locator: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  readonly isRetryable = true
}

/** The one error of every source; `reason` says what the caller can do about it. */
export class SourceError extends Schema.TaggedError<SourceError>()("SourceError", {
  source: Schema.String,
  reason: Schema.Union([ConfigInvalid, AuthRefused, PermissionMissing, RateLimited, Unavailable, Malformed, Truncated])
}) {
  get isRetryable(): boolean {
    return this.reason.isRetryable
  }
  override get message(): string {
    return `${this.reason.problem} ${this.reason.remedy}`
  }
}

/** What `check` found without changing anything: one line for people, and findings worth a look. */
export interface CheckReport {
  readonly summary: string
  readonly findings: ReadonlyArray<string>
}

/** An opened source. It lives as long as the scope it was opened in. */
export interface Source<Cursor> {
  /** Tries credentials, permissions and shape with as little reading as will do. */
  readonly check: Effect.Effect<CheckReport, SourceError>
  /** Everyone, from the beginning or from where an earlier reading got to. */
  readonly snapshot: (from: Option.Option<Cursor>) => Stream.Stream<SourceMessage<Cursor>, SourceError>
  /** What changed since; never ends in `Complete`, so never proves an absence. */
  readonly changes?: (from: Cursor) => Stream.Stream<SourceMessage<Cursor>, SourceError>
  /** One person, now. */
  readonly lookup?: (key: EmployeeId) => Effect.Effect<Option.Option<SourceMessage<Cursor>>, SourceError>
}

/** What a plugin may use: files, paths and HTTP, of whichever platform runs it. */
export type SourcePlatform = FileSystem.FileSystem | Path.Path | HttpClient.HttpClient | Scope.Scope

export interface SourceCapabilities {
  /** `changes` is there. */
  readonly changes: boolean
  /** `lookup` is there. */
  readonly lookup: boolean
  /** Records may carry dates to come. */
  readonly effectiveDated: boolean
}

/** Where the source stands: its name in the configuration and the folder that relative paths begin at. */
export interface SourceSite {
  readonly name: string
  readonly folder: string
}

export interface SourcePlugin<Config extends Schema.Top, Cursor extends Schema.Top> {
  readonly id: string
  readonly version: string
  /** Shape of the plugin's part of the configuration; secrets in it are `Schema.Redacted`. */
  readonly config: Config
  /** Shape of the plugin's own place in its source. */
  readonly cursor: Cursor
  /** Every field it may ever report. */
  readonly fields: ReadonlyArray<FieldName>
  readonly capabilities: SourceCapabilities
  readonly open: (
    config: Config["Type"],
    site: SourceSite
  ) => Effect.Effect<Source<Cursor["Type"]>, SourceError, SourcePlatform>
}

/** A plugin together with its part of the configuration, not yet checked. */
export interface SourceBinding {
  // The engine handles every plugin's configuration and cursor as opaque values that only the plugin's schemas read.
  readonly plugin: SourcePlugin<Schema.Top, Schema.Top>
  readonly config: unknown
}

/** Makes a plugin: call the result with the plugin's configuration to get what `sources` in the configuration takes. */
export const definePlugin = <Config extends Schema.Top, Cursor extends Schema.Top>(
  plugin: SourcePlugin<Config, Cursor>
): ((config: Config["Encoded"]) => SourceBinding) & { readonly plugin: SourcePlugin<Config, Cursor> } =>
  Object.assign(
    (config: Config["Encoded"]): SourceBinding => ({
      plugin: plugin as unknown as SourcePlugin<Schema.Top, Schema.Top>,
      config
    }),
    { plugin }
  )
