/**
 * Answers an operator from the log itself: for a command that has opened the database, and for the operations API.
 */
import type { Employees } from "@rollcall/core/contract/Employees"
import type { Erasure } from "@rollcall/core/contract/Erasure"
import type { EventLog, StoreError } from "@rollcall/core/contract/EventLog"
import type { Lane } from "@rollcall/core/contract/Lane"
import type { Sink } from "@rollcall/core/contract/Sink"
import type { GuardKind } from "@rollcall/core/domain/GuardEvent"
import type { Plan } from "@rollcall/core/sync/Plan"
import { Effect } from "effect"

import type { Organization } from "../ConfigurationFile.ts"
import type { SourceNeeds } from "../Sources.ts"
import { standing } from "../Standing.ts"
import type { SyncRequest } from "../SyncRun.ts"
import { currentPlan } from "./CurrentPlan.ts"
import { deadLetterReport, letterOf } from "./DeadLetterReport.ts"
import { employeeReport } from "./EmployeeReport.ts"
import { erasePeople, erasuresOf } from "./Erasing.ts"
import { approveHold, holdReport } from "./Holds.ts"
import type { Operator } from "./Operator.ts"
import { sayPause } from "./Pausing.ts"
import { planStanding } from "./PersonExplanation.ts"
import { type Letters, personSync } from "./PersonSync.ts"
import { planReport } from "./PlanReport.ts"
import { releasePerson } from "./Release.ts"
import { sharing } from "./Sharing.ts"
import { statusReport } from "./StatusReport.ts"
import { keyless, reasonOf, whyOne } from "./WhyReport.ts"

export type OperatorNeeds = EventLog | Lane | Sink | Employees | Erasure | SourceNeeds

/** How one person is synced: the whole request but who it is. */
export type Syncing = Omit<SyncRequest, "mode" | "only">

export const localOperator = Effect.fnUntraced(function* (organization: Organization, syncing: Syncing) {
  const { id } = organization
  const context = yield* Effect.context<OperatorNeeds>()
  const plan = yield* sharing(id, Effect.map(currentPlan(organization), planned))
  const people = yield* sharing(id, Effect.map(standing(id), counted))
  const letters: Effect.Effect<Letters, StoreError, EventLog> = people
  const here = Effect.provideContext(context)
  const standings = Effect.map(plan, ({ standing }) => standing)
  const operator: Operator = {
    status: here(
      Effect.gen(function* () {
        const { operations: _, ...queue } = (yield* plan).report
        const { drifted, letters, outcomes } = yield* people
        return yield* statusReport(organization, { outcomes, deadLetters: letters.length, drifted, queue })
      })
    ),
    plan: (operations) =>
      here(
        Effect.map(plan, ({ report }) => ({
          ...report,
          operations: report.operations.slice(0, Math.max(0, operations))
        }))
      ),
    holds: here(Effect.map(plan, ({ heldBack, standing }) => holdReport(standing.open, heldBack))),
    approve: (kind, only, signature) => here(approveHold(organization, kind, only, signature)),
    pause: (signature) => here(sayPause(id, true, signature)),
    resume: (signature) => here(sayPause(id, false, signature)),
    employee: (employeeId) => here(employeeReport(organization, employeeId, standings)),
    why: (asked, field) =>
      here(
        asked === undefined
          ? Effect.gen(function* () {
              return { reasons: [...(yield* plan).stopped, ...(yield* keyless(id))] }
            })
          : Effect.map(whyOne(organization, asked, field, standings), (reason) => ({ reasons: [reason] }))
      ),
    deadLetters: here(Effect.flatMap(people, ({ letters }) => deadLetterReport(letters))),
    release: (employeeId, signature) => here(releasePerson(id, employeeId, signature)),
    erase: (who, signature) => here(erasePeople(id, who, signature)),
    erasures: here(erasuresOf(id)),
    syncPerson: (employeeId) => here(personSync(syncing, employeeId, letters))
  }
  return operator
})

/** So many operations can be asked for. */
export const mostOperations = 10_000

/** What is kept of a plan to answer from. */
const planned = ({ plan, standing }: Effect.Success<ReturnType<typeof currentPlan>>) => ({
  report: planReport(plan, mostOperations),
  stopped: plan.blocked.map(reasonOf),
  heldBack: heldBack(plan),
  standing: planStanding(plan, standing.open)
})

const heldBack = ({ blocked, held }: Plan): ReadonlyMap<GuardKind, ReadonlyArray<string>> => {
  const keys = new Map(blocked.map(({ employeeId, stream }) => [stream, employeeId]))
  return new Map(held.map(({ kind, members }) => [kind, members.flatMap(({ stream }) => keys.get(stream) ?? [])]))
}

const counted = ({ drifted, letters, outcomes }: Effect.Success<ReturnType<typeof standing>>) => ({
  drifted,
  outcomes,
  letters: letters.map(letterOf)
})
