/**
 * Erases people for an operator, by name and with a reason, and says what came of it; names nobody in what it says.
 */
import { Erasure, type ErasureReport as Erased, PersonUnknown } from "@rollcall/core/contract/Erasure"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Schema } from "effect"

import { InputInvalid } from "../Failure.ts"
import { type Signature, signed } from "./Signature.ts"

const ErasedPerson = Schema.Struct({
  stream: Schema.String.annotate({ description: "All that is left: a UUID that only who has the key can compute." }),
  before: Schema.Boolean.annotate({ description: "Erased before: only what had come since was taken." }),
  events: Schema.Int.annotate({ description: "Events whose personal part was taken." }),
  rows: Schema.Int.annotate({ description: "Rows of the Directory and of the sources' memory that went." }),
  accounts: Schema.Int.annotate({ description: "Logins that went." }),
  sources: Schema.Array(Schema.String).annotate({ description: "Sources that had the person until now." }),
  atTogether: Schema.Boolean.annotate({ description: "Together has the person, and not as terminated." }),
  mentions: Schema.Record(Schema.String, Schema.Int).annotate({
    description: "Events of others that name the person, by type; these stay."
  }),
  configurations: Schema.Array(Schema.Int).annotate({
    description: "Positions of kept configurations that hold a value of theirs; these stay."
  })
}).annotate({ identifier: "ErasedPerson" })

export const ErasureReport = Schema.Struct({
  people: Schema.Array(ErasedPerson),
  sweep: Schema.Struct({
    tables: Schema.Array(Schema.String).annotate({ description: "Tables whose files were rewritten." }),
    problem: Schema.NullOr(Schema.String).annotate({
      description: "What kept the rest from it. The erasure stands; erasing again rewrites the files."
    })
  })
}).annotate({ identifier: "ErasureReport" })

export type ErasureReport = typeof ErasureReport.Type

export const ErasureEntry = Schema.Struct({
  organization: Schema.String,
  stream: Schema.String.check(
    Schema.isPattern(/^(employee|directory-employee|account):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  ),
  position: Schema.Int,
  erasedAt: Schema.String,
  by: Schema.NonEmptyString,
  reason: Schema.NonEmptyString
}).annotate({ identifier: "ErasureEntry" })

export type ErasureEntry = typeof ErasureEntry.Type

/** `who`: HR's keys, or UUIDs of their streams or of their employees in the Directory. Everybody or nobody. */
export const erasePeople = Effect.fn("Erasing.people")(function* (
  organization: OrganizationId,
  who: ReadonlyArray<string>,
  signature: Signature
) {
  yield* signed(signature)
  const erasure = yield* Erasure
  const requests = who.map((one) => ({ who: one, ...signature }))
  const report: Erased = yield* erasure
    .erase(organization, requests)
    .pipe(Effect.catchIf(Schema.is(PersonUnknown), (error) => Effect.fail(unheardOf(error.who))))
  return report satisfies ErasureReport
})

const unheardOf = (who: string) =>
  new InputInvalid({
    place: `employee ${who}`,
    problem: "Neither the log nor the Directory has ever heard of this person. Nobody was erased.",
    remedy: "Compare the key with HR's, character by character (leading zeros count).",
    because: "unknown"
  })

export const erasuresOf = (organization: OrganizationId) =>
  Effect.flatMap(Erasure, (erasure) => erasure.list(organization))
