/**
 * Everybody's employments, packed: all that has to be held while person-details are streamed.
 *
 * `UltiProSource` fills it from employment-details, `UltiProPeople` asks it person by person. Texts are kept once and rows
 * are numbers (about a hundred bytes each), so that fifty thousand people take no more than a few megabytes.
 */
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

export class EmploymentTable {
  readonly #texts = new Texts()
  /** Index of a person's first row. */
  readonly #first = new Map<string, number>()
  #cells = new Uint32Array(width * 1024)
  #count = 0

  /** Distinct people. */
  get people(): number {
    return this.#first.size
  }

  /** Takes a row in. One of the same person and company is replaced: the later one is the newer one. */
  put(employeeId: string, row: EmploymentRow, place: Place): Put {
    const company = this.#texts.idOf(row.companyId)
    const first = this.#first.get(employeeId)
    let last: number | undefined
    for (let index = first; index !== undefined; index = this.#next(index)) {
      if (this.#at(index, 0) === company) return this.#write(index, row, place) ? "changed" : "same"
      last = index
    }
    const index = this.#append(row, place)
    if (last === undefined) this.#first.set(employeeId, index)
    else this.#cells[last * width + nextAt] = index
    return "new"
  }

  /** A person's employments, one a company; none for somebody who is not in the list. */
  of(employeeId: string): ReadonlyArray<Employment> {
    const rows: Array<Employment> = []
    for (let index = this.#first.get(employeeId); index !== undefined; index = this.#next(index)) {
      rows.push({ is: this.#read(index), page: this.#at(index, pageAt), row: this.#at(index, rowAt) })
    }
    return rows
  }

  has(employeeId: string): boolean {
    return this.#first.has(employeeId)
  }

  /** What was remembered of the person by `hear`; 0 for nothing. */
  heard(employeeId: string): number {
    const index = this.#first.get(employeeId)
    return index === undefined ? 0 : this.#at(index, heardAt)
  }

  /** Remembers a number that is not 0 of a person who is in the table. */
  hear(employeeId: string, mark: number): void {
    const index = this.#first.get(employeeId)
    if (index !== undefined) this.#cells[index * width + heardAt] = mark
  }

  /** People of whom nothing was heard. */
  *unheard(): Generator<string> {
    for (const [employeeId, index] of this.#first) if (this.#at(index, heardAt) === 0) yield employeeId
  }

  #at(index: number, column: number): number {
    return this.#cells[index * width + column] ?? 0
  }

  #next(index: number): number | undefined {
    const next = this.#at(index, nextAt)
    return next === 0 ? undefined : next
  }

  #append(row: EmploymentRow, place: Place): number {
    const index = this.#count++
    if (this.#count * width > this.#cells.length) {
      const larger = new Uint32Array(this.#cells.length * 2)
      larger.set(this.#cells)
      this.#cells = larger
    }
    this.#write(index, row, place)
    return index
  }

  /** Whether anything is different from what stood there. */
  #write(index: number, row: EmploymentRow, { page, row: number }: Place): boolean {
    let changed = false
    for (const [column, name] of employmentColumns.entries()) {
      const id = this.#texts.idOf(row[name])
      changed ||= this.#at(index, column) !== id
      this.#cells[index * width + column] = id
    }
    this.#cells[index * width + pageAt] = page
    this.#cells[index * width + rowAt] = number
    return changed
  }

  #read(index: number): EmploymentRow {
    const row: { -readonly [column in keyof EmploymentRow]?: Cell } = {}
    for (const [column, name] of employmentColumns.entries()) row[name] = this.#texts.cellOf(this.#at(index, column))
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
