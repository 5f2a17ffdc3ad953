import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { evolve, nobody, reduce, withVersion, withdraw, wordOn } from "../src/sync/Reduce.ts"
import { type History, given, january } from "./Given.ts"

const held = (history: History, day: string, source = "hr") => {
  const view = history.person.sources[source]
  return view && Object.fromEntries(Object.entries(wordOn(view, day, true)).map(([name, word]) => [name, word.value]))
}

const locators = (history: History) =>
  Object.entries(history.person.rejections).map(([source, all]) => [source, all.map(({ locator }) => locator)])

describe("reduce: the sources", () => {
  it("begins with nobody", () => {
    assert.deepStrictEqual(reduce("employee:x", []), nobody("employee:x"))
  })

  it("keeps each source's word apart", () => {
    const history = given().appeared({ title: "Clerk" }).appeared({ title: "Head" }, { source: "crm" })
    assert.deepStrictEqual(held(history, january(2)), { title: "Clerk" })
    assert.deepStrictEqual(held(history, january(2), "crm"), { title: "Head" })
  })

  it("folds changed fields over earlier ones, with the position each came from", () => {
    const history = given().appeared({ title: "Clerk", officeId: "B" }).on(january(3)).changed({ title: "Head" })
    const view = history.person.sources["hr"]!
    assert.deepStrictEqual(wordOn(view, january(3), true), {
      title: { value: "Head", position: 2 },
      officeId: { value: "B", position: 1 }
    })
    assert.deepStrictEqual(wordOn(view, january(2), false), {
      title: { value: "Clerk", position: 1 },
      officeId: { value: "B", position: 1 }
    })
  })

  it("counts a dated word from its day on, an undated one from the day it was recorded", () => {
    const view = given()
      .on(january(5))
      .appeared({ title: "Clerk" })
      .changed({ title: "Head" }, { effectiveOn: january(9) }).person.sources["hr"]!
    assert.deepStrictEqual(
      view.versions.map(({ dated, from }) => [from, dated]),
      [
        [january(5), false],
        [january(9), true]
      ]
    )
  })

  it("lets an undated word count at once, though its day has not begun everywhere", () => {
    const view = given().on(january(5)).appeared({ title: "Clerk" }).person.sources["hr"]!
    assert.deepStrictEqual(wordOn(view, january(4), true), { title: { value: "Clerk", position: 1 } })
    assert.deepStrictEqual(wordOn(view, january(4), false), {})
  })

  it("takes withdrawn versions back before the event's own word", () => {
    const history = given()
      .appeared({ title: "Clerk" })
      .changed({ title: "Head" }, { effectiveOn: january(9) })
      .changed({ officeId: "B" }, { withdrawn: [january(9)] })
    assert.deepStrictEqual(held(history, january(9)), { title: "Clerk", officeId: "B" })
  })

  it("remembers since when a person is there, gone, or there again", () => {
    const history = given().on(january(1)).appeared({ title: "Clerk" })
    assert.deepInclude(history.person.sources["hr"], { presence: "present", since: { position: 1, day: january(1) } })
    history.on(january(2)).changed({ title: "Head" })
    assert.deepInclude(history.person.sources["hr"], { presence: "present", since: { position: 1, day: january(1) } })
    history.on(january(3)).vanished()
    assert.deepInclude(history.person.sources["hr"], { presence: "vanished", since: { position: 3, day: january(3) } })
    history.on(january(4)).appeared({ title: "Head" })
    assert.deepInclude(history.person.sources["hr"], { presence: "present", since: { position: 4, day: january(4) } })
    history.on(january(5)).removed()
    assert.deepInclude(history.person.sources["hr"], { presence: "removed", since: { position: 5, day: january(5) } })
    assert.deepStrictEqual(held(history, january(5)), { title: "Head" })
  })

  it("stays as it was, but for its place, over an event that says nothing of the person", () => {
    const history = given().appeared({ title: "Clerk" })
    const before = history.person
    history.and({ type: "SyncResumed", by: "grace", reason: "a test" })
    assert.deepStrictEqual(history.person, { ...before, position: 2, version: 2 })
  })

  it("keeps what a source's last word was refused for, until its next word is taken", () => {
    const history = given().appeared({ title: "Clerk" }).rejected({ locator: "hr.csv:2" })
    history.rejected({ locator: "hr.csv:3" }).rejected({ source: "crm", locator: "crm.csv:9" })
    assert.deepStrictEqual(locators(history), [
      ["hr", ["hr.csv:2", "hr.csv:3"]],
      ["crm", ["crm.csv:9"]]
    ])
    assert.deepStrictEqual(history.person.sources, given().appeared({ title: "Clerk" }).person.sources)
    history.rejected({ run: "next", locator: "hr.csv:4" })
    assert.deepStrictEqual(locators(history).at(0), ["hr", ["hr.csv:4"]])
    history.changed({ title: "Head" })
    assert.deepStrictEqual(locators(history), [["crm", ["crm.csv:9"]]])
    assert.deepStrictEqual(locators(history.vanished("crm")), [])
  })

  it("takes an amendment for a remark, which never becomes a presence and never ends one", () => {
    const history = given().on(january(2)).amended({ title: "Head" })
    const since = { position: 1, day: january(2) }
    assert.deepInclude(history.person.sources["directory"], { presence: "remark", since })
    history.on(january(3)).amended({ officeId: "B" })
    assert.deepInclude(history.person.sources["directory"], { presence: "remark", since })
    assert.deepStrictEqual(held(history, january(3), "directory"), { title: "Head", officeId: "B" })
    const vouched = given().appeared({ title: "Clerk" }, { source: "directory" }).amended({ title: "Head" })
    assert.deepInclude(vouched.person.sources["directory"], { presence: "present" })
    assert.deepStrictEqual(held(vouched, january(3), "directory"), { title: "Head" })
  })

  it("becomes a presence once the source that remarked vouches", () => {
    const history = given().amended({ title: "Head" }).on(january(4)).appeared({}, { source: "directory" })
    assert.deepInclude(history.person.sources["directory"], {
      presence: "present",
      since: { position: 2, day: january(4) }
    })
  })

  it("keeps the key, and has none when every event of the person was erased", () => {
    assert.strictEqual(given("0042").appeared({}).person.employeeId, "0042")
    const erased = given().and({
      type: "EmployeeAppeared",
      source: "hr",
      run: "r",
      day: january(1),
      locator: "hr.csv:2",
      fields: {}
    })
    assert.isUndefined(erased.person.employeeId)
  })
})

