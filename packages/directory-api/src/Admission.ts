/**
 * The door of every operation: whose token it is, whether that role may, and whether the body is of a kind we read.
 *
 * A middleware of all four groups; it provides `Caller`. The table in `Permission` is enforced here and nowhere else.
 */
import { Employees } from "@rollcall/core/contract/Employees"
import type { StoreError } from "@rollcall/core/contract/EventLog"
import { Effect, Layer, Redacted } from "effect"
import { HttpRouter, HttpServerRequest } from "effect/http"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"

import { Caller, type CallerOf } from "./Caller.ts"
import { isPermitted, permissionOf } from "./Permission.ts"
import { answered, commonProblems, forbidden, Problem, unauthorized } from "./Problem.ts"
import type { RootKey } from "./RootKey.ts"
import { makeVerify, type TokenRefused } from "./Token.ts"

export class Admission extends HttpApiMiddleware.Service<Admission, { provides: Caller }>()(
  "@rollcall/directory-api/Admission",
  { security: { bearerAuth: HttpApiSecurity.bearer }, error: commonProblems }
) {}

export const layer = (rootKey: RootKey) =>
  Layer.effect(
    Admission,
    Effect.gen(function* () {
      const verify = yield* makeVerify(rootKey)
      const employees = yield* Employees

      /** Whether the path names the employee that the caller's account belongs to. */
      const isOwn = Effect.fnUntraced(function* ({ account, organization }: CallerOf) {
        const { employee = "" } = yield* HttpRouter.params
        if (account === null || organization === null) return false
        const named = yield* Effect.catchTag(
          employees.get(organization, employee.toLowerCase()),
          "DirectoryRefused",
          () => Effect.succeed(null)
        )
        if (named === null) return false
        if (named.account === account) return true
        const own = yield* Effect.catchTag(employees.byAccount(organization, account), "DirectoryRefused", () =>
          Effect.succeed(null)
        )
        return own?.id === named.id
      })

      const permit = Effect.fnUntraced(function* (caller: CallerOf, operation: string) {
        const permission = permissionOf(operation)
        if (permission === undefined) return yield* forbidden("This operation is open to nobody.")
        if (isPermitted(permission, caller.role)) return caller
        if (permission.self && (yield* isOwn(caller))) return { ...caller, ownOnly: true }
        return yield* forbidden(`This needs the role ${permission.least}; the token has ${caller.role}.`)
      })

      const admit = Effect.fnUntraced(function* (token: string, operation: string, hasBody: boolean) {
        const verified = yield* Effect.catchTag(verify(token), "TokenRefused", refuse)
        const caller = yield* permit(verified, operation)
        if (hasBody) yield* checkBody
        return caller
      })

      return Admission.of({
        bearerAuth: (handler, { credential, endpoint }) =>
          Effect.flatMap(
            answered(admit(Redacted.value(credential), endpoint.identifier, endpoint.payload.size > 0)),
            (caller) => ("role" in caller ? Effect.provideService(handler, Caller, caller) : Effect.succeed(caller))
          )
      })
    })
  )

/** Why is for those who run the service; the answer is the same whatever is wrong. */
export const refuse = ({ reason }: TokenRefused): Effect.Effect<never, Problem | StoreError> =>
  Effect.andThen(Effect.logInfo(`A token was refused: ${reason}.`), Effect.fail(unauthorized))

export const checkBody = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) => {
  const type = headers["content-type"]
  if (type === undefined || /^\s*application\/json\s*(?:;|$)/iu.test(type)) return Effect.void
  return Effect.fail(new Problem({ status: 415, detail: "The body must be application/json." }))
})
