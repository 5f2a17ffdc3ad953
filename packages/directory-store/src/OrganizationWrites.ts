/**
 * Writing organizations: what is unique among all goes into the shared log, what is their own into theirs.
 */
import { randomBytes } from "node:crypto"

import { Conflict, Invalid, NotFound } from "@rollcall/core/contract/Directory"
import type { StoreError } from "@rollcall/core/contract/EventLog"
import {
  type OrganizationDetails,
  type OrganizationProfile,
  organizationProfileMembers
} from "@rollcall/core/contract/Organizations"
import { aliasOf, freeAlias, isAlias } from "@rollcall/core/directory/Alias"
import { foldOrganization, organizationStream } from "@rollcall/core/directory/OrganizationRecord"
import { profileChanges } from "@rollcall/core/directory/Profile"
import { canonicalJson } from "@rollcall/core/domain/Digest"
import type { ConfiguredApp } from "@rollcall/core/domain/DirectoryEvent"
import { organizationUuid } from "@rollcall/core/domain/Employee"
import type { Event, NewEvent } from "@rollcall/core/domain/Event"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import type { GrantableRole } from "@rollcall/core/domain/Role"
import { byActor } from "@rollcall/core/sync/Record"
import { Effect } from "effect"

import { accountEvent, findAccount } from "./Accounts.ts"
import { lockOrMakeHead } from "./AppendTransaction.ts"
import type { Database } from "./Database.ts"
import { type Writing, refuse, sharedLog, write } from "./DirectoryWrite.ts"
import { findKey, findOrganization } from "./OrganizationQueries.ts"
import type { Projector } from "./Projector.ts"

interface Place {
  readonly database: Database["Service"]
  readonly projector: Projector
}

const entry = (id: string, actor: string, event: Event): NewEvent =>
  byActor(actor, { stream: organizationStream(id), event })

/** Known to the Directory from now on, under the name of its log, with the plugins of the configuration. */
export const registerOrganization = (
  { database, projector }: Place,
  log: OrganizationId,
  apps: ReadonlyArray<ConfiguredApp>
): Effect.Effect<void, StoreError> =>
  write(
    database,
    projector,
    [sharedLog, log],
    Effect.fnUntraced(function* (writing: Writing) {
      const id = organizationUuid(log)
      const known = yield* isRegistered(writing, id)
      if (!known) {
        const alias = yield* unusedAlias(writing, aliasOf(log))
        yield* writing.append(sharedLog, [
          entry(id, "rollcall", { type: "OrganizationRegistered", log, name: log, alias })
        ])
        yield* begin(writing, log)
      }
      const { apps: before } = yield* ownRecord(writing, log)
      const plain = before.map(({ data, id, name, secrets, type }) => ({ data, id, name, secrets, type }))
      if (canonicalJson(plain) === canonicalJson(apps)) return
      yield* writing.append(log, [entry(id, "rollcall", { type: "AppsConfigured", apps })])
    })
  )

const begin = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId) {
  const { position } = yield* writing.run((db) => lockOrMakeHead(db, log))
  yield* writing.projector.begin(writing.transaction, log, position)
})

const isRegistered = (writing: Writing, id: string) =>
  findOrganization(writing.run, { id }).pipe(
    Effect.as(true),
    Effect.catchTag("DirectoryRefused", () => Effect.succeed(false))
  )

const ownRecord = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId) {
  const stream = organizationStream(organizationUuid(log))
  return foldOrganization((yield* writing.streams(log, [stream])).get(stream) ?? [])
})

const unusedAlias = Effect.fnUntraced(function* (writing: Writing, alias: string) {
  const rows = yield* writing.run((db) => db.selectFrom("directory_organizations").select("alias").execute())
  return freeAlias(alias, new Set(rows.map((row) => row.alias)))
})

/** The alias that is asked for; refused where it cannot be one or another organization has it. */
const requireAlias = Effect.fnUntraced(function* (writing: Writing, alias: string, id: string) {
  if (!isAlias(alias)) {
    const problem = "must be 1 to 63 of a-z, 0-9, - and _, and no word that stands in a path"
    return yield* refuse(new Invalid({ field: "alias", problem }))
  }
  const other = yield* writing.run((db) =>
    db
      .selectFrom("directory_organizations")
      .select("id")
      .where("alias", "=", alias)
      .where("id", "<>", id)
      .executeTakeFirst()
  )
  if (other !== undefined) return yield* refuse(new Conflict({ field: "alias", problem: "is another organization's" }))
  return alias
})

