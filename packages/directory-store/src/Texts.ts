/**
 * Texts as PostgreSQL can hold and index them: what the Directory's tables show, and what is looked up in them.
 *
 * HR's words and clients' may hold what JSON can and a text column cannot (a NUL, half of a surrogate pair), and may be
 * of any length. Rows and questions go through the same functions, so that they meet; the log keeps what was said.
 */

import { type RawBuilder, sql } from "kysely"

/** Letters that an index goes by; what is the same up to there is the same to it. */
const indexed = 500

export const plain = (text: string): string => text.toWellFormed().replaceAll("\0", "\uFFFD")

/** By which a text is found without regard to case (`*_key`). */
export const keyOf = (text: string): string => plain(text.toLowerCase().slice(0, indexed))

/** Rows for `json_to_recordset`, or a document. */
export const jsonOf = (rows: unknown): string => {
  const json = JSON.stringify(rows)
  return /\\u(0000|d[89a-f])/.test(json) ? JSON.stringify(rows, plainly) : json
}

const plainly = (_member: string, value: unknown): unknown => (typeof value === "string" ? plain(value) : value)

/**
 * Rows as a table named `given`, a text array a column, each cast to its type: a fraction of what `json_to_recordset`
 * costs the server.
 */
export const tableOf = <Types extends Readonly<Record<string, string>>>(
  rows: ReadonlyArray<{ readonly [column in keyof Types]: unknown }>,
  types: Types
): RawBuilder<unknown> => {
  const columns = Object.entries(types)
  const arrays = columns.map(([column]) => sql`${rows.map((row) => textOf(row[column]))}::text[]`)
  const names = columns.map(([column]) => column).join(", ")
  const casts = columns.map(([column, type]) => `${column}::${type}`).join(", ")
  return sql`(select ${sql.raw(casts)} from unnest(${sql.join(arrays)}) as texts (${sql.raw(names)})) as given`
}

const textOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : typeof value === "string" ? plain(value) : jsonOf(value)
