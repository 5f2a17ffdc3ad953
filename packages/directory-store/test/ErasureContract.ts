/**
 * That an erasure takes all that is a person's and nothing that is others', for good, on whatever engine. Called once for
 * PGlite and once for PostgreSQL.
 */
import { randomUUID } from "node:crypto"

import { assert, layer as withLayer } from "@effect/vitest"
import { Accounts } from "@rollcall/core/contract/Accounts"
import { Employees } from "@rollcall/core/contract/Employees"
import { Erasure, type ErasureEntry } from "@rollcall/core/contract/Erasure"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { Groups } from "@rollcall/core/contract/Groups"
import { employeeRecordStream } from "@rollcall/core/directory/EmployeeRecord"
import { employeeStream } from "@rollcall/core/domain/Employee"
import { type RecordedEvent, split } from "@rollcall/core/domain/Event"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { reduce } from "@rollcall/core/sync/Reduce"
import { Effect, type Layer, Stream } from "effect"
import * as fc from "fast-check"
import { sql } from "kysely"

import { Database } from "../src/Database.ts"
import { Upkeep } from "../src/Upkeep.ts"
import { appendOf } from "./Given.ts"
import {
  admin,
  all,
  changes,
  countOf,
  directoryOn,
  hrSays,
  idOf,
  isRemoved,
  person,
  policies,
  refused,
  registered,
  says,
  uniqueEmail,
  vanishes
} from "./GivenDirectory.ts"
import { answered, dump, everywhere, newZoe, ofOthers, valuesIn } from "./GivenErasure.ts"

const signed = { by: "Grace", reason: "asked for it" }

const erase = Effect.fnUntraced(function* (log: OrganizationId, ...who: ReadonlyArray<string>) {
  const erasure = yield* Erasure
  const { people, sweep } = yield* erasure.erase(
    log,
    who.map((one) => ({ who: one, ...signed }))
  )
  assert.isNull(sweep.problem)
  return people
})

const eventsOf = Effect.fnUntraced(function* (log: OrganizationId) {
  const eventLog = yield* EventLog
  return yield* Stream.runCollect(eventLog.read(log))
})

const personOf = Effect.fnUntraced(function* (log: OrganizationId, key: string) {
  const eventLog = yield* EventLog
  const stream = employeeStream(log, key)
  return reduce(stream, yield* eventLog.stream(log, stream))
})

/** The chain holds, and the tables are what the log gives. */
const isSound = Effect.fnUntraced(function* (log: OrganizationId) {
  const [eventLog, upkeep] = [yield* EventLog, yield* Upkeep]
  assert.isNull(yield* eventLog.verify(log))
  const differing = (yield* upkeep.rebuild("check")).filter(({ missing, unexpected }) => missing + unexpected > 0)
  assert.deepStrictEqual(differing, [])
})

const hasPersonal = ({ event }: RecordedEvent): boolean => split(event).personal !== null

const released = (stream: string) =>
  ofOthers(stream, { type: "HoldReleased", by: "Grace", reason: "came back" }, "operator:Grace")

const adopted = (value: string) =>
  ofOthers(
    "configuration",
    {
      type: "ConfigurationAdopted",
      configuration: "c",
      engine: "1",
      settings: { only: [value] },
      policy: policies()(OrganizationId.make("acme"))
    },
    "rollcall"
  )

