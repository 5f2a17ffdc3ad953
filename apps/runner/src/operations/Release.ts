/**
 * Lets a person be sent again whom Together refused, or come again who was erased, by name and with a reason; never sends itself.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { employeeRecordStream, foldRecord } from "@rollcall/core/directory/EmployeeRecord"
import { employeeStream, employeeStreamPrefix } from "@rollcall/core/domain/Employee"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { deadLetters } from "@rollcall/core/sync/DeadLetters"
import { byActor } from "@rollcall/core/sync/Record"
import { reduce } from "@rollcall/core/sync/Reduce"
import { Effect, Schema } from "effect"

import { InputInvalid } from "../Failure.ts"
import { Letter, letterOf } from "./DeadLetterReport.ts"
import { type Signature, signed } from "./Signature.ts"

export const ReleaseReport = Schema.Struct({
  employeeId: Schema.String,
  released: Schema.Array(Letter),
  erased: Schema.Boolean.annotate({
    description: "They had been erased: the next reading of a source that has them takes them over again."
  })
}).annotate({ identifier: "ReleaseReport" })

export type ReleaseReport = typeof ReleaseReport.Type

/** The person may get an answer of Together's, or news of HR's, in between. */
const attempts = 5

export const releasePerson = Effect.fn("Release.person")(function* (
  organization: OrganizationId,
  employeeId: string,
  signature: Signature
) {
  return yield* Effect.retry(attempt(organization, employeeId, signature), {
    while: (error) => error._tag === "StoreError" && error.reason._tag === "VersionConflict",
    times: attempts
  })
})

const attempt = Effect.fnUntraced(function* (organization: OrganizationId, id: string, { by, reason }: Signature) {
  const log = yield* EventLog
  const stream = employeeStream(organization, id)
  const person = reduce(stream, yield* log.stream(organization, stream))
  const letters = deadLetters(person)
  const held = letters.filter(({ kind }) => kind !== "gone")
  const erased = person.erased !== undefined
  if (held.length === 0 && !erased) return yield* nothingHeld(id, letters.length > 0)
  yield* signed({ by, reason })
  const streams = [stream, ...(erased ? yield* toldOf(organization, stream) : [])]
  yield* log.append(organization, {
    appendKey: globalThis.crypto.randomUUID(),
    expectedVersions: new Map([[stream, person.version]]),
    events: streams.map((one) =>
      byActor(`operator:${by}`, { stream: one, event: { type: "HoldReleased", by, reason } })
    )
  })
  const report: ReleaseReport = { employeeId: id, released: held.map(letterOf), erased }
  return report
})

/** What the API was told of the person is erased, too, and may be told again. */
const toldOf = Effect.fnUntraced(function* (organization: OrganizationId, stream: string) {
  const log = yield* EventLog
  const id = stream.slice(employeeStreamPrefix.length)
  const told = employeeRecordStream(id)
  return foldRecord(id, yield* log.stream(organization, told)).erased === true ? [told] : []
})

const nothingHeld = (id: string, gone: boolean) =>
  new InputInvalid({
    place: `employee ${id}`,
    problem: gone
      ? "Together deleted this person's entry for good (410); it cannot be added again."
      : "Nothing about this person is held back by a refusal.",
    remedy: gone
      ? "Only Together's support can undo that."
      : "`rollcall dead-letters` lists those who are; `rollcall employee` says what happens next.",
    because: "conflict"
  })
