/**
 * What the Directory shows of employees and takes for them on whatever engine: HR's people in the very transaction of
 * their events, those the API makes, managers, departments. Called once for PGlite and once for PostgreSQL.
 */
import { randomUUID } from "node:crypto"

import { assert, layer as withLayer } from "@effect/vitest"
import { Accounts } from "@rollcall/core/contract/Accounts"
import { type EmployeeDetails, Employees } from "@rollcall/core/contract/Employees"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { Groups } from "@rollcall/core/contract/Groups"
import { Complete, Record as Row } from "@rollcall/core/contract/Source"
import { employeeStream, isUuid } from "@rollcall/core/domain/Employee"
import type { Fields } from "@rollcall/core/domain/Field"
import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { ingest } from "@rollcall/core/sync/Ingest"
import { Effect, type Layer, Stream } from "effect"

import type { Database } from "../src/Database.ts"
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
  quietly,
  refused,
  registered,
  says,
  uniqueEmail,
  vanishes,
  walked
} from "./GivenDirectory.ts"

const adminId = admin.slice("account:".length)

/** What is shown of one person of HR's, in short. */
const shown = Effect.fnUntraced(function* (organization: string, id: string) {
  const employees = yield* Employees
  const { email, name, status } = yield* employees.get(organization, id)
  return [name, email, status.current]
})

const groupsOf = Effect.fnUntraced(function* (organization: string, id: string) {
  const groups = yield* Groups
  return (yield* groups.ofEntity(organization, id)).map(({ group }) => [group.type, group.name])
})

const managersOf = Effect.fnUntraced(function* (organization: string, id: string) {
  const employees = yield* Employees
  return (yield* employees.managers(organization, id)).map(({ manager, type }) => [type, manager.name])
})

const reportsOf = Effect.fnUntraced(function* (organization: string, id: string, type?: string) {
  const employees = yield* Employees
  return (yield* employees.byManager(organization, id, type, all)).items.map(({ name }) => name)
})

const named = (name: string, more: Partial<EmployeeDetails> = {}): EmployeeDetails => ({
  name,
  email: uniqueEmail(),
  ...more
})

/** What the log holds of a person by the source `directory`, in short. */
const saidByApi = Effect.fnUntraced(function* (log: OrganizationId, key: string) {
  const eventLog = yield* EventLog
  const events = yield* eventLog.stream(log, employeeStream(log, key))
  return events.flatMap(({ event }) =>
    "source" in event && event.source === "directory" && "fields" in event ? [[event.type, event.fields] as const] : []
  )
})

/** The text in every field that can hold one. */
const everywhere = (text: string): Fields => ({
  firstName: text,
  lastName: text,
  email: text,
  gender: text,
  title: text,
  employeeTypeCode: text,
  departmentId: text,
  departmentName: text,
  officeId: text,
  supervisorId: text,
  status: text
})

/** A source lists these people, each with the title. */
const reading = (log: OrganizationId, keys: ReadonlyArray<string>, title: string) =>
  ingest({
    organization: log,
    name: "hr",
    plugin: { id: "test", version: "1" },
    source: {
      check: Effect.succeed({ summary: "", findings: [] }),
      snapshot: () =>
        Stream.fromIterable([
          ...keys.map((key) => Row({ key, fields: person(`N${key}`, { title }), locator: `hr.csv:${key}` })),
          Complete({ total: keys.length })
        ])
    },
    run: randomUUID(),
    day: "2026-01-02",
    configurationHash: "c"
  })

