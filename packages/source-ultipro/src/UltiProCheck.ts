/**
 * A look at the tenant without taking anything over: does it answer, are the credentials right, is every permission there?
 *
 * `UltiProSource` runs it as the source's `check`. One small page of each of the two lists of people and the org levels:
 * a request for each permission. A permission that is missing does not keep the others from being tried.
 */
import type { CheckReport, SourceError } from "@rollcall/core/contract/Source"
import { Array as Arr, Effect, Predicate, Result } from "effect"

import type { UltiProClient } from "./UltiProClient.ts"
import type { UltiProConfig } from "./UltiProConfig.ts"
import { companyNames, type Endpoint, orgLevels, permissionMissing, personDetails } from "./UltiProEndpoint.ts"
import { askFor, notFound } from "./UltiProPages.ts"
import { counted } from "./UltiProTally.ts"
import { departmentLevelName, departmentLevelOf } from "./UltiProTenant.ts"
import type { Cell, OrgLevelRow } from "./UltiProWire.ts"

/** Enough to see companies by. */
const sampleSize = 100

export const checkTenant = Effect.fn("UltiProCheck.checkTenant")(function* (
  client: UltiProClient,
  config: UltiProConfig
) {
  const levels = yield* look(client, orgLevels, {})
  const people = yield* look(client, personDetails, askFor({ page: 1 }, sampleSize))
  const companies = yield* look(client, companyNames, askFor({ page: 1 }, sampleSize))
  if (Result.isFailure(levels) || Result.isFailure(people) || Result.isFailure(companies)) {
    const refused = [Result.getFailure(levels), Result.getFailure(people), Result.getFailure(companies)]
    return yield* client.failure(permissionMissing(Arr.getSomes(refused)))
  }
  return report(client.origin, config, levels.success, people.success.length, companies.success)
})

/** The rows of one page, or the list that may not be read. */
const look = Effect.fnUntraced(function* <Row>(
  client: UltiProClient,
  endpoint: Endpoint<Row>,
  ask: Parameters<UltiProClient["get"]>[1]
): Effect.fn.Return<Result.Result<ReadonlyArray<Row>, Endpoint<unknown>>, SourceError> {
  const looked = yield* Effect.result(client.get(endpoint, ask))
  if (Result.isFailure(looked)) {
    if (looked.failure.reason._tag === "PermissionMissing") return Result.fail(endpoint)
    return yield* looked.failure
  }
  if (looked.success._tag === "NotFound") return yield* client.failure(notFound(endpoint.name, 1))
  return Result.succeed(looked.success.rows)
})

const report = (
  origin: string,
  config: UltiProConfig,
  levels: ReadonlyArray<OrgLevelRow>,
  people: number,
  companies: ReadonlyArray<Cell>
): CheckReport => {
  const names = [...new Set(companies.filter(Predicate.isString))]
  const department = departmentLevelOf(config, levels)
  const more = people === sampleSize ? "at least " : ""
  return {
    summary: `${origin}: ${names.length === 0 ? "companies without a name" : names.join(", ")}; the first page shows ${more}${counted(people, "person", "people")}`,
    findings: [
      ...departmentFindings(department, levels),
      ...emptyLists([
        ["person-details", people],
        ["employment-details", companies.length]
      ])
    ]
  }
}

const departmentFindings = (
  { level, notice }: ReturnType<typeof departmentLevelOf>,
  levels: ReadonlyArray<OrgLevelRow>
): ReadonlyArray<string> => {
  if (level === undefined) return notice === undefined ? [] : [notice]
  const name = departmentLevelName(level, levels)
  return [
    name === undefined
      ? `Org level ${level} is read as the department, but UltiPro lists no such level.`
      : `Org level ${level} ("${name}") is read as the department.`
  ]
}

const emptyLists = (lists: ReadonlyArray<readonly [string, number]>): ReadonlyArray<string> =>
  lists
    .filter(([, rows]) => rows === 0)
    .map(
      ([name]) =>
        `${name} is empty, so a snapshot would be refused: see which companies the service account may look into.`
    )
