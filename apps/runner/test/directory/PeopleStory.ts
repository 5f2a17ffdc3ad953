/**
 * The second half: accounts and what they are granted, employees with their profiles and managers, groups and who is in
 * them, until each of the 32 operations was a success and did what docs/directory.md says.
 */
import { assert } from "@effect/vitest"

import type { Driver } from "./Driver.ts"
import type { Entity, Scene } from "./OrganizationStory.ts"

interface Account extends Entity {
  readonly email: string
  readonly name?: string
  readonly grants: ReadonlyArray<object>
}

interface Employee extends Entity {
  readonly name: string
  readonly email: string | null
  readonly role?: string
  readonly account?: string
}

interface Manager {
  readonly managerId: string
  readonly type: string
  readonly manager: Employee
}

const ids = (entities: ReadonlyArray<Entity>): ReadonlyArray<string> => entities.map(({ id }) => id)

export const people = async (driver: Driver, scene: Scene): Promise<void> => {
  const account = await accounts(driver, scene)
  const [boss, worker] = await employees(driver, scene, account)
  await grants(driver, scene, account, worker)
  await managers(driver, scene, boss, worker)
  await groups(driver, scene, worker)
}

const accounts = async ({ ask }: Driver, { admin: token }: Scene): Promise<string> => {
  const body = { name: "Grace", email: "grace@judged.example" }
  const { id } = await ask<Account>("createAccount", { token, body })
  const byId = await ask<Account>("getAccount", { token, path: { accountIdOrEmail: id } })
  const byEmail = await ask<Account>("getAccount", { token, path: { accountIdOrEmail: body.email } })
  assert.deepStrictEqual(byEmail, byId)
  const email = "grace.hopper@judged.example"
  const changed = await ask<Account>("updateAccount", { token, path: { accountIdOrEmail: id }, body: { email } })
  assert.deepInclude(changed, { name: "Grace", email }, "what is left out stays")
  assert.include(ids(await ask<ReadonlyArray<Account>>("listAccounts", { token })), id)
  assert.include(ids(await ask<ReadonlyArray<Account>>("listAccountsOfOrganization", { token })), id)
  return id
}

const employees = async ({ ask, page }: Driver, { admin: token }: Scene, account: string) => {
  const boss = await ask<Employee>("createEmployee", {
    token,
    body: { name: "Ada Lovelace", email: "ada@judged.example" }
  })
  const worker = await ask<Employee>("createEmployee", {
    token,
    body: { name: "Grace Murray", email: "grace@judged.example", account, role: "engineer" }
  })
  const path = { employee: worker.id }
  const body = { name: "Grace Murray Hopper", email: "grace@judged.example" }
  const renamed = await ask<Employee>("updateEmployee", { token, path, body })
  assert.deepInclude(renamed, { ...body, account, role: "engineer" }, "what is left out stays")
  assert.deepStrictEqual(await ask("getEmployee", { token, path }), renamed)
  const named = await ask<ReadonlyArray<Employee>>("getEmployeesByName", { token, path: { name: body.name } })
  assert.deepStrictEqual(ids(named), [worker.id])
  const active = await ask<ReadonlyArray<Employee>>("listEmployees", { token, query: { status: "ACTIVE" } })
  assert.sameMembers([...ids(active)], [boss.id, worker.id])
  await ask("listEmployees", { token, query: { type: "nobody is of this type" } })

  const [first, next] = await page<ReadonlyArray<Employee>>("listEmployees", { token, query: { limit: "1" } })
  const rest = Object.fromEntries(new URL(next ?? "", "http://next.page").searchParams)
  const [second, end] = await page<ReadonlyArray<Employee>>("listEmployees", { token, query: rest })
  assert.sameMembers([...ids(first), ...ids(second)], [boss.id, worker.id], "two pages have everybody once")
  assert.isUndefined(end)

  const profile = { employeeNumber: "J-1", firstName: "Grace", lastName: "Hopper", birthDate: "1906-12-09" }
  assert.deepStrictEqual(await ask("replaceEmployeeProfile", { token, path, body: { ...profile, bio: "-" } }), {
    ...profile,
    bio: "-"
  })
  const patch = { bio: null, timezone: "America/New_York" }
  const patched = { ...profile, timezone: "America/New_York" }
  assert.deepStrictEqual(await ask("updateEmployeeProfile", { token, path, body: patch }), patched)
  assert.deepStrictEqual(await ask("replaceEmployeeProfile", { token, path, body: profile }), profile)
  assert.deepStrictEqual(await ask("getEmployeeProfile", { token, path }), profile)
  return [boss.id, worker.id] as const
}

