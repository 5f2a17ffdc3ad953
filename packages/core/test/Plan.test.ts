import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import type { Fields } from "../src/domain/Field.ts"
import type { Policy, ProgramRule } from "../src/domain/Policy.ts"
import { budgetOf } from "../src/sync/Budget.ts"
import { consider, withoutSupervisor } from "../src/sync/Consider.ts"
import { outcomeEvent } from "../src/sync/Outcome.ts"
import { type Plan, PlanBuilder } from "../src/sync/Plan.ts"
import { type History, given, january, noonOf, policy, someone } from "./Given.ts"

const moment = noonOf(january(20))

const planOf = (histories: Iterable<History>, batchSize = 100, rules: Partial<Policy> = {}): Plan => {
  const builder = new PlanBuilder(policy(rules), moment, { approvals: new Set(), established: true })
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

const mentors: ProgramRule = { programId: "p-1", who: [{ title: "Head" }], roles: { mentor: true } }
const mentorPlace = { programId: "p-1", roles: { mentor: true } }

/** Known, and last taken days ago. */
const settled = (name: string, fields: Fields = {}) =>
  given(name)
    .appeared({ ...someone, ...fields })
    .created({ ...someone, ...fields })

/** Taken in an array, and edited since. */
const doubted = () => given("doubted").appeared(someone).created(someone, { members: 2 }).drifted({ lastName: "King" })

describe("Plan: the classes", () => {
  it("sends links alone and before joiners, then movers, places in programs, and the day's refresh last", () => {
    const plan = planOf(
      [
        settled("refresh"),
        settled("mentor", { title: "Head" }),
        known("mover", { title: "Cook" }),
        joiner("joiner"),
        joiner("linked-1").foundByAddress("u-1"),
        joiner("linked-2").foundByAddress("u-2"),
        known("leaver", { status: "terminated" })
      ],
      100,
      { programs: [mentors], refresh: "daily" }
    )
    const classes = brief(plan)
    assert.deepStrictEqual(classes.slice(1, 3).toSorted(), ["link:linked-1", "link:linked-2"])
    assert.deepStrictEqual(
      [classes[0], ...classes.slice(3)],
      ["leaver:leaver", "joiner:joiner", "mover:mover", "registration:mentor", "refresh:mentor refresh"]
    )
    assert.deepInclude(plan.counts, { leaver: 1, link: 2, joiner: 1, mover: 1, registration: 1, refresh: 2 })
    assert.deepInclude(plan, { upToDate: 2, employees: 7 })
  })

  it("sends a manager whose entry is to be tied before who reports to them", () => {
    const plan = planOf([
      joiner("boss").foundByAddress("u-1"),
      joiner("report", "boss"),
      known("mover", { supervisorId: "boss" })
    ])
    assert.deepStrictEqual(brief(plan), ["link:boss", "joiner:report", "mover:mover"])
  })

  it("sends alone whom an array's word did not hold for, and no others", () => {
    const plan = planOf([doubted(), known("a", { title: "Cook" }), known("b", { title: "Cook" })])
    assert.deepStrictEqual(brief(plan), ["mover:doubted", "mover:a b"])
    const refresh = planOf([doubted().drifted({ title: "Cook" }), settled("c")], 100, { refresh: "daily" })
    assert.deepStrictEqual(brief(refresh), ["refresh:doubted", "refresh:c"])
  })

  it("makes a joiner again of whose entry is missing, and ties nobody to them before", () => {
    const missed = settled("boss").missed()
    const plan = planOf([
      missed,
      known("mover", { supervisorId: "boss" }),
      known("leaver", { status: "terminated", supervisorId: "boss" })
    ])
    assert.deepStrictEqual(brief(plan), ["leaver:leaver*", "joiner:boss", "mover:mover"])
  })

  it("lets a person wait for a manager whose entry is missing and will not be made again", () => {
    const gone = settled("boss").changed({ status: "terminated" }).missed()
    const plan = planOf([gone, known("mover", { supervisorId: "boss" })])
    assert.deepStrictEqual(plan.batches, [])
    assert.deepStrictEqual(
      plan.blocked.map(({ employeeId, gate }) => [employeeId, gate._tag]),
      [["mover", "WaitsForManager"]]
    )
  })
})

describe("Plan: waves", () => {
  it("hold ten arrays each, so that nobody is refused in a crowd too large to search", () => {
    const plan = planOf(
      many(45, "e", (name) => joiner(name)),
      2
    )
    assert.deepStrictEqual(
      plan.waves.map(({ length }) => length),
      [20, 20, 5]
    )
    assert.strictEqual(plan.batches.length, 23)
  })

  it("hold nobody with the manager whom the same wave would create", () => {
    const plan = planOf([joiner("a"), joiner("b", "a"), known("c", { supervisorId: "b" })], 100)
    assert.deepStrictEqual(
      plan.waves.map((wave) => wave.map(({ employeeId }) => employeeId)),
      [["a"], ["b"], ["c"]]
    )
  })
})

describe("Plan: programs", () => {
  const programs = [mentors]

  it("registers a joiner after they were created", () => {
    const plan = planOf([joiner("e").changed({ title: "Head" })], 100, { programs })
    assert.deepStrictEqual(brief(plan), ["joiner:e", "registration:e"])
    assert.deepInclude(plan.batches[1]?.[0], { programId: "p-1", alone: true, fields: [] })
  })

  it("registers nobody who is not at Together and is not sent there", () => {
    const rejected = joiner("e")
      .changed({ title: "Head" })
      .refused("UserRejected", { ...someone, title: "Head" })
    const plan = planOf([rejected, joiner("f").changed({ title: "Head", email: null })], 100, { programs })
    assert.deepStrictEqual(plan.batches, [])
    assert.deepStrictEqual(plan.programs.get("p-1"), { due: 2, registered: 0, refused: 0, left: 0 })
  })

  it("registers nobody whose entry is missing, before it is made again", () => {
    const missed = settled("e", { title: "Head" }).missed()
    assert.deepStrictEqual(brief(planOf([missed], 100, { programs })), ["joiner:e", "registration:e"])
    assert.deepStrictEqual(brief(planOf([missed], 100, { programs, drift: "report" })), [])
  })

  it("counts where people stand in each program, and sends only what is due", () => {
    const place = { ...mentorPlace, programId: "p-2" }
    const plan = planOf(
      [
        settled("due", { title: "Head" }),
        settled("registered", { title: "Head" }).registered(mentorPlace),
        settled("refused", { title: "Head" }).notRegistered(mentorPlace),
        settled("left").registered(mentorPlace).registered(place)
      ],
      100,
      { programs }
    )
    assert.deepStrictEqual(brief(plan), ["registration:due"])
    assert.deepStrictEqual(
      [...plan.programs],
      [
        ["p-1", { due: 1, registered: 1, refused: 1, left: 1 }],
        ["p-2", { due: 0, registered: 0, refused: 0, left: 1 }]
      ]
    )
  })

  it("says nothing of programs where there are none", () => {
    assert.strictEqual(planOf([settled("e")]).programs.size, 0)
  })
})

const many = (count: number, name: string, make: (name: string) => History): ReadonlyArray<History> =>
  Array.from({ length: count }, (_, i) => make(`${name}-${i}`))

describe("Plan: the price", () => {
  it("has a reserve for whoever goes in arrays, and none for whoever goes alone", () => {
    const singles = many(5, "linked", (name) => joiner(name).foundByAddress(`u-${name}`))
    assert.deepInclude(planOf(singles, 3).budget, { least: 5, most: 5, mostMillis: 5500 })
    const arrays = many(6, "joiner", (name) => joiner(name))
    assert.deepStrictEqual(planOf([...singles, ...arrays], 3).budget, budgetOf(7, 6, 1100))
    assert.deepStrictEqual(planOf(arrays, 1).budget, budgetOf(6, 0, 1100))
  })

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
    assert.deepInclude(plan, { employees: 21, upToDate: 2 })
    assert.deepInclude(plan.budget, { least: 8, leastMillis: 8800 })
    assert.deepInclude(plan.counts, { leaver: 5, joiner: 7, reference: 0, mover: 7 })
  })

  it("is nothing for nobody", () => {
    assert.deepInclude(planOf([]), { batches: [], waves: [], employees: 0 })
    assert.deepStrictEqual(planOf([]).budget, { least: 0, most: 0, leastMillis: 0, mostMillis: 0 })
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
    return Object.keys(fields).length === 0 ? [] : [{ stream, version: 1, employeeId, known, fields, news: fields }]
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
        const { batches, budget } = planOf(people.values(), size)
        assert.strictEqual(batches.length, budget.least)
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
