/**
 * The process itself: memory, processor, and how long its event loop keeps others waiting.
 *
 * Under the names that Prometheus' client libraries give them, so that dashboards for Node fit. The delay of the loop is
 * that of the last half minute: a figure since the start would forget nothing and show nothing.
 */
import { monitorEventLoopDelay } from "node:perf_hooks"

import { Clock, Effect, type Scope } from "effect"

import { type Series, counters, gauges } from "./Series.ts"

const window = "30 seconds"

interface Delay {
  readonly mean: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Nanoseconds as seconds; a histogram without a value says NaN. */
const seconds = (nanos: number): number => (Number.isFinite(nanos) ? nanos / 1e9 : 0)

const delayOf = (histogram: ReturnType<typeof monitorEventLoopDelay>): Delay => ({
  mean: seconds(histogram.mean),
  p50: seconds(histogram.percentile(50)),
  p99: seconds(histogram.percentile(99)),
  max: seconds(histogram.max)
})

export const processMeters: Effect.Effect<void, never, Scope.Scope> = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const startedAt = clock.currentTimeMillisUnsafe() / 1000 - process.uptime()
  const histogram = monitorEventLoopDelay({ resolution: 10 })
  histogram.enable()
  yield* Effect.addFinalizer(() => Effect.sync(() => histogram.disable()))
  let last: Delay | undefined
  yield* Effect.sleep(window).pipe(
    Effect.andThen(
      Effect.sync(() => {
        last = delayOf(histogram)
        histogram.reset()
      })
    ),
    Effect.forever,
    Effect.forkScoped
  )
  const delay = () => last ?? delayOf(histogram)
  yield* counters([
    {
      name: "process_cpu_seconds_total",
      help: "Processor time of the process, user and system.",
      read: () => {
        const { system, user } = process.cpuUsage()
        return (system + user) / 1e6
      }
    }
  ])
  yield* gauges([
    { name: "process_start_time_seconds", help: "When the process began, since 1970.", read: () => startedAt },
    { name: "process_resident_memory_bytes", help: "Memory the process occupies.", read: () => memory().rss },
    { name: "nodejs_heap_size_used_bytes", help: "JavaScript heap in use.", read: () => memory().heapUsed },
    { name: "nodejs_heap_size_total_bytes", help: "JavaScript heap in all.", read: () => memory().heapTotal },
    { name: "nodejs_external_memory_bytes", help: "Memory of Node beside the heap.", read: () => memory().external },
    ...lag("mean", delay),
    ...lag("p50", delay),
    ...lag("p99", delay),
    ...lag("max", delay)
  ])
})

const memory = () => process.memoryUsage()

const lag = (name: keyof Delay, delay: () => Delay): ReadonlyArray<Series> => [
  {
    name: `nodejs_eventloop_lag_${name}_seconds`,
    help: `Delay of the event loop in the last half minute: ${name}.`,
    read: () => delay()[name]
  }
]