const entry = (history: History) => [history.person.sink.known, history.person.sink.applied]

describe("reduce: the sink", () => {
  it("knows what an entry holds after each success", () => {
    const { sink } = given().created({ title: "Clerk", officeId: "B" }).applied("UserUpdated", { title: "Head" }).person
    assert.isTrue(sink.known)
    assert.deepStrictEqual(sink.applied, {
      title: { value: "Head", position: 2 },
      officeId: { value: "B", position: 1 }
    })
    assert.deepInclude(sink.latest, { type: "UserUpdated", position: 2 })
  })

  it("takes 204 for a success", () => {
    const { sink } = given().applied("UserUnchanged", { title: "Clerk" }).person
    assert.deepInclude(sink, { known: true, applied: { title: { value: "Clerk", position: 1 } } })
  })

  it("learns from a refusal whether there is an entry, and nothing of what it holds", () => {
    const applied = { title: { value: "Clerk", position: 1 } }
    assert.deepStrictEqual(entry(given().refused("UserRejected", {})), [false, {}])
    assert.deepStrictEqual(entry(given().refused("UserConflicted", {})), [true, {}])
    assert.deepStrictEqual(entry(given().created({ title: "Clerk" }).refused("UserRejected", { title: "X" })), [
      true,
      applied
    ])
    assert.deepStrictEqual(entry(given().created({ title: "Clerk" }).refused("UserGone", { title: "X" })), [
      false,
      applied
    ])
  })

  it("keeps the reason of a refusal until the next outcome", () => {
    const history = given().refused("UserRejected", { title: "X" }, "title too short")
    assert.deepInclude(history.person.sink.latest, { type: "UserRejected", answer: "title too short" })
    history.created({ title: "Head" })
    assert.notProperty(history.person.sink.latest, "answer")
  })
})

const titleOf = (value: string, position: number) => ({ title: { value, position } })

const at = (day: number) => `${january(day)}T12:00:00.000000Z`

const byAddress = () => given().appeared({}).foundByAddress("u-9")
const missed = () => given().created({ title: "Clerk" }).missed()
const arrayDrifted = () => given().created({ title: "Clerk" }, { members: 2 }).drifted({ title: "Cook" })

