/**
 * Brings Together up to date for one organization, for as long as the service runs.
 *
 * Wakes whenever the log has news, and each minute for what time alone makes due. What is sent is planned from the log as
 * it then is, changed people first; a refresh of people who did not change gives way to news between two requests. A
 * request under way is always finished and recorded, also when the service stops.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { EventLog } from "@rollcall/core/contract/EventLog"
import { Lane } from "@rollcall/core/contract/Lane"
import { Sink } from "@rollcall/core/contract/Sink"
import type { RecordedEvent } from "@rollcall/core/domain/Event"
import { momentIn } from "@rollcall/core/sync/Moment"
import { pauseOf } from "@rollcall/core/sync/Pause"
import { makePlan } from "@rollcall/core/sync/Planning"
import type { ReconcileProgress } from "@rollcall/core/sync/Reconcile"
import { type Recorder, errandFor } from "@rollcall/core/sync/Record"
import { layer as together } from "@rollcall/sink-together/TogetherSink"
import { Cause, DateTime, Effect, Latch, Layer, Option, Queue, Stream } from "effect"

import { adoptConfiguration } from "../Adoption.ts"
import type { Organization } from "../ConfigurationFile.ts"
import { tellable } from "../observability/Discretion.ts"
import { type Watch, noting, pickPlanning, send } from "../SendRun.ts"
import { acceptCredentials, sinkStanding } from "../SinkStanding.ts"
import { standing as standingOf } from "../Standing.ts"
import type { Board } from "./Condition.ts"
import { type Turnstile, makeTurnstile } from "./Turnstile.ts"

export interface Sender {
  /** Plans and sends now, whatever woke it last. */
  readonly wake: Effect.Effect<void>
  /** Does not end. */
  readonly run: Effect.Effect<never, never, EventLog | Lane>
}

/** Time alone makes refreshes, absences and effective dates due. */
const tick = "1 minute"

/** Between two looks at a database that does not answer. */
const patience = "1 second"

/** A plan costs seconds for a large organization: a vendor that stays away is planned for ever less often. */
const longestMillis = 60_000

export const makeSender = Effect.fnUntraced(function* (organization: Organization, board: Board) {
  const news = yield* Queue.sliding<void>(1)
  const turnstile = yield* makeTurnstile
  const halt = yield* Latch.make()
  let troubles = 0
  const wake = Effect.asVoid(Queue.offer(news, undefined))
  const work = Effect.gen(function* () {
    yield* Queue.clear(news)
    const more = yield* passing({ organization, board, turnstile, halt, news: Queue.peek(news) })
    troubles = 0
    if (!more) yield* Effect.timeoutOption(Queue.take(news), tick)
  }).pipe(Effect.catchCause((cause) => Effect.suspend(() => troubled(board, cause, ++troubles))))
  const sender: Sender = {
    wake,
    run: Effect.raceFirst(Effect.forever(work), Effect.forever(listen(organization, wake, halt.open))).pipe(
      Effect.provide(behind(organization, turnstile))
    )
  }
  return sender
})

/** Together, and the lane as it is seen behind the turnstile. */
export const behind = ({ settings }: Organization, turnstile: Turnstile): Layer.Layer<Sink | Lane, never, Lane> => {
  const lane = Layer.effect(
    Lane,
    Effect.map(Lane, (lane) => turnstile.before(lane))
  )
  return Layer.provideMerge(Layer.provide(together(settings.together), NodeHttpClient.layerUndici), lane)
}

/** Whatever is said that may change what is to be sent; our own outcomes do not. */
const isNews = ({ event }: RecordedEvent): boolean => /^(Employee|PlanApproved|HoldReleased|Sync)/.test(event.type)

const listen = Effect.fnUntraced(function* (
  { id }: Organization,
  wake: Effect.Effect<void>,
  halt: Effect.Effect<unknown>
) {
  const log = yield* EventLog
  yield* Effect.gen(function* () {
    const { position } = yield* log.head(id)
    yield* wake
    yield* log.follow(id, position).pipe(
      Stream.runForEach((recorded) => {
        const paused = recorded.event.type === "SyncPaused"
        return isNews(recorded) ? Effect.andThen(paused ? halt : Effect.void, wake) : Effect.void
      })
    )
  }).pipe(Effect.catch(() => Effect.sleep(patience)))
})

