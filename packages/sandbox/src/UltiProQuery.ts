/**
 * The query of a request: names without regard to case, filters on the fields of rows, and date filters whose operator sits
 * inside the value (`>01-31-2026`, `{01-01-2026,01-31-2026}`).
 * Called by UltiProRoutes. A parameter that an endpoint does not document is ignored, as UKG seems to do.
 */
import { Predicate, Result } from "effect"

import { dayOfFilter } from "./UltiProDates.ts"
import type { Row } from "./UltiProLook.ts"

/** Parameters by their name in lower case; where one comes twice the first counts. */
export type Query = ReadonlyMap<string, string>

export const queryOf = (url: URL): Query => {
  const query = new Map<string, string>()
  for (const [name, value] of url.searchParams) {
    if (!query.has(name.toLowerCase())) query.set(name.toLowerCase(), value)
  }
  return query
}

/** A whole number from 1; the default where the parameter is absent, undefined where it is something else. */
export const wholeOf = (query: Query, name: string, absent: number): number | undefined => {
  const text = query.get(name)
  if (text === undefined) return absent
  return /^\d{1,9}$/.test(text.trim()) && Number(text) >= 1 ? Number(text) : undefined
}

/** Whether a row stays in a filtered list. */
export type RowFilter = (row: Row) => boolean

/** The filters of a query out of those that an endpoint documents, or the parameter that cannot be understood. */
export const filtersOf = (
  query: Query,
  documented: ReadonlyArray<string>,
  lists: boolean
): Result.Result<ReadonlyArray<RowFilter>, string> => {
  const filters: Array<RowFilter> = []
  for (const name of documented) {
    const value = query.get(name.toLowerCase())
    if (value === undefined) continue
    const filter = isDateName(name) ? dateFilter(name, value) : equalFilter(name, lists ? value.split(",") : [value])
    if (filter === undefined) return Result.fail(name)
    filters.push(filter)
  }
  return Result.succeed(filters)
}

const isDateName = (name: string) => /^date|Date$/.test(name)

const equalFilter = (name: string, values: ReadonlyArray<string>): RowFilter => {
  const wanted = values.map(folded)
  return (row) => {
    const key = keyIn(row, name)
    return key === undefined || wanted.includes(folded(row[key]))
  }
}

const dateFilter = (name: string, value: string): RowFilter | undefined => {
  const accepts = dayTest(value.trim())
  if (accepts === undefined) return undefined
  return (row) => {
    const key = keyIn(row, name)
    return key === undefined || accepts(plain(row[key]).slice(0, 10))
  }
}

/** Days alone are compared: the tenant's zone is anybody's guess. */
const dayTest = (value: string): ((day: string) => boolean) | undefined => {
  const range = /^\{([^,]*),([^}]*)\}$/.exec(value)
  const operator = range === null ? (/^[<>=]/.exec(value)?.[0] ?? "=") : "{"
  const from = dayOfFilter(range === null ? value.replace(/^[<>=]/, "") : (range[1] ?? ""))
  const to = range === null ? from : dayOfFilter(range[2] ?? "")
  if (from === undefined || to === undefined) return undefined
  if (operator === ">") return (day) => day > from
  if (operator === "<") return (day) => day !== "" && day < from
  return (day) => day >= from && day <= to
}

const keyIn = (row: Row, name: string): string | undefined => {
  const folded = name.toLowerCase()
  return Object.keys(row).find((key) => key.toLowerCase() === folded)
}

const folded = (value: unknown): string => plain(value).trim().toLowerCase()

/** What a filter can look at; arrays and objects are nothing to it. */
const plain = (value: unknown): string =>
  Predicate.isString(value) || Predicate.isNumber(value) || Predicate.isBoolean(value) ? String(value) : ""
