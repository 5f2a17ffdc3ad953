/**
 * `rollcall replay`: what was wanted for everybody, as known at one time and as effective on a day; or what changed
 * between two times. Reads only.
 */
import { setFlagsFromString } from "node:v8"

import type { OrganizationId } from "@rollcall/core/domain/Organization"
import { replay as replayOne } from "@rollcall/core/sync/Replay"
import { differenceBetween } from "@rollcall/core/sync/ReplayDifference"
import {
  type FoundViewpoint,
  compareEverybody,
  historyOf,
  replayEverybody,
  viewpointOf
} from "@rollcall/core/sync/Replaying"
import { Effect, Option, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"

import type { Organization } from "../ConfigurationFile.ts"
import { InputInvalid } from "../Failure.ts"
import { unheardOf } from "../operations/EmployeeReport.ts"
import { differenceLayout, employeeLayout, personLayout } from "../operations/ReplayReport.ts"
import { type Output, counted } from "../Output.ts"
import { requireDatabase, stores } from "../Stores.ts"
import { commonFlags, framed, load, pick } from "./Frame.ts"
import { type Tally, conclude, replayFormats, writeReplay } from "./ReplayOutput.ts"
import { type ReplayTime, now, readDay, readTime } from "./ReplayTimes.ts"

const flags = {
  ...commonFlags,
  at: Flag.String("at").pipe(
    Flag.withDescription("As known at: an instant (2026-03-31T12:00:00Z) or a date for its end. Default: now"),
    Flag.optional
  ),
  effective: Flag.String("effective").pipe(
    Flag.withDescription("As effective on this day (YYYY-MM-DD). Default: the day of --at"),
    Flag.optional
  ),
  employee: Flag.String("employee").pipe(Flag.withDescription("One person alone, by HR's key"), Flag.optional),
  diff: Flag.String("diff").pipe(
    Flag.withDescription("What changed since then: --diff T1 T2, or --diff T1 for until now"),
    Flag.optional
  ),
  format: Flag.Literals("format", replayFormats).pipe(
    Flag.withDescription("table: the first 50 people; json: a line a person; csv: RFC 4180"),
    Flag.withDefault("table")
  ),
  until: Argument.String("T2").pipe(Argument.withDescription("The later time of --diff"), Argument.optional)
}

export const replay = Command.make("replay", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      yield* refuseMixture(input)
      const configuration = yield* load(input)
      const organization = yield* pick(configuration, input)
      const asked = yield* understand(input, organization.policy.timezone)
      yield* requireDatabase(configuration, process.env)
      collectSeldom()
      const summary = yield* run(output, input, organization, asked).pipe(
        Effect.provide(stores(configuration, process.env))
      )
      yield* output.result(summary)
    })
  )
).pipe(Command.withDescription("Show what was wanted at an earlier time, or what changed between two times"))

type Input = Command.Command.Config.Infer<typeof flags>

/**
 * People come and go a page at a time and nothing of them is kept: collecting at every fifth more than is in use, as for
 * a roster (bin/rollcall.js), would mostly be in vain. Measured over a million events: half the CPU time, 253 MB at the peak.
 */
const collectSeldom = () => setFlagsFromString("--heap-growing-percent=150")

const refuse = (place: string, problem: string, remedy: string) =>
  Effect.fail(new InputInvalid({ place, problem, remedy }))

const refuseMixture = ({ at, diff, format, json, until }: Input): Effect.Effect<void, InputInvalid> => {
  if (Option.isSome(until) && Option.isNone(diff)) {
    return refuse(until.value, "A second time goes with --diff.", "Write --at T, or --diff T1 T2.")
  }
  if (Option.isSome(until) && Option.isSome(at)) {
    return refuse("--at", "The later time is given twice.", "Write --diff T1 T2, or --diff T1 --at T2.")
  }
  if (json && format === "csv") {
    return refuse(
      "--format",
      "A file of CSV cannot end with a line of JSON.",
      "Leave out --json, or write --format json."
    )
  }
  return Effect.void
}

/** The times that are meant; `since` where it is asked what changed. */
interface Asked {
  readonly at: ReplayTime
  readonly since: ReplayTime | undefined
  readonly effective: string | undefined
}

const understand = Effect.fnUntraced(function* ({ at, diff, effective, until }: Input, timezone: string) {
  const [place, written] = Option.isSome(until) ? (["T2", until] as const) : (["--at", at] as const)
  const asked: Asked = {
    at: yield* Option.isSome(written) ? readTime(place, written.value, timezone) : now(timezone),
    since: Option.isSome(diff) ? yield* readTime("--diff", diff.value, timezone) : undefined,
    effective: Option.isSome(effective) ? yield* readDay("--effective", effective.value) : undefined
  }
  const { since } = asked
  return since !== undefined && since.recordedAt > asked.at.recordedAt ? yield* wrongOrder(since, asked.at) : asked
})

