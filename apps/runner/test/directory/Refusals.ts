/**
 * What the Directory refuses, and with which status: each as a problem that its description knows. Asked through a judge
 * that lets wrong requests pass, and looks at the answers alone.
 */
import { randomUUID } from "node:crypto"

import { assert } from "@effect/vitest"

import type { Driver, Question } from "./Driver.ts"
import { type Entity, type Scene, begin } from "./OrganizationStory.ts"
import { signToken } from "./Token.ts"

export const refusals = async (driver: Driver, rootKey: Buffer, scene: Scene): Promise<void> => {
  await wrongTokens(driver, rootKey, scene)
  await wrongBodies(driver, scene)
  await smallRoles(driver, scene)
  await nothingThere(driver, rootKey, scene)
  await conflicts(driver, scene)
}

const wrongTokens = async ({ refused }: Driver, rootKey: Buffer, scene: Scene): Promise<void> => {
  const { organization, key, sign } = scene
  const claims = { role: "ORG_ADMIN", org: organization }
  const tokens = {
    "of another key": signToken(Buffer.alloc(48, 7), claims),
    "of the root key in a key's name": signToken(rootKey, claims, key),
    "of a key that is not": signToken(rootKey, claims, randomUUID()),
    "that is over": sign({ role: "ORG_ADMIN", exp: 1_700_000_000 }),
    "for another service": sign({ role: "ORG_ADMIN", aud: "elsewhere" }),
    "of a user who is no account": sign({ sub: "nobody@judged.example" }),
    "that is none": "none"
  }
  for (const [which, token] of Object.entries(tokens)) {
    const { title } = await refused("listEmployees", 401, { token })
    assert.isNotEmpty(title, `a token ${which}`)
  }
}

const wrongBodies = async ({ ask, refused }: Driver, { admin: token }: Scene): Promise<void> => {
  const says400 = async (operation: string, question: Omit<Question, "token">, field: string) => {
    const problem = await refused(operation, 400, { token, ...question })
    const fields = (problem.errors ?? []).map((error) => error.field)
    assert.include(fields, field, `${operation} names the field`)
  }
  await says400("createGroup", { body: { name: "No type" } }, "type")
  await says400("createEmployee", { body: { email: "no.name@judged.example" } }, "name")
  await says400("createAccount", { body: { email: 7 } }, "email")
  const { id: entity } = await ask<Entity>("createGroup", { token, body: { name: "In no group", type: "team" } })
  await says400("setEntityGroups", { path: { entity }, body: [{ type: "member" }] }, "0.groupId")
  await says400("listEmployees", { query: { limit: "0" } }, "limit")
  await refused("createGroup", 415, { token, raw: { type: "text/plain", text: "name=x" } })
  const large = { name: "x".repeat(300 * 1024), type: "team" }
  await refused("createGroup", 413, { token, body: large })
}

/** What no judge lets through, so it is asked of the Directory itself: a problem too. */
export const refusedAtTheDoor = async (url: string, { admin }: Scene): Promise<void> => {
  const authorization = `Bearer ${admin}`
  const refused = async (status: number, path: string, request: RequestInit) => {
    const response = await fetch(`${url}${path}`, request)
    assert.strictEqual(response.status, status, path)
    assert.match(response.headers.get("content-type") ?? "", /^application\/problem\+json/, path)
    const problem = (await response.json()) as Record<string, unknown>
    assert.containsAllKeys(problem, ["type", "title", "status", "detail"])
    assert.strictEqual(problem["status"], status)
  }
  const headers = { authorization, "content-type": "application/json" }
  await refused(400, "/api/v1/group", { method: "POST", headers, body: '{"name": ' })
  await refused(401, "/api/v1/group", {})
  await refused(401, "/api/v1/group", { headers: { authorization: "Basic cm9vdDpyb290" } })
  await refused(404, "/api/v1/nothing", { headers })
  await refused(405, "/api/v1/group", { method: "PUT", headers, body: "{}" })
}

