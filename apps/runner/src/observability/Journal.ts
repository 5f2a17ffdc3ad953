/**
 * Writes into the service's log what becomes of each organization: what its sender is at, how its sources were read, what
 * the guard holds.
 *
 * Watches the boards; each change is one line. Who paused or approved what, and why, stands in the event log.
 */
import { Effect, Queue } from "effect"

import type { Condition, Doing, SourceCondition } from "../service/Condition.ts"
import type { Served } from "../service/Service.ts"

interface Line {
  readonly level: "Debug" | "Info" | "Warn" | "Error"
  readonly message: string
  readonly about: Readonly<Record<string, unknown>>
}

/** Works for as long as the scope. */
export const keepJournal = Effect.fnUntraced(function* (organizations: ReadonlyArray<Served>) {
  const lines = yield* Queue.unbounded<Line>()
  for (const { board } of organizations) {
    let before = board.condition
    const end = board.watch((after) => {
      for (const line of linesBetween(before, after)) Queue.offerUnsafe(lines, line)
      before = after
    })
    yield* Effect.addFinalizer(() => Effect.sync(end))
  }
  yield* Queue.take(lines).pipe(
    Effect.flatMap(({ about, level, message }) =>
      Effect.annotateLogs(Effect.logWithLevel(level)(message), about as Record<string, unknown>)
    ),
    Effect.forever,
    Effect.forkScoped
  )
})

export const linesBetween = (before: Condition, after: Condition): ReadonlyArray<Line> => [
  ...sendingLines(before, after),
  ...after.sources.flatMap((source) =>
    readingLines(
      after.organization,
      before.sources.find(({ name }) => name === source.name),
      source
    )
  )
]

const levels: { readonly [doing in Doing]?: Line["level"] } = {
  sending: "Info",
  paused: "Info",
  refused: "Error",
  "vendor-away": "Warn",
  "database-away": "Warn"
}

const words: Readonly<Record<Doing, string>> = {
  starting: "The sender starts.",
  idle: "Nothing is left to be sent.",
  planning: "Planning.",
  sending: "Sending.",
  paused: "Sending is paused.",
  refused: "Together refuses the credentials.",
  "vendor-away": "Together does not answer.",
  "database-away": "The database does not answer."
}

const sendingLines = (before: Condition, after: Condition): ReadonlyArray<Line> => {
  const { organization, sending } = after
  const { doing, problem } = sending
  const lines: Array<Line> = []
  if (doing !== before.sending.doing || problem !== before.sending.problem) {
    const queue = Object.fromEntries(Object.entries(sending.queue).filter(([, count]) => count > 0))
    const about = { organization, state: doing, ...(doing === "sending" ? { queue } : {}) }
    const message = problem === null ? words[doing] : `${words[doing]} ${problem}`
    lines.push({ level: levels[doing] ?? "Debug", message, about })
  }
  for (const { kind, limit, people } of sending.held) {
    const known = before.sending.held.find((held) => held.kind === kind)
    if (known?.people === people) continue
    lines.push({
      level: "Warn",
      message: "The guard holds people back until somebody approves.",
      about: { organization, guard: kind, people, limit }
    })
  }
  for (const { kind } of before.sending.held) {
    if (sending.held.some((held) => held.kind === kind)) continue
    lines.push({
      level: "Info",
      message: "The guard holds nobody back any more.",
      about: { organization, guard: kind }
    })
  }
  return lines
}

/** A reading that failed is told by its reader, with what to do. */
const readingLines = (
  organization: string,
  before: SourceCondition | undefined,
  { last, name: source, running }: SourceCondition
): ReadonlyArray<Line> => {
  const about = { organization, source }
  const began = running && before?.running !== true
  const begin: ReadonlyArray<Line> = began ? [{ level: "Debug", message: "Reading.", about }] : []
  const ended = before?.running === true && last !== null && last.at !== before.last?.at && last.outcome !== "failed"
  if (!ended) return begin
  const people = { ...about, people: last.people }
  const line: Line =
    last.outcome === "complete"
      ? { level: "Info", message: "Read.", about: people }
      : { level: "Warn", message: `Read, but nobody may be taken for gone: ${last.problem ?? ""}`, about: people }
  return [...begin, line]
}
