/**
 * What the Directory's tests begin with: its services over a database, organizations with rules, HR's words, pages.
 */
import { randomUUID } from "node:crypto"

import { assert } from "@effect/vitest"
import {
  type DirectoryRefused,
  type Listing,
  type OrganizationUuid,
  type Page
} from "@rollcall/core/contract/Directory"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { Organizations } from "@rollcall/core/contract/Organizations"
import { employeeStream, employeeUuid } from "@rollcall/core/domain/Employee"
import type { Event, NewEvent } from "@rollcall/core/domain/Event"
import type { Fields } from "@rollcall/core/domain/Field"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { type Policy, defaultGuard } from "@rollcall/core/domain/Policy"
import { Effect, Layer } from "effect"

import type { Database } from "../src/Database.ts"
import * as DirectoryStore from "../src/DirectoryStore.ts"
import { DirectoryPolicies } from "../src/Projector.ts"
import { appendOf } from "./Given.ts"

export const admin = "account:a0000000-0000-4000-8000-00000000000a"

export const policy = (rules: Partial<Policy> = {}): Policy => ({
  precedence: ["hr", "crm", "directory"],
  absence: { policy: "terminate" },
  scope: {},
  mapping: {},
  programs: [],
  drift: "repair",
  refresh: "daily",
  guard: defaultGuard,
  timezone: "UTC",
  ...rules
})

/** In organizations whose name begins so, the API is believed before HR. */
const believed = "believed-"

/** The rules by the organization's name; `rules` change them for all. */
export const policies =
  (rules: Partial<Policy> = {}) =>
  (organization: OrganizationId): Policy =>
    policy({ ...(organization.startsWith(believed) ? { precedence: ["directory", "hr", "crm"] } : {}), ...rules })

/** All that a database holds, with these rules. */
export const directoryOn = (database: Layer.Layer<Database, StoreError>, rules: Partial<Policy> = {}) =>
  DirectoryStore.layer.pipe(
    Layer.provide(Layer.succeed(DirectoryPolicies, policies(rules))),
    Layer.provideMerge(database)
  )

let organizations = 0

export const newName = (kind: "plain" | "believed" = "plain"): OrganizationId =>
  OrganizationId.make(`${kind === "believed" ? believed : "dir-"}${++organizations}`)

/** One of its own for every test, registered. */
export const registered = Effect.fnUntraced(function* (kind?: "believed") {
  const organizations = yield* Organizations
  const log = newName(kind)
  return { log, id: yield* organizations.register(log, []) }
})

export const uniqueEmail = (name = "x"): string => `${name}-${randomUUID().slice(0, 8)}@acme.test`

interface Said {
  readonly source?: string
  readonly effectiveOn?: string
  readonly day?: string
}

/** A word of HR about somebody. */
export const says = (
  log: OrganizationId,
  key: string,
  fields: Fields,
  { day = "2026-01-02", effectiveOn, source = "hr" }: Said = {},
  type: "EmployeeAppeared" | "EmployeeChanged" = "EmployeeAppeared"
): NewEvent =>
  by(log, key, source, { type, source, run: "r", day, employeeId: key, locator: "hr.csv:2", fields }, effectiveOn)

export const changes = (log: OrganizationId, key: string, fields: Fields, said: Said = {}): NewEvent =>
  says(log, key, fields, said, "EmployeeChanged")

export const vanishes = (log: OrganizationId, key: string, source = "hr", day = "2026-01-09"): NewEvent =>
  by(log, key, source, { type: "EmployeeVanished", source, run: "r", day, employeeId: key })

export const isRemoved = (log: OrganizationId, key: string, source = "hr"): NewEvent =>
  by(log, key, source, {
    type: "EmployeeRemoved",
    source,
    run: "r",
    day: "2026-01-09",
    employeeId: key,
    locator: "hr.csv:2"
  })

const by = (log: OrganizationId, key: string, source: string, event: Event, effectiveOn?: string): NewEvent => ({
  stream: employeeStream(log, key),
  event,
  actor: `source:${source}`,
  effectiveOn: effectiveOn ?? null,
  causation: null
})

/** Appends these words at once. */
export const hrSays = Effect.fnUntraced(function* (log: OrganizationId, ...events: ReadonlyArray<NewEvent>) {
  const eventLog = yield* EventLog
  return yield* eventLog.append(log, appendOf(events))
})

export const person = (firstName: string, more: Fields = {}): Fields => ({
  firstName,
  lastName: "Byron",
  email: `${firstName.toLowerCase()}@hr.test`,
  status: "active",
  ...more
})

export const idOf = employeeUuid

export const all: Page = { limit: 1000, after: null }

export const page = (limit: number, after: string | null = null): Page => ({ limit, after })

/** A list page by page; each page but the last is full and names the next. */
export const walk = Effect.fnUntraced(function* <A, E, R>(
  list: (page: Page) => Effect.Effect<Listing<A>, E, R>,
  limit: number
) {
  const items: Array<A> = []
  for (let after: string | null = null; ;) {
    const { items: some, next }: Listing<A> = yield* list({ limit, after })
    items.push(...some)
    if (next === null) return items
    assert.lengthOf(some, limit)
    after = next
  }
})

/** Walked in pages of 1, 2 and 3 a list is the same as whole; answers with that. */
export const walked = Effect.fnUntraced(function* <A, E, R>(list: (page: Page) => Effect.Effect<Listing<A>, E, R>) {
  const { items, next } = yield* list(all)
  assert.isNull(next)
  for (const limit of [1, 2, 3]) assert.deepStrictEqual(yield* walk(list, limit), items)
  return items
})

/** Pages that nobody was ever given. */
export const madeUp: ReadonlyArray<Page> = [
  "",
  "x",
  "e30",
  ...[[], ["a"], ["a", "b"], ["\0", "\0"], ["a\0", "b", "c"], ["a", "b", "c"], [1, 2], ["\ud800", "\ud800", ""]].map(
    (place) => Buffer.from(JSON.stringify(place)).toString("base64url")
  )
].map((after) => ({ limit: 2, after }))

/** Ids that nothing has; the last ones would be errors of the database's. */
export const madeUpIds = [randomUUID(), "x", "", "\0", "A0000000-0000-4000-8000-000000000001", "' or 1=1", "\ud800"]

/** Why it was refused; `Conflict email` is the reason and its field. */
export const refused = <A, R>(
  effect: Effect.Effect<A, DirectoryRefused | StoreError, R>
): Effect.Effect<string, A, R> =>
  Effect.map(Effect.flip(effect), (error) => {
    if (error._tag !== "DirectoryRefused") return error.message
    const { reason } = error
    return reason._tag === "NotFound" ? `NotFound ${reason.what}` : `${reason._tag} ${reason.field}`
  })

/** Everything that was ever said in a log, by type. */
export const countOf = Effect.fnUntraced(function* (log: OrganizationId) {
  const eventLog = yield* EventLog
  return (yield* eventLog.head(log)).position
})

/** Does something that records nothing. */
export const quietly = Effect.fnUntraced(function* <A, E, R>(log: OrganizationId, body: Effect.Effect<A, E, R>) {
  const before = yield* countOf(log)
  const result = yield* body
  assert.strictEqual(yield* countOf(log), before, "nothing was recorded")
  return result
})

export type { OrganizationUuid }
