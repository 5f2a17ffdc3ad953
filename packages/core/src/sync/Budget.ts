/**
 * What a plan costs: the requests it takes if nobody is refused, and how many it may take at most.
 *
 * Pure. Who is refused has to be found among the members of an array; for that a plan has a reserve, sized for one
 * person in fifty. The budget is kept: what it does not cover is left for the next run.
 */

export interface Budget {
  /** Requests if Together takes everybody. */
  readonly least: number
  /** No more requests than this are made; repetitions of unanswered ones are not counted. */
  readonly most: number
  /** The same in milliseconds at the vendor's pace. */
  readonly leastMillis: number
  readonly mostMillis: number
}

const refusedShare = 0.02

export const budgetOf = (requests: number, peopleInArrays: number, requestMillis: number): Budget => {
  const most = requests + reserveFor(peopleInArrays)
  return { least: requests, most, leastMillis: requests * requestMillis, mostMillis: most * requestMillis }
}

/** What finding every fiftieth costs. */
const reserveFor = (people: number): number => {
  if (people === 0) return 0
  const refused = Math.ceil(people * refusedShare)
  return Math.min(2 * people, Math.ceil(searchBound(people, refused)))
}

/**
 * Requests that suffice to find `refused` among `people` by asking for groups of them: the information in the answer,
 * log2 of the number of ways to choose them, with a seventh for what asking loses, and the arrays themselves.
 */
export const searchBound = (people: number, refused: number): number => 1.15 * log2Choose(people, refused) + 20

/** log2 of the binomial coefficient. */
export const log2Choose = (n: number, k: number): number => {
  let bits = 0
  for (let i = 1; i <= Math.min(k, n - k); i++) bits += Math.log2((n - i + 1) / i)
  return bits
}
