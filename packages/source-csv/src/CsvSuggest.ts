/**
 * Suggests which column of a file holds which field, from the header alone.
 *
 * For `rollcall init`, which writes the suggestion into a configuration that people read before anything runs; nothing
 * is ever mapped by suggestion at run time.
 */
import { basename, dirname } from "node:path"

import { type FieldName, fieldNames, requiredFields } from "@rollcall/core/domain/Field"
import { Schema } from "effect"

import { CsvConfig } from "./CsvConfig.ts"
import { bytesOf, openFile, recogniseForm } from "./CsvFile.ts"
import { plainName } from "./CsvHeader.ts"
import { readRows } from "./CsvReader.ts"

type Target = FieldName | "employeeId"

export interface Suggestion {
  /** Field -> header of the column that looks like it. */
  readonly columns: { readonly [field in Target]?: string }
  /** Required fields for which no column was found. */
  readonly missing: ReadonlyArray<Target>
  /** Headers that look like no field. */
  readonly unused: ReadonlyArray<string>
}

/** What HR systems call the fields, beside the field's own name; plain letters and digits, most telling first. */
const otherNames: { readonly [field in Target]?: ReadonlyArray<string> } = {
  employeeId: [
    "employeenumber",
    "employeeno",
    "empno",
    "empid",
    "personnelnumber",
    "workerid",
    "staffid",
    "personid",
    "id"
  ],
  firstName: ["givenname", "forename", "legalfirstname", "first"],
  middleName: ["secondname", "middle"],
  lastName: ["surname", "familyname", "legallastname", "last"],
  preferredName: ["knownas", "nickname", "preferredfirstname"],
  email: ["emailaddress", "workemail", "workemailaddress", "businessemail", "mail"],
  status: ["employeestatuscode", "employeestatus", "employmentstatus", "currentflag"],
  supervisorId: ["manageremployeenumber", "manageremployeeid", "managerid", "supervisornumber", "reportsto", "manager"],
  title: ["jobtitle", "position", "positiontitle", "businesstitle", "job", "role"],
  departmentId: ["departmentcode", "deptno", "deptid", "orgunit", "costcenter"],
  departmentName: ["department", "dept", "deptname", "departmentdescription"],
  officeId: ["locationcode", "siteid", "officecode"],
  officeAddress: ["office", "location", "site", "worklocation"],
  addressState: ["state", "province", "region"],
  addressCountry: ["country", "countrycode"],
  remote: ["isremote", "workfromhome"],
  employeeTypeCode: ["employeetype", "workertype", "contracttype"],
  fullTimeOrPartTimeCode: ["fulltimeparttime", "ftpt", "timetype"],
  gender: ["sex"],
  dateOfBirth: ["birthdate", "dob", "birthday"],
  originalHireDate: ["hiredate", "startdate", "dateofhire", "joindate"],
  lastHireDate: ["rehiredate", "lasthire"],
  dateOfTermination: ["terminationdate", "enddate", "leavedate", "lastday"],
  dateOfSeniority: ["senioritydate"],
  dateInJob: ["jobstartdate", "positionstartdate"]
}

/** Throws what makes the file unusable, as `check` would. */
export const suggestColumns = async (path: string): Promise<Suggestion> => {
  const config = Schema.decodeUnknownSync(CsvConfig)({ file: basename(path), columns: { employeeId: "?" } })
  const file = await openFile(config, dirname(path))
  try {
    const { batches } = readRows(bytesOf(file), recogniseForm(file, config))
    const first = await batches.next()
    await batches.return(undefined)
    return suggest(first.done === true ? [] : (first.value[0]?.cells ?? []))
  } finally {
    await file.handle.close()
  }
}

export const suggest = (header: ReadonlyArray<string>): Suggestion => {
  const free = new Map(header.map((name) => [plainName(name), name.trim()]))
  const columns: { [field in Target]?: string } = {}
  const targets: ReadonlyArray<Target> = ["employeeId", ...fieldNames]
  // Everybody's own name first, so that "Employee ID" is not lost to a field that would take it for want of better.
  for (const alternatives of [false, true]) {
    for (const field of targets) {
      if (columns[field] !== undefined) continue
      const names = alternatives ? (otherNames[field] ?? []) : [plainName(field)]
      const found = names.find((name) => free.has(name))
      if (found === undefined) continue
      columns[field] = free.get(found) ?? ""
      free.delete(found)
    }
  }
  const missing = (["employeeId", ...requiredFields] as const).filter((field) => columns[field] === undefined)
  return { columns, missing, unused: [...free.values()].filter((name) => name !== "") }
}
