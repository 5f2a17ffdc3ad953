/**
 * One person, read now by single reads: the rows of person-details and employment-details that are theirs.
 *
 * `UltiProSource` offers it as `lookup`. A server that ignores the filter is found out, because it would answer with
 * somebody else. The employeeId goes into the request and into nothing else.
 */
import { Malformed, type SourceError } from "@rollcall/core/contract/Source"
import type { EmployeeId } from "@rollcall/core/domain/Employee"
import { Effect, Option, Predicate } from "effect"

import type { UltiProClient } from "./UltiProClient.ts"
import type { EmploymentRules } from "./UltiProEmployment.ts"
import { type Endpoint, employmentDetails, locatorOf, personDetails } from "./UltiProEndpoint.ts"
import type { Mapping } from "./UltiProMapping.ts"
import { askFor } from "./UltiProPages.ts"
import { sayPerson, type UltiProMessage } from "./UltiProPeople.ts"
import { EmploymentTable } from "./UltiProTable.ts"
import type { Cell } from "./UltiProWire.ts"

/** No person has as many employments. */
const mostRows = 100

export const lookUp = Effect.fnUntraced(function* (
  client: UltiProClient,
  level: number | undefined,
  mapping: Mapping,
  rules: EmploymentRules,
  key: EmployeeId
): Effect.fn.Return<Option.Option<UltiProMessage>, SourceError> {
  const people = yield* rowsOf(client, personDetails, key)
  const is = people.at(-1)
  if (is === undefined) return Option.none()
  const table = new EmploymentTable()
  const employments = yield* rowsOf(client, employmentDetails(level), key)
  for (const [index, { row }] of employments.entries()) table.put(key, row, { page: 1, row: index + 1 })
  const said = sayPerson(key, { is, page: 1, row: people.length }, table.of(key), mapping, rules)
  return Option.fromUndefinedOr(Predicate.isString(said) ? undefined : said.messages[0])
})

const rowsOf = Effect.fnUntraced(function* <Row extends { readonly employeeId: Cell }>(
  client: UltiProClient,
  endpoint: Endpoint<Row>,
  key: EmployeeId
): Effect.fn.Return<ReadonlyArray<Row>, SourceError> {
  const reply = yield* client.get(endpoint, askFor({ page: 1 }, mostRows, { employeeId: key }))
  if (reply._tag === "NotFound") return []
  if (reply.rows.every((row) => row.employeeId === key)) return reply.rows
  return yield* client.failure(
    new Malformed({
      locator: locatorOf(endpoint.name),
      problem: `UltiPro answered ${endpoint.name} with somebody else than was asked for: the server ignores \`employeeId\`.`,
      remedy: "People cannot be looked up one by one here; a snapshot still reads them."
    })
  )
})
