/**
 * The tables as Kysely sees them, column for column as the migrations make them.
 *
 * Times and dates are text on both sides (the statements format them, microseconds and all); they never become a
 * JavaScript date. `json` columns are text too: the bytes that were hashed are the bytes that come back.
 */
import type { ColumnType, Generated } from "kysely"

import type { DirectoryTables } from "./DirectorySchema.ts"

/** The end of each organization's log; locked by every append. `salt` is the organization's secret, made once. */
export interface LogHeads {
  organization_id: string
  position: Generated<number>
  hash: Generated<Uint8Array>
  recorded_at: string | null
  commit_no: Generated<number>
  salt: Uint8Array
}

/** One row an append. `request_digest` null: an erasure took it, the append key alone is compared. */
export interface Commits {
  organization_id: string
  commit_no: number
  first_position: number
  last_position: number
  recorded_at: string
  run_id: string | null
  append_key: string
  request_digest: Uint8Array | null
}

/** Never changed but by an erasure, which takes `personal` and `salt` together (trigger `events_immutable`). */
export interface Events {
  organization_id: string
  position: number
  stream: string
  version: number
  type: string
  schema_version: number
  recorded_at: string
  effective_on: string | null
  causation_position: number | null
  actor: string
  data: ColumnType<string>
  personal: ColumnType<string | null>
  salt: Uint8Array | null
  personal_hash: Uint8Array | null
  hash: Uint8Array
}

/** Streams that take no personal part: erased at that position, and not released since. */
export interface Erasures {
  organization_id: string
  stream: string
  position: number
}

export interface SourceCursors {
  organization_id: string
  source: string
  cursor: string
}

/** What a source said last of each person. */
export interface SourceRecords {
  organization_id: string
  source: string
  stream: string
  digest: string | null
  present: boolean
}

/** How far each reader of the log has come; moved by compare-and-set in the transaction of what it belongs to. */
export interface Checkpoints {
  organization_id: string
  reader: string
  position: number
}

/**
 * One row a lane, locked by every grant and every release. `request`, `deadline` and `grant_credentials` are those of
 * the grant in use. Credentials are kept as HMAC-SHA256 with the lane's `salt`.
 */
export interface Lanes {
  lane: string
  salt: Uint8Array
  grant_no: Generated<number>
  request: string | null
  deadline: string | null
  grant_credentials: Uint8Array | null
  not_before: string
  faults: Generated<number>
  circuit_since: string | null
  circuit_reason: string | null
  circuit_credentials: Uint8Array | null
}

/** Who goes before the routine; a smaller `urgency` goes first. */
export interface LaneWaiters {
  lane: string
  request: string
  urgency: number
  expires_at: string
}

export interface Tables extends DirectoryTables {
  log_heads: LogHeads
  commits: Commits
  events: Events
  erasures: Erasures
  source_cursors: SourceCursors
  source_records: SourceRecords
  checkpoints: Checkpoints
  lanes: Lanes
  lane_waiters: LaneWaiters
}
