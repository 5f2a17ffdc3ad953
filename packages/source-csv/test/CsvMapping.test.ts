import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { type Config, fieldsOf, inShort, read, refusalsOf } from "./SiteOnDisk.ts"

/** Reads one column, a cell a person, into one field; settings of the column or of the file may be added. */
const readCells = (
  columns: Omit<Config["columns"], "employeeId">,
  cells: ReadonlyArray<string>,
  settings: Partial<Config> = {}
) =>
  read(`Id,Cell\n${cells.map((cell, i) => `${i + 1},${cell}\n`).join("")}`, {
    columns: { employeeId: "Id", ...columns },
    ...settings
  })

describe("CsvMapping of the key", () => {
  it.effect("never parses it: zeros, letters and case stay, space around it goes", () =>
    Effect.gen(function* () {
      const said = yield* read("Id\n007\n a1 \nA1\n1.50\n", { columns: { employeeId: "Id" } })
      assert.deepStrictEqual(inShort(said), [
        "Expected 4",
        "Record 007 @2",
        "Record a1 @3",
        "Record A1 @4",
        "Record 1.50 @5",
        "Complete 4"
      ])
    })
  )

  it.effect("refuses a row without one, and then absence proves nothing", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Job\n1,x\n,y\n  ,z\n", { columns: { employeeId: "Id", title: "Job" } })
      assert.deepStrictEqual(inShort(said), [
        "Expected 1",
        "Record 1 @2",
        "Rejected key-missing @3",
        "Rejected key-missing @4",
        "Incomplete"
      ])
      assert.deepInclude(said.messages.at(-1), {
        reason: "Line 3 and 1 more are rows without an employeeId that could be read."
      })
    })
  )
})

describe("CsvMapping of cells", () => {
  it.effect("trims, asserts the empty, and has no opinion on what has no column", () =>
    Effect.gen(function* () {
      const said = yield* readCells({ title: "Cell" }, [" Engineer ", "", '" "', "\u00A0x\u00A0"])
      assert.deepStrictEqual(fieldsOf(said), [{ title: "Engineer" }, { title: null }, { title: null }, { title: "x" }])
    })
  )

  it.effect("reads statuses in words and letters", () =>
    Effect.gen(function* () {
      const said = yield* readCells({ status: "Cell" }, ["active", "L", "t", "TERMINATED", "Leave", "A", ""])
      assert.deepStrictEqual(
        fieldsOf(said).map(({ status }) => status),
        ["active", "leave", "terminated", "terminated", "leave", "active", null]
      )
    })
  )

  it.effect("reads flags", () =>
    Effect.gen(function* () {
      const said = yield* readCells({ remote: "Cell" }, ["true", "NO", "y", "N", "1", "0", ""])
      assert.deepStrictEqual(
        fieldsOf(said).map(({ remote }) => remote),
        [true, false, true, false, true, false, null]
      )
    })
  )

  it.effect("reads several e-mail addresses from one cell", () =>
    Effect.gen(function* () {
      const said = yield* readCells({ alternateEmails: "Cell" }, ["a@x.org; b@x.org;", "a@x.org", ";", ""])
      assert.deepStrictEqual(
        fieldsOf(said).map(({ alternateEmails }) => alternateEmails),
        [["a@x.org", "b@x.org"], ["a@x.org"], null, null]
      )
      const other = yield* readCells({ alternateEmails: { column: "Cell", separator: "/" } }, ["a@x.org/b@x.org"])
      assert.deepStrictEqual(fieldsOf(other), [{ alternateEmails: ["a@x.org", "b@x.org"] }])
    })
  )

  it.effect("reads dates as the file writes them, or as the column does", () =>
    Effect.gen(function* () {
      const said = yield* readCells({ originalHireDate: "Cell" }, ["2024-02-29", "2024-02-29T08:00:00Z", ""])
      assert.deepStrictEqual(
        fieldsOf(said).map((fields) => fields.originalHireDate),
        ["2024-02-29", "2024-02-29", null]
      )
      const file = yield* readCells({ originalHireDate: "Cell" }, ["03/04/2024"], { dates: "MM/dd/yyyy" })
      assert.deepStrictEqual(fieldsOf(file), [{ originalHireDate: "2024-03-04" }])
      const column = yield* readCells({ originalHireDate: { column: "Cell", format: "dd/MM/yyyy" } }, ["03/04/2024"])
      assert.deepStrictEqual(fieldsOf(column), [{ originalHireDate: "2024-04-03" }])
    })
  )

  it.effect.each([
    ["status", "gone", "value-invalid"],
    ["remote", "maybe", "value-invalid"],
    ["email", "a@b@c", "value-invalid"],
    ["email", "ann lee@x.org", "value-invalid"],
    ["email", "ann", "value-invalid"],
    ["alternateEmails", "a@x.org;ann", "value-invalid"],
    ["originalHireDate", "03/04/2024", "date-ambiguous"],
    ["originalHireDate", "2024-02-31", "value-invalid"]
  ] as const)("refuses a row with the %s %s, with the key and without repeating the cell", ([field, cell, reason]) =>
    Effect.gen(function* () {
      const said = yield* readCells({ [field]: "Cell" }, [cell, ""])
      assert.deepStrictEqual(inShort(said), ["Expected 2", `Rejected ${reason} 1 @2`, "Record 2 @3", "Complete 2"])
      const [refusal] = refusalsOf(said)
      assert.deepInclude(refusal, { field, value: cell, key: "1" })
      assert.notInclude(refusal?.message, cell)
    })
  )

  it.effect("says how many cells of a row are at fault beside the first", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Status,Remote,Hired\n1,gone,maybe,soon\n2,gone,maybe,\n", {
        columns: { employeeId: "Id", status: "Status", remote: "Remote", originalHireDate: "Hired" }
      })
      const [three, two] = refusalsOf(said)
      assert.match(three?.message ?? "", / 2 more cells are at fault in the row\.$/)
      assert.match(two?.message ?? "", / 1 more cell is at fault in the row\.$/)
    })
  )
})

