/**
 * Answers the operations on groups and memberships, by asking `Groups` of the current organization.
 *
 * A membership without a type is of the type `member`.
 */
import { type GroupProfile, Groups } from "@rollcall/core/contract/Groups"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"

import { Caller, currentOrganization } from "./Caller.ts"
import { DirectoryApi } from "./DirectoryApi.ts"
import { groupAnswer, memberAnswer, membershipAnswer } from "./GroupSchema.ts"
import { listed, pageOf } from "./Paging.ts"
import { answered } from "./Problem.ts"
import { given } from "./ProfileSchema.ts"

export const layer = HttpApiBuilder.group(
  DirectoryApi,
  "group",
  Effect.fnUntraced(function* (handlers) {
    const groups = yield* Groups

    const setProfile = Effect.fnUntraced(function* (id: string, next: GroupProfile, mode: "replace" | "merge") {
      const { actor } = yield* Caller
      return given(yield* groups.setProfile(actor, yield* currentOrganization, id, next, mode))
    }, answered)

    return handlers
      .handleAll({
        listGroups: Effect.fnUntraced(function* ({ request, query }) {
          return listed(request, yield* groups.list(yield* currentOrganization, query, pageOf(query)), groupAnswer)
        }, answered),
        createGroup: Effect.fnUntraced(function* ({ payload }) {
          const { actor } = yield* Caller
          return groupAnswer(yield* groups.create(actor, yield* currentOrganization, payload))
        }, answered),
        getGroup: Effect.fnUntraced(function* ({ params }) {
          return groupAnswer(yield* groups.get(yield* currentOrganization, params.id))
        }, answered),
        updateGroup: Effect.fnUntraced(function* ({ params, payload }) {
          const { actor } = yield* Caller
          return groupAnswer(yield* groups.update(actor, yield* currentOrganization, params.id, payload))
        }, answered),
        getGroupProfile: Effect.fnUntraced(function* ({ params }) {
          return given(yield* groups.profile(yield* currentOrganization, params.group))
        }, answered),
        replaceGroupProfile: ({ params, payload }) => setProfile(params.group, payload, "replace"),
        updateGroupProfile: ({ params, payload }) => setProfile(params.group, payload, "merge"),
        listGroupMembers: Effect.fnUntraced(function* ({ request, params, query }) {
          const found = yield* groups.members(yield* currentOrganization, params.groupId, query, pageOf(query))
          return listed(request, found, memberAnswer)
        }, answered)
      })
      .handleAll({
        listEntityGroups: Effect.fnUntraced(function* ({ params }) {
          return (yield* groups.ofEntity(yield* currentOrganization, params.entity)).map(membershipAnswer)
        }, answered),
        setEntityGroups: Effect.fnUntraced(function* ({ params, payload }) {
          const { actor } = yield* Caller
          const memberships = payload.map(({ groupId, type = "member" }) => ({ groupId, type }))
          yield* groups.setForEntity(actor, yield* currentOrganization, params.entity, memberships)
        }, answered),
        removeEntityFromGroup: Effect.fnUntraced(function* ({ params }) {
          const { actor } = yield* Caller
          yield* groups.removeEntity(actor, yield* currentOrganization, params.entity, params.group)
        }, answered)
      })
  })
)
