/**
 * How an organization's service is doing at the moment, on the wire: `service/Condition` as the operations API shows it.
 */
import { operationClasses } from "@rollcall/core/sync/Plan"
import { Schema } from "effect"

import { doings } from "../service/Condition.ts"
import { PauseWord } from "./Pausing.ts"
import { HeldPeople } from "./PlanReport.ts"

const time = (description: string) => Schema.NullOr(Schema.String).annotate({ description })

export const SourceCondition = Schema.Struct({
  name: Schema.String,
  schedule: Schema.String.annotate({ description: "Five fields of cron, in `timezone`.", examples: ["0 * * * *"] }),
  running: Schema.Boolean,
  next: time("When it is read next; ISO 8601 in UTC."),
  last: Schema.NullOr(
    Schema.Struct({
      at: Schema.String,
      outcome: Schema.Literals(["complete", "incomplete", "failed"]),
      people: Schema.Int,
      problem: Schema.optionalKey(Schema.String)
    })
  ),
  succeededAt: time("When it was last read to its end."),
  failures: Schema.Int.annotate({ description: "Since then." })
}).annotate({ identifier: "SourceCondition" })

export const SourceSchedule = Schema.Struct({
  ...SourceCondition.fields,
  timezone: Schema.String.annotate({ description: "IANA.", examples: ["Europe/Berlin"] })
}).annotate({ identifier: "Source" })

const SendingCondition = Schema.Struct({
  doing: Schema.Literals(doings),
  since: Schema.String,
  queue: Schema.Record(Schema.Literals(operationClasses), Schema.optionalKey(Schema.Int)).annotate({
    description: "Operations by class that the last plan had, less those settled since."
  }),
  leastMillis: Schema.Finite.annotate({ description: "Milliseconds that the rest of the plan takes at least." }),
  held: Schema.Array(HeldPeople),
  pause: Schema.NullOr(PauseWord),
  problem: Schema.NullOr(Schema.String),
  oldestChange: time("When the change was learned that waits longest; null: nothing waits."),
  settledAt: time("When a plan was last worked off to its end."),
  deadLetters: Schema.Int,
  requests: Schema.Int.annotate({ description: "Since the service started." })
}).annotate({ identifier: "SendingCondition" })

export const OrganizationCondition = Schema.Struct({
  organization: Schema.String.annotate({ description: "Its name in the configuration." }),
  sources: Schema.Array(SourceCondition),
  sending: SendingCondition
}).annotate({ identifier: "Condition" })

export type OrganizationCondition = typeof OrganizationCondition.Type
