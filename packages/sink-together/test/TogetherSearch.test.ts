import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

import {
  anew,
  type Experience,
  inexperienced,
  limitsOf,
  sawPass,
  sawRefusal,
  sawTooLong
} from "../src/TogetherExperience.ts"
import { begin, failed, type Group, nextGroup, passed, type Search } from "../src/TogetherSearch.ts"
import { freshSize, prior, suspectsSize, testedFresh, testedSuspects } from "../src/TogetherShare.ts"

const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i)

/** Searches among so many people for those of whom `isRefused` says that they make a group be refused. */
const searched = (
  count: number,
  isRefused: (group: ReadonlyArray<number>) => boolean,
  options: { size?: number; experience?: Experience<number>; alone?: ReadonlySet<number> } = {}
) => {
  let search = begin(range(count))
  let experience = anew(options.experience ?? inexperienced)
  const asked: Array<ReadonlyArray<number>> = []
  const verdicts: Array<readonly [number, boolean]> = []
  while (true) {
    const limits = limitsOf(experience, options.size ?? 100, (person) => options.alone?.has(person) ?? false)
    const group = nextGroup(search, experience.share, limits)
    if (group === undefined) return { asked, verdicts, experience }
    assert.isBelow(asked.length, count * 20 + 100, "asks without end")
    asked.push(group.members)
    const refused = isRefused(group.members)
    if (!refused || group.members.length === 1) for (const person of group.members) verdicts.push([person, refused])
    search = refused ? failed(search, group) : passed(search, group)
    experience = refused ? sawRefusal(experience, group) : sawPass(experience, group)
  }
}

const among = (bad: ReadonlySet<number>) => (group: ReadonlyArray<number>) => group.some((person) => bad.has(person))

const group = (members: ReadonlyArray<number>, suspects = 0): Group<number> => ({ members, suspects, alone: false })

/** The same chances in every run (mulberry32). */
const chanceFrom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}

const placed = (count: number, bad: number, chance: () => number) => {
  const places = new Set<number>()
  while (places.size < bad) places.add(Math.floor(chance() * count))
  return places
}

const bound = (count: number, bad: number) =>
  1.15 * range(bad).reduce((bits, i) => bits + Math.log2((count - i) / (bad - i)), 0) + 20

describe("TogetherShare", () => {
  it("begins with a full array of a hundred", () => {
    assert.strictEqual(freshSize(prior, 100), 100)
  })

  it("asks for smaller groups after refusals and for larger ones after passes", () => {
    const worse = range(10).reduce((share) => testedFresh(share, 10, false), prior)
    assert.isBelow(freshSize(worse, 100), 10)
    const better = range(50).reduce((share) => testedFresh(share, 10, true), worse)
    assert.isAbove(freshSize(better, 100), freshSize(worse, 100))
  })

  it("asks for single people when most are refused", () => {
    const bad = range(50).reduce((share) => testedFresh(share, 1, false), prior)
    assert.strictEqual(freshSize(bad, 100), 1)
    assert.strictEqual(suspectsSize(bad, 50, 100), 1)
  })

  it("halves suspects when few are refused", () => {
    const good = range(50).reduce((share) => testedFresh(share, 100, true), prior)
    for (const suspects of [2, 3, 4, 10, 64, 100])
      assert.approximately(suspectsSize(good, suspects, 100), suspects / 2, 1)
  })

  it("is not blinded by a million good people", () => {
    let share = range(10_000).reduce((before) => testedFresh(before, 100, true), prior)
    for (let n = 0; n < 12; n++) share = testedFresh(share, freshSize(share, 100), false)
    assert.isBelow(freshSize(share, 100), 10)
  })

  it("learns the same from suspects as from the groups they stand for", () => {
    const there = testedSuspects(testedFresh(prior, 10, false), 5, 10, false)
    const direct = testedFresh(prior, 5, false)
    for (const [i, weight] of there.entries()) assert.approximately(weight, direct[i]!, 0.001)
  })
})

