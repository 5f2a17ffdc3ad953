/**
 * What a sink learns over its life about the vendor's arrays: how many people make one be refused, how long one may be,
 * and whether any is taken at all.
 *
 * Pure; kept by `TogetherBatch` over all its calls. Nothing here is about a single person.
 */
import type { Group, Limits } from "./TogetherSearch.ts"
import { prior, type Share, testedFresh, testedSuspects } from "./TogetherShare.ts"

export interface Experience<A> {
  readonly share: Share
  /** A longer array was too large (413). */
  readonly longest: number
  /** `refused`: two people whose array was refused were both taken alone, and no array was ever taken. */
  readonly arrays: "unknown" | "taken" | "refused"
  /** Two people whose array was refused, less those who were taken alone since. */
  readonly pair: ReadonlyArray<A>
}

export const inexperienced: Experience<never> = { share: prior, longest: Infinity, arrays: "unknown", pair: [] }

export const limitsOf = <A>(
  { longest, arrays }: Experience<A>,
  arraySize: number,
  isAlone: (member: A) => boolean
): Limits<A> => ({
  size: arrays === "refused" ? 1 : Math.max(1, Math.min(arraySize, longest)),
  unproven: arrays === "unknown",
  isAlone
})

/** The people of the pair may be others, or have other news, the next time. */
export const anew = <A>(experience: Experience<A>): Experience<A> => ({ ...experience, pair: [] })

export const sawPass = <A>(before: Experience<A>, group: Group<A>): Experience<A> => {
  const experience = { ...before, share: shareAfter(before.share, group, true) }
  if (group.members.length > 1) return { ...experience, arrays: "taken", pair: [] }
  const pair = before.pair.filter((member) => !group.members.includes(member))
  const shown = before.arrays === "unknown" && before.pair.length > 0 && pair.length === 0
  return { ...experience, pair, ...(shown ? { arrays: "refused" as const } : {}) }
}

export const sawRefusal = <A>(before: Experience<A>, group: Group<A>): Experience<A> => ({
  ...before,
  share: shareAfter(before.share, group, false),
  // One of a pair who is refused alone is not asked again in this call: the pair then shows nothing.
  pair: group.members.length === 2 ? group.members : before.pair
})

/** 413: not about anybody in it. */
export const sawTooLong = <A>(before: Experience<A>, { members }: Group<A>): Experience<A> => ({
  ...before,
  longest: Math.min(before.longest, Math.max(1, Math.floor(members.length / 2)))
})

/** Whoever goes alone and whoever is the last suspect tests nothing: the odds were not those of a group. */
const shareAfter = <A>(share: Share, { alone, members, suspects }: Group<A>, passed: boolean): Share => {
  if (alone || suspects === 1) return share
  return suspects === 0
    ? testedFresh(share, members.length, passed)
    : testedSuspects(share, members.length, suspects, passed)
}
