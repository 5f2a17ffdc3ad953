/**
 * The options of the stand-in of Together with their defaults: what the documents leave open is an option, so a client can
 * be tried under every plausible vendor.
 * Called by TogetherServer at start; read by TogetherRoutes. Values only, frozen; it never reads the environment.
 */
import type { ArrayMode } from "./TogetherArrays.ts"
import type { FaultRule } from "./TogetherFaults.ts"
import type { Fields } from "./TogetherFields.ts"
import { demoPrograms } from "./TogetherPrograms.ts"
import type { TogetherProgram } from "./TogetherPrograms.ts"
import type { Mark } from "./TogetherUsers.ts"

/** The three header values that Together supplies to a customer. */
export interface TogetherCredentials {
  readonly organizationId: string
  readonly clientId: string
  readonly apiKey: string
}

/**
 * - `array`: a bare array of users.
 * - `envelope`: `{ "users": [...] }`.
 * - `pages`: a bare array for `?page=&per_page=`, and a Link header with rel="next" while there is more.
 */
export type ListShape = (typeof listShapes)[number]

export const listShapes = ["array", "envelope", "pages"] as const

/** Everything about the stand-in that can be chosen; all of it is optional. */
export interface TogetherSandboxOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number | undefined
  readonly credentials?: TogetherCredentials | undefined
  /** Where users, registrations and the judge's totals are kept between runs; without it they live in memory. */
  readonly file?: string | undefined
  /** People who are at Together already, put in unchecked; ignored when the file holds a state. */
  readonly users?: ReadonlyArray<Fields> | undefined
  /** Marks of these people, by employeeId or userId; put in with them. */
  readonly marks?: Readonly<Record<string, Mark>> | undefined
  readonly programs?: ReadonlyArray<TogetherProgram> | undefined
  /** "refuse-whole" by default. */
  readonly arrayMode?: ArrayMode | undefined
  /** "array" by default. */
  readonly listShape?: ListShape | undefined
  /** Users on one page of the shape "pages", also the cap of per_page; 100 by default. */
  readonly pageSize?: number | undefined
  /** A longer array is answered 413; 1000 by default. */
  readonly maxMembers?: number | undefined
  /** A longer body is answered 413; 5 MiB by default. */
  readonly maxBodyBytes?: number | undefined
  /** Whether supervisorId must name an existing user; true by default. */
  readonly strictSupervisor?: boolean | undefined
  /** Whether a request that breaks the limit is also answered 429; false by default, it is then only judged. */
  readonly enforceRate?: boolean | undefined
  /** Milliseconds before every answer; 0 by default. */
  readonly latency?: number | undefined
  readonly faults?: ReadonlyArray<FaultRule> | undefined
}

/** The options with every default filled in. */
export interface TogetherSettings {
  readonly port: number
  readonly credentials: TogetherCredentials
  readonly file: string | undefined
  readonly users: ReadonlyArray<Fields>
  readonly marks: Readonly<Record<string, Mark>>
  readonly programs: ReadonlyArray<TogetherProgram>
  readonly arrayMode: ArrayMode
  readonly listShape: ListShape
  readonly pageSize: number
  readonly maxMembers: number
  readonly maxBodyBytes: number
  readonly strictSupervisor: boolean
  readonly enforceRate: boolean
  readonly latency: number
  readonly faults: ReadonlyArray<FaultRule>
}

/** The credentials of the demo: no secrets, they open nothing but this stand-in. */
export const demoCredentials: TogetherCredentials = {
  organizationId: "demo-organization",
  clientId: "demo-client",
  apiKey: "demo-api-key"
}

export const settingsOf = (options: TogetherSandboxOptions): TogetherSettings =>
  Object.freeze({
    port: options.port ?? 0,
    credentials: options.credentials ?? demoCredentials,
    file: options.file,
    users: options.users ?? [],
    marks: options.marks ?? {},
    programs: options.programs ?? demoPrograms,
    arrayMode: options.arrayMode ?? "refuse-whole",
    listShape: options.listShape ?? "array",
    pageSize: options.pageSize ?? 100,
    maxMembers: options.maxMembers ?? 1000,
    maxBodyBytes: options.maxBodyBytes ?? 5 * 1024 * 1024,
    strictSupervisor: options.strictSupervisor ?? true,
    enforceRate: options.enforceRate ?? false,
    latency: options.latency ?? 0,
    faults: options.faults ?? []
  })
