/**
 * Says in which programs a person belongs by the rules of the configuration, and where each of these stands.
 *
 * Pure. Registering is all that Together's API knows: whom a rule no longer names stays registered, and is shown.
 */
import { canonicalJson, sha256 } from "../domain/Digest.ts"
import type { Fields } from "../domain/Field.ts"
import type { Condition, Moment, Policy, ProgramRule } from "../domain/Policy.ts"
import { desired, values } from "./Desired.ts"
import type { Person } from "./Reduce.ts"
import { holds, judgeScope } from "./Scope.ts"
import type { ProgramView } from "./SinkView.ts"

/** What one rule asks for, of whomever. */
export interface Place {
  readonly programId: string
  readonly roles: Readonly<Record<string, boolean>>
  readonly matchTypeIds?: ReadonlyArray<string>
}

/**
 * `due`: to be asked for. `registered`: asked for and granted, just so. `refused`: refused just so, and held until the
 * rule changes or someone releases it. `left`: registered once, and no rule names the person any more.
 */
export type Placement =
  | { readonly _tag: "due" | "registered"; readonly place: Place }
  | { readonly _tag: "refused"; readonly place: Place; readonly answer: string | undefined }
  | { readonly _tag: "left"; readonly programId: string }

/** Nothing for whom Together cannot register: gone there, out of scope, in no source. */
export const placements = (person: Person, policy: Policy, moment: Moment): ReadonlyArray<Placement> => {
  if (policy.programs.length === 0 && Object.keys(person.sink.programs).length === 0) return []
  const wanted = desired(person, policy, moment)
  const fields = values(wanted.fields)
  const eligible =
    person.employeeId !== undefined &&
    wanted.presence === "present" &&
    person.sink.latest?.type !== "UserGone" &&
    judgeScope(policy.scope, fields).inside
  const places = eligible ? placesOf(policy.programs, fields) : []
  const named = new Set(places.map(({ programId }) => programId))
  const left = Object.entries(person.sink.programs)
    .filter(([programId, view]) => view.registered && !named.has(programId))
    .map(([programId]): Placement => ({ _tag: "left", programId }))
  return [...places.map((place) => placementOf(place, person.sink.programs[place.programId])), ...left]
}

/** One place a program, by the first rule that holds. */
export const placesOf = (rules: ReadonlyArray<ProgramRule>, fields: Fields): ReadonlyArray<Place> => {
  const places = new Map<string, Place>()
  for (const { matchTypeIds, programId, roles, who } of rules) {
    if (places.has(programId) || !who.some((condition) => isNamed(condition, fields))) continue
    places.set(programId, { programId, roles, ...(matchTypeIds === undefined ? {} : { matchTypeIds }) })
  }
  return [...places.values()]
}

/** A rule that does not speak of the status means active people. */
const isNamed = (condition: Condition, fields: Fields): boolean =>
  holds(condition, fields) && ("status" in condition || fields.status === "active")

const placementOf = (place: Place, view: ProgramView | undefined): Placement => {
  if (view?.payloadHash !== placeHash(place) || view.released === true) return { _tag: "due", place }
  return view.registered ? { _tag: "registered", place } : { _tag: "refused", place, answer: view.answer }
}

/** SHA-256 of what the registration says of the person, in canonical JSON. */
export const placeHash = ({ matchTypeIds, programId, roles }: Place): string =>
  sha256(canonicalJson({ programId, roles, matchTypeIds: matchTypeIds?.toSorted() }))
