/**
 * From the rows of the second pass to people: the rows of one person together, oldest effective date first.
 *
 * `CsvSource` hands every row over, in the order of the file. A person of one row is said at once; the rows of others are
 * kept until their last one is reached, which is known from the survey. Of rows that contradict each other none is
 * taken. At the end it says whether absence proves anything.
 */
import { Complete, Incomplete, Noticed, Record, Rejected } from "@rollcall/core/contract/Source"
import type { EmployeeId } from "@rollcall/core/domain/Employee"
import { changedFields, type Fields } from "@rollcall/core/domain/Field"

import type { CsvConfig } from "./CsvConfig.ts"
import { type CsvMessage, makeRowReader, type Reading } from "./CsvMapping.ts"
import type { CsvRow } from "./CsvReader.ts"
import { type Survey, truncated } from "./CsvSurvey.ts"

/** Collects the rows of one reading. */
export interface People {
  /** What a batch of rows says. Throws `Truncated` when a row is not the one that was surveyed. */
  readonly take: (rows: ReadonlyArray<CsvRow>) => ReadonlyArray<CsvMessage>
  /** `Complete`, or why it is not. To be asked for when every row was taken. */
  readonly close: () => CsvMessage
}

/** The error of a file that is not what it was a moment ago. */
export const fileChanged = (name: string, line = 1) =>
  truncated(name, { line, problem: `${name} changed while it was read.` })

export const makePeople = (config: CsvConfig, survey: Survey): People => {
  const { name } = survey.form
  const read = makeRowReader(config, survey.columns, name)
  const waiting = new Map<EmployeeId, Array<Reading>>()
  const doubts = makeDoubts(config, survey)
  let total = 0

  const takeRow = (row: CsvRow, said: Array<CsvMessage>): void => {
    const reading = read(row, survey.resolve)
    doubts.weigh(row, reading)
    if (reading.key === undefined) {
      said.push(...reading.refusals)
      return
    }
    const rows = survey.rowsOf.get(reading.key)
    if (rows === undefined) throw fileChanged(name, row.line)
    if (rows === 1) {
      total++
      sayVersion(reading, said)
      return
    }
    const known = waiting.get(reading.key) ?? []
    known.push(reading)
    waiting.set(reading.key, known)
    if (known.length < rows) return
    total++
    waiting.delete(reading.key)
    sayPerson(known, survey.columns.effectiveOn !== undefined, said)
  }

  return {
    take: (rows) => {
      const said: Array<CsvMessage> = []
      for (const row of rows) takeRow(row, said)
      return said
    },
    close: () => {
      const reasons = doubts.reasons()
      return reasons.length === 0 ? Complete({ total }) : Incomplete({ reason: reasons.join(" ") })
    }
  }
}

/** A row by itself: the record if it was understood, and whatever has to be refused of it. */
const sayVersion = ({ effectiveOn, fields, key, locator, refusals }: Reading, said: Array<CsvMessage>): void => {
  if (fields !== undefined && key !== undefined) {
    said.push(Record({ key, fields, locator, ...(effectiveOn !== undefined && { effectiveOn }) }))
  }
  said.push(...refusals)
}

/** All rows of one person: what could not be dated first, then version by version. */
const sayPerson = (rows: ReadonlyArray<Reading>, dated: boolean, said: Array<CsvMessage>): void => {
  const versions = new Map<string, Array<Reading>>()
  for (const row of rows) {
    const date = row.effectiveOn ?? ""
    const version = versions.get(date)
    if (dated && date === "") sayVersion(row, said)
    else if (version === undefined) versions.set(date, [row])
    else version.push(row)
  }
  for (const date of [...versions.keys()].sort()) sayRows(versions.get(date) ?? [], dated, said)
}

/** Rows that claim to hold from the same day on. */
const sayRows = (rows: ReadonlyArray<Reading>, dated: boolean, said: Array<CsvMessage>): void => {
  const [first, ...others] = rows
  if (first === undefined) return
  if (others.every((other) => sameReading(first, other))) {
    sayVersion(first, said)
    if (others.length > 0 && first.fields !== undefined) {
      said.push(Noticed({ message: `${listed(rows)} of ${fileOf(first)} say the same and were taken as one.` }))
    }
    return
  }
  for (const row of rows) {
    if (row.fields === undefined) sayVersion(row, said)
    else said.push(duplicate(row, rows, dated))
  }
}

/** Rows that were both refused are not the same: each is reported for itself. */
const sameReading = (a: Reading, b: Reading): boolean =>
  a.fields !== undefined &&
  b.fields !== undefined &&
  sameFields(a.fields, b.fields) &&
  a.refusals.length === b.refusals.length &&
  a.refusals.every((refusal, i) => refusal.value === b.refusals[i]?.value)

const sameFields = (a: Fields, b: Fields): boolean =>
  Object.keys(changedFields(a, b)).length === 0 && Object.keys(changedFields(b, a)).length === 0

const duplicate = (row: Reading, rows: ReadonlyArray<Reading>, dated: boolean): CsvMessage => {
  const one = rows.length === 2
  return Rejected({
    ...(row.key !== undefined && { key: row.key }),
    field: "employeeId",
    reason: "key-duplicate",
    message: `${listed(rows, row)} ${one ? "has" : "have"} the same employeeId${dated ? " and the same effective date" : ""} but ${one ? "says" : "say"} something else. None of them was taken.`,
    locator: row.locator
  })
}

const mostListed = 10

/** The lines of the rows, or of all but one of them, in words that stay short. */
const listed = (rows: ReadonlyArray<Reading>, but?: Reading): string => {
  const shown = rows
    .slice(0, mostListed + 1)
    .filter((row) => row !== but)
    .slice(0, mostListed)
  const more = rows.length - shown.length - (but === undefined ? 0 : 1)
  const lines = shown.map((row) => String(row.line))
  if (more > 0) return `Lines ${lines.join(", ")} and ${more} more`
  return lines.length === 1 ? `Line ${lines[0]}` : `Lines ${lines.slice(0, -1).join(", ")} and ${lines.at(-1)}`
}

const fileOf = (reading: Reading): string => reading.locator.slice(0, reading.locator.lastIndexOf(":"))

/** Why somebody who was not reported may yet stand in the file. */
const makeDoubts = (config: CsvConfig, survey: Survey) => {
  const keyless = makeCount()
  const shifted = makeCount()
  const weigh = (row: CsvRow, reading: Reading): void => {
    if (reading.key === undefined) keyless.add(row.line)
    // Cells that are missing or too many before the key put something else in its place; nothing can before the first.
    else if (row.fault?.reason === "row-ragged" && survey.columns.keyAt > 0) shifted.add(row.line)
  }
  const reasons = (): ReadonlyArray<string> => [
    ...keyless.say("without an employeeId that could be read"),
    ...shifted.say("with another number of cells than the header, so that its employeeId may not be its own"),
    ...(survey.end.newline || config.finalNewline === "optional"
      ? []
      : [
          `The last line of ${survey.form.name} does not end in a line break, so the file may be cut off; set \`finalNewline\` to "optional" if it is always written so.`
        ])
  ]
  return { weigh, reasons }
}

const makeCount = () => {
  let count = 0
  let first = 0
  return {
    add: (line: number): void => {
      if (count++ === 0) first = line
    },
    say: (what: string): ReadonlyArray<string> => {
      if (count === 0) return []
      return count === 1
        ? [`Line ${first} is a row ${what}.`]
        : [`Line ${first} and ${count - 1} more are rows ${what}.`]
    }
  }
}
