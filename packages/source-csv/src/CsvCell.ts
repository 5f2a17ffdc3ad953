import type { EmployeeStatus, FieldKind, FieldValue } from "@rollcall/core/domain/Field"
/**
 * One cell of a column, read as what its field holds.
 *
 * `CsvMapping` makes one reader for each mapped column when a file is opened. A reader gets trimmed, non-empty text and
 * gives the value, or says what is wrong in words that never repeat the text: it may be personal.
 */
import type { RejectionReason } from "@rollcall/core/domain/SourceEvent"

import { makeDateReader } from "./CsvDates.ts"

/** Why a cell cannot be taken over. A class, because values may be arrays and this must be told from them fast. */
export class CellFault {
  readonly reason: RejectionReason
  readonly message: string
  constructor(reason: RejectionReason, message: string) {
    this.reason = reason
    this.message = message
  }
}

export type CellReader = (cell: string) => FieldValue | CellFault

/** What a reader has to know beside the kind of its field. */
export interface CellForm {
  /** How dates are written, and the setting that says so. */
  readonly dates: { readonly format: string; readonly setting: string }
  /** What stands between two e-mail addresses. */
  readonly separator: string
}

export const makeCellReader = (kind: FieldKind, form: CellForm): CellReader => {
  switch (kind) {
    case "text":
    case "reference":
      return (cell) => cell
    case "email":
      return (cell) => (isEmail(cell) ? cell : notAnEmail)
    case "emails":
      return (cell) => emailsOf(cell, form.separator)
    case "status":
      return (cell) => statusOf.get(cell.toLowerCase()) ?? notAStatus
    case "flag":
      return (cell) => flagOf.get(cell.toLowerCase()) ?? notAFlag
    case "date":
      return dateReader(form.dates)
  }
}

/** Something on either side of one @ and no space: whether anybody receives mail there, nobody can tell from here. */
export const isEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+$/.test(text)

const notAnEmail = new CellFault("value-invalid", "The cell does not hold an e-mail address: one @ and no space.")

const notAStatus = new CellFault(
  "value-invalid",
  "The cell does not hold a status: active, leave, terminated, or A, L, T. Translate other codes with `values`."
)

const notAFlag = new CellFault(
  "value-invalid",
  "The cell does not hold a flag: true or false, yes or no, y or n, 1 or 0. Translate other codes with `values`."
)

const statusOf: ReadonlyMap<string, EmployeeStatus> = new Map([
  ["active", "active"],
  ["a", "active"],
  ["leave", "leave"],
  ["l", "leave"],
  ["terminated", "terminated"],
  ["t", "terminated"]
])

const flagOf: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["yes", true],
  ["y", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["n", false],
  ["0", false]
])

const emailsOf = (cell: string, separator: string): FieldValue | CellFault => {
  const emails = cell
    .split(separator)
    .map((email) => email.trim())
    .filter((email) => email.length > 0)
  if (emails.length === 0) return null
  return emails.every(isEmail)
    ? emails
    : new CellFault(
        "value-invalid",
        `The cell does not hold e-mail addresses with ${JSON.stringify(separator)} between them; set \`separator\` if something else stands there.`
      )
}

const dateReader = (dates: CellForm["dates"]): CellReader => {
  const read = makeDateReader(dates.format, dates.setting)
  return (cell) => {
    const date = read(cell)
    return typeof date === "string" ? date : new CellFault(date.reason, date.message)
  }
}
