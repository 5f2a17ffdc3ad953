/**
 * A plain caller of the stand-in of UKG Pro, made of fetch alone: the tests speak HTTP and never import a client.
 * Used by every UltiPro test of this package.
 */
import { Effect } from "effect"

import { placeOfRole } from "../src/UltiProCast.ts"
import type { RoleName } from "../src/UltiProCast.ts"
import { employeeIdOf } from "../src/UltiProPopulation.ts"
import type { UltiProSandbox } from "../src/UltiProServer.ts"
import { demoUltiPro } from "../src/UltiProSettings.ts"
import type { UltiProCredentials } from "../src/UltiProSettings.ts"

export type Row = Record<string, unknown>

export interface Reply {
  readonly status: number
  readonly text: string
  readonly json: unknown
  /** The body as rows; nothing where it is no array. */
  readonly rows: ReadonlyArray<Row>
  readonly headers: Headers
}

export interface Asking {
  readonly headers?: Record<string, string>
  readonly without?: string
  readonly method?: string
  readonly signal?: AbortSignal
}

export const persons = "/personnel/v1/person-details"
export const employments = "/personnel/v1/employment-details"

export const basic = ({ password, username }: Pick<UltiProCredentials, "username" | "password">) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`

export const goodHeaders: Record<string, string> = {
  authorization: basic(demoUltiPro),
  "us-customer-api-key": demoUltiPro.customerApiKey,
  accept: "application/json"
}

export const ask = (sandbox: UltiProSandbox, path: string, asking: Asking = {}): Effect.Effect<Reply> =>
  Effect.promise(() => askNow(sandbox, path, asking))

/** Rows of a list that must be there. */
export const rowsOf = (sandbox: UltiProSandbox, path: string) => Effect.map(ask(sandbox, path), ({ rows }) => rows)

export const askNow = async (sandbox: UltiProSandbox, path: string, asking: Asking = {}): Promise<Reply> => {
  const headers = { ...goodHeaders, ...asking.headers }
  if (asking.without !== undefined) delete headers[asking.without]
  const response = await fetch(`${sandbox.url}${path}`, {
    headers,
    method: asking.method ?? "GET",
    ...(asking.signal === undefined ? {} : { signal: asking.signal })
  })
  const text = await response.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  return { status: response.status, text, json, rows: Array.isArray(json) ? json : [], headers: response.headers }
}

/** The EEID of whoever plays a role in the first block. */
export const playing = (role: RoleName, seed = 1) => employeeIdOf(seed, placeOfRole(role))

/** The address in a Link header. */
export const linkOf = ({ headers }: Reply, rel: string): string | undefined =>
  headers
    .get("link")
    ?.split(", ")
    .find((part) => part.endsWith(`rel="${rel}"`))
    ?.replace(/^<(.*)>.*$/, "$1")

/** The key of an employment: a person in a company. */
export const keyOf = (row: Row): string => `${String(row["employeeID"])}/${String(row["companyID"])}`

/** The employments of whoever plays a role. */
export const jobsOf = (sandbox: UltiProSandbox, role: RoleName) =>
  rowsOf(sandbox, `${employments}?employeeId=${playing(role)}`)

export const trimmed = (value: unknown): string | null => (typeof value === "string" ? value.trim() || null : null)

export const firstTen = (value: unknown): string | null => trimmed(value)?.slice(0, 10) ?? null
