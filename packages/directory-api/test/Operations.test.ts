import { createHmac, randomUUID } from "node:crypto"

import { assert, describe, layer } from "@effect/vitest"
import { Organizations } from "@rollcall/core/contract/Organizations"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect } from "effect"

import { directories } from "./Directories.ts"
import { given, type Side } from "./Given.ts"
import * as Served from "./Served.ts"

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u
const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/u

const fresh = (text: string) => `${text}-${randomUUID().slice(0, 8)}`

const part = (json: object) => Buffer.from(JSON.stringify(json)).toString("base64url")

/** Who calls, and about whom. */
const world = Effect.gen(function* () {
  const { ask, root, token, ours, theirs } = yield* given
  const as = (secret: string) => ({
    get: (path: string) => ask("GET", path, { token: secret }),
    post: (path: string, body: unknown) => ask("POST", path, { token: secret, body }),
    patch: (path: string, body: unknown) => ask("PATCH", path, { token: secret, body }),
    del: (path: string) => ask("DELETE", path, { token: secret })
  })
  const employee = (role: keyof Side["tokens"]) => as(ours.tokens[role])
  return { ask, as, token, ours, theirs, admin: employee("ORG_ADMIN"), user: employee("user"), root: as(root) }
})

for (const { name, directory } of directories) {
  describe(`Operations, ${name}`, () => {
    layer(Served.layer(directory), { excludeTestServices: true })((it) => {
      it.effect("answers with organizations as docs/directory.md says", () =>
        Effect.gen(function* () {
          const { root, admin, ours } = yield* world
          const alias = fresh("adventure")
          const ownerEmail = `${alias}@works.com`
          const { status, json, headers } = yield* root.post("/organization", {
            name: "Adventure Works",
            alias,
            ownerEmail
          })
          assert.strictEqual(status, 201)
          assert.strictEqual(headers.get("content-type"), "application/json")
          const { id, owners, created, ...rest } = json
          assert.match(id, uuid)
          assert.match(created.createdAt, moment)
          assert.lengthOf(owners, 1)
          assert.deepStrictEqual(rest, {
            name: "Adventure Works",
            alias,
            active: true,
            status: rest.status,
            profile: {},
            apps: [],
            keys: [],
            preferences: [],
            mappings: []
          })
          assert.strictEqual(rest.status.current, "ACTIVE")
          const owner = (yield* root.get(`/account/${ownerEmail}`)).json
          assert.strictEqual(owner.id, owners[0])
          assert.deepStrictEqual(owner.grants, [{ orgId: id, role: "ORG_ADMIN" }])
          assert.strictEqual((yield* root.get(`/organization/alias/${alias}`)).json.id, id)
          assert.strictEqual((yield* root.post("/organization", { name: "Other", alias })).status, 409)
          assert.strictEqual((yield* admin.get("/organization")).json[0].id, ours.id)
          const [app] = (yield* admin.get("/organization")).json[0].apps
          assert.deepInclude(app, { externalId: "hr", name: "hr", type: "csv", internal: false, organization: ours.id })
        })
      )

      it.effect("makes an alias of the name where none is given", () =>
        Effect.gen(function* () {
          const { root } = yield* world
          const { json } = yield* root.post("/organization", { name: `Über Works & Söhne ${randomUUID().slice(0, 6)}` })
          assert.match(json.alias, /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u)
          assert.strictEqual((yield* root.get(`/organization/alias/${json.alias}`)).json.id, json.id)
        })
      )

      it.effect("changes the current organization, and the same by its id", () =>
        Effect.gen(function* () {
          const { admin, ours } = yield* world
          const changed = yield* admin.patch("/organization", { name: "Renamed" })
          assert.deepInclude(changed.json, { id: ours.id, name: "Renamed", alias: ours.alias })
          const alias = fresh("alias")
          const again = yield* admin.patch(`/organization/${ours.id}`, { name: "Again", alias })
          assert.deepInclude(again.json, { id: ours.id, name: "Again", alias })
          const { json } = yield* admin.get(`/organization/${ours.id}`)
          assert.deepInclude(json, { name: "Again", alias })
        })
      )

      it.effect("replaces profiles with POST and merges them with PATCH, by id and without", () =>
        Effect.gen(function* () {
          const { admin, ours } = yield* world
          for (const path of ["/organization/profile", `/organization/${ours.id}/profile`]) {
            const made = yield* admin.post(path, { location: "Here", website: "https://works.com" })
            assert.strictEqual(made.status, 201)
            assert.deepStrictEqual(made.json, { location: "Here", website: "https://works.com" })
            const merged = yield* admin.patch(path, { location: null, mission: "Ride." })
            assert.deepStrictEqual(merged.json, { website: "https://works.com", mission: "Ride." })
            assert.deepStrictEqual((yield* admin.post(path, { countryCode: "US" })).json, { countryCode: "US" })
            assert.deepStrictEqual((yield* admin.get(path)).json, { countryCode: "US" })
            assert.deepStrictEqual((yield* admin.patch(path, {})).json, { countryCode: "US" })
          }
        })
      )

      it.effect("makes keys whose secret signs tokens, and is shown once", () =>
        Effect.gen(function* () {
          const { admin, as, ours } = yield* world
          const made = yield* admin.post("/organization/keys", { name: "dashboard", limitToRole: "MANAGER" })
          assert.strictEqual(made.status, 201)
          const { id, secretBase64, ...rest } = made.json
          assert.deepStrictEqual(rest, { name: "dashboard", limitToRole: "MANAGER" })
          const claims = { aud: "directory-server", exp: 99_999_999_999, role: "ORG_ADMIN" }
          const text = `${part({ alg: "HS256", kid: id })}.${part(claims)}`
          const secret = Buffer.from(secretBase64, "base64")
          const signed = as(`${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`)
          assert.strictEqual((yield* signed.get(`/employee/${ours.worker}/profile`)).status, 200)
          assert.strictEqual((yield* signed.get("/account")).status, 403)
          const { keys } = (yield* admin.get(`/organization/${ours.id}`)).json
          assert.deepInclude(keys, { id, name: "dashboard", limitToRole: "MANAGER" })
          assert.notInclude(JSON.stringify(keys), "secret")
          const gone = yield* admin.del(`/organization/keys/${id}`)
          assert.deepStrictEqual(gone.json, { id, name: "dashboard", limitToRole: "MANAGER" })
          assert.strictEqual((yield* signed.get("/employee")).status, 401)
          assert.strictEqual((yield* admin.del(`/organization/keys/${id}`)).status, 404)
          const other = (yield* admin.post(`/organization/${ours.id}/keys`, { name: "other" })).json
          assert.deepStrictEqual((yield* admin.del(`/organization/${ours.id}/keys/${other.id}`)).json, {
            id: other.id,
            name: "other"
          })
        })
      )

      it.effect("finds organizations by their plugins", () =>
        Effect.gen(function* () {
          const { root, admin, theirs } = yield* world
          const organizations = yield* Organizations
          const site = fresh("site")
          const log = OrganizationId.make(site)
          const apps = [{ id: randomUUID(), type: "ultipro", name: site, data: { tenant: site }, secrets: {} }]
          const id = yield* organizations.register(log, apps)
          const found = (path: string) => Effect.map(root.get(path), ({ json }) => json.map((one: Side) => one.id))
          assert.include(yield* found("/organization/by-app/ultipro"), id)
          assert.deepStrictEqual(yield* found(`/organization/by-app-id/ultipro/${site}`), [id])
          assert.deepStrictEqual(yield* found(`/organization/by-app-id/csv/${site}`), [])
          assert.deepStrictEqual(yield* found(`/organization/by-app-data/ultipro/tenant/${site}`), [id])
          assert.deepStrictEqual(yield* found(`/organization/by-app-data/ultipro/tenant/other`), [])
          assert.deepStrictEqual((yield* admin.get("/organization/by-app/ultipro")).json, [])
          const asked = yield* root.post("/organization/by-app-secret/ultipro/password", { secret: "wrong" })
          assert.deepStrictEqual([asked.status, asked.json], [200, []])
          assert.notInclude(yield* found("/organization/by-app/ultipro"), theirs.id)
        })
      )

      it.effect("makes, finds, changes and lists accounts", () =>
        Effect.gen(function* () {
          const { admin, ours, theirs } = yield* world
          const email = `${fresh("new")}@ours.com`
          const made = yield* admin.post("/account", { email })
          assert.strictEqual(made.status, 201)
          const { id, created, status, ...rest } = made.json
          assert.match(id, uuid)
          assert.match(created.createdAt, moment)
          assert.strictEqual(status.current, "ACTIVE")
          assert.deepStrictEqual(rest, { email, active: true, mappings: [], preferences: [], grants: [] })
          assert.strictEqual((yield* admin.post("/account", { email: email.toUpperCase() })).status, 409)
          assert.strictEqual((yield* admin.post("/account", { email: theirs.admin.email })).status, 201)
          assert.strictEqual((yield* admin.patch(`/account/${id}`, { email, name: "New" })).json.name, "New")
          assert.strictEqual((yield* admin.patch(`/account/${id}`, { email })).json.name, "New")
          assert.strictEqual((yield* admin.get(`/account/${email.toUpperCase()}`)).json.id, id)
          const granted = yield* admin.post(`/account/${id}/grant`, { role: "MANAGER", employeeId: ours.worker })
          assert.strictEqual(granted.status, 200)
          assert.deepStrictEqual(granted.json.grants, [{ orgId: ours.id, role: "MANAGER", employeeId: ours.worker }])
          const again = yield* admin.post(`/account/${id}/grant`, { orgId: ours.id, role: "ORG_ADMIN" })
          assert.deepStrictEqual(again.json.grants, [{ orgId: ours.id, role: "ORG_ADMIN" }])
          const ids = (path: string) => Effect.map(admin.get(path), ({ json }) => json.map((one: Side) => one.id))
          assert.includeMembers(yield* ids("/account"), [id, ours.admin.id, ours.user.id])
          assert.includeMembers(yield* ids("/account/for-org"), [id, ours.admin.id, ours.user.id])
          assert.sameMembers(yield* ids("/account/org-admins"), [id, ours.admin.id])
          assert.deepStrictEqual(yield* ids(`/account/${ours.user.id}/employees`), [ours.worker])
          assert.deepStrictEqual(yield* ids(`/account/${ours.admin.id}/employees`), [])
        })
      )

      it.effect("makes accounts that belong to nobody, for a SUPER_ADMIN of no organization", () =>
        Effect.gen(function* () {
          const { root, admin, ours } = yield* world
          const email = `${fresh("nobody")}@nowhere.com`
          const { json } = yield* root.post("/account", { email })
          assert.strictEqual((yield* admin.get(`/account/${json.id}`)).status, 404)
          const granted = yield* root.post(`/account/${json.id}/grant`, { orgId: ours.id, role: "EMPLOYEE" })
          assert.deepStrictEqual(granted.json.grants, [{ orgId: ours.id, role: "EMPLOYEE" }])
          assert.strictEqual((yield* admin.get(`/account/${json.id}`)).status, 200)
          assert.strictEqual((yield* admin.patch(`/account/${json.id}`, { email })).status, 409)
          assert.strictEqual((yield* root.post(`/account/${json.id}/grant`, { role: "EMPLOYEE" })).status, 400)
        })
      )

      it.effect("makes, finds, changes and lists employees", () =>
        Effect.gen(function* () {
          const { admin, ours } = yield* world
          const email = `${fresh("rob")}@ours.com`
          const made = yield* admin.post("/employee", { name: "Rob Walters", email, role: "Designer" })
          assert.strictEqual(made.status, 201)
          const { id, created, status, ...rest } = made.json
          assert.match(id, uuid)
          assert.match(created.createdAt, moment)
          assert.strictEqual(status.current, "ACTIVE")
          const expected = { name: "Rob Walters", email, active: true, organization: ours.id, role: "Designer" }
          assert.deepStrictEqual(rest, expected)
          assert.strictEqual((yield* admin.post("/employee", { name: "Twin", email })).status, 409)
          const changed = yield* admin.patch(`/employee/${id}`, { name: "Bob Walters", email, account: ours.admin.id })
          assert.deepInclude(changed.json, { name: "Bob Walters", account: ours.admin.id, role: "Designer" })
          assert.strictEqual((yield* admin.get(`/employee/by-account/${ours.admin.id}`)).json.id, id)
          assert.strictEqual((yield* admin.get(`/employee/by-name/bob%20walters`)).json[0].id, id)
          assert.lengthOf((yield* admin.get("/employee")).json, 3)
          assert.lengthOf((yield* admin.get("/employee?status=active")).json, 3)
          assert.lengthOf((yield* admin.get("/employee?status=LEAVE")).json, 0)
          assert.lengthOf((yield* admin.get("/employee?type=REG")).json, 0)
        })
      )

      it.effect("sets managers, one supervisor at a time, and no circle of them", () =>
        Effect.gen(function* () {
          const { admin, ours } = yield* world
          const path = `/employee/${ours.worker}/managers`
          const [supervisor] = (yield* admin.get(path)).json
          assert.deepInclude(supervisor, { managerId: ours.boss, type: "supervisor" })
          assert.strictEqual(supervisor.manager.name, "Ken Sánchez")
          const other = (yield* admin.post("/employee", { name: "Rob", email: `${fresh("rob")}@ours.com` })).json.id
          const two = yield* admin.post(path, { managerId: other, type: "mentor" })
          assert.strictEqual(two.status, 200)
          assert.lengthOf(two.json, 2)
          const set = yield* admin.post(path, { managerId: other, type: "supervisor" })
          const kinds = set.json.map((one: { managerId: string; type: string }) => `${one.managerId} ${one.type}`)
          assert.sameMembers(kinds, [`${other} mentor`, `${other} supervisor`])
          assert.strictEqual(
            (yield* admin.post(`/employee/${other}/managers`, { managerId: ours.worker, type: "supervisor" })).status,
            409
          )
          assert.strictEqual((yield* admin.post(path, { managerId: ours.worker, type: "supervisor" })).status, 409)
          const reports = (path: string) => Effect.map(admin.get(path), ({ json }) => json.map((one: Side) => one.id))
          assert.deepStrictEqual(yield* reports(`/employee/by-manager/${other}`), [ours.worker])
          assert.deepStrictEqual(yield* reports(`/employee/by-manager/${other}?type=mentor`), [ours.worker])
          assert.deepStrictEqual(yield* reports(`/employee/by-manager/${other}?type=coach`), [])
          assert.deepStrictEqual(yield* reports(`/employee/by-manager/${ours.boss}`), [])
          const gone = yield* admin.del(`${path}/${other}`)
          assert.deepStrictEqual([gone.status, gone.text], [200, ""])
          assert.deepStrictEqual((yield* admin.get(path)).json, [])
          assert.strictEqual((yield* admin.del(`${path}/${other}`)).status, 404)
        })
      )

      it.effect("lets everybody keep the own profile, and no other", () =>
        Effect.gen(function* () {
          const { user, ours } = yield* world
          const own = `/employee/${ours.worker}/profile`
          const boss = `/employee/${ours.boss}/profile`
          assert.strictEqual((yield* user.get(own)).status, 200)
          assert.deepStrictEqual((yield* user.patch(own, { bio: "Mine." })).json, { bio: "Mine." })
          const replaced = yield* user.post(own, { firstName: "Terri" })
          assert.deepStrictEqual([replaced.status, replaced.json], [201, { firstName: "Terri" }])
          assert.strictEqual((yield* user.get(`/employee/${ours.worker.toUpperCase()}/profile`)).status, 200)
          assert.strictEqual((yield* user.get(boss)).status, 403)
          assert.strictEqual((yield* user.patch(boss, { bio: "Not mine." })).status, 403)
          assert.strictEqual((yield* user.get(`/employee/${randomUUID()}/profile`)).status, 403)
          assert.strictEqual((yield* user.get("/employee/none/profile")).status, 403)
        })
      )

      it.effect("lets who was granted a role as an employee keep that one's profile", () =>
        Effect.gen(function* () {
          const { admin, as, token, ours } = yield* world
          const email = `${fresh("granted")}@ours.com`
          const { id } = (yield* admin.post("/account", { email })).json
          yield* admin.post(`/account/${id}/grant`, { role: "EMPLOYEE", employeeId: ours.boss })
          const boss = as(yield* token({ key: ours.key, subject: id }))
          assert.strictEqual((yield* boss.patch(`/employee/${ours.boss}/profile`, { bio: "Mine." })).status, 200)
          assert.strictEqual((yield* boss.get(`/employee/${ours.worker}/profile`)).status, 403)
        })
      )

      it.effect("lets nobody set the own employee number, and bears with one that is the same", () =>
        Effect.gen(function* () {
          const { user, admin, ours } = yield* world
          const path = `/employee/${ours.worker}/profile`
          assert.strictEqual((yield* user.patch(path, { employeeNumber: "0042" })).status, 403)
          assert.strictEqual((yield* user.patch(path, { employeeNumber: null, bio: "Mine." })).status, 200)
          assert.strictEqual((yield* admin.patch(path, { employeeNumber: "0042" })).json.employeeNumber, "0042")
          assert.strictEqual((yield* user.patch(path, { employeeNumber: "0042", bio: "Mine." })).status, 200)
          assert.strictEqual((yield* user.patch(path, { employeeNumber: "0043" })).status, 403)
          assert.strictEqual((yield* user.patch(path, { employeeNumber: null })).status, 403)
          assert.strictEqual((yield* admin.patch(path, { employeeNumber: "0043" })).status, 409)
        })
      )

      it.effect("makes, finds, changes and lists groups", () =>
        Effect.gen(function* () {
          const { admin, ours } = yield* world
          const made = yield* admin.post("/group", { name: "Chess club", type: "guild" })
          assert.strictEqual(made.status, 201)
          const { id, created, status, ...rest } = made.json
          assert.match(id, uuid)
          assert.match(created.createdAt, moment)
          assert.strictEqual(status.current, "ACTIVE")
          assert.deepStrictEqual(rest, { name: "Chess club", type: "guild", active: true, organization: ours.id })
          assert.strictEqual((yield* admin.get(`/group/${id}`)).json.name, "Chess club")
          assert.strictEqual(
            (yield* admin.patch(`/group/${id}`, { name: "Go club", type: "guild" })).json.name,
            "Go club"
          )
          assert.deepStrictEqual(
            (yield* admin.get("/group?type=GUILD")).json.map((one: Side) => one.id),
            [id]
          )
          const profile = { icon: "♟", description: "Tuesdays." }
          const path = `/group/${id}/profile`
          const posted = yield* admin.post(path, profile)
          assert.deepStrictEqual([posted.status, posted.json], [201, profile])
          assert.deepStrictEqual((yield* admin.patch(path, { icon: null })).json, { description: "Tuesdays." })
          assert.deepStrictEqual((yield* admin.get(path)).json, { description: "Tuesdays." })
        })
      )

      it.effect("sets and ends memberships, and answers both with nothing", () =>
        Effect.gen(function* () {
          const { admin, ours } = yield* world
          const groups = `/entity/${ours.worker}/groups`
          const set = yield* admin.post(groups, [{ groupId: ours.group, type: "captain" }, { groupId: ours.inner }])
          assert.deepStrictEqual([set.status, set.text], [200, ""])
          const known = (yield* admin.get(groups)).json.map(
            (one: { group: { name: string }; type: string }) => `${one.group.name} ${one.type}`
          )
          assert.sameMembers(known, ["Cycling club captain", "Night riders member"])
          yield* admin.post(`/entity/${ours.inner}/groups`, [{ groupId: ours.group }])
          const members = `/group/${ours.group}/members`
          const terri = { entityId: ours.worker, entityType: "employee", type: "captain", name: "Terri Duffy" }
          const night = { entityId: ours.inner, entityType: "group", type: "member", name: "Night riders" }
          assert.deepStrictEqual((yield* admin.get(members)).json, [night, terri])
          assert.deepStrictEqual((yield* admin.get(`${members}?entity=employee`)).json, [terri])
          assert.deepStrictEqual((yield* admin.get(`${members}?membership=member`)).json, [night])
          assert.strictEqual((yield* admin.post(`/entity/${ours.group}/groups`, [{ groupId: ours.inner }])).status, 409)
          const gone = yield* admin.del(`${groups}/${ours.group}`)
          assert.deepStrictEqual([gone.status, gone.text], [200, ""])
          assert.strictEqual((yield* admin.del(`${groups}/${ours.group}`)).status, 404)
          assert.strictEqual((yield* admin.post(groups, [])).status, 200)
          assert.deepStrictEqual((yield* admin.get(groups)).json, [])
          assert.strictEqual((yield* admin.post(groups, [{ type: "member" }])).json.errors[0].field, "0.groupId")
        })
      )

      it.effect("leads from page to page by the Link header, and misses nobody", () =>
        Effect.gen(function* () {
          const { ask, admin, ours } = yield* world
          for (const number of [1, 2, 3, 4, 5]) {
            yield* admin.post("/group", { name: `Team & ${number}`, type: "a b" })
          }
          const everything = (yield* admin.get("/group?type=a%20b")).json.map((one: Side) => one.id)
          assert.lengthOf(everything, 5)
          const seen: Array<string> = []
          let next: string | undefined = "/api/v1/group?type=a%20b&limit=2"
          let pages = 0
          while (next !== undefined) {
            const page: Served.Answer = yield* ask("GET", next, { token: ours.tokens.EMPLOYEE })
            assert.strictEqual(page.status, 200)
            assert.isAtMost(page.json.length, 2)
            seen.push(...page.json.map((one: Side) => one.id))
            next = /^<([^>]+)>; rel="next"$/u.exec(page.headers.get("link") ?? "")?.[1]
            pages += 1
          }
          assert.deepStrictEqual([pages, seen], [3, everything])
          assert.isNull((yield* admin.get("/group?type=a%20b&limit=5")).headers.get("link"))
        })
      )

      it.effect("pages every list", () =>
        Effect.gen(function* () {
          const { admin, ours } = yield* world
          yield* admin.post("/account", { email: `${fresh("another")}@ours.com` })
          yield* admin.post("/employee", { name: "Terri Duffy", email: `${fresh("terri")}@ours.com` })
          yield* admin.post(`/entity/${ours.inner}/groups`, [{ groupId: ours.group }])
          for (const path of [
            "/account",
            "/account/for-org",
            "/employee",
            "/employee/by-name/Terri%20Duffy",
            "/group",
            `/group/${ours.group}/members`
          ]) {
            const { status, json, headers } = yield* admin.get(`${path}?limit=1`)
            assert.strictEqual(status, 200, path)
            assert.lengthOf(json, 1, path)
            assert.match(headers.get("link") ?? "", /^<\/api\/v1\/.*limit=1.*>; rel="next"$/u, path)
          }
        })
      )
    })
  })
}
