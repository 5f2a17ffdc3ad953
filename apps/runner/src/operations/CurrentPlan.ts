/**
 * The plan as the log has it now, with what it was made from. Reads only.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { momentIn } from "@rollcall/core/sync/Moment"
import { makePlan } from "@rollcall/core/sync/Planning"
import { Effect } from "effect"

import type { Organization } from "../ConfigurationFile.ts"
import { sinkStanding } from "../SinkStanding.ts"

/** What the log knows of Together under this configuration. */
export const standingNow = Effect.fnUntraced(function* (organization: Organization) {
  const log = yield* EventLog
  const { id } = organization
  return yield* sinkStanding(id, organization.configurationHash(yield* log.salt(id)))
})

export const currentPlan = Effect.fn("CurrentPlan.make")(function* (organization: Organization) {
  const { id, policy } = organization
  const standing = yield* standingNow(organization)
  const { guarding, tariff } = standing
  const moment = yield* momentIn(policy.timezone)
  const plan = yield* makePlan({ organization: id, policy, moment, tariff, guarding })
  return { plan, standing }
})
