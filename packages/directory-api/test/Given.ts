/**
 * Two organizations that know nothing of each other, with people, groups, accounts and keys, and whoever calls.
 *
 * `given` makes them anew, through the services; every test that writes has a pair of its own.
 */
import { randomUUID } from "node:crypto"

import { Accounts } from "@rollcall/core/contract/Accounts"
import { Employees } from "@rollcall/core/contract/Employees"
import { Groups } from "@rollcall/core/contract/Groups"
import { Organizations, type SigningKey } from "@rollcall/core/contract/Organizations"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect } from "effect"

import { Served } from "./Served.ts"

export interface Side {
  readonly id: string
  readonly alias: string
  readonly key: SigningKey
  /** To be revoked by tests. */
  readonly spare: SigningKey
  readonly admin: { readonly id: string; readonly email: string }
  /** The account of `worker`. */
  readonly user: { readonly id: string; readonly email: string }
  readonly boss: string
  readonly worker: string
  readonly group: string
  readonly inner: string
  readonly tokens: {
    readonly EMPLOYEE: string
    readonly MANAGER: string
    readonly ORG_ADMIN: string
    /** Of `worker`, whose role is what was granted: EMPLOYEE. */
    readonly user: string
  }
}

const actor = "root"

const side = Effect.fnUntraced(function* (name: string) {
  const served = yield* Served
  const organizations = yield* Organizations
  const accounts = yield* Accounts
  const employees = yield* Employees
  const groups = yield* Groups
  const log = OrganizationId.make(`${name}-${randomUUID().slice(0, 8)}`)
  const id = yield* organizations.register(log, [
    { id: randomUUID(), type: "csv", name: "hr", data: { site: log }, secrets: {} }
  ])
  const { alias } = yield* organizations.get(id)
  const key = yield* organizations.createKey(actor, id, { name: "dashboard" })
  const spare = yield* organizations.createKey(actor, id, { name: "spare" })
  const admin = yield* accounts.create(actor, id, { email: `admin@${log}.com`, name: "Ada Admin" })
  yield* accounts.grant(actor, id, admin.id, { orgId: id, role: "ORG_ADMIN" })
  const user = yield* accounts.create(actor, id, { email: `worker@${log}.com` })
  const boss = yield* employees.create(actor, id, { name: "Ken Sánchez", email: `boss@${log}.com` })
  const worker = yield* employees.create(actor, id, {
    name: "Terri Duffy",
    email: `terri@${log}.com`,
    account: user.id
  })
  yield* accounts.grant(actor, id, user.id, { orgId: id, role: "EMPLOYEE", employeeId: worker.id })
  yield* employees.assignManager(actor, id, worker.id, { managerId: boss.id, type: "supervisor" })
  const group = yield* groups.create(actor, id, { name: "Cycling club", type: "club" })
  const inner = yield* groups.create(actor, id, { name: "Night riders", type: "club" })
  yield* groups.setForEntity(actor, id, worker.id, [{ groupId: group.id, type: "member" }])
  const token = (role: "EMPLOYEE" | "MANAGER" | "ORG_ADMIN") => served.token({ key, role })
  const made: Side = {
    id,
    alias,
    key,
    spare,
    admin,
    user,
    boss: boss.id,
    worker: worker.id,
    group: group.id,
    inner: inner.id,
    tokens: {
      EMPLOYEE: yield* token("EMPLOYEE"),
      MANAGER: yield* token("MANAGER"),
      ORG_ADMIN: yield* token("ORG_ADMIN"),
      user: yield* served.token({ key, subject: user.email })
    }
  }
  return made
})

export const given = Effect.gen(function* () {
  const served = yield* Served
  const root = yield* served.token({ role: "SUPER_ADMIN" })
  return { ...served, root, ours: yield* side("ours"), theirs: yield* side("theirs") }
})
