import { assert, describe, it } from "@effect/vitest"

import { dateFormatProblem, makeDateReader } from "../src/CsvDates.ts"

const reading = (format: string, cell: string) => {
  const date = makeDateReader(format, "columns.originalHireDate.format")(cell)
  return typeof date === "string" ? date : date.reason
}

describe("CsvDates", () => {
  it.each([
    ["yyyy-MM-dd", "2024-02-29", "2024-02-29"],
    ["yyyy-MM-dd", "2024-03-04T00:00:00", "2024-03-04"],
    ["yyyy-MM-dd", "2024-03-04 00:00:00.000", "2024-03-04"],
    ["yyyy-MM-dd", "2024-03-04T23:59:59.999+14:00", "2024-03-04"],
    ["yyyy-MM-dd", "2024-03-04T00:00Z", "2024-03-04"],
    ["dd/MM/yyyy", "03/04/2024", "2024-04-03"],
    ["MM/dd/yyyy", "03/04/2024", "2024-03-04"],
    ["M/d/yyyy", "3/4/2024", "2024-03-04"],
    ["M/d/yyyy", "12/14/2024 12:00:00 AM", "2024-12-14"],
    ["d.M.yyyy", "3.4.2024", "2024-04-03"],
    ["dd-MMM-yyyy", "03-APR-2024", "2024-04-03"],
    ["d MMM yyyy", "3 apr 2024", "2024-04-03"],
    ["yyyyMMdd", "20240403", "2024-04-03"],
    ["excel-1900", "1", "1900-01-01"],
    ["excel-1900", "59", "1900-02-28"],
    ["excel-1900", "61", "1900-03-01"],
    ["excel-1900", "45385", "2024-04-03"],
    ["excel-1900", "45385.75", "2024-04-03"],
    ["excel-1900", "2958465", "9999-12-31"],
    ["excel-1904", "0", "1904-01-01"],
    ["excel-1904", "43923", "2024-04-03"]
  ])("reads %s: %s", (format, cell, date) => assert.strictEqual(reading(format, cell), date))

  it.each([
    ["yyyy-MM-dd", "03/04/2024"],
    ["yyyy-MM-dd", "3.4.24"],
    ["yyyy-MM-dd", "2024/03/04"],
    ["yyyy-MM-dd", "2024-3-4"],
    ["yyyy-MM-dd", "20240304"],
    ["yyyy-MM-dd", "45385"],
    ["yyyy-MM-dd", "4 March 2024"],
    ["yyyy-MM-dd", "Mar 4, 2024"],
    ["dd/MM/yyyy", "2024-03-04"],
    ["dd/MM/yyyy", "3/4/2024"],
    ["excel-1900", "2024-03-04"],
    ["yyyyMMdd", "2024-03-04"]
  ])("refuses to guess by %s: %s", (format, cell) => assert.strictEqual(reading(format, cell), "date-ambiguous"))

  it("says which setting ends the ambiguity", () => {
    const date = makeDateReader("yyyy-MM-dd", "columns.originalHireDate.format")("03/04/2024")
    assert.deepStrictEqual(date, {
      reason: "date-ambiguous",
      message:
        'The date is not written as yyyy-MM-dd. Say how it is written: set `columns.originalHireDate.format`, or `dates` for the whole file, for example to "dd/MM/yyyy".'
    })
  })

  it.each([
    ["yyyy-MM-dd", "2023-02-29"],
    ["yyyy-MM-dd", "1900-02-29"],
    ["yyyy-MM-dd", "2024-13-01"],
    ["yyyy-MM-dd", "2024-00-10"],
    ["yyyy-MM-dd", "0000-00-00"],
    ["yyyy-MM-dd", "0001-01-01"],
    ["dd/MM/yyyy", "31/02/2024"],
    ["dd/MM/yyyy", "00/00/0000"],
    ["dd-MMM-yyyy", "03-Avr-2024"],
    ["excel-1900", "0"],
    ["excel-1900", "60"],
    ["excel-1900", "2958466"],
    ["excel-1900", "-1"],
    ["yyyy-MM-dd", "soon"],
    ["excel-1904", "soon"]
  ])("finds no date by %s: %s", (format, cell) => assert.strictEqual(reading(format, cell), "value-invalid"))

  it.each(["yyyy-MM-dd", "d/M/yyyy", "yyyyMMdd", "ddMMMyyyy", "dd. MM. yyyy", "excel-1900", "excel-1904"])(
    "accepts the format %s",
    (format) => assert.isUndefined(dateFormatProblem(format))
  )

  it.each([
    ["dd/MM/yy", /century/],
    ["dd/mm/yyyy", /"mm" is not a part/],
    ["DD/MM/YYYY", /"DD" is not a part/],
    ["MM/yyyy", /names the day \(dd or d\) once; this one does so 0 times/],
    ["dd/MM/MMM/yyyy", /month .* 2 times/],
    ["dMyyyy", /need a separator/],
    ["", /year/],
    ["excel", /is not a part/]
  ])("refuses the format %s", (format, problem) => assert.match(dateFormatProblem(format) ?? "", problem))
})
