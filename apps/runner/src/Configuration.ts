/**
 * The shape of `rollcall.config.ts`: organizations, each with sources, Together's access and its rules.
 *
 * Pure values and their schema; reading the file and the environment is `ConfigurationFile`'s. What is wrong is told by
 * the name of the setting.
 */
import type { SourceBinding } from "@rollcall/core/contract/Source"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Absence, Drift, Guard, Mapping, ProgramRule, Refresh, Scope } from "@rollcall/core/domain/Policy"
import { TogetherConfig } from "@rollcall/sink-together/TogetherConfig"
import { Cron, DateTime, Option, Predicate, Result, Schema } from "effect"

import { AlarmConfig } from "./AlarmConfig.ts"

/** A value that stands in the environment, by the name of its variable. */
export interface FromEnvironment {
  readonly env: string
}

/** Takes a value from the environment when Rollcall starts, so that no secret stands in the configuration. */
export const env = (name: string): FromEnvironment => ({ env: name })

type OrEnvironment<A> = { readonly [K in keyof A]: A[K] | FromEnvironment }

/** A source whose settings may come from the environment. */
export const withEnvironment =
  <Config extends object>(source: (config: Config) => SourceBinding) =>
  (config: OrEnvironment<Config>): SourceBinding =>
    // Filled in before the plugin's schema sees it (ConfigurationFile).
    source(config as Config)

const Binding = Schema.declare(
  (value: unknown): value is SourceBinding =>
    Predicate.hasProperty(value, "plugin") && Predicate.hasProperty(value, "config")
).annotate({ expected: "a source, such as csv({ ... })" })

const TimeZone = Schema.String.check(
  Schema.makeFilter(
    (name: string) => Option.isSome(DateTime.zoneMakeNamed(name)) || "must be an IANA time zone such as Europe/Berlin"
  )
)

const Schedule = Schema.String.check(
  Schema.makeFilter(
    (written: string) =>
      Result.isSuccess(Cron.parse(written)) || "must be a schedule of cron with five fields, such as 30 6 * * 1-5"
  )
)

const noSuchSetting = { messageUnexpectedKey: "there is no such setting" } as const

/** One organization. */
export const OrganizationSchema = Schema.Struct({
  /** The HR systems, by a name of your own choosing; it stands in every event that comes from there. */
  sources: Schema.Record(Schema.String, Binding),
  /** Together's address and access. */
  together: TogetherConfig,
  /** Source names, most believed first. Default: the order in `sources`. */
  precedence: Schema.optionalKey(Schema.Array(Schema.String)),
  /** What it means that a complete extract no longer holds somebody. Default: only reported. */
  absence: Schema.optionalKey(Absence),
  /** Who is synced at all. Default: everybody. */
  scope: Schema.optionalKey(Scope),
  /** How HR's values become those that are sent: fields withheld, values translated, defaults. */
  mapping: Schema.optionalKey(Mapping),
  /** Who is registered in which programs. */
  programs: Schema.optionalKey(Schema.Array(ProgramRule)),
  /** What happens where Together's list shows another value than was sent. Default: HR's value is sent again. */
  drift: Schema.optionalKey(Drift),
  /** Whether everybody is sent again once a day, as Together asks. Default: daily, spread over the day. */
  refresh: Schema.optionalKey(Refresh),
  /** How many may leave, lose a field, change their key or join at once before somebody has to look (docs/operations.md). */
  guard: Schema.optionalKey(Guard),
  /** When `rollcall serve` reads each source: cron with five fields, in `timezone`. Default: every hour (`0 * * * *`). */
  schedules: Schema.optionalKey(Schema.Record(Schema.String, Schedule)),
  /** When somebody is told that they should look, and by which webhook (docs/alarms.md). Default: the log alone. */
  alarms: Schema.optionalKey(AlarmConfig),
  /** IANA time zone in which the organization's day begins. Default: UTC. */
  timezone: Schema.optionalKey(TimeZone)
}).annotate(noSuchSetting)

export type OrganizationSchema = typeof OrganizationSchema.Type

/** An organization's name is the key of its log: what is no `OrganizationId` is told as such. */
const namingProblem = (name: string): string | undefined =>
  Schema.is(OrganizationId)(name)
    ? undefined
    : `"${name}" cannot name an organization: 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or a digit`

export const ConfigurationSchema = Schema.Struct({
  /** Folder of the embedded database, from the configuration's own folder. Default: `.rollcall`. */
  data: Schema.optionalKey(Schema.NonEmptyString),
  /** Each organization by its name, which is the key of its log. */
  organizations: Schema.Record(Schema.String, OrganizationSchema).check(
    Schema.makeFilter((organizations) => Object.keys(organizations).map(namingProblem).find(Predicate.isString))
  )
}).annotate(noSuchSetting)

type AlarmSettings = (typeof AlarmConfig)["Encoded"]

/** An organization as it is written in the configuration. */
export interface OrganizationSettings extends Omit<
  (typeof OrganizationSchema)["Encoded"],
  "together" | "sources" | "alarms"
> {
  readonly alarms?: Omit<AlarmSettings, "webhook"> & {
    readonly webhook?: OrEnvironment<NonNullable<AlarmSettings["webhook"]>>
  }
  readonly sources: Readonly<Record<string, SourceBinding>>
  readonly together: OrEnvironment<(typeof TogetherConfig)["Encoded"]>
}

/** One organization, written flat (its name is `default`), or several by name. */
export type Configuration = { readonly data?: string } & (
  | OrganizationSettings
  | { readonly organizations: Readonly<Record<string, OrganizationSettings>> }
)

/** The configuration as it is; gives an editor the names and types of its settings. */
export const defineConfig = (configuration: Configuration): Configuration => configuration

/** The name of an organization that was written flat. */
export const flatName = "default"
