/**
 * The customer's rules: which source is believed, what absence means, who is synced, what is sent.
 *
 * Plain data, so that a rule can be hashed, kept with the decisions it led to, and tried on the past. Read by the pure
 * steps; checked once, when the configuration is loaded.
 */
import { Schema } from "effect"

import { type FieldName, fieldNames } from "./Field.ts"

const FieldNameSchema = Schema.Literals(fieldNames as readonly [FieldName, ...Array<FieldName>])

const Plain = Schema.Union([Schema.String, Schema.Boolean, Schema.Null])

/** What one field must be: a value, one of several values, a pattern, or not something. `null` is "empty or unknown". */
const Expectation = Schema.Union([
  Plain,
  Schema.Array(Plain),
  Schema.Struct({ matches: Schema.String }),
  Schema.Struct({ not: Schema.Union([Plain, Schema.Array(Plain)]) })
])

export type Expectation = typeof Expectation.Type

/** Every field named must be as expected. */
const Condition = Schema.Record(FieldNameSchema, Schema.optionalKey(Expectation))

export type Condition = typeof Condition.Type

/**
 * Who is synced at all. A person is in scope when one of `include` holds (or there is none) and none of `exclude` does.
 * A person who is already at Together and leaves the scope keeps their entry there; only a termination is still sent.
 */
export const Scope = Schema.Struct({
  include: Schema.optionalKey(Schema.Array(Condition)),
  exclude: Schema.optionalKey(Schema.Array(Condition)),
  /**
   * Which leavers are sent. `all` (default): everyone HR lists as terminated, as Together's own file integrations ask
   * ("if you do not send terminated users, we will not de-provision them"). `known`: only those Rollcall brought there.
   */
  leavers: Schema.optionalKey(Schema.Literals(["all", "known"]))
})

export type Scope = typeof Scope.Type

/** How HR's values become those that are sent. */
export const Mapping = Schema.Struct({
  /** Fields that are never sent, whatever a source says. */
  withhold: Schema.optionalKey(Schema.Array(FieldNameSchema)),
  /** HR's value -> the value sent, by field; a value that is not listed is sent as it is. */
  translate: Schema.optionalKey(
    Schema.Record(FieldNameSchema, Schema.optionalKey(Schema.Record(Schema.String, Schema.String)))
  ),
  /** Sent where no source has a value. */
  defaults: Schema.optionalKey(
    Schema.Record(FieldNameSchema, Schema.optionalKey(Schema.Union([Schema.String, Schema.Boolean])))
  )
})

export type Mapping = typeof Mapping.Type

/** What it means that a complete extract no longer holds somebody. */
export const Absence = Schema.Struct({
  /** `report` (default): shown, nothing sent. `suspend`: sent as on leave. `terminate`: sent as terminated. */
  policy: Schema.Literals(["report", "suspend", "terminate"]),
  /** Days the person must have been absent before that; 0 (default) acts on the first absence. */
  afterDays: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))
})

export type Absence = typeof Absence.Type

const Roles = Schema.Record(Schema.String, Schema.Boolean).check(
  Schema.makeFilter(
    (roles: Readonly<Record<string, boolean>>) =>
      Object.values(roles).includes(true) || "must hold at least one role that is true"
  )
)

/** Who belongs in a program, in which roles. Several rules may name one program; the first that holds is taken. */
export const ProgramRule = Schema.Struct({
  /** Together's id of the program; its API cannot list programs, so it is copied from there. */
  programId: Schema.NonEmptyString,
  /** Everyone of whom one of these holds. Asks of HR's own values, and of active people unless it names `status`. */
  who: Schema.NonEmptyArray(Condition),
  /** Role types as the program has them (`mentor`, `mentee`, `peer`), at least one of them true. */
  roles: Roles,
  /** Match types of the program. Absent: all of them. */
  matchTypeIds: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString))
})

export type ProgramRule = typeof ProgramRule.Type

/**
 * What happens where Together's list shows another value than Rollcall left there. `repair` (default): HR's value is
 * sent again. `report`: it is shown, nothing is sent, and nothing is refreshed, for a refresh would overwrite it, too.
 */
export const Drift = Schema.Literals(["repair", "report"])

export type Drift = typeof Drift.Type

/**
 * Whether everybody's whole entry is sent again once a day, spread over the day. `daily` (default) is what Together asks
 * for: "once per day and when things change".
 */
export const Refresh = Schema.Literals(["daily", "never"])

export type Refresh = typeof Refresh.Type

/** The larger of both is allowed: so many people, or such a part of those known to be at Together. */
const GuardLimit = Schema.Union([
  Schema.Literal("off"),
  Schema.Struct({
    count: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
    percent: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 }))
  })
])

/**
 * How much of one kind a plan may hold before all of that kind waits for somebody's approval. `leavers`: away from
 * active. `clears`: a field emptied. `keyChanges`: joiners with the address of somebody known under another key. `joins`:
 * counted once a first sync was completed.
 */
export const Guard = Schema.Struct({
  leavers: Schema.optionalKey(GuardLimit),
  clears: Schema.optionalKey(GuardLimit),
  keyChanges: Schema.optionalKey(GuardLimit),
  joins: Schema.optionalKey(GuardLimit)
})

export type Guard = typeof Guard.Type

export type GuardLimits = Required<Guard>

/** On unless the configuration says otherwise. */
export const defaultGuard: GuardLimits = {
  leavers: { count: 10, percent: 5 },
  clears: { count: 25, percent: 10 },
  keyChanges: { count: 5, percent: 1 },
  joins: { count: 500, percent: 50 }
}

export interface Policy {
  /** Source names, most believed first. Each field comes from the first source that has an opinion on it. */
  readonly precedence: ReadonlyArray<string>
  readonly absence: Absence
  readonly scope: Scope
  readonly mapping: Mapping
  readonly programs: ReadonlyArray<ProgramRule>
  readonly drift: Drift
  readonly refresh: Refresh
  readonly guard: GuardLimits
  /** IANA time zone in which the organization's day begins. */
  readonly timezone: string
}

/** The clock value a decision is made with. */
export interface Moment {
  /** ISO 8601 in UTC. */
  readonly instant: string
  /** The day in the organization's time zone, `YYYY-MM-DD`. */
  readonly day: string
}
