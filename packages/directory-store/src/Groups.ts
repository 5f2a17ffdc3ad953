/**
 * Groups of the Directory on a database: the parts put together as the contract has them.
 */
import { Conflict, Invalid, NotFound } from "@rollcall/core/contract/Directory"
import { Groups, groupProfileMembers } from "@rollcall/core/contract/Groups"
import { employeeRecordStream, foldRecord } from "@rollcall/core/directory/EmployeeRecord"
import { foldGroup, groupStream } from "@rollcall/core/directory/GroupRecord"
import { profileChanges } from "@rollcall/core/directory/Profile"
import { isUuid } from "@rollcall/core/domain/Employee"
import type { Event, NewEvent } from "@rollcall/core/domain/Event"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { byActor } from "@rollcall/core/sync/Record"
import { Effect, Layer } from "effect"
import { type Kysely, sql } from "kysely"

import { Database } from "./Database.ts"
import { logOf } from "./DirectoryRows.ts"
import { type Writing, refuse, write } from "./DirectoryWrite.ts"
import { entityKind, findGroup, listGroups, listMembers, listMemberships, readGroupProfile } from "./GroupQueries.ts"
import { makeProjector } from "./Projector.ts"
import type { Tables } from "./Schema.ts"

const make = Effect.gen(function* () {
  const database = yield* Database
  const projector = yield* makeProjector
  const { query } = database

  /** A write in the organization's log. */
  const writeIn = <A>(log: OrganizationId, body: Parameters<typeof write<A>>[3]) =>
    write(database, projector, [log], body)

  return Groups.of({
    list: (organization, filter, page) => listGroups(query, organization, filter, page),
    get: (organization, id) => findGroup(query, organization, id),
    profile: (organization, id) => readGroupProfile(query, organization, id),
    members: (organization, id, filter, page) => listMembers(query, organization, id, filter, page),
    ofEntity: (organization, entity) => listMemberships(query, organization, entity),
    create: Effect.fn("Groups.create")(function* (actor, organization, { name, type }) {
      const log = yield* logOf(query, organization)
      return yield* writeIn(
        log,
        Effect.fnUntraced(function* (writing: Writing) {
          const id = globalThis.crypto.randomUUID()
          yield* writing.append(log, [entry(groupStream(id), actor, { type: "GroupCreated", name, kind: type })])
          return yield* findGroup(writing.run, organization, id)
        })
      )
    }),
    update: Effect.fn("Groups.update")(function* (actor, organization, id, { name, type }) {
      const log = yield* logOf(query, organization)
      return yield* writeIn(
        log,
        Effect.fnUntraced(function* (writing: Writing) {
          const known = yield* findGroup(writing.run, organization, id)
          const changes = { ...(name === known.name ? {} : { name }), ...(type === known.type ? {} : { kind: type }) }
          if (Object.keys(changes).length === 0) return known
          const hr = yield* writing.run((db) => isHr(db, log, id))
          if (hr) return yield* refuse(hrNames("name" in changes ? "name" : "type"))
          yield* writing.append(log, [entry(groupStream(id), actor, { type: "GroupUpdated", ...changes })])
          return yield* findGroup(writing.run, organization, id)
        })
      )
    }),
    setProfile: Effect.fn("Groups.setProfile")(function* (actor, organization, id, profile, mode) {
      const log = yield* logOf(query, organization)
      return yield* writeIn(
        log,
        Effect.fnUntraced(function* (writing: Writing) {
          const known = yield* readGroupProfile(writing.run, organization, id)
          const changes = profileChanges(known, profile, groupProfileMembers, mode)
          const event = entry(groupStream(id), actor, { type: "GroupProfileChanged", profile: changes })
          yield* writing.append(log, Object.keys(changes).length === 0 ? [] : [event])
          return yield* readGroupProfile(writing.run, organization, id)
        })
      )
    }),
    setForEntity: Effect.fn("Groups.setForEntity")(function* (actor, organization, entity, given) {
      const log = yield* logOf(query, organization)
      return yield* writeIn(
        log,
        Effect.fnUntraced(function* (writing: Writing) {
          const kind = yield* entityKind(writing.run, organization, entity)
          for (const [i, { groupId }] of given.entries())
            yield* requireGroup(writing, organization, `${i}.groupId`, groupId)
          if (kind === "group") yield* requireNoCircle(writing, log, entity, given)
          const memberships = distinct(given.map(({ groupId, type }) => ({ group: groupId, kind: type })))
          const before = yield* membershipsOf(writing, log, kind, entity)
          const same = JSON.stringify(before) === JSON.stringify(memberships)
          yield* writing.append(
            log,
            same ? [] : [entry(streamOf(kind, entity), actor, { type: "MembershipsSet", memberships })]
          )
        })
      )
    }),
    removeEntity: Effect.fn("Groups.removeEntity")(function* (actor, organization, entity, group) {
      const log = yield* logOf(query, organization)
      return yield* writeIn(
        log,
        Effect.fnUntraced(function* (writing: Writing) {
          const kind = yield* entityKind(writing.run, organization, entity)
          const before = yield* membershipsOf(writing, log, kind, entity)
          const memberships = before.filter((one) => one.group !== group)
          const byHr = isUuid(group) && (yield* writing.run((db) => isMemberByHr(db, log, entity, group)))
          if (byHr) return yield* refuse(new Conflict({ field: "group", problem: "has this member by HR's word" }))
          if (memberships.length === before.length) {
            return yield* refuse(new NotFound({ what: "membership", id: group }))
          }
          yield* writing.append(log, [entry(streamOf(kind, entity), actor, { type: "MembershipsSet", memberships })])
        })
      )
    })
  })
})

