/**
 * Gathers a source's messages into people: everything one reading says of one person, side by side.
 *
 * Used by `Ingest`, which hands in messages and takes out people in batches. Holds the open person, the batch and the
 * names of everyone reported; no effects, no log.
 */
import type { SourceMessage } from "../contract/Source.ts"
import { type EmployeeStream, employeeStream, packStream } from "../domain/Employee.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import { PackedTexts } from "../domain/PackedTexts.ts"
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
  readonly #streams = new PackedTexts()
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
    return this.#streams.has(packStream(stream))
  }

  #record({ key, fields, locator, effectiveOn }: SourceMessage<unknown> & { _tag: "Record" }): void {
    const person = this.#person(key)
    if (person === undefined) return this.#refuseApart(locator)
    person.statements.push({ fields, locator, ...(effectiveOn === undefined ? {} : { effectiveOn }) })
  }

  #removed({ key, locator }: SourceMessage<unknown> & { _tag: "Removed" }): void {
    const person = this.#person(key)
    if (person === undefined) return this.#refuseApart(locator)
    person.removed = locator
  }

  #rejected({ key, field, value, reason, message, locator }: SourceMessage<unknown> & { _tag: "Rejected" }): void {
    const named = { reason, message, locator, ...(field === undefined ? {} : { field }) }
    const person = key === undefined ? undefined : this.#person(key)
    // Without a key nobody could find the value again to erase it.
    if (person === undefined) this.#keyless.push(named)
    else person.rejections.push({ ...named, ...(value === undefined ? {} : { value }) })
  }

  /** The first report may be committed by now, so the refusal stands by itself, remembered by its place. */
  #refuseApart(locator: string): void {
    const message = "the source reported this person twice, not side by side; the second report was not taken over"
    this.#keyless.push({ reason: "key-duplicate", message, locator })
  }

  /** The open person, whom this opens if nobody has that key yet; undefined for somebody who was heard and closed. */
  #person(employeeId: string): Reported | undefined {
    if (this.#open?.employeeId === employeeId) return this.#open
    const stream = employeeStream(this.#organization, employeeId)
    const heard = this.#streams.size
    if (this.#streams.add(packStream(stream)) < heard) return undefined
    this.close()
    this.#open = { stream, employeeId, statements: [], rejections: [], removed: undefined }
    return this.#open
  }
}
