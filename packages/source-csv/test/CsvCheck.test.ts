import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { check } from "./SiteOnDisk.ts"

const columns = { employeeId: "Id", title: "Job" } as const

describe("CsvCheck", () => {
  it.effect("says in one line what the file is", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* check("Id;Job;Office\n1;x;y\n2;x;y\n", { columns }), {
        summary: "hr.csv: 3 columns, utf-8, semicolon; 2 rows looked at",
        findings: []
      })
    })
  )

  it.effect("looks at a hundred rows and no more", () =>
    Effect.gen(function* () {
      const rows = Array.from({ length: 5000 }, (_, i) => `${i},x\n`).join("")
      const { findings, summary } = yield* check(`Id,Job\n${rows},y\n`, { columns })
      assert.strictEqual(summary, "hr.csv: 2 columns, utf-8, comma; 100 rows looked at")
      assert.deepStrictEqual(findings, [])
    })
  )

  it.effect("tells where rows would be refused, and why", () =>
    Effect.gen(function* () {
      const { findings } = yield* check("Id,Hired\n1,03/04/2024\n,2024-01-01\n3\n", {
        columns: { employeeId: "Id", originalHireDate: "Hired" }
      })
      assert.match(findings[0] ?? "", /^hr\.csv:2: originalHireDate: The date is not written as yyyy-MM-dd/)
      assert.match(findings[1] ?? "", /^hr\.csv:3: employeeId: The row has no employeeId/)
      assert.match(findings[2] ?? "", /^hr\.csv:4: The row has 1 cell,/)
      assert.strictEqual(findings.length, 3)
    })
  )

  it.effect("points out columns that look like fields and are not read", () =>
    Effect.gen(function* () {
      const { findings } = yield* check("Id,Job,First Name,LASTNAME,Depratment_Name,Shoe Size,E\n", { columns })
      assert.deepStrictEqual(findings, [
        'The column "First Name" is not read; set `columns.firstName` if it holds that.',
        'The column "LASTNAME" is not read; set `columns.lastName` if it holds that.',
        'The column "Depratment_Name" is not read; set `columns.departmentName` if it holds that.'
      ])
    })
  )

  it.effect("stays quiet about references, which a sample cannot resolve", () =>
    Effect.gen(function* () {
      const { findings } = yield* check("Id,Job,Row,Boss\n1,x,10,20\n", {
        columns: { ...columns, supervisorId: { column: "Boss", references: "Row" } }
      })
      assert.deepStrictEqual(findings, [])
    })
  )

  it.effect("says that a file is not UTF-8", () =>
    Effect.gen(function* () {
      const { findings, summary } = yield* check(Buffer.from("Id,Job\n1,Zo\xeb\n", "latin1"), { columns })
      assert.strictEqual(summary, "hr.csv: 2 columns, windows-1252, comma; 1 row looked at")
      assert.match(findings[0] ?? "", /^hr\.csv is not UTF-8 \(line 2 proves it\)/)
    })
  )

  it.effect("says that a short file breaks off", () =>
    Effect.gen(function* () {
      const { findings } = yield* check("Id,Job\n1,x\n2", { columns })
      assert.deepStrictEqual(findings, ["hr.csv:3: The file ends in the middle of the row that begins on line 3."])
    })
  )
})
