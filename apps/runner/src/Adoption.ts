/**
 * Keeps an organization's configuration in the log before anything is decided under it.
 *
 * Called by whatever is about to read a source or to send; a dry run keeps nothing. Answers with the configuration's hash.
 */
import { EventLog } from "@rollcall/core/contract/EventLog"
import { adopt } from "@rollcall/core/sync/Adopted"
import { Effect } from "effect"

import type { Organization } from "./ConfigurationFile.ts"
import { version } from "./Package.ts"

export const adoptConfiguration = Effect.fn("Adoption.adopt")(function* ({ id, rules }: Organization) {
  const log = yield* EventLog
  return yield* adopt(id, rules(yield* log.salt(id)), version)
})
