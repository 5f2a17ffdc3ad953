/**
 * The events that one person's report leads to, given what the log holds of them.
 *
 * Pure; the middle of `Ingest`. Also names the digest by which the same report is recognised next time without looking
 * into the log.
 */
import { sha256 } from "../domain/Digest.ts"
import type { NewEvent } from "../domain/Event.ts"
import { fieldEntries } from "../domain/Field.ts"
import type { EmployeeEvent, EmployeeRemoved, SourceRecordRejected } from "../domain/SourceEvent.ts"
import { compare } from "./Compare.ts"
import type { Rejection, Reported } from "./Reading.ts"
import type { ErasureView, Person } from "./Reduce.ts"

export interface Occasion {
  readonly source: string
  readonly run: string
  /** Today, in the organization's time zone. */
  readonly day: string
  /** Position of the run's start. */
  readonly causation: number | null
}

export const findings = (person: Person, reported: Reported, occasion: Occasion): ReadonlyArray<NewEvent> => {
  if (person.erased !== undefined) return refusedAsErased(person.erased, reported, occasion)
  const { source, run, day } = occasion
  const { employeeId, stream } = reported
  const view = person.sources[source]
  const partial = hasRefusedRow(reported)
  const record = (event: EmployeeEvent, effectiveOn: string | null = null): NewEvent => ({
    stream,
    event,
    actor: `source:${source}`,
    effectiveOn,
    causation: occasion.causation
  })
  const events =
    reported.statements.length === 0
      ? []
      : compare(view, reported.statements, { source, run, employeeId, day, partial }).map((found) =>
          record(found.event, found.effectiveOn)
        )
  if (reported.removed !== undefined && (view?.presence === "present" || events.length > 0)) {
    const removed: EmployeeRemoved = {
      type: "EmployeeRemoved",
      source,
      run,
      employeeId,
      day,
      locator: reported.removed
    }
    events.push(record(removed))
  }
  if (events.length === 0 && isMended(person, reported, source)) {
    const { locator = "" } = reported.statements.at(-1) ?? {}
    events.push(record({ type: "EmployeeChanged", source, run, employeeId, day, locator, fields: {} }))
  }
  return [...events, ...reported.rejections.map((rejection) => record(rejected(rejection, occasion, employeeId)))]
}

/** What was refused is taken now, and says what was known before: the refusal would stand for ever. */
const isMended = ({ rejections }: Person, reported: Reported, source: string): boolean =>
  rejections[source] !== undefined && reported.statements.length > 0 && reported.rejections.length === 0

/** Told once a source and erasure; names nobody, for the stream is all that may be known of the person. */
const refusedAsErased = (
  erased: ErasureView,
  { rejections, statements, stream }: Reported,
  occasion: Occasion
): ReadonlyArray<NewEvent> => {
  const { causation, source } = occasion
  const row = statements[0] ?? rejections[0]
  if (row === undefined || erased.refused.includes(source)) return []
  const message =
    "this person was erased and is not taken over again: end it where the source has them; `rollcall release ID` lets them come again"
  const event = rejected({ reason: "erased", message, locator: row.locator }, occasion)
  return [{ stream, event, actor: `source:${source}`, effectiveOn: null, causation }]
}

/** A refusal at the place of a row that was taken concerns one of its fields, not the row. */
const hasRefusedRow = ({ rejections, statements }: Reported): boolean =>
  rejections.some((rejection) => statements.every((statement) => statement.locator !== rejection.locator))

export const rejected = (
  rejection: Rejection,
  { source, run }: Occasion,
  employeeId?: string
): SourceRecordRejected => ({
  type: "SourceRecordRejected",
  source,
  run,
  ...rejection,
  ...(employeeId === undefined ? {} : { employeeId })
})

/**
 * Salted, for it is made of personal values. Leaves out where a row stood: a line more at the top of a file is no news.
 */
export const digestOf = (salt: string, reported: Reported): string =>
  sha256(
    JSON.stringify([
      salt,
      reported.statements.map(({ fields, effectiveOn }) => [effectiveOn ?? null, fieldEntries(fields)]),
      reported.rejections.map(({ reason, field, value }) => [reason, field ?? null, value ?? null]),
      reported.removed !== undefined
    ])
  )
