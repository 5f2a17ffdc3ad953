/**
 * From text to rows, each with the line on which it begins.
 *
 * Both passes of a reading and `check` read through it; csv-parse finds the cells, this file keeps count of the lines and
 * judges what the parser leaves open: rows of another length, quotes that swallow lines, bytes that are no UTF-8. Rows
 * are never merged silently, and the row at which a truncated file breaks off is never handed out.
 */
import { isUtf8 } from "node:buffer"
import { finished } from "node:stream/promises"

import { Malformed } from "@rollcall/core/contract/Source"
import { CsvError, parse, type Parser } from "csv-parse"

import { endsInsideCharacter, makeTranscoder } from "./CsvEncoding.ts"
import type { FileForm } from "./CsvFile.ts"

/** One row, the header among them. */
export interface CsvRow {
  /** The physical line on which the row begins, counted from 1. */
  readonly line: number
  /** Untrimmed, as many as the header has unless the row is at fault. */
  readonly cells: ReadonlyArray<string>
  readonly fault?: RowFault
}

/** Why the cells of a row cannot be relied on. */
export interface RowFault {
  readonly reason: "row-ragged" | "malformed" | "encoding-invalid"
  readonly message: string
}

/** How the file ends, known when all rows were read. */
export interface FileEnd {
  /** The last line ends in a line break. */
  readonly newline: boolean
  /** The file breaks off in the row that begins on this line. */
  readonly truncated?: { readonly line: number; readonly problem: string }
}

/** Rows in batches as they come from the file, and its end, to be asked for after the last batch. */
export interface CsvRows {
  readonly batches: AsyncGenerator<ReadonlyArray<CsvRow>>
  readonly end: () => FileEnd
}

/** No row of an HR file is longer; a quote that is never closed makes one that is as long as the file. */
const longestRow = 1_048_576

export const readRows = (bytes: AsyncIterable<Buffer>, form: FileForm): CsvRows => {
  const assembly = new RowAssembly(form)
  return { batches: assemble(bytes, form, assembly), end: () => assembly.fileEnd }
}

async function* assemble(
  bytes: AsyncIterable<Buffer>,
  form: FileForm,
  assembly: RowAssembly
): AsyncGenerator<ReadonlyArray<CsvRow>> {
  const transcoder = makeTranscoder(form.text, form.name)
  const parser = parserOf(form, assembly)
  let ahead = form.text.mark
  let skip = form.skip
  try {
    for await (const chunk of bytes) {
      const text = transcoder.push(chunk.subarray(ahead))
      ahead = Math.max(0, ahead - chunk.length)
      const rest = text.subarray(skip)
      skip = Math.max(0, skip - text.length)
      assembly.extend(rest)
      await write(parser, rest)
      const rows = assembly.takeRows()
      if (rows.length > 0) yield rows
    }
    const closed = await end(parser)
    assembly.finish(closed, transcoder.endsInside())
    const rows = assembly.takeRows()
    if (rows.length > 0) yield rows
  } catch (cause) {
    throw cause instanceof CsvError ? assembly.tooLong() : cause
  } finally {
    parser.destroy()
  }
}

const parserOf = (form: FileForm, assembly: RowAssembly): Parser => {
  const parser = parse({
    delimiter: form.delimiter,
    quote: form.quote,
    escape: form.quote,
    record_delimiter: ["\r\n", "\n", "\r"],
    // A quote after `, ` still opens a quoted cell; the cells are trimmed later anyway.
    ltrim: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
    on_record: (cells: ReadonlyArray<string>, { bytes }) => {
      assembly.take(cells, bytes)
      // Nothing is pushed through the readable side: rows are taken over here, where their end is known.
      return null
    }
  })
  // Errors are seen by whoever awaits `write` or `end`; without a listener they would end the process.
  parser.on("error", () => undefined)
  return parser
}

const write = (parser: Parser, chunk: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    parser.write(chunk, (error) => (error ? reject(error) : resolve()))
  })

/** Whether the parser came to its end outside quotes. */
const end = async (parser: Parser): Promise<boolean> => {
  parser.end()
  try {
    await finished(parser, { readable: false })
    return true
  } catch (cause) {
    if (cause instanceof CsvError && cause.code === "CSV_QUOTE_NOT_CLOSED") return false
    throw cause
  }
}

/** Puts the parser's cells and the bytes they came from together again: the lines, and what is wrong with a row. */
class RowAssembly {
  fileEnd: FileEnd = { newline: true }
  readonly #form: FileForm
  readonly #unclosed: string
  #rows: Array<CsvRow> = []
  /** Bytes from the beginning of the next row on, as far as they were read. */
  #window: Buffer = Buffer.alloc(0)
  /** Where in the text the window begins. */
  #start = 0
  #line: number
  #width: number | undefined
  #lastByte = newline
  /** The row that was taken last ends in a line break. */
  #terminated = true

  constructor(form: FileForm) {
    this.#form = form
    this.#line = form.skip > 0 ? 2 : 1
    this.#unclosed = `The row holds a quote (${form.quote}) that is not closed where its cell ends, so it cannot be told from the rows after it.`
  }

  extend(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#window = this.#window.length === 0 ? bytes : Buffer.concat([this.#window, bytes])
    this.#lastByte = bytes[bytes.length - 1] ?? newline
  }

