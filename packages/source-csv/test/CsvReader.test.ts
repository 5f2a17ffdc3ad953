import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import type { FileForm } from "../src/CsvFile.ts"
import { type CsvRow, type FileEnd, readRows } from "../src/CsvReader.ts"

const form: FileForm = {
  name: "hr.csv",
  text: { encoding: "utf-8", mark: 0, assumed: false },
  delimiter: ",",
  quote: '"',
  skip: 0
}

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const rowsOf = async (
  text: string | Buffer,
  { size = 1 << 16, ...changes }: Partial<FileForm> & { readonly size?: number } = {}
): Promise<{ readonly rows: ReadonlyArray<CsvRow>; readonly end: FileEnd }> => {
  const { batches, end } = readRows(chunksOf(Buffer.from(text), size), { ...form, ...changes })
  const rows: Array<CsvRow> = []
  for await (const batch of batches) rows.push(...batch)
  return { rows, end: end() }
}

const inShort = (rows: ReadonlyArray<CsvRow>) =>
  rows.map(({ cells, fault, line }) => `${line} ${fault?.reason ?? cells.map((cell) => cell.trim()).join("/")}`)

const truncatedOn = async (text: string | Buffer, size?: number) => {
  const { end, rows } = await rowsOf(text, size === undefined ? {} : { size })
  return { line: end.truncated?.line, rows: inShort(rows.slice(1)), newline: end.newline }
}

