/**
 * The least that takes OTLP over HTTP with JSON: it keeps what it hears as it came, and reads it by the protocol's own
 * names. It knows nothing of what sends to it.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

import { Effect, type Scope } from "effect"

export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: ReadonlyArray<{ readonly traceId: string; readonly spanId: string }>
}

export interface LogRecord {
  readonly body: unknown
  readonly severityText: string
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface Collector {
  readonly url: string
  /** Requests as they came: path, headers, body. */
  readonly heard: ReadonlyArray<{
    readonly path: string
    readonly headers: Readonly<Record<string, unknown>>
    readonly text: string
  }>
  readonly spans: () => ReadonlyArray<Span>
  readonly logs: () => ReadonlyArray<LogRecord>
  /** Names of all metrics, and the resource's attributes. */
  readonly metrics: () => ReadonlySet<string>
  readonly resource: () => Readonly<Record<string, unknown>>
}

interface KeyValue {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

const plain = (attributes: ReadonlyArray<KeyValue> = []): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

interface Wire {
  readonly resourceSpans?: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{
      readonly spans: ReadonlyArray<Omit<Span, "attributes"> & { readonly attributes: ReadonlyArray<KeyValue> }>
    }>
  }>
  readonly resourceLogs?: ReadonlyArray<{
    readonly scopeLogs: ReadonlyArray<{
      readonly logRecords: ReadonlyArray<{
        readonly body: Readonly<Record<string, unknown>>
        readonly severityText: string
        readonly attributes: ReadonlyArray<KeyValue>
      }>
    }>
  }>
  readonly resourceMetrics?: ReadonlyArray<{
    readonly resource: { readonly attributes: ReadonlyArray<KeyValue> }
    readonly scopeMetrics: ReadonlyArray<{ readonly metrics: ReadonlyArray<{ readonly name: string }> }>
  }>
}

export const collector: Effect.Effect<Collector, never, Scope.Scope> = Effect.acquireRelease(
  Effect.callback<Collector & { readonly close: () => void }>((resume) => {
    const heard: Array<Collector["heard"][number]> = []
    const server = createServer((request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        heard.push({ path: request.url ?? "", headers: request.headers, text: Buffer.concat(chunks).toString() })
        response.setHeader("content-type", "application/json").end("{}")
      })
    })
    const wires = (path: string): ReadonlyArray<Wire> =>
      heard.filter((one) => one.path === path).map(({ text }) => JSON.parse(text) as Wire)
    const metrics = () => wires("/v1/metrics").flatMap(({ resourceMetrics = [] }) => resourceMetrics)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(
        Effect.succeed({
          url: `http://127.0.0.1:${port}`,
          heard,
          spans: () =>
            wires("/v1/traces")
              .flatMap(({ resourceSpans = [] }) => resourceSpans)
              .flatMap(({ scopeSpans }) => scopeSpans)
              .flatMap(({ spans }) => spans)
              .map((span) => ({ ...span, attributes: plain(span.attributes) })),
          logs: () =>
            wires("/v1/logs")
              .flatMap(({ resourceLogs = [] }) => resourceLogs)
              .flatMap(({ scopeLogs }) => scopeLogs)
              .flatMap(({ logRecords }) => logRecords)
              .map(({ attributes, body, severityText }) => ({
                body: Object.values(body)[0],
                severityText,
                attributes: plain(attributes)
              })),
          metrics: () =>
            new Set(
              metrics().flatMap(({ scopeMetrics }) =>
                scopeMetrics.flatMap(({ metrics }) => metrics.map(({ name }) => name))
              )
            ),
          resource: () => plain(metrics()[0]?.resource.attributes),
          close: () => {
            server.closeAllConnections()
            server.close()
          }
        })
      )
    })
  }),
  ({ close }) => Effect.sync(close)
)
