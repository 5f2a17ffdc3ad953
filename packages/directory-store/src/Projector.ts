/**
 * Keeps the Directory's tables equal to the log: with every append, and where that was not possible, soon after.
 *
 * Called in the transaction of each append. An organization is projected once it is registered (`rollcall serve`); until
 * then an append costs one look. A process that knows other rules than the tables were made by leaves them alone and
 * behind; whoever serves them catches up, or makes them anew where the rules changed. A day that begins is looked at,
 * too: words for a day to come hold from then on.
 */
import { directoryLog } from "@rollcall/core/contract/Directory"
import { accountPrefix } from "@rollcall/core/directory/AccountRecord"
import { employeeRecordPrefix } from "@rollcall/core/directory/EmployeeRecord"
import { groupPrefix } from "@rollcall/core/directory/GroupRecord"
import { organizationPrefix } from "@rollcall/core/directory/OrganizationRecord"
import { employeeStreamPrefix } from "@rollcall/core/domain/Employee"
import { type RecordedEvent, tellingTypes } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { type Policy, defaultGuard } from "@rollcall/core/domain/Policy"
import { momentIn } from "@rollcall/core/sync/Moment"
import { Context, Effect } from "effect"
import { type Kysely, sql } from "kysely"

import { recordedOf, type Row } from "./Admission.ts"
import type { Transaction } from "./Database.ts"
import { projectAccounts } from "./ProjectAccounts.ts"
import { projectEmployees } from "./ProjectEmployees.ts"
import { projectGroups } from "./ProjectGroups.ts"
import { type Projected, type Projecting, rulesOf } from "./Projecting.ts"
import { projectOrganizations } from "./ProjectOrganizations.ts"
import type { Tables } from "./Schema.ts"

/** What holds for an organization that no configuration names. */
const withoutConfiguration: Policy = {
  precedence: ["directory"],
  absence: { policy: "report" },
  scope: {},
  mapping: {},
  programs: [],
  drift: "repair",
  refresh: "daily",
  guard: defaultGuard,
  timezone: "UTC"
}

/** The configured policies, by the name of the log; undefined where there is no such organization. */
export const DirectoryPolicies = Context.Reference("@rollcall/directory-store/DirectoryPolicies", {
  defaultValue:
    () =>
    (_organization: OrganizationId): Policy | undefined =>
      undefined
})

/** Streams projected at a time. */
const batch = 1000

/** Events that change what the Directory shows of a person. */
const telling: ReadonlyArray<string> = tellingTypes

export interface Projector {
  /** What was appended just now, in its transaction. */
  readonly follow: (transaction: Transaction, log: OrganizationId, added: ReadonlyArray<Row>) => Projected<void>
  /** Brings a registered organization's tables up to the log, the rules and the day. Needs the log's lock. */
  readonly bringUp: (transaction: Transaction, log: OrganizationId, head: number) => Projected<void>
  /** Begins with an organization that is registered in this transaction. */
  readonly begin: (transaction: Transaction, log: OrganizationId, head: number) => Projected<void>
  /** Makes all of a log's rows anew, for the day they were made for. */
  readonly renew: (transaction: Transaction, log: OrganizationId, head: number) => Projected<void>
  /** The rules and the day by which the rows of an organization are made. */
  readonly at: (transaction: Transaction, log: OrganizationId) => Projected<Projecting>
}