describe("TogetherSearch", () => {
  const limits = limitsOf<number>({ ...inexperienced, arrays: "taken" }, 100, () => false)

  it("asks nothing for nobody", () => {
    assert.isUndefined(nextGroup(begin<number>([]), prior, limits))
  })

  it("takes a refused group for suspects, and asks for a part of them before anybody else", () => {
    const search = failed(begin(range(10)), group(range(6)))
    assert.deepStrictEqual(search, { suspects: range(6), fresh: range(4, 6) })
    assert.deepStrictEqual(nextGroup(search, prior, limits), { members: range(2), suspects: 6, alone: false })
  })

  it("leaves the rest of the suspects suspect, without asking, when a part of them passes", () => {
    const search: Search<number> = { suspects: range(6), fresh: [9] }
    assert.deepStrictEqual(passed(search, group(range(3), 6)), { suspects: range(3, 3), fresh: [9] })
  })

  it("knows nothing of the rest when a part of them is refused, and sends it in its place", () => {
    const search: Search<number> = { suspects: range(6), fresh: [9] }
    assert.deepStrictEqual(failed(search, group(range(3), 6)), { suspects: range(3), fresh: [3, 4, 5, 9] })
  })

  it("asks the last suspect alone, and holds nobody suspect after that", () => {
    const search: Search<number> = { suspects: [4], fresh: [9] }
    assert.deepStrictEqual(nextGroup(search, prior, limits)?.members, [4])
    assert.deepStrictEqual(failed(search, group([4], 1)), { suspects: [], fresh: [9] })
    assert.deepStrictEqual(passed(search, group([4], 1)), { suspects: [], fresh: [9] })
  })

  it("asks again for those whom an answer left open, first of all fresh people", () => {
    assert.deepStrictEqual(passed(begin(range(5)), group(range(3)), [1]), { suspects: [], fresh: [1, 3, 4] })
  })

  it("sends who goes alone alone, and in order", () => {
    const { asked } = searched(6, () => false, { alone: new Set([0, 3]) })
    assert.deepStrictEqual(asked, [[0], [1, 2], [3], [4, 5]])
  })

  it("keeps to the size of arrays", () => {
    for (const size of [1, 2, 7, 100]) {
      const { asked } = searched(50, among(new Set([3, 30])), { size })
      assert.strictEqual(Math.max(...asked.map((members) => members.length)), Math.min(size, 50))
    }
  })

  it("learns nothing from who goes alone, nor from the last suspect", () => {
    const known: Experience<number> = inexperienced
    assert.strictEqual(sawPass(known, group([1], 1)).share, known.share)
    assert.strictEqual(sawRefusal(known, { ...group([1]), alone: true }).share, known.share)
    assert.notStrictEqual(sawRefusal(known, group([1])).share, known.share)
  })
})

const sizeOf = (experience: Experience<number>) => limitsOf(experience, 100, () => false).size

