/**
 * Groups and memberships on the wire: what a body may hold, and what an answer does.
 *
 * The shapes are the customer's document's and docs/directory.md's.
 */
import type * as Contract from "@rollcall/core/contract/Groups"
import { Schema } from "effect"

import { profileAnswer, profileBody } from "./ProfileSchema.ts"
import { CreationInfo, creationAnswer, id, StatusInfo, statusAnswer } from "./StatusSchema.ts"
import * as Text from "./Text.ts"

export const GroupBody = Schema.Struct({
  name: Text.line("What people call it.", "Cycling club"),
  type: Text.line("What kind of group; `department` and `office` are HR's.", "club", 64)
}).annotate({ identifier: "GroupBody" })

const profile = {
  icon: Text.line("A picture: its address, its name or the sign itself.", "🚲", 2048),
  description: Text.prose("What it is there for.", "Rides on Thursdays.")
}

export const GroupProfileBody = profileBody("GroupProfileBody", profile)

export const GroupProfile = profileAnswer("GroupProfile", profile)

/** Far more than anybody is in; within 256 KiB there could be ten times as many. */
const most = 1000

export const MembershipsBody = Schema.Array(
  Schema.Struct({
    groupId: Text.uuid("A group."),
    type: Schema.optionalKey(Text.line("Of the membership. Absent: `member`.", "member", 64))
  }).annotate({ identifier: "MembershipBody" })
).check(Schema.isMaxLength(most, { message: `must not have more than ${most} entries` }))

export const Group = Schema.Struct({
  id: id("Its id."),
  name: Schema.String.annotate({ examples: ["Cycling club"] }),
  type: Schema.String.annotate({ examples: ["club"] }),
  active: Schema.Boolean,
  status: StatusInfo,
  created: CreationInfo,
  organization: id("Whose it is.")
}).annotate({ identifier: "Group" })

export const GroupMember = Schema.Struct({
  entityId: id("Who or what is in the group."),
  entityType: Schema.Literals(["employee", "group"]),
  type: Schema.String.annotate({ description: "Of the membership; `member` is HR's." }),
  name: Schema.String
}).annotate({ identifier: "GroupMember" })

export const EntityGroup = Schema.Struct({
  groupId: id("The group."),
  type: Schema.String.annotate({ description: "Of the membership." }),
  group: Group
}).annotate({ identifier: "EntityGroup" })

export const groupAnswer = (group: Contract.Group): typeof Group.Type => ({
  id: group.id,
  name: group.name,
  type: group.type,
  active: group.active,
  status: statusAnswer(group.status),
  created: creationAnswer(group.created),
  organization: group.organization
})

export const memberAnswer = ({ entityId, entityType, type, name }: Contract.Member): typeof GroupMember.Type => ({
  entityId,
  entityType,
  type,
  name
})

export const membershipAnswer = ({ groupId, type, group }: Contract.Membership): typeof EntityGroup.Type => ({
  groupId,
  type,
  group: groupAnswer(group)
})