const run = Effect.fnUntraced(function* (output: Output, input: Input, organization: Organization, asked: Asked) {
  const later = yield* viewpoint(organization, asked.at, asked.effective)
  if (asked.since === undefined) return yield* showState(output, input, organization, later)
  const earlier = yield* viewpoint(organization, asked.since, asked.effective)
  return yield* showDifference(output, input, organization, [earlier, later])
})

const wrongOrder = (since: ReplayTime, at: ReplayTime) =>
  new InputInvalid({
    place: "--diff",
    problem: `The first time, ${since.moment.instant}, is later than the second, ${at.moment.instant}.`,
    remedy: "Write the earlier one first."
  })

const viewpoint = ({ id, policy }: Organization, { moment, recordedAt }: ReplayTime, day = moment.day) =>
  viewpointOf({ organization: id, recordedAt, known: moment, effectiveOn: day, policy })

const showState = Effect.fnUntraced(function* (
  output: Output,
  { employee, format }: Input,
  { id }: Organization,
  view: FoundViewpoint
) {
  const one = Option.getOrUndefined(employee)
  const replayed = one === undefined ? replayEverybody(id, view) : Stream.succeed(yield* personAt(id, one, view))
  const layout = one === undefined ? employeeLayout : personLayout
  const events = one === undefined ? view.position : undefined
  const tally = yield* writeReplay(output, { format, layout, events }, replayed)
  const people = counted(tally.found, "person", "people")
  yield* conclude(output, format, tally, `${people} as ${viewWords(view)}${kindWords(tally.kinds)}`)
  return { ...viewSummary(view), people: tally.found, presence: tally.kinds }
})

const showDifference = Effect.fnUntraced(function* (
  output: Output,
  { employee, format }: Input,
  { id }: Organization,
  [earlier, later]: readonly [FoundViewpoint, FoundViewpoint]
) {
  const one = Option.getOrUndefined(employee)
  const replayed =
    one === undefined ? compareEverybody(id, earlier, later) : Stream.succeed(yield* changeOf(id, one, earlier, later))
  const writing = { format, layout: differenceLayout, events: one === undefined ? later.position : undefined }
  const tally = yield* writeReplay(output, writing, replayed)
  const told = `${counted(tally.found, "person", "people")} changed${kindWords(tally.kinds)}`
  const words = `${told}\n  from: as ${viewWords(earlier)}\n  to:   as ${viewWords(later)}`
  yield* conclude(output, format, tally, words)
  const { changed = 0, joined = 0, left = 0 } = tally.kinds
  return { from: viewSummary(earlier), to: viewSummary(later), joined, left, changed }
})

const personAt = Effect.fnUntraced(function* (id: OrganizationId, employeeId: string, view: FoundViewpoint) {
  const { events, stream } = yield* knownHistory(id, employeeId, view)
  const found = replayOne(stream, events, view)
  if (found === undefined) return yield* erased(employeeId)
  return { found, events: events.length }
})

const changeOf = Effect.fnUntraced(function* (
  id: OrganizationId,
  employeeId: string,
  earlier: FoundViewpoint,
  later: FoundViewpoint
) {
  const { events, stream } = yield* knownHistory(id, employeeId, later)
  const [before, after] = [replayOne(stream, events, earlier), replayOne(stream, events, later)]
  if (after === undefined) return yield* erased(employeeId)
  return { found: differenceBetween(before, after), events: events.length }
})

/** Of somebody who was known then. */
const knownHistory = Effect.fnUntraced(function* (id: OrganizationId, employeeId: string, view: FoundViewpoint) {
  const history = yield* historyOf(id, employeeId)
  const [first] = history.events
  if (first === undefined) return yield* unheardOf(employeeId)
  if (first.position > view.position) return yield* notYet(employeeId, first.recordedAt)
  return history
})

const notYet = (employeeId: string, since: string) =>
  new InputInvalid({
    place: `employee ${employeeId}`,
    problem: "Nothing was known of this person then.",
    remedy: `The log first heard of them at ${since}: name that time or a later one.`,
    because: "unknown"
  })

const erased = (employeeId: string) =>
  new InputInvalid({
    place: `employee ${employeeId}`,
    problem: "This person was erased: the log no longer holds what was said of them.",
    remedy: "Nothing can be shown, for any time.",
    because: "unknown"
  })

const viewWords = ({ effectiveOn, known, position, rules }: FoundViewpoint): string => {
  const whose = rules === "adopted" ? "" : "; by the present rules, the log kept none of that time"
  return `known at ${known.instant} (event ${position}), effective on ${effectiveOn}${whose}`
}

const kindWords = (kinds: Tally["kinds"]): string => {
  const told = Object.entries(kinds).map(([kind, people]) => `${people} ${kind}`)
  return told.length > 1 ? `: ${told.join(", ")}` : ""
}

const viewSummary = ({ effectiveOn, known, position, rules }: FoundViewpoint) => ({
  at: known.instant,
  position,
  effectiveOn,
  rules
})
