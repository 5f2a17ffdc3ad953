/**
 * `rollcall sync`: takes in every source and brings Together up to date.
 */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"

import type { Organization } from "../ConfigurationFile.ts"
import { BudgetSpent, InputInvalid, PlanIsHeld } from "../Failure.ts"
import { type Letter, letterOf } from "../operations/DeadLetterReport.ts"
import { guardWords } from "../operations/GateWords.ts"
import { type Extract, type PersonReport, extractOf, personSync, shownLetters } from "../operations/PersonSync.ts"
import { type PlanSummary, planReport, planSummary, shownOperations } from "../operations/PlanReport.ts"
import { serverOf } from "../operations/ServerFlag.ts"
import { type Output, counted, duration } from "../Output.ts"
import type { Watch } from "../SendRun.ts"
import { type Outcomes, standing } from "../Standing.ts"
import { stores, storesIfAny } from "../Stores.ts"
import { type SyncMode, type SyncReport, syncRun } from "../SyncRun.ts"
import { letterLine } from "./DeadLetters.ts"
import { commonFlags, framed, load, pick, serverFlags, services } from "./Frame.ts"
import { describePlan } from "./PlanTable.ts"
import { describeVerification } from "./Verify.ts"

const flags = {
  ...commonFlags,
  ...serverFlags,
  dryRun: Flag.Boolean("dry-run").pipe(
    Flag.withDescription("Read the sources and show what would be sent; write nothing, send nothing"),
    Flag.withDefault(false)
  ),
  employee: Flag.String("employee").pipe(
    Flag.withDescription("Send this person alone (employeeId), ahead of whatever else is being sent"),
    Flag.optional
  ),
  verify: Flag.Boolean("verify").pipe(
    Flag.withDescription("Compare Together's own list afterwards, and repair what differs, although it is not due yet"),
    Flag.withDefault(false)
  ),
  noSend: Flag.Boolean("no-send").pipe(
    Flag.withDescription("Take the sources into the log, send nothing"),
    Flag.withDefault(false)
  )
}

export const sync = Command.make("sync", flags, (input) =>
  framed(
    input.json,
    Effect.fnUntraced(function* (output) {
      const only = Option.getOrUndefined(input.employee)
      const mode: SyncMode = input.dryRun ? "rehearse" : input.noSend ? "record" : "send"
      const alone = only !== undefined && mode === "send" ? only : undefined
      if (alone === undefined && Option.isSome(input.server)) return yield* notThere
      const server = alone === undefined ? undefined : yield* serverOf(input, process.env)
      if (alone !== undefined && server !== undefined) {
        const { remoteOperator } = yield* Effect.promise(() => import("../operations/RemoteOperator.ts"))
        const operator = yield* remoteOperator(server, Option.getOrUndefined(input.organization))
        const report = yield* operator.syncPerson(alone)
        yield* retell(output, report)
        return yield* showPerson(output, report)
      }
      const configuration = yield* load(input)
      const organization = yield* pick(configuration, input)
      const open = mode === "rehearse" ? storesIfAny : stores
      const { folder } = configuration
      const request = { organization, folder, watch: watchOn(output), verifyNow: input.verify }
      yield* Effect.gen(function* () {
        if (alone !== undefined) {
          return yield* showPerson(output, yield* personSync(request, alone, lettersNow(organization)))
        }
        const report = yield* Effect.scoped(syncRun({ ...request, mode, ...(only === undefined ? {} : { only }) }))
        if (mode !== "send") return yield* showUnsent(output, report, mode)
        const { letters, outcomes } = yield* lettersNow(organization)
        yield* showOutcomes(output, report, outcomes, letters)
        yield* output.result(syncJson(report, outcomes))
        if (report.left > 0) return yield* new BudgetSpent({ left: report.left, most: report.plan.budget.most })
        if (report.held.length > 0) return yield* heldFailure(report.held)
      }).pipe(Effect.provide(services(organization, open(configuration, process.env))))
    })
  )
).pipe(
  Command.withDescription("Take in every source and bring Together up to date"),
  Command.withExamples([
    { command: "rollcall sync", description: "Everything, with ./rollcall.config.ts" },
    { command: "rollcall sync --dry-run", description: "What would happen; leaves nothing behind" },
    { command: "rollcall sync --employee 0042", description: "One person, now, also while another sync runs" }
  ])
)

const lettersNow = ({ id }: Organization) =>
  Effect.map(standing(id), ({ letters, outcomes }) => ({ outcomes, letters: letters.map(letterOf) }))

const notThere = new InputInvalid({
  place: "--server",
  problem: "A running service can be asked to sync one person (--employee ID), and nothing else.",
  remedy: "It reads its sources on their schedules, and sends what they change by itself."
})

const heldFailure = (held: PlanSummary["held"]) => {
  const told = held.map(({ kind, limit, people }) => `${people} ${guardWords[kind]}, and ${limit} are allowed at once`)
  const problem = `The guard holds people back: ${told.join("; ")}. None of them was sent; everybody else was.`
  return new PlanIsHeld({ problem, holds: held.map(({ kind }) => kind) })
}

/** What a service did, in the words of a sync that is watched. */
const retell = Effect.fnUntraced(function* (output: Output, { plan, sources }: PersonReport) {
  for (const source of sources) yield* describeExtract(output, source)
  yield* describePlan(output, plan)
})