const grants = async ({ ask }: Driver, scene: Scene, account: string, worker: string): Promise<void> => {
  const { admin: token, organization } = scene
  const path = { accountId: account }
  const admins = async () => ids(await ask<ReadonlyArray<Account>>("listOrganizationAdmins", { token }))
  assert.notInclude(await admins(), account)
  const granted = await ask<Account>("grantRole", { token, path, body: { role: "ORG_ADMIN", employeeId: worker } })
  assert.deepStrictEqual(granted.grants, [{ orgId: organization, role: "ORG_ADMIN", employeeId: worker }])
  assert.include(await admins(), account)
  assert.deepStrictEqual(ids(await ask<ReadonlyArray<Employee>>("listEmployeesOfAccount", { token, path })), [worker])
  assert.deepInclude(await ask<Employee>("getEmployeeByAccount", { token, path }), { id: worker, account })
}

/** A supervisor takes the place of the one before; a mentor stands beside. */
const managers = async ({ ask }: Driver, scene: Scene, boss: string, worker: string): Promise<void> => {
  const token = scene.admin
  const path = { employee: worker }
  const another = await ask<Employee>("createEmployee", {
    token,
    body: { name: "Charles Babbage", email: "charles@judged.example" }
  })
  const set = async (managerId: string, type: string) =>
    (await ask<ReadonlyArray<Manager>>("setManagers", { token, path, body: { managerId, type } }))
      .map(({ managerId, type, manager }) => `${type} ${manager.id === managerId ? managerId : "?"}`)
      .toSorted()
  assert.deepStrictEqual(await set(another.id, "supervisor"), [`supervisor ${another.id}`])
  assert.deepStrictEqual(await set(another.id, "mentor"), [`mentor ${another.id}`, `supervisor ${another.id}`])
  assert.deepStrictEqual(await set(boss, "supervisor"), [`mentor ${another.id}`, `supervisor ${boss}`])
  const reports = async (managerId: string, query?: { readonly type: string }) =>
    ids(await ask<ReadonlyArray<Employee>>("listReports", { token, path: { managerId }, ...(query && { query }) }))
  assert.deepStrictEqual(await reports(another.id), [worker])
  assert.deepStrictEqual(await reports(another.id, { type: "supervisor" }), [])
  await ask("removeManager", { token, path: { employee: worker, manager: another.id } })
  const left = await ask<ReadonlyArray<Manager>>("listManagers", { token, path })
  assert.deepStrictEqual(
    left.map(({ managerId }) => managerId),
    [boss]
  )
}

const groups = async ({ ask }: Driver, { admin: token }: Scene, worker: string): Promise<void> => {
  const make = (name: string) => ask<Entity>("createGroup", { token, body: { name, type: "team" } })
  const [team, part] = [await make("Compilers"), await make("Linkers")]
  const path = { group: team.id }
  const body = { name: "Compilers and linkers", type: "guild" }
  assert.deepInclude(await ask<object>("updateGroup", { token, path: { id: team.id }, body }), body)
  assert.deepInclude(await ask<object>("getGroup", { token, path: { id: team.id } }), body)
  assert.deepStrictEqual(ids(await ask("listGroups", { token, query: { type: "guild", status: "ACTIVE" } })), [team.id])

  const profile = { icon: "gear", description: "They compile." }
  assert.deepStrictEqual(await ask("replaceGroupProfile", { token, path, body: profile }), profile)
  const patched = await ask("updateGroupProfile", { token, path, body: { description: null } })
  assert.deepStrictEqual(patched, { icon: "gear" })
  assert.deepStrictEqual(await ask("getGroupProfile", { token, path }), { icon: "gear" })

  const setGroups = (entity: string, body: ReadonlyArray<{ readonly groupId: string; readonly type?: string }>) =>
    ask("setEntityGroups", { token, path: { entity }, body })
  const groupsOf = async (entity: string) =>
    (
      await ask<ReadonlyArray<{ readonly groupId: string; readonly type: string }>>("getEntityGroups", {
        token,
        path: { entity }
      })
    ).map(({ groupId, type }) => `${type} of ${groupId}`)
  await setGroups(worker, [{ groupId: part.id }])
  assert.deepStrictEqual(await groupsOf(worker), [`member of ${part.id}`])
  await setGroups(worker, [{ groupId: team.id, type: "lead" }])
  assert.deepStrictEqual(await groupsOf(worker), [`lead of ${team.id}`], "the set is replaced")
  await setGroups(part.id, [{ groupId: team.id, type: "part" }])
  assert.deepStrictEqual(await groupsOf(part.id), [`part of ${team.id}`], "a group may be in a group")

  const members = async (query: Readonly<Record<string, string>>) =>
    (
      await ask<ReadonlyArray<{ readonly entityId: string }>>("listGroupMembers", {
        token,
        path: { groupId: team.id },
        query
      })
    ).map(({ entityId }) => entityId)
  assert.sameMembers(await members({}), [worker, part.id])
  assert.deepStrictEqual(await members({ entity: "employee" }), [worker])
  assert.deepStrictEqual(await members({ membership: "part" }), [part.id])
  await ask("removeEntityFromGroup", { token, path: { entity: worker, group: team.id } })
  assert.deepStrictEqual(await members({}), [part.id])
}
