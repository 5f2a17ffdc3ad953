/**
 * What the Directory's services do on whatever engine: organizations, keys, accounts, groups, pages, tenants. Called once
 * for PGlite and once for PostgreSQL; employees are in PeopleContract.
 */
import { createHmac, randomUUID } from "node:crypto"

import { assert, layer as withLayer } from "@effect/vitest"
import { Accounts } from "@rollcall/core/contract/Accounts"
import type { DirectoryRefused } from "@rollcall/core/contract/Directory"
import { Employees } from "@rollcall/core/contract/Employees"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { Groups } from "@rollcall/core/contract/Groups"
import { Organizations } from "@rollcall/core/contract/Organizations"
import type { ConfiguredApp } from "@rollcall/core/domain/DirectoryEvent"
import { isUuid, organizationUuid } from "@rollcall/core/domain/Employee"
import { Effect, type Layer } from "effect"

import type { Database } from "../src/Database.ts"
import {
  admin,
  all,
  countOf,
  directoryOn,
  hrSays,
  idOf,
  madeUp,
  madeUpIds,
  newName,
  page,
  person,
  quietly,
  refused,
  registered,
  says,
  uniqueEmail,
  walked
} from "./GivenDirectory.ts"

const sharedLog = "_directory" as Parameters<typeof countOf>[0]

const csv: ConfiguredApp = {
  id: "b0000000-0000-4000-8000-000000000001",
  type: "csv",
  name: "hr",
  data: { file: "hr.csv" },
  secrets: {}
}

const odd = ["a\0b", "\0", "\ud800", "😀".repeat(5000), "' or 1=1", ""]

const none = (asked: Effect.Effect<{ readonly items: ReadonlyArray<unknown> }, DirectoryRefused | StoreError>) =>
  Effect.map(asked, ({ items }) => assert.deepStrictEqual(items, []))

