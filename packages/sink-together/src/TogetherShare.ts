/**
 * What the sink believes about the share of people who make an array be refused, and how large a group to ask for that.
 *
 * Bayes over a grid of shares. Each answer to a group is a test; the best test is one whose outcome is least certain, so
 * sizes are chosen for even odds (Sobel and Groll, Bell System Technical Journal 38, 1959). Pure; called by
 * `TogetherSearch` and `TogetherExperience`.
 */

/** Weights of the shares of the grid; they sum to 1. */
export type Share = ReadonlyArray<number>

const points = 64
const [least, most] = [0.0005, 0.9]

/** The share of good people at each point: 1 less the share of the others, which is spaced evenly in its logarithm. */
const good = Array.from({ length: points }, (_, i) => 1 - least * (most / least) ** (i / (points - 1)))

const normalized = (weights: ReadonlyArray<number>): Share => {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

/** Few are refused, most likely: the first group is a full array of up to two hundred or so. */
export const prior: Share = normalized(good.map((q) => (1 - q) ** -0.5))

/**
 * After each test so much of what was believed is forgotten: people who are refused come in clusters, and a year of good
 * days must not blind the sink to a bad one.
 */
const forgotten = 0.001

const learned = (share: Share, likelihood: (q: number) => number): Share =>
  normalized(share.map((weight, i) => weight * likelihood(good[i] ?? 1))).map(
    (weight, i) => (1 - forgotten) * weight + forgotten * (prior[i] ?? 0)
  )

/** Of a group of `size` people about whom nothing was known, none was bad, or somebody was. */
export const testedFresh = (share: Share, size: number, passed: boolean): Share =>
  learned(share, (q) => (passed ? q ** size : 1 - q ** size))

/** The same of `size` people out of `suspects`, among whom somebody is known to be bad. */
export const testedSuspects = (share: Share, size: number, suspects: number, passed: boolean): Share =>
  learned(share, (q) => (passed ? q ** size - q ** suspects : 1 - q ** size) / (1 - q ** suspects))

/** The largest group that is as likely to pass as not, no larger than `limit`. */
export const freshSize = (share: Share, limit: number): number =>
  lastWith(limit, (size) => expected(share, (q) => q ** size) >= 0.5)

/** The part of the suspects with the most even odds, no larger than `limit`. */
export const suspectsSize = (share: Share, suspects: number, limit: number): number => {
  const bad = expected(share, (q) => 1 - q ** suspects)
  const odds = (size: number) => expected(share, (q) => q ** size - q ** suspects) / bad
  const size = lastWith(suspects - 1, (size) => odds(size) >= 0.5)
  const next = Math.min(size + 1, suspects - 1)
  return Math.min(limit, Math.abs(odds(next) - 0.5) < Math.abs(odds(size) - 0.5) ? next : size)
}

const expected = (share: Share, f: (q: number) => number): number =>
  share.reduce((sum, weight, i) => sum + weight * f(good[i] ?? 1), 0)

/** The last size from 1 that holds, where all before it do; 1 if none. */
const lastWith = (limit: number, holds: (size: number) => boolean): number => {
  let [from, to] = [1, limit]
  while (from < to) {
    const middle = Math.ceil((from + to) / 2)
    if (holds(middle)) from = middle
    else to = middle - 1
  }
  return from
}
