/**
 * The 13 operations on employees: those HR lists and those the API makes, their managers and profiles.
 *
 * Part of `DirectoryApi`. Paths, members and titles are the customer's document's; all of them ask of the organization
 * that the token is for.
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"

import {
  Employee,
  EmployeeBody,
  EmployeeManager,
  EmployeeProfile,
  EmployeeProfileBody,
  ManagerBody
} from "./EmployeeSchema.ts"
import { operation } from "./Operation.ts"
import { listOf, pageQuery } from "./Paging.ts"
import { bodyProblems, conflictProblem } from "./Problem.ts"
import { filter, pathId, pathText } from "./Text.ts"

const employee = pathId("The employee's id.")

const error = [conflictProblem, ...bodyProblems] as const

const { get, post, patch, delete: del } = HttpApiEndpoint

export const EmployeeApi = HttpApiGroup.make("employee")
  .add(
    get("listEmployees", "/employee", {
      query: {
        status: Schema.optionalKey(filter("ACTIVE, LEAVE or TERMINATED.", "ACTIVE")),
        type: Schema.optionalKey(filter("HR's employee type.", "REG")),
        ...pageQuery
      },
      success: listOf(Employee)
    }).pipe(operation("List employees", "By name.")),
    post("createEmployee", "/employee", {
      payload: EmployeeBody,
      success: Employee.pipe(HttpApiSchema.status(201)),
      error
    }).pipe(operation("Create employee", "Somebody whom HR does not list.")),
    get("getEmployee", "/employee/:employee", { params: { employee }, success: Employee }).pipe(
      operation("Get employee", "One employee.")
    ),
    patch("updateEmployee", "/employee/:employee", {
      params: { employee },
      payload: EmployeeBody,
      success: Employee,
      error
    }).pipe(operation("Update employee", "What is optional and left out stays as it is.")),
    get("listEmployeesByName", "/employee/by-name/:name", {
      params: { name: pathText("The whole name, in whatever case.", "Ken Sánchez") },
      query: pageQuery,
      success: listOf(Employee)
    }).pipe(operation("Get employees by name", "Everybody of that name.")),
    get("getEmployeeByAccount", "/employee/by-account/:accountId", {
      params: { accountId: pathId("The account's id.") },
      success: Employee
    }).pipe(operation("Get employee by account ID", "Who the account's user is.")),
    get("listReports", "/employee/by-manager/:managerId", {
      params: { managerId: pathId("The manager's id.") },
      query: { type: Schema.optionalKey(filter("Of the manager.", "supervisor")), ...pageQuery },
      success: listOf(Employee)
    }).pipe(operation("List reports for manager", "The direct ones, by name."))
  )
  .add(
    get("listManagers", "/employee/:employee/managers", {
      params: { employee },
      success: Schema.Array(EmployeeManager)
    }).pipe(operation("List managers of employee", "Of whatever type.")),
    post("setManager", "/employee/:employee/managers", {
      params: { employee },
      payload: ManagerBody,
      success: Schema.Array(EmployeeManager),
      error
    }).pipe(
      operation("Set managers for employee", "Adds the one named; a supervisor takes the place of the one before.")
    ),
    del("removeManager", "/employee/:employee/managers/:manager", {
      params: { employee, manager: pathId("The manager's id.") },
      success: HttpApiSchema.Empty(200),
      error: conflictProblem
    }).pipe(operation("Remove manager from employee", "Of whatever type."))
  )
  .add(
    get("getEmployeeProfile", "/employee/:employee/profile", { params: { employee }, success: EmployeeProfile }).pipe(
      operation("Get employee profile", "One employee's.")
    ),
    post("replaceEmployeeProfile", "/employee/:employee/profile", {
      params: { employee },
      payload: EmployeeProfileBody,
      success: EmployeeProfile.pipe(HttpApiSchema.status(201)),
      error
    }).pipe(
      operation(
        "Create or replace employee profile",
        "What is not given is emptied. Who writes the own profile cannot set the employee number."
      )
    ),
    patch("updateEmployeeProfile", "/employee/:employee/profile", {
      params: { employee },
      payload: EmployeeProfileBody,
      success: EmployeeProfile,
      error
    }).pipe(
      operation(
        "Update employee profile",
        "What is not given stays as it is; null empties a member. Who writes the own profile cannot set the employee number."
      )
    )
  )
  .annotateMerge(OpenApi.annotations({ title: "Employees", description: "People, their managers and profiles." }))
