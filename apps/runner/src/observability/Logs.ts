/**
 * The service's log: one JSON object a line, on standard error.
 *
 * `time`, `level` and `message` stand in every line; what the line is about (`organization`, `source`, `run`, counts)
 * stands beside them by name, and `trace` and `span` where there are any. Nothing passes but through `Discretion`.
 */
import { Effect, Layer, Logger, References } from "effect"

import { discreetLogger, wordsOf } from "./Discretion.ts"

/** The members of a line, in its order. */
const lineOf = ({ cause, date, fiber, logLevel, message }: Logger.Options<unknown>): Record<string, unknown> => {
  const { span } = fiber.cache
  return {
    time: date.toISOString(),
    level: logLevel.toLowerCase(),
    message,
    ...fiber.getRef(References.CurrentLogAnnotations),
    ...(span?.sampled === true ? { trace: span.traceId, span: span.spanId } : {}),
    ...(cause.reasons.length === 0 ? {} : { error: wordsOf(cause) })
  }
}

const jsonLines = Logger.make((line) => {
  process.stderr.write(`${JSON.stringify(lineOf(line))}\n`)
})

/** Standard error, and whoever `also` brings along. */
export const layer = <E, R>(also: Layer.Layer<never, E, R>): Layer.Layer<never, E, R> =>
  Layer.effect(
    Logger.CurrentLoggers,
    Effect.map(Logger.CurrentLoggers, (loggers) => new Set([...loggers].map(discreetLogger)))
  ).pipe(Layer.provideMerge(also), Layer.provide(Logger.layer([jsonLines])))
