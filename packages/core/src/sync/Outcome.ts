/**
 * The event that a verdict becomes.
 *
 * Pure: what the sink said of one person, bound to what the request was decided from.
 */
import type { Answer, Deferral, Upsert, Verdict } from "../contract/Sink.ts"
import type { Decision, RequestDeferred, UserApplied, UserRefused } from "../domain/Event.ts"
import { payloadHash } from "./Consider.ts"

const applied = { created: "UserCreated", updated: "UserUpdated", unchanged: "UserUnchanged" } as const
const refused = { rejected: "UserRejected", conflicted: "UserConflicted", gone: "UserGone" } as const

export const outcomeEvent = (
  upsert: Upsert,
  verdict: Verdict,
  from: Omit<Decision, "payloadHash" | "employeeId">
): UserApplied | UserRefused => {
  const { employeeId, fields } = upsert
  const decision: Decision = { ...from, employeeId, payloadHash: payloadHash(employeeId, fields) }
  switch (verdict._tag) {
    case "Applied":
      return { type: applied[verdict.as], ...decision, status: verdict.status, fields }
    case "Refused": {
      const { answer, status } = verdict
      return { type: refused[verdict.as], ...decision, status, ...(answer === undefined ? {} : { answer }) }
    }
  }
}

/** A request nobody was settled by; it concerns the sink's stream. */
export const deferredEvent = (
  sink: string,
  { request, members, status }: Answer,
  deferral: Deferral
): RequestDeferred => ({
  type: "RequestDeferred",
  sink,
  request,
  members,
  ...deferral,
  ...(status === undefined ? {} : { status })
})
