import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"

import { type Event, type EventParts, join, split } from "../src/domain/Event.ts"
import {
  type FieldName,
  type FieldValue,
  type Fields,
  fieldEntries,
  fieldNames,
  fieldSpec,
  isPersonal
} from "../src/domain/Field.ts"
import { requestOperations } from "../src/domain/LaneEvent.ts"
import type { RemoteUserFound, UserRefused } from "../src/domain/SinkEvent.ts"
import { rejectionReasons } from "../src/domain/SourceEvent.ts"

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

const listed = { sink: fc.constant("together"), request: fc.uuid(), employeeId: secret }
const ofSink = { sink: fc.constant("together"), configurationHash: fc.string() }
const ofLane = {
  sink: fc.constant("together"),
  lane: fc.string(),
  grant: fc.nat(),
  request: fc.uuid(),
  operation: fc.constantFrom(...requestOperations),
  members: fc.nat()
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
  }),
  fc.record({ type: fc.constant("ProgramRegistered" as const), ...decision, programId: fc.string() }),
  fc.record({ type: fc.constant("ProgramRefused" as const), ...decision, programId: fc.string(), answer: secret }),
  fc.record(
    { type: fc.constant("EntryFound" as const), ...listed, keyed: fc.boolean(), userId: secret, fields },
    { requiredKeys: ["type", "sink", "request", "keyed", "fields"] }
  ),
  fc.record(
    { type: fc.constant("DriftFound" as const), ...listed, fields, missing: fc.constant(true as const) },
    { requiredKeys: ["type", "sink", "request", "fields"] }
  ),
  fc.record(
    { type: fc.constant("RemoteUserFound" as const), ...listed, userId: secret },
    { requiredKeys: ["type", "sink", "request", "userId"] }
  )
)

/** Events in which nobody is named. */
const impersonal: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ type: fc.constant("DriftResolved" as const), sink: fc.string(), request: fc.uuid() }),
  fc.record({
    type: fc.constant("VerificationCompleted" as const),
    sink: fc.string(),
    request: fc.uuid(),
    run: fc.uuid(),
    whole: fc.boolean(),
    counts: fc.record({
      users: fc.nat(),
      matched: fc.nat(),
      drifted: fc.nat(),
      missing: fc.nat(),
      found: fc.nat(),
      linkable: fc.nat(),
      remoteOnly: fc.nat()
    })
  }),
  fc.record({ type: fc.constant("HoldReleased" as const), by: fc.string(), reason: fc.string() }),
  fc.record({ type: fc.constant("CredentialsRefused" as const), ...ofSink, request: fc.uuid() }),
  fc.record({ type: fc.constantFrom("CredentialsAccepted" as const, "ArraysRefused" as const), ...ofSink }),
  fc.record({
    type: fc.constant("RequestGranted" as const),
    ...ofLane,
    run: fc.uuid(),
    startsAfterMillis: fc.nat(),
    endsWithinMillis: fc.nat()
  }),
  fc.record({
    type: fc.constant("RequestAnswered" as const),
    ...ofLane,
    status: fc.nat(),
    endedMillisAgo: fc.nat()
  }),
  fc.record(
    {
      type: fc.constant("RequestDeferred" as const),
      ...ofLane,
      status: fc.nat(),
      reason: fc.string(),
      waitMillis: fc.nat(),
      endedMillisAgo: fc.nat()
    },
    {
      requiredKeys: [
        "type",
        ...(Object.keys(ofLane) as Array<keyof typeof ofLane>),
        "reason",
        "waitMillis",
        "endedMillisAgo"
      ]
    }
  )
)

/** As the log keeps it. */
const stored = (event: Event): EventParts => JSON.parse(JSON.stringify(split(event))) as EventParts

/** As the log keeps it after the person was erased. */
const erased = (event: Event): Event => join(event.type, { data: stored(event).data, personal: null })

describe("split and join", () => {
  it("give back every event", () => {
    fc.assert(
      fc.property(fc.oneof(events, impersonal), (event) => {
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

  it("have no personal part in what the lane, the list as a whole, the credentials and an operator's release say", () => {
    fc.assert(fc.property(impersonal, (event) => split(event).personal === null))
  })

  it("join what an erasure leaves without the person in it", () => {
    fc.assert(
      fc.property(events, (event) => {
        const left = erased(event)
        assert.strictEqual(left.type, event.type)
        assert.notInclude(JSON.stringify(left), canary)
        assert.notProperty(left, "employeeId")
        assert.notProperty(left, "userId")
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
    assert.deepStrictEqual(split(event).personal, { employeeId: "e-1", payloadHash: "h", answer: "Ada has no email" })
  })

  it("part Together's own id of an entry, with the key, from what was found there", () => {
    const event: RemoteUserFound = {
      type: "RemoteUserFound",
      sink: "together",
      request: "q",
      userId: "u-1",
      employeeId: "e-1"
    }
    assert.deepStrictEqual(split(event), {
      data: { sink: "together", request: "q" },
      personal: { userId: "u-1", employeeId: "e-1" }
    })
  })
})
