import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import type { Fields } from "../src/domain/Field.ts"
import type { Policy } from "../src/domain/Policy.ts"
import { consider, withoutSupervisor } from "../src/sync/Consider.ts"
import { outcomeEvent } from "../src/sync/Outcome.ts"
import { type Plan, PlanBuilder } from "../src/sync/Plan.ts"
import { type History, given, january, noonOf, policy, someone } from "./Given.ts"

const moment = noonOf(january(20))

const planOf = (histories: Iterable<History>, batchSize = 100, rules: Partial<Policy> = {}): Plan => {
  const builder = new PlanBuilder(policy(rules), moment)
  for (const history of histories) builder.add(history.person)
  return builder.finish({ batchSize, requestMillis: 1100 })
}

const joiner = (name: string, supervisorId: string | null = null) => given(name).appeared({ ...someone, supervisorId })

const known = (name: string, changes: Fields = {}) => joiner(name).changed(changes).created(someone)

/** The plan in short: `class:name name` a request, in no order within it; `*` behind who is still owed a manager. */
const brief = ({ batches }: Plan): ReadonlyArray<string> =>
  batches.map((batch) => {
    const names = batch.map(({ employeeId, owesSupervisor }) => `${employeeId}${owesSupervisor ? "*" : ""}`)
    return `${batch[0]?.class}:${names.toSorted().join(" ")}`
  })

describe("Plan: the order", () => {
  it("sends leavers first, then managers before their reports, then owed references, then movers", () => {
    const plan = planOf([
      known("mover", { title: "Head" }),
      joiner("report", "chief"),
      joiner("y", "x"),
      joiner("x", "y"),
      joiner("chief"),
      known("leaver", { status: "terminated" })
    ])
    assert.deepStrictEqual(brief(plan), [
      "leaver:leaver",
      "joiner:chief x*",
      "joiner:report y",
      "reference:x",
      "mover:mover"
    ])
  })

  it("names the fields that differ", () => {
    const plan = planOf([known("e", { title: "Head", officeId: "B" })])
    assert.deepStrictEqual(plan.batches[0]?.[0]?.fields, ["title", "officeId"])
  })

  it("names the manager alone in an owed reference, and owes nothing then", () => {
    const plan = planOf([joiner("a", "b"), joiner("b", "a")])
    assert.deepInclude(plan.batches.at(-1)?.[0], {
      employeeId: "a",
      class: "reference",
      fields: ["supervisorId"],
      owesSupervisor: false
    })
  })

  it("counts a joiner who has already left as a joiner", () => {
    assert.deepStrictEqual(brief(planOf([joiner("e").changed({ status: "terminated" })])), ["joiner:e"])
  })

  it("keeps a person out of the request that creates their manager", () => {
    const plan = planOf([joiner("a"), joiner("b", "a"), joiner("c", "b")], 100)
    assert.deepStrictEqual(brief(plan), ["joiner:a", "joiner:b", "joiner:c"])
  })

  it("ranks a joiner whose manager is there already with those who have none", () => {
    assert.deepStrictEqual(brief(planOf([known("boss"), joiner("b", "boss"), joiner("a")])), ["joiner:a b"])
  })

  it("lets a mover follow the joiner who becomes their manager", () => {
    const plan = planOf([known("mover", { supervisorId: "boss" }), joiner("boss")])
    assert.deepStrictEqual(brief(plan), ["joiner:boss", "mover:mover"])
  })

  it("sends a leaver without a manager who is yet to be created", () => {
    const plan = planOf([joiner("boss"), known("leaver", { status: "terminated", supervisorId: "boss" })])
    assert.deepStrictEqual(brief(plan), ["leaver:leaver*", "joiner:boss"])
  })
})

describe("Plan: managers who are not there", () => {
  it("sends a joiner without their manager, and everything else of a mover", () => {
    const plan = planOf([joiner("joiner", "nobody"), known("mover", { supervisorId: "nobody", title: "Head" })])
    assert.deepStrictEqual(brief(plan), ["joiner:joiner*", "mover:mover*"])
  })

  it("lets a person wait of whom nothing but the manager is to be sent", () => {
    const plan = planOf([known("mover", { supervisorId: "nobody" })])
    assert.deepStrictEqual(plan.batches, [])
    assert.deepStrictEqual(
      plan.blocked.map(({ employeeId, gate }) => [employeeId, gate]),
      [["mover", { _tag: "WaitsForManager" }]]
    )
  })

  it("takes a manager away without waiting for anybody", () => {
    const history = joiner("e").created({ ...someone, supervisorId: "nobody" })
    assert.deepStrictEqual(brief(planOf([history])), ["mover:e"])
  })
})

const many = (count: number, name: string, make: (name: string) => History): ReadonlyArray<History> =>
  Array.from({ length: count }, (_, i) => make(`${name}-${i}`))

describe("Plan: the price", () => {
  it("is a request for every begun batch of every step, and its least time", () => {
    const leavers = many(5, "leaver", (name) => known(name, { status: "terminated" }))
    const chiefs = many(3, "chief", (name) => joiner(name))
    const reports = many(4, "report", (name) => joiner(name, "chief-0"))
    const movers = many(7, "mover", (name) => known(name, { title: "Head" }))
    const others = many(2, "other", (name) => known(name))
    const plan = planOf([...leavers, ...chiefs, ...reports, ...movers, ...others], 3)
    assert.deepStrictEqual(
      plan.batches.map((batch) => batch.length),
      [3, 2, 3, 3, 1, 3, 3, 1]
    )
    assert.deepInclude(plan, { requests: 8, millis: 8800, employees: 21, upToDate: 2 })
    assert.deepStrictEqual(plan.counts, { leaver: 5, joiner: 7, reference: 0, mover: 7 })
  })

  it("is nothing for nobody", () => {
    assert.deepInclude(planOf([]), { batches: [], requests: 0, millis: 0, employees: 0 })
  })

  it("does not count as employees whom no source has", () => {
    const plan = planOf([given("there").created(someone), joiner("e")])
    assert.strictEqual(plan.employees, 1)
    assert.deepStrictEqual(
      plan.blocked.map(({ employeeId, gate }) => [employeeId, gate._tag]),
      [["there", "NotInAnySource"]]
    )
  })
})

