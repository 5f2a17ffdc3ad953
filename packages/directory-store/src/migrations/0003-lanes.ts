/**
 * Lanes: who may send now, when the next may, and which credentials are refused; and who waits for its turn.
 *
 * `salt` is the lane's secret, made with its row: whoever shares the lane shares what is known of its credentials.
 * The rows are small and written at every request, so pages leave room for new versions beside the old ones.
 */
import { type Kysely, sql } from "kysely"
import type { Migration } from "kysely/migration"

const lanes = sql`
create table lanes (
  lane text collate "C" primary key,
  salt bytea not null,
  grant_no bigint not null default 0,
  request uuid,
  deadline timestamptz,
  grant_credentials bytea,
  not_before timestamptz not null,
  faults integer not null default 0,
  circuit_since timestamptz,
  circuit_reason text,
  circuit_credentials bytea,
  check ((request is null) = (deadline is null)),
  check ((circuit_since is null) = (circuit_reason is null)),
  check ((circuit_since is null) = (circuit_credentials is null))
) with (fillfactor = 20)`

const waiters = sql`
create table lane_waiters (
  lane text collate "C" not null,
  request uuid not null,
  urgency smallint not null,
  expires_at timestamptz not null,
  primary key (lane, request)
) with (fillfactor = 20)`

export const lanesAndWaiters: Migration = {
  up: async (db: Kysely<unknown>) => {
    for (const statement of [lanes, waiters]) await statement.execute(db)
  }
}
