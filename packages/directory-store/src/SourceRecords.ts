/**
 * What sources have said last, as the appends of their words left it. Read here, written by AppendTransaction.
 */
import type { SeenRecord, StoreError } from "@rollcall/core/contract/EventLog"
import type { EmployeeStream } from "@rollcall/core/domain/Employee"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Option, Stream } from "effect"
import { sql } from "kysely"

import type { Database } from "./Database.ts"

export const readSeen = (
  database: Database["Service"],
  organization: OrganizationId,
  source: string,
  streams: ReadonlyArray<string>
): Effect.Effect<ReadonlyMap<string, SeenRecord>, StoreError> =>
  database
    .queryByIndex((db) =>
      db
        .selectFrom("source_records")
        .select(["source", "stream", "digest", "present"])
        .where("organization_id", "=", organization)
        .where("source", "=", source)
        .where(sql<boolean>`stream = any(${streams}::text[])`)
        .execute()
    )
    .pipe(Effect.map((records) => new Map(records.map((record) => [record.stream, record]))))

const presentPage = 5000

export const readPresent = (
  database: Database["Service"],
  organization: OrganizationId,
  source: string
): Stream.Stream<EmployeeStream, StoreError> =>
  Stream.paginate<string, EmployeeStream, StoreError>("", (after) =>
    database
      .queryByIndex((db) =>
        db
          .selectFrom("source_records")
          .select("stream")
          .where("organization_id", "=", organization)
          .where("source", "=", source)
          .where("present", "=", true)
          .where("stream", ">", after)
          .orderBy("stream")
          .limit(presentPage)
          .execute()
      )
      .pipe(
        Effect.map((rows) => {
          const streams = rows.map(({ stream }) => stream as EmployeeStream)
          return [streams, Option.fromUndefinedOr(streams.at(-1))] as const
        })
      )
  )

export const readCursor = (
  database: Database["Service"],
  organization: OrganizationId,
  source: string
): Effect.Effect<string | null, StoreError> =>
  database
    .queryByIndex((db) =>
      db
        .selectFrom("source_cursors")
        .select("cursor")
        .where("organization_id", "=", organization)
        .where("source", "=", source)
        .executeTakeFirst()
    )
    .pipe(Effect.map((row) => row?.cursor ?? null))
