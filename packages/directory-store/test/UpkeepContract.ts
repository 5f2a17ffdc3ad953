/**
 * That the Directory's tables are what the log gives, whatever was said, by whom, in what order and on which day, on
 * whatever engine. Called once for PGlite and once for PostgreSQL.
 */
import { randomUUID } from "node:crypto"

import { assert, layer as withLayer } from "@effect/vitest"
import { Accounts } from "@rollcall/core/contract/Accounts"
import { Employees } from "@rollcall/core/contract/Employees"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { Groups } from "@rollcall/core/contract/Groups"
import { Organizations } from "@rollcall/core/contract/Organizations"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import type { Policy } from "@rollcall/core/domain/Policy"
import { DateTime, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { sql } from "kysely"

import { Database } from "../src/Database.ts"
import * as DirectoryStore from "../src/DirectoryStore.ts"
import { DirectoryPolicies } from "../src/Projector.ts"
import { type Comparison, Upkeep } from "../src/Upkeep.ts"
import { appendOf } from "./Given.ts"
import {
  admin,
  all,
  changes,
  directoryOn,
  hrSays,
  idOf,
  isRemoved,
  newName,
  person,
  policies,
  registered,
  says,
  uniqueEmail,
  vanishes
} from "./GivenDirectory.ts"

/** Sets the clock to noon of a day. */
const itIs = (day: string) => TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(`${day}T12:00:00Z`)))

const july = (n: number): string => `2030-07-${String(n).padStart(2, "0")}`

/** With a clock of its own. */
const atItsOwnTime = <A, E, R>(body: Effect.Effect<A, E, R>) => Effect.provide(body, TestClock.layer())

const differing = (found: ReadonlyArray<Comparison>) =>
  found.filter(({ missing, unexpected }) => missing > 0 || unexpected > 0)

/** Made anew the tables are the same. */
const isSound = Effect.fnUntraced(function* (mode: "check" | "repair" = "check") {
  const upkeep = yield* Upkeep
  const found = yield* upkeep.rebuild(mode)
  assert.lengthOf(found, 8)
  assert.deepStrictEqual(differing(found), [])
  return found
})

/** Another process on the same database, with rules of its own. */
const elsewhere = <A, E, R>(rules: Partial<Policy>, body: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Database, (database) =>
    Effect.provide(
      body,
      Layer.fresh(DirectoryStore.layer).pipe(
        Layer.provide(Layer.succeed(DirectoryPolicies, policies(rules))),
        Layer.provide(Layer.succeed(Database, database))
      )
    )
  )

const nameOf = Effect.fnUntraced(function* (organization: string, id: string) {
  const employees = yield* Employees
  return yield* employees.get(organization, id).pipe(
    Effect.map(({ name }) => name),
    Effect.catchTag("DirectoryRefused", () => Effect.succeed("nobody"))
  )
})

/** An organization in which every table has something. */
const inhabited = Effect.gen(function* () {
  const [accounts, employees, groups, organizations] = [
    yield* Accounts,
    yield* Employees,
    yield* Groups,
    yield* Organizations
  ]
  const { id, log } = yield* registered()
  const account = yield* accounts.create(admin, id, { email: uniqueEmail() })
  yield* organizations.createKey(admin, id, { name: "k" })
  yield* hrSays(
    log,
    says(log, "1", person("Ada", { departmentName: "Sales" })),
    says(log, "2", person("Bob", { supervisorId: "1", departmentName: "Sales" }))
  )
  const made = yield* employees.create(admin, id, { name: "Cleo", email: uniqueEmail(), account: account.id })
  yield* accounts.grant(admin, id, account.id, { orgId: id, role: "MANAGER", employeeId: made.id })
  yield* employees.assignManager(admin, id, made.id, { managerId: idOf(log, "1"), type: "mentor" })
  const group = yield* groups.create(admin, id, { name: "Chess", type: "club" })
  yield* groups.setForEntity(admin, id, made.id, [{ groupId: group.id, type: "member" }])
  return { id, log, account: account.id, made: made.id }
})

