/**
 * The 290 people of Microsoft's AdventureWorks sample (MIT, see LICENSE beside this file), towards the stand-in that
 * `npx rollcall sandbox` runs on port 4010.
 */
import { csv, defineConfig } from "rollcall"

export default defineConfig({
  // Where `npm start` keeps its database, so that `status`, `plan` and `employee` show what it did.
  data: "../../.rollcall",
  sources: {
    hr: csv({
      file: "employees.csv",
      columns: {
        // Stays the same over all versions of a person; EmployeeKey is a new one for each version.
        employeeId: "EmployeeNationalIDAlternateKey",
        firstName: "FirstName",
        middleName: "MiddleName",
        lastName: "LastName",
        email: "EmailAddress",
        title: "Title",
        departmentName: "DepartmentName",
        gender: "Gender",
        dateOfBirth: "BirthDate",
        originalHireDate: "HireDate",
        dateInJob: "StartDate",
        status: { column: "CurrentFlag", values: { "1": "active", "0": "terminated" } },
        supervisorId: { column: "ParentEmployeeKey", references: "EmployeeKey" }
      },
      effectiveOn: "StartDate"
    })
  },
  programs: [
    {
      // The chiefs and vice presidents mentor.
      programId: "mentoring-2026",
      who: [{ title: { matches: "Chief|Vice President" } }],
      roles: { mentor: true }
    }
  ],
  together: {
    baseUrl: "http://127.0.0.1:4010",
    organizationId: "demo-organization",
    clientId: "demo-client",
    apiKey: "demo-api-key"
  }
})
