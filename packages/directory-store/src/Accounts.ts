/**
 * Accounts of the Directory on a database: who logs in, and what they were granted where.
 *
 * An account's events stand in the log of the organization it belongs to, or in the shared log.
 */
import { type Account, Accounts, type Grant, type Sight } from "@rollcall/core/contract/Accounts"
import { Conflict, Invalid, NotFound, type Page } from "@rollcall/core/contract/Directory"
import { accountStream } from "@rollcall/core/directory/AccountRecord"
import { isUuid } from "@rollcall/core/domain/Employee"
import type { Event, NewEvent } from "@rollcall/core/domain/Event"
import type { GrantableRole } from "@rollcall/core/domain/Role"
import { byActor } from "@rollcall/core/sync/Record"
import { Effect, Layer } from "effect"
import { type Kysely, sql } from "kysely"

import { Database } from "./Database.ts"
import { type Run, activeSince, creation, listing, logOf, placeAfter, uuidOrLeast } from "./DirectoryRows.ts"
import { type Writing, refuse, sharedLog, write } from "./DirectoryWrite.ts"
import { findEmployee } from "./EmployeeQueries.ts"
import { timeText } from "./EventPage.ts"
import { makeProjector } from "./Projector.ts"
import type { Tables } from "./Schema.ts"
import { keyOf } from "./Texts.ts"

const make = Effect.gen(function* () {
  const database = yield* Database
  const projector = yield* makeProjector
  const { query } = database

  const homeOf = (organization: string | null) =>
    organization === null ? Effect.succeed(sharedLog) : logOf(query, organization)

  return Accounts.of({
    list: (page, sight, only) => listAccounts(query, page, sight, only?.admins === true),
    find: (sight, idOrEmail) => findAccount(query, sight, idOrEmail),
    create: Effect.fn("Accounts.create")(function* (actor, organization, { email, name }) {
      const log = yield* homeOf(organization)
      return yield* write(
        database,
        projector,
        [log],
        Effect.fnUntraced(function* (writing: Writing) {
          yield* requireFreeAddress(writing, organization, email, undefined)
          const id = globalThis.crypto.randomUUID()
          const details = { email, ...(name === undefined ? {} : { name }) }
          yield* writing.append(log, [accountEvent(id, actor, { type: "AccountCreated", details })])
          return yield* findAccount(writing.run, organization, id)
        })
      )
    }),
    update: Effect.fn("Accounts.update")(function* (actor, sight, idOrEmail, { email, name }) {
      const seen = yield* findAccount(query, sight, idOrEmail)
      if (sight !== null && seen.organization !== sight) return yield* elsewhere
      const log = yield* homeOf(seen.organization)
      return yield* write(
        database,
        projector,
        [log],
        Effect.fnUntraced(function* (writing: Writing) {
          const known = yield* findAccount(writing.run, null, seen.id)
          yield* requireFreeAddress(writing, known.organization, email, known.id)
          const details = {
            ...(email === known.email ? {} : { email }),
            ...(name === undefined || name === known.name ? {} : { name })
          }
          const changed = Object.keys(details).length > 0
          const event = accountEvent(known.id, actor, { type: "AccountUpdated", details })
          yield* writing.append(log, changed ? [event] : [])
          return yield* findAccount(writing.run, sight, known.id)
        })
      )
    }),
    grant: Effect.fn("Accounts.grant")(function* (actor, sight, account, { employeeId, orgId, role }) {
      if (!isUuid(account)) return yield* refuse(new NotFound({ what: "account", id: account }))
      const seen = yield* findAccount(query, sight, account)
      if (sight !== null && orgId !== sight)
        return yield* refuse(new Invalid({ field: "orgId", problem: "is not yours" }))
      if (seen.organization !== null && seen.organization !== orgId) return yield* foreign
      const [log, organizationLog] = [yield* homeOf(seen.organization), yield* grantedIn(query, orgId)]
      return yield* write(
        database,
        projector,
        [log, organizationLog],
        Effect.fnUntraced(function* (writing: Writing) {
          if (employeeId !== undefined) yield* requireEmployee(writing.run, orgId, employeeId)
          const known = yield* findAccount(writing.run, null, account)
          const employee = employeeId === undefined ? {} : { employee: employeeId }
          const event = accountEvent(account, actor, { type: "RoleGranted", organization: orgId, role, ...employee })
          yield* writing.append(log, isGranted(known.grants, orgId, role, employeeId) ? [] : [event])
          return yield* findAccount(writing.run, sight, account)
        })
      )
    })
  })
})

export const layer: Layer.Layer<Accounts, never, Database> = Layer.effect(Accounts, make)

const elsewhere = refuse(
  new Conflict({ field: "email", problem: "is an account of no or of another organization, which alone can change it" })
)

const foreign = refuse(
  new Conflict({ field: "orgId", problem: "is another organization than the one the account belongs to" })
)