export const directoryContract = (name: string, database: Layer.Layer<Database, StoreError>) =>
  withLayer(directoryOn(database), { excludeTestServices: true, timeout: "120 seconds" })(name, (it) => {
    it.effect("registers an organization of the configuration, and does nothing the second time", () =>
      Effect.gen(function* () {
        const organizations = yield* Organizations
        const log = newName()
        const id = yield* organizations.register(log, [csv])
        assert.strictEqual(id, organizationUuid(log))
        const made = yield* organizations.get(id)
        assert.deepInclude(made, { id, log, name: log, alias: log, active: true, owners: [], profile: {}, keys: [] })
        assert.deepInclude(made.apps[0], { id: csv.id, type: "csv", name: "hr", data: csv.data, secretNames: [] })
        assert.notProperty(made.apps[0], "secrets")
        yield* quietly(log, quietly(sharedLog, organizations.register(log, [{ ...csv }])))
        assert.deepStrictEqual(yield* organizations.get(id), made)
      })
    )

    it.effect("takes over what the configuration changed, with the age of what stays", () =>
      Effect.gen(function* () {
        const organizations = yield* Organizations
        const log = newName()
        const id = yield* organizations.register(log, [csv])
        const [before] = (yield* organizations.get(id)).apps
        const other = { ...csv, id: randomUUID(), name: "crm" }
        yield* quietly(sharedLog, organizations.register(log, [{ ...csv, data: { file: "x.csv" } }, other]))
        const { apps } = yield* organizations.get(id)
        assert.deepStrictEqual(
          apps.map(({ data, name }) => [name, data["file"]]),
          [
            ["hr", "x.csv"],
            ["crm", "hr.csv"]
          ]
        )
        assert.strictEqual(apps[0]?.created.createdAt, before?.created.createdAt)
      })
    )

    it.effect("makes organizations, with aliases of their names where none is given", () =>
      Effect.gen(function* () {
        const organizations = yield* Organizations
        const word = `w${randomUUID().slice(0, 8)}`
        const one = yield* organizations.create(admin, { name: `Café ${word}` })
        const other = yield* organizations.create("root", { name: `Cafe, ${word}!` })
        assert.deepStrictEqual([one.alias, other.alias], [`cafe-${word}`, `cafe-${word}-2`])
        assert.isTrue(isUuid(one.id) && one.id === (one.log as string))
        assert.deepStrictEqual([one.created.createdBy, other.created.createdBy], [admin.slice("account:".length), null])
        assert.deepStrictEqual(yield* organizations.byAlias(one.alias), one)
        assert.deepStrictEqual(yield* organizations.get(one.id), one)
        const asked = yield* organizations.create(admin, { name: "x", alias: `${word}_x` })
        assert.strictEqual(asked.alias, `${word}_x`)
      })
    )

    it.effect("gives twenty organizations of one name twenty aliases", () =>
      Effect.gen(function* () {
        const organizations = yield* Organizations
        const name = `n${randomUUID().slice(0, 8)}`
        const made = yield* Effect.all(
          Array.from({ length: 20 }, () => organizations.create("root", { name })),
          { concurrency: "unbounded" }
        )
        assert.lengthOf(new Set(made.map(({ alias }) => alias)), 20)
      })
    )

    it.effect("refuses an alias that another has, or that is none, and records nothing", () =>
      Effect.gen(function* () {
        const organizations = yield* Organizations
        const { id, log } = yield* registered()
        const other = yield* registered()
        const ask = (alias: string) => quietly(sharedLog, refused(organizations.create("root", { name: "x", alias })))
        assert.strictEqual(yield* ask(log), "Conflict alias")
        for (const alias of ["Ä", "", "keys", "a\0"]) assert.strictEqual(yield* ask(alias), "Invalid alias")
        const taking = organizations.update(admin, other.id, { name: other.log, alias: log })
        assert.strictEqual(yield* refused(taking), "Conflict alias")
        assert.strictEqual((yield* organizations.byAlias(log)).id, id)
      })
    )

    it.effect("changes name and alias, leaves what is not given, and stays quiet about what is so already", () =>
      Effect.gen(function* () {
        const organizations = yield* Organizations
        const { id, log } = yield* registered()
        const changed = yield* organizations.update(admin, id, { name: "Acme", alias: `${log}-x` })
        assert.deepInclude(changed, { name: "Acme", alias: `${log}-x` })
        assert.strictEqual(yield* refused(organizations.byAlias(log)), "NotFound organization")
        const again = organizations.update(admin, id, { name: "Acme" })
        assert.deepStrictEqual(yield* quietly(sharedLog, quietly(log, again)), changed)
        assert.strictEqual(
          yield* refused(organizations.update(admin, randomUUID(), { name: "x" })),
          "NotFound organization"
        )
      })
    )

    it.effect("makes the owner's account where there is none, an admin of the organization", () =>
      Effect.gen(function* () {
        const [organizations, accounts] = [yield* Organizations, yield* Accounts]
        const email = uniqueEmail("Owner")
        const made = yield* organizations.create("root", { name: "x", ownerEmail: email })
        const account = yield* accounts.find(made.id, email)
        assert.deepStrictEqual(made.owners, [account.id])
        assert.deepInclude(account, { email, organization: made.id })
        assert.deepStrictEqual(account.grants, [{ orgId: made.id, role: "ORG_ADMIN", employeeId: null }])
        const details = { name: "x", ownerEmail: email.toUpperCase() }
        yield* quietly(made.log, organizations.update("root", made.id, details))
        const next = yield* accounts.create(admin, made.id, { email: uniqueEmail() })
        const changed = yield* organizations.update("root", made.id, { name: "x", ownerEmail: next.email })
        assert.deepStrictEqual(changed.owners, [next.id])
        assert.strictEqual((yield* accounts.find(made.id, next.id)).grants[0]?.role, "ORG_ADMIN")
      })
    )

    it.effect("keeps a profile: replaced, merged, emptied, and quiet about the same", () =>
      Effect.gen(function* () {
        const organizations = yield* Organizations
        const { id, log } = yield* registered()
        yield* organizations.setProfile(admin, id, { mission: "x", website: "https://acme.test" }, "merge")
        assert.deepStrictEqual(
          yield* organizations.setProfile(admin, id, { mission: null, timezone: "UTC" }, "merge"),
          {
            website: "https://acme.test",
            timezone: "UTC"
          }
        )
        const profile = yield* organizations.setProfile(admin, id, { mission: "y" }, "replace")
        assert.deepStrictEqual(profile, { mission: "y" })
        yield* quietly(log, organizations.setProfile(admin, id, { mission: "y" }, "replace"))
        assert.deepStrictEqual((yield* organizations.get(id)).profile, profile)
      })
    )

    it.effect("makes keys, shows them without their secret, and revokes them for good", () =>
      Effect.gen(function* () {
        const organizations = yield* Organizations
        const { id } = yield* registered()
        const key = yield* organizations.createKey(admin, id, { name: "CI", limitToRole: "MANAGER" })
        const plain = yield* organizations.createKey(admin, id, { name: "all" })
        assert.match(key.salt, /^[0-9a-f]{64}$/)
        assert.notStrictEqual(key.salt, plain.salt)
        assert.deepStrictEqual(yield* organizations.signingKey(key.id), key)
        assert.deepInclude(key, { organization: id, limitToRole: "MANAGER" })
        assert.deepStrictEqual((yield* organizations.get(id)).keys, [
          { id: key.id, name: "CI", limitToRole: "MANAGER" },
          { id: plain.id, name: "all", limitToRole: null }
        ])
        assert.deepStrictEqual(yield* organizations.revokeKey(admin, id, key.id), {
          id: key.id,
          name: "CI",
          limitToRole: "MANAGER"
        })
        assert.isNull(yield* organizations.signingKey(key.id))
        assert.strictEqual(yield* refused(organizations.revokeKey(admin, id, key.id)), "NotFound key")
        assert.lengthOf((yield* organizations.get(id)).keys, 1)
        for (const made of madeUpIds) {
          assert.isNull(yield* organizations.signingKey(made))
          assert.strictEqual(yield* refused(organizations.revokeKey(admin, id, made)), "NotFound key")
        }
      })
    )

    it.effect("finds organizations by their plugins, also by a secret that it does not know", () =>
      Effect.gen(function* () {
        const [organizations, eventLog] = [yield* Organizations, yield* EventLog]
        const type = `t-${randomUUID()}`
        const withSecret = Effect.fnUntraced(function* (secret: string) {
          const log = newName()
          const hash = createHmac("sha256", yield* eventLog.salt(log))
            .update(secret)
            .digest("hex")
          const app = { id: randomUUID(), type, name: `n-${log}`, data: { url: "u", log }, secrets: { key: hash } }
          return { log, id: yield* organizations.register(log, [{ ...csv, id: randomUUID() }, app]) }
        })
        const [one, other] = [yield* withSecret("s3cret"), yield* withSecret("s3cret2")]
        const ask = (asked: Parameters<(typeof organizations)["byApp"]>[0], only: string | null = null) =>
          Effect.map(
            walked((page) => organizations.byApp(asked, page, only)),
            (found) => found.map(({ id }) => id)
          )
        const both = [one.id, other.id]
        assert.sameMembers(yield* ask({ _tag: "type", type }), both)
        assert.deepStrictEqual(yield* ask({ _tag: "type", type }, other.id), [other.id])
        assert.deepStrictEqual(yield* ask({ _tag: "id", type, externalId: `n-${one.log}` }), [one.id])
        assert.deepStrictEqual(yield* ask({ _tag: "id", type: "csv", externalId: `n-${one.log}` }), [])
        assert.sameMembers(yield* ask({ _tag: "data", type, key: "url", value: "u" }), both)
        assert.deepStrictEqual(yield* ask({ _tag: "data", type, key: "log", value: other.log }), [other.id])
        assert.deepStrictEqual(yield* ask({ _tag: "data", type, key: "toString", value: "u" }), [])
        assert.deepStrictEqual(yield* ask({ _tag: "secret", type, key: "key", secret: "s3cret" }), [one.id])
        assert.deepStrictEqual(yield* ask({ _tag: "secret", type, key: "key", secret: "S3cret" }), [])
        assert.deepStrictEqual(yield* ask({ _tag: "secret", type, key: "other", secret: "s3cret" }), [])
        assert.notInclude(JSON.stringify(yield* organizations.get(one.id)), "s3cret")
        for (const text of odd) {
          assert.deepStrictEqual(yield* ask({ _tag: "type", type: text }), [])
          assert.deepStrictEqual(yield* ask({ _tag: "data", type, key: text, value: text }), [])
          assert.deepStrictEqual(yield* ask({ _tag: "secret", type, key: "key", secret: text }), [])
        }
      })
    )

    it.effect("has accounts at home in an organization or in none, with an address once in each", () =>
      Effect.gen(function* () {
        const accounts = yield* Accounts
        const [one, other] = [yield* registered(), yield* registered()]
        const email = uniqueEmail("Ada")
        const make = (home: string | null, address = email) =>
          accounts.create(admin, home, { email: address, name: "Ada" })
        const [a, b, none] = [yield* make(one.id), yield* make(other.id), yield* make(null)]
        assert.lengthOf(new Set([a.id, b.id, none.id]), 3)
        assert.deepInclude(a, { email, name: "Ada", organization: one.id, grants: [], active: true })
        assert.strictEqual(a.created.createdBy, admin.slice("account:".length))
        for (const home of [one.id, other.id, null]) {
          assert.strictEqual(yield* refused(make(home, email.toUpperCase())), "Conflict email")
        }
        assert.strictEqual(yield* refused(make(randomUUID())), "NotFound organization")
      })
    )

    it.effect("finds an account by id or address: the organization's own before one with a grant there", () =>
      Effect.gen(function* () {
        const accounts = yield* Accounts
        const [one, other] = [yield* registered(), yield* registered()]
        const email = uniqueEmail()
        const none = yield* accounts.create("root", null, { email })
        yield* accounts.grant("root", null, none.id, { orgId: one.id, role: "EMPLOYEE" })
        assert.strictEqual((yield* accounts.find(one.id, email)).id, none.id)
        const own = yield* accounts.create(admin, one.id, { email })
        yield* accounts.create(admin, other.id, { email })
        assert.strictEqual((yield* accounts.find(one.id, email.toUpperCase())).id, own.id)
        assert.strictEqual((yield* accounts.find(one.id, none.id)).id, none.id)
        assert.strictEqual((yield* accounts.find(null, email)).id, none.id)
        assert.strictEqual(yield* refused(accounts.find(other.id, none.id)), "NotFound account")
        for (const made of [...madeUpIds, ...odd]) {
          assert.strictEqual(yield* refused(accounts.find(one.id, made)), "NotFound account")
          assert.strictEqual(yield* refused(accounts.find(null, made)), "NotFound account")
        }
      })
    )

    it.effect("changes an account, at home alone, and stays quiet about the same", () =>
      Effect.gen(function* () {
        const accounts = yield* Accounts
        const { id, log } = yield* registered()
        const [first, second] = [uniqueEmail(), uniqueEmail()]
        const own = yield* accounts.create(admin, id, { email: first })
        yield* accounts.create(admin, id, { email: second })
        const changed = yield* accounts.update(admin, id, first, { email: first.toUpperCase(), name: "Ada" })
        assert.deepInclude(changed, { id: own.id, email: first.toUpperCase(), name: "Ada" })
        yield* quietly(log, accounts.update(admin, id, own.id, { email: first.toUpperCase() }))
        assert.strictEqual(yield* refused(accounts.update(admin, id, own.id, { email: second })), "Conflict email")
        const none = yield* accounts.create("root", null, { email: uniqueEmail() })
        yield* accounts.grant("root", null, none.id, { orgId: id, role: "MANAGER" })
        assert.strictEqual(yield* refused(accounts.update(admin, id, none.id, { email: second })), "Conflict email")
        assert.strictEqual((yield* accounts.update("root", null, none.id, { email: none.email, name: "N" })).name, "N")
        assert.strictEqual(yield* refused(accounts.update(admin, id, "nobody@x", { email: "y" })), "NotFound account")
      })
    )

    it.effect("grants roles, the latest in each organization, and shows those in sight alone", () =>
      Effect.gen(function* () {
        const [accounts, employees] = [yield* Accounts, yield* Employees]
        const [one, other] = [yield* registered(), yield* registered()]
        const employee = yield* employees.create(admin, one.id, { name: "Ada Byron", email: uniqueEmail() })
        const none = yield* accounts.create("root", null, { email: uniqueEmail() })
        const grant = (sight: string | null, orgId: string, role: "EMPLOYEE" | "ORG_ADMIN", employeeId?: string) =>
          accounts.grant("root", sight, none.id, { orgId, role, ...(employeeId === undefined ? {} : { employeeId }) })
        yield* grant(null, one.id, "EMPLOYEE")
        yield* grant(null, other.id, "EMPLOYEE")
        const granted = yield* grant(null, one.id, "ORG_ADMIN", employee.id)
        assert.sameDeepMembers(
          [...granted.grants],
          [
            { orgId: one.id, role: "ORG_ADMIN", employeeId: employee.id },
            { orgId: other.id, role: "EMPLOYEE", employeeId: null }
          ]
        )
        yield* quietly(sharedLog, grant(null, one.id, "ORG_ADMIN", employee.id))
        assert.deepStrictEqual((yield* accounts.find(other.id, none.id)).grants, [
          { orgId: other.id, role: "EMPLOYEE", employeeId: null }
        ])
        assert.strictEqual((yield* employees.byAccount(one.id, none.id)).id, employee.id)
        assert.strictEqual(yield* refused(employees.byAccount(other.id, none.id)), "NotFound employee")
        const admins = (sight: string | null) =>
          Effect.map(accounts.list(all, sight, { admins: true }), ({ items }) => items.map(({ id }) => id))
        assert.deepStrictEqual(yield* admins(one.id), [none.id])
        assert.deepStrictEqual(yield* admins(other.id), [])
        assert.include(yield* admins(null), none.id)
      })
    )

    it.effect("refuses grants for another organization, employees of another, and accounts of another", () =>
      Effect.gen(function* () {
        const [accounts, employees] = [yield* Accounts, yield* Employees]
        const [one, other] = [yield* registered(), yield* registered()]
        const own = yield* accounts.create(admin, one.id, { email: uniqueEmail() })
        const foreign = yield* employees.create(admin, other.id, { name: "x y", email: uniqueEmail() })
        const grant = (sight: string | null, account: string, orgId: string, employeeId?: string) =>
          refused(
            accounts.grant(admin, sight, account, {
              orgId,
              role: "EMPLOYEE",
              ...(employeeId === undefined ? {} : { employeeId })
            })
          )
        assert.strictEqual(yield* grant(one.id, own.id, other.id), "Invalid orgId")
        assert.strictEqual(yield* grant(null, own.id, other.id), "Conflict orgId")
        assert.strictEqual(yield* grant(other.id, own.id, other.id), "NotFound account")
        assert.strictEqual(yield* grant(one.id, own.id, one.id, foreign.id), "Invalid employeeId")
        const none = yield* accounts.create("root", null, { email: uniqueEmail() })
        for (const made of madeUpIds) {
          assert.strictEqual(yield* grant(one.id, made, one.id), "NotFound account")
          assert.strictEqual(yield* grant(one.id, own.id, one.id, made), "Invalid employeeId")
          assert.strictEqual(yield* grant(null, none.id, made), "Invalid orgId")
        }
      })
    )

    it.effect("makes groups, changes them, keeps their profiles, and stays quiet about the same", () =>
      Effect.gen(function* () {
        const groups = yield* Groups
        const { id, log } = yield* registered()
        const made = yield* groups.create(admin, id, { name: "Chess", type: "club" })
        assert.deepInclude(made, { organization: id, name: "Chess", type: "club", active: true })
        assert.deepStrictEqual(yield* groups.get(id, made.id), made)
        assert.deepInclude(yield* groups.update(admin, id, made.id, { name: "Go", type: "team" }), {
          id: made.id,
          name: "Go",
          type: "team"
        })
        yield* quietly(log, groups.update(admin, id, made.id, { name: "Go", type: "team" }))
        assert.deepStrictEqual(yield* groups.setProfile(admin, id, made.id, { icon: "i", description: "d" }, "merge"), {
          icon: "i",
          description: "d"
        })
        yield* quietly(log, groups.setProfile(admin, id, made.id, { icon: "i" }, "merge"))
        assert.deepStrictEqual(yield* groups.setProfile(admin, id, made.id, { icon: "j" }, "replace"), { icon: "j" })
        assert.deepStrictEqual(yield* groups.profile(id, made.id), { icon: "j" })
      })
    )

    it.effect("sets and removes memberships of employees and of groups in groups", () =>
      Effect.gen(function* () {
        const [groups, employees] = [yield* Groups, yield* Employees]
        const { id, log } = yield* registered()
        const [chess, go] = [
          yield* groups.create(admin, id, { name: "Chess", type: "club" }),
          yield* groups.create(admin, id, { name: "Go", type: "club" })
        ]
        const ada = yield* employees.create(admin, id, { name: "Ada Byron", email: uniqueEmail() })
        const set = (entity: string, ...links: ReadonlyArray<readonly [group: string, type: string]>) =>
          groups.setForEntity(
            admin,
            id,
            entity,
            links.map(([groupId, type]) => ({ groupId, type }))
          )
        const of = (entity: string) =>
          Effect.map(groups.ofEntity(id, entity), (found) => found.map(({ group, type }) => [group.name, type]))
        yield* set(ada.id, [chess.id, "member"], [chess.id, "member"], [go.id, "lead"], [chess.id, "lead"])
        assert.deepStrictEqual(yield* of(ada.id), [
          ["Chess", "lead"],
          ["Chess", "member"],
          ["Go", "lead"]
        ])
        yield* quietly(log, set(ada.id, [chess.id, "member"], [go.id, "lead"], [chess.id, "lead"]))
        yield* set(go.id, [chess.id, "part"])
        const members = (filter: { readonly entity?: string; readonly membership?: string } = {}) =>
          Effect.map(
            walked((page) => groups.members(id, chess.id, filter, page)),
            (found) => found.map(({ entityType, name, type }) => [entityType, name, type])
          )
        assert.deepStrictEqual(yield* members(), [
          ["employee", "Ada Byron", "lead"],
          ["employee", "Ada Byron", "member"],
          ["group", "Go", "part"]
        ])
        assert.deepStrictEqual(yield* members({ entity: "GROUP" }), [["group", "Go", "part"]])
        assert.deepStrictEqual(yield* members({ membership: "Lead" }), [["employee", "Ada Byron", "lead"]])
        yield* groups.removeEntity(admin, id, ada.id, chess.id)
        assert.deepStrictEqual(yield* of(ada.id), [["Go", "lead"]])
        assert.strictEqual(
          yield* quietly(log, refused(groups.removeEntity(admin, id, ada.id, chess.id))),
          "NotFound membership"
        )
        yield* set(ada.id)
        assert.deepStrictEqual(yield* of(ada.id), [])
      })
    )

    it.effect("refuses a circle of groups over any number of them, and groups that are none", () =>
      Effect.gen(function* () {
        const groups = yield* Groups
        const { id, log } = yield* registered()
        const other = yield* registered()
        const foreign = yield* groups.create(admin, other.id, { name: "x", type: "club" })
        const made = yield* Effect.forEach(["a", "b", "c", "d"], (name) =>
          groups.create(admin, id, { name, type: "club" })
        )
        const [a, b, c, d] = made.map((group) => group.id) as [string, string, string, string]
        const put = (entity: string, ...into: ReadonlyArray<string>) =>
          groups.setForEntity(
            admin,
            id,
            entity,
            into.map((groupId) => ({ groupId, type: "member" }))
          )
        yield* put(a, b)
        yield* put(b, c)
        yield* put(c, d)
        assert.strictEqual(yield* quietly(log, refused(put(d, a))), "Conflict 0.groupId")
        assert.strictEqual(yield* refused(put(a, b, a)), "Conflict 1.groupId")
        yield* put(a, b, d)
        for (const none of [foreign.id, ...madeUpIds]) {
          assert.strictEqual(yield* refused(put(a, b, none)), "Invalid 1.groupId")
        }
        yield* put(a)
        yield* put(d, a)
      })
    )

    it.effect("has nothing of another organization, whatever is asked of it", () =>
      Effect.gen(function* () {
        const [accounts, employees, groups, organizations] = [
          yield* Accounts,
          yield* Employees,
          yield* Groups,
          yield* Organizations
        ]
        const [one, other] = [yield* registered(), yield* registered()]
        const account = yield* accounts.create(admin, one.id, { email: uniqueEmail() })
        const details = { name: "Ada Byron", email: uniqueEmail() }
        const ada = yield* employees.create(admin, one.id, { ...details, account: account.id })
        const bea = yield* employees.create(admin, one.id, { name: "Bea", email: uniqueEmail() })
        const group = yield* groups.create(admin, one.id, { name: "Chess", type: "club" })
        const key = yield* organizations.createKey(admin, one.id, { name: "k" })
        yield* employees.assignManager(admin, one.id, bea.id, { managerId: ada.id, type: "supervisor" })
        yield* groups.setForEntity(admin, one.id, ada.id, [{ groupId: group.id, type: "member" }])
        const stranger = yield* employees.create(admin, other.id, { name: "Cleo", email: uniqueEmail() })
        const at = other.id
        const asked = {
          find: accounts.find(at, account.id),
          update: accounts.update(admin, at, account.id, { email: "x@acme.test" }),
          grant: accounts.grant(admin, at, account.id, { orgId: at, role: "EMPLOYEE" }),
          get: employees.get(at, ada.id),
          byAccount: employees.byAccount(at, account.id),
          byManager: employees.byManager(at, ada.id, undefined, all),
          change: employees.update(admin, at, ada.id, details),
          managers: employees.managers(at, bea.id),
          assign: employees.assignManager(admin, at, ada.id, { managerId: stranger.id, type: "supervisor" }),
          unassign: employees.removeManager(admin, at, bea.id, ada.id),
          noManager: employees.removeManager(admin, at, stranger.id, ada.id),
          profile: employees.profile(at, ada.id),
          setProfile: employees.setProfile(admin, at, ada.id, { bio: "x" }, "merge"),
          group: groups.get(at, group.id),
          rename: groups.update(admin, at, group.id, { name: "x", type: "y" }),
          groupProfile: groups.profile(at, group.id),
          setGroupProfile: groups.setProfile(admin, at, group.id, {}, "replace"),
          members: groups.members(at, group.id, {}, all),
          ofEntity: groups.ofEntity(at, ada.id),
          setForEntity: groups.setForEntity(admin, at, ada.id, []),
          removeEntity: groups.removeEntity(admin, at, ada.id, group.id),
          noMembership: groups.removeEntity(admin, at, stranger.id, group.id),
          revoke: organizations.revokeKey(admin, at, key.id)
        }
        for (const [name, ask] of Object.entries(asked)) {
          const answer = yield* quietly(one.log, quietly(other.log, refused(ask as Effect.Effect<unknown>)))
          assert.match(answer, /^NotFound /, name)
        }
        const manages = employees.assignManager(admin, at, stranger.id, { managerId: ada.id, type: "supervisor" })
        assert.strictEqual(yield* refused(manages), "Invalid managerId")
        const tied = employees.create(admin, at, { name: "x", email: uniqueEmail(), account: account.id })
        assert.strictEqual(yield* refused(tied), "Invalid account")
        assert.deepStrictEqual((yield* employees.list(at, {}, all)).items, [stranger])
        assert.deepStrictEqual((yield* employees.byName(at, "Ada Byron", all)).items, [])
        assert.deepStrictEqual((yield* employees.ofAccount(at, account.id, all)).items, [])
        assert.deepStrictEqual((yield* groups.list(at, {}, all)).items, [])
        assert.deepStrictEqual((yield* accounts.list(all, at)).items, [])
        assert.deepStrictEqual(
          (yield* organizations.list(all, at)).items.map(({ id }) => id),
          [at]
        )
        // The same address may be taken there.
        yield* employees.create(admin, at, details)
      })
    )

    it.effect("gives every list in pages, in an order that new items do not disturb", () =>
      Effect.gen(function* () {
        const [accounts, employees, groups, organizations] = [
          yield* Accounts,
          yield* Employees,
          yield* Groups,
          yield* Organizations
        ]
        const { id, log } = yield* registered()
        const names = ["bob", "Ada", "ada", "Ärne", "Zoe", "ada", "😀"]
        const account = yield* accounts.create(admin, id, { email: uniqueEmail("zz") })
        const [boss, ...others] = yield* Effect.forEach(names, (name) =>
          employees.create(admin, id, { name, email: uniqueEmail(), account: account.id })
        )
        yield* hrSays(log, says(log, "1", person("Hr", { departmentId: "D" })))
        yield* Effect.forEach(others, ({ id: report }) =>
          employees.assignManager(admin, id, report, { managerId: boss!.id, type: "mentor" })
        )
        yield* Effect.forEach(others.slice(0, 3), ({ id: report }) =>
          employees.assignManager(admin, id, report, { managerId: boss!.id, type: "supervisor" })
        )
        const made = yield* Effect.forEach(names, (name) => groups.create(admin, id, { name, type: "club" }))
        yield* Effect.forEach([...others, ...made.slice(1)], (entity) =>
          groups.setForEntity(admin, id, entity.id, [
            { groupId: made[0]!.id, type: "member" },
            { groupId: made[0]!.id, type: "lead" }
          ])
        )
        yield* Effect.forEach(names, () => accounts.create(admin, id, { email: uniqueEmail() }))
        const lengths = {
          employees: yield* walked((page) => employees.list(id, {}, page)),
          active: yield* walked((page) => employees.list(id, { status: "active" }, page)),
          byName: yield* walked((page) => employees.byName(id, "ADA", page)),
          withoutKey: yield* walked((page) => employees.withoutKey(id, page)),
          ofAccount: yield* walked((page) => employees.ofAccount(id, account.id, page)),
          everywhere: yield* walked((page) => employees.ofAccount(null, account.id, page)),
          reports: yield* walked((page) => employees.byManager(id, boss!.id, undefined, page)),
          supervised: yield* walked((page) => employees.byManager(id, boss!.id, "supervisor", page)),
          groups: yield* walked((page) => groups.list(id, {}, page)),
          clubs: yield* walked((page) => groups.list(id, { type: "CLUB", status: "Active" }, page)),
          members: yield* walked((page) => groups.members(id, made[0]!.id, {}, page)),
          accounts: yield* walked((page) => accounts.list(page, id)),
          organizations: yield* walked((page) => organizations.list(page, null)),
          only: yield* walked((page) => organizations.list(page, id))
        }
        assert.deepStrictEqual(
          Object.entries(lengths).flatMap(([list, { length }]) => (list === "organizations" ? [] : [length])),
          [8, 8, 3, 7, 7, 7, 6, 3, 8, 7, 24, 8, 1]
        )
        assert.isAbove(lengths.organizations.length, 3)
        // One that comes before the place where a reader is stays unseen, one after it is seen, nobody is seen twice.
        const first = yield* employees.list(id, {}, page(3))
        yield* employees.create(admin, id, { name: "AAA", email: uniqueEmail() })
        const late = yield* employees.create(admin, id, { name: "zzz", email: uniqueEmail() })
        const rest = yield* employees.list(id, {}, page(1000, first.next))
        const seen = [...first.items, ...rest.items].map((employee) => employee.id)
        assert.lengthOf(new Set(seen), 9)
        assert.include(seen, late.id)
      })
    )

    it.effect("takes a place that was made up for no error", () =>
      Effect.gen(function* () {
        const [accounts, employees, groups, organizations] = [
          yield* Accounts,
          yield* Employees,
          yield* Groups,
          yield* Organizations
        ]
        const { id } = yield* registered()
        const boss = yield* employees.create(admin, id, { name: "Ada", email: uniqueEmail() })
        const group = yield* groups.create(admin, id, { name: "Chess", type: "club" })
        for (const page of madeUp) {
          yield* employees.list(id, {}, page)
          yield* employees.byName(id, "Ada", page)
          yield* employees.ofAccount(null, boss.id, page)
          yield* employees.byManager(id, boss.id, undefined, page)
          yield* groups.list(id, {}, page)
          yield* groups.members(id, group.id, {}, page)
          yield* accounts.list(page, id)
          yield* accounts.list(page, null)
          yield* organizations.list(page, null)
          yield* organizations.byApp({ _tag: "type", type: "csv" }, page, null)
        }
      })
    )

    it.effect("takes ids and texts that nothing has for no error, with or without a NUL", () =>
      Effect.gen(function* () {
        const [accounts, employees, groups, organizations] = [
          yield* Accounts,
          yield* Employees,
          yield* Groups,
          yield* Organizations
        ]
        const { id } = yield* registered()
        const ada = yield* employees.create(admin, id, { name: "Ada", email: uniqueEmail() })
        const group = yield* groups.create(admin, id, { name: "Chess", type: "club" })
        for (const made of madeUpIds) {
          for (const asked of [
            organizations.get(made),
            organizations.byAlias(`${made}-`),
            organizations.update(admin, made, { name: "x" }),
            employees.get(id, made),
            employees.get(made, ada.id),
            employees.byAccount(id, made),
            employees.byManager(id, made, undefined, all),
            employees.removeManager(admin, id, ada.id, made),
            groups.get(id, made),
            groups.members(id, made, {}, all),
            groups.ofEntity(id, made),
            groups.removeEntity(admin, id, ada.id, made),
            groups.removeEntity(admin, id, made, group.id),
            groups.create(admin, made, { name: "x", type: "y" }),
            accounts.create(admin, made, { email: uniqueEmail() })
          ]) {
            assert.match(yield* refused(asked as Effect.Effect<unknown>), /^NotFound /)
          }
          yield* none(organizations.list(all, made))
          yield* none(organizations.byApp({ _tag: "type", type: "csv" }, all, made))
          yield* none(accounts.list(all, made))
          yield* none(employees.list(made, {}, all))
          yield* none(employees.ofAccount(null, made, all))
          yield* none(employees.ofAccount(made, ada.id, all))
          yield* none(groups.list(made, {}, all))
          assert.strictEqual(yield* refused(accounts.find(made, made)), "NotFound account")
          const tied = { name: "x", email: uniqueEmail(), account: made }
          assert.strictEqual(yield* refused(employees.create(admin, id, tied)), "Invalid account")
          assert.strictEqual(yield* refused(employees.update(admin, id, ada.id, tied)), "Invalid account")
          const manager = employees.assignManager(admin, id, ada.id, { managerId: made, type: "mentor" })
          assert.strictEqual(yield* refused(manager), "Invalid managerId")
        }
        for (const text of odd) {
          yield* none(employees.byName(id, text, all))
          yield* none(employees.list(id, { status: text }, all))
          yield* none(employees.list(id, { type: text }, all))
          yield* none(employees.byManager(id, ada.id, text, all))
          yield* none(groups.list(id, { type: text }, all))
          yield* none(groups.list(id, { status: text }, all))
          yield* none(groups.members(id, group.id, { entity: text }, all))
          yield* none(groups.members(id, group.id, { membership: text }, all))
        }
      })
    )

    it.effect("writes any text and shows it again, but for what no text can hold", () =>
      Effect.gen(function* () {
        const [accounts, employees, groups, organizations] = [
          yield* Accounts,
          yield* Employees,
          yield* Groups,
          yield* Organizations
        ]
        const { id, log } = yield* registered()
        for (const [i, text] of odd.entries()) {
          const kept = text.toWellFormed().replaceAll("\0", "\uFFFD")
          const email = `${i}${text}@acme.test`
          assert.strictEqual((yield* accounts.create(admin, id, { name: text, email })).name, kept)
          assert.strictEqual((yield* accounts.find(id, email)).name, kept)
          const employee = yield* employees.create(admin, id, { name: `${i}${text}`, email, role: text })
          assert.deepInclude(employee, { name: `${i}${kept}`, role: kept })
          assert.deepStrictEqual((yield* employees.byName(id, `${i}${text}`, all)).items, [employee])
          assert.strictEqual(yield* refused(employees.create(admin, id, { name: "x", email })), "Conflict email")
          const same = { name: `${i}${text}`, email }
          yield* quietly(log, employees.update(admin, id, employee.id, same))
          const profile = yield* employees.setProfile(admin, id, employee.id, { bio: text, gender: text }, "merge")
          assert.strictEqual(profile.bio, kept)
          const group = yield* groups.create(admin, id, { name: text, type: "club" })
          assert.strictEqual(group.name, kept)
          assert.strictEqual((yield* groups.setProfile(admin, id, group.id, { icon: text }, "merge")).icon, kept)
          assert.strictEqual((yield* organizations.update(admin, id, { name: text })).name, kept)
          yield* organizations.createKey(admin, id, { name: text })
          assert.strictEqual((yield* organizations.get(id)).keys.at(-1)?.name, kept)
          assert.strictEqual((yield* organizations.setProfile(admin, id, { mission: text }, "merge")).mission, kept)
        }
      })
    )

    it.effect("keeps HR's groups HR's, and lets the API add to them", () =>
      Effect.gen(function* () {
        const [groups, employees] = [yield* Groups, yield* Employees]
        const { id, log } = yield* registered()
        yield* hrSays(log, says(log, "1", person("Ada", { departmentId: "D", departmentName: "Sales" })))
        const [sales] = (yield* groups.list(id, { type: "department" }, all)).items
        assert.deepInclude(sales, { name: "Sales", type: "department" })
        const rename = (name: string, type: string) => refused(groups.update(admin, id, sales!.id, { name, type }))
        assert.strictEqual(yield* rename("Trade", "department"), "Conflict name")
        assert.strictEqual(yield* rename("Sales", "club"), "Conflict type")
        yield* quietly(log, groups.update(admin, id, sales!.id, { name: "Sales", type: "department" }))
        yield* groups.setProfile(admin, id, sales!.id, { icon: "i" }, "merge")
        const guest = yield* employees.create(admin, id, { name: "Guest", email: uniqueEmail() })
        yield* groups.setForEntity(admin, id, guest.id, [{ groupId: sales!.id, type: "guest" }])
        assert.deepStrictEqual(
          (yield* groups.members(id, sales!.id, {}, all)).items.map(({ name, type }) => [name, type]),
          [
            ["Ada Byron", "member"],
            ["Guest", "guest"]
          ]
        )
        const ada = idOf(log, "1")
        assert.strictEqual(yield* refused(groups.removeEntity(admin, id, ada, sales!.id)), "Conflict group")
        yield* groups.setForEntity(admin, id, ada, [])
        assert.lengthOf(yield* groups.ofEntity(id, ada), 1)
        yield* groups.removeEntity(admin, id, guest.id, sales!.id)
        assert.deepStrictEqual(yield* groups.profile(id, sales!.id), { icon: "i" })
      })
    )
  })
