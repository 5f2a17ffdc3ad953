/**
 * Group testing: which people to ask for together, so that everybody who is refused is found with few requests.
 *
 * A refused group holds somebody bad: its members are the suspects, and parts of them are asked before anybody else. A
 * part that passes leaves the rest suspect, without asking; a part that is refused is the new set of suspects, and the
 * rest is as unknown as before. Nobody is convicted by inference: the last suspect is asked alone. Pure values; driven by
 * `TogetherBatch`, and by the benchmark `refused-members`.
 */
import { freshSize, type Share, suspectsSize } from "./TogetherShare.ts"

export interface Search<A> {
  /** Somebody among them is bad. */
  readonly suspects: ReadonlyArray<A>
  /** Nothing is known of them; in the order in which they are to be sent. */
  readonly fresh: ReadonlyArray<A>
}

/** The people of the next request. */
export interface Group<A> {
  readonly members: ReadonlyArray<A>
  /** So many suspects they were taken from; 0 for fresh people. */
  readonly suspects: number
  /** Sent alone whatever is known of the others: its answer is no test. */
  readonly alone: boolean
}

export interface Limits<A> {
  /** No group is larger. */
  readonly size: number
  /** Arrays were never seen to be taken: a pair is worth asking for, because two people show whether they are. */
  readonly unproven: boolean
  readonly isAlone: (member: A) => boolean
}

export const begin = <A>(people: ReadonlyArray<A>): Search<A> => ({ suspects: [], fresh: people })

/** Undefined: everybody is settled. */
export const nextGroup = <A>(search: Search<A>, share: Share, limits: Limits<A>): Group<A> | undefined => {
  const { suspects, fresh } = search
  if (suspects.length > 0) {
    const size = partOf(suspects.length, share, limits)
    return { members: suspects.slice(0, size), suspects: suspects.length, alone: false }
  }
  if (fresh[0] === undefined) return undefined
  if (limits.isAlone(fresh[0])) return { members: [fresh[0]], suspects: 0, alone: true }
  const largest = fresh.slice(0, freshSize(share, limits.size))
  const end = largest.findIndex(limits.isAlone)
  return { members: end === -1 ? largest : largest.slice(0, end), suspects: 0, alone: false }
}

const partOf = <A>(suspects: number, share: Share, { size, unproven }: Limits<A>): number => {
  if (suspects === 1) return 1
  return unproven && suspects === 3 && size > 1 ? 2 : suspectsSize(share, suspects, size)
}

/** The group went through; who is still `open` has no verdict and is asked for again. */
export const passed = <A>(search: Search<A>, group: Group<A>, open: ReadonlyArray<A> = []): Search<A> => {
  const { rest, fresh } = without(search, group)
  return { suspects: rest, fresh: [...open, ...fresh] }
}

/** The group was refused. Of a single person that is the verdict. */
export const failed = <A>(search: Search<A>, group: Group<A>): Search<A> => {
  const { rest, fresh } = without(search, group)
  return { suspects: group.members.length > 1 ? group.members : [], fresh: [...rest, ...fresh] }
}

const without = <A>({ suspects, fresh }: Search<A>, { members, suspects: of }: Group<A>) =>
  of > 0 ? { rest: suspects.slice(members.length), fresh } : { rest: [], fresh: fresh.slice(members.length) }
