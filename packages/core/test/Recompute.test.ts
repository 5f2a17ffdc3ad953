import { assert, describe, it } from "@effect/vitest"

import type { Cargo } from "../src/contract/Sink.ts"
import { sha256 } from "../src/domain/Digest.ts"
import { employeeStreamPrefix } from "../src/domain/Employee.ts"
import type { RecordedEvent } from "../src/domain/Event.ts"
import type { Fields } from "../src/domain/Field.ts"
import type { Policy } from "../src/domain/Policy.ts"
import { payloadHash } from "../src/sync/Consider.ts"
import { supervisorOf } from "../src/sync/Payload.ts"
import { type Decided, considerThen, isDecided, recompute } from "../src/sync/Recompute.ts"
import { reduce } from "../src/sync/Reduce.ts"
import { type History, given, january, noonOf, policy, someone } from "./Given.ts"

const compose = (cargo: Cargo): string => JSON.stringify(cargo)

const joiner = (id: string, fields: Fields = {}) =>
  given(id)
    .on(january(1))
    .appeared({ ...someone, ...fields })

/** The grant of a request that carries what `sent` names, decided from what its people's histories say. */
const grantOf = (people: ReadonlyArray<History>, cargo: Cargo, more: Partial<Decided> = {}): Decided => ({
  type: "RequestGranted",
  sink: "together",
  lane: "l",
  grant: 1,
  request: "q-1",
  operation: "upsert",
  members: people.length,
  run: "r",
  startsAfterMillis: 0,
  endsWithinMillis: 1,
  decidedAt: 9,
  clock: noonOf(january(2)).instant,
  configurationHash: "c",
  people: people.map(({ stream }) => stream.slice(employeeStreamPrefix.length)),
  requestHash: sha256(compose(cargo)),
  ...more
})

const upsert = ({ employeeId, stream, events }: History, fields: Fields) => ({
  stream,
  version: events.length,
  employeeId,
  known: false,
  fields,
  news: fields
})

const judge = (
  granted: Decided,
  people: ReadonlyArray<History>,
  rules: Partial<Policy> = {},
  events: (history: History) => ReadonlyArray<RecordedEvent> = (history) => history.events
) => {
  const [moment, then] = [noonOf(january(2)), policy(rules)]
  const known = people.map((history) =>
    considerThen(reduce(history.stream, events(history)), history.events, then, moment)
  )
  const there = new Set(known.map(({ considered }) => supervisorOf(considered)))
  return recompute({ granted, people: known, there, policy: then, moment, compose })
}

describe("recompute", () => {
  const [a, b] = [joiner("a"), joiner("b", { title: "Clerk" })]
  const sent = { upserts: [upsert(a, someone), upsert(b, { ...someone, title: "Clerk" })] }

  it("finds the request identical that was made of the same", () => {
    assert.deepStrictEqual(judge(grantOf([a, b], sent), [a, b]), { _tag: "Identical" })
  })

  it("tells other bytes, another order and somebody more from what was sent", () => {
    const other = { upserts: [upsert(a, { ...someone, title: "Boss" }), sent.upserts[1]!] }
    const bytes = { _tag: "Different", problem: "other bytes than were sent", people: [] } as const
    assert.deepStrictEqual(judge(grantOf([a, b], other), [a, b]), bytes)
    assert.deepStrictEqual(judge(grantOf([b, a], sent), [b, a]), bytes)
    assert.deepStrictEqual(judge(grantOf([a, b], { upserts: [sent.upserts[0]!] }), [a, b]), bytes)
  })

  it("tells other rules from those it was decided by", () => {
    assert.strictEqual(judge(grantOf([a, b], sent), [a, b], { mapping: { withhold: ["title"] } })._tag, "Different")
    const nobody = { _tag: "Different", problem: "nothing would be sent", people: [] } as const
    assert.deepStrictEqual(judge(grantOf([a, b], sent), [a, b], { scope: { exclude: [{ title: "Clerk" }] } }), nobody)
  })

  it("names who differs from what was answered for", () => {
    const wrong = joiner("a").and({
      type: "UserCreated",
      sink: "together",
      decidedAt: 9,
      clock: "",
      request: "q-1",
      members: 2,
      payloadHash: payloadHash("a", { ...someone, title: "Boss" }),
      configurationHash: "c",
      employeeId: "a",
      status: 201,
      fields: {}
    })

    assert.deepStrictEqual(judge(grantOf([wrong, b], sent), [wrong, b], {}, before), {
      _tag: "Different",
      problem: "other values than were answered for",
      people: [wrong.stream]
    })
  })

  it("compares those that are left when somebody of it was erased", () => {
    const erased = reduceWithoutKey(a)
    const [moment, then] = [noonOf(january(2)), policy()]
    const people = [erased, b.person].map((person) => considerThen(person, [], then, moment))
    const { requestHash: _, ...granted } = grantOf([a, b], sent)
    const verdict = recompute({ granted, people, there: new Set(), policy: then, moment, compose })
    assert.deepStrictEqual(verdict, { _tag: "Partly", erased: 1 })
  })

  it("recomputes a place in a program by the program it names", () => {
    const rule = { programId: "p-1", who: [{ status: "active" }], roles: { mentor: true } } as const
    const there = joiner("a").created(someone)
    const { events, employeeId, stream } = there
    const registration = { stream, version: events.length, employeeId, programId: "p-1", roles: { mentor: true } }
    const granted = grantOf([there], { registration }, { operation: "register", programId: "p-1" })
    assert.deepStrictEqual(judge(granted, [there], { programs: [rule] }), { _tag: "Identical" })
    assert.strictEqual(judge(granted, [there], { programs: [] })._tag, "Different")
    assert.strictEqual(judge({ ...granted, programId: "p-2" }, [there], { programs: [rule] })._tag, "Different")
  })

  it("leaves a request alone that says nothing of what it was decided from", () => {
    const { decidedAt: _, people: __, ...list } = grantOf([a], sent)
    assert.isFalse(isDecided(list))
    assert.isTrue(isDecided(grantOf([a], sent)))
  })
})

const reduceWithoutKey = ({ events, stream }: History) =>
  reduce(
    stream,
    events.map((recorded) => ({
      ...recorded,
      event: { ...recorded.event, employeeId: undefined, fields: {} } as never
    }))
  )

/** What was known before Together answered. */
const before = ({ events }: History) => events.slice(0, 1)