/** Statements that each put one table wrong, and how many rows they make differ. */
const plants = [
  ["directory_organizations", "update directory_organizations set name = 'x' where organization_id = $log", 1, 1],
  ["directory_organizations", "delete from directory_organizations where organization_id = $log", 1, 0],
  [
    "directory_organizations",
    `insert into directory_organizations (id, organization_id, name, alias, created_at, created_by)
      select gen_random_uuid(), $log || '-x', 'x', $log || '-x', now(), 'root'`,
    0,
    1
  ],
  ["directory_keys", "update directory_keys set revoked = true where organization = $id", 1, 1],
  ["directory_keys", "delete from directory_keys where organization = $id", 1, 0],
  ["directory_accounts", "update directory_accounts set email_key = 'x' where organization = $id", 1, 1],
  ["directory_accounts", "delete from directory_accounts where organization = $id", 1, 0],
  ["directory_grants", "insert into directory_grants values (gen_random_uuid(), $id, 'ORG_ADMIN', null)", 0, 1],
  ["directory_grants", "delete from directory_grants where organization = $id", 1, 0],
  ["directory_employees", "update directory_employees set status = 'LEAVE' where organization_id = $log", 3, 3],
  ["directory_employees", "update directory_employees set turns_on = now() where organization_id = $log", 3, 3],
  ["directory_employees", "delete from directory_employees where organization_id = $log and not made", 2, 0],
  [
    "directory_managers",
    "insert into directory_managers select $log, gen_random_uuid(), gen_random_uuid(), 'mentor', false",
    0,
    1
  ],
  ["directory_managers", "delete from directory_managers where organization_id = $log and hr", 1, 0],
  ["directory_groups", "update directory_groups set name = 'x' where organization_id = $log and hr", 1, 1],
  ["directory_groups", "delete from directory_groups where organization_id = $log", 2, 0],
  ["directory_memberships", "update directory_memberships set kind = 'x' where organization_id = $log and hr", 2, 2],
  ["directory_memberships", "delete from directory_memberships where organization_id = $log and not hr", 1, 0]
] as const

const keys = ["1", "2", "3", "4", "5"]
/** Whom HR names before it lists them. */
const later = ["11", "12"]
const key = fc.constantFrom(...keys, ...keys, ...later)
const word = fc.record(
  {
    firstName: fc.constantFrom("Ada", "Bob", null),
    lastName: fc.constantFrom("Byron", "King", null),
    email: fc.constantFrom("a@hr.test", "b@hr.test", null),
    status: fc.constantFrom("active", "leave", "terminated"),
    supervisorId: fc.constantFrom(...keys, ...later, null),
    departmentId: fc.constantFrom("D1", "D2", null),
    departmentName: fc.constantFrom("Sales", "Trade", null),
    officeAddress: fc.constantFrom("Main St", null),
    title: fc.constantFrom("Clerk", null)
  },
  { requiredKeys: [] }
)
const source = fc.constantFrom("hr", "hr", "crm")
/** Days from today. */
const from = fc.option(fc.integer({ min: -2, max: 6 }), { nil: undefined })
const who = fc.nat(20)
const profile = fc.record(
  {
    bio: fc.constantFrom("x", null),
    firstName: fc.constantFrom("Grace", null),
    companyRole: fc.constantFrom("Head", "Clerk", null),
    location: fc.constantFrom("Home", null),
    employeeNumber: fc.constantFrom(...keys, ...later, ...later)
  },
  { requiredKeys: [] }
)

const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant("say" as const), key, word, source, from }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom("vanish" as const, "remove" as const), key, source }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("withdraw" as const), key, source, from: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("create" as const), name: fc.constantFrom("Cleo", "Dora M") }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant("rename" as const), who, name: fc.constantFrom("Eve", "Fay G") })
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("profile" as const), who, profile, replace: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constantFrom("assign" as const, "assign" as const, "unassign" as const),
      who,
      manager: who,
      type: fc.constantFrom("supervisor", "mentor")
    })
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant("join" as const), who, groups: fc.array(who, { maxLength: 3 }) })
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("group" as const), name: fc.constantFrom("Chess", "Go") }) },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant("nest" as const), who, groups: fc.array(who, { maxLength: 2 }) })
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("icon" as const), who, icon: fc.constantFrom("i", null) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom("key" as const, "account" as const, "owner" as const) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("days" as const), days: fc.constantFrom(1, 1, 2, 5, -1) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom("bringUp" as const, "others" as const) }) }
)

type Act = typeof act extends fc.Arbitrary<infer A> ? A : never

const patient: Partial<Policy> = { absence: { policy: "terminate", afterDays: 2 } }
const other: Partial<Policy> = { precedence: ["crm", "directory", "hr"], absence: { policy: "suspend" } }

