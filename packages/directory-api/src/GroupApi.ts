/**
 * The 11 operations on groups: departments and offices by HR's word, those the API makes, and who is in them.
 *
 * Part of `DirectoryApi`. Paths, members and titles are the customer's document's; all of them ask of the organization
 * that the token is for. An entity is an employee or a group.
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"

import {
  EntityGroup,
  Group,
  GroupBody,
  GroupMember,
  GroupProfile,
  GroupProfileBody,
  MembershipsBody
} from "./GroupSchema.ts"
import { operation } from "./Operation.ts"
import { listOf, pageQuery } from "./Paging.ts"
import { bodyProblems, conflictProblem } from "./Problem.ts"
import { filter, pathId } from "./Text.ts"

const id = pathId("The group's id.")
const entity = pathId("The id of an employee or a group.")

const error = [conflictProblem, ...bodyProblems] as const

const { get, post, patch, delete: del } = HttpApiEndpoint

export const GroupApi = HttpApiGroup.make("group")
  .add(
    get("listGroups", "/group", {
      query: {
        status: Schema.optionalKey(filter("ACTIVE or TERMINATED.", "ACTIVE")),
        type: Schema.optionalKey(filter("The kind of group.", "department")),
        ...pageQuery
      },
      success: listOf(Group)
    }).pipe(operation("List groups", "By name.")),
    post("createGroup", "/group", {
      payload: GroupBody,
      success: Group.pipe(HttpApiSchema.status(201)),
      error
    }).pipe(operation("Create group", "One that HR does not know.")),
    get("getGroup", "/group/:id", { params: { id }, success: Group }).pipe(operation("Get group", "One group.")),
    patch("updateGroup", "/group/:id", { params: { id }, payload: GroupBody, success: Group, error }).pipe(
      operation("Update group", "HR's groups keep HR's name and type.")
    ),
    get("getGroupProfile", "/group/:group/profile", { params: { group: id }, success: GroupProfile }).pipe(
      operation("Get group profile", "One group's.")
    ),
    post("replaceGroupProfile", "/group/:group/profile", {
      params: { group: id },
      payload: GroupProfileBody,
      success: GroupProfile.pipe(HttpApiSchema.status(201)),
      error
    }).pipe(operation("Create or replace group profile", "What is not given is emptied.")),
    patch("updateGroupProfile", "/group/:group/profile", {
      params: { group: id },
      payload: GroupProfileBody,
      success: GroupProfile,
      error
    }).pipe(operation("Update group profile", "What is not given stays as it is; null empties a member.")),
    get("listGroupMembers", "/group/:groupId/members", {
      params: { groupId: id },
      query: {
        entity: Schema.optionalKey(filter("employee or group.", "employee")),
        membership: Schema.optionalKey(filter("The type of the membership.", "member")),
        ...pageQuery
      },
      success: listOf(GroupMember)
    }).pipe(operation("List group members", "Employees and groups, by name."))
  )
  .add(
    get("listEntityGroups", "/entity/:entity/groups", {
      params: { entity },
      success: Schema.Array(EntityGroup)
    }).pipe(operation("Get entity groups", "What the employee or group is in.")),
    post("setEntityGroups", "/entity/:entity/groups", {
      params: { entity },
      payload: MembershipsBody,
      success: HttpApiSchema.Empty(200),
      error
    }).pipe(operation("Set groups for entity", "Replaces every membership that the API gave; HR's stay.")),
    del("removeEntityFromGroup", "/entity/:entity/groups/:group", {
      params: { entity, group: id },
      success: HttpApiSchema.Empty(200),
      error: conflictProblem
    }).pipe(operation("Remove entity from group", "HR's memberships are HR's to end."))
  )
  .annotateMerge(
    OpenApi.annotations({ title: "Groups", description: "Departments, offices, further groups and members." })
  )
