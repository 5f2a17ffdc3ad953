/**
 * Employees, their managers and profiles on the wire: what a body may hold, and what an answer does.
 *
 * The shapes are the customer's document's and docs/directory.md's.
 */
import type * as Contract from "@rollcall/core/contract/Employees"
import { Schema } from "effect"

import { profileAnswer, profileBody } from "./ProfileSchema.ts"
import { CreationInfo, creationAnswer, id, StatusInfo, statusAnswer } from "./StatusSchema.ts"
import * as Text from "./Text.ts"

export const EmployeeBody = Schema.Struct({
  name: Text.line("The whole name.", "Ken Sánchez"),
  email: Text.email("The address at work.", "ken@adventure-works.com"),
  account: Schema.optionalKey(Text.uuid("The account that the person logs in with.")),
  role: Schema.optionalKey(Text.line("In the organization's own words; grants nothing.", "Team lead", 64))
}).annotate({ identifier: "EmployeeBody" })

export const ManagerBody = Schema.Struct({
  managerId: Text.uuid("An employee."),
  type: Text.line("`supervisor` is the one that HR and Together know.", "supervisor", 64)
}).annotate({ identifier: "ManagerBody" })

const profile = {
  employeeNumber: Text.line("HR's number. Given once, and never changed.", "0042", 64),
  firstName: Text.line("The first name.", "Ken", 100),
  lastName: Text.line("The last name.", "Sánchez", 100),
  bio: Text.prose("In the person's own words.", "Rides to work."),
  profileImage: Text.webAddress("A picture.", "https://adventure-works.com/ken.png"),
  birthDate: Text.date("The date of birth.", "1969-01-29"),
  gender: Text.line("In the person's own words.", "male", 64),
  timezone: Text.timeZone,
  location: Text.line("Where the person works.", "Bothell, Washington"),
  joinDate: Text.date("The first day at work.", "2009-01-14"),
  companyRole: Text.line("What the person does.", "Chief Executive Officer")
}

export const EmployeeProfileBody = profileBody("EmployeeProfileBody", profile)

export const EmployeeProfile = profileAnswer("EmployeeProfile", profile)

export const Employee = Schema.Struct({
  id: id("The person's id."),
  name: Schema.String.annotate({ examples: ["Ken Sánchez"] }),
  email: Schema.NullOr(Schema.String).annotate({ description: "Null: HR lists none." }),
  active: Schema.Boolean.annotate({ description: "False from the day the person has left." }),
  status: StatusInfo,
  created: CreationInfo,
  organization: id("Where the person works."),
  account: Schema.optionalKey(id("The account that the person logs in with.")),
  role: Schema.optionalKey(Schema.String.annotate({ description: "In the organization's own words; grants nothing." })),
  type: Schema.optionalKey(Schema.String.annotate({ description: "HR's employee type." }))
}).annotate({ identifier: "Employee" })

export const EmployeeManager = Schema.Struct({
  managerId: id("The manager."),
  type: Schema.String.annotate({ examples: ["supervisor"] }),
  manager: Employee
}).annotate({ identifier: "EmployeeManager" })

export const employeeAnswer = (employee: Contract.Employee): typeof Employee.Type => ({
  id: employee.id,
  name: employee.name,
  email: employee.email,
  active: employee.active,
  status: statusAnswer(employee.status),
  created: creationAnswer(employee.created),
  organization: employee.organization,
  ...(employee.account === null ? {} : { account: employee.account }),
  ...(employee.role === null ? {} : { role: employee.role }),
  ...(employee.type === null ? {} : { type: employee.type })
})

export const managerAnswer = ({ managerId, type, manager }: Contract.Manager): typeof EmployeeManager.Type => ({
  managerId,
  type,
  manager: employeeAnswer(manager)
})
