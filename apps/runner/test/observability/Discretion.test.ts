import { assert, describe, it } from "@effect/vitest"
import { StoreError, StoreUnavailable } from "@rollcall/core/contract/EventLog"
import { ConfigInvalid, SourceError } from "@rollcall/core/contract/Source"
import { Cause, Effect, Exit, Layer, Logger, Option, Tracer } from "effect"

import { discreetLogger, discreetMessage, wordsOf } from "../../src/observability/Discretion.ts"
import { discreetTracer, traceOf } from "../../src/observability/Traces.ts"

const canary = new Error("Key (email)=(canary@example.com) already exists\n    at canary (everywhere)")

describe("Discretion", () => {
  it("lets pass what Rollcall wrote, with what to do", () => {
    const error = new StoreError({
      reason: new StoreUnavailable({ problem: "The database did not answer.", remedy: "See that it runs." })
    })
    assert.strictEqual(wordsOf(Cause.fail(error)), "database: The database did not answer. See that it runs.")
  })

  it("tells of any other error its name and place, and not its words", () => {
    const words = wordsOf(Cause.die(canary))
    assert.match(words, /Rollcall itself failed: Error\n\s+at .*Discretion\.test/u)
    assert.notInclude(words, "canary@")
    assert.notInclude(words, "everywhere")
    assert.notInclude(wordsOf(Cause.die("canary")), "canary")
  })

  it("keeps to itself what a source advises from the file's first line", () => {
    const reason = new ConfigInvalid({
      path: "columns.email",
      problem: 'The header of people.csv has no column "Mail".',
      remedy: 'Set `columns.email` to one of "Ada", "Byron".'
    })
    const words = wordsOf(Cause.fail(new SourceError({ source: "hr", reason })))
    assert.include(words, 'no column "Mail"')
    assert.notInclude(words, "Byron")
  })

  it("shows no object that stands in a message", () => {
    assert.strictEqual(discreetMessage(["said", 7, { name: "canary" }]), "said 7 (an object)")
  })

  it.effect("hands loggers nothing else, whoever logs", () =>
    Effect.gen(function* () {
      const heard: Array<unknown> = []
      const logger = Logger.make(({ cause, message }) => heard.push(message, Cause.pretty(cause)))
      yield* Effect.logError("It broke", { canary: "canary" }, Cause.die(canary)).pipe(
        Effect.provide(Logger.layer([discreetLogger(logger)]))
      )
      assert.include(heard[0], "It broke")
      assert.notMatch(heard.join(), /canary@|"canary"/u)
    })
  )
})

/** A tracer as it is handed on, and what comes out of it. */
const record = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = discreetTracer(
    Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
  )
  return { spans, layer: Layer.succeed(Tracer.Tracer, tracer) }
}

describe("Traces", () => {
  it.effect("give a run's trace the run's own id, and a beginning", () =>
    Effect.gen(function* () {
      const { layer, spans } = record()
      const run = "0198c1b0-7c1d-4a55-9f0e-2f1d2c3b4a59"
      yield* Effect.void.pipe(
        Effect.withSpan("Ingest.ingest"),
        Effect.withSpan("Source.read", { parent: traceOf(run) }),
        Effect.withSpan("Service.run"),
        Effect.provide(layer)
      )
      const traced = spans.filter(({ sampled }) => sampled)
      assert.deepStrictEqual(
        traced.map(({ name, traceId }) => [name, traceId]),
        [
          ["Source.read", "0198c1b07c1d4a559f0e2f1d2c3b4a59"],
          ["Ingest.ingest", "0198c1b07c1d4a559f0e2f1d2c3b4a59"]
        ]
      )
    })
  )

  it.effect("carry what is listed, and no words of an error", () =>
    Effect.gen(function* () {
      const { layer, spans } = record()
      yield* Effect.die(canary).pipe(
        Effect.withSpan("Sender.pass", {
          attributes: { "rollcall.run": "a run", "url.full": "https://canary", "http.response.status_code": 400 }
        }),
        Effect.exit,
        Effect.provide(layer)
      )
      const [span] = spans
      assert.deepStrictEqual(Object.fromEntries(span!.attributes), {
        "rollcall.run": "a run",
        "http.response.status_code": 400
      })
      const { status } = span!
      assert.isTrue(status._tag === "Ended" && Exit.isFailure(status.exit))
      const said = status._tag === "Ended" && Exit.isFailure(status.exit) ? Cause.pretty(status.exit.cause) : ""
      assert.notMatch(said, /canary@|everywhere/u)
    })
  )

  it.effect("begin with nothing that serves a request, whatever its caller calls its parent", () =>
    Effect.gen(function* () {
      const { layer, spans } = record()
      const parent = Tracer.externalSpan({ traceId: "1".repeat(32), spanId: "2".repeat(16) })
      yield* Effect.void.pipe(
        Effect.withSpan("EventLog.streams"),
        Effect.withSpan("http.server GET", { parent }),
        Effect.provide(layer)
      )
      assert.isTrue(spans.every(({ sampled }) => !sampled))
      assert.isTrue(spans.some(({ parent }) => Option.isSome(parent)))
    })
  )
})
