/**
 * Days as "YYYY-MM-DD" texts, counted and compared without any zone, and the forms in which the vendor writes them: stamps
 * without a zone and with 0-3 fraction digits, US strings, MM-DD-YYYY in filters.
 * Called by the HR model and by the rows. It knows no clock: the only today is the model's.
 */
import type { Chance } from "./UltiProRandom.ts"

/** A calendar day, "2026-01-05". Texts of this form compare as days do. */
export type Day = string

/** Days since 1970-01-01. */
export const dayNumber = (day: Day): number => {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number)
  const shifted = month > 2 ? year : year - 1
  const era = Math.floor(shifted / 400)
  const ofEra = shifted - era * 400
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + date - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

/** The day with this number. */
export const dayOf = (number: number): Day => {
  const shifted = number + 719_468
  const era = Math.floor(shifted / 146_097)
  const ofEra = shifted - era * 146_097
  const years = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365
  )
  const ofYear = ofEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100))
  const month = Math.floor((5 * ofYear + 2) / 153)
  const date = ofYear - Math.floor((153 * month + 2) / 5) + 1
  const year = years + era * 400 + (month < 10 ? 0 : 1)
  return `${String(year).padStart(4, "0")}-${two(month < 10 ? month + 3 : month - 9)}-${two(date)}`
}

export const plusDays = (day: Day, days: number): Day => dayOf(dayNumber(day) + days)

/** Whether the text names a day that exists. */
export const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && dayOf(dayNumber(text)) === text

/** Some day in between, both ends included; `from` where the ends are the wrong way round. */
export const dayBetween = (chance: Chance, from: Day, to: Day): Day =>
  from >= to ? from : dayOf(chance.int(dayNumber(from), dayNumber(to)))

/** A moment of that day as the vendor writes it: local, without a zone, with 0 to 3 fraction digits. */
export const stampOn = (day: Day, chance: Chance): string => {
  const time = [chance.int(6, 20), chance.int(0, 59), chance.int(0, 59)].map(two).join(":")
  const digits = chance.int(0, 3)
  return `${day}T${time}${digits === 0 ? "" : `.${String(chance.int(1, 10 ** digits - 1)).padStart(digits, "0")}`}`
}

/** "1/31/2026 12:00:00 AM", as employee-changes writes days. */
export const usDay = (day: Day): string => {
  const [year, month, date] = day.split("-").map(Number)
  return `${month}/${date}/${year} 12:00:00 AM`
}

/** The day of "MM-DD-YYYY", undefined for anything else. */
export const dayOfFilter = (text: string): Day | undefined => {
  const [, month, date, year] = /^(\d{2})-(\d{2})-(\d{4})$/.exec(text.trim()) ?? []
  const day = `${year}-${month}-${date}`
  return isDay(day) ? day : undefined
}

const two = (number: number): string => String(number).padStart(2, "0")
