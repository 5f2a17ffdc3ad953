/**
 * The 8 operations on accounts: who logs in, and what they were granted.
 *
 * Part of `DirectoryApi`. Paths, members and titles are the customer's document's. An account is named by its id or, where
 * the path says so, by its e-mail address.
 */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"

import { Account, AccountBody, GrantBody } from "./AccountSchema.ts"
import { Employee } from "./EmployeeSchema.ts"
import { operation } from "./Operation.ts"
import { listOf, pageQuery } from "./Paging.ts"
import { bodyProblems, conflictProblem } from "./Problem.ts"
import { pathId } from "./Text.ts"

const accountId = pathId("The account's id.")
const accountIdOrEmail = pathId("The account's id or e-mail address.")

const error = [conflictProblem, ...bodyProblems] as const

const { get, post, patch } = HttpApiEndpoint

export const AccountApi = HttpApiGroup.make("account")
  .add(
    get("listAccounts", "/account", { query: pageQuery, success: listOf(Account) }).pipe(
      operation("List accounts", "Those of the organization, and those that were granted a role in it.")
    ),
    post("createAccount", "/account", {
      payload: AccountBody,
      success: Account.pipe(HttpApiSchema.status(201)),
      error
    }).pipe(operation("Create account", "It belongs to the token's organization; to none if the token is for none.")),
    get("getAccount", "/account/:accountIdOrEmail", { params: { accountIdOrEmail }, success: Account }).pipe(
      operation("Get account by ID or email", "One account.")
    ),
    patch("updateAccount", "/account/:accountIdOrEmail", {
      params: { accountIdOrEmail },
      payload: AccountBody,
      success: Account,
      error
    }).pipe(operation("Update account", "An organization changes its own accounts alone.")),
    post("grantRole", "/account/:accountId/grant", {
      params: { accountId },
      payload: GrantBody,
      success: Account,
      error
    }).pipe(operation("Grant account a role", "In the current organization where none is named.")),
    get("listOrganizationAdmins", "/account/org-admins", { query: pageQuery, success: listOf(Account) }).pipe(
      operation("List organization admins", "Those that were granted ORG_ADMIN in the current organization.")
    ),
    get("listAccountEmployees", "/account/:accountId/employees", {
      params: { accountId },
      query: pageQuery,
      success: listOf(Employee)
    }).pipe(operation("List employees for account", "Who its user is in the organizations in sight.")),
    get("listOrganizationAccounts", "/account/for-org", { query: pageQuery, success: listOf(Account) }).pipe(
      operation("List accounts for organization", "Those of the current organization.")
    )
  )
  .annotateMerge(OpenApi.annotations({ title: "Accounts", description: "Who logs in, and what they were granted." }))