const showPerson = Effect.fnUntraced(function* (output: Output, report: PersonReport) {
  const { left, letters, outcomes, person, plan } = report
  yield* showOutcomes(output, report, outcomes, letters)
  const { answer, employeeId, next, outcome, status } = person
  const told = outcome === null ? "never sent" : `${outcome} (${status ?? "?"})`
  yield* output.line(`\n${employeeId}: ${told}${answer === undefined ? "" : ` - ${answer}`}. Next: ${next}`)
  yield* output.result({ ...personJson(report), person })
  if (left > 0) return yield* new BudgetSpent({ left, most: plan.requestsAtMost })
  if (plan.held.length > 0) return yield* heldFailure(plan.held)
})

const personJson = ({ events, outcomes, plan, requests }: PersonReport) => {
  const { none: neverSent, ...known } = outcomes
  const blocked = Object.values(plan.blocked).reduce((sum, people) => sum + people, 0)
  return { employees: plan.employees, events, requests, outcomes: known, neverSent, blocked, held: plan.held }
}

/** How a source's reading went. */
const describeExtract = Effect.fnUntraced(function* (output: Output, extract: Extract) {
  const { counts, events, incomplete, notices, rejections, source } = extract
  const { appeared, changed, records, rejected, removed, unchanged, vanished } = counts
  const parts = Object.entries({ appeared, changed, vanished, removed, unchanged, "rows refused": rejected })
  const told = parts.filter(([, n]) => n > 0).map(([what, n]) => `${n} ${what}`)
  yield* output.line(`${source}: ${records} people${told.length > 0 ? `: ${told.join(", ")}` : ""}`)
  if (events === 0) yield* output.line(`${source}: nothing new, no employee event was appended`)
  for (const notice of notices) yield* output.line(`  note: ${notice}`)
  for (const { field, locator, message } of rejections) {
    yield* output.line(`  refused ${locator}${field === undefined ? "" : ` (${field})`}: ${message}`)
  }
  if (rejected > rejections.length) yield* output.line(`  ... and ${rejected - rejections.length} more`)
  if (incomplete !== undefined) yield* output.line(`  nobody is counted as absent: ${incomplete}`)
})

/** Shows a run as it goes. */
export const watchOn = (output: Output): Watch => {
  const reading = new Map<string, ReturnType<Output["progress"]>>()
  const sending = output.progress("Together")
  let refusedArrays = 0
  return {
    ingesting: ({ expected, people, source }) => {
      const progress = reading.get(source) ?? output.progress(source)
      reading.set(source, progress)
      return progress.at(people, expected, "people")
    },
    ingested: Effect.fnUntraced(function* (report) {
      yield* reading.get(report.source)?.end ?? Effect.void
      yield* describeExtract(output, extractOf(report))
    }),
    planned: Effect.fnUntraced(function* (plan, looks) {
      yield* describePlan(output, planSummary(plan))
      if (looks)
        yield* output.line("  then Together's list is compared, a request a page; what differs is a plan of its own")
    }),
    verified: (report) => describeVerification(output, report),
    reconciling: Effect.fnUntraced(function* ({ planned, refused, settled }) {
      if (refused !== undefined && ++refusedArrays <= shownArrays) {
        yield* output.line(`  an array of ${refused.people} people was refused (${refused.status}): looking for whom`)
      }
      yield* sending.at(settled, planned.people, "people")
      if (settled >= planned.people) yield* sending.end
    })
  }
}

const shownArrays = 20

export const showOutcomes = Effect.fnUntraced(function* (
  output: Output,
  { requests }: Pick<SyncReport, "requests">,
  outcomes: Outcomes,
  letters: ReadonlyArray<Letter>
) {
  const { none, ...known } = outcomes
  const waiting = none > 0 ? { "never sent": none } : {}
  yield* output.line(`\nPeople by Together's latest word (${counted(requests, "request")} this time):`)
  yield* output.table(["outcome", "people"], Object.entries({ ...known, ...waiting }))
  for (const letter of letters.slice(0, shownLetters)) yield* output.line(`  ${letterLine(letter)}`)
  if (letters.length > 0) yield* output.line("  `rollcall dead-letters` says since when, and what to do")
})

const showUnsent = Effect.fnUntraced(function* (output: Output, report: SyncReport, mode: SyncMode) {
  const found = report.extracts.reduce((sum, extract) => sum + extract.events, 0)
  const what =
    mode === "rehearse"
      ? `Dry run: nothing was written and nothing was sent; ${counted(found, "employee event")} would be appended.`
      : `${counted(found, "employee event")} appended; nothing was sent.`
  yield* output.line(`\n${what} Sending would take at least ${duration(report.plan.budget.leastMillis)}.`)
  yield* output.result({
    employees: report.plan.employees,
    events: report.events,
    wouldAppend: mode === "rehearse" ? found : 0,
    requests: 0,
    plan: planReport(report.plan, shownOperations)
  })
})

/** `outcomes` counts people; `neverSent` are those Together was not asked about, `blocked` those a gate holds back. */
export const syncJson = (report: SyncReport, outcomes: Outcomes) => {
  const { none: neverSent, ...known } = outcomes
  const { blocked, employees } = report.plan
  return {
    employees,
    events: report.events,
    requests: report.requests,
    outcomes: known,
    neverSent,
    blocked: blocked.length,
    held: report.held.map(({ kind, known, limit, people }) => ({ kind, people, limit, known }))
  }
}
