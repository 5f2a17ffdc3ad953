import { assert, describe, it } from "@effect/vitest"
import { type FieldKind, type FieldName, type Fields, fieldNames, fieldSpecs } from "@rollcall/core/domain/Field"
import { problemOfNew } from "@rollcall/sandbox/TogetherFields"
import { Schema } from "effect"

import { fromWire, toWire } from "../src/TogetherWire.ts"
import { newcomer } from "./Vendor.ts"

/** The fields of the example in the User API article. */
const documented = [
  "employeeId",
  "lastUpdated",
  "firstName",
  "middleName",
  "lastName",
  "preferredName",
  "email",
  "alternateEmails",
  "dateOfBirth",
  "dateOfSeniority",
  "dateInJob",
  "departmentId",
  "departmentName",
  "lastHireDate",
  "dateOfTermination",
  "employeeStatusCode",
  "employeeTypeCode",
  "fullTimeOrPartTimeCode",
  "gender",
  "officeId",
  "officeAddress",
  "originalHireDate",
  "supervisorId",
  "title",
  "remote",
  "addressState",
  "addressCountry"
]

const everything: Fields = {
  ...newcomer(1),
  middleName: "",
  preferredName: "Gaz",
  alternateEmails: ["gsmith@example.com", "gary@example2.com"],
  supervisorId: "e-2",
  title: "Analyst",
  departmentId: "PRIVEQ",
  departmentName: "Private Equity",
  officeId: "NOREAST",
  officeAddress: "1225 Norfolk Dr",
  addressState: "ON",
  addressCountry: "CA",
  remote: false,
  employeeTypeCode: "C",
  fullTimeOrPartTimeCode: "F",
  gender: "M",
  dateOfBirth: "1984-02-29",
  originalHireDate: "2019-01-01",
  lastHireDate: "2019-01-02",
  dateOfTermination: "2030-12-31",
  dateOfSeniority: "2019-01-03",
  dateInJob: "2019-01-04"
}

const code = (status: string) => toWire("e-1", { status })

describe("TogetherWire: names and codes", () => {
  it("has every field of core in the fixture", () => {
    assert.sameMembers(Object.keys(everything), [...fieldNames])
  })

  it("writes every field under its documented name, and nothing else", () => {
    const names = Object.keys(toWire("e-1", everything))
    assert.isEmpty(names.filter((name) => !documented.includes(name)))
    assert.lengthOf(names, fieldNames.length + 1)
  })

  it("calls the status employeeStatusCode, and A, L or T", () => {
    assert.deepStrictEqual(code("active"), { employeeId: "e-1", employeeStatusCode: "A" })
    assert.deepStrictEqual(code("leave"), { employeeId: "e-1", employeeStatusCode: "L" })
    assert.deepStrictEqual(code("terminated"), { employeeId: "e-1", employeeStatusCode: "T" })
  })

  it("passes texts, lists and flags on as they are", () => {
    const fields: Fields = { title: "  Analyst ", alternateEmails: ["b@x.org", "a@x.org"], remote: false, gender: "" }
    assert.deepStrictEqual(toWire("e-1", fields), { employeeId: "e-1", ...fields })
  })

  it("makes midnight in UTC of a calendar date", () => {
    assert.strictEqual(toWire("e-1", { dateOfBirth: "1984-02-29" })["dateOfBirth"], "1984-02-29T00:00:00.000Z")
  })

  it("writes what the vendor accepts as a new user", () => {
    assert.isUndefined(problemOfNew(toWire("e-1", everything)))
  })
})

describe("TogetherWire: emptied and missing values", () => {
  it("empties each kind of field in its own way", () => {
    const fields: Fields = { title: null, supervisorId: null, alternateEmails: null, dateInJob: null, remote: null }
    assert.deepStrictEqual(toWire("e-1", fields), {
      employeeId: "e-1",
      alternateEmails: [],
      supervisorId: "",
      title: "",
      remote: null,
      dateInJob: null
    })
  })

  it("empties optional fields in ways that the vendor accepts", () => {
    const optional = fieldNames.filter((name) => !("required" in fieldSpecs[name]))
    const emptied = Object.fromEntries(optional.map((name) => [name, null]))
    assert.isUndefined(problemOfNew(toWire("e-1", { ...newcomer(1), ...emptied })))
  })

  it("stays quiet about fields that nobody has an opinion on", () => {
    assert.deepStrictEqual(toWire("e-1", {}), { employeeId: "e-1" })
  })
})

