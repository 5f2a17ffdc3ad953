/**
 * Texts as PostgreSQL can hold and index them: what the Directory's tables show, and what is looked up in them.
 *
 * HR's words and clients' may hold what JSON can and a text column cannot (a NUL, half of a surrogate pair), and may be
 * of any length. Rows and questions go through the same functions, so that they meet; the log keeps what was said.
 */

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
