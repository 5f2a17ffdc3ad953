import { EventLog } from "@rollcall/core/contract/EventLog"
import { Sink } from "@rollcall/core/contract/Sink"
import { employeeStream } from "@rollcall/core/domain/Employee"
/**
 * `rollcall approve KIND`: lets people go whom the guard holds back, by name and with a reason; never sends itself.
 *
 * What is approved is what the plan holds now: where that is not what was held when somebody looked, it is refused as
 * stale. An approval is of a person's very change and is used up by it.
 */
import { type GuardKind, guardKinds } from "@rollcall/core/domain/GuardEvent"
import type { Held } from "@rollcall/core/sync/Guard"
import { momentIn } from "@rollcall/core/sync/Moment"
import { makePlan } from "@rollcall/core/sync/Planning"
import { approve as record } from "@rollcall/core/sync/Quarantine"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"

import type { Organization } from "../ConfigurationFile.ts"
import { InputInvalid } from "../Failure.ts"
import { sinkStanding } from "../SinkStanding.ts"
import { requireDatabase, stores } from "../Stores.ts"
import { commonFlags, framed, load, pick, services } from "./Frame.ts"
import { guardWords } from "./PlanTable.ts"

const flags = {
  ...commonFlags,
  kind: Argument.Literals("kind", guardKinds).pipe(Argument.withDescription("What is held: see `rollcall status`")),
  employee: Flag.String("employee").pipe(
    Flag.withDescription("Only this person (employeeId); may be given several times. Default: all that are held"),
    Flag.between(0, 1000)
  ),
  by: Flag.String("by").pipe(Flag.withDescription("Who approves; stands in the log")),
  reason: Flag.String("reason").pipe(Flag.withDescription("Why; stands in the log for good, so name nobody in it"))
}

export const approve = Command.make("approve", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const configuration = yield* load(input)
      const organization = yield* pick(configuration, input)
      yield* requireDatabase(configuration, process.env)
      const approved = yield* approvePlan(organization, { ...input, only: input.employee }).pipe(
        Effect.provide(services(organization, stores(configuration, process.env)))
      )
      yield* output.line(`Approved: ${approved} of those who ${guardWords[input.kind]}. The next sync sends them.`)
      yield* output.result({ kind: input.kind, approved })
    })
  )
).pipe(Command.withDescription("Let people go whom the guard holds back, once, by name and with a reason"))

export interface ApprovalRequest {
  readonly kind: GuardKind
  readonly by: string
  readonly reason: string
  /** HR's keys; none: everybody who is held. */
  readonly only: ReadonlyArray<string>
}

/** Answers with how many people were approved. */
export const approvePlan = Effect.fn("Approve.plan")(function* (organization: Organization, request: ApprovalRequest) {
  const { by, kind, only, reason } = request
  if (by.trim() === "" || reason.trim() === "") return yield* unsigned
  const { id, policy } = organization
  const log = yield* EventLog
  const { id: sink } = yield* Sink
  const { guarding, open, tariff } = yield* sinkStanding(id, organization.configurationHash(yield* log.salt(id)))
  const hold = open.get(kind)
  if (hold === undefined) return yield* nothingHeld(kind)
  const plan = yield* makePlan({ organization: id, policy, moment: yield* momentIn(policy.timezone), tariff, guarding })
  const held = plan.held.find((one) => one.kind === kind)
  if (held?.digest !== hold.digest) return yield* stale(kind)
  const members = yield* chosen(held, organization, only)
  yield* record({ organization: id, sink, hold, by, reason, members })
  return members.length
})

const chosen = Effect.fnUntraced(function* (held: Held, { id }: Organization, only: ReadonlyArray<string>) {
  if (only.length === 0) return held.members
  const byStream = new Map(held.members.map((member) => [member.stream, member]))
  const found = only.map((key) => [key, byStream.get(employeeStream(id, key))] as const)
  const unknown = found.flatMap(([key, member]) => (member === undefined ? [key] : []))
  if (unknown.length > 0) {
    return yield* new InputInvalid({
      place: "--employee",
      problem: `Not among those held: ${unknown.join(", ")}. Nobody was approved.`,
      remedy: "`rollcall why` lists who is held, with HR's key."
    })
  }
  return found.flatMap(([, member]) => member ?? [])
})

const unsigned = new InputInvalid({
  place: "approve",
  problem: "--by and --reason must not be empty.",
  remedy: "Say who approves and why: it stands in the log."
})

const nothingHeld = (kind: GuardKind) =>
  new InputInvalid({
    place: "guard",
    problem: `No ${kind} are held.`,
    remedy: "`rollcall status` says what is; a plan is held when `rollcall sync` or the service makes it."
  })

const stale = (kind: GuardKind) =>
  new InputInvalid({
    place: "guard",
    problem: `Other people are concerned now than when the ${kind} were held.`,
    remedy: "Run `rollcall sync` (or wait for the service) and look again: an approval is of what was seen."
  })
