/**
 * The operations as one pure function: from a request and the tenant to an answer. Sign-in first, then the method, then the
 * path, then the permission, then the query.
 * Called by UltiProServer once per request. It never judges, never touches a socket, and of a fault it knows only what
 * concerns rows: an earlier page, none, a wrapped array, a next page elsewhere.
 */
import { Result } from "effect"

import { changeOf, changesBetween, changesPerPage } from "./UltiProChanges.ts"
import type { ChangesWindow } from "./UltiProChanges.ts"
import { codeTablesOf } from "./UltiProConfigurationRows.ts"
import type { Fault } from "./UltiProFaults.ts"
import { listingOf } from "./UltiProListings.ts"
import type { Entry, Listing, View } from "./UltiProListings.ts"
import { secretOf } from "./UltiProLook.ts"
import { limitsUnder, pageOf } from "./UltiProPaging.ts"
import type { HumanResources } from "./UltiProPeople.ts"
import { forbidden, problem, unauthorized } from "./UltiProProblems.ts"
import type { Answer } from "./UltiProProblems.ts"
import { filtersOf, queryOf } from "./UltiProQuery.ts"
import type { Query } from "./UltiProQuery.ts"
import type { UltiProScope, UltiProSettings } from "./UltiProSettings.ts"

/** A request as the routes see it. */
export interface UltiProRequest {
  readonly method: string
  readonly url: URL
  readonly header: (name: string) => string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  readonly fault: Fault | undefined
}

/** What the answer depends on. Credentials and scopes in `settings` are those of the moment. */
export interface Tenant {
  readonly hr: HumanResources
  readonly settings: UltiProSettings
  readonly changes: ChangesWindow | undefined
}

/** The answer, and the window of employee-changes after it. */
export interface Decision {
  readonly answer: Answer
  readonly changes: ChangesWindow | undefined
}

/** Answers one request. */
export const decideRequest = (tenant: Tenant, request: UltiProRequest): Decision => {
  const says = (answer: Answer): Decision => ({ answer, changes: tenant.changes })
  const refused = unauthorized(request.header, tenant.settings)
  if (refused !== undefined) return says(refused)
  if (request.method !== "GET") return says(problem(405, "This account may only read.", { allow: "GET" }))
  const target = targetOf(request.url)
  if (target === undefined) return says(problem(404, "There is no such resource."))
  if (!tenant.settings.scopes.includes(target.scope)) return says(forbidden(target.scope))
  const scene: Scene = { tenant, request, view: viewOf(tenant, request), query: queryOf(request.url) }
  if (target._tag === "Changes") return changes(scene, target.employeeId)
  return says(target._tag === "Table" ? table(scene, target.name) : list(scene, target))
}

/** The number of the page a request asks for, as faults count it. */
export const askedPage = (url: URL): number => Number(queryOf(url).get("page") ?? 1)

interface Scene {
  readonly tenant: Tenant
  readonly request: UltiProRequest
  readonly view: View
  readonly query: Query
}

type Target =
  | { readonly _tag: "Changes"; readonly scope: UltiProScope; readonly employeeId?: string }
  | { readonly _tag: "Table"; readonly scope: UltiProScope; readonly name: string }
  | {
      readonly _tag: "List"
      readonly scope: UltiProScope
      readonly listing: Listing
      /** Filters that the path itself sets. */
      readonly path: ReadonlyArray<readonly [name: string, value: string]>
      /** Whether the path names one person, so that nobody found is a 404. */
      readonly single: boolean
    }

const targetOf = (url: URL): Target | undefined => {
  const [root = "", version, ...rest] = url.pathname.split("/").slice(1).map(decoded)
  if (version !== "v1" || rest.length === 0 || rest.includes("")) return undefined
  const [name = "", key] = rest
  if (root === "personnel" && name === "employee-changes" && rest.length <= 2) {
    return { _tag: "Changes", scope: "EmployeeExport", ...(key === undefined ? {} : { employeeId: key }) }
  }
  if (root === "configuration" && name === "code-tables" && key !== undefined && rest.length === 2) {
    return { _tag: "Table", scope: "Company Configuration Integration", name: key }
  }
  if (rest.length === 1) return listTarget(`${root}/${name}`, [], false)
  return root === "personnel" ? personnelTarget(rest) : undefined
}

