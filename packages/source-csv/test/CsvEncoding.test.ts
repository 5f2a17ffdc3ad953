import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import type { Encoding } from "../src/CsvEncoding.ts"
import { type Config, fieldsOf, inShort, read } from "./SiteOnDisk.ts"

const columns = { employeeId: "Id", firstName: "Given Name", title: "Job" } as const

const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16()

/** Written without the decoder under test. Windows-1252 holds only what the third column of the table below asks. */
const encoders: { readonly [encoding in Encoding]: (text: string) => Buffer } = {
  "utf-8": (text) => Buffer.from(text, "utf8"),
  "utf-16le": (text) => Buffer.from(text, "utf16le"),
  "utf-16be": (text) => swapped(Buffer.from(text, "utf16le")),
  "windows-1252": (text) => Buffer.from(text.replaceAll("€", "\x80").replaceAll("’", "\x92"), "latin1")
}

const mark = "\uFEFF"

const written = [
  { encoding: "utf-8", name: "Zoë 漢 €", notices: 0 },
  { encoding: "utf-8", mark, name: "Zoë 漢 €", notices: 0 },
  { encoding: "utf-16le", name: "Zoë 漢 €", notices: 0 },
  { encoding: "utf-16le", mark, name: "Zoë 漢 €", notices: 0 },
  { encoding: "utf-16be", name: "Zoë 漢 €", notices: 0 },
  { encoding: "utf-16be", mark, name: "Zoë 漢 €", notices: 0 },
  { encoding: "windows-1252", name: "Zoë O’Hara €", notices: 1 }
] as const

const lineEnds = { LF: "\n", "CR LF": "\r\n", CR: "\r" } as const

describe("CsvEncoding with every line end and delimiter", () => {
  for (const file of written) {
    for (const [eolName, eol] of Object.entries(lineEnds)) {
      for (const delimiter of [",", ";", "\t", "|"] as const) {
        const marked = "mark" in file ? " with a byte order mark" : ""
        it.effect(`reads ${file.encoding}${marked}, ${eolName}, ${JSON.stringify(delimiter)}`, () =>
          Effect.gen(function* () {
            const rows = [
              ["Id", "Given Name", "Job"],
              ["007", file.name, `"a${delimiter} ""b""${eol}c"`],
              ["8", file.name, ""]
            ]
            const text = rows.map((row) => row.join(delimiter) + eol).join("")
            const bytes = encoders[file.encoding](("mark" in file ? file.mark : "") + text)
            const told = { encoding: file.encoding, delimiter } as const
            for (const settings of [{}, told] satisfies ReadonlyArray<Partial<Config>>) {
              const said = yield* read(bytes, { columns, ...settings })
              const notices = "encoding" in settings ? 0 : file.notices
              assert.deepStrictEqual(inShort(said), [
                "Expected 2",
                ...Array.from({ length: notices }, () => "Noticed"),
                "Record 007 @2",
                "Record 8 @4",
                "Complete 2"
              ])
              assert.deepStrictEqual(fieldsOf(said), [
                { firstName: file.name, title: `a${delimiter} "b"${eol}c` },
                { firstName: file.name, title: null }
              ])
            }
          })
        )
      }
    }
  }
})

describe("CsvEncoding", () => {
  const text = "Id,Given Name,Job\n1,Zoë,x\n"

  it.effect("says which line proves that a file is not UTF-8", () =>
    Effect.gen(function* () {
      const said = yield* read(encoders["windows-1252"](`Id,Given Name,Job\n0,Ann,x\n1,Zoë,x\n`), { columns })
      assert.deepInclude(said.messages[1], {
        _tag: "Noticed",
        message:
          'hr.csv is not UTF-8 (line 3 proves it), so it was read as windows-1252. Set `encoding` to "windows-1252" if that is right; have the file written as UTF-8 if it is not.'
      })
    })
  )

  it.effect("takes a header that is not UTF-8 for windows-1252, too", () =>
    Effect.gen(function* () {
      const said = yield* read(encoders["windows-1252"]("Id,Prénom\n1,Zoë\n"), {
        columns: { employeeId: "Id", firstName: "Prénom" }
      })
      assert.deepStrictEqual(inShort(said), ["Expected 1", "Noticed", "Record 1 @2", "Complete 1"])
    })
  )

  it.effect("refuses only the rows that are not UTF-8 when the file is said to be", () =>
    Effect.gen(function* () {
      const bytes = encoders["windows-1252"]("Id,Given Name,Job\n1,Zoë,x\n2,Ann,x\né3,Bob,x\n")
      const said = yield* read(bytes, { columns, encoding: "utf-8" })
      assert.deepStrictEqual(inShort(said), [
        "Expected 2",
        "Rejected encoding-invalid 1 @2",
        "Record 2 @3",
        "Rejected encoding-invalid @4",
        "Incomplete"
      ])
    })
  )

  it.effect("refuses a byte order mark that contradicts the configuration", () =>
    Effect.gen(function* () {
      const said = yield* read(encoders["utf-16le"](mark + text), { columns, encoding: "utf-8" })
      assert.deepStrictEqual(said.messages, [])
      assert.deepInclude(said.failure, {
        _tag: "ConfigInvalid",
        path: "encoding",
        problem: "hr.csv begins with the byte order mark of utf-16le, but `encoding` says utf-8."
      })
    })
  )

  it.effect("refuses text that is not in the encoding it is said to be in", () =>
    Effect.gen(function* () {
      const lone = Buffer.concat([encoders["utf-16le"](text), Buffer.from([0x00, 0xd8, 0x41, 0x00])])
      const said = yield* read(lone, { columns, encoding: "utf-16le" })
      assert.deepStrictEqual(inShort(said), ["Malformed"])
    })
  )

  it.effect("does not take a cut off UTF-8 file for windows-1252", () =>
    Effect.gen(function* () {
      const said = yield* read(Buffer.from("Id,Given Name,Job\n1,Ann,x\n2,Bob,é").subarray(0, -1), { columns })
      assert.deepStrictEqual(inShort(said), ["Expected 1", "Record 1 @2", "Truncated"])
    })
  )

  it.effect("recognises what is no text at all", () =>
    Effect.gen(function* () {
      const said = yield* read(Buffer.from("PK\u0003\u0004 and so on"), { columns })
      assert.deepInclude(said.failure, {
        path: "file",
        problem: "hr.csv is not a CSV file but an Excel workbook or another zip archive."
      })
    })
  )

  it.effect("goes by Excel's sep= line, and skips it when the delimiter is given", () =>
    Effect.gen(function* () {
      for (const settings of [{}, { delimiter: ";" }] as const) {
        const said = yield* read("sep=;\r\nId;Given Name;Job\r\n1;Lee, Ann, A;x\r\n", { columns, ...settings })
        assert.deepStrictEqual(inShort(said), ["Expected 1", "Record 1 @3", "Complete 1"])
        assert.deepStrictEqual(fieldsOf(said), [{ firstName: "Lee, Ann, A", title: "x" }])
      }
    })
  )

  it.effect("does not count delimiters in the quoted part of a header", () =>
    Effect.gen(function* () {
      const said = yield* read('Id;"Name, first, or, given";Job\n1;Ann;x\n', {
        columns: { employeeId: "Id", firstName: "Name, first, or, given" }
      })
      assert.deepStrictEqual(fieldsOf(said), [{ firstName: "Ann" }])
    })
  )
})
