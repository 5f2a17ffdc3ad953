/**
 * One cell, read as what its field holds: text, a date, an e-mail address.
 *
 * `UltiProMapping` uses it for every field. What is wrong is said without the value, which may be personal.
 */
import type { EmployeeStatus, FieldValue } from "@rollcall/core/domain/Field"
import type { RejectionReason } from "@rollcall/core/domain/SourceEvent"
import { Predicate } from "effect"

import { type Cell, wrongType } from "./UltiProWire.ts"

/** Why a cell cannot be taken over. */
export class CellFault {
  readonly reason: RejectionReason
  readonly message: string
  /** The text at fault; never anything that is not text, for it may hold more than the field. */
  readonly value: string | undefined
  constructor(reason: RejectionReason, message: string, value?: string) {
    this.reason = reason
    this.message = message
    this.value = value
  }
}

/** A field's value, why there is none, or undefined where UltiPro says nothing of it. */
export type Read = FieldValue | CellFault | undefined

/** Reads a cell with text in it by `read`; empty stays empty, and what is no text is refused. */
export const readCell = (cell: Cell, read: (text: string) => Read = (text) => text): Read => {
  if (cell === wrongType) return notText
  return Predicate.isString(cell) ? read(cell) : cell
}

const notText = new CellFault("value-invalid", "UltiPro sent something else than text.")

/**
 * The first ten characters: values are declared date-time, but carry no zone, and a time that is no time of day.
 */
export const readDate = (text: string): string | CellFault => {
  if (!/^\d{4}-\d{2}-\d{2}(?:[T ].*)?$/.test(text)) {
    return new CellFault("value-invalid", "It is not written as a date, such as 2026-01-31.", text)
  }
  const year = numberIn(text, 0, 4)
  if (!isDay(year, numberIn(text, 5, 7), numberIn(text, 8, 10))) {
    return new CellFault("value-invalid", "The date is not in the calendar.", text)
  }
  if (year < earliestYear) {
    return new CellFault("value-invalid", `The year of the date is before ${earliestYear}.`, text)
  }
  return text.slice(0, 10)
}

/** The digits from one place to another as a number. */
const numberIn = (text: string, from: number, to: number): number => {
  let number = 0
  for (let at = from; at < to; at++) number = number * 10 + text.charCodeAt(at) - zero
  return number
}

const zero = 0x30

/** No one at work was born before: an earlier year, such as 0001, is a placeholder. */
const earliestYear = 1800

const isDay = (year: number, month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)

const daysIn = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** The date of a cell, for comparing; undefined where there is none that can be read. */
export const dateOf = (cell: Cell): string | undefined => {
  const date = readCell(cell, readDate)
  return Predicate.isString(date) ? date : undefined
}

/** Something on either side of one @ and no space, in lower case: capitals name nobody else. */
export const readEmail = (text: string): string | CellFault => {
  if (/^[^\s@]+@[^\s@]+$/.test(text)) return text.toLowerCase()
  return new CellFault("value-invalid", "It is not an e-mail address: one @ and no space.", text)
}

/** A status letter by what the configuration says of it. A letter that is not listed is refused, never guessed. */
export const readStatus = (cell: Cell, statuses: ReadonlyMap<string, EmployeeStatus>): EmployeeStatus | CellFault => {
  const text = readCell(cell)
  if (text instanceof CellFault) return text
  if (!Predicate.isString(text)) return new CellFault("value-invalid", "The employment has no status code.")
  return statuses.get(text) ?? new CellFault("value-invalid", unknownLetter, text)
}

const unknownLetter =
  "The status code is none that is known. Say in the configuration under `statuses` whether it means active, leave or terminated."