describe("CsvMapping by `values` and `constant`", () => {
  const status = { column: "Cell", values: { "1": "active", "0": "terminated", "?": null } } as const

  it.effect("translates cells", () =>
    Effect.gen(function* () {
      const said = yield* readCells({ status }, ["1", "0", "?", ""])
      assert.deepStrictEqual(
        fieldsOf(said).map((fields) => fields.status),
        ["active", "terminated", null, null]
      )
    })
  )

  it.effect("refuses what is not listed, even what it would understand otherwise", () =>
    Effect.gen(function* () {
      const said = yield* readCells({ status }, ["active"])
      assert.deepInclude(refusalsOf(said)[0], {
        reason: "value-invalid",
        message:
          "The cell holds something that `columns.status.values` does not list: list it there, or set `otherwise`."
      })
    })
  )

  it.effect("takes `otherwise` for what is not listed, but not for the empty cell", () =>
    Effect.gen(function* () {
      const said = yield* readCells({ status: { ...status, otherwise: "leave" } }, ["2", "1", ""])
      assert.deepStrictEqual(
        fieldsOf(said).map((fields) => fields.status),
        ["leave", "active", null]
      )
      const empties = yield* readCells({ status: { ...status, otherwise: null } }, ["2"])
      assert.deepStrictEqual(fieldsOf(empties), [{ status: null }])
    })
  )

  it.effect("translates an empty cell that is listed", () =>
    Effect.gen(function* () {
      const said = yield* readCells({ remote: { column: "Cell", values: { "": false, x: true } } }, ["", "x"])
      assert.deepStrictEqual(fieldsOf(said), [{ remote: false }, { remote: true }])
    })
  )

  it.effect("gives everyone the constant", () =>
    Effect.gen(function* () {
      const said = yield* readCells({ title: "Cell", addressCountry: { constant: "US" } }, ["x", ""])
      assert.deepStrictEqual(fieldsOf(said), [
        { title: "x", addressCountry: "US" },
        { title: null, addressCountry: "US" }
      ])
    })
  )
})

describe("CsvMapping of references", () => {
  const columns = { employeeId: "Id", supervisorId: { column: "Boss", references: "Row" } } as const

  it.effect("takes the employeeId itself when no other column is named, whether or not it is in the file", () =>
    Effect.gen(function* () {
      const said = yield* read("Id,Boss\n1,99\n", { columns: { employeeId: "Id", supervisorId: "Boss" } })
      assert.deepStrictEqual(fieldsOf(said), [{ supervisorId: "99" }])
    })
  )

  it.effect("finds the employee that a cell names by another column, before or after", () =>
    Effect.gen(function* () {
      const said = yield* read("Row,Id,Boss\n10,a,30\n20,b,10\n30,c,\n", { columns })
      assert.deepStrictEqual(fieldsOf(said), [{ supervisorId: "c" }, { supervisorId: "a" }, { supervisorId: null }])
    })
  )

  it.effect("finds an e-mail address however it is capitalised", () =>
    Effect.gen(function* () {
      const said = yield* read("Row,Id,Boss\nAnn@x.org,a,\nbob@x.org,b,ann@X.org\n", { columns })
      assert.deepStrictEqual(fieldsOf(said)[1], { supervisorId: "a" })
    })
  )

  it.effect("has no opinion on a reference that names nobody, and says so beside the record", () =>
    Effect.gen(function* () {
      const said = yield* read("Row,Id,Boss,Job\n10,a,99,x\n", { columns: { ...columns, title: "Job" } })
      assert.deepStrictEqual(inShort(said), [
        "Expected 1",
        "Record a @2",
        "Rejected reference-unknown a @2",
        "Complete 1"
      ])
      assert.deepStrictEqual(fieldsOf(said), [{ title: "x" }])
      assert.deepInclude(refusalsOf(said)[0], { field: "supervisorId", value: "99" })
    })
  )

  it.effect("does not choose between several people of one name", () =>
    Effect.gen(function* () {
      const said = yield* read("Row,Id,Boss\n10,a,\n10,b,\n20,c,10\n", { columns })
      assert.deepStrictEqual(fieldsOf(said)[2], {})
      assert.match(refusalsOf(said)[0]?.message ?? "", /^The cell names several people/)
    })
  )

  it.effect("stays quiet about several rows of one person", () =>
    Effect.gen(function* () {
      const said = yield* read("Row,Id,Boss,From\n10,a,,2020-01-01\n10,a,,2021-01-01\n20,c,10,2020-01-01\n", {
        columns,
        effectiveOn: "From"
      })
      assert.deepStrictEqual(refusalsOf(said), [])
      assert.deepStrictEqual(fieldsOf(said)[2], { supervisorId: "a" })
    })
  )
})