export const accountEvent = (id: string, actor: string, event: Event): NewEvent =>
  byActor(actor, { stream: accountStream(id), event })

const isGranted = (
  grants: ReadonlyArray<Grant>,
  orgId: string,
  role: string,
  employeeId: string | undefined
): boolean =>
  grants.some((grant) => grant.orgId === orgId && grant.role === role && grant.employeeId === (employeeId ?? null))

const grantedIn = <E>(run: Run<E>, orgId: string) =>
  logOf(run, orgId).pipe(
    Effect.catchTag("DirectoryRefused", () =>
      Effect.fail(refuse(new Invalid({ field: "orgId", problem: "is no organization" })))
    )
  )

const requireEmployee = <E>(run: Run<E>, orgId: string, employeeId: string) =>
  findEmployee(run, orgId, employeeId).pipe(
    Effect.catchTag("DirectoryRefused", () =>
      Effect.fail(refuse(new Invalid({ field: "employeeId", problem: "is no employee of this organization" })))
    )
  )

export const requireFreeAddress = Effect.fnUntraced(function* (
  writing: Writing,
  organization: string | null,
  email: string,
  but: string | undefined
) {
  const other = yield* writing.run((db) =>
    db
      .selectFrom("directory_accounts")
      .select("id")
      .where("email_key", "=", keyOf(email))
      .where(sql<boolean>`organization is not distinct from ${organization}::uuid`)
      .where("id", "<>", but ?? uuidOrLeast(undefined))
      .executeTakeFirst()
  )
  if (other !== undefined)
    return yield* refuse(new Conflict({ field: "email", problem: "is the address of another account" }))
})

/** With the grants that are in sight, in the order of their organizations. */
const select = (db: Kysely<Tables>, sight: Sight) => {
  const inSight = sight === null ? sql`true` : sql`g.organization = ${sight}::uuid`
  return db
    .selectFrom("directory_accounts as a")
    .select(["a.id", "a.organization", "a.email", "a.email_key", "a.name", "a.created_by"])
    .select([
      timeText("a.created_at").as("created_at"),
      sql<string>`coalesce((select json_agg(json_build_object('orgId', g.organization, 'role', g.role, 'employeeId', g.employee)
        order by g.organization) from directory_grants as g where g.account = a.id and ${inSight}), '[]')::text`.as(
        "grants"
      )
    ])
    .where(
      sight === null
        ? sql<boolean>`true`
        : sql<boolean>`(a.organization = ${sight}::uuid or exists (select from directory_grants as g
            where g.account = a.id and ${inSight}))`
    )
}

type AccountRow = Awaited<ReturnType<ReturnType<typeof select>["executeTakeFirstOrThrow"]>>

const view = (row: AccountRow): Account => ({
  id: row.id,
  email: row.email,
  name: row.name,
  active: true,
  status: activeSince(row),
  created: creation(row),
  organization: row.organization,
  grants: JSON.parse(row.grants) as ReadonlyArray<Grant>
})

const listAccounts = Effect.fnUntraced(function* <E>(run: Run<E>, page: Page, sight: Sight, admins: boolean) {
  if (sight !== null && !isUuid(sight)) return { items: [], next: null }
  const admin: GrantableRole = "ORG_ADMIN"
  const rows = yield* run((db) => {
    let query = select(db, sight)
    if (admins) {
      const where = sight === null ? sql`true` : sql`g.organization = ${sight}::uuid`
      query = query.where(
        sql<boolean>`exists (select from directory_grants as g where g.account = a.id and g.role = ${admin} and ${where})`
      )
    }
    const [key, id] = placeAfter(page, 2) ?? []
    if (key !== undefined) query = query.where(sql<boolean>`(a.email_key, a.id) > (${key}, ${uuidOrLeast(id)}::uuid)`)
    return query
      .orderBy("a.email_key")
      .orderBy("a.id")
      .limit(page.limit + 1)
      .execute()
  })
  return listing(rows, page, (row) => [row.email_key, row.id], view)
})

export const findAccount = Effect.fnUntraced(function* <E>(run: Run<E>, sight: Sight, idOrEmail: string) {
  const missing = refuse(new NotFound({ what: "account", id: idOrEmail }))
  if (sight !== null && !isUuid(sight)) return yield* missing
  const row = yield* run((db) => {
    const query = select(db, sight)
    const one = isUuid(idOrEmail)
      ? query.where("a.id", "=", idOrEmail)
      : query.where("a.email_key", "=", keyOf(idOrEmail))
    // The organization's own first, then (with sight of all) the one that belongs to none, then the oldest.
    const own = sql`case when a.organization is not distinct from ${sight}::uuid then 0 else 1 end`
    return one.orderBy(own).orderBy("a.created_at").orderBy("a.id").limit(1).executeTakeFirst()
  })
  if (row === undefined) return yield* missing
  return view(row)
})