describe("reduce: what Together's list shows", () => {
  it("takes an entry with the person's key for theirs, with all it holds and nothing else", () => {
    const history = given().appeared({}).foundByAddress("u-9").on(january(3)).found({ title: "Clerk" })
    assert.deepStrictEqual(history.person.sink, {
      ...given().person.sink,
      known: true,
      applied: titleOf("Clerk", 3),
      acceptedAt: at(3)
    })
  })

  it("keeps the id of an entry with the person's address, and takes it for no entry of theirs yet", () => {
    const { sink } = given().appeared({}).foundByAddress("u-9").person
    assert.deepStrictEqual(sink, { ...given().person.sink, userId: "u-9" })
  })

  it("forgets that id once the entry is tied, and when there is none of that id, and not at another refusal", () => {
    assert.isUndefined(byAddress().created({}).person.sink.userId)
    assert.isUndefined(byAddress().refused("UserRejected", {}, "no such user", { status: 404 }).person.sink.userId)
    assert.strictEqual(byAddress().refused("UserRejected", {}).person.sink.userId, "u-9")
  })

  it("holds what differs apart from what was applied, each word replacing the one before", () => {
    const history = given().created({ title: "Clerk" }).drifted({ title: "Cook" }).drifted({ officeId: "B" })
    assert.deepInclude(history.person.sink, {
      applied: titleOf("Clerk", 1),
      drift: { officeId: { value: "B", position: 3 } },
      missing: false
    })
  })

  it("forgets a difference that was overwritten, and keeps the others", () => {
    const history = given().created({ title: "Clerk", officeId: "A" }).drifted({ title: "Cook", officeId: "B" })
    assert.deepStrictEqual(history.applied("UserUpdated", { title: "Head" }).person.sink.drift, {
      officeId: { value: "B", position: 2 }
    })
  })

  it("forgets every difference when it is resolved", () => {
    const history = given().created({ title: "Clerk" }, { members: 2 }).drifted({ title: "Cook" }).resolved()
    assert.deepInclude(history.person.sink, { drift: {}, missing: false, doubted: false, applied: titleOf("Clerk", 1) })
  })

  it("knows that an entry is missing until it is taken again, or seen again", () => {
    assert.deepInclude(missed().person.sink, { known: true, missing: true, applied: titleOf("Clerk", 1) })
    assert.isTrue(missed().refused("UserRejected", {}).person.sink.missing)
    for (const history of [missed().created({}), missed().resolved(), missed().drifted({}), missed().found({})]) {
      assert.isFalse(history.person.sink.missing)
    }
  })

  it("doubts the word of an array that did not hold, until the person's own", () => {
    assert.isTrue(arrayDrifted().person.sink.doubted)
    assert.isTrue(given().created({}, { members: 2 }).missed().person.sink.doubted)
    assert.isTrue(arrayDrifted().applied("UserUpdated", {}, { members: 2 }).person.sink.doubted)
    assert.isTrue(arrayDrifted().refused("UserRejected", {}, "no", { members: 2 }).person.sink.doubted)
    assert.isFalse(arrayDrifted().applied("UserUpdated", {}).person.sink.doubted)
    assert.isFalse(arrayDrifted().refused("UserRejected", {}).person.sink.doubted)
  })

  it("does not doubt what was said of the person alone, nor what Rollcall never sent", () => {
    assert.isFalse(given().created({ title: "Clerk" }).drifted({ title: "Cook" }).person.sink.doubted)
    assert.isFalse(given().found({ title: "Clerk" }).drifted({ title: "Cook" }).person.sink.doubted)
  })
})

describe("reduce: when Together last took something", () => {
  it("is the time of the last success, or of the list that first showed the entry", () => {
    const history = given().on(january(2)).created({})
    assert.strictEqual(history.person.sink.acceptedAt, at(2))
    assert.strictEqual(history.on(january(3)).applied("UserUnchanged", {}).person.sink.acceptedAt, at(3))
    assert.strictEqual(given().on(january(4)).found({}).person.sink.acceptedAt, at(4))
  })

  it("is not moved by a refusal, by drift, or by an address", () => {
    const history = given().on(january(2)).created({}).on(january(5)).refused("UserRejected", {}).drifted({}).resolved()
    assert.strictEqual(history.person.sink.acceptedAt, at(2))
    assert.isNull(given().appeared({}).foundByAddress("u-9").person.sink.acceptedAt)
  })
})

