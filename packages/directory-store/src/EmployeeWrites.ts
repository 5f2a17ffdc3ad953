/**
 * Writing employees: gathers under the log's lock what a decision needs, and records what it comes to.
 *
 * The decisions themselves are pure (`core/directory/EmployeeDecisions`).
 */
import { Conflict, type DirectoryRefused, Invalid, NotFound, supervisorKind } from "@rollcall/core/contract/Directory"
import type { EmployeeDetails, EmployeeProfile } from "@rollcall/core/contract/Employees"
import type { StoreError } from "@rollcall/core/contract/EventLog"
import {
  type Decision,
  type Known,
  type Occasion,
  decideCreate,
  decideManager,
  decideManagerRemoval,
  decideProfile,
  decideReport,
  decideUpdate
} from "@rollcall/core/directory/EmployeeDecisions"
import { employeeRecordStream, foldRecord } from "@rollcall/core/directory/EmployeeRecord"
import { supervisorOf } from "@rollcall/core/directory/EmployeeWord"
import {
  employeeStream,
  employeeStreamPrefix,
  employeeUuid,
  isUuid,
  organizationUuid
} from "@rollcall/core/domain/Employee"
import type { NewEvent } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Result } from "effect"
import { type Kysely, sql } from "kysely"

import type { Database } from "./Database.ts"
import { type Writing, refuse, write } from "./DirectoryWrite.ts"
import { findEmployee, listManagers, readProfile } from "./EmployeeQueries.ts"
import type { DriverFailure } from "./Engine.ts"
import type { Projector } from "./Projector.ts"
import type { Tables } from "./Schema.ts"
import { keyOf } from "./Texts.ts"

interface Place {
  readonly database: Database["Service"]
  readonly projector: Projector
}

const within = <A>(
  { database, projector }: Place,
  log: OrganizationId,
  actor: string,
  body: (writing: Writing, occasion: Occasion) => Effect.Effect<A, DirectoryRefused | DriverFailure | StoreError>
) =>
  write(
    database,
    projector,
    [log],
    Effect.fnUntraced(function* (writing: Writing) {
      const { moment, policy } = yield* writing.projecting(log)
      return yield* body(writing, { organization: log, policy, moment, run: writing.id, actor })
    })
  )

export const createEmployee = (place: Place, log: OrganizationId, actor: string, details: EmployeeDetails) =>
  within(
    place,
    log,
    actor,
    Effect.fnUntraced(function* (writing, occasion) {
      yield* requireFreeAddress(writing, log, details.email, undefined)
      if (details.account !== undefined) yield* requireAccount(writing, log, details.account)
      const id = globalThis.crypto.randomUUID()
      yield* writing.append(log, decideCreate(occasion, id, details))
      return yield* findEmployee(writing.run, organizationUuid(log), id)
    })
  )

export const updateEmployee = (
  place: Place,
  log: OrganizationId,
  actor: string,
  id: string,
  details: EmployeeDetails
) =>
  within(
    place,
    log,
    actor,
    Effect.fnUntraced(function* (writing, occasion) {
      const shown = yield* findEmployee(writing.run, organizationUuid(log), id)
      if (shown.email?.toLowerCase() !== details.email.toLowerCase()) {
        yield* requireFreeAddress(writing, log, details.email, id)
      }
      if (details.account !== undefined) yield* requireAccount(writing, log, details.account)
      yield* record(writing, log, decideUpdate(occasion, yield* knownOf(writing, log, id), details))
      return yield* findEmployee(writing.run, organizationUuid(log), id)
    })
  )

export const setProfile = (
  place: Place,
  log: OrganizationId,
  actor: string,
  id: string,
  profile: EmployeeProfile,
  mode: "replace" | "merge"
) =>
  within(
    place,
    log,
    actor,
    Effect.fnUntraced(function* (writing, occasion) {
      yield* findEmployee(writing.run, organizationUuid(log), id)
      const known = yield* knownOf(writing, log, id)
      const taken = profile.employeeNumber == null ? false : yield* isTaken(writing, log, id, profile.employeeNumber)
      const events = yield* record(writing, log, decideProfile(occasion, known, profile, mode, taken))
      if (events.some(({ event }) => event.type === "EmployeeKeyed")) {
        yield* tellReports(writing, log, occasion, id, profile.employeeNumber ?? null)
      }
      return yield* readProfile(writing.run, organizationUuid(log), id)
    })
  )

export const assignManager = (
  place: Place,
  log: OrganizationId,
  actor: string,
  id: string,
  { managerId, type }: { readonly managerId: string; readonly type: string }
) =>
  within(
    place,
    log,
    actor,
    Effect.fnUntraced(function* (writing, occasion) {
      yield* findEmployee(writing.run, organizationUuid(log), id)
      const manager = yield* findEmployee(writing.run, organizationUuid(log), managerId).pipe(
        Effect.catchTag("DirectoryRefused", () =>
          Effect.fail(refuse(new Invalid({ field: "managerId", problem: "is no employee of this organization" })))
        )
      )
      const circular = yield* writing.run((db) => manages(db, log, { above: id, below: managerId, kind: type }))
      const key = yield* writing.run((db) => numberOf(db, log, manager.id))
      const shown = (yield* shownAs(writing, log, id, managerId)).some(({ kind }) => kind === type)
      const known = yield* knownOf(writing, log, id)
      const link = { manager: managerId, kind: type, circular, shown, key }
      yield* record(writing, log, decideManager(occasion, known, link))
      return yield* listManagers(writing.run, organizationUuid(log), id)
    })
  )

