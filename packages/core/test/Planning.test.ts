import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as fc from "fast-check"

import { EventLog } from "../src/contract/EventLog.ts"
import { decideCreate, decideProfile } from "../src/directory/EmployeeDecisions.ts"
import { employeeStream } from "../src/domain/Employee.ts"
import type { NewEvent } from "../src/domain/Event.ts"
import type { Fields } from "../src/domain/Field.ts"
import type { Absence, Policy } from "../src/domain/Policy.ts"
import type { Plan } from "../src/sync/Plan.ts"
import { Rehearsal } from "../src/sync/Planning.ts"
import { acme, badRow, everyone, holds, itIs, january, newRun, noonOf, policy, row, someone } from "./Given.ts"
import { known, occasion, told } from "./GivenDirectory.ts"
import { allEvents, withEmptyLog } from "./MemoryLog.ts"
import { makeMemorySink } from "./MemorySink.ts"
import { pass, plan, planFor, read, unguarded } from "./When.ts"

const today = january(20)

/** A plan without the order of people within a step, which follows the order in which they were heard of. */
const unordered = ({ batches, blocked, ...rest }: Plan) => ({
  ...rest,
  batches: batches.map((batch) => batch.toSorted((a, b) => (a.employeeId < b.employeeId ? -1 : 1))),
  blocked: blocked.toSorted((a, b) => (a.stream < b.stream ? -1 : 1))
})

describe("makePlan", () => {
  it.effect("plans everybody of the log once", () =>
    Effect.gen(function* () {
      yield* itIs(today)
      yield* read(everyone(row("1", someone), row("2", { ...someone, email: null })))
      yield* read(everyone(row("1", { title: "Clerk" })), { name: "crm" })
      const made = yield* plan()
      assert.deepInclude(made, { employees: 2, upToDate: 0 })
      assert.deepStrictEqual(
        made.batches[0]?.map(({ employeeId }) => employeeId),
        ["1"]
      )
      assert.deepStrictEqual(
        made.blocked.map(({ stream }) => stream),
        [employeeStream(acme, "2")]
      )
    }).pipe(withEmptyLog)
  )

  it.effect("is empty for an empty log", () =>
    Effect.gen(function* () {
      assert.deepInclude(yield* plan(), { batches: [], blocked: [], employees: 0 })
    }).pipe(withEmptyLog)
  )
})

describe("makePlan: people of the Directory API", () => {
  const withApi = { precedence: ["hr", "directory"] }

  const write = Effect.fnUntraced(function* (events: ReadonlyArray<NewEvent>) {
    const log = yield* EventLog
    yield* log.append(acme, {
      appendKey: newRun(),
      events: events.filter(({ stream }) => stream.startsWith("employee:"))
    })
  })

  it.effect("plans somebody whom the API gave a key as a joiner, with all that Together needs", () =>
    Effect.gen(function* () {
      yield* itIs(today)
      const employee = known(told().created({ name: "Ada Byron", email: "ada@acme.test" }))
      yield* write(Result.getOrThrow(decideProfile(occasion(), employee, { employeeNumber: "e-9" }, "merge", false)))
      const [planned, ...others] = (yield* plan(withApi)).batches.flat()
      assert.deepStrictEqual(others, [])
      assert.deepInclude(planned, { employeeId: "e-9", class: "joiner" })
      const sink = makeMemorySink()
      yield* pass(sink, { rules: withApi })
      assert.deepStrictEqual(sink.users.get("e-9"), someone)
    }).pipe(withEmptyLog)
  )

  it.effect("blocks somebody whose name is one word, and does not plan who has no key", () =>
    Effect.gen(function* () {
      yield* itIs(today)
      const employee = known(told().created({ name: "Cher", email: "cher@acme.test" }))
      yield* write(decideCreate(occasion(), employee.record.id, { name: "Cher", email: "cher@acme.test" }))
      assert.deepInclude(yield* plan(withApi), { employees: 0, batches: [] })
      yield* write(Result.getOrThrow(decideProfile(occasion(), employee, { employeeNumber: "e-9" }, "merge", false)))
      assert.lengthOf((yield* plan(withApi)).blocked, 1)
    }).pipe(withEmptyLog)
  )
})

describe("makePlanFor", () => {
  const humans = everyone(
    row("boss", someone),
    row("1", { ...someone, supervisorId: "boss" }),
    row("2", { ...someone, supervisorId: "1" })
  )

  it.effect("plans the people named and nobody else", () =>
    Effect.gen(function* () {
      yield* itIs(today)
      yield* read(humans)
      const made = yield* planFor(["1", "boss", "nobody"])
      assert.deepStrictEqual(
        made.batches.map((batch) => batch.map(({ employeeId, owesSupervisor }) => [employeeId, owesSupervisor])),
        [[["boss", false]], [["1", false]]]
      )
      assert.deepInclude(made, { employees: 2, upToDate: 0 })
    }).pipe(withEmptyLog)
  )

  it.effect("withholds a manager who is not named and not there", () =>
    Effect.gen(function* () {
      yield* itIs(today)
      yield* read(humans)
      assert.isTrue((yield* planFor(["1"])).batches[0]?.[0]?.owesSupervisor)
    }).pipe(withEmptyLog)
  )

  it.effect("names a manager who is there, though nothing is planned for them", () =>
    Effect.gen(function* () {
      yield* itIs(today)
      yield* read(everyone(row("boss", someone)))
      yield* pass(makeMemorySink())
      yield* read(humans)
      const made = yield* planFor(["1"])
      assert.isFalse(made.batches[0]?.[0]?.owesSupervisor)
      assert.deepInclude(made, { employees: 1 })
    }).pipe(withEmptyLog)
  )

  it.effect("is empty for nobody, and for whom there is nothing to send", () =>
    Effect.gen(function* () {
      yield* itIs(today)
      yield* read(humans)
      yield* pass(makeMemorySink())
      assert.deepInclude(yield* planFor([]), { batches: [], blocked: [], employees: 0 })
      assert.deepInclude(yield* planFor(["1"]), { batches: [], blocked: [], employees: 1, upToDate: 1 })
    }).pipe(withEmptyLog)
  )
})

