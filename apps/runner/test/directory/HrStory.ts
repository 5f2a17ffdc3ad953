/**
 * What HR lists, as the Directory shows it: the people of the configuration's CSV file with their managers and groups,
 * each read once through the judge; and one write that HR has a say in.
 */
import { assert } from "@effect/vitest"

import type { Driver } from "./Driver.ts"
import type { Entity } from "./OrganizationStory.ts"
import { signToken } from "./Token.ts"

interface Employee extends Entity {
  readonly name: string
  readonly email: string | null
}

export const hrsPeople = async ({ ask, refused }: Driver, rootKey: Buffer, org: string): Promise<void> => {
  const token = signToken(rootKey, { role: "ORG_ADMIN", org })
  const people = await ask<ReadonlyArray<Employee>>("listEmployees", { token })
  const named = new Map(people.map((person) => [person.email, person]))
  const [ada, grace] = [named.get("ada@example.com"), named.get("grace@example.com")]
  if (ada === undefined || grace === undefined) return assert.fail("HR's people are not in the Directory")
  for (const { id } of people) {
    const path = { employee: id }
    await ask("getEmployee", { token, path })
    await ask("getEmployeeProfile", { token, path })
    await ask("listManagers", { token, path })
    await ask("getEntityGroups", { token, path: { entity: id } })
  }
  const managers = await ask<ReadonlyArray<object>>("listManagers", { token, path: { employee: grace.id } })
  assert.deepInclude(managers[0], { managerId: ada.id, type: "supervisor" })
  const reports = await ask<ReadonlyArray<Employee>>("listReports", { token, path: { managerId: ada.id } })
  assert.include(
    reports.map(({ id }) => id),
    grace.id
  )
  const groups = await ask<ReadonlyArray<Entity>>("listGroups", { token })
  assert.isNotEmpty(groups, "a department is a group")
  for (const { id } of groups) {
    await ask("getGroup", { token, path: { id } })
    await ask("listGroupMembers", { token, path: { groupId: id } })
  }
  const body = { name: grace.name, email: "someone.else@example.com" }
  await refused("updateEmployee", 409, { token, path: { employee: grace.id }, body })
}