  takeRows(): ReadonlyArray<CsvRow> {
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  /** A row that ends at `until`, counted in bytes from the beginning of the text. */
  take(parsed: ReadonlyArray<string>, until: number): void {
    const raw = this.#window.subarray(0, until - this.#start)
    this.#window = this.#window.subarray(until - this.#start)
    this.#start = until
    const line = this.#line + blankLines(raw)
    this.#line += lineBreaks(raw, raw.length)
    if (parsed.every((cell) => cell.trim() === "")) return
    this.#terminated = isBreak(raw[raw.length - 1])
    const inner = this.#line - line - (this.#terminated ? 1 : 0)
    const cells = this.#unwrapped(parsed, raw)
    const fault = this.#fault(cells, raw, inner)
    if (!this.#terminated && fault?.reason === "row-ragged") return this.#breakOff(line)
    if (!this.#terminated && fault?.reason === "encoding-invalid" && endsInsideCharacter(raw)) {
      return this.#breakOffInside(line)
    }
    this.#width ??= cells.length
    if (fault !== undefined) this.#rows.push({ line, cells, fault })
    else this.#rows.push({ line, cells: cells.length > this.#width ? cells.slice(0, this.#width) : cells })
  }

  /** `closed`: no quote is open · `inside`: the last bytes are a part of a character. */
  finish(closed: boolean, inside: boolean): void {
    const newline = isBreak(this.#lastByte)
    this.fileEnd = { ...this.fileEnd, newline: newline && !inside }
    const line = this.#line + blankLines(this.#window)
    if (!closed) {
      this.#truncate(line, `The row that begins on line ${line} opens a quote that is not closed before the file ends.`)
    } else if (inside && this.fileEnd.truncated === undefined) {
      const last = this.#terminated ? undefined : this.#rows.pop()
      this.#breakOffInside(last?.line ?? this.#line)
    }
  }

  tooLong(): Malformed {
    const line = this.#line + blankLines(this.#window)
    return new Malformed({
      locator: `${this.#form.name}:${line}`,
      problem: `The row that begins on line ${line} is longer than a megabyte: a quote that it opens is not closed.`,
      remedy: `Close the quote, or set \`quote\` to what ${this.#form.name} puts around its cells.`
    })
  }

  #breakOff(line: number): void {
    this.#truncate(line, `The file ends in the middle of the row that begins on line ${line}.`)
  }

  #breakOffInside(line: number): void {
    const { encoding } = this.#form.text
    this.#truncate(
      line,
      `The file ends inside a character of the row that begins on line ${line}, if it is ${encoding} as it seems; set \`encoding\` if it is not.`
    )
  }

  #truncate(line: number, problem: string): void {
    this.fileEnd = { newline: false, truncated: { line, problem } }
  }

  #fault(cells: ReadonlyArray<string>, raw: Buffer, inner: number): RowFault | undefined {
    if (raw.includes(0)) return { reason: "malformed", message: "The row holds NUL characters: the file is damaged." }
    if (this.#form.text.encoding === "utf-8" && !isUtf8(raw)) return notUtf8
    if (cells.some((cell) => this.#swallows(cell, raw, inner > 0)))
      return { reason: "malformed", message: this.#unclosed }
    const width = this.#width ?? cells.length
    if (cells.length === width || (cells.length > width && cells.slice(width).every((cell) => cell.trim() === ""))) {
      return undefined
    }
    // A row that spans lines and has another length has swallowed a row: its first cells may still look right.
    if (inner > 0) return { reason: "malformed", message: this.#unclosed }
    return {
      reason: "row-ragged",
      message: `The row has ${cells.length} cell${cells.length === 1 ? "" : "s"}, but the header has ${width}.`
    }
  }

  /** Whether a quote inside the cell ended it only by the parser's leniency, after it took in what was not its own. */
  #swallows(cell: string, raw: Buffer, spansLines: boolean): boolean {
    const breaks = spansLines && /[\r\n]/.test(cell)
    const delimits = cell.startsWith(this.#form.quote) && cell.includes(this.#form.delimiter)
    return (breaks || delimits) && !this.#isClean(cell, raw)
  }

  /** Whether the cell stands in the file as a quoted cell has to. */
  #isClean(cell: string, raw: Buffer): boolean {
    const { quote } = this.#form
    return raw.includes(quote + cell.replaceAll(quote, quote + quote) + quote)
  }

  /** `"Ann" ,` is Ann: space after the closing quote is not a reason to take the quotes for a part of the name. */
  #unwrapped(cells: ReadonlyArray<string>, raw: Buffer): ReadonlyArray<string> {
    const { quote } = this.#form
    if (!cells.some((cell) => cell.startsWith(quote))) return cells
    return cells.map((cell) => {
      const inside = cell.trimEnd().slice(1, -1)
      const wrapped = cell.startsWith(quote) && cell.trimEnd() === quote + inside + quote && cell !== cell.trimEnd()
      return wrapped && !inside.includes(quote) && !this.#isClean(cell, raw) ? inside : cell
    })
  }
}

const notUtf8: RowFault = {
  reason: "encoding-invalid",
  message: 'The row holds bytes that are not UTF-8. Set `encoding` to what the file was written in, or to "auto".'
}

const newline = 10

const isBreak = (byte: number | undefined): boolean => byte === 10 || byte === 13

/** Line breaks in the first bytes: LF, CR LF as one, and a CR of its own. */
const lineBreaks = (bytes: Buffer, length: number): number => {
  let count = 0
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]
    if (byte === 10 || (byte === 13 && bytes[i + 1] !== 10)) count++
  }
  return count
}

/** How many blank lines, which the parser skips, stand before the row. */
const blankLines = (bytes: Buffer): number => {
  const first = bytes[0]
  if (first === undefined || (first > 32 && first < 128)) return 0
  const space = /^\s+/.exec(bytes.toString("utf8"))?.[0] ?? ""
  return lineBreaks(bytes, Buffer.byteLength(space))
}
