import { assert, describe, it } from "@effect/vitest"
import { fieldNames } from "@rollcall/core/domain/Field"
import { Result, Schema } from "effect"

import { csv, CsvConfig } from "../src/CsvSource.ts"

const problem = (config: unknown): string => {
  const decoded = Schema.decodeUnknownResult(CsvConfig)(config, { onExcessProperty: "error", errors: "all" })
  return Result.isFailure(decoded) ? decoded.failure.message : ""
}

const withColumns = (columns: object) => ({ file: "hr.csv", columns: { employeeId: "Id", ...columns } })

describe("CsvConfig", () => {
  it("needs a file and the column of the key, and has a default for everything else", () =>
    assert.deepStrictEqual(Schema.decodeSync(CsvConfig)({ file: "hr.csv", columns: { employeeId: "Id" } }), {
      file: "hr.csv",
      columns: { employeeId: "Id" },
      dates: "yyyy-MM-dd",
      encoding: "auto",
      delimiter: "auto",
      quote: '"',
      finalNewline: "expected"
    }))

  it("takes every setting there is", () =>
    assert.strictEqual(
      problem({
        file: "hr.csv",
        columns: {
          employeeId: { column: "Employee Number" },
          firstName: "First Name",
          title: { column: "Job" },
          status: { column: "CurrentFlag", values: { "1": "active", "0": "terminated", "": null }, otherwise: "leave" },
          addressCountry: { constant: "US" },
          remote: { constant: false },
          supervisorId: { column: "ParentEmployeeKey", references: "EmployeeKey" },
          alternateEmails: { column: "Aliases", separator: ";" },
          originalHireDate: { column: "Hired", format: "dd/MM/yyyy" },
          dateOfTermination: { column: "Left", values: { never: null, long: "1999-12-31" } }
        },
        effectiveOn: { column: "StartDate", format: "excel-1904" },
        dates: "excel-1900",
        encoding: "windows-1252",
        delimiter: "\t",
        quote: "'",
        finalNewline: "optional"
      }),
      ""
    ))

  it("has a column for every field of core", () =>
    assert.strictEqual(problem(withColumns(Object.fromEntries(fieldNames.map((name) => [name, name])))), ""))

  it.each([
    [{}, /Say which file to read.*\n.*\["file"\]/],
    [{ file: "hr.csv" }, /Say which column holds which field/],
    [{ file: "hr.csv", columns: {} }, /Say which column holds HR's own key.*\n.*\["columns"\]\["employeeId"\]/],
    [withColumns({ jobTitle: "Job" }), /There is no such field.*\n.*\["jobTitle"\]/],
    [withColumns({ title: { colum: "Job" } }), /There is no such setting here.*\n.*\["title"\]\["colum"\]/],
    [withColumns({ title: {} }), /Say which `column` holds the field, or give a `constant`/],
    [withColumns({ title: { column: "Job", constant: "x" } }), /has no other settings beside it/],
    [withColumns({ title: { column: "Job", references: "Id" } }), /There is no such setting here/],
    [withColumns({ title: { column: "Job", otherwise: "x" } }), /give both/],
    [withColumns({ title: { column: " " } }), /named by the text of its header/],
    [withColumns({ status: { column: "S", values: { x: "gone" } } }), /"active", "leave", "terminated"/],
    [withColumns({ email: { constant: "nobody" } }), /one @ and no space/],
    [withColumns({ originalHireDate: { constant: "1/2/2024" } }), /2024-12-31/],
    [withColumns({ originalHireDate: { column: "Hired", format: "dd/MM/yy" } }), /century/],
    [{ ...withColumns({}), dates: "dd/mm/yyyy" }, /"mm" is not a part/],
    [{ ...withColumns({}), delimiter: ":" }, /Expected "auto", ",", ";"/],
    [{ ...withColumns({}), quote: "''" }, /A quote is one character/],
    [{ ...withColumns({}), quote: ";" }, /A quote is one character/],
    [{ ...withColumns({}), delimeter: ";" }, /There is no such setting here.*\n.*\["delimeter"\]/]
  ])("refuses %j and says why", (config, words) => assert.match(problem(config), words))

  it("is called with what it is about, and stays as it was given", () => {
    const config = { file: "hr.csv", columns: { employeeId: "Id" } } as const
    const binding = csv(config)
    assert.strictEqual(binding.plugin.id, "csv")
    assert.strictEqual(binding.config, config)
  })
})
