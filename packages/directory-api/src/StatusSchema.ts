/**
 * Status and creation, as they stand in everything that the Directory answers with, and lists that are always empty.
 *
 * Used by the four schemas beside it. Members without a value are left out.
 */
import type { CreationInfo as Created, StatusInfo as Status } from "@rollcall/core/contract/Directory"
import { Schema } from "effect"

const moment = Schema.String.annotate({ format: "date-time", examples: ["2026-08-22T09:30:00.000Z"] })

export const id = (description: string) =>
  Schema.String.annotate({ description, format: "uuid", examples: ["0f8fad5b-d9cb-469f-a165-70867728950e"] })

export const StatusInfo = Schema.Struct({
  current: Schema.Literals(["ACTIVE", "LEAVE", "TERMINATED"]),
  changedAt: Schema.optionalKey(moment),
  changedBy: Schema.optionalKey(id("The account that changed it."))
}).annotate({ identifier: "StatusInfo" })

export const CreationInfo = Schema.Struct({
  createdAt: moment,
  createdBy: Schema.optionalKey(id("The account that made it."))
}).annotate({ identifier: "CreationInfo" })

/** The vendor's clients expect the member; nothing of ours is ever in it. */
export const emptyList = Schema.Array(Schema.Unknown)
  .annotate({ description: "Always empty." })
  .check(Schema.isMaxLength(0))

export const statusAnswer = ({ current, changedAt, changedBy }: Status): typeof StatusInfo.Type => ({
  // The store knows no other; one that it came to know would be a defect here, and no answer to anybody.
  current: current as (typeof StatusInfo.Type)["current"],
  ...(changedAt === null ? {} : { changedAt }),
  ...(changedBy === null ? {} : { changedBy })
})

export const creationAnswer = ({ createdAt, createdBy }: Created): typeof CreationInfo.Type => ({
  createdAt,
  ...(createdBy === null ? {} : { createdBy })
})
