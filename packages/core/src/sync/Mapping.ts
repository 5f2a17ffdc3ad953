/**
 * Turns desired fields into those that are sent: withholds, translates, fills in.
 *
 * Pure and idempotent on what it withholds and fills; provenance stays with each field. Names and formats of the vendor
 * are the sink's affair, not this file's.
 */
import { type FieldName, type FieldValue, fieldNames } from "../domain/Field.ts"
import type { Mapping } from "../domain/Policy.ts"
import type { DesiredField, DesiredFields } from "./Desired.ts"

/** Where a value that no source gave comes from. */
export const fromConfiguration = "configuration"

export const mapFields = (mapping: Mapping, fields: DesiredFields): DesiredFields => {
  if (changesNothing(mapping)) return fields
  const mapped: { [name in FieldName]?: DesiredField } = {}
  for (const name of fieldNames) {
    if (mapping.withhold?.includes(name) === true) continue
    const field = fields[name]
    const fallback = mapping.defaults?.[name]
    if (field !== undefined && field.value !== null) {
      const value = translate(mapping, name, field.value)
      mapped[name] = value === field.value ? field : { ...field, value }
    } else if (fallback !== undefined) mapped[name] = { value: fallback, position: 0, source: fromConfiguration }
    else if (field !== undefined) mapped[name] = field
  }
  return mapped
}

const changesNothing = ({ defaults = {}, translate = {}, withhold = [] }: Mapping): boolean =>
  [defaults, translate, withhold].every((part) => Object.keys(part).length === 0)

const translate = (mapping: Mapping, name: FieldName, value: FieldValue): FieldValue => {
  const table = mapping.translate?.[name]
  if (table === undefined || typeof value !== "string" || !Object.hasOwn(table, value)) return value
  return table[value] ?? value
}
