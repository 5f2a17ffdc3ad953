/**
 * From a row to what it says: compiled once for a file, then pure and the same for every row.
 *
 * `CsvPeople` reads every row of the second pass with it, `check` reads the first hundred. It knows a row and nothing of the
 * others: whether the key is a duplicate is said elsewhere, and what a reference names it has to be told. The text of a
 * cell goes into `value` of a `Rejected` and never into its message.
 */
import { Rejected, type SourceMessage } from "@rollcall/core/contract/Source"
import type { EmployeeId } from "@rollcall/core/domain/Employee"
import { type FieldName, type Fields, fieldSpec, type FieldValue } from "@rollcall/core/domain/Field"
import type { Locator } from "@rollcall/core/domain/SourceEvent"
import type { Data } from "effect"

import { CellFault, type CellReader, makeCellReader } from "./CsvCell.ts"
import type { ColumnSetting, CsvConfig } from "./CsvConfig.ts"
import type { Columns, FieldColumn } from "./CsvHeader.ts"
import type { CsvRow } from "./CsvReader.ts"

/** A CSV file has no cursor: it is read as a whole or not at all. */
export type CsvMessage = SourceMessage<never>

export type Refusal = Data.TaggedEnum.Value<CsvMessage, "Rejected">

/** What one row says. */
export interface Reading {
  readonly locator: Locator
  readonly line: number
  readonly key: EmployeeId | undefined
  /** From when the row holds; missing if the file has no such column, or if the row's own could not be read. */
  readonly effectiveOn: string | undefined
  /** Missing if the row is refused as a whole. */
  readonly fields?: Fields
  /** Why the row is refused as a whole, or which of its fields has no opinion. */
  readonly refusals: ReadonlyArray<Refusal>
}

/** The key of the person that a cell names by another column, or why it names nobody. */
export type Resolve = (referencesAt: number, cell: string) => { readonly key: EmployeeId } | "unknown" | "ambiguous"

/** Reads one row. Without `resolve`, references through another column are left out. */
export type RowReader = (row: CsvRow, resolve?: Resolve) => Reading

/** The key that a row reports, if the row is sound enough to have one. */
export const keyOf = (row: CsvRow, columns: Columns): EmployeeId | undefined => {
  // A row that may have swallowed others names nobody for certain; a key with a replaced character names somebody else.
  if (row.fault?.reason === "malformed") return undefined
  const key = row.cells[columns.keyAt]?.trim() ?? ""
  if (row.fault?.reason === "encoding-invalid" && key.includes("\uFFFD")) return undefined
  return key === "" ? undefined : key
}

export const makeRowReader = (config: CsvConfig, columns: Columns, name: string): RowReader => {
  const readers = columns.fields.map((column) => fieldReader(config, column))
  const effective = columns.effectiveOn && {
    at: columns.effectiveOn.at,
    read: makeCellReader("date", { dates: columns.effectiveOn, separator: "" })
  }
  return (row, resolve) => {
    const locator = `${name}:${row.line}`
    const key = keyOf(row, columns)
    const refused = (refusal: Omit<Refusal, "_tag" | "locator" | "key">, effectiveOn?: string): Reading => ({
      locator,
      line: row.line,
      key,
      effectiveOn,
      refusals: [Rejected({ ...refusal, locator, ...(key !== undefined && { key }) })]
    })
    if (row.fault !== undefined) return refused(row.fault)
    if (key === undefined) return refused(keyMissing)
    const from = effective && readEffectiveOn(effective.read, (row.cells[effective.at] ?? "").trim())
    if (from instanceof CellFault) {
      const value = (row.cells[effective?.at ?? 0] ?? "").trim()
      return refused({ reason: from.reason, message: from.message, field: "effectiveOn", value })
    }
    const taken = takeFields(readers, row, resolve)
    const [first] = taken.faults
    if (first !== undefined) return refused(wholeRow(first, taken.faults.length - 1), from)
    return {
      locator,
      line: row.line,
      key,
      effectiveOn: from,
      fields: taken.fields,
      refusals: taken.unresolved.map((refusal) => Rejected({ ...refusal, locator, key }))
    }
  }
}