describe("makePlan: the day's refresh", () => {
  it.effect("lists everybody once a day, and none of them again before it is due", () =>
    Effect.gen(function* () {
      yield* itIs(january(5))
      const rules: Partial<Policy> = { refresh: "daily" }
      yield* read(everyone(row("1", someone), row("2", someone), row("3", { ...someone, status: "terminated" })))
      yield* pass(makeMemorySink(), { rules })
      assert.deepInclude((yield* plan(rules)).counts, { refresh: 0 })
      yield* itIs(january(6))
      assert.deepInclude(yield* plan(rules), { upToDate: 3, employees: 3 })
      assert.deepInclude((yield* plan(rules)).counts, { refresh: 2 })
    }).pipe(withEmptyLog)
  )
})

describe("Rehearsal", () => {
  it.effect("plans people who are not in the log yet, and leaves it as it was", () =>
    Effect.gen(function* () {
      yield* itIs(today)
      const rehearsal = new Rehearsal(policy(), noonOf(today), unguarded)
      yield* read(everyone(row("1", someone)), { rehearse: (batch) => rehearsal.hold(batch) })
      yield* read(everyone(row("2", someone)), { name: "crm", rehearse: (batch) => rehearsal.conclude(batch) })
      const made = yield* plan({}, { rehearsal })
      assert.deepStrictEqual(made.batches[0]?.map(({ employeeId }) => employeeId).toSorted(), ["1", "2"])
      assert.deepStrictEqual(yield* allEvents(acme), [])
    }).pipe(withEmptyLog)
  )

  it.effect("takes rows without a key for nobody", () =>
    Effect.gen(function* () {
      yield* itIs(today)
      const rehearsal = new Rehearsal(policy(), noonOf(today), unguarded)
      const rows = everyone(badRow(undefined, "hr.csv:2", "key-missing"))
      yield* read(rows, { rehearse: (batch) => rehearsal.hold(batch) })
      yield* read(rows, { name: "crm", rehearse: (batch) => rehearsal.conclude(batch) })
      assert.deepInclude(yield* plan({}, { rehearsal }), { employees: 0, batches: [], blocked: [] })
    }).pipe(withEmptyLog)
  )
})

const keys = ["1", "2", "3", "4", "5"]

const people = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom(...keys),
    title: fc.constantFrom("a", "b", null),
    status: fc.constantFrom("active", "leave", "terminated"),
    email: fc.constantFrom("ada@acme.test", "ada@acme.test", null),
    supervisorId: fc.constantFrom(...keys, "nobody", null),
    from: fc.constantFrom(undefined, undefined, january(10), january(25)),
    refused: fc.nat(9).map((n) => n === 0)
  }),
  { selector: ({ key }) => key }
)

const messagesOf = (list: ReadonlyArray<{ key: string; from: string | undefined; refused: boolean } & Fields>) =>
  everyone(
    ...list.map(({ from, key, refused, ...fields }) =>
      refused ? badRow(key, `hr.csv:${key}`) : row(key, { ...someone, ...fields }, from)
    )
  )

const worlds = fc.record({
  hr: fc.tuple(people, people),
  crm: fc.tuple(people, people),
  sent: fc.boolean(),
  absence: fc.constantFrom<Absence>(
    { policy: "report" },
    { policy: "terminate" },
    { policy: "suspend" },
    { policy: "terminate", afterDays: 3 }
  )
})

const equalsTheRealPlan = (sources: ReadonlyArray<"hr" | "crm">) =>
  holds(worlds, (world) =>
    Effect.gen(function* () {
      const rules: Partial<Policy> = { absence: world.absence }
      yield* itIs(january(15))
      for (const name of sources) yield* read(messagesOf(world[name][0]), { name })
      if (world.sent) yield* pass(makeMemorySink(), { rules })
      yield* itIs(today)
      const before = yield* allEvents(acme)
      const rehearsal = new Rehearsal(policy(rules), noonOf(today), unguarded)
      for (const name of sources) {
        const last = name === sources.at(-1)
        yield* read(messagesOf(world[name][1]), {
          name,
          rehearse: (batch) => (last ? rehearsal.conclude(batch) : rehearsal.hold(batch))
        })
      }
      const rehearsed = yield* plan(rules, { rehearsal })
      assert.deepStrictEqual(yield* allEvents(acme), before)
      for (const name of sources) yield* read(messagesOf(world[name][1]), { name })
      assert.deepStrictEqual(unordered(rehearsed), unordered(yield* plan(rules)))
    }).pipe(withEmptyLog)
  )

describe("Rehearsal, for any two readings of every source", () => {
  it("equals the plan made after really writing, with one source", () => equalsTheRealPlan(["hr"]))

  it("equals the plan made after really writing, with two sources", () => equalsTheRealPlan(["hr", "crm"]))
})
