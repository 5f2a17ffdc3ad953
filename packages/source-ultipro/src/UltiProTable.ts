/**
 * Everybody's employments, packed: all that has to be held while person-details are streamed.
 *
 * `UltiProSource` fills it from employment-details, `UltiProPeople` asks it person by person. Texts are kept once and rows
 * are numbers (about a hundred bytes each), so that fifty thousand people take no more than a few megabytes.
 */
import { PackedTexts } from "@rollcall/core/domain/PackedTexts"

import { type Cell, type EmploymentRow, employmentColumns, wrongType } from "./UltiProWire.ts"

/** Where a row stood. */
export interface Place {
  readonly page: number
  readonly row: number
}

/** An employment and where it stood. */
export interface Employment extends Place {
  readonly is: EmploymentRow
}

/** What a row was: new, said before in the same words, or said before in others, which it replaces. */
export type Put = "new" | "same" | "changed"

const pageAt = employmentColumns.length
const rowAt = pageAt + 1
const nextAt = pageAt + 2
const heardAt = pageAt + 3
const width = pageAt + 4

const blockRows = 1024

type Column = keyof EmploymentRow

export class EmploymentTable {
  readonly #texts = new Texts()
  readonly #people = new PackedTexts()
  /** By the number of the person: index of their first row. */
  readonly #first: Array<number> = []
  /** Rows, so many to a block: nothing is copied as they become more. */
  readonly #blocks: Array<Uint32Array> = []
  #count = 0

  /** Distinct people. */
  get people(): number {
    return this.#people.size
  }

  /** Takes a row in. One of the same person and company is replaced: the later one is the newer one. */
  put(employeeId: string, row: EmploymentRow, place: Place): Put {
    const company = this.#texts.idOf(row.companyId)
    const first = this.#firstOf(employeeId)
    let last: number | undefined
    for (let index = first; index !== undefined; index = this.#next(index)) {
      if (this.#at(index, 0) === company) return this.#write(index, row, place) ? "changed" : "same"
      last = index
    }
    const index = this.#append(row, place)
    if (last === undefined) this.#first[this.#people.add(employeeId)] = index
    else this.#set(last, nextAt, index)
    return "new"
  }

  /** A person's employments, one a company; none for somebody who is not in the list. */
  of(employeeId: string): ReadonlyArray<Employment> {
    const rows: Array<Employment> = []
    for (let index = this.#firstOf(employeeId); index !== undefined; index = this.#next(index)) {
      rows.push({ is: this.#read(index), page: this.#at(index, pageAt), row: this.#at(index, rowAt) })
    }
    return rows
  }

  has(employeeId: string): boolean {
    return this.#people.has(employeeId)
  }

  /** What was remembered of the person by `hear`; 0 for nothing. */
  heard(employeeId: string): number {
    const index = this.#firstOf(employeeId)
    return index === undefined ? 0 : this.#at(index, heardAt)
  }

  /** Remembers a number that is not 0 of a person who is in the table. */
  hear(employeeId: string, mark: number): void {
    const index = this.#firstOf(employeeId)
    if (index !== undefined) this.#set(index, heardAt, mark)
  }

  /** People of whom nothing was heard. */
  *unheard(): Generator<string> {
    for (const [number, index] of this.#first.entries())
      if (this.#at(index, heardAt) === 0) yield this.#people.at(number)
  }

  #firstOf(employeeId: string): number | undefined {
    const number = this.#people.numberOf(employeeId)
    return number === undefined ? undefined : this.#first[number]
  }

  #at(index: number, column: number): number {
    return this.#blocks[Math.floor(index / blockRows)]?.[(index % blockRows) * width + column] ?? 0
  }

  #set(index: number, column: number, value: number): void {
    const block = (this.#blocks[Math.floor(index / blockRows)] ??= new Uint32Array(blockRows * width))
    block[(index % blockRows) * width + column] = value
  }

  #next(index: number): number | undefined {
    const next = this.#at(index, nextAt)
    return next === 0 ? undefined : next
  }

  #append(row: EmploymentRow, place: Place): number {
    const index = this.#count++
    this.#write(index, row, place)
    return index
  }

  /** Whether anything is different from what stood there. */
  #write(index: number, row: EmploymentRow, { page, row: number }: Place): boolean {
    let changed = false
    for (let column = 0; column < pageAt; column++) {
      const id = this.#texts.idOf(row[employmentColumns[column] as Column])
      changed ||= this.#at(index, column) !== id
      this.#set(index, column, id)
    }
    this.#set(index, pageAt, page)
    this.#set(index, rowAt, number)
    return changed
  }

  #read(index: number): EmploymentRow {
    const row: { -readonly [column in Column]?: Cell } = {}
    for (let column = 0; column < pageAt; column++) {
      row[employmentColumns[column] as Column] = this.#texts.cellOf(this.#at(index, column))
    }
    return row as EmploymentRow
  }
}

/** Numbers for cells: the same for the same text. */
class Texts {
  readonly #ids = new Map<Cell, number>()
  readonly #cells: Array<Cell> = []

  constructor() {
    for (const cell of [undefined, null, wrongType] as const) this.idOf(cell)
  }

  idOf(cell: Cell): number {
    const known = this.#ids.get(cell)
    if (known !== undefined) return known
    const id = this.#cells.push(cell) - 1
    this.#ids.set(cell, id)
    return id
  }

  cellOf(id: number): Cell {
    return this.#cells[id]
  }
}
