/**
 * The two vendors that the tests of this package call: the sandbox over real HTTP, and a scripted one that answers at
 * once, for everything that takes minutes and runs under TestClock.
 * Used by the tests of client and sink. The API key is a canary: it must turn up in nothing that can be read.
 */
import { inspect } from "node:util"

import { NodeHttpClient } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import type { Urgency } from "@rollcall/core/contract/Lane"
import { type Answer, type Errand, type Registration, Sink, type Upsert } from "@rollcall/core/contract/Sink"
import type { Fields } from "@rollcall/core/domain/Field"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import type { TogetherSandboxOptions } from "@rollcall/sandbox/TogetherSettings"
import { makeMemoryLane, type MemoryLane } from "@rollcall/testkit/MemoryLane"
import { Cause, Clock, Context, Effect, Exit, Fiber, Layer, Random, Redacted } from "effect"
import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"

import type { TogetherConfig } from "../src/TogetherConfig.ts"
import { layer } from "../src/TogetherSink.ts"

export const canary = "canary-7c1e9a"

export const credentials = { organizationId: "acme", clientId: "client-7", apiKey: canary }

export const configOf = (baseUrl: string, more: Partial<TogetherConfig> = {}): TogetherConfig => ({
  baseUrl,
  organizationId: Redacted.make(credentials.organizationId),
  clientId: Redacted.make(credentials.clientId),
  apiKey: Redacted.make(credentials.apiKey),
  ...more
})

/** Whatever a new user must have, as core says it. */
export const newcomer = (n: number): Fields => ({
  firstName: `First${n}`,
  lastName: `Last${n}`,
  email: `person${n}@example.com`,
  status: "active"
})

/** The same person as Together keeps them. */
export const resident = (n: number) => {
  const { status: _, ...fields } = newcomer(n)
  return { employeeId: `e-${n}`, ...fields, employeeStatusCode: "A" }
}

export const person = (n: number, more: Partial<Upsert> = {}): Upsert => ({
  stream: `employee:${n}`,
  version: 1,
  employeeId: `e-${n}`,
  known: false,
  fields: newcomer(n),
  news: newcomer(n),
  ...more
})

export const people = (count: number, more: Partial<Upsert> = {}): ReadonlyArray<Upsert> =>
  Array.from({ length: count }, (_, index) => person(index + 1, more))

/** What was said of whom, in the order in which it was said. */
export const said = (answers: ReadonlyArray<Answer>) =>
  answers.flatMap(({ verdicts }) =>
    verdicts.map(({ upsert, verdict }) => `${upsert.employeeId} ${verdict.as} ${verdict.status}`)
  )

const organization = OrganizationId.make("acme")

/** Records answers as the engine does: the request's end goes to the lane with them. */
export const recorder = (memory: MemoryLane, run = "run-1", urgency: Urgency = "routine") => {
  const answers: Array<Answer> = []
  const report = Effect.fnUntraced(function* (answer: Answer) {
    answers.push(answer)
    const { endedAt, ...ending } = answer.ending
    const now = Number(yield* Clock.monotonicTimeNanos) / 1e6
    const append = { appendKey: answer.request, events: [] }
    yield* Effect.orDie(memory.lane.release(organization, { ...ending, endedMillisAgo: now - endedAt }, append))
  })
  const errand: Errand<never, never> = { organization, run, urgency, report }
  return { answers, errand }
}

const sinkOver = Effect.fnUntraced(function* (
  config: TogetherConfig,
  http: Layer.Layer<HttpClient.HttpClient>,
  memory: MemoryLane
) {
  const sink = Context.get(yield* Layer.build(Layer.provide(layer(config), Layer.merge(http, memory.layer))), Sink)
  const { answers, errand } = recorder(memory)
  return {
    sink,
    memory,
    answers,
    errand,
    apply: (upserts: ReadonlyArray<Upsert>, arraySize = sink.batchSize) => sink.apply(upserts, arraySize, errand),
    list: (expected: ReadonlyArray<string> = []) => sink.list(new Set(expected), errand),
    check: (probe = false) => sink.check(probe, errand),
    register: (registration: Registration) => sink.register(registration, errand)
  }
})

/** The sink in front of a sandbox of its own. */
export const withSandbox = Effect.fnUntraced(function* (
  options: TogetherSandboxOptions = {},
  more: Partial<TogetherConfig> = {}
) {
  const sandbox = yield* TogetherSandbox.start({ credentials, ...options })
  const over = yield* sinkOver(configOf(sandbox.url, more), NodeHttpClient.layerUndici, quick())
  const stored = Effect.map(sandbox.users, (users) => users.map(({ fields }) => fields))
  return { ...over, sandbox, stored }
})

