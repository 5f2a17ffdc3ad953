/**
 * What the tenant has configured in UltiPro: its departments, jobs and places of work.
 *
 * Read once for each snapshot, from lists that have no pages; `UltiProMapping` looks codes up in it. A code is unique within
 * its org level alone, so a department is found by both.
 */
import { type SourceError, Unavailable } from "@rollcall/core/contract/Source"
import { Effect } from "effect"

import type { UltiProClient } from "./UltiProClient.ts"
import type { UltiProConfig } from "./UltiProConfig.ts"
import { type Endpoint, jobs, locations, orgLevels } from "./UltiProEndpoint.ts"
import { notFound } from "./UltiProPages.ts"
import type { JobRow, LocationRow, OrgLevelRow } from "./UltiProWire.ts"

export interface Tenant {
  /** The org level that is the department, if there is one. */
  readonly departmentLevel: number | undefined
  /** Descriptions by the code of that level; undefined where the tenant lists none. */
  readonly departments: ReadonlyMap<string, string | null> | undefined
  readonly jobs: ReadonlyMap<string, string | null> | undefined
  readonly locations: ReadonlyMap<string, LocationRow> | undefined
  /** What an operator should know of it. */
  readonly notices: ReadonlyArray<string>
}

/** Reads the three lists, each once. */
export const readTenant = Effect.fnUntraced(function* (client: UltiProClient, config: UltiProConfig) {
  const levels = yield* readList(client, orgLevels)
  return tenantOf(config, levels, yield* readList(client, jobs), yield* readList(client, locations))
})

/** A list without pages: asked for once, whatever comes. */
export const readList = Effect.fnUntraced(function* <Row>(
  client: UltiProClient,
  endpoint: Endpoint<Row>
): Effect.fn.Return<ReadonlyArray<Row>, SourceError> {
  const reply = yield* client.get(endpoint, {})
  if (reply._tag === "Rows") return reply.rows
  const { remedy } = notFound(endpoint.name, 1)
  return yield* client.failure(new Unavailable({ problem: `UltiPro knows no list ${endpoint.name} (404).`, remedy }))
})

export const tenantOf = (
  config: UltiProConfig,
  levels: ReadonlyArray<OrgLevelRow>,
  jobs: ReadonlyArray<JobRow>,
  locations: ReadonlyArray<LocationRow>
): Tenant => {
  const { level, notice } = departmentLevelOf(config, levels)
  const empty = [
    ...(levels.length === 0 ? ["org-levels"] : []),
    ...(jobs.length === 0 ? ["jobs"] : []),
    ...(locations.length === 0 ? ["locations"] : [])
  ]
  return {
    departmentLevel: level,
    departments: table(
      levels.filter((row) => row.level === level),
      ({ code, description }) => [code, description]
    ),
    jobs: table(jobs, ({ code, title }) => [code, title]),
    locations: table(locations, (row) => [row.code, row]),
    notices: [
      ...(notice === undefined ? [] : [notice]),
      ...empty.map((name) => `UltiPro lists nothing under ${name}: what would be looked up there is left as it is.`)
    ]
  }
}

/** By code; of several rows with one code the first that says something. Undefined when there are none at all. */
const table = <Row, Value>(
  rows: ReadonlyArray<Row>,
  entry: (row: Row) => readonly [string | null, Value]
): ReadonlyMap<string, Value> | undefined => {
  const known = new Map<string, Value>()
  for (const row of rows) {
    const [code, value] = entry(row)
    if (code !== null && (known.get(code) ?? null) === null) known.set(code, value)
  }
  return known.size === 0 ? undefined : known
}

/** The level that the configuration names, or the one whose description says department: alone, or in one word. */
export const departmentLevelOf = (
  config: UltiProConfig,
  levels: ReadonlyArray<OrgLevelRow>
): { readonly level: number | undefined; readonly notice?: string } => {
  if (config.departmentLevel !== undefined) return { level: config.departmentLevel }
  const named = levels.filter(({ level, levelDescription }) => level !== undefined && isDepartment(levelDescription))
  const all = new Set(named.map(({ level }) => level))
  const exact = new Set(named.filter(isPlainly).map(({ level }) => level))
  const [level] = exact.size === 1 ? exact : all.size === 1 ? all : []
  if (level !== undefined) return { level }
  const why = all.size === 0 ? "No org level says that it is the department" : "Several org levels say department"
  return { level: undefined, notice: `${why}: nobody's department is read. Set \`departmentLevel\` (1 to 4).` }
}

const isDepartment = (description: string | null): boolean => description !== null && /department/i.test(description)

const isPlainly = ({ levelDescription }: OrgLevelRow): boolean => /^departments?$/i.test(levelDescription ?? "")

/** The name that people know the department's level by, for `check`. */
export const departmentLevelName = (level: number, levels: ReadonlyArray<OrgLevelRow>): string | undefined =>
  levels.find((row) => row.level === level && row.levelDescription !== null)?.levelDescription ?? undefined
