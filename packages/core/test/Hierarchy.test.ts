import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { rank } from "../src/sync/Hierarchy.ts"

interface Member {
  readonly employeeId: string
  readonly supervisorId: string | undefined
}

const people = (managers: Readonly<Record<string, string | undefined>>): ReadonlyArray<Member> =>
  Object.entries(managers).map(([employeeId, supervisorId]) => ({ employeeId, supervisorId }))

const names = (members: Iterable<Member>) => [...members].map((member) => member.employeeId)

const levelsOf = (managers: Readonly<Record<string, string | undefined>>) =>
  rank(people(managers)).levels.map((level) => names(level).toSorted())

/** Up to 15 people, each under any of them (circles and oneself included), under a stranger, or under nobody. */
const organizations = fc
  .array(fc.option(fc.nat(15), { nil: undefined }), { maxLength: 15 })
  .map((managers) => people(Object.fromEntries(managers.map((m, i) => [`e${i}`, m === undefined ? m : `e${m}`]))))

/** Everyone who stands in a circle, as sets: followed upwards from each person until somebody comes twice. */
const circles = (all: ReadonlyArray<Member>): ReadonlyArray<ReadonlySet<string>> => {
  const found = new Map<string, ReadonlySet<string>>()
  for (const start of all) {
    const chain: Array<string> = []
    let at: Member | undefined = start
    while (at !== undefined && !chain.includes(at.employeeId)) {
      chain.push(at.employeeId)
      const above: string | undefined = at.supervisorId
      at = all.find((member) => member.employeeId === above)
    }
    if (at === undefined) continue
    const circle = chain.slice(chain.indexOf(at.employeeId)).toSorted()
    found.set(circle.join(), new Set(circle))
  }
  return [...found.values()]
}

describe("rank", () => {
  it("puts everyone below their manager", () => {
    assert.deepStrictEqual(levelsOf({ c: "b", b: "a", a: undefined, d: "a" }), [["a"], ["b", "d"], ["c"]])
  })

  it("ranks whose manager is not among them first", () => {
    assert.deepStrictEqual(levelsOf({ a: "stranger", b: "a" }), [["a"], ["b"]])
  })

  it("ranks nobody into nothing", () => {
    const { cut, levels } = rank(people({}))
    assert.deepStrictEqual([levels, cut.size], [[], 0])
  })

  it("knows who is among them", () => {
    const { includes } = rank(people({ a: "stranger" }))
    assert.deepStrictEqual([includes("a"), includes("stranger")], [true, false])
  })

  it("cuts a circle at the member whose key sorts first", () => {
    const { cut, levels } = rank(people({ b: "c", c: "a", a: "b", d: "b" }))
    assert.deepStrictEqual(names(cut), ["a"])
    assert.deepStrictEqual(levels.map(names), [["a"], ["c"], ["b"], ["d"]])
  })

  it("cuts who is their own manager", () => {
    const { cut, levels } = rank(people({ a: "a", b: "a" }))
    assert.deepStrictEqual([names(cut), levels.map(names)], [["a"], [["a"], ["b"]]])
  })

  it("ranks a chain of 100,000 in a moment and without running out of stack", () => {
    const chain = Array.from({ length: 100_000 }, (_, i): Member => {
      return { employeeId: `${i}`, supervisorId: i === 0 ? undefined : `${i - 1}` }
    })
    for (const order of [chain, chain.toReversed()]) {
      const { cut, levels } = rank(order)
      assert.deepStrictEqual([levels.length, cut.size], [100_000, 0])
    }
  })

  it("cuts a circle of 100,000 once", () => {
    const circle = Array.from({ length: 100_000 }, (_, i): Member => {
      return { employeeId: `${i}`, supervisorId: `${(i + 1) % 100_000}` }
    })
    const { cut, levels } = rank(circle)
    assert.deepStrictEqual([levels.length, names(cut)], [100_000, ["0"]])
  })
})

describe("rank, for any organization", () => {
  it("ranks everyone once, right after their manager", () => {
    fc.assert(
      fc.property(organizations, (all) => {
        const { cut, levels } = rank(all)
        assert.deepStrictEqual(names(levels.flat()).toSorted(), names(all).toSorted())
        const levelOf = new Map(levels.flatMap((level, i) => level.map((member) => [member.employeeId, i] as const)))
        for (const member of all) {
          const manager = cut.has(member) ? undefined : levelOf.get(member.supervisorId ?? "")
          assert.strictEqual(levelOf.get(member.employeeId), manager === undefined ? 0 : manager + 1)
        }
      })
    )
  })

  it("cuts every circle exactly once, and nobody else", () => {
    fc.assert(
      fc.property(organizations, (all) => {
        const cut = names(rank(all).cut)
        const found = circles(all)
        assert.strictEqual(cut.length, found.length)
        for (const circle of found) assert.strictEqual(cut.filter((name) => circle.has(name)).length, 1)
      })
    )
  })

  it("does not depend on the order in which people are given", () => {
    const twoOrders = organizations.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length }))
    )
    fc.assert(
      fc.property(twoOrders, ([all, shuffled]) => {
        const a = rank(all)
        const b = rank(shuffled)
        assert.deepStrictEqual(names(b.cut).toSorted(), names(a.cut).toSorted())
        const sorted = (levels: typeof a.levels) => levels.map((level) => names(level).toSorted())
        assert.deepStrictEqual(sorted(b.levels), sorted(a.levels))
      })
    )
  })
})