export const createOrganization = (
  { database, projector }: Place,
  actor: string,
  { alias, name, ownerEmail }: OrganizationDetails
) => {
  const id = globalThis.crypto.randomUUID()
  const log = OrganizationId.make(id)
  return write(
    database,
    projector,
    [sharedLog, log],
    Effect.fnUntraced(function* (writing: Writing) {
      const chosen = yield* alias === undefined ? unusedAlias(writing, aliasOf(name)) : requireAlias(writing, alias, id)
      yield* writing.append(sharedLog, [entry(id, actor, { type: "OrganizationRegistered", log, name, alias: chosen })])
      yield* begin(writing, log)
      if (ownerEmail !== undefined) yield* nameOwner(writing, log, actor, ownerEmail)
      return yield* findOrganization(writing.run, { id })
    })
  )
}

export const updateOrganization = (
  { database, projector }: Place,
  log: OrganizationId,
  actor: string,
  { alias, name, ownerEmail }: OrganizationDetails
) =>
  write(
    database,
    projector,
    [sharedLog, log],
    Effect.fnUntraced(function* (writing: Writing) {
      const id = organizationUuid(log)
      const known = yield* findOrganization(writing.run, { id })
      const changes = {
        ...(name === known.name ? {} : { name }),
        ...(alias === undefined || alias === known.alias ? {} : { alias: yield* requireAlias(writing, alias, id) })
      }
      const changed = Object.keys(changes).length > 0
      yield* writing.append(sharedLog, changed ? [entry(id, actor, { type: "OrganizationUpdated", ...changes })] : [])
      if (ownerEmail !== undefined) yield* nameOwner(writing, log, actor, ownerEmail)
      return yield* findOrganization(writing.run, { id })
    })
  )

/** The organization's own account with the address, made if there is none, is its owner and an admin. */
const nameOwner = Effect.fnUntraced(function* (writing: Writing, log: OrganizationId, actor: string, email: string) {
  const organization = organizationUuid(log)
  const known = yield* findAccount(writing.run, organization, email).pipe(
    Effect.catchTag("DirectoryRefused", () => Effect.succeed(undefined))
  )
  const own = known?.organization === organization ? known : undefined
  const account = own?.id ?? globalThis.crypto.randomUUID()
  const role: GrantableRole = "ORG_ADMIN"
  const granted = own?.grants.some((grant) => grant.orgId === organization && grant.role === role) === true
  const { owner } = yield* ownRecord(writing, log)
  yield* writing.append(log, [
    ...(own === undefined ? [accountEvent(account, actor, { type: "AccountCreated", details: { email } })] : []),
    ...(granted ? [] : [accountEvent(account, actor, { type: "RoleGranted", organization, role })]),
    ...(owner === account ? [] : [entry(organization, actor, { type: "OwnerNamed", account })])
  ])
})

export const setProfile = (
  { database, projector }: Place,
  log: OrganizationId,
  actor: string,
  profile: OrganizationProfile,
  mode: "replace" | "merge"
) =>
  write(
    database,
    projector,
    [log],
    Effect.fnUntraced(function* (writing: Writing) {
      const id = organizationUuid(log)
      const known = yield* findOrganization(writing.run, { id })
      const changes = profileChanges(known.profile, profile, organizationProfileMembers, mode)
      const event = entry(id, actor, { type: "OrganizationProfileChanged", profile: changes })
      yield* writing.append(log, Object.keys(changes).length === 0 ? [] : [event])
      return (yield* findOrganization(writing.run, { id })).profile
    })
  )

const saltBytes = 32

export const createKey = (
  { database, projector }: Place,
  log: OrganizationId,
  actor: string,
  { limitToRole, name }: { readonly name: string; readonly limitToRole?: GrantableRole }
) =>
  write(
    database,
    projector,
    [log],
    Effect.fnUntraced(function* (writing: Writing) {
      const organization = organizationUuid(log)
      yield* findOrganization(writing.run, { id: organization })
      const key = globalThis.crypto.randomUUID()
      const salt = randomBytes(saltBytes).toString("hex")
      const limit = limitToRole === undefined ? {} : { limitToRole }
      yield* writing.append(log, [entry(organization, actor, { type: "KeyCreated", key, name, salt, ...limit })])
      return { id: key, organization, name, salt, limitToRole: limitToRole ?? null }
    })
  )

export const revokeKey = ({ database, projector }: Place, log: OrganizationId, actor: string, key: string) =>
  write(
    database,
    projector,
    [log],
    Effect.fnUntraced(function* (writing: Writing) {
      const organization = organizationUuid(log)
      const known = yield* findKey(writing.run, key)
      if (known?.organization !== organization) return yield* refuse(new NotFound({ what: "key", id: key }))
      yield* writing.append(log, [entry(organization, actor, { type: "KeyRevoked", key })])
      return { id: known.id, name: known.name, limitToRole: known.limitToRole }
    })
  )
