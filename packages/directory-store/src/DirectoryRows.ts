/**
 * What the services of the Directory have in common when they read: places in lists, times, who did it, which log.
 */
import {
  type CreationInfo,
  type Listing,
  NotFound,
  type Page,
  type StatusInfo
} from "@rollcall/core/contract/Directory"
import { accountPrefix } from "@rollcall/core/directory/AccountRecord"
import { isUuid } from "@rollcall/core/domain/Employee"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect } from "effect"
import type { Kysely } from "kysely"

import { refuse } from "./DirectoryWrite.ts"
import type { Tables } from "./Schema.ts"

/** A query under whatever connection there is: the database's own, or a transaction's. */
export type Run<E> = <A>(query: (db: Kysely<Tables>) => Promise<A>) => Effect.Effect<A, E>

/** An account's id, where it was an account. */
export const accountIn = (actor: string): string | null =>
  actor.startsWith(accountPrefix) ? actor.slice(accountPrefix.length) : null

export const creation = (row: { readonly created_at: string; readonly created_by: string }): CreationInfo => ({
  createdAt: row.created_at,
  createdBy: accountIn(row.created_by)
})

/** Of what has no status of its own: as it was made. */
export const activeSince = (row: { readonly created_at: string; readonly created_by: string }): StatusInfo => ({
  current: "ACTIVE",
  changedAt: row.created_at,
  changedBy: accountIn(row.created_by)
})

/** The page of rows that were asked for one too many. `keyOf` are the values that the order is made of. */
export const listing = <Row, A>(
  rows: ReadonlyArray<Row>,
  { limit }: Page,
  keyOf: (row: Row) => ReadonlyArray<string>,
  view: (row: Row) => A
): Listing<A> => {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    items: rows.slice(0, limit).map(view),
    next: last === undefined ? null : Buffer.from(JSON.stringify(keyOf(last))).toString("base64url")
  }
}

/** The values that `after` names; undefined: from the beginning (also where it names nothing of ours). */
export const placeAfter = ({ after }: Page, parts: number): ReadonlyArray<string> | undefined => {
  if (after === null) return undefined
  try {
    const place: unknown = JSON.parse(Buffer.from(after, "base64url").toString())
    const sound = Array.isArray(place) && place.length === parts && place.every((part) => typeof part === "string")
    return sound && !place.some((part: string) => part.includes("\0")) ? place : undefined
  } catch {
    return undefined
  }
}

/** What somebody made up names no row, and must not be an error of the database's. */
export const uuidOrLeast = (id: string | undefined): string =>
  id !== undefined && isUuid(id) ? id : "00000000-0000-0000-0000-000000000000"

const knownBy = new WeakMap<object, Map<string, OrganizationId>>()

const knownTo = (run: object): Map<string, OrganizationId> => {
  const known = knownBy.get(run) ?? new Map<string, OrganizationId>()
  knownBy.set(run, known)
  return known
}

/** The log of an organization; its name never changes, so a database is asked once. */
export const logOf = Effect.fnUntraced(function* <E>(run: Run<E>, id: string) {
  const known = knownTo(run)
  const remembered = known.get(id)
  if (remembered !== undefined) return remembered
  if (!isUuid(id)) return yield* refuse(new NotFound({ what: "organization", id }))
  const row = yield* run((db) =>
    db.selectFrom("directory_organizations").select("organization_id").where("id", "=", id).executeTakeFirst()
  )
  if (row === undefined) return yield* refuse(new NotFound({ what: "organization", id }))
  const log = OrganizationId.make(row.organization_id)
  known.set(id, log)
  return log
})
