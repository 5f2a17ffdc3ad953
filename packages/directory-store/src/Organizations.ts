/**
 * Organizations of the Directory on a database: the parts put together as the contract has them.
 */
import { Organizations } from "@rollcall/core/contract/Organizations"
import { organizationUuid } from "@rollcall/core/domain/Employee"
import { Effect, Layer } from "effect"

import { Database } from "./Database.ts"
import { logOf } from "./DirectoryRows.ts"
import { findKey, findOrganization, listByApp, listOrganizations } from "./OrganizationQueries.ts"
import {
  createKey,
  createOrganization,
  registerOrganization,
  revokeKey,
  setProfile,
  updateOrganization
} from "./OrganizationWrites.ts"
import { makeProjector } from "./Projector.ts"

const make = Effect.gen(function* () {
  const database = yield* Database
  const place = { database, projector: yield* makeProjector }
  const { query } = database
  return Organizations.of({
    register: Effect.fn("Organizations.register")(function* (log, apps) {
      yield* registerOrganization(place, log, apps)
      return organizationUuid(log)
    }),
    list: (page, only) => listOrganizations(query, page, only),
    get: (id) => findOrganization(query, { id }),
    byAlias: (alias) => findOrganization(query, { alias }),
    byApp: (asked, page, only) => listByApp(query, asked, page, only),
    create: Effect.fn("Organizations.create")(function* (actor, details) {
      return yield* createOrganization(place, actor, details)
    }),
    update: Effect.fn("Organizations.update")(function* (actor, id, details) {
      return yield* updateOrganization(place, yield* logOf(query, id), actor, details)
    }),
    setProfile: Effect.fn("Organizations.setProfile")(function* (actor, id, profile, mode) {
      return yield* setProfile(place, yield* logOf(query, id), actor, profile, mode)
    }),
    createKey: Effect.fn("Organizations.createKey")(function* (actor, id, key) {
      return yield* createKey(place, yield* logOf(query, id), actor, key)
    }),
    revokeKey: Effect.fn("Organizations.revokeKey")(function* (actor, id, key) {
      return yield* revokeKey(place, yield* logOf(query, id), actor, key)
    }),
    signingKey: (key) => findKey(query, key)
  })
})

export const layer: Layer.Layer<Organizations, never, Database> = Layer.effect(Organizations, make)
