/**
 * Answers the operations on employees, by asking `Employees` of the current organization.
 *
 * Whoever is let in only because the profile is the own one keeps all of it but the employee number.
 */
import { type EmployeeProfile, Employees } from "@rollcall/core/contract/Employees"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"

import { Caller, currentOrganization } from "./Caller.ts"
import { DirectoryApi } from "./DirectoryApi.ts"
import { employeeAnswer, managerAnswer } from "./EmployeeSchema.ts"
import { listed, pageOf } from "./Paging.ts"
import { answered, forbidden } from "./Problem.ts"
import { given } from "./ProfileSchema.ts"

export const layer = HttpApiBuilder.group(
  DirectoryApi,
  "employee",
  Effect.fnUntraced(function* (handlers) {
    const employees = yield* Employees

    /** To send the number that is there already, with the rest of what was read, changes nothing and is no offence. */
    const checkNumber = Effect.fnUntraced(function* (organization: string, id: string, next: EmployeeProfile) {
      const { ownOnly } = yield* Caller
      if (!ownOnly || next.employeeNumber === undefined) return
      const { employeeNumber = null } = yield* employees.profile(organization, id)
      if (employeeNumber !== next.employeeNumber) {
        return yield* forbidden("Nobody sets the own employeeNumber: this needs the role MANAGER.")
      }
    })

    const setProfile = Effect.fnUntraced(function* (id: string, next: EmployeeProfile, mode: "replace" | "merge") {
      const { actor } = yield* Caller
      const organization = yield* currentOrganization
      yield* checkNumber(organization, id, next)
      return given(yield* employees.setProfile(actor, organization, id, next, mode))
    }, answered)

    return handlers
      .handleAll({
        listEmployees: Effect.fnUntraced(function* ({ request, query }) {
          return listed(
            request,
            yield* employees.list(yield* currentOrganization, query, pageOf(query)),
            employeeAnswer
          )
        }, answered),
        listEmployeesByName: Effect.fnUntraced(function* ({ request, params, query }) {
          const found = yield* employees.byName(yield* currentOrganization, params.name, pageOf(query))
          return listed(request, found, employeeAnswer)
        }, answered),
        getEmployeeByAccount: Effect.fnUntraced(function* ({ params }) {
          return employeeAnswer(yield* employees.byAccount(yield* currentOrganization, params.accountId))
        }, answered),
        listReports: Effect.fnUntraced(function* ({ request, params, query }) {
          const organization = yield* currentOrganization
          const found = yield* employees.byManager(organization, params.managerId, query.type, pageOf(query))
          return listed(request, found, employeeAnswer)
        }, answered),
        getEmployee: Effect.fnUntraced(function* ({ params }) {
          return employeeAnswer(yield* employees.get(yield* currentOrganization, params.employee))
        }, answered),
        createEmployee: Effect.fnUntraced(function* ({ payload }) {
          const { actor } = yield* Caller
          return employeeAnswer(yield* employees.create(actor, yield* currentOrganization, payload))
        }, answered),
        updateEmployee: Effect.fnUntraced(function* ({ params, payload }) {
          const { actor } = yield* Caller
          return employeeAnswer(yield* employees.update(actor, yield* currentOrganization, params.employee, payload))
        }, answered)
      })
      .handleAll({
        listManagers: Effect.fnUntraced(function* ({ params }) {
          return (yield* employees.managers(yield* currentOrganization, params.employee)).map(managerAnswer)
        }, answered),
        setManager: Effect.fnUntraced(function* ({ params, payload }) {
          const { actor } = yield* Caller
          const organization = yield* currentOrganization
          return (yield* employees.assignManager(actor, organization, params.employee, payload)).map(managerAnswer)
        }, answered),
        removeManager: Effect.fnUntraced(function* ({ params }) {
          const { actor } = yield* Caller
          yield* employees.removeManager(actor, yield* currentOrganization, params.employee, params.manager)
        }, answered)
      })
      .handleAll({
        getEmployeeProfile: Effect.fnUntraced(function* ({ params }) {
          return given(yield* employees.profile(yield* currentOrganization, params.employee))
        }, answered),
        replaceEmployeeProfile: ({ params, payload }) => setProfile(params.employee, payload, "replace"),
        updateEmployeeProfile: ({ params, payload }) => setProfile(params.employee, payload, "merge")
      })
  })
)
