/**
 * The 20 operations on organizations: profiles, keys and the plugins they are connected with.
 *
 * Part of `DirectoryApi`. Paths, members and titles are the customer's document's; what is asked of the "current"
 * organization is asked of the one that the token is for.
 */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"

import { operation } from "./Operation.ts"
import {
  KeyBody,
  Organization,
  OrganizationBody,
  OrganizationKey,
  OrganizationProfile,
  OrganizationProfileBody,
  SecretBody
} from "./OrganizationSchema.ts"
import { listOf, pageQuery } from "./Paging.ts"
import { bodyProblems, conflictProblem } from "./Problem.ts"
import { pathId, pathText } from "./Text.ts"

const organization = pathId("The organization's id.")
const key = pathId("The key's id.")
const type = pathText("The plugin.", "ultipro")

const error = [conflictProblem, ...bodyProblems] as const

const { get, post, patch, delete: del } = HttpApiEndpoint

export const OrganizationApi = HttpApiGroup.make("organization")
  .add(
    get("listOrganizations", "/organization", { query: pageQuery, success: listOf(Organization) }).pipe(
      operation("List organizations", "The token's own; all of them for a SUPER_ADMIN. By alias.")
    ),
    post("createOrganization", "/organization", {
      payload: OrganizationBody,
      success: Organization.pipe(HttpApiSchema.status(201)),
      error
    }).pipe(operation("Create organization", "The owner's account gets ORG_ADMIN, and is made where there is none.")),
    patch("updateCurrentOrganization", "/organization", {
      payload: OrganizationBody,
      success: Organization,
      error
    }).pipe(operation("Update current organization", "What is optional and left out stays as it is.")),
    get("getOrganization", "/organization/:organization", { params: { organization }, success: Organization }).pipe(
      operation("Get organization by ID", "One organization.")
    ),
    patch("updateOrganization", "/organization/:organization", {
      params: { organization },
      payload: OrganizationBody,
      success: Organization,
      error
    }).pipe(operation("Update organization by ID", "What is optional and left out stays as it is.")),
    get("getOrganizationByAlias", "/organization/alias/:alias", {
      params: { alias: pathText("The organization's alias.", "adventure-works") },
      success: Organization
    }).pipe(operation("Get organization by alias", "One organization."))
  )
  .add(
    get("getCurrentOrganizationProfile", "/organization/profile", { success: OrganizationProfile }).pipe(
      operation("Get organization profile", "The current organization's.")
    ),
    post("replaceCurrentOrganizationProfile", "/organization/profile", {
      payload: OrganizationProfileBody,
      success: OrganizationProfile.pipe(HttpApiSchema.status(201)),
      error
    }).pipe(operation("Create or replace organization profile", "What is not given is emptied.")),
    patch("updateCurrentOrganizationProfile", "/organization/profile", {
      payload: OrganizationProfileBody,
      success: OrganizationProfile,
      error
    }).pipe(operation("Update organization profile", "What is not given stays as it is; null empties a member.")),
    get("getOrganizationProfile", "/organization/:organization/profile", {
      params: { organization },
      success: OrganizationProfile
    }).pipe(operation("Get organization profile by ID", "One organization's.")),
    post("replaceOrganizationProfile", "/organization/:organization/profile", {
      params: { organization },
      payload: OrganizationProfileBody,
      success: OrganizationProfile.pipe(HttpApiSchema.status(201)),
      error
    }).pipe(operation("Create or replace profile for organization", "What is not given is emptied.")),
    patch("updateOrganizationProfile", "/organization/:organization/profile", {
      params: { organization },
      payload: OrganizationProfileBody,
      success: OrganizationProfile,
      error
    }).pipe(operation("Update profile for organization", "What is not given stays as it is; null empties a member."))
  )
  .add(
    get("listOrganizationsByApp", "/organization/by-app/:type", {
      params: { type },
      query: pageQuery,
      success: listOf(Organization)
    }).pipe(operation("List organizations by app type", "Those that are connected by a plugin of this type.")),
    get("listOrganizationsByAppId", "/organization/by-app-id/:type/:externalId", {
      params: { type, externalId: pathText("The plugin's name in the configuration.", "hr") },
      query: pageQuery,
      success: listOf(Organization)
    }).pipe(operation("List organizations by app external ID", "Those that have a plugin of this type and name.")),
    get("listOrganizationsByAppData", "/organization/by-app-data/:type/:key/:value", {
      params: {
        type,
        key: pathText("A setting of the plugin.", "tenant"),
        value: pathText("What it is set to.", "adventure")
      },
      query: pageQuery,
      success: listOf(Organization)
    }).pipe(operation("List organizations by app data", "Those whose plugin has this setting.")),
    post("listOrganizationsByAppSecret", "/organization/by-app-secret/:type/:key", {
      params: { type, key: pathText("The name of a secret of the plugin.", "password") },
      query: pageQuery,
      payload: SecretBody,
      success: listOf(Organization),
      error: bodyProblems
    }).pipe(operation("List organizations by app secret", "Those whose plugin has this secret. Changes nothing."))
  )
  .add(
    post("createCurrentOrganizationKey", "/organization/keys", {
      payload: KeyBody,
      success: OrganizationKey.pipe(HttpApiSchema.status(201)),
      error
    }).pipe(operation("Create API key for organization", "Shows the secret this once; it is stored nowhere.")),
    post("createOrganizationKey", "/organization/:organization/keys", {
      params: { organization },
      payload: KeyBody,
      success: OrganizationKey.pipe(HttpApiSchema.status(201)),
      error
    }).pipe(operation("Create API key for org by ID", "Shows the secret this once; it is stored nowhere.")),
    del("deleteCurrentOrganizationKey", "/organization/keys/:key", {
      params: { key },
      success: OrganizationKey,
      error: conflictProblem
    }).pipe(operation("Delete API key for current organization", "Tokens of it are refused from now on.")),
    del("deleteOrganizationKey", "/organization/:organization/keys/:key", {
      params: { organization, key },
      success: OrganizationKey,
      error: conflictProblem
    }).pipe(operation("Delete API key by org ID", "Tokens of it are refused from now on."))
  )
  .annotateMerge(OpenApi.annotations({ title: "Organizations", description: "Profiles, keys and connected plugins." }))
