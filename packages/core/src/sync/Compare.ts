import { type Fields, changedFields, saysNothing } from "../domain/Field.ts"
/**
 * Compares what a source says of a person now with what it said before, and yields the events that make up the
 * difference: none when nothing changed.
 *
 * Pure; called by `Ingest` for each person of an extract. After its events are folded in, comparing the same statement
 * again yields nothing: that is the property which makes a second run over the same file silent.
 */
import type { EmployeeAppeared, EmployeeChanged } from "../domain/SourceEvent.ts"
import { opinions, valuesOf } from "./Opinions.ts"
import { type SourceView, type Version, withVersion, withdraw, wordOn } from "./Reduce.ts"

/** One row about the person: from its effective date on if it has one, otherwise from the day it is read. */
export interface Statement {
  readonly fields: Fields
  readonly locator: string
  readonly effectiveOn?: string
}

export interface Finding {
  readonly event: EmployeeAppeared | EmployeeChanged
  readonly effectiveOn: string | null
}

interface Occasion {
  readonly source: string
  readonly run: string
  readonly employeeId: string
  /** Today, in the organization's time zone. */
  readonly day: string
  /** A row of the person was refused: what the others do not state may have stood there, and is not called off. */
  readonly partial?: boolean
}

/** `said` is all the source says of the person, oldest first; `view` what it said up to now. */
export const compare = (
  view: SourceView | undefined,
  said: ReadonlyArray<Statement>,
  occasion: Occasion
): ReadonlyArray<Finding> => {
  const appearing = view === undefined || view.presence !== "present"
  const statements = byDay(said, occasion.day)
  const withdrawn = occasion.partial === true ? [] : calledOff(view?.versions ?? [], statements, occasion.day)
  let versions = withdraw(view?.versions ?? [], withdrawn)
  const findings: Array<Finding> = []
  for (const statement of statements) {
    const first = findings.length === 0
    const from = statement.effectiveOn ?? occasion.day
    const known =
      appearing && first ? {} : valuesOf(wordOn(viewOf(versions), from, statement.effectiveOn === undefined))
    const fields = changedFields(known, statement.fields)
    if (saysNothing(fields) && !(appearing && first)) continue
    findings.push(finding(appearing && first, statement, fields, first ? withdrawn : [], occasion))
    // Most people have one statement, and after the last there is nothing left to compare with.
    if (statement !== statements.at(-1)) {
      versions = withVersion(versions, from, statement.effectiveOn !== undefined, opinions(fields, 0))
    }
  }
  return findings.length === 0 && withdrawn.length > 0 ? [withdrawal(statements, withdrawn, occasion)] : findings
}

/** Rows about one day become one statement, in which the later row overrules the earlier. */
const byDay = (said: ReadonlyArray<Statement>, day: string): ReadonlyArray<Statement> => {
  const statements = new Map<string, Statement>()
  for (const statement of said) {
    const from = statement.effectiveOn ?? day
    const earlier = statements.get(from)
    statements.set(
      from,
      earlier === undefined ? statement : { ...statement, fields: { ...earlier.fields, ...statement.fields } }
    )
  }
  return [...statements.values()]
}

/** Versions that would overrule what the source says now, but that it no longer states. Older ones are history. */
const calledOff = (
  versions: ReadonlyArray<Version>,
  statements: ReadonlyArray<Statement>,
  day: string
): ReadonlyArray<string> => {
  const stated = new Set(statements.map((statement) => statement.effectiveOn ?? day))
  const undated = statements.some((statement) => statement.effectiveOn === undefined)
  const inForce = [...stated].filter((from) => from <= day).reduce((a, b) => (a > b ? a : b), "")
  return versions
    .filter(({ from, dated }) => from > inForce && !stated.has(from) && (dated || !undated))
    .map((version) => version.from)
}

const viewOf = (versions: ReadonlyArray<Version>): SourceView => ({
  presence: "present",
  since: { position: 0, day: "" },
  versions
})

const finding = (
  appearing: boolean,
  statement: Statement,
  fields: Fields,
  withdrawn: ReadonlyArray<string>,
  { source, run, employeeId, day }: Occasion
): Finding => ({
  event: {
    type: appearing ? "EmployeeAppeared" : "EmployeeChanged",
    source,
    run,
    employeeId,
    day,
    locator: statement.locator,
    fields,
    ...(withdrawn.length > 0 ? { withdrawn } : {})
  },
  effectiveOn: statement.effectiveOn ?? null
})

const withdrawal = (
  statements: ReadonlyArray<Statement>,
  withdrawn: ReadonlyArray<string>,
  occasion: Occasion
): Finding => ({
  ...finding(false, statements.at(-1) ?? { fields: {}, locator: "" }, {}, withdrawn, occasion),
  effectiveOn: null
})