const valueOf: Record<FieldKind, Schema.Schema<unknown>> = {
  text: Schema.String,
  email: Schema.String,
  emails: Schema.Array(Schema.String),
  status: Schema.Literals(["active", "leave", "terminated"]),
  reference: Schema.String,
  date: Schema.Literals(["2019-01-01", "1984-02-29", "9999-12-31"]),
  flag: Schema.Boolean
}

const AnyFields = Schema.Struct(
  Object.fromEntries(
    fieldNames.map((name) => [name, Schema.optionalKey(Schema.NullOr(valueOf[fieldSpecs[name].kind]))])
  )
)

describe("TogetherWire: whatever is sent", () => {
  it.prop("puts the key first and never leaves it out", [Schema.NonEmptyString, AnyFields], ([employeeId, fields]) => {
    const sent: unknown = JSON.parse(JSON.stringify(toWire(employeeId, fields)))
    assert.deepStrictEqual(Object.entries(sent as object)[0], ["employeeId", employeeId])
  })

  it.prop("lets no name through but documented ones", [AnyFields], ([fields]) => {
    const names = Object.keys(toWire("e-1", fields))
    assert.isEmpty(names.filter((name) => !documented.includes(name)))
    assert.lengthOf(names, Object.keys(fields).length + 1)
  })

  it("lets nothing through that core does not know, not even another key", () => {
    const fields = { employeeId: "e-9", employeeNumber: "9", userId: "usr_9", salary: "1" } as unknown as Fields
    assert.deepStrictEqual(toWire("e-1", fields), { employeeId: "e-1" })
  })
})

const readField = (name: FieldName, value: unknown) =>
  fromWire({ [name === "status" ? "employeeStatusCode" : name]: value }).fields[name]

describe("TogetherWire: a listed user", () => {
  it.each([
    [{ userId: "u-1", id: 7 }, "u-1"],
    [{ id: 7 }, "7"],
    [{ _id: "65f" }, "65f"],
    [{ userId: "" }, undefined],
    [{ userId: null, id: {} }, undefined]
  ])("takes Together's own id from %j", (user, userId) => {
    assert.strictEqual(fromWire(user).userId, userId)
  })

  it.each([
    [{ employeeId: "007" }, "007"],
    [{ employeeNumber: "12" }, "12"],
    [{ employeeId: "", employeeNumber: "12" }, "12"],
    [{ employeeId: 7 }, undefined],
    [{ employeeId: null }, undefined]
  ])("takes the key from %j as it is written", (user, employeeId) => {
    assert.strictEqual(fromWire(user).employeeId, employeeId)
  })

  it.each([
    ["A", "active"],
    ["l", "leave"],
    ["T", "terminated"],
    ["X", undefined],
    ["active", undefined],
    [1, undefined]
  ] as const)("reads the status code %j as %s", (code, status) => {
    assert.strictEqual(readField("status", code), status)
  })

  it.each([
    ["2019-01-01", "2019-01-01"],
    ["2019-01-01T00:00:00.000Z", "2019-01-01"],
    ["2018-12-31T19:00:00-05:00", "2019-01-01"],
    ["2019-01-01T23:59", "2019-01-01"],
    ["2019-02-30", undefined],
    ["2019-01-01Tea", undefined],
    ["01/01/2019", undefined],
    [1546300800000, undefined]
  ])("reads the date %j as %s", (text, day) => {
    assert.strictEqual(readField("dateInJob", text), day)
  })

  it("reads what is emptied, in either way", () => {
    for (const name of fieldNames) assert.deepStrictEqual([readField(name, ""), readField(name, null)], [null, null])
    assert.isNull(readField("alternateEmails", []))
  })

  it("leaves out what is of another kind, and what it does not know", () => {
    const user = { title: 3, remote: "yes", alternateEmails: [1], email: ["a"], supervisorId: {}, salary: "1" }
    assert.deepStrictEqual(fromWire(user), { fields: {} })
  })
})

const text = Schema.NonEmptyString
const valid: Record<FieldKind, Schema.Schema<unknown>> = {
  ...valueOf,
  text,
  email: text,
  reference: text,
  emails: Schema.NonEmptyArray(text)
}

const ValidFields = Schema.Struct(
  Object.fromEntries(fieldNames.map((name) => [name, Schema.optionalKey(Schema.NullOr(valid[fieldSpecs[name].kind]))]))
)

describe("TogetherWire: there and back", () => {
  it.prop("brings back what was sent", [Schema.NonEmptyString, ValidFields], ([employeeId, fields]) => {
    const back = fromWire(JSON.parse(JSON.stringify(toWire(employeeId, fields))) as Record<string, unknown>)
    assert.deepStrictEqual(back, { employeeId, fields })
  })
})
