/**
 * Shows nothing of a run: what came of it is in its report.
 */
import { Effect } from "effect"

import type { Watch } from "../SendRun.ts"

export const silent: Watch = {
  ingesting: () => Effect.void,
  ingested: () => Effect.void,
  planned: () => Effect.void,
  reconciling: () => Effect.void,
  verified: () => Effect.void
}