const daysFrom = (day: number) => (days: number | undefined) =>
  days === undefined ? {} : { effectiveOn: july(day + days) }

type Services = DirectoryStore.Directory | EventLog | Database

interface World {
  readonly id: string
  readonly log: OrganizationId
  day: number
}

/** Does one of the acts, on somebody who is there. */
const perform = Effect.fnUntraced(function* (world: World, one: Act) {
  const [accounts, employees, groups, organizations, eventLog, upkeep] = [
    yield* Accounts,
    yield* Employees,
    yield* Groups,
    yield* Organizations,
    yield* EventLog,
    yield* Upkeep
  ]
  const { id, log } = world
  const when = daysFrom(world.day)
  const someone = Effect.fnUntraced(function* (n: number) {
    const { items } = yield* employees.list(id, {}, all)
    return items[n % Math.max(1, items.length)]?.id ?? randomUUID()
  })
  const group = Effect.fnUntraced(function* (n: number) {
    const { items } = yield* groups.list(id, {}, all)
    return items[n % Math.max(1, items.length)]?.id ?? randomUUID()
  })
  const linksTo = (some: ReadonlyArray<number>) =>
    Effect.forEach(some, (n) => Effect.map(group(n), (groupId) => ({ groupId, type: n % 2 === 0 ? "member" : "lead" })))
  switch (one.act) {
    case "say":
      return yield* hrSays(
        log,
        says(log, one.key, one.word, { day: july(world.day), source: one.source, ...when(one.from) })
      )
    case "vanish":
      return yield* hrSays(log, vanishes(log, one.key, one.source, july(world.day)))
    case "remove":
      return yield* hrSays(log, isRemoved(log, one.key, one.source))
    case "withdraw": {
      const event = changes(log, one.key, {}, { day: july(world.day), source: one.source })
      const withdrawn = { ...event.event, withdrawn: [july(world.day + one.from)] } as typeof event.event
      return yield* hrSays(log, { ...event, event: withdrawn })
    }
    case "create":
      return yield* employees.create(admin, id, { name: one.name, email: uniqueEmail() })
    case "rename": {
      const employee = yield* employees.get(id, yield* someone(one.who))
      return yield* employees.update(admin, id, employee.id, { name: one.name, email: employee.email ?? uniqueEmail() })
    }
    case "profile":
      return yield* employees.setProfile(
        admin,
        id,
        yield* someone(one.who),
        one.profile,
        one.replace ? "replace" : "merge"
      )
    case "assign": {
      const manager = { managerId: yield* someone(one.manager), type: one.type }
      return yield* employees.assignManager(admin, id, yield* someone(one.who), manager)
    }
    case "unassign":
      return yield* employees.removeManager(admin, id, yield* someone(one.who), yield* someone(one.manager))
    case "join":
      return yield* groups.setForEntity(admin, id, yield* someone(one.who), yield* linksTo(one.groups))
    case "group":
      return yield* groups.create(admin, id, { name: one.name, type: "club" })
    case "nest":
      return yield* groups.setForEntity(admin, id, yield* group(one.who), yield* linksTo(one.groups))
    case "icon":
      return yield* groups.setProfile(admin, id, yield* group(one.who), { icon: one.icon }, "merge")
    case "key": {
      const made = yield* organizations.createKey(admin, id, { name: "k" })
      return yield* organizations.revokeKey(admin, id, made.id)
    }
    case "account": {
      const account = yield* accounts.create(admin, id, { email: uniqueEmail() })
      const employeeId = yield* someone(0)
      return yield* accounts.grant(admin, id, account.id, { orgId: id, role: "EMPLOYEE", employeeId })
    }
    case "owner":
      return yield* organizations.update(admin, id, { name: uniqueEmail(), ownerEmail: uniqueEmail() })
    case "days": {
      world.day = Math.min(24, Math.max(1, world.day + one.days))
      return yield* itIs(july(world.day))
    }
    case "bringUp":
      return yield* upkeep.bringUp(log)
    case "others":
      return yield* elsewhere(
        other,
        Effect.gen(function* () {
          const away = yield* Upkeep
          yield* (yield* EventLog).append(log, appendOf([says(log, "1", { title: "Elsewhere" })]))
          yield* away.bringUp(log)
          yield* eventLog.append(log, appendOf([says(log, "2", { title: "Here" })]))
        })
      )
  }
})

