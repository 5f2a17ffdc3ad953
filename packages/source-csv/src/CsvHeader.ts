/**
 * The configured columns, found in the header that the file really has.
 *
 * `CsvSurvey` and `check` resolve the columns once for each file; `CsvMapping` then knows every cell by its index. Whatever
 * does not fit is a `ConfigInvalid` that names the setting and says what the header offers instead.
 */
import { ConfigInvalid } from "@rollcall/core/contract/Source"
import { type FieldName, fieldNames } from "@rollcall/core/domain/Field"
import { distance } from "fastest-levenshtein"

import { isEmail } from "./CsvCell.ts"
import { type ColumnSetting, columnSetting, type CsvConfig } from "./CsvConfig.ts"

/** Where everything stands that the configuration asks for. */
export interface Columns {
  /** The header's cells, trimmed. */
  readonly names: ReadonlyArray<string>
  readonly keyAt: number
  readonly fields: ReadonlyArray<FieldColumn>
  readonly effectiveOn?: { readonly at: number; readonly format: string; readonly setting: string }
}

/** One mapped field: the index of its column, or none if it has a constant. */
export interface FieldColumn {
  readonly field: FieldName
  readonly at: number | undefined
  readonly setting: ColumnSetting
  /** Index of the column that the cells name rows by. */
  readonly referencesAt?: number
}

/** Finds every configured column in the header's cells. */
export const resolveColumns = (config: CsvConfig, header: ReadonlyArray<string>, name: string): Columns => {
  const names = header.map((cell) => cell.trim())
  const find = (path: string, column: string): number => columnAt(names, path, column.trim(), name)
  const key = config.columns.employeeId
  const keyAt = find("columns.employeeId", typeof key === "string" ? key : key.column)
  const fields = fieldNames.flatMap((field): ReadonlyArray<FieldColumn> => {
    const given = config.columns[field]
    if (given === undefined) return []
    const setting = columnSetting(given)
    const at = setting.column === undefined ? undefined : find(`columns.${field}`, setting.column)
    if (setting.references === undefined) return [{ field, at, setting }]
    return [{ field, at, setting, referencesAt: find(`columns.${field}.references`, setting.references) }]
  })
  if (config.effectiveOn === undefined) return { names, keyAt, fields }
  const { column, format } = columnSetting(config.effectiveOn)
  return {
    names,
    keyAt,
    fields,
    effectiveOn: {
      at: find("effectiveOn", column ?? ""),
      format: format ?? config.dates,
      setting: "effectiveOn.format"
    }
  }
}

const columnAt = (names: ReadonlyArray<string>, path: string, column: string, name: string): number => {
  const at = names.indexOf(column)
  if (at === -1) {
    throw new ConfigInvalid({
      path,
      problem: `The header of ${name} has no column "${column}".`,
      remedy: suggestion(names, path, column)
    })
  }
  if (names.includes(column, at + 1)) {
    throw new ConfigInvalid({
      path,
      problem: `The header of ${name} has the column "${column}" more than once.`,
      remedy: "Have the columns named differently, so that it is certain which one is meant."
    })
  }
  return at
}

const suggestion = (names: ReadonlyArray<string>, path: string, column: string): string => {
  if (names.some(looksLikeValue)) {
    return "The first line looks like a person, not like a header: have the file written with one."
  }
  if (names.length === 1 && /[,;\t|]/.test(names[0] ?? "")) {
    return 'The header is one cell as it is read now: set `delimiter` to what stands between its columns, or to "auto".'
  }
  const near = nearest(names, column)
  if (near !== undefined) return `Did you mean "${near}"? Set \`${path}\` to the header as it stands in the file.`
  const listed = names.filter((name) => name.length > 0).map((name) => `"${name}"`)
  return `Set \`${path}\` to one of ${listed.join(", ")}.`
}

/** Headers are shown to people, and the first line of a file without a header is somebody's data. */
const looksLikeValue = (cell: string): boolean => isEmail(cell) || /^[\d./-]{4,}$/.test(cell)

const nearest = (names: ReadonlyArray<string>, column: string): string | undefined => {
  const wanted = column.toLowerCase()
  const far = Math.max(1, Math.floor(column.length / 3))
  const [best] = names
    .filter((name) => name.length > 0)
    .map((name) => ({ name, away: distance(name.toLowerCase(), wanted) }))
    .filter(({ away }) => away <= far)
    .sort((a, b) => a.away - b.away)
  return best?.name
}

/** Columns that nothing is read from although their header is close to a field that has no column: worth a look. */
export const overlookedColumns = (config: CsvConfig, columns: Columns): ReadonlyArray<string> => {
  const used = new Set([columns.keyAt, columns.effectiveOn?.at])
  for (const { at, referencesAt } of columns.fields) used.add(at).add(referencesAt)
  const free = fieldNames.filter((field) => config.columns[field] === undefined)
  return columns.names.flatMap((name, at) => {
    const plain = plainName(name)
    if (used.has(at) || plain.length < 4) return []
    const field = free.find((field) => distance(plain, plainName(field)) <= (plain.length < 8 ? 1 : 2))
    return field === undefined ? [] : [`The column "${name}" is not read; set \`columns.${field}\` if it holds that.`]
  })
}

/** A header or a field name by its letters and digits. */
export const plainName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "")
