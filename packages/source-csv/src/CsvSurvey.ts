/**
 * The first pass: what a file holds, before a word is said about anybody.
 *
 * `CsvSource` surveys a file and then reads it again. A survey finds the columns, counts the rows of every key, learns
 * whom references name, where the file breaks off and its digest. It keeps keys and no rows, so that a file may be
 * much larger than memory; whatever makes the file unusable is thrown here, before the first message.
 */
import { Malformed, Truncated } from "@rollcall/core/contract/Source"
import type { EmployeeId } from "@rollcall/core/domain/Employee"

import type { CsvConfig } from "./CsvConfig.ts"
import { bytesOf, type CsvFile, fileInvalid, type FileForm, newDigest, recogniseForm } from "./CsvFile.ts"
import { type Columns, resolveColumns } from "./CsvHeader.ts"
import { keyOf, type Resolve } from "./CsvMapping.ts"
import { type CsvRow, type FileEnd, readRows } from "./CsvReader.ts"

export interface Survey {
  readonly form: FileForm
  readonly columns: Columns
  /** Rows of every key. */
  readonly rowsOf: ReadonlyMap<EmployeeId, number>
  readonly resolve: Resolve
  readonly end: FileEnd
  /** SHA-256 of the bytes. */
  readonly digest: string
  /** What an operator should know of how the file was read. */
  readonly notices: ReadonlyArray<string>
}

/** A file's rows from the header on, with the header resolved. `batches` are what follows the header. */
export interface OpenRows {
  readonly form: FileForm
  readonly columns: Columns
  readonly batches: AsyncGenerator<ReadonlyArray<CsvRow>>
  readonly end: () => FileEnd
}

/** Surveys the whole file. */
export const surveyFile = async (config: CsvConfig, file: CsvFile, signal?: AbortSignal): Promise<Survey> => {
  const form = recogniseForm(file, config)
  const first = await surveyAs(config, file, form, signal)
  if (!("notUtf8On" in first)) return { ...first, notices: [] }
  const latin = asLatin(form)
  const second = await surveyAs(config, file, latin, signal)
  if ("notUtf8On" in second) throw new Error("windows-1252 was assumed to be UTF-8")
  return { ...second, notices: [latinNotice(file.name, first.notUtf8On)] }
}

/** The same file, read as what Western HR systems write when they do not write Unicode. */
export const asLatin = (form: FileForm): FileForm => ({
  ...form,
  text: { encoding: "windows-1252", mark: 0, assumed: false }
})

export const latinNotice = (name: string, line: number): string =>
  `${name} is not UTF-8 (line ${line} proves it), so it was read as windows-1252. Set \`encoding\` to "windows-1252" if that is right; have the file written as UTF-8 if it is not.`

/** Line of the row that proves that the text cannot be what it was assumed to be. */
interface Disproved {
  readonly notUtf8On: number
}

const surveyAs = async (
  config: CsvConfig,
  file: CsvFile,
  form: FileForm,
  signal: AbortSignal | undefined
): Promise<Omit<Survey, "notices"> | Disproved> => {
  const digest = newDigest()
  const rows = await openRows(config, file.name, form, bytesOf(file, digest, signal))
  if ("notUtf8On" in rows) return rows
  const { columns } = rows
  const rowsOf = new Map<EmployeeId, number>()
  const references = makeReferences(columns)
  for await (const batch of rows.batches) {
    for (const row of batch) {
      if (form.text.assumed && row.fault?.reason === "encoding-invalid") return { notUtf8On: row.line }
      const key = keyOf(row, columns)
      if (key === undefined) continue
      rowsOf.set(key, (rowsOf.get(key) ?? 0) + 1)
      if (row.fault === undefined) references.learn(row, key)
    }
  }
  return { form, columns, rowsOf, resolve: references.resolve, end: rows.end(), digest: digest.digest("hex") }
}

/** Reads up to the header and resolves the columns in it. */
export const openRows = async (
  config: CsvConfig,
  name: string,
  form: FileForm,
  bytes: AsyncIterable<Buffer>
): Promise<OpenRows | Disproved> => {
  const { batches, end } = readRows(bytes, form)
  const first = await batches.next()
  const [header, ...rows] = first.done === true ? [] : first.value
  if (header === undefined) throw headerMissing(name, end())
  if (header.fault?.reason === "encoding-invalid" && form.text.assumed) return { notUtf8On: header.line }
  if (header.fault !== undefined) {
    throw new Malformed({
      locator: `${name}:${header.line}`,
      problem: `The header of ${name} cannot be read. ${header.fault.message}`,
      remedy: "Have the file written anew with a header of plain text."
    })
  }
  return { form, columns: resolveColumns(config, header.cells, name), batches: following(rows, batches), end }
}

async function* following(
  rows: ReadonlyArray<CsvRow>,
  batches: AsyncGenerator<ReadonlyArray<CsvRow>>
): AsyncGenerator<ReadonlyArray<CsvRow>> {
  try {
    if (rows.length > 0) yield rows
    yield* batches
  } finally {
    await batches.return(undefined)
  }
}

const headerMissing = (name: string, end: FileEnd) =>
  end.truncated === undefined
    ? fileInvalid(`${name} is empty.`, "Have it written whole; a file of nobody still has a header.")
    : truncated(name, end.truncated)

/** The error of a file that breaks off. */
export const truncated = (name: string, at: { readonly line: number; readonly problem: string }): Truncated =>
  new Truncated({
    locator: `${name}:${at.line}`,
    problem: at.problem,
    remedy: `Run again when ${name} is written whole. Best write it under another name and rename it when it is complete.`
  })

/** Whom the cells of a column name: one person, or nobody for certain because several rows have the same text. */
const makeReferences = (columns: Columns) => {
  const indexes = new Map<number, Map<string, EmployeeId | null>>()
  for (const { referencesAt } of columns.fields) if (referencesAt !== undefined) indexes.set(referencesAt, new Map())
  const learn = (row: CsvRow, key: EmployeeId): void => {
    for (const [at, index] of indexes) {
      const name = nameOf(row.cells[at] ?? "")
      if (name === "") continue
      const known = index.get(name)
      index.set(name, known === undefined || known === key ? key : null)
    }
  }
  const resolve: Resolve = (referencesAt, cell) => {
    const key = indexes.get(referencesAt)?.get(nameOf(cell))
    if (key === undefined) return "unknown"
    return key === null ? "ambiguous" : { key }
  }
  return { learn, resolve }
}

/** E-mail addresses name the same person however they are capitalised; nothing else does. */
const nameOf = (cell: string): string => {
  const name = cell.trim()
  return name.includes("@") ? name.toLowerCase() : name
}
