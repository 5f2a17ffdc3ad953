/**
 * The events that an answer becomes.
 *
 * Pure: what the sink said of a person, of a place in a program, of the request itself, bound to what the request was
 * decided from.
 */
import type { Answer, Registration, Upsert, Verdict } from "../contract/Sink.ts"
import type { RequestAnswered, RequestDeferred } from "../domain/LaneEvent.ts"
import type { Decision, ProgramRefused, ProgramRegistered, UserApplied, UserRefused } from "../domain/SinkEvent.ts"
import { payloadHash } from "./Consider.ts"
import { placeHash } from "./Programs.ts"

const applied = { created: "UserCreated", updated: "UserUpdated", unchanged: "UserUnchanged" } as const
const refused = { rejected: "UserRejected", conflicted: "UserConflicted", gone: "UserGone" } as const

/** What all answers of a request have in common, whoever is in it. */
export type Common = Omit<Decision, "payloadHash" | "employeeId">

export const outcomeEvent = (upsert: Upsert, verdict: Verdict, common: Common): UserApplied | UserRefused => {
  const { employeeId, fields, news, userId } = upsert
  const decision: Decision = { ...common, employeeId, payloadHash: payloadHash(employeeId, fields, userId) }
  switch (verdict._tag) {
    case "Applied":
      return { type: applied[verdict.as], ...decision, status: verdict.status, fields: news }
    case "Refused": {
      const { answer, status } = verdict
      return { type: refused[verdict.as], ...decision, status, ...(answer === undefined ? {} : { answer }) }
    }
  }
}

export const registrationEvent = (
  registration: Registration,
  { refusal, status }: NonNullable<Answer["registered"]>,
  common: Common
): ProgramRegistered | ProgramRefused => {
  const { employeeId, programId } = registration
  const outcome = { ...common, employeeId, programId, payloadHash: placeHash(registration), status }
  return refusal === undefined
    ? { type: "ProgramRegistered", ...outcome }
    : { type: "ProgramRefused", ...outcome, answer: refusal }
}

/** How the request itself ended, for whoever checks the lane. */
export const endEvent = (sink: string, answer: Answer, endedMillisAgo: number): RequestAnswered | RequestDeferred => {
  const { deferral, ending, status } = answer
  const { lane, members, number, operation, request } = ending.grant
  const common = { sink, lane, grant: number, request, operation, members, endedMillisAgo }
  return deferral === undefined && status !== undefined
    ? { type: "RequestAnswered", ...common, status }
    : {
        type: "RequestDeferred",
        ...common,
        ...(status === undefined ? {} : { status }),
        reason: deferral?.reason ?? "no answer",
        waitMillis: deferral?.waitMillis ?? ending.pauseMillis
      }
}