export const upkeepContract = (name: string, database: Layer.Layer<Database, StoreError>) =>
  withLayer(directoryOn(database, patient), { excludeTestServices: true, timeout: "300 seconds" })(name, (it) => {
    it.effect("makes the same tables anew after any history", () =>
      Effect.gen(function* () {
        const upkeep = yield* Upkeep
        const context = yield* Effect.context<Services>()
        const history = fc.array(act, { minLength: 60, maxLength: 60 })
        let done = 0
        const body = (acts: ReadonlyArray<Act>) =>
          Effect.gen(function* () {
            const world: World = { ...(yield* registered()), day: 5 }
            yield* itIs(july(5))
            for (const one of acts) {
              yield* perform(world, one).pipe(
                Effect.tap(() => Effect.sync(() => done++)),
                Effect.catchTag("DirectoryRefused", () => Effect.void)
              )
            }
            yield* upkeep.bringUp(world.log)
            yield* isSound()
          }).pipe(atItsOwnTime)
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(history, (acts) => Effect.runPromiseWith(context)(body(acts))),
            { numRuns: 8, endOnFailure: true }
          )
        )
        assert.isAbove(done, 200)
        yield* atItsOwnTime(Effect.andThen(itIs(july(24)), isSound("repair")))
        yield* isSound()
      })
    )

    it.effect("finds whatever is not as the log has it, leaves it in a check, and repairs it", () =>
      Effect.gen(function* () {
        const [upkeep, db] = [yield* Upkeep, yield* Database]
        const { id, log } = yield* inhabited
        for (const [table, statement, missing, unexpected] of plants) {
          const filled = statement.replaceAll("$log", `'${log}'`).replaceAll("$id", `'${id}'`)
          yield* db.query((kysely) => sql.raw(filled).execute(kysely))
          const wrong = (found: ReadonlyArray<Comparison>) =>
            differing(found).map((one) => [one.table, one.missing, one.unexpected])
          const planted = [[table, missing, unexpected]]
          assert.deepStrictEqual(wrong(yield* upkeep.rebuild("check")), planted, filled)
          assert.deepStrictEqual(wrong(yield* upkeep.rebuild("repair")), planted, filled)
        }
        const found = yield* isSound()
        assert.isTrue(found.every(({ rows }) => Number.isInteger(rows) && rows > 0))
      })
    )

    it.effect("lets another process with other rules leave the tables behind, and catches up", () =>
      Effect.gen(function* () {
        const [upkeep, employees] = [yield* Upkeep, yield* Employees]
        const { id, log } = yield* registered()
        yield* hrSays(log, says(log, "1", person("Ada")))
        yield* elsewhere(other, hrSays(log, says(log, "2", person("Bob"))))
        assert.strictEqual(yield* nameOf(id, idOf(log, "2")), "nobody")
        // Behind, it stays behind for appends, until somebody brings it up.
        yield* hrSays(log, says(log, "3", person("Cleo")))
        assert.strictEqual(yield* nameOf(id, idOf(log, "3")), "nobody")
        yield* upkeep.bringUp(log)
        assert.lengthOf((yield* employees.list(id, {}, all)).items, 3)
        yield* isSound()
        yield* elsewhere(other, hrSays(log, says(log, "4", person("Dora"))))
        yield* employees.create(admin, id, { name: "Eve", email: uniqueEmail() })
        assert.lengthOf((yield* employees.list(id, {}, all)).items, 5)
      })
    )

    it.effect("makes everything anew by the rules of whoever brings it up", () =>
      Effect.gen(function* () {
        const upkeep = yield* Upkeep
        const { id, log } = yield* registered()
        yield* hrSays(log, says(log, "1", person("Ada")), says(log, "1", person("Augusta"), { source: "crm" }))
        assert.strictEqual(yield* nameOf(id, idOf(log, "1")), "Ada Byron")
        yield* elsewhere(
          other,
          Effect.flatMap(Upkeep, (away) => away.bringUp(log))
        )
        assert.strictEqual(yield* nameOf(id, idOf(log, "1")), "Augusta Byron")
        yield* upkeep.bringUp(log)
        assert.strictEqual(yield* nameOf(id, idOf(log, "1")), "Ada Byron")
      })
    )

    it.effect("lets a day that begins show whom and what was only expected", () =>
      Effect.gen(function* () {
        const upkeep = yield* Upkeep
        const [employees, groups] = [yield* Employees, yield* Groups]
        const { id, log } = yield* registered()
        yield* itIs(july(1))
        yield* upkeep.bringUp(log)
        yield* hrSays(
          log,
          says(log, "1", person("Ada", { departmentName: "Sales" }), { day: july(1), effectiveOn: july(3) }),
          says(log, "2", person("Bob"), { day: july(1) }),
          changes(log, "2", { lastName: "King", departmentName: "Sales" }, { day: july(1), effectiveOn: july(4) })
        )
        const shown = Effect.gen(function* () {
          const names = (yield* employees.list(id, {}, all)).items.map(({ name }) => name)
          const [sales] = (yield* groups.list(id, {}, all)).items
          const members = sales === undefined ? [] : (yield* groups.members(id, sales.id, {}, all)).items
          return [names, members.length]
        })
        assert.deepStrictEqual(yield* shown, [["Bob Byron"], 0])
        yield* itIs(july(3))
        assert.deepStrictEqual(yield* shown, [["Bob Byron"], 0])
        yield* upkeep.bringUp(log)
        assert.deepStrictEqual(yield* shown, [["Ada Byron", "Bob Byron"], 1])
        // An append of whatever kind does it, too.
        yield* itIs(july(4))
        yield* hrSays(log, says(log, "3", person("Cleo"), { day: july(4) }))
        assert.deepStrictEqual(yield* shown, [["Ada Byron", "Bob King", "Cleo Byron"], 2])
        yield* isSound()
      }).pipe(atItsOwnTime)
    )

    it.effect("draws the consequence of an absence on its day", () =>
      Effect.gen(function* () {
        const { id, log } = yield* registered()
        const rules: Partial<Policy> = { absence: { policy: "terminate", afterDays: 3 } }
        yield* elsewhere(
          rules,
          Effect.gen(function* () {
            const [upkeep, employees] = [yield* Upkeep, yield* Employees]
            const status = Effect.map(employees.get(id, idOf(log, "1")), (one) => one.status.current)
            yield* itIs(july(1))
            yield* upkeep.bringUp(log)
            yield* hrSays(log, says(log, "1", person("Ada")), vanishes(log, "1", "hr", july(1)))
            for (const [day, expected] of [
              [2, "ACTIVE"],
              [3, "ACTIVE"],
              [4, "TERMINATED"]
            ] as const) {
              yield* itIs(july(day))
              yield* upkeep.bringUp(log)
              assert.strictEqual(yield* status, expected)
            }
          })
        )
        yield* (yield* Upkeep).bringUp(log)
      }).pipe(atItsOwnTime)
    )

    it.effect("never goes back to a day before the one its rows were made for", () =>
      Effect.gen(function* () {
        const upkeep = yield* Upkeep
        const { id, log } = yield* registered()
        yield* itIs(july(5))
        yield* upkeep.bringUp(log)
        yield* hrSays(log, says(log, "1", person("Ada"), { day: july(5), effectiveOn: july(5) }))
        // A process whose clock is slow.
        yield* itIs(july(4))
        yield* hrSays(log, changes(log, "1", { title: "Head" }, { day: july(4), effectiveOn: july(5) }))
        assert.strictEqual(yield* nameOf(id, idOf(log, "1")), "Ada Byron")
        yield* isSound()
      }).pipe(atItsOwnTime)
    )

    it.effect("shows the people whom the log of a new organization knows already", () =>
      Effect.gen(function* () {
        const [organizations, employees] = [yield* Organizations, yield* Employees]
        const log = newName()
        const people = Array.from({ length: 3000 }, (_, i) =>
          says(log, `${i}`, person(`N${i}`, { supervisorId: `${i % 10}`, departmentId: `D${i % 7}` }))
        )
        yield* hrSays(log, ...people)
        const id = yield* organizations.register(log, [])
        assert.lengthOf((yield* employees.list(id, {}, { limit: 5000, after: null })).items, 3000)
        assert.lengthOf((yield* employees.byManager(id, idOf(log, "3"), undefined, all)).items, 299)
        yield* isSound()
      })
    )

    it.effect("names the logs of all that are registered, and leaves alone what is not", () =>
      Effect.gen(function* () {
        const upkeep = yield* Upkeep
        const { log } = yield* registered()
        const stranger = newName()
        yield* hrSays(stranger, says(stranger, "1", person("Ada")))
        yield* upkeep.bringUp(stranger)
        const logs = yield* upkeep.organizations
        assert.include(logs, log)
        assert.notInclude(logs, stranger)
      })
    )
  })
