/**
 * Which of a person's employments speaks for them.
 *
 * One person has an employment in every company they ever worked for: a transfer leaves a terminated one behind, a rehire
 * brings an ended one back. Pure; `UltiProPeople` asks it for each person.
 */
import type { EmployeeStatus } from "@rollcall/core/domain/Field"
import { Predicate } from "effect"

import { dateOf } from "./UltiProCell.ts"
import type { UltiProConfig } from "./UltiProConfig.ts"
import { defaultStatuses } from "./UltiProConfig.ts"
import type { Employment } from "./UltiProTable.ts"
import { type Cell, type EmploymentRow, textOf } from "./UltiProWire.ts"

/** What the configuration says of employments, and the day of the reading. */
export interface EmploymentRules {
  readonly statuses: ReadonlyMap<string, EmployeeStatus>
  readonly companies: ReadonlySet<string> | undefined
  readonly excludedTypes: ReadonlySet<string>
  readonly includeFutureHires: boolean
  /** Today in UTC, `YYYY-MM-DD`. */
  readonly today: string
}

export const rulesOf = (config: UltiProConfig, today: string): EmploymentRules => ({
  statuses: new Map(Object.entries({ ...defaultStatuses, ...config.statuses })),
  companies: config.companies === undefined ? undefined : new Set(config.companies),
  excludedTypes: new Set(config.excludeEmployeeTypes),
  includeFutureHires: config.includeFutureHires,
  today
})

/** A person's standing: the employment that speaks now, and one that will from a day on. */
export interface Standing {
  readonly now?: Employment
  readonly later?: { readonly employment: Employment; readonly from: string }
  /** Employments that have not ended. */
  readonly open: number
}

/** Why a person is not read at all: the configuration leaves them out, or they moved to a company that it leaves out. */
export type LeftOut = "out-of-scope" | "transferred-out" | "future"

const isEnded = (row: EmploymentRow, { statuses }: EmploymentRules): boolean =>
  Predicate.isString(row.statusCode) && statuses.get(row.statusCode) === "terminated"

/** `home` is the company of the person's own record. */
export const standingOf = (
  employments: ReadonlyArray<Employment>,
  home: Cell,
  rules: EmploymentRules
): Standing | LeftOut => {
  const read = employments.filter(({ is }) => isRead(is, rules))
  if (read.length === 0) return "out-of-scope"
  const current = read.filter(({ is }) => firstDayToCome(is, rules) === undefined)
  const now = chooseEmployment(current, home, rules)
  const best = chooseEmployment(read, home, rules)
  const from = best === undefined ? undefined : firstDayToCome(best.is, rules)
  const open = read.filter(({ is }) => !isEnded(is, rules)).length
  if (best === undefined || from === undefined || !rules.includeFutureHires) {
    if (now === undefined) return "future"
    return hasMovedOut(now, employments, rules) ? "transferred-out" : { now, open }
  }
  if (now === undefined) return { later: { employment: best, from }, open }
  // The other half of a transfer: the person is not gone until the new company's first day.
  if (isEnded(now.is, rules) && now.is.termReason === transferred) return { now: best, open }
  return { now, later: { employment: best, from }, open }
}

/** termReason of an employment that ended because the person went on in another company. */
const transferred = "TRO"

const isRead = ({ companyCode, companyId, typeCode }: EmploymentRow, rules: EmploymentRules): boolean => {
  if (Predicate.isString(typeCode) && rules.excludedTypes.has(typeCode)) return false
  return rules.companies === undefined || isOf(rules.companies, [companyCode, companyId])
}

/** An employment that does not say its company is not left out for it. */
const isOf = (companies: ReadonlySet<string>, named: ReadonlyArray<Cell>): boolean => {
  const names = named.map(textOf).filter(Predicate.isNotNull)
  return names.length === 0 || names.some((name) => companies.has(name))
}

/** A person who ended here and goes on in a company that is not read is no leaver. */
const hasMovedOut = ({ is }: Employment, employments: ReadonlyArray<Employment>, rules: EmploymentRules): boolean =>
  rules.companies !== undefined &&
  isEnded(is, rules) &&
  employments.some((other) => !isRead(other.is, rules) && !isEnded(other.is, rules))

/**
 * The first day of an employment that has not begun. The day itself counts as to come, for it begins later west of
 * Greenwich; said as a planned change it holds from the organization's own midnight.
 */
const firstDayToCome = (row: EmploymentRow, rules: EmploymentRules): string | undefined => {
  const date = isEnded(row, rules) ? undefined : dateOf(row.lastHireDate)
  return date !== undefined && date >= rules.today ? date : undefined
}

/**
 * Connect to AD's rule: an open employment in the home company; another open one, the latest hire; one that ended at home
 * and was no transfer; the one that ended last. The order of the rows decides nothing.
 */
export const chooseEmployment = (
  employments: ReadonlyArray<Employment>,
  home: Cell,
  rules: EmploymentRules
): Employment | undefined => {
  const ranked = employments.map((employment) => ({ employment, rank: rankOf(employment.is, home, rules) }))
  return ranked.sort((a, b) => compare(b.rank, a.rank))[0]?.employment
}

type Rank = readonly [tier: number, date: string, company: string]

const rankOf = (row: EmploymentRow, home: Cell, rules: EmploymentRules): Rank => {
  const atHome = Predicate.isString(home) && row.companyId === home
  const company = textOf(row.companyId) ?? ""
  if (!isEnded(row, rules)) return [atHome ? 4 : 3, dateOf(row.lastHireDate) ?? "", company]
  return [atHome && row.termReason !== transferred ? 2 : 1, dateOf(row.dateOfTermination) ?? "", company]
}

const compare = (a: Rank, b: Rank): number => {
  if (a[0] !== b[0]) return a[0] - b[0]
  if (a[1] !== b[1]) return a[1] < b[1] ? -1 : 1
  return a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0
}

/** An open employment with an end before or on its hire: left over from before a rehire, and no end of anything. */
export const hasStaleEnd = (row: EmploymentRow, rules: EmploymentRules): boolean => {
  const [ended, hired] = [dateOf(row.dateOfTermination), dateOf(row.lastHireDate)]
  return !isEnded(row, rules) && ended !== undefined && hired !== undefined && ended <= hired
}