const keyMissing = {
  reason: "key-missing",
  field: "employeeId",
  message: "The row has no employeeId, so it is not known whom it is about."
} as const

const readEffectiveOn = (read: CellReader, cell: string): string | CellFault => {
  if (cell === "") return new CellFault("value-invalid", "The date from which the row holds is missing.")
  const date = read(cell)
  return date instanceof CellFault ? date : String(date)
}

type Part = Omit<Refusal, "_tag" | "locator" | "key">

const wholeRow = (first: Part, more: number): Part => {
  if (more === 0) return first
  return { ...first, message: `${first.message} ${more} more cell${more === 1 ? " is" : "s are"} at fault in the row.` }
}

interface Taken {
  readonly fields: Fields
  readonly faults: ReadonlyArray<Part>
  readonly unresolved: ReadonlyArray<Part>
}

const takeFields = (readers: ReadonlyArray<FieldReader>, row: CsvRow, resolve: Resolve | undefined): Taken => {
  const fields: { [name in FieldName]?: FieldValue } = {}
  const faults: Array<Part> = []
  const unresolved: Array<Part> = []
  for (const { field, at, read } of readers) {
    const cell = at === undefined ? "" : (row.cells[at] ?? "").trim()
    const value = read(cell, resolve)
    if (value instanceof CellFault) {
      const parts = value.reason === "reference-unknown" ? unresolved : faults
      parts.push({ field, value: cell, reason: value.reason, message: value.message })
    } else if (value !== undefined) fields[field] = value
  }
  return { fields, faults, unresolved }
}

interface FieldReader {
  readonly field: FieldName
  readonly at: number | undefined
  /** Takes a trimmed cell, empty or not. Nothing: the row has no opinion on the field. */
  readonly read: (cell: string, resolve?: Resolve) => FieldValue | CellFault | undefined
}

const fieldReader = (config: CsvConfig, { field, at, setting, referencesAt }: FieldColumn): FieldReader => {
  const { constant } = setting
  if (constant !== undefined) return { field, at, read: () => constant }
  if (setting.values !== undefined) return { field, at, read: translation(field, setting, setting.values) }
  if (referencesAt !== undefined) return { field, at, read: referenceReader(referencesAt) }
  const read = makeCellReader(fieldSpec(field).kind, {
    dates: { format: setting.format ?? config.dates, setting: `columns.${field}.format` },
    separator: setting.separator ?? ";"
  })
  return { field, at, read: (cell) => (cell === "" ? null : read(cell)) }
}

/** What `values` lists is the field's own value already. An empty cell stays empty unless it is listed, too. */
const translation = (
  field: FieldName,
  setting: ColumnSetting,
  values: { readonly [cell: string]: FieldValue }
): FieldReader["read"] => {
  const known = new Map(Object.entries(values))
  const otherwise =
    setting.otherwise ??
    new CellFault(
      "value-invalid",
      `The cell holds something that \`columns.${field}.values\` does not list: list it there, or set \`otherwise\`.`
    )
  const unknown = setting.otherwise === null ? null : otherwise
  return (cell) => known.get(cell) ?? (cell === "" || known.has(cell) ? null : unknown)
}

const referenceReader =
  (referencesAt: number): FieldReader["read"] =>
  (cell, resolve) => {
    if (cell === "") return null
    const named = resolve?.(referencesAt, cell)
    if (named === "unknown") return namesNobody
    return named === "ambiguous" ? namesSeveral : named?.key
  }

const namesNobody = new CellFault(
  "reference-unknown",
  "The cell names nobody: no row has this text in the column that `references` names. The field is left as it is."
)

const namesSeveral = new CellFault(
  "reference-unknown",
  "The cell names several people: the column that `references` names has this text for each. The field is left as it is."
)
