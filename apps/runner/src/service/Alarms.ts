/**
 * Watches one organization's service and tells whoever should look: once when something begins, once when it ends.
 *
 * Looks with each change of the board, and every ten seconds. What is told stands in the event log, in the process's log
 * and, where one is configured, at a webhook. A database that is away is told as well and recorded later; nothing that
 * goes wrong here reaches the organization's work.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import type { Lane } from "@rollcall/core/contract/Lane"
import type { AlarmEvent } from "@rollcall/core/domain/AlarmEvent"
import {
  type AlarmBook,
  type Notice,
  type Told,
  alarmEntry,
  alarmStream,
  emptyBook,
  enter,
  foldAlarms,
  tell
} from "@rollcall/core/sync/AlarmBook"
import { type Standing, judge } from "@rollcall/core/sync/Alarms"
import { Clock, DateTime, Duration, Effect, Queue, Semaphore } from "effect"

import { limitsOf } from "../AlarmConfig.ts"
import type { Organization } from "../ConfigurationFile.ts"
import { type Seen, glance, noteSender, pictureOf, settledBefore, unseen } from "./AlarmPicture.ts"
import { deliver } from "./AlarmWebhook.ts"
import type { Board } from "./Condition.ts"

export interface Alarms {
  /** What stands now, by alarm and key. */
  readonly standing: () => ReadonlyArray<Standing>
  /** Notices that the webhook has not taken yet. */
  readonly owed: () => number
  /** Does not end. */
  readonly run: Effect.Effect<never, never, EventLog | Lane>
}

/** One append; under the same key, however often it is tried. */
interface Entry {
  readonly appendKey: string
  readonly events: ReadonlyArray<AlarmEvent>
}

/** What is known, and what is still to be done. */
interface Watch {
  readonly organization: Organization
  readonly board: Board
  /** For the webhook, in the order in which they are told. */
  readonly notices: Queue.Queue<Notice>
  seen: Seen
  /** In milliseconds since 1970. */
  glancedAt: number
  book: AlarmBook
  /** The book is what the log says. Before that nobody knows what was raised, and only the database's absence is told. */
  folded: boolean
  /** Told, and not in the log yet; oldest first. */
  unrecorded: ReadonlyArray<Entry>
}

/** Between two looks while the board does not change. */
const tick = Duration.seconds(10)

/** For one append, or one reading. */
const patience = Duration.seconds(10)

/** Others that raise alarms of the same organization at the same time are few. */
const attempts = 5

export const makeAlarms = Effect.fnUntraced(function* (organization: Organization, board: Board) {
  const watch: Watch = {
    organization,
    board,
    notices: yield* Queue.unbounded<Notice>(),
    seen: unseen(yield* now),
    glancedAt: -Infinity,
    book: emptyBook,
    folded: false,
    unrecorded: []
  }
  const changes = yield* Queue.sliding<void>(1)
  // Only one of them writes at a time.
  const single = yield* Semaphore.make(1)
  const looking = Effect.forever(
    Effect.andThen(unharmed(single.withPermit(look(watch))), Effect.timeoutOption(Queue.take(changes), tick))
  )
  const delivering = Effect.forever(
    unharmed(Effect.flatMap(Queue.take(watch.notices), (notice) => send(watch, notice, single)))
  )
  const noticing = Effect.acquireRelease(
    Effect.sync(() => board.watch(() => void Queue.offerUnsafe(changes, undefined))),
    (end) => Effect.sync(end)
  )
  const alarms: Alarms = {
    standing: () => [...watch.book.standing.values()],
    owed: () => watch.book.owed.length,
    run: Effect.andThen(noticing, Effect.raceFirst(looking, delivering)).pipe(
      Effect.scoped,
      Effect.provide(NodeHttpClient.layerUndici)
    )
  }
  return alarms
})

const now = Effect.map(DateTime.now, DateTime.formatIso)

/** A fault of the alarms' own is no reason to stop serving. */
const unharmed = <R>(body: Effect.Effect<void, never, R>): Effect.Effect<void, never, R> =>
  Effect.catchDefect(body, (defect) => Effect.logError("The alarms failed; they are looked at again.", defect))

const look = Effect.fn("Alarms.look")(function* (watch: Watch) {
  const { board, organization } = watch
  const millis = yield* Clock.currentTimeMillis
  if (millis - watch.glancedAt >= Duration.toMillis(tick)) {
    watch.glancedAt = millis
    watch.seen = yield* glance(organization, watch.seen)
  }
  watch.seen = noteSender(watch.seen, board.condition.sending.doing, yield* now)
  if (isAnswering(watch)) {
    if (!watch.folded) yield* Effect.ignore(recall(watch))
    yield* record(watch)
  }
  for (let tried = 0; tried < attempts; tried++) {
    const told = yield* news(watch)
    if (told.length === 0 || (yield* keep(watch, told))) return yield* announce(watch, told)
    yield* Effect.ignore(recall(watch))
  }
})

