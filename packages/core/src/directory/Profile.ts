/**
 * Profiles of organizations and groups: what a request changes, and what a profile is after a change.
 *
 * Pure. A profile holds the members that have a value; `null` in a change empties one.
 */
import type { Changes } from "../domain/DirectoryEvent.ts"

type Profile = Readonly<Record<string, string | null | undefined>>

/** A profile after a change: what is emptied is left out. */
export const withChanges = <A extends Profile>(profile: A, changes: Changes): A =>
  Object.fromEntries(Object.entries({ ...profile, ...changes }).filter(([, value]) => value != null)) as A

/** The members of a profile that a request changes; `replace` empties what it does not name. */
export const profileChanges = (
  known: Profile,
  asked: Profile,
  members: ReadonlyArray<string>,
  mode: "replace" | "merge"
): Changes => {
  const changes: Record<string, string | null> = {}
  for (const member of members) {
    const value = asked[member] === undefined && mode === "replace" ? null : asked[member]
    if (value !== undefined && value !== (known[member] ?? null)) changes[member] = value
  }
  return changes
}
