import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { budgetOf, log2Choose, searchBound } from "../src/sync/Budget.ts"

/** n over k by Pascal's triangle, exact. */
const choose = (n: number, k: number): number => {
  let row = [1]
  for (let i = 0; i < n; i++) row = [1, ...row.slice(1).map((x, j) => x + (row[j] as number)), 1]
  return row[k] ?? 0
}

describe("log2Choose", () => {
  it("is the logarithm of the number of choices", () => {
    for (let n = 0; n <= 20; n++) {
      for (let k = 0; k <= n; k++) assert.closeTo(log2Choose(n, k), Math.log2(choose(n, k)), 1e-9)
    }
  })

  it("is nothing where there is no choice", () => {
    assert.deepStrictEqual([log2Choose(0, 0), log2Choose(5, 0), log2Choose(5, 5), log2Choose(2, 3)], [0, 0, 0, 0])
  })
})

describe("searchBound", () => {
  it("finds ten among a thousand in about 110 requests", () => {
    assert.closeTo(searchBound(1000, 10), 109.5, 0.05)
  })
})

describe("budgetOf", () => {
  it("is the requests themselves, a reserve to find who is refused, and the time of both", () => {
    assert.deepStrictEqual(budgetOf(10, 500, 1100), {
      least: 10,
      most: 10 + Math.ceil(searchBound(500, 10)),
      leastMillis: 11_000,
      mostMillis: (10 + Math.ceil(searchBound(500, 10))) * 1100
    })
  })

  it("reserves nothing for people who go alone, and no more than two requests each for a few", () => {
    assert.deepInclude(budgetOf(7, 0, 1000), { least: 7, most: 7 })
    assert.deepInclude(budgetOf(1, 2, 1000), { least: 1, most: 5 })
  })

  it("is nothing for nobody", () => {
    assert.deepStrictEqual(budgetOf(0, 0, 1100), { least: 0, most: 0, leastMillis: 0, mostMillis: 0 })
  })

  it("allows at least what is planned, and never less for more people", () => {
    fc.assert(
      fc.property(fc.nat(3000), fc.nat(300_000), (requests, people) => {
        const { least, leastMillis, most, mostMillis } = budgetOf(requests, people, 1000)
        assert.isTrue(Number.isInteger(most))
        assert.isAtLeast(most, least)
        assert.isAtLeast(mostMillis, leastMillis)
        assert.isAtLeast(budgetOf(requests, people + 1, 1000).most, most)
      })
    )
  })
})
