import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import type { RecordedEvent } from "../src/domain/Event.ts"
import type { FieldName, FieldValue, Fields } from "../src/domain/Field.ts"
import { type Finding, type Statement, compare } from "../src/sync/Compare.ts"
import { type Person, nobody, evolve, wordOn } from "../src/sync/Reduce.ts"
import { january } from "./Given.ts"

const stream = "employee:test"

const occasion = (day: string) => ({ source: "hr", run: "r", employeeId: "e-1", day })

const learn = (person: Person, event: RecordedEvent["event"], day: string, effectiveOn: string | null = null): Person =>
  evolve(person, {
    stream,
    event,
    effectiveOn,
    position: person.position + 1,
    version: person.version + 1,
    recordedAt: `${day}T12:00:00.000000Z`
  })

const fold = (person: Person, findings: ReadonlyArray<Finding>, day: string): Person =>
  findings.reduce((known, { event, effectiveOn }) => learn(known, event, day, effectiveOn), person)

const find = (person: Person, statements: ReadonlyArray<Statement>, day: string) =>
  compare(person.sources["hr"], statements, occasion(day))

/** The person after a source said this on a day. */
const told = (person: Person, statements: ReadonlyArray<Statement>, day: string): Person =>
  fold(person, find(person, statements, day), day)

const vanished = (person: Person, day: string): Person =>
  person.sources["hr"]?.presence === "present"
    ? learn(person, { type: "EmployeeVanished", source: "hr", run: "r", day, employeeId: "e-1" }, day)
    : person

const holding = (person: Person, day: string): Fields => {
  const view = person.sources["hr"]
  if (view === undefined) return {}
  return Object.fromEntries(Object.entries(wordOn(view, day, true)).map(([name, opinion]) => [name, opinion.value]))
}

const says = (fields: Fields, effectiveOn?: string): Statement => ({
  fields,
  locator: "hr.csv:2",
  ...(effectiveOn === undefined ? {} : { effectiveOn })
})

const start = nobody(stream)

