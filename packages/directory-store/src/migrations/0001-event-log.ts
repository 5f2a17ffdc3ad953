/**
 * Heads, commits and events, and the triggers that keep events as they were written.
 *
 * Names sort bytewise (`collate "C"`), so that one prefix of stream names is one range of the unique index.
 */
import { type Kysely, sql } from "kysely"
import type { Migration } from "kysely/migration"

const tables = sql`
create table log_heads (
  organization_id text collate "C" primary key,
  position bigint not null default 0,
  hash bytea not null default '',
  recorded_at timestamptz,
  commit_no bigint not null default 0,
  salt bytea not null
) with (fillfactor = 50)`

const commits = sql`
create table commits (
  organization_id text collate "C" not null references log_heads,
  commit_no bigint not null,
  first_position bigint not null,
  last_position bigint not null,
  recorded_at timestamptz not null,
  run_id text,
  append_key uuid not null,
  request_digest bytea,
  primary key (organization_id, commit_no),
  unique (append_key, organization_id)
)`

const events = sql`
create table events (
  organization_id text collate "C" not null,
  position bigint not null check (position > 0),
  stream text collate "C" not null,
  version integer not null check (version > 0),
  type text not null,
  schema_version smallint not null,
  recorded_at timestamptz not null,
  effective_on date,
  causation_position bigint,
  actor text not null,
  data json not null,
  personal json,
  salt bytea,
  personal_hash bytea,
  hash bytea not null,
  primary key (organization_id, position),
  unique (organization_id, stream, version),
  check ((personal is null) = (salt is null)),
  check (personal is null or personal_hash is not null)
)`

const refuseChange = sql`
create function events_refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.personal is not null and new.personal is null and new.salt is null
    and (new.organization_id, new.position, new.stream, new.version, new.type, new.schema_version, new.recorded_at,
         new.effective_on, new.causation_position, new.actor, new.data::text, new.personal_hash, new.hash)
      is not distinct from
        (old.organization_id, old.position, old.stream, old.version, old.type, old.schema_version, old.recorded_at,
         old.effective_on, old.causation_position, old.actor, old.data::text, old.personal_hash, old.hash)
  then
    return new;
  end if;
  raise exception 'events are never changed or removed (% refused); an erasure takes personal and salt together', tg_op
    using errcode = 'restrict_violation';
end $$`

const rowTrigger = sql`
create trigger events_immutable before update or delete on events
for each row execute function events_refuse_change()`

const truncateTrigger = sql`
create trigger events_not_truncated before truncate on events
for each statement execute function events_refuse_change()`

export const eventLog: Migration = {
  up: async (db: Kysely<unknown>) => {
    for (const statement of [tables, commits, events, refuseChange, rowTrigger, truncateTrigger]) {
      await statement.execute(db)
    }
  }
}
