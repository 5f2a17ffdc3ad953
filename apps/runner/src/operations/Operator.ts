/**
 * What an operator may ask and say of one organization.
 *
 * The commands speak to it, and do not care which it is: `LocalOperator` over the log itself, which also answers the
 * operations API, or `RemoteOperator`, which asks a running service through that API.
 */
import type { StoreError } from "@rollcall/core/contract/EventLog"
import type { SinkError } from "@rollcall/core/contract/Sink"
import type { SourceError } from "@rollcall/core/contract/Source"
import type { GuardKind } from "@rollcall/core/domain/GuardEvent"
import type { Effect } from "effect"

import type { InputInvalid, ServiceRefused } from "../Failure.ts"
import type { DeadLetterReport } from "./DeadLetterReport.ts"
import type { EmployeeReport } from "./EmployeeReport.ts"
import type { ErasureEntry, ErasureReport } from "./Erasing.ts"
import type { ApprovalReport, HoldReport } from "./Holds.ts"
import type { PauseReport } from "./Pausing.ts"
import type { PersonReport } from "./PersonSync.ts"
import type { PlanReport } from "./PlanReport.ts"
import type { ReleaseReport } from "./Release.ts"
import type { Signature } from "./Signature.ts"
import type { StatusReport } from "./StatusReport.ts"
import type { WhyReport } from "./WhyReport.ts"

/** What can go wrong for reasons that an operator can do something about. */
export type Trouble = InputInvalid | ServiceRefused | StoreError | SinkError | SourceError

type Asked<A> = Effect.Effect<A, Trouble>

export interface Operator {
  readonly status: Asked<StatusReport>
  /** With the first so many operations. */
  readonly plan: (operations: number) => Asked<PlanReport>
  readonly holds: Asked<HoldReport>
  /** None of `only`: everybody who is held. Answers with how many were approved; refused where others are held by now. */
  readonly approve: (kind: GuardKind, only: ReadonlyArray<string>, signature: Signature) => Asked<ApprovalReport>
  readonly pause: (signature: Signature) => Asked<PauseReport>
  readonly resume: (signature: Signature) => Asked<PauseReport>
  readonly employee: (employeeId: string) => Asked<EmployeeReport>
  /**
   * Of one person, by HR's key or the Directory's id, and with a field also where its value comes from; undefined:
   * everybody who is stopped.
   */
  readonly why: (asked: string | undefined, field?: string) => Asked<WhyReport>
  readonly deadLetters: Asked<DeadLetterReport>
  readonly release: (employeeId: string, signature: Signature) => Asked<ReleaseReport>
  /** HR's keys, or UUIDs. Everybody or nobody; who is erased already is looked for again. */
  readonly erase: (who: ReadonlyArray<string>, signature: Signature) => Asked<ErasureReport>
  /** The erasures that hold. */
  readonly erasures: Asked<ReadonlyArray<ErasureEntry>>
  /** Reads the sources and sends this person, ahead of whatever else is being sent. */
  readonly syncPerson: (employeeId: string) => Asked<PersonReport>
}