const smallRoles = async ({ ask, refused }: Driver, { admin, sign, organization }: Scene): Promise<void> => {
  const employee = sign({ role: "EMPLOYEE" })
  const manager = sign({ role: "MANAGER" })
  await ask("getOrganization", { token: employee, path: { organization } })
  await refused("createGroup", 403, { token: employee, body: { name: "Mine", type: "team" } })
  await ask("createGroup", { token: manager, body: { name: "Managed", type: "team" } })
  await refused("createEmployee", 403, { token: manager, body: { name: "N N", email: "n@judged.example" } })
  await refused("createOrganization", 403, { token: admin, body: { name: "Another" } })

  const body = { email: "sam@judged.example" }
  const account = await ask<Entity>("createAccount", { token: admin, body })
  const own = await ask<Entity>("createEmployee", { token: admin, body: { name: "Sam", ...body, account: account.id } })
  const others = await ask<Entity>("createEmployee", {
    token: admin,
    body: { name: "Kim", email: "kim@judged.example" }
  })
  const grant = { role: "EMPLOYEE", employeeId: own.id }
  await ask("grantRole", { token: admin, path: { accountId: account.id }, body: grant })
  const sam = sign({ sub: body.email })
  await ask("updateEmployeeProfile", { token: sam, path: { employee: own.id }, body: { bio: "Sam." } })
  await refused("updateEmployeeProfile", 403, { token: sam, path: { employee: others.id }, body: { bio: "Kim." } })
  await refused("listAccounts", 403, { token: sam })
}

const nothingThere = async (driver: Driver, rootKey: Buffer, { admin: token }: Scene): Promise<void> => {
  const { ask, refused } = driver
  const nobody = randomUUID()
  await refused("getEmployee", 404, { token, path: { employee: nobody } })
  await refused("getGroup", 404, { token, path: { id: nobody } })
  await refused("getAccount", 404, { token, path: { accountIdOrEmail: "nobody@judged.example" } })
  await refused("getOrganizationByAlias", 404, { token, path: { alias: "no-such-alias" } })
  await refused("deleteCurrentOrganizationKey", 404, { token, path: { key: nobody } })
  await refused("getEntityGroups", 404, { token, path: { entity: nobody } })

  const elsewhere = await begin(driver, rootKey, `Elsewhere ${nobody.slice(0, 8)}`)
  const body = { name: "Not Yours", email: "not.yours@judged.example" }
  const theirs = await ask<Entity>("createEmployee", { token: elsewhere.admin, body })
  await refused("getEmployee", 404, { token, path: { employee: theirs.id } })
  await refused("updateEmployee", 404, { token, path: { employee: theirs.id }, body })
  await refused("getOrganization", 404, { token, path: { organization: elsewhere.organization } })
  await refused("updateOrganization", 404, {
    token,
    path: { organization: elsewhere.organization },
    body: { name: "Mine" }
  })
}

const conflicts = async ({ ask, refused }: Driver, { admin: token, superToken }: Scene): Promise<void> => {
  const account = { email: "twice@judged.example" }
  await ask("createAccount", { token, body: account })
  await refused("createAccount", 409, { token, body: account })
  const alias = `taken-${randomUUID().slice(0, 8)}`
  await ask("createOrganization", { token: superToken, body: { name: "First", alias } })
  await refused("createOrganization", 409, { token: superToken, body: { name: "Second", alias } })

  const [one, two] = await Promise.all(
    ["one", "two"].map((name) =>
      ask<Entity>("createEmployee", { token, body: { name, email: `${name}@judged.example` } })
    )
  )
  const supervisor = { token, path: { employee: two!.id }, body: { managerId: one!.id, type: "supervisor" } }
  await ask("setManagers", supervisor)
  const circle = { token, path: { employee: one!.id }, body: { managerId: two!.id, type: "supervisor" } }
  await refused("setManagers", 409, circle)

  const group = (name: string) => ask<Entity>("createGroup", { token, body: { name, type: "team" } })
  const [outer, inner] = [await group("Outer"), await group("Inner")]
  await ask("setEntityGroups", { token, path: { entity: inner.id }, body: [{ groupId: outer.id }] })
  await refused("setEntityGroups", 409, { token, path: { entity: outer.id }, body: [{ groupId: inner.id }] })
}