export const makeProjector = Effect.gen(function* () {
  const configured = yield* DirectoryPolicies
  const policyOf = (log: OrganizationId): Policy => configured(log) ?? withoutConfiguration

  const today = Effect.fnUntraced(function* (transaction: Transaction, log: OrganizationId) {
    const policy = policyOf(log)
    const projecting: Projecting = { transaction, log, policy, moment: yield* momentIn(policy.timezone) }
    return projecting
  })

  const at: Projector["at"] = Effect.fnUntraced(function* (transaction, log) {
    const projecting = yield* today(transaction, log)
    const state = yield* transaction.run((db) => selectState(db, log))
    return state === undefined ? projecting : notBefore(projecting, state.day)
  })

  const follow: Projector["follow"] = Effect.fnUntraced(function* (transaction, log, added) {
    const [first] = added
    if (first === undefined) return
    const now = yield* today(transaction, log)
    if ((log as string) === directoryLog) return yield* projectStreams(now, concernedStreams(added))
    const state = yield* transaction.run((db) => selectState(db, log))
    if (state === undefined || state.rules !== rulesOf(now.policy)) return
    if (state.position !== first.position - 1) return
    const projecting = { ...notBefore(now, state.day), begun: begunIn(added) }
    yield* turn(projecting, state.day)
    yield* projectStreams(projecting, concernedStreams(added))
    yield* transaction.run((db) => writeState(db, projecting, added.at(-1)?.position ?? state.position))
  })

  const bringUp: Projector["bringUp"] = Effect.fnUntraced(function* (transaction, log, head) {
    const now = yield* today(transaction, log)
    const state = yield* transaction.run((db) => selectState(db, log))
    if (state === undefined) return
    if (state.rules !== rulesOf(now.policy)) {
      yield* renewAll(now)
      return yield* transaction.run((db) => writeState(db, now, head))
    }
    const projecting = notBefore(now, state.day)
    if (state.position === head && state.day === projecting.moment.day) return
    yield* turn(projecting, state.day)
    yield* projectStreams(projecting, yield* transaction.run((db) => streamsSince(db, log, state.position)))
    yield* transaction.run((db) => writeState(db, projecting, head))
  })

  const begin: Projector["begin"] = Effect.fnUntraced(function* (transaction, log, head) {
    const projecting = yield* today(transaction, log)
    yield* renewAll(projecting)
    yield* transaction.run((db) => writeState(db, projecting, head))
  })

  const renew: Projector["renew"] = Effect.fnUntraced(function* (transaction, log, head) {
    const now = yield* today(transaction, log)
    if ((log as string) === directoryLog) return yield* renewAll(now)
    const state = yield* transaction.run((db) => selectState(db, log))
    if (state === undefined) return
    const projecting = { ...now, moment: { ...now.moment, day: state.day } }
    yield* renewAll(projecting)
    yield* transaction.run((db) => writeState(db, projecting, head))
  })

  return { follow, bringUp, begin, renew, at } satisfies Projector
})

/** Rows that were made for a day stay so: another process, whose clock is slow, goes on with that day. */
const notBefore = (projecting: Projecting, day: string): Projecting =>
  projecting.moment.day >= day ? projecting : { ...projecting, moment: { ...projecting.moment, day } }

/** The streams whose first event was added just now, as they would be read from the log. */
const begunIn = (added: ReadonlyArray<Row>): ReadonlyMap<string, ReadonlyArray<RecordedEvent>> => {
  const begun = new Map<string, Array<RecordedEvent>>()
  for (const row of added) {
    if (row.version === 1) begun.set(row.stream, [recordedOf(row)])
    else begun.get(row.stream)?.push(recordedOf(row))
  }
  return begun
}

const concernedStreams = (
  added: ReadonlyArray<{ readonly stream: string; readonly type: string }>
): ReadonlyArray<string> => [
  ...new Set(
    added.flatMap(({ stream, type }) =>
      stream.startsWith(employeeStreamPrefix) && !telling.includes(type) ? [] : [stream]
    )
  )
]

/** In an order in which each finds what it needs: an employee's id before the person, people before their groups. */
const prefixes = [organizationPrefix, accountPrefix, employeeRecordPrefix, employeeStreamPrefix, groupPrefix]

const projectStreams = Effect.fnUntraced(function* (projecting: Projecting, streams: ReadonlyArray<string>) {
  for (const prefix of prefixes) {
    const ids = streams.flatMap((stream) => (stream.startsWith(prefix) ? [stream.slice(prefix.length)] : []))
    for (let i = 0; i < ids.length; i += batch) yield* projectSome(projecting, prefix, ids.slice(i, i + batch))
  }
})

