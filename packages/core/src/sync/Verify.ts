/**
 * Reads Together's own list and compares it with what Rollcall believes to be there.
 *
 * Called once a day and around a first sync: the success of an array is an assumption until the list says so. Only finds
 * and records; what follows from it is `Consider`'s to say. Who is at Together and in no source is reported, and nothing
 * here can terminate anybody.
 */
import { Effect, Stream } from "effect"

import { EventLog } from "../contract/EventLog.ts"
import { type Answer, type ListedUser, type Listing, Sink } from "../contract/Sink.ts"
import type { EmployeeId } from "../domain/Employee.ts"
import type { Moment, Policy } from "../domain/Policy.ts"
import type { VerificationCounts } from "../domain/SinkEvent.ts"
import { desired } from "./Desired.ts"
import { type Discovery, recordDiscoveries, recordRemote, recordVerification, withoutErased } from "./Discovery.ts"
import { type Comparison, compareEntry } from "./Drift.ts"
import { Entries, type Link } from "./Entries.ts"
import { momentIn } from "./Moment.ts"
import { type Recorder, errandFor } from "./Record.ts"
import { type Person, reduce } from "./Reduce.ts"

export interface VerifyRequest extends Recorder {
  readonly policy: Policy
}

export interface VerifyReport {
  readonly requests: number
  /** The list was read to its end: who is not in it is not there. */
  readonly whole: boolean
  readonly counts: VerificationCounts
  /** Whether anything was found that changes what is to be sent. */
  readonly news: boolean
  /** People who are in no source. */
  readonly remoteOnly: ReadonlyArray<ListedUser>
  /** Entries of people who were erased here: not recorded, and counted nowhere else. */
  readonly erased: number
}

export const verify = Effect.fn("Verify.verify")(function* (request: VerifyRequest) {
  const log = yield* EventLog
  const { id: sink } = yield* Sink
  const { organization, policy } = request
  const moment = yield* momentIn(policy.timezone)
  // What is written after this the list may show or not: whoever has later news is left to the next time.
  const { position } = yield* log.head(organization)
  const people = Stream.map(log.people(organization, { upTo: position }), (events) =>
    reduce(events[0]?.stream ?? "", events)
  )
  const { listing, requests } = yield* readList(request, yield* expectedThere(people))
  const entries = new Entries(listing.users)
  const tally = new Tally(sink, listing)
  yield* Stream.runForEach(people, (person) => Effect.sync(() => tally.add(person, entries, policy, moment)))
  const links = entries.links()
  const newLinks = links.filter(isNew).map((link) => linkDiscovery(sink, listing.request, link))
  // Links first: should the word that the same person's entry is missing come too late, it only waits for the next time.
  const discoveries = [...newLinks, ...tally.discoveries]
  const recorded = yield* recordDiscoveries(request, listing.request, discoveries)
  const rest = entries.rest()
  const remoteOnly = yield* withoutErased(request, rest)
  yield* recordRemote(request, listing.request, remoteOnly)
  const counts = {
    ...tally.counts,
    users: listing.users.length,
    linkable: links.length,
    remoteOnly: remoteOnly.length
  }
  yield* recordVerification(request, listing, counts)
  return {
    requests,
    whole: listing.whole,
    counts,
    news: recorded > 0 && discoveries.some(({ event }) => event.type !== "DriftResolved"),
    remoteOnly,
    erased: rest.length - remoteOnly.length
  } satisfies VerifyReport
})

/** Whoever Rollcall brought there, and whoever it is about to bring: they may be there without its doing. */
const expectedThere = <E, R>(people: Stream.Stream<Person, E, R>): Effect.Effect<ReadonlySet<EmployeeId>, E, R> =>
  Stream.runFold(
    people,
    () => new Set<EmployeeId>(),
    (expected, person) =>
      person.employeeId !== undefined && isExpected(person) ? expected.add(person.employeeId) : expected
  )

const isExpected = ({ sink, sources }: Person): boolean =>
  sink.known
    ? !sink.missing
    : sink.latest?.type !== "UserGone" && Object.values(sources).some(({ presence }) => presence === "present")

const readList = Effect.fnUntraced(function* (request: VerifyRequest, expected: ReadonlySet<EmployeeId>) {
  const sink = yield* Sink
  const errand = errandFor(request)
  let requests = 0
  const report = (answer: Answer) =>
    Effect.suspend(() => {
      if (answer.unmade !== true) requests++
      return errand.report(answer)
    })
  const listing = yield* sink.list(expected, { ...errand, report })
  return { listing, requests }
})

/** What the list says of everybody, one person at a time. */
class Tally {
  readonly discoveries: Array<Discovery> = []
  readonly counts = { matched: 0, drifted: 0, missing: 0, found: 0 }
  readonly #sink: string
  readonly #listing: Listing

  constructor(sink: string, listing: Listing) {
    this.#sink = sink
    this.#listing = listing
  }

  add(person: Person, entries: Entries, policy: Policy, moment: Moment): void {
    // Erased: without the key nobody can tell which entry was theirs.
    if (person.employeeId === undefined) return
    const listed = entries.take(person.employeeId)
    const compared = compareEntry(this.#sink, person, listed, this.#listing)
    const kind = kindOf(compared, person, listed)
    if (kind !== undefined) this.counts[kind]++
    if (compared._tag === "News") {
      this.discoveries.push({ stream: person.stream, version: person.version, event: compared.event })
    }
    if (kind === undefined || kind === "missing") claim(person, entries, policy, moment)
  }
}

const kindOf = (
  compared: Comparison,
  { sink }: Person,
  listed: ListedUser | undefined
): keyof Tally["counts"] | undefined => {
  if (!sink.known) return listed === undefined ? undefined : "found"
  if (compared._tag === "Same" ? sink.missing : compared.event.type === "DriftFound" && compared.event.missing)
    return "missing"
  const drifted = compared._tag === "Same" ? compared.drifted : compared.event.type === "DriftFound"
  return drifted ? "drifted" : "matched"
}

/** Somebody without an entry may have one under their address, perhaps their own, from which the key was taken. */
const claim = (person: Person, entries: Entries, policy: Policy, moment: Moment): void => {
  if (person.sink.latest?.type === "UserGone") return
  const { fields, presence } = desired(person, policy, moment)
  if (presence === "present") entries.claim(person, fields.email?.value, fields.alternateEmails?.value)
}

/** Told once: a person whose entry is known by its id already needs no second word. */
const isNew = ({ listed, person }: Link): boolean => person.sink.userId !== listed.userId

const linkDiscovery = (sink: string, request: string, { listed, person }: Link): Discovery => ({
  stream: person.stream,
  version: person.version,
  event: {
    type: "EntryFound",
    sink,
    request,
    keyed: false,
    ...(person.employeeId === undefined ? {} : { employeeId: person.employeeId }),
    ...(listed.userId === undefined ? {} : { userId: listed.userId }),
    fields: {}
  }
})