export const peopleContract = (name: string, database: Layer.Layer<Database, StoreError>) =>
  withLayer(directoryOn(database), { excludeTestServices: true, timeout: "120 seconds" })(name, (it) => {
    it.effect("shows HR's people, their managers and groups, as soon as they are appended", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered()
        yield* hrSays(
          log,
          says(log, "1", person("Ada", { departmentId: "D", departmentName: "Sales", officeAddress: "Main St" })),
          says(
            log,
            "2",
            person("Bob", { supervisorId: "1", departmentId: "D", departmentName: "Sales", title: "Clerk" })
          )
        )
        const [ada, bob] = [idOf(log, "1"), idOf(log, "2")]
        const shownBob = yield* employees.get(id, bob)
        assert.deepInclude(shownBob, {
          id: bob,
          organization: id,
          name: "Bob Byron",
          email: "bob@hr.test",
          active: true,
          account: null,
          role: null
        })
        assert.deepStrictEqual([shownBob.status.changedBy, shownBob.created.createdBy], [null, null])
        assert.deepStrictEqual(yield* employees.profile(id, bob), {
          employeeNumber: "2",
          firstName: "Bob",
          lastName: "Byron",
          companyRole: "Clerk"
        })
        assert.deepStrictEqual(yield* managersOf(id, bob), [["supervisor", "Ada Byron"]])
        assert.deepStrictEqual(yield* reportsOf(id, ada), ["Bob Byron"])
        assert.deepStrictEqual(yield* groupsOf(id, ada), [
          ["office", "Main St"],
          ["department", "Sales"]
        ])
        assert.deepStrictEqual(yield* groupsOf(id, bob), [["department", "Sales"]])
      })
    )

    it.effect("shows what HR changes at once, and who left", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered()
        yield* hrSays(log, ...["1", "2", "3"].map((key) => says(log, key, person(`N${key}`))))
        yield* hrSays(
          log,
          changes(log, "1", { lastName: "King", email: "k@hr.test", supervisorId: "2", employeeTypeCode: "FT" }),
          changes(log, "2", { status: "leave" }),
          vanishes(log, "3")
        )
        assert.deepStrictEqual(yield* shown(id, idOf(log, "1")), ["N1 King", "k@hr.test", "ACTIVE"])
        assert.deepStrictEqual(yield* managersOf(id, idOf(log, "1")), [["supervisor", "N2 Byron"]])
        assert.deepStrictEqual(yield* shown(id, idOf(log, "2")), ["N2 Byron", "n2@hr.test", "LEAVE"])
        assert.deepInclude(yield* employees.get(id, idOf(log, "3")), { active: false })
        yield* hrSays(log, isRemoved(log, "2"))
        assert.deepStrictEqual(yield* shown(id, idOf(log, "2")), ["N2 Byron", "n2@hr.test", "TERMINATED"])
        const of = (filter: { readonly status?: string; readonly type?: string }) =>
          Effect.map(employees.list(id, filter, all), ({ items }) => items.map(({ name }) => name))
        assert.deepStrictEqual(yield* of({ status: "terminated" }), ["N2 Byron", "N3 Byron"])
        assert.deepStrictEqual(yield* of({ type: "ft" }), ["N1 King"])
      })
    )

    it.effect("calls a department what the latest word calls it, and lets it go with its last member", () =>
      Effect.gen(function* () {
        const groups = yield* Groups
        const { id, log } = yield* registered()
        const sales = { departmentId: "D", departmentName: "Sales" }
        yield* hrSays(log, says(log, "1", person("Ada", sales)), says(log, "2", person("Bob", sales)))
        const [before] = (yield* groups.list(id, {}, all)).items
        assert.deepInclude(before, { name: "Sales", type: "department" })
        yield* hrSays(log, changes(log, "1", { departmentName: "Trade" }))
        const [after, ...others] = (yield* groups.list(id, {}, all)).items
        assert.deepStrictEqual([after?.id, after?.name, others], [before?.id, "Trade", []])
        yield* hrSays(log, changes(log, "1", { departmentId: "E", departmentName: "Export" }))
        assert.deepStrictEqual(
          (yield* groups.list(id, {}, all)).items.map(({ name }) => name),
          ["Export", "Sales"]
        )
        yield* hrSays(log, changes(log, "2", { departmentId: null, departmentName: null }))
        assert.strictEqual(yield* refused(groups.get(id, before!.id)), "NotFound group")
        assert.deepStrictEqual(yield* groupsOf(id, idOf(log, "2")), [])
      })
    )

    it.effect("keeps what the API said of a department for the day it is there again", () =>
      Effect.gen(function* () {
        const [groups, employees] = [yield* Groups, yield* Employees]
        const { id, log } = yield* registered()
        yield* hrSays(log, says(log, "1", person("Ada", { departmentName: "Sales" })))
        const [sales] = (yield* groups.list(id, {}, all)).items
        const guest = yield* employees.create(admin, id, named("Guest"))
        yield* groups.setProfile(admin, id, sales!.id, { icon: "i" }, "merge")
        yield* groups.setForEntity(admin, id, guest.id, [{ groupId: sales!.id, type: "guest" }])
        yield* hrSays(log, changes(log, "1", { departmentName: null }))
        assert.strictEqual(yield* refused(groups.get(id, sales!.id)), "NotFound group")
        assert.deepStrictEqual(yield* groupsOf(id, guest.id), [])
        yield* hrSays(log, changes(log, "1", { departmentName: "Sales" }))
        assert.deepStrictEqual(yield* groups.profile(id, sales!.id), { icon: "i" })
        assert.deepStrictEqual(yield* groupsOf(id, guest.id), [["department", "Sales"]])
      })
    )

    it.effect("takes whatever text HR has, and never holds up the log for it", () =>
      Effect.gen(function* () {
        const [employees, groups, eventLog] = [yield* Employees, yield* Groups, yield* EventLog]
        const { id, log } = yield* registered()
        const noise = Array.from({ length: 300 }, () => randomUUID()).join("")
        const texts = ["a\0b", "\ud800", noise, "", " "]
        for (const [i, text] of texts.entries()) {
          yield* hrSays(log, says(log, `${i}${text}`, everywhere(text)))
          const one = yield* employees.get(id, idOf(log, `${i}${text}`))
          assert.deepInclude((yield* employees.byName(id, one.name, all)).items, one)
          yield* employees.setProfile(admin, id, one.id, { bio: text }, "merge")
        }
        yield* walked((page) => employees.list(id, {}, page))
        yield* walked((page) => groups.list(id, {}, page))
        assert.isNull(yield* eventLog.verify(log))
      })
    )

    it.effect("stays out of organizations that are not registered", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const log = newName()
        yield* hrSays(log, says(log, "1", person("Ada")))
        const { id } = yield* registered()
        assert.deepStrictEqual((yield* employees.list(id, {}, all)).items, [])
      })
    )

    it.effect("makes employees, and shows them at once as it was told", () =>
      Effect.gen(function* () {
        const [accounts, employees] = [yield* Accounts, yield* Employees]
        const { id } = yield* registered()
        const account = yield* accounts.create(admin, id, { email: uniqueEmail() })
        const made = yield* employees.create(admin, id, {
          name: "Ada Byron",
          email: "Ada@Acme.test",
          account: account.id,
          role: "lead"
        })
        assert.isTrue(isUuid(made.id))
        assert.deepInclude(made, {
          organization: id,
          name: "Ada Byron",
          email: "Ada@Acme.test",
          active: true,
          account: account.id,
          role: "lead",
          type: null
        })
        assert.deepStrictEqual(made.status, {
          current: "ACTIVE",
          changedAt: made.created.createdAt,
          changedBy: adminId
        })
        assert.deepStrictEqual(yield* employees.get(id, made.id), made)
        assert.deepStrictEqual(yield* employees.profile(id, made.id), {})
        assert.deepStrictEqual((yield* employees.byName(id, "ADA BYRON", all)).items, [made])
        assert.deepStrictEqual((yield* employees.byName(id, "Ada", all)).items, [])
        assert.deepStrictEqual(yield* employees.byAccount(id, account.id), made)
        assert.deepStrictEqual((yield* employees.ofAccount(id, account.id, all)).items, [made])
        assert.strictEqual(yield* refused(employees.byAccount(id, randomUUID())), "NotFound employee")
      })
    )

    it.effect("makes exactly one of fifty employees who are asked for at once with one address", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id } = yield* registered()
        const email = uniqueEmail()
        const answers = yield* Effect.forEach(
          Array.from({ length: 50 }),
          (_, i) =>
            employees.create(admin, id, { name: `n${i}`, email: i % 2 === 0 ? email : email.toUpperCase() }).pipe(
              Effect.as("made"),
              Effect.catchTag("DirectoryRefused", ({ reason }) => Effect.succeed(reason._tag))
            ),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(answers.toSorted(), [...Array.from({ length: 49 }, () => "Conflict"), "made"])
        assert.lengthOf((yield* employees.list(id, {}, all)).items, 1)
      })
    )

    it.effect("refuses an address of HR's people, and changes nobody's to one that is taken", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered()
        yield* hrSays(log, says(log, "1", person("Ada")))
        const create = employees.create(admin, id, { name: "x", email: "ADA@hr.test" })
        assert.strictEqual(yield* quietly(log, refused(create)), "Conflict email")
        const made = yield* employees.create(admin, id, named("Bea"))
        const update = employees.update(admin, id, made.id, { name: "Bea", email: "ada@hr.test" })
        assert.strictEqual(yield* quietly(log, refused(update)), "Conflict email")
        const own = { name: "Bea", email: made.email!.toUpperCase() }
        assert.strictEqual((yield* employees.update(admin, id, made.id, own)).email, own.email)
      })
    )

    it.effect("changes employees, and stays quiet about what is so already", () =>
      Effect.gen(function* () {
        const [accounts, employees] = [yield* Accounts, yield* Employees]
        const { id, log } = yield* registered()
        const account = yield* accounts.create(admin, id, { email: uniqueEmail() })
        const made = yield* employees.create(admin, id, named("Ada Byron", { role: "lead" }))
        const details = { name: "Ada King", email: made.email!, account: account.id }
        const changed = yield* employees.update(admin, id, made.id, details)
        assert.deepInclude(changed, { id: made.id, name: "Ada King", role: "lead", account: account.id })
        assert.deepStrictEqual(yield* quietly(log, employees.update(admin, id, made.id, details)), changed)
        yield* hrSays(log, says(log, "1", person("Bob")))
        const same = employees.update(admin, id, idOf(log, "1"), { name: "Bob Byron", email: "bob@hr.test" })
        assert.strictEqual((yield* quietly(log, same)).name, "Bob Byron")
      })
    )

    it.effect("refuses what HR says otherwise, and takes what HR says nothing of", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered()
        yield* hrSays(log, says(log, "1", { firstName: "Ada", lastName: "Byron", status: "active", gender: "f" }))
        const ada = idOf(log, "1")
        const email = uniqueEmail()
        const rename = employees.update(admin, id, ada, { name: "Ada King", email })
        assert.strictEqual(yield* quietly(log, refused(rename)), "Conflict name")
        assert.strictEqual((yield* employees.update(admin, id, ada, { name: "Ada Byron", email })).email, email)
        const profile = (change: {
          readonly gender?: string | null
          readonly companyRole?: string
          readonly bio?: string
        }) => employees.setProfile(admin, id, ada, change, "merge")
        assert.strictEqual(yield* quietly(log, refused(profile({ gender: "m" }))), "Conflict gender")
        assert.strictEqual(yield* quietly(log, refused(profile({ gender: null }))), "Conflict gender")
        assert.deepInclude(yield* profile({ companyRole: "Clerk", bio: "x" }), { companyRole: "Clerk", bio: "x" })
        assert.deepStrictEqual(yield* saidByApi(log, "1"), [
          ["EmployeeAmended", { email }],
          ["EmployeeAmended", { title: "Clerk" }]
        ])
      })
    )

    it.effect("lets the API overrule HR where the configuration believes it more", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered("believed")
        yield* hrSays(log, says(log, "1", person("Ada", { supervisorId: "2" })), says(log, "2", person("Bob")))
        const ada = idOf(log, "1")
        const changed = yield* employees.update(admin, id, ada, { name: "Ada King", email: "king@hr.test" })
        assert.deepInclude(changed, { name: "Ada King", email: "king@hr.test" })
        yield* hrSays(log, changes(log, "1", { lastName: "Lovelace" }))
        assert.strictEqual((yield* employees.get(id, ada)).name, "Ada King")
        yield* hrSays(log, says(log, "3", person("Cleo")))
        yield* employees.assignManager(admin, id, ada, { managerId: idOf(log, "3"), type: "supervisor" })
        assert.deepStrictEqual(yield* managersOf(id, ada), [["supervisor", "Cleo Byron"]])
        yield* hrSays(log, isRemoved(log, "1"))
        assert.isFalse((yield* employees.get(id, ada)).active)
      })
    )

    it.effect("replaces and merges profiles", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered()
        const { id: ada } = yield* employees.create(admin, id, named("Ada Byron"))
        const set = (profile: Parameters<typeof employees.setProfile>[3], mode: "replace" | "merge") =>
          employees.setProfile(admin, id, ada, profile, mode)
        yield* set({ bio: "x", timezone: "UTC", joinDate: "2026-01-02" }, "merge")
        const merged = { bio: "y", joinDate: "2026-01-02" }
        assert.deepStrictEqual(yield* set({ bio: "y", timezone: null }, "merge"), merged)
        yield* quietly(log, set(merged, "replace"))
        assert.deepStrictEqual(yield* set({ bio: "z" }, "replace"), { bio: "z" })
        assert.deepStrictEqual(yield* set({}, "replace"), {})
        assert.deepStrictEqual(yield* employees.profile(id, ada), {})
      })
    )

    it.effect("gives an employee a number once, and is one person with HR's by the same number from then on", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered()
        const made = yield* employees.create(admin, id, named("Ada Byron"))
        const number = (employee: string, employeeNumber: string | null) =>
          employees.setProfile(admin, id, employee, { employeeNumber }, "merge")
        assert.strictEqual((yield* number(made.id, "0042")).employeeNumber, "0042")
        assert.deepStrictEqual(yield* saidByApi(log, "0042"), [
          ["EmployeeAppeared", { firstName: "Ada", lastName: "Byron", email: made.email, status: "active" }]
        ])
        yield* quietly(log, number(made.id, "0042"))
        for (const other of ["0043", null]) {
          assert.strictEqual(yield* quietly(log, refused(number(made.id, other))), "Conflict employeeNumber")
        }
        const second = yield* employees.create(admin, id, named("Bea"))
        assert.strictEqual(yield* refused(number(second.id, "0042")), "Conflict employeeNumber")
        yield* hrSays(log, says(log, "0042", person("Augusta", { departmentId: "D" })), says(log, "7", person("Hr")))
        assert.strictEqual(yield* refused(number(second.id, "7")), "Conflict employeeNumber")
        const shownNow = yield* employees.get(id, made.id)
        assert.deepInclude(shownNow, { id: made.id, name: "Augusta Byron", created: made.created })
        assert.strictEqual(yield* refused(employees.get(id, idOf(log, "0042"))), "NotFound employee")
        assert.lengthOf((yield* employees.list(id, {}, all)).items, 3)
        assert.lengthOf(yield* groupsOf(id, made.id), 1)
      })
    )

    it.effect("gives one number to one of many who are given it at once", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id } = yield* registered()
        const made = yield* Effect.forEach(Array.from({ length: 8 }), (_, i) =>
          employees.create(admin, id, named(`n${i}`))
        )
        const answers = yield* Effect.forEach(
          made,
          (one) =>
            employees.setProfile(admin, id, one.id, { employeeNumber: "1" }, "merge").pipe(
              Effect.as("given"),
              Effect.catchTag("DirectoryRefused", ({ reason }) => Effect.succeed(reason._tag))
            ),
          { concurrency: "unbounded" }
        )
        assert.lengthOf(
          answers.filter((answer) => answer === "given"),
          1
        )
      })
    )

    it.effect(
      "ties HR's reports to an employee of the API's once both are one person, in whatever order they came",
      () =>
        Effect.gen(function* () {
          const employees = yield* Employees
          const { id, log } = yield* registered()
          yield* hrSays(log, says(log, "1", person("Early", { supervisorId: "9" })))
          const boss = yield* employees.create(admin, id, named("The Boss"))
          yield* employees.setProfile(admin, id, boss.id, { employeeNumber: "9" }, "merge")
          assert.deepStrictEqual(yield* reportsOf(id, boss.id), ["Early Byron"])
          yield* hrSays(log, says(log, "2", person("Late", { supervisorId: "9" })))
          assert.deepStrictEqual(yield* reportsOf(id, boss.id), ["Early Byron", "Late Byron"])
          assert.deepStrictEqual(yield* managersOf(id, idOf(log, "2")), [["supervisor", "The Boss"]])
          yield* hrSays(log, says(log, "9", person("Boss")))
          assert.deepStrictEqual(yield* managersOf(id, idOf(log, "1")), [["supervisor", "Boss Byron"]])
        })
    )

    it.effect("assigns managers, one supervisor at a time, and takes them away", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered()
        const [ada, bea, cleo] = yield* Effect.forEach(["Ada", "Bea", "Cleo"], (name) =>
          employees.create(admin, id, named(name))
        )
        const assign = (manager: string, type: string) =>
          employees.assignManager(admin, id, ada!.id, { managerId: manager, type })
        yield* assign(bea!.id, "mentor")
        yield* assign(bea!.id, "supervisor")
        yield* quietly(log, assign(bea!.id, "supervisor"))
        const managers = yield* assign(cleo!.id, "supervisor")
        assert.deepStrictEqual(
          managers.map(({ manager, managerId, type }) => [type, manager.name, managerId]),
          [
            ["mentor", "Bea", bea!.id],
            ["supervisor", "Cleo", cleo!.id]
          ]
        )
        assert.deepStrictEqual(yield* reportsOf(id, bea!.id), ["Ada"])
        assert.deepStrictEqual(yield* reportsOf(id, bea!.id, "supervisor"), [])
        yield* assign(cleo!.id, "mentor")
        yield* employees.removeManager(admin, id, ada!.id, cleo!.id)
        assert.deepStrictEqual(yield* managersOf(id, ada!.id), [["mentor", "Bea"]])
        assert.strictEqual(
          yield* quietly(log, refused(employees.removeManager(admin, id, ada!.id, cleo!.id))),
          "NotFound manager"
        )
      })
    )

    it.effect("refuses oneself and circles over any number of managers of one kind, also through HR's", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered()
        yield* hrSays(log, says(log, "1", person("Ada", { supervisorId: "2" })), says(log, "2", person("Bob")))
        const [c, d] = yield* Effect.forEach(["C", "D"], (name) => employees.create(admin, id, named(name)))
        const [ada, bob] = [idOf(log, "1"), idOf(log, "2")]
        const under = (employee: string, managerId: string, type = "supervisor") =>
          employees.assignManager(admin, id, employee, { managerId, type })
        yield* under(c!.id, ada)
        yield* under(d!.id, c!.id)
        assert.strictEqual(yield* quietly(log, refused(under(bob, d!.id))), "Conflict managerId")
        assert.strictEqual(yield* refused(under(bob, ada)), "Conflict managerId")
        assert.strictEqual(yield* refused(under(bob, bob)), "Conflict managerId")
        yield* under(bob, d!.id, "mentor")
      })
    )

    it.effect("lives with a circle that HR made", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered()
        yield* hrSays(
          log,
          says(log, "1", person("Ada", { supervisorId: "2" })),
          says(log, "2", person("Bob", { supervisorId: "1" }))
        )
        const made = yield* employees.create(admin, id, named("C"))
        const under = { managerId: idOf(log, "1"), type: "supervisor" }
        yield* employees.assignManager(admin, id, made.id, under)
        assert.deepStrictEqual(yield* managersOf(id, made.id), [["supervisor", "Ada Byron"]])
      })
    )

    it.effect("leaves HR's supervisor to HR, and takes the one HR names for no change", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered()
        yield* hrSays(
          log,
          says(log, "1", person("Ada", { supervisorId: "2" })),
          says(log, "2", person("Bob")),
          says(log, "3", person("Cleo"))
        )
        const [ada, bob, cleo] = [idOf(log, "1"), idOf(log, "2"), idOf(log, "3")]
        const assign = (managerId: string) => employees.assignManager(admin, id, ada, { managerId, type: "supervisor" })
        assert.strictEqual(yield* quietly(log, refused(assign(cleo))), "Conflict type")
        assert.lengthOf(yield* quietly(log, assign(bob)), 1)
        const remove = employees.removeManager(admin, id, ada, bob)
        assert.strictEqual(yield* quietly(log, refused(remove)), "Conflict manager")
        yield* hrSays(log, changes(log, "1", { supervisorId: null }))
        assert.strictEqual(yield* refused(assign(cleo)), "Conflict type")
      })
    )

    it.effect("tells the engine of a supervisor by key, also once the supervisor gets one, and of none", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered()
        yield* hrSays(log, says(log, "1", person("Ada")))
        const ada = idOf(log, "1")
        const boss = yield* employees.create(admin, id, named("The Boss"))
        yield* employees.assignManager(admin, id, ada, { managerId: boss.id, type: "supervisor" })
        assert.deepStrictEqual(yield* saidByApi(log, "1"), [])
        yield* employees.setProfile(admin, id, boss.id, { employeeNumber: "9" }, "merge")
        assert.deepStrictEqual(yield* saidByApi(log, "1"), [["EmployeeAmended", { supervisorId: "9" }]])
        yield* employees.removeManager(admin, id, ada, boss.id)
        assert.deepStrictEqual((yield* saidByApi(log, "1")).at(-1), ["EmployeeAmended", { supervisorId: null }])
        assert.deepStrictEqual(yield* managersOf(id, ada), [])
      })
    )

    it.effect("takes in a reading of a source while the API writes to the same people", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id, log } = yield* registered()
        const keys = Array.from({ length: 40 }, (_, n) => `${n}`)
        yield* reading(log, keys, "Clerk")
        const writes = Effect.forEach(
          keys,
          (key) => employees.setProfile(admin, id, idOf(log, key), { gender: "x", bio: key }, "merge"),
          { concurrency: 4 }
        )
        const readings = Effect.forEach(["A", "B", "C"], (title) => reading(log, keys, title))
        const [reports] = yield* Effect.all([readings, writes], { concurrency: "unbounded" })
        for (const { counts } of reports) assert.deepInclude(counts, { records: 40, changed: 40, unchanged: 0 })
        for (const key of keys) {
          const profile = yield* employees.profile(id, idOf(log, key))
          assert.deepInclude(profile, { companyRole: "C", gender: "x", bio: key })
        }
      })
    )

    it.effect("names who wrote in the log, and in what is shown only accounts", () =>
      Effect.gen(function* () {
        const employees = yield* Employees
        const { id } = yield* registered()
        const createdBy = (actor: string) =>
          Effect.map(employees.create(actor, id, named("x")), ({ created, status }) => [
            created.createdBy,
            status.changedBy
          ])
        assert.deepStrictEqual(yield* createdBy(admin), [adminId, adminId])
        assert.deepStrictEqual(yield* createdBy("root"), [null, null])
        assert.deepStrictEqual(yield* createdBy(`key:${randomUUID()}`), [null, null])
      })
    )
  })
