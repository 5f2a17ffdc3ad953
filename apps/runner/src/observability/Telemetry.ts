/**
 * OpenTelemetry: traces, metrics and logs by OTLP over HTTP, as the standard variables say.
 *
 * Nothing is sent unless `OTEL_EXPORTER_OTLP_ENDPOINT` (or that of a single signal) is there. Its variables are read by
 * effect's own layers; here they get their defaults and are looked at before the service begins.
 */
import { ConfigProvider, Effect, Layer, Tracer } from "effect"
import type { HttpClient } from "effect/http"
import { OtlpLogger, OtlpMetrics, OtlpSerialization, OtlpTracer } from "effect/observability"

import { InputInvalid } from "../Failure.ts"
import type { Environment } from "../Secrets.ts"
import * as Logs from "./Logs.ts"
import { discreetTracer } from "./Traces.ts"

const signals = ["TRACES", "METRICS", "LOGS"] as const

const endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", ...signals.map((signal) => `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`)]

const isOn = (environment: Environment): boolean =>
  endpoints.some((name) => (environment[name] ?? "") !== "") && environment["OTEL_SDK_DISABLED"] !== "true"

/** The logger and, where somebody collects them, the exporters: for the length of the service. */
export const observing = (environment: Environment): Layer.Layer<never, InputInvalid, HttpClient.HttpClient> => {
  if (!isOn(environment)) return Logs.layer(Layer.empty)
  const problem = problemIn(environment)
  if (problem !== undefined) return Layer.effectDiscard(Effect.fail(problem))
  const protobuf = environment["OTEL_EXPORTER_OTLP_PROTOCOL"] === "http/protobuf"
  const tracer = Layer.effect(Tracer.Tracer, Effect.map(Tracer.Tracer, discreetTracer))
  return Layer.mergeAll(
    Logs.layer(OtlpLogger.layerFromConfig({ mergeWithExisting: true })),
    Layer.provide(tracer, OtlpTracer.layerFromConfig()),
    OtlpMetrics.layerFromConfig()
  ).pipe(
    Layer.provide(protobuf ? OtlpSerialization.layerProtobuf : OtlpSerialization.layerJson),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: withDefaults(environment) })))
  )
}

/** An endpoint is all that has to be named: every signal goes there, from a service that is called rollcall. */
const withDefaults = (environment: Environment): Record<string, string> => {
  const given = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, value]]))
  ) as Record<string, string>
  const named = /(^|,)\s*service\.name=/u.test(given["OTEL_RESOURCE_ATTRIBUTES"] ?? "")
  return {
    ...Object.fromEntries(signals.map((signal) => [`OTEL_${signal}_EXPORTER`, "otlp"])),
    ...(named ? {} : { OTEL_SERVICE_NAME: "rollcall" }),
    OTEL_METRIC_EXPORT_INTERVAL: "60000",
    ...given
  }
}

const invalid = (place: string, problem: string, remedy: string) => new InputInvalid({ place, problem, remedy })

/** What stands in a variable is never repeated: a header may be a key. */
const problemIn = (environment: Environment): InputInvalid | undefined => {
  const wrong = endpoints.find((name) => !isAddress(environment[name]))
  if (wrong !== undefined) {
    return invalid(wrong, "This is no http address.", "Write it as http://collector:4318, or leave it out.")
  }
  const protocol = environment["OTEL_EXPORTER_OTLP_PROTOCOL"] ?? ""
  if (!["", "http/json", "http/protobuf"].includes(protocol)) {
    return invalid(
      "OTEL_EXPORTER_OTLP_PROTOCOL",
      "Telemetry is sent over HTTP alone.",
      "Take http/json or http/protobuf, and the collector's HTTP port (4318)."
    )
  }
  return undefined
}

const isAddress = (text: string | undefined): boolean =>
  text === undefined || text === "" || (URL.canParse(text) && /^https?:$/u.test(new URL(text).protocol))
