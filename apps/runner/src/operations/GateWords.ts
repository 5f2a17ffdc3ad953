/**
 * Why somebody is not sent, or what is sent of them, in words that name nobody.
 *
 * Used by every report of the operations API and by the commands that show them.
 */
import type { GuardKind } from "@rollcall/core/domain/GuardEvent"
import type { Consideration, Gate } from "@rollcall/core/sync/Consider"
import type { Plan } from "@rollcall/core/sync/Plan"

/** How many people each gate stops. */
export const gates = (plan: Plan): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { gate } of plan.blocked) {
    const words = gateWords(gate)
    counts.set(words, (counts.get(words) ?? 0) + 1)
  }
  return counts
}

/** A gate in words that say what stops the person; without anything personal. */
export const gateWords = (gate: Gate): string => {
  switch (gate._tag) {
    case "NotInAnySource":
      return "in no source (any more), and never at Together"
    case "RowRejected":
      return "in no row that could be taken over: what a source says of them was refused"
    case "WaitsForDate":
      return `waiting for ${gate.from}, the day from which HR has them`
    case "Absent":
      return "absent from every source (`absence` says what follows, nothing so far)"
    case "OutOfScope":
      return `out of scope (${gate.rule})`
    case "RequiredMissing":
      return `without a required field (${gate.fields.join(", ")})`
    case "WaitsForManager":
      return "waiting for their manager to be at Together"
    case "Rejected":
      return "rejected by Together (400) until something about them changes"
    case "Conflicted":
      return "modified permanently at Together (409) until someone releases them"
    case "Gone":
      return "deleted at Together for good (410)"
    case "Erased":
      return "erased, and taken over from no source before somebody releases them (`rollcall release`)"
    case "Held":
      return `held by the guard: ${gate.people} ${guardWords[gate.kind]}, and ${gate.limit} are allowed (\`rollcall approve\`)`
  }
}

/** What so many people are about to do. */
export const guardWords: Readonly<Record<GuardKind, string>> = {
  leavers: "are to leave",
  clears: "are to lose a field",
  keyChanges: "come under a new key with a known address",
  joins: "are to join"
}

/** What happens next with a person. */
export const nextWords = (considered: Consideration): string => {
  if (considered._tag === "UpToDate") return "nothing, Together is up to date"
  if (considered._tag === "Blocked") return `held back, ${gateWords(considered.gate)}`
  if (considered._tag === "Refresh") return "the day's call: everything is sent again"
  const fields = Object.keys(considered.changes).join(", ")
  if (considered.userId !== undefined) return `tie the entry that is there by e-mail to the key, with ${fields}`
  return `${considered.known ? "send" : "create with"} ${fields}`
}
