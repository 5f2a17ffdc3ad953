/**
 * /personnel/v1/employee-changes: everybody touched between two moments, flat and with US dates, never oftener than once in
 * three hours; and the same picture of one person, whenever it is asked for.
 * Called by UltiProRoutes. Further pages of one window belong to the call that opened it and are never too fast.
 */
import { changeRow } from "./UltiProEmployeeRows.ts"
import type { Entry, View } from "./UltiProListings.ts"
import { currentOf, personOf } from "./UltiProPeople.ts"
import type { Person } from "./UltiProPeople.ts"
import { problem } from "./UltiProProblems.ts"
import type { Answer } from "./UltiProProblems.ts"
import type { Query } from "./UltiProQuery.ts"

/** The last window that was opened, and when. */
export interface ChangesWindow {
  readonly key: string
  readonly at: number
}

/** The rows of a window, or why there are none. */
export type ChangesOutcome =
  | { readonly _tag: "Rows"; readonly entries: ReadonlyArray<Entry>; readonly window: ChangesWindow }
  | { readonly _tag: "Refused"; readonly answer: Answer }

/** Milliseconds between two windows. */
export const changesSpacing = 3 * 60 * 60 * 1000

/** At most so many rows on a page. */
export const changesPerPage = 200

/** Opens a window, or turns to another page of the one that is open. */
export const changesBetween = (
  { hr }: View,
  query: Query,
  last: ChangesWindow | undefined,
  now: number
): ChangesOutcome => {
  const from = momentOf(query.get("startdate"))
  const to = momentOf(query.get("enddate"))
  if (from === undefined || to === undefined || to < from) {
    return refused(400, "startDate and endDate must be date-times, the earlier one first.")
  }
  const key = `${from}/${to}`
  const turns = last !== undefined && last.key === key && query.get("page") !== undefined && query.get("page") !== "1"
  if (!turns && last !== undefined && now - last.at < changesSpacing) {
    return refused(429, "employee-changes may be called once in three hours.")
  }
  const entries = hr.people
    .filter((person) => touchedAt(person) >= from && touchedAt(person) <= to)
    .map((person) => ({ row: () => changeRow(hr, person) }))
  return { _tag: "Rows", entries, window: turns ? last : { key, at: now } }
}

/** One person as employee-changes shows them; undefined for somebody unknown. */
export const changeOf = ({ hr }: View, employeeId: string): Entry | undefined => {
  const person = personOf(hr, employeeId)
  return person === undefined ? undefined : { row: () => changeRow(hr, person) }
}

const touchedAt = (person: Person): string => {
  const { changedAt } = currentOf(person)
  return secondOf(changedAt > person.changedAt ? changedAt : person.changedAt)
}

/** A moment to the second, in the tenant's own time; a zone in the parameter is not looked at. */
const momentOf = (text: string | undefined): string | undefined =>
  text !== undefined && /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text)
    ? secondOf(text)
    : undefined

const secondOf = (text: string): string => {
  const day = text.slice(0, 10)
  const [time = "00:00:00"] = /\d{2}:\d{2}(:\d{2})?/.exec(text.slice(11)) ?? []
  return `${day}T${time.padEnd(8, ":00")}`
}

const refused = (status: number, detail: string): ChangesOutcome => ({
  _tag: "Refused",
  answer: problem(status, detail)
})
