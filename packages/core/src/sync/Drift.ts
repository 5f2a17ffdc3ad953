/**
 * Compares one person with their entry in Together's own list.
 *
 * Pure; called by `Verify` for everybody. An entry that Rollcall did not make is compared with nothing: it becomes what
 * the person is known to have there.
 */
import type { Listing, ListedUser } from "../contract/Sink.ts"
import { type FieldName, type FieldValue, type Fields, fieldSpecs, sameValue } from "../domain/Field.ts"
import type { DriftFound, DriftResolved, EntryFound } from "../domain/SinkEvent.ts"
import { type Opinions, valuesOf } from "./Opinions.ts"
import type { Person } from "./Reduce.ts"

export type Comparison =
  /** As Rollcall left it, or as it was found before; nothing to say. */
  | { readonly _tag: "Same"; readonly drifted: boolean }
  | { readonly _tag: "News"; readonly event: EntryFound | DriftFound | DriftResolved }

export const compareEntry = (
  sink: string,
  person: Person,
  listed: ListedUser | undefined,
  { request, shown, whole }: Omit<Listing, "users">
): Comparison => {
  const { employeeId } = person
  const about = { sink, request, ...(employeeId === undefined ? {} : { employeeId }) }
  if (!person.sink.known) {
    if (listed === undefined) return { _tag: "Same", drifted: false }
    return news({ type: "EntryFound", ...about, ...idOf(listed), keyed: true, fields: listed.fields })
  }
  if (listed === undefined) {
    if (!whole || person.sink.missing) return { _tag: "Same", drifted: person.sink.missing }
    return news({ type: "DriftFound", ...about, fields: {}, missing: true })
  }
  const fields = differing(person.sink.applied, listed.fields, shown)
  const before = valuesOf(person.sink.drift)
  const drifted = Object.keys(fields).length > 0
  const { missing, repaired } = person.sink
  // A repair that held is worth a word: the same edit is then a new one, not Together's own way.
  const held = !drifted && Object.keys(repaired).length > 0
  if (sameFields(before, fields) && !missing && !held) return { _tag: "Same", drifted }
  return news(drifted ? { type: "DriftFound", ...about, fields } : { type: "DriftResolved", sink, request })
}

const news = (event: EntryFound | DriftFound | DriftResolved): Comparison => ({ _tag: "News", event })

const idOf = ({ userId }: ListedUser) => (userId === undefined ? {} : { userId })

/** The fields that were applied and that the list shows otherwise, with the list's values. */
const differing = (applied: Opinions, listed: Fields, shown: ReadonlySet<FieldName>): Fields => {
  const fields: { [name in FieldName]?: FieldValue } = {}
  for (const [name, { value }] of Object.entries(applied) as Array<[FieldName, { readonly value: FieldValue }]>) {
    const there = listed[name] ?? null
    if (shown.has(name) && !means(name, value, there)) fields[name] = there
  }
  return fields
}

const sameFields = (a: Fields, b: Fields): boolean => {
  const names = Object.keys({ ...a, ...b }) as Array<FieldName>
  return names.every((name) => name in a && name in b && sameValue(a[name], b[name]))
}

/** Whether two values say the same: addresses in any case, an empty value in any form, text but for space around it. */
const means = (name: FieldName, a: FieldValue, b: FieldValue): boolean => {
  const [x, y] = [normal(name, a), normal(name, b)]
  return sameValue(x, y)
}

const normal = (name: FieldName, value: FieldValue): FieldValue => {
  const { kind } = fieldSpecs[name]
  if (typeof value === "string") {
    const text = value.trim()
    return text === "" ? null : kind === "email" ? text.toLowerCase() : text
  }
  if (Array.isArray(value))
    return value.length === 0 ? null : value.map((one: string) => one.trim().toLowerCase()).toSorted()
  return value
}
