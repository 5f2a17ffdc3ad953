/**
 * Lets a person be sent again whom Together refused, by name and with a reason; never sends itself.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { employeeStream } from "@rollcall/core/domain/Employee"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { deadLetters } from "@rollcall/core/sync/DeadLetters"
import { reduce } from "@rollcall/core/sync/Reduce"
import { Effect, Schema } from "effect"

import { InputInvalid } from "../Failure.ts"
import { Letter, letterOf } from "./DeadLetterReport.ts"
import { type Signature, signed } from "./Signature.ts"

export const ReleaseReport = Schema.Struct({
  employeeId: Schema.String,
  released: Schema.Array(Letter)
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
  if (held.length === 0) return yield* nothingHeld(id, letters.length > 0)
  yield* signed({ by, reason })
  yield* log.append(organization, {
    appendKey: globalThis.crypto.randomUUID(),
    expectedVersions: new Map([[stream, person.version]]),
    events: [
      {
        stream,
        event: { type: "HoldReleased", by, reason },
        actor: `operator:${by}`,
        effectiveOn: null,
        causation: null
      }
    ]
  })
  const report: ReleaseReport = { employeeId: id, released: held.map(letterOf) }
  return report
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
