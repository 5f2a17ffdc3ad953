/**
 * Employees of the Directory from the log: folds the streams of those concerned and writes the rows that come out.
 *
 * What a row shows is `core/directory/EmployeeView`'s to say. An HR person's row has the person's own UUID as its id; an
 * employee of the API's that was keyed to a person keeps the id it had.
 */
import { type EmployeeRecord, employeeRecordStream, foldRecord } from "@rollcall/core/directory/EmployeeRecord"
import { type EmployeeView, employeeView } from "@rollcall/core/directory/EmployeeView"
import { employeeStreamPrefix } from "@rollcall/core/domain/Employee"
import { Effect } from "effect"
import { type Kysely, sql } from "kysely"

import { type Links, writeEmployees } from "./EmployeeRows.ts"
import type { DriverFailure } from "./Engine.ts"
import { type Projected, type Projecting, rareStreamsIn, streamsIn } from "./Projecting.ts"
import type { Tables } from "./Schema.ts"

/** Whose rows are to be made anew: employees by their id, people by the UUID of their stream. */
export interface Concerned {
  readonly ids: Iterable<string>
  readonly people: Iterable<string>
}

export const projectEmployees = Effect.fnUntraced(function* (projecting: Projecting, { ids, people }: Concerned) {
  const { log, transaction } = projecting
  const given = { ids: [...ids], people: [...people] }
  if (given.ids.length + given.people.length === 0) return
  const known = yield* transaction.run((db) => selectPairs(db, log, given))
  const idOf = new Map(known.flatMap(({ id, person }) => (person === null ? [] : [[person, id] as const])))
  const all = [...new Set([...given.ids, ...given.people.map((person) => idOf.get(person) ?? person)])]
  const records = yield* recordsOf(projecting, all)
  const streams = new Map(records.map((record) => [record.id, `${employeeStreamPrefix}${record.person ?? record.id}`]))
  const histories = yield* streamsIn(projecting, [...streams.values()])
  const views = records.map((record): readonly [EmployeeRecord, EmployeeView | undefined] => {
    const history = histories.get(streams.get(record.id) ?? "") ?? []
    const { moment, policy } = projecting
    return [record, employeeView({ organization: log, record, history }, policy, moment)]
  })
  yield* writeEmployees(projecting, views, yield* linksOf(projecting, views))
})

const recordsOf = (projecting: Projecting, ids: ReadonlyArray<string>): Projected<ReadonlyArray<EmployeeRecord>> =>
  Effect.map(rareStreamsIn(projecting, ids.map(employeeRecordStream)), (found) =>
    ids.map((id) => foldRecord(id, found.get(employeeRecordStream(id)) ?? []))
  )

/** One descent of an index each, whatever the planner believes about the size of the table. */
const selectPairs = async (db: Kysely<Tables>, log: string, { ids, people }: { ids: string[]; people: string[] }) => {
  const { rows } = await sql<{ id: string; person: string | null }>`
    select found.* from unnest(${ids}::uuid[]) as asked (id) cross join lateral (
      select id, person from directory_employees where organization_id = ${log} and id = asked.id limit 1
    ) as found
    union
    select found.* from unnest(${people}::uuid[]) as asked (person) cross join lateral (
      select id, person from directory_employees where organization_id = ${log} and person = asked.person limit 1
    ) as found`.execute(db)
  return rows
}

/** The ids of managers whom HR names by the person, where that is another: employees of the API's own. */
const linksOf = Effect.fnUntraced(function* (
  { log, transaction }: Projecting,
  views: ReadonlyArray<readonly [EmployeeRecord, EmployeeView | undefined]>
): Effect.fn.Return<Links, DriverFailure> {
  const named = new Set<string>()
  const own = new Map<string, string>()
  for (const [, view] of views) {
    if (view === undefined) continue
    for (const row of view.managers) if (row.by === "hr") named.add(row.person)
    if (view.person !== null && view.person !== view.id) own.set(view.person, view.id)
  }
  if (named.size === 0) return own
  const { rows } = yield* transaction.run((db) =>
    sql<{ id: string; person: string }>`
      select found.* from unnest(${[...named]}::uuid[]) as asked (person) cross join lateral (
        select id, person from directory_employees
        where organization_id = ${log} and person = asked.person and made limit 1
      ) as found`.execute(db)
  )
  return new Map([...rows.map(({ id, person }) => [person, id] as const), ...own])
})
