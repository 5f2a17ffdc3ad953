/**
 * Why somebody is, or is not, at Together as HR says: one reason of a closed list, the first gate that stops them.
 *
 * Pure; answers `rollcall why` and the last line of `rollcall employee`. Gates are looked at in this order: the person's
 * own (`Consider`), the plan's (guard, manager), the service's (pause, circuit), the queue. docs/explain.md is the list
 * for people; a code never changes its meaning.
 */
import { DateTime, Schema } from "effect"

import { fieldNames } from "../domain/Field.ts"
import { guardKinds } from "../domain/GuardEvent.ts"
import type { Moment } from "../domain/Policy.ts"
import type { Consideration, Gate } from "./Consider.ts"
import type { Pause } from "./Pause.ts"
import type { Place } from "./Queue.ts"
import type { Person } from "./Reduce.ts"

const at = Schema.String.annotate({ description: "ISO 8601 in UTC." })
const day = Schema.String.annotate({ description: "YYYY-MM-DD." })
const status = Schema.Int.annotate({ description: "What Together answered." })
const answer = Schema.optionalKey(Schema.String.annotate({ description: "In Together's words; may name the person." }))

const reason = <Code extends string, Told extends Schema.Struct.Fields>(code: Code, description: string, told: Told) =>
  Schema.Struct({ code: Schema.Literal(code), ...told }).annotate({ description })

/** The closed list. */
export const Explanation = Schema.Union([
  reason("no-key", "The Directory API made the employee, and no employee number was given.", {}),
  reason("erased", "Forgotten at somebody's request; never sent.", {}),
  reason("gone", "Together deleted the entry for good (410).", { since: at, status, answer }),
  reason("conflicted", "The entry was modified permanently at Together (409).", { since: at, status, answer }),
  reason("not-in-any-source", "No source has the person, and Together never had them from here.", {}),
  reason("row-rejected", "A row about the person was refused, and nothing else is pending; `rejections` has it.", {}),
  reason("waits-for-date", "HR has the person from a day to come.", { from: day }),
  reason("absent", "Every source lost the person, and `absence` draws no consequence (yet).", { since: day }),
  reason("out-of-scope", "A rule of the configuration keeps the person out.", { rule: Schema.String }),
  reason("required-missing", "Together takes nobody without these fields.", {
    fields: Schema.Array(Schema.Literals(fieldNames))
  }),
  reason("rejected", "Together refused these very values (400).", { since: at, status, answer }),
  reason("held", "The guard holds too many of one kind until somebody approves.", {
    kind: Schema.Literals(guardKinds),
    people: Schema.Int,
    limit: Schema.Int,
    since: Schema.NullOr(at).annotate({ description: "Null: the plan holds them, and was not about to be sent yet." })
  }),
  reason("waits-for-manager", "Only the manager is to be sent, and is not at Together yet.", {
    managerId: Schema.NullOr(Schema.String)
  }),
  reason("paused", "Somebody paused sending.", { since: at, by: Schema.String, because: Schema.String }),
  reason("circuit-open", "Together refused the credentials; nothing is sent before they change.", {
    since: at,
    because: Schema.String
  }),
  reason("queued", "To be sent: the next run of `sync`, or the service, does it.", {
    place: Schema.Int.annotate({ description: "From 1, among the people who are to be sent." }),
    of: Schema.Int,
    request: Schema.Int.annotate({ description: "The number of the request, from 1." }),
    earliest: at
  }),
  reason("up-to-date", "Together has what HR says.", {})
])

export type Explanation = typeof Explanation.Type

export type ExplanationCode = Explanation["code"]

export const explanationCodes = Explanation.members.map(({ fields }) => fields.code.literal)

/** What stands between a person and Together, besides themselves. */
export interface Circumstances {
  readonly moment: Moment
  /** What the whole plan alone knows of them: a gate, or a place in its order; neither where it has nothing of them. */
  readonly gate: Gate | undefined
  readonly place: Place | undefined
  /** Since when the guard holds each kind. */
  readonly heldSince: (kind: Extract<Gate, { readonly _tag: "Held" }>["kind"]) => string | undefined
  readonly managerId: string | undefined
  readonly pause: Pause | null
  readonly circuit: { readonly since: string; readonly reason: string } | null
  /** When the lane grants the next request; null: at once. ISO 8601. */
  readonly notBefore: string | null
  /** What a request takes at least, pace included. */
  readonly requestMillis: number
}

export const explain = (person: Person, considered: Consideration, around: Circumstances): Explanation => {
  if (considered._tag === "Blocked") return ofGate(considered.gate, person, around)
  if (around.gate !== undefined) return ofGate(around.gate, person, around)
  if (around.place === undefined) return settled(person)
  const { circuit, pause } = around
  if (pause !== null) return { code: "paused", since: pause.since, by: pause.by, because: pause.reason }
  if (circuit !== null) return { code: "circuit-open", since: circuit.since, because: circuit.reason }
  return { code: "queued", ...around.place, earliest: earliestOf(around.place, around) }
}

/** Nothing is to be sent of what is known; of what a source said last, something may not be known. */
const settled = ({ rejections }: Person): Explanation =>
  Object.keys(rejections).length === 0 ? { code: "up-to-date" } : { code: "row-rejected" }

const ofGate = (gate: Gate, person: Person, { heldSince, managerId }: Circumstances): Explanation => {
  switch (gate._tag) {
    case "WaitsForDate":
      return { code: "waits-for-date", from: gate.from }
    case "Absent":
      return { code: "absent", since: gate.since }
    case "OutOfScope":
      return { code: "out-of-scope", rule: gate.rule }
    case "RequiredMissing":
      return { code: "required-missing", fields: gate.fields }
    case "WaitsForManager":
      return { code: "waits-for-manager", managerId: managerId ?? null }
    case "Held": {
      const { kind, limit, people } = gate
      return { code: "held", kind, people, limit, since: heldSince(kind) ?? null }
    }
    case "Rejected":
    case "Conflicted":
    case "Gone":
      return { code: refusals[gate._tag], ...refusalOf(person) }
    case "NotInAnySource":
    case "RowRejected":
    case "Erased":
      return { code: plain[gate._tag] }
  }
}

const refusals = { Rejected: "rejected", Conflicted: "conflicted", Gone: "gone" } as const

const plain = { NotInAnySource: "not-in-any-source", RowRejected: "row-rejected", Erased: "erased" } as const

/** The code alone, where nothing else of the person is at hand. */
export const codeOf = (gate: Gate): ExplanationCode => codes[gate._tag]

const codes: Readonly<Record<Gate["_tag"], ExplanationCode>> = {
  ...refusals,
  ...plain,
  WaitsForDate: "waits-for-date",
  Absent: "absent",
  OutOfScope: "out-of-scope",
  RequiredMissing: "required-missing",
  WaitsForManager: "waits-for-manager",
  Held: "held"
}

const refusalOf = ({ sink: { latest } }: Person) => ({
  since: latest?.recordedAt ?? "",
  status: latest?.status ?? 0,
  ...(latest?.answer === undefined ? {} : { answer: latest.answer })
})

/** As if nobody is refused and nothing fails: a request cannot go out sooner. */
const earliestOf = ({ request }: Place, { moment, notBefore, requestMillis }: Circumstances): string => {
  const now = millisOf(moment.instant)
  const start = notBefore === null ? now : Math.max(now, millisOf(notBefore))
  return DateTime.formatIso(DateTime.makeUnsafe(start + (request - 1) * requestMillis))
}

const millisOf = (instant: string): number => DateTime.toEpochMillis(DateTime.makeUnsafe(instant))
