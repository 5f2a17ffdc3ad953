/**
 * Accounts and grants on the wire: what a body may hold, and what an answer does.
 *
 * The shapes are the customer's document's and docs/directory.md's.
 */
import type * as Contract from "@rollcall/core/contract/Accounts"
import { grantableRoles } from "@rollcall/core/domain/Role"
import { Schema } from "effect"

import { CreationInfo, creationAnswer, emptyList, id, StatusInfo, statusAnswer } from "./StatusSchema.ts"
import * as Text from "./Text.ts"

export const AccountBody = Schema.Struct({
  name: Schema.optionalKey(Text.line("What people call its user.", "Ken Sánchez")),
  email: Text.email("What its user logs in with.", "ken@adventure-works.com")
}).annotate({ identifier: "AccountBody" })

export const GrantBody = Schema.Struct({
  orgId: Schema.optionalKey(Text.uuid("Where the role is granted. Absent: in the current organization.")),
  role: Schema.Literals(grantableRoles).annotate({
    description: "Takes the place of the one before.",
    examples: ["MANAGER"]
  }),
  employeeId: Schema.optionalKey(Text.uuid("Who the user is among the organization's employees."))
}).annotate({ identifier: "GrantBody" })

const Grant = Schema.Struct({
  orgId: id("Where the role is granted."),
  role: Schema.Literals(grantableRoles),
  employeeId: Schema.optionalKey(id("Who the user is there."))
}).annotate({ identifier: "Grant" })

export const Account = Schema.Struct({
  id: id("Its id."),
  email: Schema.String.annotate({ examples: ["ken@adventure-works.com"] }),
  name: Schema.optionalKey(Schema.String.annotate({ examples: ["Ken Sánchez"] })),
  active: Schema.Boolean,
  status: StatusInfo,
  created: CreationInfo,
  mappings: emptyList,
  preferences: emptyList,
  grants: Schema.Array(Grant).annotate({ description: "Those that the caller may see." })
}).annotate({ identifier: "Account" })

export const accountAnswer = (account: Contract.Account): typeof Account.Type => ({
  id: account.id,
  email: account.email,
  ...(account.name === null ? {} : { name: account.name }),
  active: account.active,
  status: statusAnswer(account.status),
  created: creationAnswer(account.created),
  mappings: [],
  preferences: [],
  grants: account.grants.map(({ orgId, role, employeeId }) => ({
    orgId,
    role,
    ...(employeeId === null ? {} : { employeeId })
  }))
})
