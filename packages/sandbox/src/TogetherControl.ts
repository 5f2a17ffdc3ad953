/**
 * What a person or a test may do to the stand-in behind the vendor's back: read the judge, mark users as conflicted or gone,
 * edit a field "at Together" (drift), plant people, plan faults, forget everything.
 * The changes are pure and called by TogetherServer from both sides, its returned object and the /_sandbox/* endpoints
 * that are routed here. Nothing here is judged, authenticated, or met by a fault.
 */
import { Option, Result, Schema } from "effect"

import { FaultRuleWire, inject, noFaults } from "./TogetherFaults.ts"
import type { Fields } from "./TogetherFields.ts"
import { pardoned, report } from "./TogetherJudge.ts"
import { decodedSegment } from "./TogetherRoutes.ts"
import type { Answer, Body } from "./TogetherRoutes.ts"
import type { TogetherWorld } from "./TogetherState.ts"
import { everyone, find, noUsers, plant, put } from "./TogetherUsers.ts"
import type { Mark } from "./TogetherUsers.ts"

/** What POST /_sandbox/reset may be told to forget; without a list it forgets all of it. */
export type ResetPart = (typeof resetParts)[number]

export const resetParts = ["users", "registrations", "judge", "faults"] as const

/** An answer and, where something changed, the world after it. */
export interface ControlOutcome {
  readonly answer: Answer
  readonly world?: TogetherWorld
}

const FaultsBody = Schema.Union([FaultRuleWire, Schema.Array(FaultRuleWire)])
const MarkBody = Schema.Struct({ as: Schema.NullOr(Schema.Literals(["conflicted", "gone"])) })
const FieldsBody = Schema.Record(Schema.String, Schema.Unknown)
const ResetBody = Schema.Struct({ only: Schema.optionalKey(Schema.Array(Schema.Literals(resetParts))) })

/** Marks a user, or takes the mark away with null; undefined when there is no such user. */
export const markUser = (world: TogetherWorld, key: string, as: Mark | null): TogetherWorld | undefined => {
  const user = find(world.users, key)
  return user === undefined ? undefined : { ...world, users: put(world.users, { ...user, mark: as }) }
}

/** Overwrites fields of a user unchecked, as somebody at Together would; undefined when there is no such user. */
export const editUser = (world: TogetherWorld, key: string, fields: Fields): TogetherWorld | undefined => {
  const user = find(world.users, key)
  if (user === undefined) return undefined
  return { ...world, users: put(world.users, { ...user, fields: { ...user.fields, ...fields } }) }
}

/** Forgets the named parts, or everything. */
export const forget = (world: TogetherWorld, parts: ReadonlyArray<ResetPart> = resetParts): TogetherWorld => ({
  users: parts.includes("users") ? noUsers : world.users,
  registrations: parts.includes("registrations") ? [] : world.registrations,
  judge: parts.includes("judge") ? pardoned(world.judge) : world.judge,
  faults: parts.includes("faults") ? noFaults : world.faults
})

/** Answers one request below /_sandbox/. */
export const controlRequest = (world: TogetherWorld, method: string, path: string, body: Body): ControlOutcome => {
  const [, , what, key, verb] = path.split("/").map(decodedSegment)
  switch (`${method} ${what}${key === undefined ? "" : "/:key"}${verb === undefined ? "" : `/${verb}`}`) {
    case "GET report":
      return { answer: { status: 200, body: report(world.judge) } }
    case "GET users":
      return { answer: { status: 200, body: everyone(world.users) } }
    case "GET registrations":
      return { answer: { status: 200, body: world.registrations } }
    case "POST users":
      return reading(FieldsBody, body, (fields) => ({ ...world, users: plant(world.users, fields) }))
    case "POST users/:key/mark":
      return reading(MarkBody, body, ({ as }) => markUser(world, key ?? "", as))
    case "PATCH users/:key":
      return reading(FieldsBody, body, (fields) => editUser(world, key ?? "", fields))
    case "POST faults":
      return reading(FaultsBody, body, (rules) => ({ ...world, faults: inject(world.faults, [rules].flat()) }))
    case "POST reset":
      return reading(ResetBody, { ...body, json: Option.orElseSome(body.json, () => ({})) }, ({ only }) =>
        forget(world, only)
      )
    default:
      return problem(404, "there is no such control endpoint")
  }
}

const reading = <A>(
  schema: Schema.ConstraintDecoder<A>,
  body: Body,
  use: (value: A) => TogetherWorld | undefined
): ControlOutcome => {
  const value = Schema.decodeUnknownResult(schema)(Option.getOrUndefined(body.json))
  if (Result.isFailure(value)) return problem(400, value.failure.message)
  const changed = use(value.success)
  return changed === undefined ? problem(404, "there is no such user") : { answer: { status: 204 }, world: changed }
}

const problem = (status: number, error: string): ControlOutcome => ({ answer: { status, body: { error } } })
