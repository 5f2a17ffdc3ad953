/**
 * Answers the operations on organizations, by asking `Organizations` for what is in the caller's reach.
 *
 * What is asked of the current organization and of one by its id is the same with another organization.
 */
import type { OrganizationUuid, Page } from "@rollcall/core/contract/Directory"
import { type AppQuery, Organizations } from "@rollcall/core/contract/Organizations"
import { Effect } from "effect"
import type { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"

import { Caller, currentOrganization, organizationInReach, reach } from "./Caller.ts"
import { DirectoryApi } from "./DirectoryApi.ts"
import {
  keyAnswer,
  type KeyBody,
  organizationAnswer,
  type OrganizationBody,
  type OrganizationProfileBody
} from "./OrganizationSchema.ts"
import { listed, pageOf } from "./Paging.ts"
import { answered, notFound } from "./Problem.ts"
import { given } from "./ProfileSchema.ts"
import type { RootKey } from "./RootKey.ts"
import { secretOf } from "./SigningSecret.ts"

export const layer = (rootKey: RootKey) =>
  HttpApiBuilder.group(
    DirectoryApi,
    "organization",
    Effect.fnUntraced(function* (handlers) {
      const organizations = yield* Organizations

      const update = Effect.fnUntraced(function* (id: OrganizationUuid, body: typeof OrganizationBody.Type) {
        const { actor, role } = yield* Caller
        return organizationAnswer(role)(yield* organizations.update(actor, id, body))
      })

      const profile = (id: OrganizationUuid) =>
        Effect.map(organizations.get(id), (organization) => given(organization.profile))

      const setProfile = Effect.fnUntraced(function* (
        id: OrganizationUuid,
        body: typeof OrganizationProfileBody.Type,
        mode: "replace" | "merge"
      ) {
        const { actor } = yield* Caller
        return given(yield* organizations.setProfile(actor, id, body, mode))
      })

      const createKey = Effect.fnUntraced(function* (id: OrganizationUuid, body: typeof KeyBody.Type) {
        const { actor } = yield* Caller
        const key = yield* organizations.createKey(actor, id, body)
        return keyAnswer(key, Buffer.from(secretOf(rootKey, key)).toString("base64"))
      })

      const revokeKey = Effect.fnUntraced(function* (id: OrganizationUuid, key: string) {
        const { actor } = yield* Caller
        return keyAnswer(yield* organizations.revokeKey(actor, id, key))
      })

      const byApp = Effect.fnUntraced(function* (
        request: HttpServerRequest.HttpServerRequest,
        query: AppQuery,
        page: Page
      ) {
        const { role } = yield* Caller
        return listed(request, yield* organizations.byApp(query, page, yield* reach), organizationAnswer(role))
      })

      return handlers
        .handleAll({
          listOrganizations: Effect.fnUntraced(function* ({ request, query }) {
            const { role } = yield* Caller
            const found = yield* organizations.list(pageOf(query), yield* reach)
            return listed(request, found, organizationAnswer(role))
          }, answered),
          createOrganization: Effect.fnUntraced(function* ({ payload }) {
            const { actor, role } = yield* Caller
            return organizationAnswer(role)(yield* organizations.create(actor, payload))
          }, answered),
          getOrganization: Effect.fnUntraced(function* ({ params }) {
            const { role } = yield* Caller
            return organizationAnswer(role)(yield* organizations.get(yield* organizationInReach(params.organization)))
          }, answered),
          getOrganizationByAlias: Effect.fnUntraced(function* ({ params }) {
            const { role } = yield* Caller
            const only = yield* reach
            const found = yield* organizations.byAlias(params.alias)
            if (only !== null && only !== found.id) return yield* notFound("organization")
            return organizationAnswer(role)(found)
          }, answered),
          updateCurrentOrganization: ({ payload }) =>
            answered(Effect.flatMap(currentOrganization, (id) => update(id, payload))),
          updateOrganization: ({ params, payload }) =>
            answered(Effect.flatMap(organizationInReach(params.organization), (id) => update(id, payload)))
        })
        .handleAll({
          getCurrentOrganizationProfile: () => answered(Effect.flatMap(currentOrganization, profile)),
          getOrganizationProfile: ({ params }) =>
            answered(Effect.flatMap(organizationInReach(params.organization), profile)),
          replaceCurrentOrganizationProfile: ({ payload }) =>
            answered(Effect.flatMap(currentOrganization, (id) => setProfile(id, payload, "replace"))),
          replaceOrganizationProfile: ({ params, payload }) =>
            answered(
              Effect.flatMap(organizationInReach(params.organization), (id) => setProfile(id, payload, "replace"))
            ),
          updateCurrentOrganizationProfile: ({ payload }) =>
            answered(Effect.flatMap(currentOrganization, (id) => setProfile(id, payload, "merge"))),
          updateOrganizationProfile: ({ params, payload }) =>
            answered(Effect.flatMap(organizationInReach(params.organization), (id) => setProfile(id, payload, "merge")))
        })
        .handleAll({
          createCurrentOrganizationKey: ({ payload }) =>
            answered(Effect.flatMap(currentOrganization, (id) => createKey(id, payload))),
          createOrganizationKey: ({ params, payload }) =>
            answered(Effect.flatMap(organizationInReach(params.organization), (id) => createKey(id, payload))),
          deleteCurrentOrganizationKey: ({ params }) =>
            answered(Effect.flatMap(currentOrganization, (id) => revokeKey(id, params.key))),
          deleteOrganizationKey: ({ params }) =>
            answered(Effect.flatMap(organizationInReach(params.organization), (id) => revokeKey(id, params.key)))
        })
        .handleAll({
          listOrganizationsByApp: ({ request, params, query }) =>
            answered(byApp(request, { _tag: "type", ...params }, pageOf(query))),
          listOrganizationsByAppId: ({ request, params, query }) =>
            answered(byApp(request, { _tag: "id", ...params }, pageOf(query))),
          listOrganizationsByAppData: ({ request, params, query }) =>
            answered(byApp(request, { _tag: "data", ...params }, pageOf(query))),
          listOrganizationsByAppSecret: ({ request, params, query, payload }) =>
            answered(byApp(request, { _tag: "secret", ...params, ...payload }, pageOf(query)))
        })
    })
  )