export const erasureContract = (name: string, database: Layer.Layer<Database, StoreError>) =>
  withLayer(directoryOn(database), { excludeTestServices: true, timeout: "60 seconds" })(name, (it) => {
    const [plainly, patiently] = [{ timeout: 60_000 }, { timeout: 120_000 }]

    it.effect(
      "takes every value of the person, from every place, and leaves the others as they were",
      () =>
        Effect.gen(function* () {
          const [accounts, employees, groups] = [yield* Accounts, yield* Employees, yield* Groups]
          const { id, log } = yield* registered()
          const zoe = newZoe()
          const { logins, uuid } = yield* everywhere(zoe, id, log)
          const before = yield* eventsOf(log)
          const others = yield* Effect.forEach(["ada", "bob"], (key) => personOf(log, key))
          assert.deepStrictEqual(valuesIn(yield* dump, zoe), Object.keys(zoe))
          const { query } = yield* Database
          yield* query((db) =>
            sql`insert into source_records values (${log}, 'hr', ${employeeStream(log, zoe.key)}, 'digest', true)`.execute(
              db
            )
          )

          const [erased, ...none] = yield* erase(log, zoe.key)
          assert.deepStrictEqual(none, [])
          assert.deepInclude(erased, {
            stream: employeeStream(log, zoe.key),
            before: false,
            accounts: 2,
            sources: ["hr"],
            atTogether: true,
            mentions: { EmployeeAppeared: 1, UserUpdated: 1 },
            configurations: []
          })

          // The key stays where others name her: as Ada's manager.
          assert.deepStrictEqual(valuesIn(yield* dump, zoe), ["key"])
          const after = yield* eventsOf(log)
          assert.deepStrictEqual(
            after.slice(0, before.length).map((event) => ({ ...event, event: split(event.event).data })),
            before.map((event) => ({ ...event, event: split(event.event).data }))
          )
          const taken = before.filter((event, i) => hasPersonal(event) && !hasPersonal(after[i]!))
          assert.lengthOf(taken, erased?.events ?? -1)
          const expected = ["account", "directory-employee", "employee", "lane", "remote", "source"]
          assert.deepStrictEqual([...new Set(taken.map(({ stream }) => stream.split(":")[0]!))].toSorted(), expected)
          assert.deepStrictEqual(
            after.slice(before.length).map(({ event, stream }) => `${stream} ${event.type}`),
            [
              `${employeeStream(log, zoe.key)} EmployeeErased`,
              `${employeeRecordStream(uuid)} EmployeeErased`,
              ...logins.toSorted().map((login) => `account:${login} AccountErased`)
            ]
          )
          const gone = yield* personOf(log, zoe.key)
          assert.deepInclude(gone, { employeeId: undefined, sources: {} })
          assert.deepInclude(gone.erased, { by: "Grace", refused: [] })
          assert.deepStrictEqual(yield* Effect.forEach(["ada", "bob"], (key) => personOf(log, key)), others)

          assert.strictEqual(yield* refused(employees.get(id, uuid)), "NotFound employee")
          for (const login of logins) assert.strictEqual(yield* refused(accounts.find(null, login)), "NotFound account")
          const names = (yield* groups.list(id, {}, all)).items.map((group) => group.name)
          assert.deepStrictEqual(names.toSorted(), ["Chess", "Loud Zoo"])
          const left = yield* query((db) =>
            sql`select 1 from source_records where stream = ${employeeStream(log, zoe.key)}
              union all select 1 from commits where organization_id = ${log} and request_digest is not null
                and first_position <= ${taken[0]!.position} and last_position >= ${taken[0]!.position}`.execute(db)
          )
          assert.lengthOf(left.rows, 0)
          yield* isSound(log)

          // Once more: nothing is left to take, and nothing is said twice.
          const [again] = yield* erase(log, zoe.key)
          assert.deepInclude(again, { before: true, events: 0, rows: 0, accounts: 0, sources: [] })
          assert.strictEqual(yield* countOf(log), after.length)
        }),
      plainly
    )

    it.effect(
      "knows a person by key, by UUID and by their employee in the Directory, with or without a key",
      () =>
        Effect.gen(function* () {
          const employees = yield* Employees
          const { id, log } = yield* registered()
          yield* hrSays(log, says(log, "1", person("Adamantia")), says(log, "2", person("Bob", { supervisorId: "77" })))
          const make = (name: string) => employees.create(admin, id, { name, email: uniqueEmail() })
          const [keyed, keyless] = [yield* make("Cleophas Kay"), yield* make("Doralise Dee")]
          yield* employees.setProfile(admin, id, keyed.id, { employeeNumber: "77" }, "merge")
          yield* employees.assignManager(admin, id, keyless.id, { managerId: keyed.id, type: "mentor" })
          const erased = yield* erase(log, idOf(log, "1"), keyed.id, keyless.id, keyless.id)
          assert.deepStrictEqual(
            erased.map(({ stream }) => stream),
            [employeeStream(log, "1"), employeeStream(log, "77"), employeeRecordStream(keyless.id)]
          )
          const text = yield* dump
          for (const value of ["Cleophas", "Doralise", "adamantia@hr.test"]) assert.notInclude(text, value)
          yield* isSound(log)
          assert.deepStrictEqual(
            (yield* employees.list(id, {}, all)).items.map(({ name }) => name),
            ["Bob Byron"]
          )
        }),
      plainly
    )

    it.effect("refuses whom nobody has ever heard of, and then erases nobody", () =>
      Effect.gen(function* () {
        const erasure = yield* Erasure
        const { log } = yield* registered()
        yield* hrSays(log, says(log, "1", person("Ada")))
        for (const who of ["2", randomUUID(), "", "employee:1"]) {
          const requests = ["1", who].map((one) => ({ who: one, ...signed }))
          const error = yield* Effect.flip(erasure.erase(log, requests))
          assert.deepInclude(error, { _tag: "PersonUnknown", who })
        }
        assert.strictEqual(yield* countOf(log), 1)
        assert.strictEqual((yield* personOf(log, "1")).employeeId, "1")
      })
    )

    it.effect(
      "writes what comes afterwards without its personal part, until somebody releases the person",
      () =>
        Effect.gen(function* () {
          const [employees, eventLog, { query }] = [yield* Employees, yield* EventLog, yield* Database]
          const { id, log } = yield* registered()
          const zoe = newZoe()
          const stream = employeeStream(log, zoe.key)
          yield* hrSays(log, says(log, zoe.key, { firstName: zoe.firstName }), says(log, "2", person("Bob")))
          yield* erase(log, zoe.key)
          const late = appendOf([answered(log, zoe.key, { firstName: zoe.firstName, title: "Clerk" })], {
            seen: [
              { source: "hr", stream, digest: "made of values", present: true },
              { source: "hr", stream: employeeStream(log, "2"), digest: "of others", present: true }
            ]
          })
          yield* eventLog.append(log, late)
          assert.isTrue((yield* eventLog.append(log, late)).replayed)
          assert.deepStrictEqual(valuesIn(yield* dump, zoe), [])
          const made = yield* employees.create(admin, id, { name: "Eve", email: uniqueEmail() })
          const asked = employees.setProfile(admin, id, made.id, { employeeNumber: zoe.key }, "merge")
          assert.strictEqual(yield* refused(asked), "Conflict employeeNumber")
          const kept = yield* query((db) =>
            sql<{ text: string }>`
              select digest as text from source_records where organization_id = ${log} and digest is not null
              union all
              select 'digest' from commits where append_key = ${late.appendKey}::uuid and request_digest is not null`.execute(
              db
            )
          )
          assert.deepStrictEqual(kept.rows, [{ text: "of others" }])
          assert.isDefined((yield* personOf(log, zoe.key)).erased)

          yield* eventLog.append(
            log,
            appendOf([
              answered(log, zoe.key, { firstName: zoe.firstName }),
              released(stream),
              says(log, zoe.key, { firstName: zoe.firstName })
            ])
          )
          const back = yield* personOf(log, zoe.key)
          assert.deepInclude(back, { employeeId: zoe.key, version: 6 })
          assert.isUndefined(back.erased)
          assert.strictEqual((yield* eventsOf(log)).filter(hasPersonal).length, 3)
          yield* isSound(log)

          // COPY is another way into the table.
          assert.deepInclude((yield* erase(log, zoe.key))[0], { before: false, events: 1 })
          const many = Array.from({ length: 600 }, () => answered(log, zoe.key, { firstName: zoe.firstName }))
          yield* eventLog.append(log, appendOf(many))
          assert.deepStrictEqual(valuesIn(yield* dump, zoe), [])
          yield* isSound(log)
        }),
      plainly
    )

    it.effect(
      "leaves nothing to those who write of the person at the same time, before, between and after",
      () =>
        Effect.gen(function* () {
          const eventLog = yield* EventLog
          const { log } = yield* registered()
          const zoe = newZoe()
          const stream = employeeStream(log, zoe.key)
          yield* hrSays(log, says(log, zoe.key, { firstName: zoe.firstName, email: zoe.email }))
          const write = (n: number) =>
            eventLog.append(
              log,
              appendOf([answered(log, zoe.key, { lastName: zoe.lastName }), answered(log, `${n}`, {})], {
                seen: [{ source: "hr", stream, digest: `digest of ${zoe.bio}`, present: true }]
              })
            )
          const writers = Effect.forEach(
            [1, 2, 3, 4],
            (one) => Effect.forEach([1, 2, 3, 4, 5, 6, 7, 8], (n) => write(10 * one + n)),
            { concurrency: "unbounded" }
          )
          yield* Effect.all([writers, Effect.andThen(write(1), erase(log, zoe.key))], { concurrency: "unbounded" })
          yield* write(2)
          assert.deepStrictEqual(valuesIn(yield* dump, zoe), [])
          assert.isDefined((yield* personOf(log, zoe.key)).erased)
          yield* isSound(log)
        }),
      plainly
    )

    it.effect(
      "leaves a login alone that is another employee's by now, and takes one that belongs to no organization",
      () =>
        Effect.gen(function* () {
          const accounts = yield* Accounts
          const { id, log } = yield* registered()
          yield* hrSays(
            log,
            says(log, "1", person("Ada", { email: "old@hr.test" })),
            changes(log, "1", { email: "ada-new@hr.test" }),
            says(log, "2", person("Bob", { email: "Old@hr.test" }))
          )
          const bobs = yield* accounts.create(admin, id, { email: "old@hr.test" })
          const shared = yield* accounts.create(admin, null, { email: "ADA-new@hr.test", name: "Ada" })
          const [erased] = yield* erase(log, "1")
          assert.strictEqual(erased?.accounts, 1)
          assert.strictEqual(yield* refused(accounts.find(null, shared.id)), "NotFound account")
          assert.strictEqual((yield* accounts.find(null, bobs.id)).email, "old@hr.test")
          assert.deepStrictEqual(erased?.mentions, { EmployeeAppeared: 1, AccountCreated: 1 })
          yield* isSound(log)

          // Restored from a backup in which the login was not yet tied to her.
          const erasure = yield* Erasure
          const [, login] = yield* erasure.list(log)
          const again = yield* accounts.create(admin, null, { email: uniqueEmail(), name: "Ada" })
          const entry = { ...login!, stream: `account:${again.id}`, erasedAt: "2031-01-01T00:00:00.000000Z" }
          yield* erasure.repeat(log, [entry, { ...entry, stream: `account:${randomUUID()}` }])
          assert.strictEqual(yield* refused(accounts.find(null, again.id)), "NotFound account")
          assert.lengthOf(yield* erasure.list(log), 3)
          yield* isSound(log)
        })
    )

    it.effect("names the kept configurations that hold a value of the person, and leaves them", () =>
      Effect.gen(function* () {
        const { log } = yield* registered()
        const zoe = newZoe()
        yield* hrSays(log, says(log, zoe.key, { lastName: zoe.lastName }), adopted(zoe.lastName), adopted("Sales"))
        const [erased] = yield* erase(log, zoe.key)
        assert.deepStrictEqual(erased?.configurations, [2])
        assert.deepStrictEqual(erased?.mentions, {})
      })
    )

    it.effect(
      "lists erasures, and repeats a list on a log that does not know them",
      () =>
        Effect.gen(function* () {
          const [erasure, eventLog] = [yield* Erasure, yield* EventLog]
          const { log } = yield* registered()
          yield* hrSays(log, says(log, "1", person("Ada")), says(log, "2", person("Bob")), says(log, "3", person("Cy")))
          yield* erase(log, "1")
          yield* erase(log, "2")
          const list = yield* erasure.list(log)
          assert.deepStrictEqual(
            list.map((entry) => ({ ...entry, erasedAt: "" })),
            [
              { organization: log, stream: employeeStream(log, "1"), position: 4, erasedAt: "", ...signed },
              { organization: log, stream: employeeStream(log, "2"), position: 5, erasedAt: "", ...signed }
            ]
          )
          yield* eventLog.append(log, appendOf([released(employeeStream(log, "2")), says(log, "2", person("Bob"))]))
          assert.deepStrictEqual(
            (yield* erasure.list(log)).map(({ stream }) => stream),
            [employeeStream(log, "1")]
          )
          // Erased here already, released here since, and an erasure of a log that went on longer than this one.
          const entry = (stream: string): ErasureEntry => ({
            ...list[0]!,
            stream,
            erasedAt: "2031-01-01T00:00:00.000000Z"
          })
          const missing = [employeeStream(log, "9"), employeeRecordStream(randomUUID()), `account:${randomUUID()}`]
          const more = [employeeStream(log, "3"), ...missing].map(entry)
          const { people } = yield* erasure.repeat(log, [...list, ...more, ...more])
          assert.deepStrictEqual(
            people.map(({ events, stream }) => [stream, events]),
            [
              [employeeStream(log, "3"), 1],
              [employeeStream(log, "9"), 0]
            ]
          )
          assert.strictEqual((yield* personOf(log, "2")).employeeId, "2")
          const beforehand = yield* personOf(log, "9")
          assert.deepInclude(beforehand, { version: 1 })
          assert.isDefined(beforehand.erased)
          const { people: none } = yield* erasure.repeat(log, yield* erasure.list(log))
          assert.deepStrictEqual(none, [])
          yield* isSound(log)
        }),
      plainly
    )

    const key = fc.constantFrom("1", "2", "3")
    const word = fc.record(
      {
        firstName: fc.constantFrom("Ada", "Bob", null),
        email: fc.constantFrom("a@hr.test", "b@hr.test", null),
        supervisorId: fc.constantFrom("1", "2", "3", null),
        departmentName: fc.constantFrom("Sales", "Trade", null),
        status: fc.constantFrom("active", "terminated")
      },
      { requiredKeys: [] }
    )
    const act = fc.record({ kind: fc.constantFrom("say", "say", "change", "vanish", "remove", "answer"), key, word })

    it.effect(
      "leaves everybody else's history as it was, whatever was said",
      () =>
        Effect.gen(function* () {
          const context = yield* Effect.context<
            Erasure | EventLog | Upkeep | Effect.Services<ReturnType<typeof registered>>
          >()
          const trial = Effect.fnUntraced(function* (
            acts: ReadonlyArray<typeof act extends fc.Arbitrary<infer A> ? A : never>
          ) {
            const { log } = yield* registered()
            yield* hrSays(log, ...["1", "2", "3"].map((one) => says(log, one, {})))
            const said = acts.map(({ key, kind, word }) => {
              if (kind === "vanish") return vanishes(log, key)
              if (kind === "remove") return isRemoved(log, key)
              if (kind === "answer") return answered(log, key, word)
              return kind === "say" ? says(log, key, word) : changes(log, key, word)
            })
            if (said.length > 0) yield* hrSays(log, ...said)
            const others = yield* Effect.forEach(["2", "3"], (one) => personOf(log, one))
            yield* erase(log, "1")
            assert.deepStrictEqual(yield* Effect.forEach(["2", "3"], (one) => personOf(log, one)), others)
            yield* isSound(log)
          })
          yield* Effect.promise(() =>
            fc.assert(
              fc.asyncProperty(fc.array(act, { maxLength: 12 }), (acts) =>
                Effect.runPromise(Effect.provideContext(trial(acts), context as never))
              ),
              { numRuns: 12 }
            )
          )
        }),
      patiently
    )
  })