describe("TogetherExperience", () => {
  it("halves its arrays for good when one was too large, down to single people", () => {
    const seen = sawTooLong(inexperienced, group(range(25)))
    assert.strictEqual(sizeOf(seen), 12)
    assert.strictEqual(sizeOf(sawTooLong(seen, group(range(40)))), 12)
    assert.strictEqual(sizeOf(sawTooLong(seen, group(range(2)))), 1)
    assert.strictEqual(sizeOf(sawPass(seen, group(range(12)))), 12)
    assert.strictEqual(seen.share, prior)
  })

  it("sees that arrays are not taken when two people whose array was refused are both taken alone", () => {
    const pair = sawRefusal<number>(inexperienced, group([1, 2]))
    const one = sawPass(pair, group([1], 2))
    assert.strictEqual(one.arrays, "unknown")
    assert.strictEqual(sawPass(one, group([2], 1)).arrays, "refused")
  })

  it("does not, when one of the two is refused, when an array was ever taken, or in another call", () => {
    const pair = sawRefusal<number>(inexperienced, group([1, 2]))
    assert.strictEqual(sawPass(sawRefusal(pair, group([1], 2)), group([2])).arrays, "unknown")
    const taken = sawRefusal(sawPass<number>(inexperienced, group([7, 8])), group([1, 2]))
    assert.strictEqual(sawPass(sawPass(taken, group([1], 2)), group([2], 1)).arrays, "taken")
    assert.strictEqual(sawPass(anew(sawPass(pair, group([1], 2))), group([2], 1)).arrays, "unknown")
  })

  it("finds out within the first hundred people, for about ten requests", () => {
    const { asked, experience } = searched(100, (members) => members.length > 1)
    assert.strictEqual(experience.arrays, "refused")
    assert.isAtMost(asked.length, 110)
    assert.isAtMost(asked.filter((members) => members.length > 1).length, 10)
  })

  it.each(range(12, 1))("finds out even when there are only %i", (count) => {
    const { experience } = searched(count, (members) => members.length > 1)
    assert.strictEqual(experience.arrays, count === 1 ? "unknown" : "refused")
  })
})

describe("TogetherSearch: what a thousand people cost in arrays of a hundred", () => {
  const chance = chanceFrom(2026)

  it.each([0, 1, 10, 100])("with %i refused, wherever they are: within 1.15 log2(C(1000, k)) + 20", (bad) => {
    const random = range(bad === 0 ? 1 : 60).map(() => placed(1000, bad, chance))
    const block = (from: number) => new Set(range(bad, from))
    const even = range(10).map(
      (n) => new Set(range(bad).map((i) => Math.floor(((i + n / 10) * 1000) / Math.max(bad, 1))))
    )
    for (const refused of [...random, block(0), block(1000 - bad), block(400), ...even]) {
      const { asked, verdicts } = searched(1000, among(refused))
      assert.isAtMost(asked.length, bound(1000, bad), JSON.stringify([...refused]))
      assert.deepStrictEqual(new Set(verdicts.flatMap(([person, no]) => (no ? [person] : []))), refused)
    }
  })

  it("with all refused: about one request each", () => {
    assert.isAtMost(searched(1000, () => true).asked.length, 1010)
  })
})

describe("TogetherSearch: whatever the vendor does", () => {
  const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 150 }))
  const Size = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 120 }))
  const Seed = Schema.Int

  it.prop(
    "gives everyone one verdict, the right one",
    [Count, Size, Seed],
    ([count, size, seed]) => {
      const chance = chanceFrom(seed)
      const bad = placed(Math.max(count, 1), Math.floor(chance() * count), chance)
      const { verdicts } = searched(count, among(bad), { size })
      assert.deepStrictEqual(
        verdicts.toSorted(([a], [b]) => a - b),
        range(count).map((person) => [person, bad.has(person)] as const)
      )
    },
    { arbitrary: { runs: 150 } }
  )

  it.prop(
    "ends, with one verdict for everyone, when refusals come at random or depend on who is with whom",
    [Count, Size, Seed, Schema.Literals(["random", "pairs", "parity", "sizes"])],
    ([count, size, seed, kind]) => {
      const chance = chanceFrom(seed)
      const isRefused = (members: ReadonlyArray<number>): boolean => {
        switch (kind) {
          case "random":
            return chance() < 0.5
          case "pairs":
            return members.some((person) => members.includes(person + 7))
          case "parity":
            return members.reduce((sum, person) => sum + person, 0) % 2 === 1
          case "sizes":
            return members.length % 3 === 2
        }
      }
      const { asked, verdicts } = searched(count, isRefused, { size })
      assert.sameMembers(
        verdicts.map(([person]) => person),
        range(count)
      )
      assert.lengthOf(verdicts, count)
      assert.isAtMost(asked.length, count * 9 + 1)
    },
    { arbitrary: { runs: 200 } }
  )
})
