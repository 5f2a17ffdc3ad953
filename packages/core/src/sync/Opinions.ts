/**
 * Values with where each came from: the currency of the folds.
 *
 * Pure; a field without an opinion is missing, one that is asserted empty holds null.
 */
import { type FieldName, type FieldValue, type Fields, mapMembers } from "../domain/Field.ts"

/** A value and the position of the event it came from. */
export interface Opinion {
  readonly value: FieldValue
  readonly position: number
}

export type Opinions = { readonly [name in FieldName]?: Opinion }

/** Values as one event gave them. */
export const opinions = (fields: Fields, position: number): Opinions =>
  mapMembers(fields, (value) => ({ value, position }))

/** The values alone, without where each came from. */
export const valuesOf = (opinions: Opinions): Fields => mapMembers(opinions, ({ value }) => value)
