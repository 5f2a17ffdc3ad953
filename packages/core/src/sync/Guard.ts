/**
 * Judges a whole plan before its first request: whom of it nobody should send without a look.
 *
 * Pure. A broken export shows as many leavers, many emptied fields, many new keys or many joiners at once; over the limit
 * all of that kind are held, and the rest flows. What somebody approved is not counted again.
 */
import { canonicalJson, sha256 } from "../domain/Digest.ts"
import { type Fields, fieldEntries, isEmpty } from "../domain/Field.ts"
import { type GuardKind, guardKinds } from "../domain/GuardEvent.ts"
import type { GuardLimits } from "../domain/Policy.ts"
import type { Opinions } from "./Opinions.ts"

/** One person of the plan, with what the guard looks at. */
export interface Suspect {
  readonly stream: string
  readonly kinds: ReadonlyArray<GuardKind>
  /** Of the payload's hash: an approval is of these very changes. */
  readonly mark: string
}

/** All of one kind, none of whom is sent. */
export interface Held {
  readonly kind: GuardKind
  readonly people: number
  readonly limit: number
  readonly known: number
  readonly digest: string
  readonly members: ReadonlyArray<Pick<Suspect, "stream" | "mark">>
}

/** Changes that were approved: `KIND STREAM MARK`. */
export type Approvals = ReadonlySet<string>

export const approvalOf = (kind: GuardKind, { mark, stream }: Pick<Suspect, "stream" | "mark">): string =>
  `${kind} ${stream} ${mark}`

const joins: ReadonlyArray<GuardKind> = ["joins"]
const leavers: ReadonlyArray<GuardKind> = ["leavers"]
const clears: ReadonlyArray<GuardKind> = ["clears"]
const nothing: ReadonlyArray<GuardKind> = []

/** What of a change the guard looks at, given what the entry is known to hold. */
export const kindsOf = (changes: Fields, applied: Opinions, known: boolean): ReadonlyArray<GuardKind> => {
  if (!known) return joins
  const leave = changes.status !== undefined && changes.status !== "active" && applied.status?.value === "active"
  if (leave) return leavers
  const cleared = fieldEntries(changes).some(([name, value]) => isEmpty(value) && !isEmpty(applied[name]?.value))
  return cleared ? clears : nothing
}

/** The hash's first 48 bits, as a number: a large plan has one for everybody. */
export const markNumber = (payloadHash: string): number => Number.parseInt(payloadHash.slice(0, 12), 16)

export const markOf = (number: number): string => number.toString(16).padStart(12, "0")

/** `established`: a first sync was completed; before that everybody is a joiner. */
export const judge = (
  suspects: ReadonlyArray<Suspect>,
  limits: GuardLimits,
  approvals: Approvals,
  { established, known }: { readonly known: number; readonly established: boolean }
): ReadonlyArray<Held> =>
  guardKinds.flatMap((kind) => {
    const limit = limitOf(limits[kind], known)
    if (limit === undefined || (kind === "joins" && !established)) return []
    const open = suspects.filter((one) => one.kinds.includes(kind) && !approvals.has(approvalOf(kind, one)))
    if (open.length <= limit) return []
    const members = open
      .map(({ mark, stream }) => ({ stream, mark }))
      .toSorted((a, b) => (a.stream < b.stream ? -1 : 1))
    return [{ kind, people: open.length, limit, known, digest: sha256(canonicalJson(members)), members }]
  })

/** The larger of the count and the part of those known; undefined: not limited. */
const limitOf = (limit: GuardLimits[GuardKind], known: number): number | undefined =>
  limit === "off" ? undefined : Math.max(limit.count, Math.floor((limit.percent * known) / 100))