/** A lane that nothing was sent on before. */
const quick = () => makeMemoryLane({ beginPauseMillis: 0 })

/** The judge's word: nothing too early, nothing side by side, nobody doubled. Succeeds with its journal. */
export const fair = Effect.fnUntraced(function* (sandbox: TogetherSandbox, requests: number) {
  const { duplicates, journal, largestInFlight, smallestSpacing, violations } = yield* sandbox.report
  assert.lengthOf(journal, requests, "requests made")
  assert.deepStrictEqual(violations, { spacing: 0, concurrency: 0 })
  assert.isAtMost(largestInFlight, 1)
  assert.isAtLeast(smallestSpacing ?? Infinity, 1000)
  assert.strictEqual(duplicates, 0)
  return journal
})

/** An answer of the scripted vendor; one without a status is a connection that breaks. */
export interface Line {
  readonly status?: number
  readonly text?: string
  readonly headers?: Record<string, string>
  /** It comes after so many milliseconds. */
  readonly after?: number
}

export interface Heard {
  readonly at: number
  readonly request: HttpClientRequest.HttpClientRequest
  readonly url: string
  readonly body: unknown
}

/** A vendor that answers line by line, and with the last line for ever. */
export const scripted = (script: ReadonlyArray<Line>) => {
  const heard: Array<Heard> = []
  const http = HttpClient.make((request) =>
    Effect.gen(function* () {
      heard.push({ at: yield* Clock.currentTimeMillis, request, url: request.url, body: bodyOf(request) })
      const line = script[heard.length - 1] ?? script.at(-1)
      yield* Effect.sleep(line?.after ?? 0)
      if (line?.status === undefined) {
        const cause = Object.assign(new Error(`socket hang up ${canary}`), { code: "ECONNRESET", headers: { canary } })
        return yield* new HttpClientError.HttpClientError({
          reason: new HttpClientError.TransportError({ request, cause })
        })
      }
      const init = { status: line.status, ...(line.headers === undefined ? {} : { headers: line.headers }) }
      const response = HttpClientResponse.fromWeb(request, new Response(null, init))
      // A body that is there at once: TestClock does not wait for promises.
      return Object.defineProperty(response, "text", { value: Effect.succeed(line.text ?? "") })
    })
  )
  return { heard, http: Layer.succeed(HttpClient.HttpClient, http) }
}

/** The sink in front of a scripted vendor; two over the same lane are two processes. */
export const withScript = Effect.fnUntraced(function* (
  script: ReadonlyArray<Line>,
  more: Partial<TogetherConfig> = {},
  memory: MemoryLane = makeMemoryLane()
) {
  const { heard, http } = scripted(script)
  return { heard, ...(yield* sinkOver(configOf("https://together.example", more), http, memory)) }
})

/** Runs it to its end, however many hours that takes. */
export const inTheEnd = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect)
  yield* TestClock.adjust("2 days")
  return yield* Fiber.await(fiber)
})

/** Chance that is no jitter at all. */
export const noLuck = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, Random.Random, { nextDoubleUnsafe: () => 0.5, nextIntUnsafe: () => 0 })

/** The deferrals among the answers: status, reason, least wait. */
export const deferrals = (answers: ReadonlyArray<Answer>) =>
  answers.flatMap(({ deferral, status }) => (deferral === undefined ? [] : [{ status, ...deferral }]))

const bodyOf = ({ body }: HttpClientRequest.HttpClientRequest): unknown =>
  body._tag === "Uint8Array" ? JSON.parse(new TextDecoder().decode(body.body)) : undefined

/** Every form in which a failure may be printed, logged or stored. */
export const everyForm = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return assert.fail("it succeeded")
  const errors = exit.cause.reasons.map((reason) =>
    reason._tag === "Fail" ? reason.error : reason._tag === "Die" ? reason.defect : undefined
  )
  const forms = errors.flatMap((error) => [
    String(error),
    JSON.stringify(error),
    inspect(error, { depth: 20, showHidden: true }),
    error instanceof Error ? `${error.message} ${error.stack}` : ""
  ])
  return [...forms, Cause.pretty(exit.cause), String(exit.cause), JSON.stringify(exit), inspect(exit)].join("\n")
}

/** Nothing of it can be read, and there is something to read. */
export const keepsTheKey = (exit: Exit.Exit<unknown, unknown>): void => {
  const forms = everyForm(exit)
  assert.isAbove(forms.length, 50)
  assert.notInclude(forms, canary)
}
