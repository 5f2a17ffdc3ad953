import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { type Event, type EventParts, type UserRefused, join, rejectionReasons, split } from "../src/domain/Event.ts"
import {
  type FieldName,
  type FieldValue,
  type Fields,
  fieldEntries,
  fieldNames,
  fieldSpec,
  isPersonal
} from "../src/domain/Field.ts"

/** Marks every value that names a person, so that it can be looked for. */
const canary = "CANARY"

const secret = fc.string().map((text) => `${canary} ${text}`)

const valueOf = (name: FieldName): fc.Arbitrary<FieldValue> => {
  const text = isPersonal(name) ? secret : fc.string()
  const kind = fieldSpec(name).kind
  if (kind === "emails") return fc.option(fc.array(text, { maxLength: 3 }))
  return kind === "flag" ? fc.option(fc.boolean()) : fc.option(text)
}

const fields: fc.Arbitrary<Fields> = fc.record(
  Object.fromEntries(fieldNames.map((name) => [name, valueOf(name)])) as {
    [name in FieldName]: fc.Arbitrary<FieldValue>
  },
  { requiredKeys: [] }
)

const said = { source: fc.string(), run: fc.uuid() }
const onDay = { ...said, day: fc.constant("2026-01-01"), employeeId: secret }
const about = { ...onDay, locator: fc.string() }
const decision = {
  sink: fc.constant("together"),
  decidedAt: fc.nat(),
  clock: fc.constant("2026-01-01T00:00:00.000Z"),
  request: fc.uuid(),
  members: fc.nat(),
  payloadHash: fc.string(),
  configurationHash: fc.string(),
  employeeId: secret,
  status: fc.nat()
}

const events: fc.Arbitrary<Event> = fc.oneof(
  fc.record(
    {
      type: fc.constantFrom("EmployeeAppeared" as const, "EmployeeChanged" as const),
      ...about,
      fields,
      withdrawn: fc.array(fc.string())
    },
    { requiredKeys: ["type", "source", "run", "day", "locator", "fields"] }
  ),
  fc.record({ type: fc.constant("EmployeeVanished" as const), ...onDay }),
  fc.record({ type: fc.constant("EmployeeRemoved" as const), ...about }),
  fc.record(
    {
      type: fc.constant("SourceRecordRejected" as const),
      ...about,
      reason: fc.constantFrom(...rejectionReasons),
      message: fc.string(),
      field: fc.string(),
      value: secret
    },
    { requiredKeys: ["type", "source", "run", "locator", "reason", "message"] }
  ),
  fc.record({
    type: fc.constant("SourceRunFailed" as const),
    ...said,
    reason: fc.string(),
    message: fc.string()
  }),
  fc.record({
    type: fc.constantFrom("UserCreated" as const, "UserUpdated" as const, "UserUnchanged" as const),
    ...decision,
    fields
  }),
  fc.record({
    type: fc.constantFrom("UserRejected" as const, "UserConflicted" as const, "UserGone" as const),
    ...decision,
    answer: secret
  })
)

/** As the log keeps it. */
const stored = (event: Event): EventParts => JSON.parse(JSON.stringify(split(event))) as EventParts

/** As the log keeps it after the person was erased. */
const erased = (event: Event): Event => join(event.type, { data: stored(event).data, personal: null })

describe("split and join", () => {
  it("give back every event", () => {
    fc.assert(
      fc.property(events, (event) => {
        assert.deepStrictEqual(join(event.type, stored(event)), event)
      })
    )
  })

  it("keep every personal and sensitive value, the key and the vendor's words out of what stays", () => {
    fc.assert(fc.property(events, (event) => !JSON.stringify(split(event).data).includes(canary)))
  })

  it("keep what names nobody in the part that stays", () => {
    fc.assert(
      fc.property(events, (event) => {
        if (!("fields" in event)) return
        const open = Object.fromEntries(fieldEntries(event.fields).filter(([name]) => !isPersonal(name)))
        assert.deepStrictEqual(split(event).data["fields"], open)
      })
    )
  })

  it("have no personal part where nothing names a person", () => {
    const event: Event = { type: "SourceRunFailed", source: "hr", run: "r", reason: "Truncated", message: "cut off" }
    assert.isNull(split(event).personal)
  })

  it("join what an erasure leaves without the person in it", () => {
    fc.assert(
      fc.property(events, (event) => {
        const left = erased(event)
        assert.strictEqual(left.type, event.type)
        assert.notInclude(JSON.stringify(left), canary)
        assert.notProperty(left, "employeeId")
        if ("fields" in left) assert.isTrue(fieldEntries(left.fields).every(([name]) => !isPersonal(name)))
      })
    )
  })

  it("tell an erased field (missing) from one that was said to be empty (null)", () => {
    const event: Event = {
      type: "EmployeeChanged",
      source: "hr",
      run: "r",
      day: "2026-01-01",
      employeeId: "e-1",
      locator: "hr.csv:2",
      fields: { title: null, gender: null }
    }
    assert.deepStrictEqual(join(event.type, stored(event)), event)
    assert.deepStrictEqual((erased(event) as typeof event).fields, { title: null })
  })

  it("part the vendor's answer from the refusal", () => {
    const event: UserRefused = {
      type: "UserRejected",
      sink: "together",
      decidedAt: 1,
      clock: "2026-01-01T00:00:00.000Z",
      request: "q",
      members: 1,
      payloadHash: "h",
      configurationHash: "c",
      employeeId: "e-1",
      status: 400,
      answer: "Ada has no email"
    }
    assert.deepStrictEqual(split(event).personal, { employeeId: "e-1", answer: "Ada has no email" })
  })
})
