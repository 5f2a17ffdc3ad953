/**
 * Events as they are kept, byte for byte, page by page: what the chain is computed from again, and what is exported.
 *
 * Two pages are under way at once. A page ends early where its events are large, so that memory stays flat. Reads only,
 * and never parses `data` or `personal`.
 */
import type { KeptEvent, StoreError } from "@rollcall/core/contract/EventLog"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import type { Stream } from "effect"
import { type Kysely, sql } from "kysely"

import type { Database } from "./Database.ts"
import { pageBytes, pageEvents, timeText } from "./EventPage.ts"
import { inRanges, type Range } from "./Read.ts"
import type { Tables } from "./Schema.ts"

export const readKept = (
  database: Database["Service"],
  organization: OrganizationId,
  upTo: number
): Stream.Stream<KeptEvent, StoreError> =>
  inRanges({ after: 0, upTo }, (range) => database.queryByIndex((db) => selectKept(db, organization, range)))

/** `before` is the size of the page up to an event, compressed as it is stored; the event that passes it is still in. */
const selectKept = (db: Kysely<Tables>, organization: OrganizationId, { after, upTo }: Range) =>
  db
    .with("few", (few) =>
      few
        .selectFrom("events")
        .selectAll()
        .select(
          sql<number>`sum(pg_column_size(data) + coalesce(pg_column_size(personal), 0)) over (order by position)
            - pg_column_size(data) - coalesce(pg_column_size(personal), 0)`.as("before")
        )
        .where("organization_id", "=", organization)
        .where("position", ">", after)
        .where("position", "<=", upTo)
        .orderBy("position")
        .limit(pageEvents)
    )
    .selectFrom("few")
    .select(["organization_id as organization", "position", "stream", "version", "type"])
    .select(["schema_version as schemaVersion", timeText("recorded_at").as("recordedAt")])
    .select([sql<string | null>`to_char(effective_on, 'YYYY-MM-DD')`.as("effectiveOn")])
    .select(["causation_position as causation", "actor", sql<string>`data::text`.as("data")])
    .select([sql<string | null>`personal::text`.as("personal"), sql<string | null>`encode(salt, 'hex')`.as("salt")])
    .select(sql<string | null>`encode(personal_hash, 'hex')`.as("personalHash"))
    .select(sql<string>`encode(hash, 'hex')`.as("hash"))
    .where("before", "<", pageBytes)
    .orderBy("position")
    .execute()