interface Pass {
  readonly organization: Organization
  readonly board: Board
  readonly turnstile: Turnstile
  /** Opened when sending is paused in the middle of it. */
  readonly halt: Latch.Latch
  /** Comes when something changed meanwhile. */
  readonly news: Effect.Effect<unknown>
}

/** One pass; answers with whether there is more to do at once. */
const passing = Effect.fn("Sender.pass")(function* ({ board, halt, news, organization, turnstile }: Pass) {
  const { id, policy } = organization
  const sink = yield* Sink
  // A pause that is said from here on opens it; one before that is read.
  yield* halt.close
  const pause = yield* pauseOf(id, sink.id)
  board.sending({ pause })
  if (pause !== null) {
    board.doing("paused", yield* now)
    return false
  }
  board.doing("planning", yield* now)
  const run = globalThis.crypto.randomUUID()
  yield* Effect.annotateCurrentSpan({ "rollcall.organization": id, "rollcall.sender.run": run })
  const configurationHash = yield* adoptConfiguration(organization)
  const recorder: Recorder = { organization: id, run, configurationHash, urgency: "routine" }
  const standing = yield* sinkStanding(id, configurationHash)
  const moment = yield* momentIn(policy.timezone)
  if (!standing.credentialsKnown) {
    yield* sink.check(false, errandFor(recorder))
    yield* acceptCredentials(recorder)
  }
  const plan = noting(recorder, makePlan({ organization: id, policy, moment, ...pickPlanning(standing) }))
  // Open while nothing but a refresh is left.
  const yielding = yield* Latch.make()
  const sending = send({ policy, recorder, plan, standing, watch: watching(board, yielding), moment, verifyNow: false })
  const worked = yield* turnstile.until(sending, Effect.raceFirst(halt.await, Effect.andThen(yielding.await, news)))
  const left = Option.match(worked, { onNone: () => 1, onSome: (report) => report.left })
  const { letters } = yield* standingOf(id)
  const instant = yield* DateTime.now
  const at = DateTime.formatIso(instant)
  const dayAgo = DateTime.formatIso(DateTime.subtract(instant, { days: 1 }))
  board.sending({
    deadLetters: letters.length,
    freshLetters: letters.filter(({ since }) => since > dayAgo).length,
    ...(left === 0 ? { settledAt: at, queue: {}, leastMillis: 0, oldestChange: null } : {})
  })
  board.doing("idle", at)
  return left > 0
})

const now = Effect.map(DateTime.now, DateTime.formatIso)

const watching = (board: Board, yielding: Latch.Latch): Watch => {
  let changed = 0
  return {
    ingesting: () => Effect.void,
    ingested: () => Effect.void,
    verified: () => Effect.void,
    planned: Effect.fnUntraced(function* (plan) {
      const { refresh } = plan.counts
      changed = plan.waves.reduce((sum, wave) => sum + wave.length, 0) - refresh
      yield* changed === 0 && refresh > 0 ? yielding.open : yielding.close
      const held = plan.held.map(({ members: _members, ...rest }) => rest)
      const at = yield* now
      const oldestChange = changed > 0 ? (board.condition.sending.oldestChange ?? at) : null
      board.sending({ queue: plan.counts, held, leastMillis: plan.budget.leastMillis, oldestChange })
      if (plan.batches.length > 0) board.doing("sending", at)
    }),
    reconciling: Effect.fnUntraced(function* ({ planned, settled }: ReconcileProgress) {
      const { leastMillis, requests } = board.condition.sending
      const before = Math.max(1, planned.requests)
      board.sending({ requests: requests + 1, leastMillis: Math.max(0, leastMillis - leastMillis / before) })
      if (settled >= changed) yield* yielding.open
    })
  }
}

/** Whatever stands in the way is said, and tried again after a while. */
const troubled = Effect.fnUntraced(function* (board: Board, cause: Cause.Cause<unknown>, inARow: number) {
  if (Cause.hasInterruptsOnly(cause)) return yield* Effect.interrupt
  const { kind, problem } = tellable(cause)
  const doing =
    kind === "CredentialsRejected" ? "refused" : kind === "StoreUnavailable" ? "database-away" : "vendor-away"
  board.doing(doing, yield* now, problem)
  if (doing === "vendor-away") return yield* Effect.sleep(Math.min(longestMillis, 1000 * 2 ** Math.min(inARow - 1, 6)))
  yield* Effect.sleep(doing === "refused" ? "30 seconds" : patience)
})
