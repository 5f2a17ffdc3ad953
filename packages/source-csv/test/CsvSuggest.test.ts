import { assert, describe, it } from "@effect/vitest"

import { suggest } from "../src/CsvSuggest.ts"

describe("CsvSuggest", () => {
  it("recognises fields by their own names and by what HR systems call them", () => {
    const { columns, missing } = suggest([
      "Employee Number",
      "First Name",
      "Surname",
      "Work E-Mail Address",
      "Status",
      "DOB"
    ])
    assert.deepStrictEqual(columns, {
      employeeId: "Employee Number",
      firstName: "First Name",
      status: "Status",
      lastName: "Surname",
      email: "Work E-Mail Address",
      dateOfBirth: "DOB"
    })
    assert.deepStrictEqual(missing, [])
  })

  it("prefers a field's own name to another field's nickname", () => {
    const { columns } = suggest(["ID", "Employee ID", "Manager", "Supervisor ID"])
    assert.deepInclude(columns, { employeeId: "Employee ID", supervisorId: "Supervisor ID" })
  })

  it("gives each column to one field", () => {
    const { columns } = suggest(["Start Date"])
    assert.deepStrictEqual(columns, { originalHireDate: "Start Date" })
  })

  it("says what is missing and what is left over", () => {
    const { missing, unused } = suggest(["Employee ID", "First Name", "Shoe Size", ""])
    assert.deepStrictEqual(missing, ["lastName", "email", "status"])
    assert.deepStrictEqual(unused, ["Shoe Size"])
  })
})
