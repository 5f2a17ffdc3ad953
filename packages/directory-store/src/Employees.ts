/**
 * Employees of the Directory on a database: the parts put together as the contract has them.
 */
import { Employees } from "@rollcall/core/contract/Employees"
import { Effect, Layer } from "effect"

import { Database } from "./Database.ts"
import { logOf } from "./DirectoryRows.ts"
import {
  findByAccount,
  findEmployee,
  listEmployees,
  listManagers,
  listOfAccount,
  listReports,
  readProfile
} from "./EmployeeQueries.ts"
import { assignManager, createEmployee, removeManager, setProfile, updateEmployee } from "./EmployeeWrites.ts"
import { makeProjector } from "./Projector.ts"

const make = Effect.gen(function* () {
  const database = yield* Database
  const projector = yield* makeProjector
  const place = { database, projector }
  const { query } = database
  return Employees.of({
    list: Effect.fnUntraced(function* (organization, filter, page) {
      return yield* listEmployees(query, organization, filter, page)
    }),
    byName: (organization, name, page) => listEmployees(query, organization, { name }, page),
    withoutKey: (organization, page) => listEmployees(query, organization, { key: "none" }, page),
    byAccount: (organization, account) => findByAccount(query, organization, account),
    ofAccount: (sight, account, page) => listOfAccount(query, sight, account, page),
    byManager: (organization, manager, type, page) => listReports(query, organization, manager, type, page),
    get: (organization, id) => findEmployee(query, organization, id),
    managers: (organization, id) => listManagers(query, organization, id),
    profile: (organization, id) => readProfile(query, organization, id),
    create: Effect.fn("Employees.create")(function* (actor, organization, details) {
      return yield* createEmployee(place, yield* logOf(query, organization), actor, details)
    }),
    update: Effect.fn("Employees.update")(function* (actor, organization, id, details) {
      return yield* updateEmployee(place, yield* logOf(query, organization), actor, id, details)
    }),
    assignManager: Effect.fn("Employees.assignManager")(function* (actor, organization, id, manager) {
      return yield* assignManager(place, yield* logOf(query, organization), actor, id, manager)
    }),
    removeManager: Effect.fn("Employees.removeManager")(function* (actor, organization, id, manager) {
      return yield* removeManager(place, yield* logOf(query, organization), actor, id, manager)
    }),
    setProfile: Effect.fn("Employees.setProfile")(function* (actor, organization, id, profile, mode) {
      return yield* setProfile(place, yield* logOf(query, organization), actor, id, profile, mode)
    })
  })
})

export const layer: Layer.Layer<Employees, never, Database> = Layer.effect(Employees, make)
