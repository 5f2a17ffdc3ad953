/**
 * How the vendor's rows look: fixed-width padding on some, null or "" or blanks for nothing, "Z" and "0" as codes that mean
 * none, fraction digits, capitals in addresses, fields nobody announced; and the canary in everything that must go nowhere.
 * Called by the rows alone. A look belongs to a person and never changes, so an unchanged person gives unchanged rows.
 */
import type { Day } from "./UltiProDates.ts"

/** A row of the API. */
export type Row = Readonly<Record<string, unknown>>

/** The manners of one person's rows. */
export interface Look {
  /** How nothing is written. */
  readonly blank: string | null
  /** How "no code" is written. */
  readonly none: string | null
  readonly padded: boolean
  readonly shouts: boolean
  readonly fraction: string
  readonly surprises: boolean
}

/** A look from the number a person carries. */
export const lookOf = (number: number): Look => ({
  blank: [null, null, "", "   "][number & 3] ?? null,
  none: [null, "Z", "0", ""][(number >>> 2) & 3] ?? null,
  fraction: ["", "", ".0", ".00", ".000", "", "", ""][(number >>> 4) & 7] ?? "",
  padded: ((number >>> 7) & 7) === 0,
  shouts: ((number >>> 10) & 7) === 0,
  surprises: ((number >>> 13) & 3) === 0
})

/** A plain text or nothing. */
export const textIn = (look: Look, value: string | null): string | null => value ?? look.blank

/** A code in its fixed-width column. */
export const codeIn = (look: Look, value: string, width: number): string => (look.padded ? value.padEnd(width) : value)

/** A code that may be none. */
export const codeOrNone = (look: Look, value: string | null, width: number): string | null => {
  if (value !== null) return codeIn(look, value, width)
  return look.none === null ? null : codeIn(look, look.none, width)
}

/** A day as a moment without a zone. */
export const dayIn = (look: Look, day: Day | null): string | null =>
  day === null ? (look.blank === null ? null : "") : `${day}T00:00:00${look.fraction}`

/** An e-mail address as somebody typed it. */
export const emailIn = (look: Look, email: string | null): string | null => {
  if (email === null) return look.blank
  return look.shouts ? `${email.toUpperCase()} ` : email
}

/** Fields that no page of the vendor mentions. */
export const surprisesIn = (look: Look): Row =>
  look.surprises ? { pronounCode: null, wellnessProgram2027: { enrolled: false, tiers: ["A", 1, null] } } : {}

/** Weaves the canary, where there is one, into a value that must go nowhere. */
export type Secret = (field: string, plain: string) => string

export const secretOf =
  (canary: string | undefined): Secret =>
  (field, plain) =>
    canary === undefined ? plain : `${plain} ${canary}-${field}`
