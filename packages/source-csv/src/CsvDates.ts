/**
 * Dates as files write them, read as calendar dates `YYYY-MM-DD`.
 *
 * `CsvConfig` asks whether a format can be read at all, `CsvCell` reads cells with it. A date is never guessed: a cell
 * that does not have the format is refused, and so is a format that leaves a choice. No time zone is ever applied; a
 * time of day after the date is dropped.
 */
import { DateTime } from "effect"

/** Why a cell is no date: written in another way than was said, or written so and still no day of the calendar. */
export interface DateFault {
  readonly reason: "date-ambiguous" | "value-invalid"
  readonly message: string
}

/** Reads one trimmed, non-empty cell: the date, or why there is none. */
export type DateReader = (cell: string) => string | DateFault

/** How dates are written unless the configuration says otherwise. */
export const isoFormat = "yyyy-MM-dd"

/** What is wrong with a format, in words; nothing when dates can be read by it. */
export const dateFormatProblem = (format: string): string | undefined => {
  if (isSerial(format)) return undefined
  const tokens = tokensOf(format)
  if (tokens.includes("yy")) {
    return "A year of two digits does not say its century: have the file written with yyyy."
  }
  const unknown = tokens.find((token) => /[A-Za-z]/.test(token) && !Object.hasOwn(patterns, token))
  if (unknown !== undefined) {
    return `"${unknown}" is not a part of a date format: use yyyy, MM or M or MMM, dd or d, or excel-1900, excel-1904.`
  }
  for (const [part, letter] of [
    ["year (yyyy)", "y"],
    ["month (MM, M or MMM)", "M"],
    ["day (dd or d)", "d"]
  ] as const) {
    const count = tokens.filter((token) => token.startsWith(letter) && Object.hasOwn(patterns, token)).length
    if (count !== 1) return `A date format names the ${part} once; this one does so ${count} times.`
  }
  // "1112024" is 1 November or 11 January when nothing stands between the parts.
  const joined = tokens.some((token, i) => {
    const next = tokens[i + 1]
    return next !== undefined && Object.hasOwn(patterns, next) && (token === "M" || token === "d") && next !== "MMM"
  })
  return joined ? "M and d need a separator after them, because they stand for one digit or two." : undefined
}

/**
 * Makes the reader of one format.
 *
 * `setting` is the setting to name when a cell has another format, such as `columns.originalHireDate.format`.
 */
export const makeDateReader = (format: string, setting: string): DateReader => {
  if (format === "excel-1900" || format === "excel-1904") return serialReader(format, setting)
  const tokens = tokensOf(format)
  const pattern = new RegExp(`^${tokens.map((token) => patterns[token] ?? escaped(token)).join("")}${timeOfDay}$`, "i")
  const otherwise = {
    reason: "date-ambiguous",
    message: `The date is not written as ${format}. Say how it is written: set \`${setting}\`, or \`dates\` for the whole file, for example to "dd/MM/yyyy".`
  } as const
  return (cell) => {
    const groups = pattern.exec(cell)?.groups
    if (groups === undefined) return looksLikeDate(cell) ? otherwise : noDate
    const month = groups["name"] === undefined ? Number(groups["month"]) : monthOf(groups["name"])
    return calendarDate(Number(groups["year"]), month, Number(groups["day"]))
  }
}

const patterns: { readonly [token: string]: string } = {
  yyyy: String.raw`(?<year>\d{4})`,
  MM: String.raw`(?<month>\d{2})`,
  M: String.raw`(?<month>\d{1,2})`,
  MMM: "(?<name>[a-z]{3})",
  dd: String.raw`(?<day>\d{2})`,
  d: String.raw`(?<day>\d{1,2})`
}

/** ` 12:00`, `T00:00:00.000+02:00`, ` 12:00:00 AM`: what exports hang on to a date that has no time. */
const timeOfDay = String.raw`(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AP]M)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?)?`

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

const monthOf = (name: string): number => months.indexOf(name.toLowerCase()) + 1

const tokensOf = (format: string): ReadonlyArray<string> => format.match(/y+|M+|d+|[A-Za-z]+|[^A-Za-z]+/g) ?? []

const escaped = (literal: string): string => literal.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)

const noDate: DateFault = { reason: "value-invalid", message: "The cell does not hold a date." }

/** Digits in the groups of a date, a name of a month among digits, or a bare number: somebody meant a date by it. */
const looksLikeDate = (cell: string): boolean =>
  /^\d{1,4}[-./ ]+(?:\d{1,2}|[A-Za-z]{3,9})[-./, ]+\d{1,4}\b/.test(cell) ||
  /^[A-Za-z]{3,9}[-./ ]+\d{1,2}[-./, ]+\d{2,4}\b/.test(cell) ||
  /^\d{5,8}(?:\.\d+)?$/.test(cell)

/** No one at work was born before, so an earlier year is a placeholder (0000, 0001) or a slip (0204 for 2024). */
const earliestYear = 1800

const calendarDate = (year: number, month: number, day: number): string | DateFault => {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) {
    return { reason: "value-invalid", message: "The cell holds a date that is not in the calendar." }
  }
  if (year < earliestYear) {
    return { reason: "value-invalid", message: `The year of the date is before ${earliestYear}.` }
  }
  return `${year}-${month < 10 ? "0" : ""}${month}-${day < 10 ? "0" : ""}${day}`
}

const daysIn = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

const isSerial = (format: string): boolean => format === "excel-1900" || format === "excel-1904"

const dayInMillis = 86_400_000

/** Day 0 of Excel's counts. From 1 March 1900 on the first counts from 30 December 1899, see `serialReader`. */
const excelEpoch = {
  "excel-1900": DateTime.toEpochMillis(DateTime.makeUnsafe("1899-12-30")),
  "excel-1904": DateTime.toEpochMillis(DateTime.makeUnsafe("1904-01-01"))
} as const

/** Serial of 31 December 9999, the last day Excel shows. */
const lastSerial = { "excel-1900": 2_958_465, "excel-1904": 2_957_003 } as const

const serialReader = (format: "excel-1900" | "excel-1904", setting: string): DateReader => {
  const first = format === "excel-1900" ? 1 : 0
  return (cell) => {
    if (!/^\d{1,7}(?:\.\d+)?$/.test(cell)) {
      return looksLikeDate(cell)
        ? {
            reason: "date-ambiguous",
            message: `The date is not an Excel serial number. Say how it is written: set \`${setting}\`, or \`dates\` for the whole file, for example to "${isoFormat}".`
          }
        : noDate
    }
    const serial = Math.floor(Number(cell))
    if (serial < first || serial > lastSerial[format]) {
      return { reason: "value-invalid", message: "The number is no day that Excel counts." }
    }
    // Excel believes in 29 February 1900: its serial 60 is no day, and the days before it are one lower than counted.
    if (format === "excel-1900" && serial === 60) {
      return { reason: "value-invalid", message: "Excel's serial number 60 is 29 February 1900, which never was." }
    }
    const days = format === "excel-1900" && serial < 60 ? serial + 1 : serial
    return DateTime.formatIsoDateUtc(DateTime.makeUnsafe(excelEpoch[format] + days * dayInMillis))
  }
}