/** A writer that shares nothing with the reader. */
const written = (rows: ReadonlyArray<ReadonlyArray<string>>, eol: string, delimiter: string, blanks: boolean) => {
  let text = ""
  const lines: Array<number> = []
  for (const row of rows) {
    lines.push(text.replaceAll("\r\n", "\n").split(/[\r\n]/).length)
    const cells = row.map((cell) => (/["\s;,\t|]/.test(cell) || cell === "" ? `"${cell.split('"').join('""')}"` : cell))
    text += cells.join(delimiter) + eol + (blanks ? eol : "")
  }
  return { text, lines }
}

describe("CsvReader on csv-spectrum", () => {
  const folder = join(import.meta.dirname, "csv-spectrum")
  const names = readdirSync(join(folder, "csvs")).map((file) => file.replace(".csv", ""))

  // Upstream's own JSON is wrong about one cell and forgets the array around the only row.
  const corrections: { readonly [name: string]: (json: object) => unknown } = {
    location_coordinates: (json) => [{ ...json, "Contact Phone Number": "2095257564" }]
  }

  it("has twelve files", () => assert.strictEqual(names.length, 12))

  it.each(names)("reads %s as its JSON says", async (name) => {
    const { rows } = await rowsOf(readFileSync(join(folder, "csvs", `${name}.csv`)))
    const [header, ...people] = rows
    const objects = people.map(({ cells }) =>
      Object.fromEntries(cells.map((cell, i) => [header?.cells[i] ?? "?", cell]))
    )
    const json = JSON.parse(readFileSync(join(folder, "json", `${name}.json`), "utf8"))
    assert.deepStrictEqual(objects, corrections[name]?.(json) ?? json)
    assert.isTrue(people.every(({ fault }) => fault === undefined))
  })
})

describe("CsvReader counts lines", () => {
  for (const [name, eol] of [
    ["LF", "\n"],
    ["CR LF", "\r\n"],
    ["CR", "\r"]
  ] as const) {
    it(`names the line on which a row begins, with ${name}`, async () => {
      const text = ["id,note", "1,a", `2,"b${eol}c${eol}d"`, "3,e", "", "   ", "4,f", ""].join(eol)
      for (const size of [1, 2, 3, 7, 1000]) {
        const { rows } = await rowsOf(text, { size })
        assert.deepStrictEqual(
          rows.map(({ cells, line }) => [line, cells[0]]),
          [
            [1, "id"],
            [2, "1"],
            [3, "2"],
            [6, "3"],
            [9, "4"]
          ]
        )
      }
    })
  }

  it("counts a line break in a cell as it stands there, whatever ends the rows", async () => {
    const { rows } = await rowsOf('id,note\r\n1,"a\nb\r\nc\rd"\r\n2,e\r\n')
    assert.deepStrictEqual(inShort(rows.slice(2)), ["6 2/e"])
  })

  it("takes LF and CR LF in one file, without merging rows", async () => {
    const { rows } = await rowsOf("id,note\r\n1,a\n2,b\r\n3,c\n")
    assert.deepStrictEqual(inShort(rows), ["1 id/note", "2 1/a", "3 2/b", "4 3/c"])
  })

  it("counts the sep= line that was skipped", async () => {
    const { rows } = await rowsOf("sep=,\r\nid,note\r\n1,a\r\n", { skip: 7 })
    assert.deepStrictEqual(inShort(rows), ["2 id/note", "3 1/a"])
  })

  it("begins a row after the blank lines before it, tabs between cells or not", async () => {
    const { rows } = await rowsOf("id\tnote\n\n \n\ta\n", { delimiter: "\t" })
    assert.deepStrictEqual(inShort(rows), ["1 id/note", "4 /a"])
  })

  it("skips rows of nothing but empty cells", async () => {
    const { rows } = await rowsOf('id,note\n,\n"",\n1,a\n , \n')
    assert.deepStrictEqual(inShort(rows), ["1 id/note", "4 1/a"])
  })
})

describe("CsvReader on rows that are not right", () => {
  it("says how many cells a row has too few or too many", async () => {
    const { rows } = await rowsOf("id,a,b\n1,x\n2,x,y\n3,x,y,z\n")
    assert.deepStrictEqual(inShort(rows.slice(1)), ["2 row-ragged", "3 2/x/y", "4 row-ragged"])
    assert.strictEqual(rows[1]?.fault?.message, "The row has 2 cells, but the header has 3.")
  })

  it("stays quiet about empty cells after the last column", async () => {
    const { rows } = await rowsOf("id,a\n1,x,, \n")
    assert.deepStrictEqual(rows[1], { line: 2, cells: ["1", "x"] })
  })

  it("leaves a quote in the middle of a cell where it is", async () => {
    const { rows } = await rowsOf('id,a\n1,5\'10" tall\n2,"Bob" Smith\n')
    assert.deepStrictEqual(inShort(rows.slice(1)), ["2 1/5'10\" tall", '3 2/"Bob" Smith'])
  })

  it("takes quotes for quotes although space stands around them", async () => {
    const { rows } = await rowsOf('id,a,b\n1, "Lee, Ann" ,x\n2,"Ann" ,y\n')
    assert.deepStrictEqual(inShort(rows.slice(1)), ["2 1/Lee, Ann/x", "3 2/Ann/y"])
  })

  it("refuses a row whose open quote swallowed the next one, and reads on", async () => {
    const { rows, end } = await rowsOf('id,a,b\n1,"Ann,x\n2,"Bob",y\n3,"Cy",z\n')
    assert.deepStrictEqual(inShort(rows.slice(1)), ["2 malformed", "4 3/Cy/z"])
    assert.deepStrictEqual(end, { newline: true })
  })

  it("refuses a row over several lines that has another number of cells", async () => {
    const { rows } = await rowsOf('id,a,b\n1,"Ann,x\n2,Bob,"\n3,Cy,z\n')
    assert.deepStrictEqual(inShort(rows.slice(1)), ["2 malformed", "4 3/Cy/z"])
  })

  it("refuses a cell that took in a delimiter before its quote ended", async () => {
    const { rows } = await rowsOf('id,a,b\n1,"Ann,"active,x\n')
    assert.deepStrictEqual(inShort(rows.slice(1)), ["2 malformed"])
  })

  it("refuses a row with NUL characters", async () => {
    const { rows } = await rowsOf("id,a\n1,x\0\n2,y\n")
    assert.deepStrictEqual(inShort(rows.slice(1)), ["2 malformed", "3 2/y"])
  })

  it("refuses a row with bytes that are no UTF-8, and no other", async () => {
    const { rows } = await rowsOf(Buffer.from("id,a\n1,Zo\xeb\n2,y\n", "latin1"))
    assert.deepStrictEqual(inShort(rows.slice(1)), ["2 encoding-invalid", "3 2/y"])
  })

  it("takes a replacement character that stands in the file for what it is", async () => {
    const { rows } = await rowsOf("id,a\n1,\uFFFD\n")
    assert.deepStrictEqual(inShort(rows.slice(1)), ["2 1/\uFFFD"])
  })
})

describe("CsvReader at the end of a file", () => {
  it("is content with a line break", async () =>
    assert.deepStrictEqual(await truncatedOn("id,a\n1,x\n"), { line: undefined, rows: ["2 1/x"], newline: true }))

  it("says that the last line break is missing, and takes the row", async () =>
    assert.deepStrictEqual(await truncatedOn("id,a\n1,x"), { line: undefined, rows: ["2 1/x"], newline: false }))

  it("never takes a ragged last row without a line break", async () => {
    for (const size of [1, 5, 1000]) {
      const found = await truncatedOn("id,a\n1,x\n\n2", size)
      assert.deepStrictEqual(found, { line: 4, rows: ["2 1/x"], newline: false })
    }
  })

  it("takes a ragged last row with a line break for one that is wrong", async () =>
    assert.deepStrictEqual((await truncatedOn("id,a\n1,x\n2\n")).rows, ["2 1/x", "3 row-ragged"]))

  it("says where the quote was opened that is never closed", async () =>
    assert.deepStrictEqual(await truncatedOn('id,a\n1,x\n2,"y\n3,z\n'), { line: 3, rows: ["2 1/x"], newline: false }))

  it("sees a file that ends inside a character", async () => {
    const cut = Buffer.from("id,a\n1,x\n2,Zoë").subarray(0, -1)
    assert.deepStrictEqual(await truncatedOn(cut), { line: 3, rows: ["2 1/x"], newline: false })
  })

  it("sees a UTF-16 file that ends inside a character", async () => {
    const text = { encoding: "utf-16le", mark: 0, assumed: false } as const
    const { end, rows } = await rowsOf(Buffer.from("id,a\n1,x\n2,y", "utf16le").subarray(0, -1), { text })
    assert.deepStrictEqual(inShort(rows.slice(1)), ["2 1/x"])
    assert.strictEqual(end.truncated?.line, 3)
    const stray = await rowsOf(Buffer.concat([Buffer.from("id,a\n1,x\n", "utf16le"), Buffer.from([50])]), { text })
    assert.deepStrictEqual(inShort(stray.rows.slice(1)), ["2 1/x"])
    assert.strictEqual(stray.end.truncated?.line, 3)
  })

  it("gives up on a row that is longer than a megabyte", async () => {
    const failure = await rowsOf(`id,a\n1,"${"x\n".repeat(600_000)}`).then(
      () => undefined,
      (cause: unknown) => cause
    )
    assert.deepInclude(failure, { _tag: "Malformed", locator: "hr.csv:2" })
  })
})

describe("CsvReader on any file", () => {
  const cell = fc
    .array(fc.constantFrom("a", "é", "漢", "🙂", '"', '""', ",", ";", "\t", "\n", "\r\n", "\r", " ", "\uFFFD", "0"), {
      maxLength: 6
    })
    .map((parts) => parts.join(""))

  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }))
    // The first cell is never empty: a row of nothing but empty cells is skipped.
    .map((rows) => rows.map(([first, ...others], i) => [`${i}${first ?? ""}`, ...others]))

  it("gives back what was written, with the lines on which it was written", () =>
    fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.constantFrom(",", ";", "\t", "|"),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        async (rows, eol, delimiter, blanks, size) => {
          const { text, lines } = written(rows, eol, delimiter, blanks)
          const found = await rowsOf(text, { delimiter, size })
          assert.deepStrictEqual(
            found.rows,
            rows.map((cells, i) => ({ line: lines[i] ?? 0, cells }))
          )
          assert.deepStrictEqual(found.end, { newline: true })
        }
      ),
      { numRuns: 400 }
    ))

  it("never takes a row over that is not in the file, wherever the file is cut off", () =>
    fc.assert(
      fc.asyncProperty(table, fc.nat(), async (rows, at) => {
        const bytes = Buffer.from(written(rows, "\r\n", ",", false).text)
        const cut = bytes.subarray(0, at % bytes.length)
        const found = await rowsOf(cut)
        const whole = new Set(rows.map((cells) => cells.join("\u0001")))
        const foreign = found.rows.filter((row) => row.fault === undefined && !whole.has(row.cells.join("\u0001")))
        // The one row that cannot be told from a whole one is a last row whose last cell was cut: it has no line break.
        assert.isAtMost(foreign.length, found.end.newline ? 0 : 1)
        assert.isTrue(foreign.every((row) => row === found.rows.at(-1)))
      }),
      { numRuns: 200 }
    ))
})
