/**
 * Answers the operations on accounts, by asking `Accounts` for those in the caller's sight.
 *
 * A grant is given in the current organization, or in the one that it names where that is in reach.
 */
import { Accounts } from "@rollcall/core/contract/Accounts"
import { Employees } from "@rollcall/core/contract/Employees"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"

import { accountAnswer } from "./AccountSchema.ts"
import { Caller, currentOrganization, organizationInReach, sight } from "./Caller.ts"
import { DirectoryApi } from "./DirectoryApi.ts"
import { employeeAnswer } from "./EmployeeSchema.ts"
import { listed, pageOf } from "./Paging.ts"
import { answered } from "./Problem.ts"

export const layer = HttpApiBuilder.group(
  DirectoryApi,
  "account",
  Effect.fnUntraced(function* (handlers) {
    const accounts = yield* Accounts
    const employees = yield* Employees
    return handlers.handleAll({
      listAccounts: Effect.fnUntraced(function* ({ request, query }) {
        return listed(request, yield* accounts.list(pageOf(query), yield* sight), accountAnswer)
      }, answered),
      listOrganizationAccounts: Effect.fnUntraced(function* ({ request, query }) {
        return listed(request, yield* accounts.list(pageOf(query), yield* currentOrganization), accountAnswer)
      }, answered),
      listOrganizationAdmins: Effect.fnUntraced(function* ({ request, query }) {
        const found = yield* accounts.list(pageOf(query), yield* currentOrganization, { admins: true })
        return listed(request, found, accountAnswer)
      }, answered),
      createAccount: Effect.fnUntraced(function* ({ payload }) {
        const { actor } = yield* Caller
        return accountAnswer(yield* accounts.create(actor, yield* sight, payload))
      }, answered),
      getAccount: Effect.fnUntraced(function* ({ params }) {
        return accountAnswer(yield* accounts.find(yield* sight, params.accountIdOrEmail))
      }, answered),
      updateAccount: Effect.fnUntraced(function* ({ params, payload }) {
        const { actor } = yield* Caller
        return accountAnswer(yield* accounts.update(actor, yield* sight, params.accountIdOrEmail, payload))
      }, answered),
      grantRole: Effect.fnUntraced(function* ({ params, payload }) {
        const { actor } = yield* Caller
        const orgId =
          payload.orgId === undefined ? yield* currentOrganization : yield* organizationInReach(payload.orgId)
        return accountAnswer(yield* accounts.grant(actor, yield* sight, params.accountId, { ...payload, orgId }))
      }, answered),
      listAccountEmployees: Effect.fnUntraced(function* ({ request, params, query }) {
        const seen = yield* sight
        const account = yield* accounts.find(seen, params.accountId)
        return listed(request, yield* employees.ofAccount(seen, account.id, pageOf(query)), employeeAnswer)
      }, answered)
    })
  })
)