describe("compare", () => {
  it("tells of a new person with every field, also those said to be empty", () => {
    const [finding, ...others] = find(start, [says({ title: "Clerk", officeId: null })], january(5))
    assert.deepInclude(finding?.event, { type: "EmployeeAppeared", fields: { title: "Clerk", officeId: null } })
    assert.isNull(finding?.effectiveOn)
    assert.deepStrictEqual(others, [])
  })

  it("tells of a new person of whom nothing but the key is known", () => {
    const person = told(start, [says({})], january(5))
    assert.strictEqual(person.sources["hr"]?.presence, "present")
    assert.deepStrictEqual(find(person, [says({})], january(6)), [])
  })

  it("tells the changed fields alone", () => {
    const person = told(start, [says({ title: "Clerk", officeId: "B" })], january(5))
    const findings = find(person, [says({ title: "Head", officeId: "B" })], january(6))
    assert.deepStrictEqual(
      findings.map(({ event }) => [event.type, event.fields]),
      [["EmployeeChanged", { title: "Head" }]]
    )
  })

  it("stays quiet about the same word on another day", () => {
    const person = told(start, [says({ title: "Clerk" })], january(5))
    assert.deepStrictEqual(find(person, [says({ title: "Clerk" })], january(9)), [])
  })

  it("reads a missing field as no opinion, and null as one", () => {
    const person = told(start, [says({ title: "Clerk", officeId: "B" })], january(5))
    assert.deepStrictEqual(find(person, [says({ title: "Clerk" })], january(6)), [])
    const emptied = told(person, [says({ title: null })], january(6))
    assert.deepStrictEqual(holding(emptied, january(6)), { title: null, officeId: "B" })
  })

  it("lets a planned change wait for its day", () => {
    const person = told(start, [says({ title: "Clerk" }, january(1)), says({ title: "Head" }, january(9))], january(5))
    assert.deepStrictEqual(holding(person, january(8)), { title: "Clerk" })
    assert.deepStrictEqual(holding(person, january(9)), { title: "Head" })
  })

  it("withdraws a planned change that is no longer stated, once", () => {
    const plan = [says({ title: "Clerk" }, january(1)), says({ title: "Head" }, january(9))]
    const person = told(start, plan, january(5))
    const findings = find(person, [says({ title: "Clerk" }, january(1))], january(6))
    assert.deepStrictEqual(
      findings.map(({ event }) => [event.fields, event.withdrawn]),
      [[{}, [january(9)]]]
    )
    const after = fold(person, findings, january(6))
    assert.deepStrictEqual(holding(after, january(9)), { title: "Clerk" })
    assert.deepStrictEqual(find(after, [says({ title: "Clerk" }, january(1))], january(6)), [])
    assert.deepStrictEqual(find(after, [says({ title: "Clerk" }, january(1))], january(10)), [])
  })

  it("moves a planned change to its new day", () => {
    const person = told(start, [says({ title: "Clerk" }), says({ title: "Head" }, january(9))], january(5))
    const moved = told(person, [says({ title: "Clerk" }), says({ title: "Head" }, january(12))], january(6))
    assert.deepStrictEqual(holding(moved, january(11)), { title: "Clerk" })
    assert.deepStrictEqual(holding(moved, january(12)), { title: "Head" })
  })

  it("goes back to an earlier effective date that corrects a later one", () => {
    const person = told(start, [says({ title: "Head" }, january(4))], january(5))
    const corrected = told(person, [says({ title: "Clerk" }, january(2))], january(6))
    assert.deepStrictEqual(holding(corrected, january(6)), { title: "Clerk" })
  })

  it("puts a start that is past off to a day to come", () => {
    const person = told(start, [says({ title: "Clerk" }, january(2))], january(5))
    const postponed = told(person, [says({ title: "Clerk" }, january(9))], january(6))
    assert.deepStrictEqual(holding(postponed, january(6)), {})
    assert.deepStrictEqual(holding(postponed, january(9)), { title: "Clerk" })
  })

  it("keeps what was in force before the rows a source still lists", () => {
    const person = told(start, [says({ title: "Clerk" }, january(2))], january(3))
    const promoted = told(person, [says({ title: "Head" }, january(5))], january(6))
    assert.deepStrictEqual(holding(promoted, january(4)), { title: "Clerk" })
    assert.deepStrictEqual(holding(promoted, january(6)), { title: "Head" })
  })

  it("tells everything again of someone who comes back", () => {
    const person = told(start, [says({ title: "Clerk", officeId: "B" })], january(2))
    const [finding] = find(vanished(person, january(4)), [says({ title: "Clerk", officeId: "B" })], january(9))
    assert.deepInclude(finding?.event, { type: "EmployeeAppeared", fields: { title: "Clerk", officeId: "B" } })
  })

  it("takes the later of two words about one day, and stays quiet about both the next time", () => {
    const both = [says({ title: "Clerk", officeId: "B" }, january(2)), says({ title: "Head" }, january(2))]
    const person = told(start, both, january(5))
    assert.deepStrictEqual(holding(person, january(5)), { title: "Head", officeId: "B" })
    assert.deepStrictEqual(find(person, both, january(5)), [])
    assert.deepStrictEqual(find(person, both, january(6)), [])
  })

  it("keeps a planned change while a row that was refused may be the one that states it", () => {
    const person = told(start, [says({ title: "Clerk" }, january(2)), says({ title: "Head" }, january(9))], january(5))
    const rest = [says({ title: "Clerk" }, january(2))]
    assert.deepStrictEqual(compare(person.sources["hr"], rest, { ...occasion(january(6)), partial: true }), [])
    assert.strictEqual(find(person, rest, january(6)).length, 1)
  })
})

const columns = ["title", "departmentId", "officeId"] as const satisfies ReadonlyArray<FieldName>

/** One reading: how many days after the last, and the person's rows; without rows the person is not there. */
interface Snapshot {
  readonly wait: number
  readonly rows: ReadonlyArray<{ readonly in: number | null; readonly fields: Fields }>
}

const rowsOf = (names: ReadonlyArray<FieldName>) =>
  fc.array(
    fc.record({
      in: fc.option(fc.integer({ min: -5, max: 6 })),
      fields: fc.record(Object.fromEntries(names.map((name) => [name, fc.constantFrom<FieldValue>("a", "b", null)])))
    }),
    { maxLength: 4 }
  )

