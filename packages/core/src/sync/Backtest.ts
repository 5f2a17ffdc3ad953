/**
 * Tries other rules on the real history: what they would have sent or saved, whom and what that concerns, and on which
 * days the guard would have stopped a run.
 *
 * Pure; fed one person after the other (`EventLog.people`), so memory stays flat but for what was sent. The rules that
 * were in force are simulated in the same way as those that are tried: both take a sync a day, and a Together that accepts
 * everything but what it really refused for good, so their difference is the rules' alone.
 */
import { canonicalJson } from "../domain/Digest.ts"
import type { Told } from "../domain/Event.ts"
import { type FieldName, fieldEntries } from "../domain/Field.ts"
import type { Policy } from "../domain/Policy.ts"
import type { Days } from "./Days.ts"
import { type RulesOn, type Simulated, simulate } from "./Simulate.ts"
import { type DayLoad, Workload } from "./Workload.ts"

/** Rules and the most people a request carries under them. */
export interface Regime {
  readonly rules: RulesOn
  /** Days on which the rules change. */
  readonly turns: ReadonlyArray<number>
  readonly batchSize: number
}

export interface BacktestDay {
  readonly day: string
  /** Under the rules that were in force. */
  readonly before: DayLoad
  /** Under those that are tried. */
  readonly after: DayLoad
}

/** Somebody of whom something else would have been sent. */
export interface Affected {
  readonly employeeId: string
  /** Fields of which other values, or the same on other days, would have been sent. */
  readonly fields: ReadonlyArray<FieldName>
  /** Registered in another program or on another day. */
  readonly programs: ReadonlyArray<string>
}

export interface BacktestReport {
  /** Days on which anything differs, or on which a guard would have stopped something. */
  readonly days: ReadonlyArray<BacktestDay>
  readonly from: string
  readonly to: string
  readonly requests: { readonly before: number; readonly after: number }
  readonly people: number
  readonly affected: number
  /** The first so many of them. */
  readonly examples: ReadonlyArray<Affected>
  /** People affected, by field and by program. */
  readonly fields: Readonly<Partial<Record<FieldName, number>>>
  readonly programs: Readonly<Record<string, number>>
}

const shownExamples = 100

export class Backtest {
  readonly #days: Days
  readonly #before: Regime
  readonly #after: Regime
  readonly #loads: readonly [Workload, Workload]
  readonly #fields: { [name in FieldName]?: number } = {}
  readonly #programs: Record<string, number> = {}
  readonly #examples: Array<Affected> = []
  #people = 0
  #affected = 0

  constructor(days: Days, before: Regime, after: Regime) {
    this.#days = days
    this.#before = before
    this.#after = after
    this.#loads = [new Workload(days.count), new Workload(days.count)]
  }

  /** Everything the log holds of one person. Who was erased cannot be simulated. */
  add(events: ReadonlyArray<Told>): void {
    const employeeId = keyOf(events)
    const stream = events[0]?.stream
    if (employeeId === undefined || stream === undefined) return
    this.#people++
    const [before, after] = [this.#before, this.#after].map((regime) =>
      simulate(stream, events, { days: this.#days, ...regime })
    ) as [Simulated, Simulated]
    this.#loads[0].add(stream, employeeId, before)
    this.#loads[1].add(stream, employeeId, after)
    this.#note({ employeeId, fields: differingFields(before, after), programs: differingPrograms(before, after) })
  }

  #note(affected: Affected): void {
    const { fields, programs } = affected
    if (fields.length + programs.length === 0) return
    this.#affected++
    for (const name of fields) this.#fields[name] = (this.#fields[name] ?? 0) + 1
    for (const id of programs) this.#programs[id] = (this.#programs[id] ?? 0) + 1
    if (this.#examples.length < shownExamples) this.#examples.push(affected)
  }

  finish(): BacktestReport {
    const [before, after] = [this.#load(0, this.#before), this.#load(1, this.#after)]
    const days = before.flatMap((load, n): ReadonlyArray<BacktestDay> => {
      const other = after[n] as DayLoad
      const differs = canonicalJson(load) !== canonicalJson(other) || load.stops.length > 0
      return differs ? [{ day: this.#days.dayOf(n), before: load, after: other }] : []
    })
    return {
      days,
      from: this.#days.first,
      to: this.#days.last,
      requests: { before: sum(before), after: sum(after) },
      people: this.#people,
      affected: this.#affected,
      examples: this.#examples,
      fields: this.#fields,
      programs: this.#programs
    }
  }

  #load(which: 0 | 1, { batchSize, rules }: Regime): ReadonlyArray<DayLoad> {
    return [...this.#loads[which].finish((day): Policy["guard"] => rules(day).guard, batchSize)]
  }
}

const sum = (loads: ReadonlyArray<DayLoad>): number => loads.reduce((total, { requests }) => total + requests, 0)

const keyOf = (events: ReadonlyArray<Told>): string | undefined => {
  for (const { event } of events) {
    if ("employeeId" in event && event.employeeId !== undefined) return event.employeeId
  }
  return undefined
}

/** Fields whose words, each with its day, are not the same. */
const differingFields = (before: Simulated, after: Simulated): ReadonlyArray<FieldName> => {
  const [was, would] = [wordsOf(before), wordsOf(after)]
  const names = new Set([...was.keys(), ...would.keys()])
  return [...names].filter((name) => was.get(name) !== would.get(name))
}

const wordsOf = ({ sent }: Simulated): ReadonlyMap<FieldName, string> => {
  const words = new Map<FieldName, string>()
  for (const { changes, day } of sent) {
    for (const [name, value] of fieldEntries(changes)) {
      words.set(name, `${words.get(name) ?? ""} ${day} ${JSON.stringify(value)}`)
    }
  }
  return words
}

const differingPrograms = ({ registered: was }: Simulated, { registered: would }: Simulated): ReadonlyArray<string> => {
  const [before, after] = [new Set(was.map(nameOf)), new Set(would.map(nameOf))]
  const differing = [...was, ...would].filter((one) => before.has(nameOf(one)) !== after.has(nameOf(one)))
  return [...new Set(differing.map(({ programId }) => programId))]
}

const nameOf = ({ day, programId }: Simulated["registered"][number]): string => `${day} ${programId}`