const isAnswering = ({ seen }: Watch): boolean => seen.databaseAwaySince === null

const news = Effect.fnUntraced(function* ({ board, book, folded, organization, seen }: Watch) {
  const { alarms = {} } = organization.settings
  const picture = pictureOf(organization, board.condition, seen)
  const findings = judge(picture, limitsOf(alarms), yield* Clock.currentTimeMillis)
  return tell(book, folded ? findings : findings.filter(({ alarm }) => alarm === "database-away"), {
    at: yield* now,
    owed: alarms.webhook !== undefined,
    name: () => globalThis.crypto.randomUUID()
  })
})

/** What the log says, and what it does not say yet. */
const recall = Effect.fnUntraced(function* (watch: Watch) {
  const log = yield* EventLog
  const { id, settings } = watch.organization
  const book = foldAlarms(yield* Effect.timeout(log.stream(id, alarmStream), patience))
  if (!watch.folded) {
    watch.seen = { ...watch.seen, settledBefore: yield* Effect.timeout(settledBefore(id), patience) }
    watch.folded = true
    if (settings.alarms?.webhook !== undefined) yield* Queue.offerAll(watch.notices, book.owed)
  }
  watch.book = watch.unrecorded.flatMap(({ events }) => events).reduce(enter, book)
})

/** Answers with false where somebody else wrote meanwhile: then it has to be decided again. */
const keep = Effect.fnUntraced(function* (watch: Watch, told: ReadonlyArray<Told>) {
  const entry = entryOf(told.map(({ event }) => event))
  const { version } = watch.book
  const kept = isAnswering(watch) && watch.unrecorded.length === 0 ? yield* append(watch, entry, version) : "not yet"
  if (kept === "conflict") return false
  watch.book = entry.events.reduce(enter, watch.book)
  if (kept === "done") watch.book = { ...watch.book, version: version + entry.events.length }
  else watch.unrecorded = [...watch.unrecorded, entry]
  return true
})

const entryOf = (events: ReadonlyArray<AlarmEvent>): Entry => ({ appendKey: globalThis.crypto.randomUUID(), events })

/** Writes down what was told before, as far as the database takes it. It happened, whatever others wrote meanwhile. */
const record = Effect.fnUntraced(function* (watch: Watch) {
  for (let entry = watch.unrecorded[0]; entry !== undefined; entry = watch.unrecorded[0]) {
    if ((yield* append(watch, entry)) !== "done") return
    watch.unrecorded = watch.unrecorded.slice(1)
    watch.book = { ...watch.book, version: watch.book.version + entry.events.length }
  }
})

type Kept = "done" | "conflict" | "not yet"

const append = Effect.fnUntraced(function* (
  { organization }: Watch,
  { appendKey, events }: Entry,
  version?: number
): Effect.fn.Return<Kept, never, EventLog> {
  const log = yield* EventLog
  const appended = log.append(organization.id, {
    appendKey,
    events: events.map(alarmEntry),
    ...(version === undefined ? {} : { expectedVersions: new Map([[alarmStream, version]]) })
  })
  return yield* appended.pipe(
    Effect.timeout(patience),
    Effect.as("done" as const),
    Effect.catchTags({
      StoreError: ({ reason }) => Effect.succeed(whereby(reason._tag)),
      TimeoutError: () => Effect.succeed("not yet" as const)
    })
  )
})

/** A try that was given up may have gone through after all. */
const whereby = (reason: StoreError["reason"]["_tag"]): Kept =>
  reason === "AppendKeyReused" ? "done" : reason === "VersionConflict" ? "conflict" : "not yet"

const announce = Effect.fnUntraced(function* ({ notices, organization }: Watch, told: ReadonlyArray<Told>) {
  const { id, settings } = organization
  for (const { notice } of told) {
    const { alarm, key, problem, remedy, since, state } = notice
    const line =
      state === "raised"
        ? Effect.logWarning(`Alarm ${alarm} (${key}) of ${id}: ${problem} ${remedy}`)
        : Effect.logInfo(`Alarm ${alarm} (${key}) of ${id} has ended; it began ${since}.`)
    yield* Effect.annotateLogs(line, { organization: id, alarm, key, state })
    if (settings.alarms?.webhook !== undefined) yield* Queue.offer(notices, notice)
  }
})

/** Until the receiver took it, and then no more: also after a restart. */
const send = Effect.fnUntraced(function* (watch: Watch, notice: Notice, single: Semaphore.Semaphore) {
  const { id, settings } = watch.organization
  if (settings.alarms?.webhook === undefined) return
  yield* deliver(settings.alarms.webhook, id, notice)
  const entry = entryOf([{ type: "AlarmDelivered", notice: notice.id }])
  yield* single.withPermit(
    Effect.suspend(() => {
      watch.book = entry.events.reduce(enter, watch.book)
      watch.unrecorded = [...watch.unrecorded, entry]
      return isAnswering(watch) ? record(watch) : Effect.void
    })
  )
})
