/**
 * Everything by which the service can be watched, put together: endpoints, metrics, journal, and the lane's observer.
 *
 * `rollcall serve` makes it before it opens anything, so that it can be asked what it waits for, and hands it the service
 * once there is one.
 */
import { Lane } from "@rollcall/core/contract/Lane"
import { Upkeep } from "@rollcall/directory-store/Upkeep"
import { Clock, Context, Effect, Metric } from "effect"

import type { Condition } from "../service/Condition.ts"
import { Service } from "../service/Service.ts"
import { boardMeters } from "./BoardMeters.ts"
import { makeEndpoints } from "./Endpoints.ts"
import { keepJournal } from "./Journal.ts"
import { LaneTime } from "./LaneTime.ts"
import { observedLane } from "./ObservedLane.ts"
import { processMeters } from "./ProcessMeters.ts"
import { makeReadiness } from "./Readiness.ts"
import { counters } from "./Series.ts"

/** An alarm that is on. */
export interface ActiveAlarm {
  readonly organization: string
  readonly alarm: string
}

/** Which alarms are on, by whoever raises them. */
export const ActiveAlarms = Context.Reference<() => ReadonlyArray<ActiveAlarm>>("rollcall/observability/ActiveAlarms", {
  defaultValue: () => () => []
})

/** How often what is not read on request is brought up to date. */
const often = "5 seconds"

export const makeObservability = Effect.gen(function* () {
  const readiness = yield* makeReadiness
  yield* processMeters
  const times = new Map<string, LaneTime>()
  let look: Effect.Effect<void> = Effect.void
  const refresh = yield* Effect.cachedWithTTL(
    Effect.suspend(() => look),
    "1 second"
  )
  const endpoints = yield* makeEndpoints({ readiness, refresh })

  /** From here on there is a service to be watched. */
  const watch = Effect.fnUntraced(function* () {
    const { organizations } = yield* Service
    const upkeep = yield* Upkeep
    const alarms = yield* ActiveAlarms
    const millis = yield* monotonic
    for (const { board, organization } of organizations) {
      const time = new LaneTime(millis())
      times.set(organization.id, time)
      yield* Effect.acquireRelease(
        Effect.sync(() => board.watch((condition) => time.waiting(millis(), isWaiting(condition)))),
        (end) => Effect.sync(end)
      )
      yield* laneMeters(organization.id, time, millis)
    }
    readiness.begin({ upkeep, organizations })
    yield* boardMeters(organizations)
    yield* keepJournal(organizations)
    look = Effect.all([
      Effect.forEach(times, ([organization, time]) => showUtilization(organization, time.utilization(millis()))),
      showAlarms(alarms()),
      showProgress(upkeep)
    ])
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(refresh, Effect.sleep(often))))
  })

  /** The lane that the service is to send through. */
  const lane = observedLane((organization) => times.get(organization))

  return { endpoints, watch: watch(), provideLane: Effect.provideServiceEffect(Lane, lane) }
})

const monotonic = Effect.map(Clock.Clock, (clock) => () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6)

/** Somebody waits, and nothing but the lane is in the way. */
const isWaiting = ({ sending: { doing, queue } }: Condition): boolean =>
  doing !== "paused" && doing !== "refused" && Object.values(queue).some((count) => count > 0)

const laneMeters = (organization: string, time: LaneTime, millis: () => number) =>
  counters([
    {
      name: "rollcall_lane_backlog_seconds_total",
      help: "Time in which somebody waited to be sent.",
      labels: { organization },
      read: () => time.totals(millis()).waitingMillis / 1000
    },
    {
      name: "rollcall_lane_busy_seconds_total",
      help: "Of that time, how long the lane was in use: a request, or the pause that the vendor asks for after it.",
      labels: { organization },
      read: () => time.totals(millis()).busyMillis / 1000
    }
  ])

const utilization = Metric.gauge("rollcall_lane_utilization_ratio", {
  description: "Share of the last ten minutes' backlog in which the lane was in use; absent when nobody waited."
})

const showUtilization = (organization: string, ratio: number | undefined) => {
  const series = Metric.withAttributes(utilization, { organization })
  return ratio === undefined ? Metric.remove(series) : Metric.update(series, ratio)
}

const alarmsActive = Metric.gauge("rollcall_alarms_active", { description: "Alarms that are on: 1 each." })

/** An alarm that was on once stays, as 0. */
const shown = new Map<string, ActiveAlarm>()

const showAlarms = (active: ReadonlyArray<ActiveAlarm>) => {
  for (const one of active) shown.set(`${one.organization} ${one.alarm}`, one)
  return Effect.forEach(shown.values(), ({ alarm, organization }) => {
    const on = active.some((one) => one.alarm === alarm && one.organization === organization)
    return Metric.update(Metric.withAttributes(alarmsActive, { organization, alarm }), on ? 1 : 0)
  })
}

const databaseUp = Metric.gauge("rollcall_database_up", { description: "1: the database answered the last look." })

const logPosition = Metric.gauge("rollcall_log_position", { description: "Last position of the log." })

const projectionPosition = Metric.gauge("rollcall_projection_position", {
  description: "Position that the Directory's tables have reached."
})

const projectionLag = Metric.gauge("rollcall_projection_lag_events", {
  description: "Events that the Directory's tables are behind the log."
})

/** Where the database is away the last positions stay as they are. */
const showProgress = (upkeep: Upkeep["Service"]) =>
  upkeep.progress.pipe(
    Effect.timeout(often),
    Effect.flatMap(
      Effect.forEach(({ organization, position, projected }) =>
        Effect.all([
          Metric.update(Metric.withAttributes(logPosition, { organization }), position),
          Metric.update(Metric.withAttributes(projectionPosition, { organization }), projected),
          Metric.update(Metric.withAttributes(projectionLag, { organization }), position - projected)
        ])
      )
    ),
    Effect.andThen(Metric.update(databaseUp, 1)),
    Effect.catch(() => Metric.update(databaseUp, 0))
  )