describe("reduce: programs and releases", () => {
  const place = { programId: "p-1", roles: { mentor: true } }

  it("keeps Together's last word on each program", () => {
    const history = given()
      .on(january(2))
      .notRegistered(place, "full")
      .registered({ ...place, programId: "p-2" })
    const { programs } = history.person.sink
    assert.deepInclude(programs["p-1"], {
      registered: false,
      status: 400,
      answer: "full",
      position: 1,
      recordedAt: at(2)
    })
    assert.deepInclude(programs["p-2"], { registered: true, status: 200, position: 2 })
    const later = history.registered(place).person.sink.programs["p-1"]
    assert.deepInclude(later, { registered: true, position: 3 })
    assert.notProperty(later, "answer")
  })

  it("leaves the entry as it was", () => {
    const history = given().created({ title: "Clerk" })
    const { programs: _, ...before } = history.person.sink
    const { programs, ...after } = history.registered(place).person.sink
    assert.deepStrictEqual(after, before)
    assert.deepStrictEqual(Object.keys(programs), ["p-1"])
  })

  it("releases what was refused, until it is refused again", () => {
    for (const type of ["UserRejected", "UserConflicted"] as const) {
      const history = given().refused(type, {}).released()
      assert.isTrue(history.person.sink.latest?.released)
      assert.notProperty(history.refused(type, {}).person.sink.latest, "released")
    }
    const history = given().created({}).notRegistered(place).released()
    assert.isTrue(history.person.sink.programs["p-1"]?.released)
    assert.notProperty(history.notRegistered(place).person.sink.programs["p-1"], "released")
  })

  it("releases nobody who is gone, no place that was granted, and nothing where nothing was said", () => {
    assert.notProperty(given().created({}).refused("UserGone", {}).released().person.sink.latest, "released")
    assert.notProperty(given().registered(place).released().person.sink.programs["p-1"], "released")
    assert.deepStrictEqual(given().released().person.sink, given().person.sink)
  })
})

const titles = fc.constantFrom("a", "b")
const day = fc.integer({ min: 1, max: 9 }).map(january)

const histories = fc
  .array(
    fc.oneof(
      fc.record({ kind: fc.constant("said" as const), title: titles, effectiveOn: fc.option(day, { nil: undefined }) }),
      fc.record({ kind: fc.constantFrom("vanished" as const, "removed" as const) }),
      fc.record({
        kind: fc.constantFrom("created" as const, "refused" as const, "found" as const, "drifted" as const),
        title: titles
      }),
      fc.record({ kind: fc.constantFrom("missed" as const, "resolved" as const, "released" as const) })
    )
  )
  .map((acts) => {
    const history = given()
    for (const [i, act] of acts.entries()) {
      history.on(january(i + 1))
      if (act.kind === "said")
        history.changed({ title: act.title }, act.effectiveOn ? { effectiveOn: act.effectiveOn } : {})
      else if (act.kind === "created") history.created({ title: act.title })
      else if (act.kind === "refused") history.refused("UserRejected", { title: act.title })
      else if (act.kind === "found" || act.kind === "drifted") history[act.kind]({ title: act.title })
      else history[act.kind]()
    }
    return history
  })

describe("reduce, for any history", () => {
  it("gives the same person whether it is folded at once or in two parts", () => {
    fc.assert(
      fc.property(histories, fc.nat(), ({ events, person, stream }, at) => {
        const cut = at % (events.length + 1)
        assert.deepStrictEqual(events.slice(cut).reduce(evolve, reduce(stream, events.slice(0, cut))), person)
      })
    )
  })

  it("keeps versions in the order of their days, one a day", () => {
    fc.assert(
      fc.property(histories, ({ person }) => {
        const days = person.sources["hr"]?.versions.map((version) => version.from) ?? []
        assert.deepStrictEqual(days, [...new Set(days)].toSorted())
      })
    )
  })
})

const word = (value: string) => ({ title: { value, position: 1 } })

describe("versions", () => {
  it("merges two words of one day into one that is dated only if both are", () => {
    const one = withVersion([], january(3), true, word("a"))
    assert.deepStrictEqual(withVersion(one, january(3), true, word("b")), [
      { from: january(3), dated: true, opinions: word("b") }
    ])
    assert.deepStrictEqual(withVersion(one, january(3), false, { officeId: { value: "B", position: 2 } }), [
      { from: january(3), dated: false, opinions: { ...word("a"), officeId: { value: "B", position: 2 } } }
    ])
  })

  it("makes no version of a word that says nothing", () => {
    const versions = withVersion([], january(3), true, word("a"))
    assert.strictEqual(withVersion(versions, january(5), false, {}), versions)
  })

  it("withdraws the named days and no others", () => {
    const versions = withVersion(withVersion([], january(3), true, word("a")), january(5), true, word("b"))
    assert.deepStrictEqual(
      withdraw(versions, [january(5), january(7)]).map(({ from }) => from),
      [january(3)]
    )
    assert.strictEqual(withdraw(versions, []), versions)
  })
})
