/**
 * Whom Together refused for good or until something changes: what, since when, in whose words, and what to do about it.
 *
 * Pure; listed by `dead-letters` and counted by `status`. A refusal that an operator released is none any more.
 */
import type { Person } from "./Reduce.ts"

export const deadLetterKinds = ["rejected", "conflicted", "gone", "registration"] as const

export type DeadLetterKind = (typeof deadLetterKinds)[number]

export interface DeadLetter {
  readonly stream: string
  readonly employeeId: string | undefined
  readonly kind: DeadLetterKind
  /** The program of a refused registration. */
  readonly programId?: string
  /** ISO 8601. */
  readonly since: string
  readonly status: number
  /** Together's own words; they may name the person. */
  readonly answer: string | undefined
  /** What to do. */
  readonly remedy: string
}

const kinds = { UserRejected: "rejected", UserConflicted: "conflicted", UserGone: "gone" } as const

const remedies: Readonly<Record<DeadLetterKind, string>> = {
  rejected:
    "Correct the value in HR: the person is sent again as soon as something about them changes. If Together was put right instead, `rollcall release` the person.",
  conflicted:
    "The entry was changed permanently on Together's side. Settle it there with support@togetherplatform.com, then `rollcall release` the person.",
  gone: "The entry was deleted at Together and cannot be added again: never sent. Only Together's support can undo that.",
  registration:
    "Compare the rule with the program at Together (ids, roles, match types). A changed rule is sent again; otherwise `rollcall release` the person."
}

export const deadLetters = ({ employeeId, sink, stream }: Person): ReadonlyArray<DeadLetter> => {
  const letters: Array<DeadLetter> = []
  const { latest } = sink
  const letter = (kind: DeadLetterKind, of: Pick<DeadLetter, "status" | "answer" | "programId">, since: string) =>
    letters.push({ stream, employeeId, kind, since, remedy: remedies[kind], ...of })
  if (latest !== null && latest.type in kinds && latest.released !== true) {
    const { answer, recordedAt, status, type } = latest
    letter(kinds[type as keyof typeof kinds], { status, answer }, recordedAt)
  }
  for (const [programId, { answer, recordedAt, registered, released, status }] of Object.entries(sink.programs)) {
    if (!registered && released !== true) letter("registration", { status, answer, programId }, recordedAt)
  }
  return letters
}