export const layer: Layer.Layer<Groups, never, Database> = Layer.effect(Groups, make)

const entry = (stream: string, actor: string, event: Event): NewEvent => byActor(actor, { stream, event })

const streamOf = (kind: "employee" | "group", entity: string): string =>
  kind === "employee" ? employeeRecordStream(entity) : groupStream(entity)

const hrNames = (field: string) =>
  new Conflict({ field, problem: "is HR's to say: the group stands for a department or an office" })

const distinct = (links: ReadonlyArray<{ readonly group: string; readonly kind: string }>) => [
  ...new Map(links.map((link) => [`${link.group} ${link.kind}`, link])).values()
]

const membershipsOf = Effect.fnUntraced(function* (
  writing: Writing,
  log: OrganizationId,
  kind: "employee" | "group",
  entity: string
) {
  const stream = streamOf(kind, entity)
  const events = (yield* writing.streams(log, [stream])).get(stream) ?? []
  return kind === "employee" ? foldRecord(entity, events).memberships : foldGroup(entity, events).memberships
})

const requireGroup = (writing: Writing, organization: string, field: string, id: string) =>
  findGroup(writing.run, organization, id).pipe(
    Effect.catchTag("DirectoryRefused", () =>
      Effect.fail(refuse(new Invalid({ field, problem: "is no group of this organization" })))
    )
  )

/** A group may not be in itself, over however many groups. */
const requireNoCircle = Effect.fnUntraced(function* (
  writing: Writing,
  log: OrganizationId,
  entity: string,
  given: ReadonlyArray<{ readonly groupId: string }>
) {
  for (const [i, { groupId }] of given.entries()) {
    const within = groupId === entity || (yield* writing.run((db) => isWithin(db, log, groupId, entity)))
    if (!within) continue
    const problem = "is this group, or in it: groups may not run in a circle"
    return yield* refuse(new Conflict({ field: `${i}.groupId`, problem }))
  }
})

/** Whether `inner` is in `outer`, over any number of groups. */
const isWithin = async (db: Kysely<Tables>, log: string, inner: string, outer: string): Promise<boolean> => {
  const { rows } = await sql<{ found: boolean }>`
    with recursive up (group_id) as (
      select group_id from directory_memberships where organization_id = ${log} and entity = ${inner}::uuid
      union
      select next.group_id from up join directory_memberships as next
        on next.organization_id = ${log} and next.entity = up.group_id
    )
    select exists (select from up where group_id = ${outer}::uuid) as found`.execute(db)
  return rows[0]?.found === true
}

const isHr = async (db: Kysely<Tables>, log: string, id: string): Promise<boolean> => {
  const query = db.selectFrom("directory_groups").select("hr").where("organization_id", "=", log).where("id", "=", id)
  return (await query.executeTakeFirst())?.hr === true
}

const isMemberByHr = async (db: Kysely<Tables>, log: string, entity: string, group: string): Promise<boolean> => {
  const row = await db
    .selectFrom("directory_memberships")
    .select("hr")
    .where("organization_id", "=", log)
    .where("entity", "=", entity)
    .where("group_id", "=", group)
    .where("hr", "=", true)
    .executeTakeFirst()
  return row !== undefined
}
