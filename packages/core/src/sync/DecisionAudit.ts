/**
 * Recomputes what was sent: every request that carried people, from the events, the configuration and the clock value
 * that are recorded with it, and compares byte for byte.
 *
 * Called by `audit decisions`. Reads the log alone, some requests at a time, so that memory stays flat; writes nothing
 * and asks nobody.
 */
import { Effect, Stream } from "effect"

import { EventLog, type StoreError } from "../contract/EventLog.ts"
import { Sink } from "../contract/Sink.ts"
import { employeeStreamPrefix } from "../domain/Employee.ts"
import type { RecordedEvent } from "../domain/Event.ts"
import type { RequestGranted } from "../domain/LaneEvent.ts"
import type { OrganizationId } from "../domain/Organization.ts"
import type { Policy } from "../domain/Policy.ts"
import { adoptedBy, configurationStream } from "./Adopted.ts"
import { momentAt } from "./Moment.ts"
import { PastPeople } from "./PastPeople.ts"
import { supervisorOf } from "./Payload.ts"
import { type Verdict, considerThen, isDecided, recompute } from "./Recompute.ts"
import { isThere } from "./Reduce.ts"

/** A request whose recomputation is another one. */
export interface Difference {
  /** Of the grant's event. */
  readonly position: number
  readonly request: string
  readonly problem: string
  /** UUIDs of the people who differ, as far as that is known. */
  readonly people: ReadonlyArray<string>
}

export interface DecisionReport {
  /** Grants looked at. */
  readonly requests: number
  /** Recomputed, and byte for byte what was sent. */
  readonly identical: number
  /** People of them were erased; what is left is what was sent. */
  readonly partly: number
  readonly different: ReadonlyArray<Difference>
  /** Lists and proofs of credentials: they carry nobody. */
  readonly withoutPeople: number
  /** Of an older Rollcall, which did not record what they were decided from. */
  readonly unrecorded: number
  /** Decided under a configuration that the log does not keep. */
  readonly unkept: number
}

/** Which requests: all, or the newest so many. */
export type Extent = "all" | { readonly newest: number }

interface Granted extends RecordedEvent {
  readonly event: RequestGranted
}

/** So many histories are held before they are forgotten. */
const histories = 2000

/** Requests between two words about the progress. */
const breath = 20

export interface DecisionAuditRequest {
  readonly organization: OrganizationId
  readonly extent: Extent
  /** Positions of the log looked through, of how many. */
  readonly onProgress?: (position: number, of: number) => Effect.Effect<void>
}

export const auditDecisions = Effect.fn("DecisionAudit.audit")(function* (request: DecisionAuditRequest) {
  const { extent, onProgress, organization } = request
  const log = yield* EventLog
  const { position: head } = yield* log.head(organization)
  const kept = yield* log.stream(organization, configurationStream)
  const counts = { requests: 0, identical: 0, partly: 0, withoutPeople: 0, unrecorded: 0, unkept: 0 }
  const different: Array<Difference> = []
  const count = (granted: Granted, verdict: Verdict | Unchecked) => {
    counts.requests++
    if (verdict._tag === "Different") different.push(differenceOf(granted, verdict))
    else counts[kinds[verdict._tag]]++
  }
  const policyOf = (hash: string): Policy | undefined => adoptedBy(kept, hash)?.policy
  let past = new PastPeople(organization)
  yield* Stream.runForEach(
    grants(organization, head, extent),
    Effect.fnUntraced(function* (granted) {
      if (past.size > histories) past = new PastPeople(organization)
      count(granted, yield* check(past, granted, policyOf))
      if (counts.requests % breath === 0) yield* onProgress?.(granted.position, head) ?? Effect.void
    })
  )
  const report: DecisionReport = { ...counts, different }
  return report
})

const kinds = {
  Identical: "identical",
  Partly: "partly",
  WithoutPeople: "withoutPeople",
  Unrecorded: "unrecorded",
  Unkept: "unkept"
} as const

const differenceOf = (
  { event, position }: Granted,
  { people, problem }: Extract<Verdict, { readonly _tag: "Different" }>
): Difference => ({
  position,
  request: event.request,
  problem,
  people: people.map((stream) => stream.slice(employeeStreamPrefix.length))
})

const isGranted = (recorded: RecordedEvent): recorded is Granted => recorded.event.type === "RequestGranted"

/** Oldest first; the newest few are looked for from the end, a stretch of the log at a time. */
const grants = (
  organization: OrganizationId,
  head: number,
  extent: Extent
): Stream.Stream<Granted, StoreError, EventLog> =>
  Effect.gen(function* () {
    const log = yield* EventLog
    if (extent === "all") return Stream.filter(log.read(organization, { upTo: head }), isGranted)
    let found: ReadonlyArray<Granted> = []
    for (let upTo = head; upTo > 0 && found.length < extent.newest; upTo -= stretch) {
      const after = Math.max(0, upTo - stretch)
      const some = yield* Stream.runCollect(Stream.filter(log.read(organization, { after, upTo }), isGranted))
      found = [...some, ...found]
    }
    return Stream.fromIterable(found.slice(-extent.newest))
  }).pipe(Stream.unwrap)

const stretch = 20_000

type Unchecked = { readonly _tag: "WithoutPeople" | "Unrecorded" | "Unkept" }

/** Requests of one stretch share the histories of their people, which are read once. */
const check = Effect.fnUntraced(function* (
  past: PastPeople,
  { event }: Granted,
  policyOf: (hash: string) => Policy | undefined
): Effect.fn.Return<Verdict | Unchecked, StoreError, EventLog | Sink> {
  if (!isDecided(event)) return { _tag: event.members === 0 ? "WithoutPeople" : "Unrecorded" }
  const policy = policyOf(event.configurationHash)
  if (policy === undefined) return { _tag: "Unkept" }
  const { compose } = yield* Sink
  const moment = momentAt(event.clock, policy.timezone)
  if (moment === undefined) return { _tag: "Different", problem: "its clock value is no time", people: [] }
  const streams = event.people.map((uuid) => employeeStreamPrefix + uuid)
  yield* past.load(streams)
  const people = streams.map((stream) =>
    considerThen(past.at(stream, event.decidedAt), past.eventsOf(stream), policy, moment)
  )
  const there = yield* managersThere(
    past,
    people.map(({ considered }) => supervisorOf(considered)),
    event.decidedAt
  )
  return recompute({ granted: event, people, there, policy, moment, compose })
})

const managersThere = Effect.fnUntraced(function* (
  past: PastPeople,
  managers: ReadonlyArray<string | undefined>,
  position: number
) {
  const names = managers.flatMap((id) => (id === undefined ? [] : [[past.streamOf(id), id] as const]))
  yield* past.load(names.map(([stream]) => stream))
  return new Set(names.flatMap(([stream, id]) => (isThere(past.at(stream, position)) ? [id] : [])))
})
