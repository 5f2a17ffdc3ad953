/**
 * `rollcall why [ID]`: why somebody is, or is not, at Together as HR says: the first thing that stops them. Reads only.
 *
 * Without an ID it lists everybody who is stopped; employees that the Directory API made and that have no employee
 * number are among them, for nothing can be sent without a key.
 */
import type { Employee } from "@rollcall/core/contract/Employees"
import { Employees } from "@rollcall/core/contract/Employees"
import { EventLog } from "@rollcall/core/contract/EventLog"
import { employeeStream, isUuid, organizationUuid } from "@rollcall/core/domain/Employee"
import { consider } from "@rollcall/core/sync/Consider"
import { momentIn } from "@rollcall/core/sync/Moment"
import { makePlan } from "@rollcall/core/sync/Planning"
import { reduce } from "@rollcall/core/sync/Reduce"
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"

import type { Organization } from "../ConfigurationFile.ts"
import { InputInvalid } from "../Failure.ts"
import { sinkStanding } from "../SinkStanding.ts"
import { requireDatabase, stores } from "../Stores.ts"
import { nextWords } from "./Employee.ts"
import { commonFlags, framed, load, pick, services } from "./Frame.ts"
import { gateWords } from "./PlanTable.ts"

const id = Argument.String("id").pipe(
  Argument.withDescription("HR's key of the person (employeeId), or the id in the Directory"),
  Argument.optional
)

interface Reason {
  /** HR's key; null: none. */
  readonly employeeId: string | null
  /** The Directory's id, where the person has no key. */
  readonly directoryId?: string
  readonly why: string
}

const noKey =
  "lacks a key: no employee number was given (PATCH /employee/{id}/profile), and nothing is sent without one"

export const why = Command.make("why", { ...commonFlags, id }, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const organization = yield* pick(configuration, input)
      yield* requireDatabase(configuration, process.env)
      const asked = Option.getOrUndefined(input.id)
      const reasons = yield* (asked === undefined ? everybody(organization) : one(organization, asked)).pipe(
        Effect.provide(services(organization, stores(configuration, process.env)))
      )
      for (const reason of reasons) yield* output.line(`${nameOf(reason)}: ${reason.why}`)
      if (reasons.length === 0) yield* output.line("Nobody is stopped.")
      yield* output.result({ reasons })
    })
  )
).pipe(Command.withDescription("Say why somebody is not at Together as HR says: the first thing that stops them"))

const nameOf = ({ directoryId, employeeId }: Reason): string => employeeId ?? `(Directory ${directoryId ?? "?"})`

const one = Effect.fnUntraced(function* (organization: Organization, asked: string) {
  const log = yield* EventLog
  const { id, policy } = organization
  const key = yield* keyOf(organization, asked)
  if (typeof key !== "string") return [key]
  const stream = employeeStream(id, key)
  const person = reduce(stream, yield* log.stream(id, stream))
  if (person.version === 0) return yield* unheardOf(asked)
  const considered = consider(person, policy, yield* momentIn(policy.timezone))
  const why = considered._tag === "Blocked" ? gateWords(considered.gate) : nextWords(considered)
  return [{ employeeId: key, why } satisfies Reason]
})

/** HR's key, given as such or by the Directory's id; or the reason itself, where there is none. */
const keyOf = Effect.fnUntraced(function* ({ id }: Organization, asked: string) {
  const log = yield* EventLog
  const known = (yield* log.stream(id, employeeStream(id, asked))).length > 0
  if (known || !isUuid(asked)) return asked
  const employees = yield* Employees
  const profile = yield* employees
    .profile(organizationUuid(id), asked)
    .pipe(Effect.catchTag("DirectoryRefused", () => unheardOf(asked)))
  return profile.employeeNumber ?? ({ employeeId: null, directoryId: asked, why: noKey } satisfies Reason)
})

const unheardOf = (asked: string) =>
  Effect.fail(
    new InputInvalid({
      place: `employee ${asked}`,
      problem: "Neither the log nor the Directory has ever heard of this person.",
      remedy: "Compare the key with HR's, character by character (leading zeros count)."
    })
  )

const everybody = Effect.fnUntraced(function* (organization: Organization) {
  const { id, policy } = organization
  const log = yield* EventLog
  const { guarding, tariff } = yield* sinkStanding(id, organization.configurationHash(yield* log.salt(id)))
  const plan = yield* makePlan({ organization: id, policy, moment: yield* momentIn(policy.timezone), tariff, guarding })
  const stopped = plan.blocked.map(({ employeeId = null, gate }): Reason => ({ employeeId, why: gateWords(gate) }))
  const keyless = (yield* withoutKey(id)).map((employee): Reason => ({
    employeeId: null,
    directoryId: employee.id,
    why: noKey
  }))
  return [...stopped, ...keyless]
})

const withoutKey = Effect.fnUntraced(function* (id: Organization["id"]) {
  const employees = yield* Employees
  const all: Array<Employee> = []
  for (let after: string | null = null; ;) {
    const { items, next }: { readonly items: ReadonlyArray<Employee>; readonly next: string | null } =
      yield* employees.withoutKey(organizationUuid(id), { limit: 1000, after })
    all.push(...items)
    if (next === null) return all
    after = next
  }
})
