/**
 * Organizations, keys and apps on the wire: what a body may hold, and what an answer does.
 *
 * The shapes are the customer's document's and docs/directory.md's. Keys and plugins are shown to an ORG_ADMIN.
 */
import type * as Contract from "@rollcall/core/contract/Organizations"
import { grantableRoles, includesRole, type Role } from "@rollcall/core/domain/Role"
import { Schema } from "effect"

import { given, profileAnswer, profileBody } from "./ProfileSchema.ts"
import { CreationInfo, creationAnswer, emptyList, id, StatusInfo, statusAnswer } from "./StatusSchema.ts"
import * as Text from "./Text.ts"

export const OrganizationBody = Schema.Struct({
  name: Text.line("What people call it.", "Adventure Works"),
  alias: Schema.optionalKey(Text.alias),
  ownerEmail: Schema.optionalKey(
    Text.email("The owner. An account is made where there is none of this address.", "ken@adventure-works.com")
  )
}).annotate({ identifier: "OrganizationBody" })

const profile = {
  logoUrl: Text.webAddress("Its logo.", "https://adventure-works.com/logo.png"),
  timezone: Text.timeZone,
  location: Text.line("Where it is.", "Bothell, Washington"),
  countryCode: Text.countryCode,
  companySize: Text.line("How many people work there, in the organization's own words.", "201-500", 64),
  website: Text.webAddress("Its web site.", "https://adventure-works.com"),
  mission: Text.prose("What it is there for.", "Everybody on a bicycle.")
}

export const OrganizationProfileBody = profileBody("OrganizationProfileBody", profile)

export const OrganizationProfile = profileAnswer("OrganizationProfile", profile)

export const KeyBody = Schema.Struct({
  name: Text.line("What the key is for.", "okr-dashboard"),
  limitToRole: Schema.optionalKey(
    Schema.Literals(grantableRoles).annotate({
      description: "The most that its tokens may claim.",
      examples: ["MANAGER"]
    })
  )
}).annotate({ identifier: "OrganizationKeyBody" })

export const SecretBody = Schema.Struct({
  secret: Text.secret("What the plugin's secret is thought to be.", "s3cret")
}).annotate({ identifier: "AppSecretBody" })

export const OrganizationKey = Schema.Struct({
  id: id("The `kid` of its tokens."),
  name: Schema.String.annotate({ examples: ["okr-dashboard"] }),
  limitToRole: Schema.optionalKey(Schema.Literals(grantableRoles)),
  secretBase64: Schema.optionalKey(
    Schema.String.annotate({ description: "The bytes to sign with, in base64. Only in the answer that makes the key." })
  )
}).annotate({ identifier: "OrganizationKey" })

const App = Schema.Struct({
  id: id("Of the plugin in this organization."),
  externalId: Schema.String.annotate({ description: "Its name in the configuration.", examples: ["hr"] }),
  internal: Schema.Literal(false),
  name: Schema.String,
  type: Schema.String.annotate({ description: "The plugin.", examples: ["ultipro"] }),
  active: Schema.Boolean,
  status: StatusInfo,
  created: CreationInfo,
  organization: id("Whose it is."),
  secretData: Schema.Record(Schema.String, Schema.String).annotate({
    description: "The names of its secrets; in the place of each value `***`."
  }),
  appData: Schema.Record(Schema.String, Schema.String).annotate({ description: "Its settings, as text." })
}).annotate({ identifier: "App" })

export const Organization = Schema.Struct({
  id: id("Its id."),
  name: Schema.String.annotate({ examples: ["Adventure Works"] }),
  alias: Schema.String.annotate({ examples: ["adventure-works"] }),
  active: Schema.Boolean,
  status: StatusInfo,
  created: CreationInfo,
  owners: Schema.Array(Schema.String.annotate({ format: "uuid" })).annotate({ description: "Ids of accounts." }),
  profile: OrganizationProfile,
  apps: Schema.Array(App).annotate({ description: "The plugins of the configuration. Empty for who is no ORG_ADMIN." }),
  keys: Schema.Array(OrganizationKey).annotate({ description: "Empty for who is no ORG_ADMIN." }),
  preferences: emptyList,
  mappings: emptyList
}).annotate({ identifier: "Organization" })

export const organizationAnswer =
  (role: Role) =>
  (organization: Contract.Organization): typeof Organization.Type => ({
    id: organization.id,
    name: organization.name,
    alias: organization.alias,
    active: organization.active,
    status: statusAnswer(organization.status),
    created: creationAnswer(organization.created),
    owners: organization.owners,
    profile: given(organization.profile),
    ...connections(organization, role),
    preferences: [],
    mappings: []
  })

const connections = ({ id, apps, keys }: Contract.Organization, role: Role) =>
  includesRole(role, "ORG_ADMIN")
    ? { apps: apps.map((app) => appAnswer(id, app)), keys: keys.map((key) => keyAnswer(key)) }
    : { apps: [], keys: [] }

const appAnswer = (organization: string, app: Contract.App): typeof App.Type => ({
  id: app.id,
  externalId: app.name,
  internal: false,
  name: app.name,
  type: app.type,
  active: app.status.current === "ACTIVE",
  status: statusAnswer(app.status),
  created: creationAnswer(app.created),
  organization,
  secretData: Object.fromEntries(app.secretNames.map((name) => [name, "***"])),
  appData: app.data
})

export const keyAnswer = (
  { id: key, name, limitToRole }: Contract.OrganizationKey,
  secretBase64?: string
): typeof OrganizationKey.Type => ({
  id: key,
  name,
  ...(limitToRole === null ? {} : { limitToRole }),
  ...(secretBase64 === undefined ? {} : { secretBase64 })
})
