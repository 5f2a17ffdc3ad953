import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

import { folder, rollcall } from "../Command.ts"
import { type Span, collector } from "./Collector.ts"
import { rootKey, serving, until } from "./Serving.ts"
import { writePeople, writeSite } from "./Site.ts"
import { together } from "./Together.ts"

const ada = { id: "1", first: "Ada", last: "Byron", mail: "ada@example.com" }

const isTree = (spans: ReadonlyArray<Span>): boolean =>
  spans.every(({ parentSpanId = "" }) => parentSpanId === "" || spans.some(({ spanId }) => spanId === parentSpanId))

describe("OpenTelemetry", () => {
  it.live(
    "follows a change in one trace, from the reading of its source to its request at Together",
    () =>
      Effect.gen(function* () {
        const here = yield* folder
        const vendor = yield* together
        const otlp = yield* collector
        writeSite(here, vendor.url)
        writePeople(here, [ada])
        const service = yield* serving(here, {
          OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
          OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=acme",
          OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test",
          OTEL_BSP_SCHEDULE_DELAY: "500"
        })
        yield* until(
          () => vendor.heard.length === 1,
          () => service.said.stderr
        )
        writePeople(here, [{ ...ada, title: "Countess" }])
        yield* until(
          () => vendor.heard.length === 2,
          () => service.said.stderr
        )
        yield* Effect.sleep("1 second")
        yield* service.stop

        // The change, as the log has it: its run, and the request that carried it.
        const told = yield* rollcall(here, ["employee", "1", "--json"], rootKey)
        const timeline = told.json["timeline"] as ReadonlyArray<Record<string, unknown>>
        assert.isArray(timeline, told.stdout)

        const spans = otlp.spans()
        const readings = spans.filter(({ name }) => name === "Source.read")
        const found = readings.filter(({ attributes }) => attributes["rollcall.changed"] === 1)
        assert.lengthOf(found, 1)
        const [reading] = found
        assert.strictEqual(reading?.traceId, String(reading?.attributes["rollcall.run"]).replaceAll("-", ""))
        const trace = spans.filter(({ traceId }) => traceId === reading?.traceId)
        assert.includeMembers(
          trace.map(({ name }) => name),
          ["Source.read", "Ingest.ingest", "EventLog.append", "Change.waiting", "Change.sending"]
        )
        assert.isTrue(isTree(trace))
        const sending = trace.find(({ name }) => name === "Change.sending")
        const waiting = trace.find(({ name }) => name === "Change.waiting")
        assert.deepInclude(sending?.attributes, {
          "rollcall.organization": "default",
          "rollcall.operation": "upsert",
          "rollcall.people": 1,
          "rollcall.members": 1,
          "http.response.status_code": 201,
          "rollcall.outcome.created": 1
        })
        assert.strictEqual(waiting?.endTimeUnixNano, sending?.startTimeUnixNano)
        const position = Number(sending?.attributes["rollcall.position.last"])
        const change = timeline.find((event) => event["position"] === position)
        assert.deepInclude(change, { type: "EmployeeChanged" })

        // The same request in the trace of the pass that made it, as the log names it.
        const lane = spans.find(({ spanId }) => spanId === sending?.links[0]?.spanId)
        assert.strictEqual(lane?.name, "Lane.request")
        assert.strictEqual(lane?.attributes["rollcall.request"], sending?.attributes["rollcall.request"])
        const pass = spans.filter(({ traceId }) => traceId === lane?.traceId)
        assert.isTrue(isTree(pass))
        assert.strictEqual(pass.find(({ parentSpanId = "" }) => parentSpanId === "")?.name, "Sender.pass")
        assert.include(
          pass.map(({ name }) => name),
          "Together.upsert"
        )

        const roots = new Set(spans.filter(({ parentSpanId = "" }) => parentSpanId === "").map(({ name }) => name))
        assert.deepStrictEqual([...roots].toSorted(), [
          "Change.sending",
          "Change.waiting",
          "Sender.pass",
          "Source.read"
        ])
        assert.include([...otlp.metrics()], "rollcall_outcomes_total")
        assert.deepInclude(otlp.resource(), { "service.name": "rollcall", "deployment.environment": "test" })
        assert.isTrue(otlp.heard.every(({ headers }) => headers["x-tenant"] === "acme"))
        assert.include(
          otlp.logs().map(({ body }) => body),
          "Read."
        )
      }).pipe(Effect.scoped),
    120_000
  )

  it.live("is not begun with an address or a protocol that cannot be meant", () =>
    Effect.gen(function* () {
      const here = yield* folder
      writeSite(here, "http://127.0.0.1:9")
      const refused = yield* rollcall(here, ["serve"], {
        ...rootKey,
        OTEL_EXPORTER_OTLP_ENDPOINT: "collector-canary"
      })
      assert.strictEqual(refused.code, 2)
      assert.match(refused.stderr, /OTEL_EXPORTER_OTLP_ENDPOINT: This is no http address/u)
      assert.notInclude(refused.stderr, "canary")
      const grpc = yield* rollcall(here, ["serve"], {
        ...rootKey,
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
        OTEL_EXPORTER_OTLP_PROTOCOL: "grpc"
      })
      assert.strictEqual(grpc.code, 2)
      assert.match(grpc.stderr, /OTEL_EXPORTER_OTLP_PROTOCOL/u)
    }).pipe(Effect.scoped)
  )
})
