/**
 * The door of the operations API: an administrator of the organization that the path names, or of all.
 *
 * Tokens are the Directory API's. Whatever belongs to another organization is not found.
 */
import { organizationUuid } from "@rollcall/core/domain/Employee"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { includesRole } from "@rollcall/core/domain/Role"
import { checkBody, refuse } from "@rollcall/directory-api/Admission"
import { Caller, type CallerOf } from "@rollcall/directory-api/Caller"
import { answered, forbidden, notFound } from "@rollcall/directory-api/Problem"
import type { RootKey } from "@rollcall/directory-api/RootKey"
import { makeVerify } from "@rollcall/directory-api/Token"
import { Effect, Layer, Redacted, Schema } from "effect"
import { HttpRouter } from "effect/http"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"

import { commonProblems } from "./OperationsProblem.ts"

export class OperationsAdmission extends HttpApiMiddleware.Service<OperationsAdmission, { provides: Caller }>()(
  "rollcall/operations/OperationsAdmission",
  { security: { bearerAuth: HttpApiSecurity.bearer }, error: commonProblems }
) {}

const least = "ORG_ADMIN"

/** Whether the caller may know of this organization at all. */
export const reaches = ({ organization, role }: CallerOf, name: string): boolean =>
  role === "SUPER_ADMIN" || (Schema.is(OrganizationId)(name) && organizationUuid(name) === organization)

export const layer = (rootKey: RootKey) =>
  Layer.effect(
    OperationsAdmission,
    Effect.gen(function* () {
      const verify = yield* makeVerify(rootKey)

      const admit = Effect.fnUntraced(function* (token: string, hasBody: boolean) {
        const caller = yield* Effect.catchTag(verify(token), "TokenRefused", refuse)
        if (!includesRole(caller.role, least))
          return yield* forbidden(`This needs the role ${least}; the token has ${caller.role}.`)
        const { organization } = yield* HttpRouter.params
        if (organization !== undefined && !reaches(caller, organization)) return yield* notFound("organization")
        if (hasBody) yield* checkBody
        return caller
      })

      return OperationsAdmission.of({
        bearerAuth: (handler, { credential, endpoint }) =>
          Effect.flatMap(answered(admit(Redacted.value(credential), endpoint.payload.size > 0)), (caller) =>
            "role" in caller ? Effect.provideService(handler, Caller, caller) : Effect.succeed(caller)
          )
      })
    })
  )