const snapshots: fc.Arbitrary<ReadonlyArray<Snapshot>> = fc.array(
  fc.record({ wait: fc.nat(3), rows: fc.subarray([...columns], { minLength: 1 }).chain(rowsOf) }),
  { minLength: 1, maxLength: 5 }
)

/** Rows in the order a source gives them: oldest effective date first, where "undated" means the day of the reading. */
const statementsOf = ({ rows }: Snapshot, today: number): ReadonlyArray<Statement> =>
  rows
    .toSorted((a, b) => (a.in ?? 0) - (b.in ?? 0))
    .map((row) => says(row.fields, row.in === null ? undefined : january(today + row.in)))

/** Plays the readings one after the other and looks at the person after each. */
const play = (
  list: ReadonlyArray<Snapshot>,
  look: (after: Person, statements: ReadonlyArray<Statement>, today: number, before: Person) => void
): void => {
  let person = start
  let today = 6
  for (const snapshot of list) {
    today += snapshot.wait
    const statements = statementsOf(snapshot, today)
    const before = person
    person = statements.length === 0 ? vanished(before, january(today)) : told(before, statements, january(today))
    if (statements.length > 0) look(person, statements, today, before)
  }
}

/** What the rows themselves say of a field on a day: the newest that holds by then; of two of one day, the later. */
const model = (
  statements: ReadonlyArray<Statement>,
  field: FieldName,
  on: string,
  today: string
): FieldValue | undefined => {
  let newest = ""
  let value: FieldValue | undefined
  for (const { effectiveOn = today, fields } of statements) {
    if (effectiveOn > on || effectiveOn < newest) continue
    newest = effectiveOn
    value = fields[field]
  }
  return value
}

describe("compare, for any sequence of readings", () => {
  it("finds nothing in the same statements again", () => {
    fc.assert(
      fc.property(snapshots, (list) =>
        play(list, (person, statements, today) => {
          assert.deepStrictEqual(find(person, statements, january(today)), [])
        })
      ),
      { numRuns: 1000 }
    )
  })

  it("leaves in force, today and on every day to come, what the latest statements say", () => {
    fc.assert(
      fc.property(snapshots, (list) =>
        play(list, (person, statements, today) => {
          for (let day = today; day <= today + 7; day++) {
            const held = holding(person, january(day))
            for (const field of columns) {
              const stated = model(statements, field, january(day), january(today))
              if (stated !== undefined) assert.deepStrictEqual(held[field], stated, `${field} on ${january(day)}`)
            }
          }
        })
      ),
      { numRuns: 1000 }
    )
  })

  it("leaves no change planned that the latest statements do not state", () => {
    fc.assert(
      fc.property(snapshots, (list) =>
        play(list, (person, statements, today) => {
          const stated = new Set(statements.map((statement) => statement.effectiveOn))
          const planned = person.sources["hr"]?.versions.filter(({ from }) => from > january(today)) ?? []
          assert.isTrue(planned.every(({ from }) => stated.has(from)))
        })
      ),
      { numRuns: 1000 }
    )
  })

  it("keeps the earlier opinion on a field that undated statements no longer mention", () => {
    const undated = snapshots.map((list) =>
      list.map(({ rows, wait }) => ({ wait, rows: rows.map((one) => ({ ...one, in: null })) }))
    )
    fc.assert(
      fc.property(undated, (list) => {
        let expected: Fields = {}
        play(list, (person, statements, today) => {
          for (const { fields } of statements) expected = { ...expected, ...fields }
          assert.deepStrictEqual(holding(person, january(today)), expected)
        })
      })
    )
  })

  it("makes everybody who is stated present, whatever was before", () => {
    fc.assert(
      fc.property(snapshots, (list) =>
        play(list, (person, statements, today, before) => {
          assert.strictEqual(person.sources["hr"]?.presence, "present")
          const [first] = find(before, statements, january(today))
          const absent = before.sources["hr"]?.presence !== "present"
          assert.strictEqual(first?.event.type === "EmployeeAppeared", absent)
        })
      )
    )
  })
})
