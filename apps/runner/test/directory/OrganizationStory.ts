/**
 * The first half of what the driver tells the Directory: an organization is made, signs its own tokens from then on, and
 * is written and found in each of the 20 ways. `endKeys` is the story's end: a key that is deleted opens nothing.
 */
import { assert } from "@effect/vitest"

import type { Driver } from "./Driver.ts"
import { signToken } from "./Token.ts"

export interface Entity {
  readonly id: string
}

interface Organization extends Entity {
  readonly name: string
  readonly alias: string
  readonly owners: ReadonlyArray<string>
  readonly keys: ReadonlyArray<Key>
  readonly profile: object
  readonly apps: ReadonlyArray<{ readonly externalId: string; readonly secretData: object }>
}

interface Key extends Entity {
  readonly name: string
  readonly limitToRole?: string
  readonly secretBase64?: string
}

/** An organization that exists, and tokens for it. */
export interface Scene {
  readonly organization: string
  /** Of the root key, for everything. */
  readonly superToken: string
  /** Of the root key, for the organization. */
  readonly rootAdmin: string
  /** Of the organization's own key. */
  readonly admin: string
  readonly key: string
  /** Signs another token with the organization's own key. */
  readonly sign: (claims: {
    readonly role?: string
    readonly sub?: string
    readonly aud?: string
    readonly exp?: number
  }) => string
}

/** Makes an organization, and a key whose tokens say `org` for themselves. */
export const begin = async ({ ask }: Driver, rootKey: Buffer, name: string): Promise<Scene> => {
  const superToken = signToken(rootKey, { role: "SUPER_ADMIN" })
  const ownerEmail = "owner@judged.example"
  const made = await ask<Organization>("createOrganization", { token: superToken, body: { name, ownerEmail } })
  assert.strictEqual(made.owners.length, 1)
  const rootAdmin = signToken(rootKey, { role: "ORG_ADMIN", org: made.id })
  const key = await ask<Key>("createCurrentOrganizationKey", { token: rootAdmin, body: { name: "judge" } })
  const secret = Buffer.from(key.secretBase64 ?? "", "base64")
  const sign: Scene["sign"] = (claims) => signToken(secret, claims, key.id)
  return { organization: made.id, superToken, rootAdmin, key: key.id, sign, admin: sign({ role: "ORG_ADMIN" }) }
}

export const organizations = async ({ ask }: Driver, { admin: token, organization, key }: Scene): Promise<void> => {
  const path = { organization }
  const all = await ask<ReadonlyArray<Organization>>("listOrganizations", { token })
  assert.deepStrictEqual(
    all.map(({ id }) => id),
    [organization],
    "an admin sees the own organization alone"
  )
  const before = await ask<Organization>("getOrganization", { token, path })
  assert.deepStrictEqual(before.keys, [{ id: key, name: "judge" }], "the secret is shown once")
  const alias = `judged-${organization.slice(0, 8)}`
  const renamed = await ask<Organization>("updateCurrentOrganization", { token, body: { name: "Judged", alias } })
  assert.deepInclude(renamed, { name: "Judged", alias })
  const again = await ask<Organization>("updateOrganization", { token, path, body: { name: "Judged again" } })
  assert.deepInclude(again, { name: "Judged again", alias }, "what is left out stays")
  const found = await ask<Organization>("getOrganizationByAlias", { token, path: { alias } })
  assert.strictEqual(found.id, organization)
}

/** POST replaces, PATCH merges, `null` empties: by ID, and of the organization the token is for. */
export const organizationProfiles = async ({ ask }: Driver, { admin: token, organization }: Scene): Promise<void> => {
  const path = { organization }
  const profile = { logoUrl: "https://judged.example/logo.svg", timezone: "Europe/Paris", mission: "To judge." }
  for (const [which, where] of [
    ["CurrentOrganizationProfile", {}],
    ["OrganizationProfile", { path }]
  ] as const) {
    assert.deepStrictEqual(await ask(`replace${which}`, { token, ...where, body: profile }), profile)
    const patch = { mission: null, countryCode: "FR" }
    const { mission: _, ...kept } = { ...profile, countryCode: "FR" }
    assert.deepStrictEqual(await ask(`update${which}`, { token, ...where, body: patch }), kept)
    const bare = { companySize: "11-50" }
    assert.deepStrictEqual(await ask(`replace${which}`, { token, ...where, body: bare }), bare)
    assert.deepStrictEqual(await ask(`get${which}`, { token, ...where }), bare)
  }
  assert.deepInclude(await ask<Organization>("getOrganization", { token, path }), { profile: { companySize: "11-50" } })
}

/** The plugins of the configuration are the apps of its organization: its id is the answer. */
export const apps = async ({ ask }: Driver, { superToken: token }: Scene): Promise<string> => {
  const [configured] = await ask<ReadonlyArray<Organization>>("listOrganizationsByAppType", {
    token,
    path: { type: "csv" }
  })
  if (configured === undefined) return assert.fail("no organization has a CSV source")
  const inTheSame = async (operation: string, path: Readonly<Record<string, string>>, body?: object) => {
    const said = await ask<ReadonlyArray<Organization>>(operation, { token, path, ...(body && { body }) })
    assert.deepStrictEqual(
      said.map(({ id }) => id),
      [configured.id],
      `${operation} ${JSON.stringify(path)}`
    )
  }
  await inTheSame("listOrganizationsByAppId", { type: "csv", externalId: "hr" })
  await inTheSame("listOrganizationsByAppData", { type: "csv", key: "file", value: "staff.csv" })
  const secret = { type: "together", key: "apiKey" }
  await inTheSame("listOrganizationsByAppSecret", secret, { secret: "demo-api-key" })
  const none = { token, path: secret, body: { secret: "another" } }
  assert.deepStrictEqual(await ask("listOrganizationsByAppSecret", none), [])
  const together = configured.apps.find(({ externalId }) => externalId === "together")
  assert.deepInclude(together?.secretData, { apiKey: "***" }, "a secret is shown by its name alone")
  assert.notInclude(JSON.stringify(configured), "demo-api-key")
  return configured.id
}

export const endKeys = async ({ ask, refused }: Driver, scene: Scene): Promise<void> => {
  const { admin, rootAdmin, organization, key } = scene
  const body = { name: "spare", limitToRole: "EMPLOYEE" }
  const spare = await ask<Key>("createOrganizationKey", { token: admin, path: { organization }, body })
  assert.strictEqual(spare.limitToRole, "EMPLOYEE")
  const secret = Buffer.from(spare.secretBase64 ?? "", "base64")
  const capped = signToken(secret, { role: "ORG_ADMIN", org: organization }, spare.id)
  await ask("getOrganization", { token: capped, path: { organization } })
  await refused("listAccounts", 403, { token: capped })
  await ask("deleteOrganizationKey", { token: admin, path: { organization, key: spare.id } })
  await refused("getOrganization", 401, { token: capped, path: { organization } })
  await ask("deleteCurrentOrganizationKey", { token: rootAdmin, path: { key } })
  await refused("getOrganization", 401, { token: admin, path: { organization } })
}
