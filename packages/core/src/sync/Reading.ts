/**
 * Gathers a source's messages into people: everything one reading says of one person, side by side.
 *
 * Used by `Ingest`, which hands in messages and takes out people in batches. Holds the open person, the batch and the
 * names of everyone reported; no effects, no log.
 */
import type { SourceMessage } from "../contract/Source.ts"
import { type EmployeeStream, employeeStream } from "../domain/Employee.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import type { SourceRecordRejected } from "../domain/SourceEvent.ts"
import type { Statement } from "./Compare.ts"

export type Rejection = Pick<SourceRecordRejected, "reason" | "message" | "locator" | "field" | "value">

/** All that one reading says of one person. */
export interface Reported {
  readonly stream: EmployeeStream
  readonly employeeId: string
  readonly statements: Array<Statement>
  readonly rejections: Array<Rejection>
  removed: string | undefined
}

/** How the reading ended, in the source's own words. */
export type Ending =
  | { readonly complete: true; readonly total: number }
  | { readonly complete: false; readonly reason: string }

export class Reading {
  readonly #organization: OrganizationId
  readonly #streams = new Set<EmployeeStream>()
  #open: Reported | undefined
  #batch: Array<Reported> = []
  #keyless: Array<Rejection> = []
  expected: number | undefined
  cursor: unknown
  ending: Ending | undefined
  readonly notices: Array<string> = []

  constructor(organization: OrganizationId) {
    this.#organization = organization
  }

  push(message: SourceMessage<unknown>): void {
    switch (message._tag) {
      case "Record":
        return this.#record(message)
      case "Rejected":
        return this.#rejected(message)
      case "Removed":
        return this.#removed(message)
      case "Expected":
        this.expected = message.count
        return
      case "Reached":
        this.cursor = message.cursor
        return
      case "Noticed":
        this.notices.push(message.message)
        return
      case "Incomplete":
        this.ending = { complete: false, reason: message.reason }
        return
      case "Complete":
        this.ending = { complete: true, total: message.total }
    }
  }

  /** People of whom everything was heard, ready to be compared; the person still open stays. */
  get ready(): number {
    return this.#batch.length
  }

  take(): { readonly people: ReadonlyArray<Reported>; readonly keyless: ReadonlyArray<Rejection> } {
    const taken = { people: this.#batch, keyless: this.#keyless }
    this.#batch = []
    this.#keyless = []
    return taken
  }

  /** The reading is over: the open person is whole. Not called when it broke off. */
  close(): void {
    if (this.#open !== undefined) this.#batch.push(this.#open)
    this.#open = undefined
  }

  /** Distinct people reported, whether their rows were taken over or not. */
  get size(): number {
    return this.#streams.size
  }

  has(stream: EmployeeStream): boolean {
    return this.#streams.has(stream)
  }

  #record({ key, fields, locator, effectiveOn }: SourceMessage<unknown> & { _tag: "Record" }): void {
    if (this.#isSecondHearing(key)) return this.#refuseApart(locator)
    this.#person(key).statements.push({ fields, locator, ...(effectiveOn === undefined ? {} : { effectiveOn }) })
  }

  #removed({ key, locator }: SourceMessage<unknown> & { _tag: "Removed" }): void {
    if (this.#isSecondHearing(key)) return this.#refuseApart(locator)
    this.#person(key).removed = locator
  }

  #rejected({ key, field, value, reason, message, locator }: SourceMessage<unknown> & { _tag: "Rejected" }): void {
    const named = { reason, message, locator, ...(field === undefined ? {} : { field }) }
    // Without a key nobody could find the value again to erase it.
    if (key === undefined || this.#isSecondHearing(key)) this.#keyless.push(named)
    else this.#person(key).rejections.push({ ...named, ...(value === undefined ? {} : { value }) })
  }

  /** The first report may be committed by now, so the refusal stands by itself, remembered by its place. */
  #refuseApart(locator: string): void {
    const message = "the source reported this person twice, not side by side; the second report was not taken over"
    this.#keyless.push({ reason: "key-duplicate", message, locator })
  }

  #isSecondHearing(key: string): boolean {
    const stream = employeeStream(this.#organization, key)
    return this.#open?.stream !== stream && this.#streams.has(stream)
  }

  #person(employeeId: string): Reported {
    if (this.#open?.employeeId === employeeId) return this.#open
    this.close()
    const stream = employeeStream(this.#organization, employeeId)
    this.#streams.add(stream)
    this.#open = { stream, employeeId, statements: [], rejections: [], removed: undefined }
    return this.#open
  }
}