/** person-details/{e}, companies/{c}/<list>, companies/{c}/employees/{e}/<list>. */
const personnelTarget = (rest: ReadonlyArray<string>): Target | undefined => {
  const [first, second = "", third, fourth = "", fifth = ""] = rest
  const company = ["companyId", second] as const
  if (first === "person-details" && rest.length === 2) {
    return listTarget("personnel/person-details", [["employeeId", second]], true)
  }
  if (first !== "companies") return undefined
  if (rest.length === 3 && hasVariants(third)) return listTarget(`personnel/${third}`, [company], false)
  const nested = rest.length === 5 && third === "employees" && hasVariants(fifth)
  return nested ? listTarget(`personnel/${fifth}`, [company, ["employeeId", fourth]], true) : undefined
}

const hasVariants = (name: string | undefined) => name === "person-details" || name === "employment-details"

const listTarget = (
  name: string,
  path: ReadonlyArray<readonly [string, string]>,
  single: boolean
): Target | undefined => {
  const listing = listingOf(name)
  return listing === undefined ? undefined : { _tag: "List", scope: listing.scope, listing, path, single }
}

const viewOf = ({ hr, settings }: Tenant, { url }: UltiProRequest): View => ({
  hr,
  settings,
  secret: secretOf(settings.canary),
  origin: url.origin
})

const list = (scene: Scene, { listing, path, single }: Target & { readonly _tag: "List" }): Answer => {
  const { settings } = scene.tenant
  const query = new Map([...scene.query, ...path.map(([name, value]) => [name.toLowerCase(), value] as const)])
  const filters = filtersOf(query, listing.filters, listing.lists === true)
  if (Result.isFailure(filters)) return problem(400, `The value of ${filters.failure} is not understood.`)
  const home = listing.filters.includes("isHomeCompany") ? query.get("ishomecompany")?.toLowerCase() : undefined
  const filtered = filters.success.length > 0 || home !== undefined
  const entries = listing
    .entries(scene.view)
    .filter((entry) => home === undefined || entry.home === undefined || String(entry.home) === home)
  const found = filters.success.length === 0 ? entries : keeping(entries, filters.success)
  if (found.length === 0 && (single || (filtered && settings.emptyList === "404"))) {
    return problem(404, "No records match the request.")
  }
  return shown(scene, found, listing)
}

/** Rows that were made to be looked at are not made again. */
const keeping = (
  entries: ReadonlyArray<Entry>,
  filters: ReadonlyArray<(row: ReturnType<Entry["row"]>) => boolean>
): ReadonlyArray<Entry> =>
  entries
    .map((entry) => entry.row())
    .filter((row) => filters.every((keeps) => keeps(row)))
    .map((row) => ({ row: () => row }))

/** A page of the entries, or all of them where the list has no pages, as a fault may want to have it. */
const shown = (scene: Scene, entries: ReadonlyArray<Entry>, { paging }: Pick<Listing, "paging">): Answer => {
  const { query, request, tenant } = scene
  if (paging === undefined) return disguised({ status: 200, body: entries.map(({ row }) => row()) }, request.fault)
  const back = request.fault?.kind === "repeat-page" ? 1 : 0
  const limits = limitsUnder(tenant.settings, paging)
  const page = pageOf(entries.length, { url: request.url, query }, limits, tenant.settings, back)
  if (Result.isFailure(page)) return problem(400, page.failure)
  const { from, headers, to } = page.success
  return disguised({ status: 200, body: entries.slice(from, to).map(({ row }) => row()), headers }, request.fault)
}

const disguised = (answer: Answer, fault: Fault | undefined): Answer => {
  if (fault?.kind === "empty") return { status: 200, body: [] }
  if (fault?.kind === "object") return { ...answer, body: { value: answer.body } }
  if (fault?.kind !== "foreign-next") return answer
  return { ...answer, headers: { link: `<${fault.origin}/personnel/v1/person-details?page=2>; rel="next"` } }
}

const table = ({ request, view }: Scene, name: string): Answer => {
  const rows = codeTablesOf(view.hr.organisation).get(name.toUpperCase())
  return rows === undefined
    ? problem(404, "There is no such code table.")
    : disguised({ status: 200, body: rows }, request.fault)
}

const changes = (scene: Scene, employeeId: string | undefined): Decision => {
  const { query, request, tenant, view } = scene
  const unchanged = tenant.changes
  if (employeeId !== undefined) {
    const entry = changeOf(view, employeeId)
    const answer = entry === undefined ? problem(404, "No records match the request.") : shown(scene, [entry], {})
    return { answer, changes: unchanged }
  }
  const outcome = changesBetween(view, query, unchanged, request.now)
  if (outcome._tag === "Refused") return { answer: outcome.answer, changes: unchanged }
  const limits = { paging: { usual: changesPerPage, most: changesPerPage } }
  return { answer: shown(scene, outcome.entries, limits), changes: outcome.window }
}

/** A path segment in clear; a broken escape stays as it is and matches nothing. */
const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
