/**
 * Metrics whose value stands somewhere already and is read when somebody asks: a series each, for as long as the scope.
 *
 * Names, units and help texts are Prometheus' (base units, `_total` for what only grows). What happens now and then is
 * counted with effect's `Metric` directly (`RequestMeters`).
 */
import { Effect, Metric, type Scope } from "effect"

export type Labels = Readonly<Record<string, string>>

export interface Series {
  readonly name: string
  readonly help: string
  readonly labels?: Labels
  readonly read: () => number
}

/** OpenTelemetry's name of the unit, which Prometheus has in the metric's own name. */
const unitOf = (name: string): Labels => {
  if (/_seconds(_total)?$/u.test(name)) return { unit: "s" }
  return name.endsWith("_bytes") ? { unit: "By" } : {}
}

const noMutation = { update: () => {}, modify: () => {} }

const register = (kind: "gauge" | "counter") =>
  Effect.fnUntraced(function* (series: ReadonlyArray<Series>): Effect.fn.Return<void, never, Scope.Scope> {
    const context = yield* Effect.context()
    const registered = series.map(({ help: description, labels: own, name, read }) => {
      const labels = { ...own, ...unitOf(name) }
      return kind === "gauge"
        ? Metric.registerUnsafe(Metric.withAttributes(Metric.gauge(name, { description }), labels), context, {
            get: () => ({ value: read() }),
            ...noMutation
          })
        : Metric.registerUnsafe(
            Metric.withAttributes(Metric.counter(name, { description, incremental: true }), labels),
            context,
            { get: () => ({ count: read(), incremental: true }), ...noMutation }
          )
    })
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const { remove } of registered) remove()
      })
    )
  })

/** Goes up and down. */
export const gauges = register("gauge")

/** Only grows, from the start of the process. */
export const counters = register("counter")