/** Who may be whose manager: anybody, oneself, somebody nobody knows (`e13`), nobody. */
const organizations = fc
  .array(
    fc.record({
      manager: fc.option(fc.nat(13)),
      status: fc.constantFrom("active", "leave", "terminated"),
      before: fc.constantFrom("unknown", "same", "other title", "other manager", "rejected")
    }),
    { minLength: 1, maxLength: 13 }
  )
  .map((people) => {
    const histories = people.map(({ before, manager, status }, i) => {
      const fields = { ...someone, status, title: "Clerk", supervisorId: manager === null ? null : `e${manager}` }
      const history = given(`e${i}`).appeared(fields)
      if (before === "same") history.created(withoutSupervisor(fields))
      if (before === "other title") history.created({ ...someone, title: "Cook" })
      if (before === "other manager") history.created({ ...fields, supervisorId: "e0" })
      return before === "rejected" ? history.refused("UserRejected", withoutSupervisor(fields)) : history
    })
    return new Map(histories.map((history) => [history.employeeId, history]))
  })

const sizes = fc.integer({ min: 1, max: 4 })

type Organization = ReadonlyMap<string, History>

/** What `Reconcile` sends for a batch, all of it taken by Together. */
const send = (batch: Plan["batches"][number], people: Organization): void => {
  const upserts = batch.flatMap(({ employeeId, stream }) => {
    const considered = consider(people.get(employeeId)!.person, policy(), moment)
    if (considered._tag !== "Send") return []
    const { changes, known } = considered
    const owed =
      typeof changes.supervisorId === "string" && people.get(changes.supervisorId)?.person.sink.known !== true
    const fields = owed ? withoutSupervisor(changes) : changes
    return Object.keys(fields).length === 0 ? [] : [{ stream, employeeId, known, fields }]
  })
  for (const upsert of upserts) {
    const as = upsert.known ? "updated" : "created"
    const from = {
      sink: "together",
      decidedAt: 1,
      clock: moment.instant,
      request: "q",
      members: 1,
      configurationHash: "c"
    }
    people.get(upsert.employeeId)!.and(outcomeEvent(upsert, { _tag: "Applied", as, status: 200 }, from))
  }
}

describe("Plan, for any organization", () => {
  it("is empty after at most three passes that succeed", () => {
    fc.assert(
      fc.property(organizations, sizes, (people, size) => {
        let plan = planOf(people.values(), size)
        for (let passes = 0; plan.batches.length > 0; passes++) {
          assert.isBelow(passes, 3)
          for (const batch of plan.batches) send(batch, people)
          plan = planOf(people.values(), size)
        }
        for (const { employeeId, gate } of plan.blocked) {
          if (gate._tag !== "WaitsForManager") continue
          const wanted = people.get(employeeId!)!.person.sources["hr"]!.versions[0]!.opinions.supervisorId?.value
          assert.isNotTrue(people.get(wanted as string)?.person.sink.known)
        }
      }),
      { numRuns: 500 }
    )
  })

  it("puts nobody into a request with the manager whom that request creates, nor before it", () => {
    fc.assert(
      fc.property(organizations, sizes, (people, size) => {
        const { batches } = planOf(people.values(), size)
        const batchOf = new Map(
          batches.flatMap((batch, i) =>
            batch.filter((o) => o.class === "joiner").map((o) => [o.employeeId, i] as const)
          )
        )
        for (const [i, batch] of batches.entries()) {
          for (const operation of batch) {
            if (operation.owesSupervisor || !operation.fields.includes("supervisorId")) continue
            const { supervisorId } = people.get(operation.employeeId)!.person.sources["hr"]!.versions[0]!.opinions
            const created = batchOf.get(supervisorId?.value as string)
            if (created !== undefined) assert.isBelow(created, i)
          }
        }
      }),
      { numRuns: 500 }
    )
  })

  it("names everybody once: sent (a cut reference twice), up to date, or blocked", () => {
    fc.assert(
      fc.property(organizations, sizes, (people, size) => {
        const { batches, blocked, upToDate } = planOf(people.values(), size)
        const sent = batches.flat().filter((operation) => operation.class !== "reference")
        const named = [...sent, ...blocked].map(({ stream }) => stream)
        assert.strictEqual(new Set(named).size, named.length)
        assert.strictEqual(named.length + upToDate, people.size)
      })
    )
  })

  it("fills no request beyond its size, mixes no steps, and keeps their order", () => {
    const order = ["leaver", "joiner", "reference", "mover"]
    fc.assert(
      fc.property(organizations, sizes, (people, size) => {
        const { batches, requests } = planOf(people.values(), size)
        assert.strictEqual(batches.length, requests)
        const steps = batches.map((batch) => {
          assert.isAtMost(batch.length, size)
          assert.strictEqual(new Set(batch.map((operation) => operation.class)).size, 1)
          return order.indexOf(batch[0]!.class)
        })
        assert.deepStrictEqual(
          steps,
          steps.toSorted((a, b) => a - b)
        )
      })
    )
  })
})
