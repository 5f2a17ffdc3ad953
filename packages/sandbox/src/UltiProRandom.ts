/**
 * Seeded chance: the same numbers for the same seeds, on every machine and in every run.
 * Called by everything that makes up people, days and stamps. A generator is made where it is used and never kept in a
 * world, so that one person or one day can be made again without the others.
 */

/** One stream of chance. */
export interface Chance {
  /** A whole number from `from` up to and including `to`. */
  readonly int: (from: number, to: number) => number
  readonly pick: <A>(values: ReadonlyArray<A>) => A
  /** True once in about 1/share calls. */
  readonly happens: (share: number) => boolean
}

/** A stream for these seeds; other seeds, or the same ones in another order, give another stream. */
export const chanceOf = (...seeds: ReadonlyArray<number>): Chance => {
  const next = mulberry32(mixed(seeds))
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    int,
    pick: <A>(values: ReadonlyArray<A>): A => values[int(0, values.length - 1)] as A,
    happens: (share) => next() < share
  }
}

/** Letters and digits, as codes of the vendor have them. */
export const lettersOf = (chance: Chance, length: number, alphabet: string): string =>
  Array.from({ length }, () => alphabet[chance.int(0, alphabet.length - 1)]).join("")

const mixed = (seeds: ReadonlyArray<number>): number =>
  seeds.reduce((hash, seed) => {
    const step = Math.imul(hash ^ seed, 0x01000193)
    return Math.imul(step ^ (step >>> 15), 0x2c1b3c6d) ^ (step >>> 7)
  }, 0x811c9dc5)

const mulberry32 = (seed: number) => {
  let state = seed | 0
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
