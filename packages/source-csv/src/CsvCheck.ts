/**
 * A look at a file without taking anything over: can it be read, and do its first rows make sense?
 *
 * `CsvSource` runs it as the source's `check`. It reads the header and a hundred rows, so it says nothing of duplicate
 * keys, of whom references name, or of how the file ends unless the end is among them.
 */
import type { CheckReport } from "@rollcall/core/contract/Source"

import type { CsvConfig } from "./CsvConfig.ts"
import { bytesOf, type CsvFile, type FileForm, recogniseForm } from "./CsvFile.ts"
import { overlookedColumns } from "./CsvHeader.ts"
import { makeRowReader } from "./CsvMapping.ts"
import type { CsvRow } from "./CsvReader.ts"
import { asLatin, latinNotice, openRows, type OpenRows } from "./CsvSurvey.ts"

const sampleSize = 100

/** Looks at the file; throws what makes it unusable. */
export const checkFile = async (config: CsvConfig, file: CsvFile, signal?: AbortSignal): Promise<CheckReport> => {
  const form = recogniseForm(file, config)
  const first = await sample(config, file, form, signal)
  if (!("notUtf8On" in first)) return report(config, first, [])
  const second = await sample(config, file, asLatin(form), signal)
  if ("notUtf8On" in second) throw new Error("windows-1252 was assumed to be UTF-8")
  return report(config, second, [latinNotice(file.name, first.notUtf8On)])
}

interface Sample {
  readonly opened: OpenRows
  readonly rows: ReadonlyArray<CsvRow>
}

const sample = async (
  config: CsvConfig,
  file: CsvFile,
  form: FileForm,
  signal: AbortSignal | undefined
): Promise<Sample | { readonly notUtf8On: number }> => {
  const opened = await openRows(config, file.name, form, bytesOf(file, undefined, signal))
  if ("notUtf8On" in opened) return opened
  const rows: Array<CsvRow> = []
  for await (const batch of opened.batches) {
    rows.push(...batch.slice(0, sampleSize - rows.length))
    if (rows.length === sampleSize) break
  }
  const broken = form.text.assumed ? rows.find((row) => row.fault?.reason === "encoding-invalid") : undefined
  return broken === undefined ? { opened, rows } : { notUtf8On: broken.line }
}

const report = (config: CsvConfig, { opened, rows }: Sample, notices: ReadonlyArray<string>): CheckReport => {
  const { columns, form } = opened
  const read = makeRowReader(config, columns, form.name)
  const refusals = rows.flatMap((row) => read(row).refusals)
  const end = opened.end()
  return {
    summary: `${form.name}: ${counted(columns.names.length, "column")}, ${form.text.encoding}, ${delimiterName(form)}; ${counted(rows.length, "row")} looked at`,
    findings: [
      ...notices,
      ...refusals.map(
        ({ field, locator, message }) => `${locator}: ${field === undefined ? "" : `${field}: `}${message}`
      ),
      ...(end.truncated === undefined ? [] : [`${form.name}:${end.truncated.line}: ${end.truncated.problem}`]),
      ...overlookedColumns(config, columns)
    ]
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

const delimiterNames: { readonly [delimiter: string]: string } = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "vertical bar"
}

const delimiterName = ({ delimiter }: FileForm): string => delimiterNames[delimiter] ?? `"${delimiter}"`