const projectSome = (projecting: Projecting, prefix: string, ids: ReadonlyArray<string>): Projected<unknown> => {
  switch (prefix) {
    case organizationPrefix:
      return projectOrganizations(projecting, ids)
    case accountPrefix:
      return projectAccounts(projecting, ids)
    case employeeRecordPrefix:
      return projectEmployees(projecting, { ids, people: [] })
    case employeeStreamPrefix:
      return projectEmployees(projecting, { ids: [], people: ids })
    default:
      return projectGroups(projecting, ids)
  }
}

/** People of whom something holds from a day that has come since the rows were made. */
const turn = Effect.fnUntraced(function* (projecting: Projecting, day: string) {
  const { log, moment, transaction } = projecting
  if (moment.day === day) return
  const due = yield* transaction.run((db) =>
    db
      .selectFrom("directory_employees")
      .select("id")
      .where("organization_id", "=", log)
      .where("turns_on", "<=", moment.day)
      .execute()
  )
  const expected = yield* transaction.run((db) => hiddenSince(db, log, day, moment.day))
  yield* projectStreams(projecting, [...due.map(({ id }) => `${employeeRecordPrefix}${id}`), ...expected])
})

/** People with a word for one of these days: somebody who was only expected has no row yet that could say so. */
const hiddenSince = async (db: Kysely<Tables>, log: string, after: string, upTo: string) => {
  const rows = await db
    .selectFrom("events")
    .select("stream")
    .distinct()
    .where("organization_id", "=", log)
    .where("effective_on", ">", after)
    .where("effective_on", "<=", upTo)
    .execute()
  return rows.map(({ stream }) => stream)
}

const renewAll = Effect.fnUntraced(function* (projecting: Projecting) {
  const { log, transaction } = projecting
  if ((log as string) !== directoryLog) yield* transaction.run((db) => clear(db, log))
  for (const prefix of prefixes) {
    for (let after = prefix; ;) {
      const streams = yield* transaction.run((db) => streamsAfter(db, log, prefix, after))
      yield* projectSome(
        projecting,
        prefix,
        streams.map((stream) => stream.slice(prefix.length))
      )
      const last = streams.at(-1)
      if (last === undefined || streams.length < batch) break
      after = last
    }
  }
})

const clear = async (db: Kysely<Tables>, log: string) => {
  for (const table of [
    "directory_employees",
    "directory_managers",
    "directory_groups",
    "directory_memberships"
  ] as const) {
    await db.deleteFrom(table).where("organization_id", "=", log).execute()
  }
}

/** ";" comes after ":": the range of names with the prefix. */
const streamsAfter = async (db: Kysely<Tables>, log: string, prefix: string, after: string) => {
  const rows = await db
    .selectFrom("events")
    .select("stream")
    .distinct()
    .where("organization_id", "=", log)
    .where("stream", ">", after)
    .where("stream", "<", prefix.replace(/:$/, ";"))
    .orderBy("stream")
    .limit(batch)
    .execute()
  return rows.map(({ stream }) => stream)
}

const streamsSince = async (db: Kysely<Tables>, log: string, position: number) => {
  const rows = await db
    .selectFrom("events")
    .select(["stream", "type"])
    .distinct()
    .where("organization_id", "=", log)
    .where("position", ">", position)
    .execute()
  return concernedStreams(rows)
}

const selectState = (db: Kysely<Tables>, log: string) =>
  db
    .selectFrom("directory_projections")
    .select(["position", "rules", sql<string>`to_char(day, 'YYYY-MM-DD')`.as("day")])
    .where("organization_id", "=", log)
    .executeTakeFirst()

const writeState = (db: Kysely<Tables>, { log, moment, policy }: Projecting, position: number) => {
  const row = { position, rules: rulesOf(policy), day: moment.day }
  return db
    .insertInto("directory_projections")
    .values({ organization_id: log, ...row })
    .onConflict((conflict) => conflict.column("organization_id").doUpdateSet(row))
    .execute()
    .then(() => undefined)
}
