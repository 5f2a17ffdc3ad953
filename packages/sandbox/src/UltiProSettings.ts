/**
 * The options of the stand-in of UKG Pro with their defaults: what UKG's pages leave open is an option, so a client can be
 * tried under every plausible tenant.
 * Called by UltiProServer at start; read by the model, the rows and the routes. Values only, frozen.
 */
import type { Day } from "./UltiProDates.ts"
import type { FaultRule } from "./UltiProFaults.ts"

/** What a web service account signs in with. The user API key is handed out too, and not asked for by default. */
export interface UltiProCredentials {
  readonly username: string
  readonly password: string
  readonly customerApiKey: string
  readonly userApiKey: string
}

/** A permission ("View") of a web service account. */
export type UltiProScope = (typeof ultiProScopes)[number]

export const ultiProScopes = [
  "Personnel Integration",
  "Employee Person Details",
  "Company Configuration Integration",
  "EmployeeExport",
  "Employee Job History Details"
] as const

/** What Together's instructions tell a customer to grant. */
export const togetherScopes: ReadonlyArray<UltiProScope> = [
  "Personnel Integration",
  "Employee Person Details",
  "Company Configuration Integration"
]

/**
 * - `link`: a Link header with rel first, previous, next, last; past the end `200 []`.
 * - `silent`: no Link; past the end `200 []`.
 * - `clamp`: as silent, and a per_Page above maxPerPage is cut to it without a word, whatever `overMaxPerPage` says.
 * - `ignores-page`: every page is page 1, no Link.
 * - `no-end`: a page past the end repeats the last one, no Link.
 */
export type PagingMode = (typeof pagingModes)[number]

export const pagingModes = ["link", "silent", "clamp", "ignores-page", "no-end"] as const

export interface UltiProCompany {
  readonly companyId: string
  readonly companyCode: string
  readonly companyName: string
}

/** Everything about the stand-in that can be chosen; all of it is optional. */
export interface UltiProSandboxOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number | undefined
  readonly credentials?: UltiProCredentials | undefined
  /** People on the first day, those who left and those who are still to come included; 200 by default. */
  readonly population?: number | undefined
  readonly companies?: ReadonlyArray<UltiProCompany> | undefined
  /** The same seed makes the same people and the same days; 1 by default. */
  readonly seed?: number | undefined
  /** The first day; "2026-01-05" by default. */
  readonly today?: Day | undefined
  readonly scopes?: ReadonlyArray<UltiProScope> | undefined
  /** "link" by default. */
  readonly paging?: PagingMode | undefined
  /** 10,000 by default, as UKG's since 2022. */
  readonly maxPerPage?: number | undefined
  /** What becomes of a larger per_Page: cut to maxPerPage (default) or answered 400. UKG does not say. */
  readonly overMaxPerPage?: "clamp" | "refuse" | undefined
  /** What a filtered list without rows answers: `200 []` (default) or 404. UKG does not say. */
  readonly emptyList?: "array" | "404" | undefined
  /** Which of the four org levels is the department; 2 by default. */
  readonly departmentLevel?: 1 | 2 | 3 | 4 | undefined
  /** The name of a job's code in /configuration/v1/jobs, seen in both forms; "jobCode" by default. */
  readonly jobCodeField?: "jobCode" | "code" | undefined
  /** A header that must carry the user API key; asked for in none by default. */
  readonly userApiKeyHeader?: string | undefined
  /** A text woven into every value that must go nowhere: numbers of the state, health, pay, home street, phones. */
  readonly canary?: string | undefined
  /** Milliseconds before every answer; 0 by default. */
  readonly latency?: number | undefined
  readonly faults?: ReadonlyArray<FaultRule> | undefined
}

/** The options with every default filled in. */
export type UltiProSettings = {
  readonly [Name in Exclude<keyof UltiProSandboxOptions, "userApiKeyHeader" | "canary">]-?: Exclude<
    UltiProSandboxOptions[Name],
    undefined
  >
} & { readonly userApiKeyHeader: string | undefined; readonly canary: string | undefined }

/** The credentials of the demo: no secrets, they open nothing but this stand-in. */
export const demoUltiPro: UltiProCredentials = {
  username: "TogetherIntegration",
  password: "demo:password",
  customerApiKey: "DEMO5",
  userApiKey: "DEMOUSERKEY1"
}

export const demoCompanies: ReadonlyArray<UltiProCompany> = [
  { companyId: "6Y4NV", companyCode: "CANHQ", companyName: "Northwind Canada Inc." },
  { companyId: "7K2QX", companyCode: "USOPS", companyName: "Northwind Operations LLC" }
]

export const settingsOf = (options: UltiProSandboxOptions): UltiProSettings =>
  Object.freeze({
    port: options.port ?? 0,
    credentials: options.credentials ?? demoUltiPro,
    population: options.population ?? 200,
    companies: options.companies ?? demoCompanies,
    seed: options.seed ?? 1,
    today: options.today ?? "2026-01-05",
    scopes: options.scopes ?? togetherScopes,
    paging: options.paging ?? "link",
    maxPerPage: options.maxPerPage ?? 10_000,
    overMaxPerPage: options.overMaxPerPage ?? "clamp",
    emptyList: options.emptyList ?? "array",
    departmentLevel: options.departmentLevel ?? 2,
    jobCodeField: options.jobCodeField ?? "jobCode",
    userApiKeyHeader: options.userApiKeyHeader,
    canary: options.canary,
    latency: options.latency ?? 0,
    faults: options.faults ?? []
  })
