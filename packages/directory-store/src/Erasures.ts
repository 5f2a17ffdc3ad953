/**
 * The table of streams that take no personal part: erased, and not released since.
 *
 * A projection of `EmployeeErased` and `AccountErased` minus `HoldReleased`, kept in the transaction of each append. Read
 * by every append of an organization that has erased anybody; nobody else pays for it.
 */
import { type Kysely, sql } from "kysely"

import type { Tables } from "./Schema.ts"

/** Those of the streams that are erased. */
export const erasedAmong = async (
  db: Kysely<Tables>,
  organization: string,
  streams: ReadonlyArray<string>
): Promise<Set<string>> => {
  if (streams.length === 0) return new Set()
  const rows = await db
    .selectFrom("erasures")
    .select("stream")
    .where("organization_id", "=", organization)
    .where(sql<boolean>`stream = any(${streams}::text[])`)
    .execute()
  return new Set(rows.map(({ stream }) => stream))
}

/** By stream: the position of its erasure; null where it was lifted. */
export type ErasureChanges = ReadonlyMap<string, number | null>

export const writeErasures = async (
  db: Kysely<Tables>,
  organization: string,
  changes: ErasureChanges
): Promise<void> => {
  const lifted = [...changes].flatMap(([stream, position]) => (position === null ? [stream] : []))
  const erased = [...changes].flatMap(([stream, position]) => (position === null ? [] : [{ stream, position }]))
  if (lifted.length > 0) {
    await db
      .deleteFrom("erasures")
      .where("organization_id", "=", organization)
      .where(sql<boolean>`stream = any(${lifted}::text[])`)
      .execute()
  }
  if (erased.length === 0) return
  await db
    .insertInto("erasures")
    .values(erased.map((row) => ({ organization_id: organization, ...row })))
    .onConflict((conflict) =>
      conflict.columns(["organization_id", "stream"]).doUpdateSet((eb) => ({ position: eb.ref("excluded.position") }))
    )
    .execute()
}
