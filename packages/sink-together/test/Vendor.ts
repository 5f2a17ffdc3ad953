/**
 * The two vendors that the tests of this package call: the sandbox over real HTTP, and a scripted one that answers at
 * once, for everything that takes minutes and runs under TestClock.
 * Used by the tests of client and sink. The API key is a canary: it must turn up in nothing that can be read.
 */
import { inspect } from "node:util"

import { NodeHttpClient } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import { type Answer, Sink, type Upsert } from "@rollcall/core/contract/Sink"
import type { Fields } from "@rollcall/core/domain/Field"
import { TogetherSandbox } from "@rollcall/sandbox/TogetherServer"
import type { TogetherSandboxOptions } from "@rollcall/sandbox/TogetherSettings"
import { Cause, Clock, Context, Effect, Exit, Layer, Redacted } from "effect"
import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "effect/http"

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
  employeeId: `e-${n}`,
  known: false,
  fields: newcomer(n),
  ...more
})

export const people = (count: number, more: Partial<Upsert> = {}): ReadonlyArray<Upsert> =>
  Array.from({ length: count }, (_, index) => person(index + 1, more))

/** What was said of whom, in the order in which it was said. */
export const said = (answers: ReadonlyArray<Answer>) =>
  answers.flatMap(({ verdicts }) =>
    verdicts.map(({ upsert, verdict }) => `${upsert.employeeId} ${verdict.as} ${verdict.status}`)
  )

const sinkOver = Effect.fnUntraced(function* (config: TogetherConfig, http: Layer.Layer<HttpClient.HttpClient>) {
  const sink = Context.get(yield* Layer.build(Layer.provide(layer(config), http)), Sink)
  const answers: Array<Answer> = []
  const report = (answer: Answer) => Effect.sync(() => void answers.push(answer))
  return { sink, answers, apply: (upserts: ReadonlyArray<Upsert>) => sink.apply(upserts, report) }
})

/** The sink in front of a sandbox of its own. */
export const withSandbox = Effect.fnUntraced(function* (
  options: TogetherSandboxOptions = {},
  more: Partial<TogetherConfig> = {}
) {
  const sandbox = yield* TogetherSandbox.start({ credentials, ...options })
  const over = yield* sinkOver(configOf(sandbox.url, more), NodeHttpClient.layerUndici)
  const stored = Effect.map(sandbox.users, (users) => users.map(({ fields }) => fields))
  return { ...over, sandbox, stored }
})

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
}

export interface Heard {
  readonly at: number
  readonly request: HttpClientRequest.HttpClientRequest
  readonly body: unknown
}

/** A vendor that answers line by line, and with the last line for ever. */
export const scripted = (script: ReadonlyArray<Line>) => {
  const heard: Array<Heard> = []
  const http = HttpClient.make((request) =>
    Effect.gen(function* () {
      heard.push({ at: yield* Clock.currentTimeMillis, request, body: bodyOf(request) })
      const line = script[heard.length - 1] ?? script.at(-1)
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

/** The sink in front of a scripted vendor. */
export const withScript = Effect.fnUntraced(function* (
  script: ReadonlyArray<Line>,
  more: Partial<TogetherConfig> = {}
) {
  const { heard, http } = scripted(script)
  return { heard, ...(yield* sinkOver(configOf("https://together.example", more), http)) }
})

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