export const removeManager = (place: Place, log: OrganizationId, actor: string, id: string, manager: string) =>
  within(
    place,
    log,
    actor,
    Effect.fnUntraced(function* (writing, occasion) {
      yield* findEmployee(writing.run, organizationUuid(log), id)
      if (!isUuid(manager)) return yield* refuse(new NotFound({ what: "manager", id: manager }))
      const shown = yield* shownAs(writing, log, id, manager)
      const known = yield* knownOf(writing, log, id)
      yield* record(writing, log, decideManagerRemoval(occasion, known, manager, shown))
    })
  )

/** The kinds of manager that somebody is to an employee, and whether HR says so. */
const shownAs = (writing: Writing, log: OrganizationId, employee: string, manager: string) =>
  writing.run((db) =>
    db
      .selectFrom("directory_managers")
      .select(["kind", "hr"])
      .where("organization_id", "=", log)
      .where("employee", "=", employee)
      .where("manager", "=", manager)
      .execute()
  )

const record = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId, decision: Decision) {
  if (Result.isFailure(decision)) return yield* refuse(decision.failure)
  yield* writing.append(log, decision.success)
  return decision.success
})

/** All that a decision about one employee needs. */
const knownOf = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId, id: string) {
  const own = yield* writing.streams(log, [employeeRecordStream(id)])
  const folded = foldRecord(id, own.get(employeeRecordStream(id)) ?? [])
  const stream = `${employeeStreamPrefix}${folded.person ?? id}`
  const history = (yield* writing.streams(log, [stream])).get(stream) ?? []
  const supervisor = supervisorOf(folded)
  const supervisorKey = supervisor === undefined ? null : yield* writing.run((db) => numberOf(db, log, supervisor))
  return { record: folded, history, supervisorKey } satisfies Known
})

/** Reports whose supervisor was assigned here say the supervisor's new key from now on. */
const tellReports = Effect.fnUntraced(function* (
  writing: Writing,
  log: OrganizationId,
  occasion: Occasion,
  manager: string,
  key: string | null
) {
  const reports = yield* writing.run((db) =>
    db
      .selectFrom("directory_managers")
      .select("employee")
      .where("organization_id", "=", log)
      .where("manager", "=", manager)
      .where("kind", "=", supervisorKind)
      .where("hr", "=", false)
      .execute()
  )
  const events: Array<NewEvent> = []
  for (const { employee } of reports) {
    events.push(...decideReport(occasion, { ...(yield* knownOf(writing, log, employee)), supervisorKey: key }))
  }
  yield* writing.append(log, events)
})

const requireFreeAddress = Effect.fnUntraced(function* (
  writing: Writing,
  log: OrganizationId,
  email: string,
  but: string | undefined
) {
  const other = yield* writing.run((db) => {
    const query = db
      .selectFrom("directory_employees")
      .select("id")
      .where("organization_id", "=", log)
      .where("email_key", "=", keyOf(email))
    return (but === undefined ? query : query.where("id", "<>", but)).executeTakeFirst()
  })
  if (other === undefined) return
  return yield* refuse(new Conflict({ field: "email", problem: "is the address of another employee" }))
})

/** Belongs to the organization, or was granted a role in it. */
const requireAccount = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId, account: string) {
  const organization = organizationUuid(log)
  const none = refuse(new Invalid({ field: "account", problem: "is no account of this organization" }))
  if (!isUuid(account)) return yield* none
  const found = yield* writing.run((db) =>
    db
      .selectFrom("directory_accounts as a")
      .leftJoin("directory_grants as g", (join) =>
        join.onRef("g.account", "=", "a.id").on("g.organization", "=", organization)
      )
      .select("a.id")
      .where("a.id", "=", account)
      .where((eb) => eb.or([eb("a.organization", "=", organization), eb("g.organization", "=", organization)]))
      .executeTakeFirst()
  )
  if (found === undefined) return yield* none
})

/** Somebody else has it here, or HR has ever spoken of somebody by it. */
const isTaken = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId, id: string, number: string) {
  const other = yield* writing.run((db) =>
    db
      .selectFrom("directory_employees")
      .select("id")
      .where("organization_id", "=", log)
      .where("person", "=", employeeUuid(log, number))
      .where("id", "<>", id)
      .executeTakeFirst()
  )
  if (other !== undefined) return true
  const stream = employeeStream(log, number)
  return employeeUuid(log, number) !== id && (yield* writing.streams(log, [stream])).has(stream)
})

const numberOf = async (db: Kysely<Tables>, log: string, id: string): Promise<string | null> => {
  const row = await db
    .selectFrom("directory_employees")
    .select("number")
    .where("organization_id", "=", log)
    .where("id", "=", id)
    .executeTakeFirst()
  return row?.number ?? null
}

/** Whether `above` manages `below` over any number of managers of one kind; HR's own circles end by themselves. */
const manages = async (
  db: Kysely<Tables>,
  log: string,
  { above, below, kind }: { readonly above: string; readonly below: string; readonly kind: string }
): Promise<boolean> => {
  const { rows } = await sql<{ found: boolean }>`
    with recursive up (manager) as (
      select manager from directory_managers
      where organization_id = ${log} and employee = ${below}::uuid and kind = ${kind}
      union
      select next.manager from up join directory_managers as next
        on next.organization_id = ${log} and next.employee = up.manager and next.kind = ${kind}
    )
    select exists (select from up where manager = ${above}::uuid) as found`.execute(db)
  return rows[0]?.found === true
}
