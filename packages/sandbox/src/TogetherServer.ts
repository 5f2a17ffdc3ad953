import { createServer } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"

/**
 * The stand-in of Together over real HTTP on 127.0.0.1: `TogetherSandbox.start` gives a running vendor that stops with its
 * scope. Used by the demo, by `rollcall sandbox`, and by tests of the client.
 * It stamps every arrival the moment node:http reports it, before anything is read, so that the judge sees what the vendor
 * would see. It reads time from the Clock it was started under. It never listens on any other address.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Clock, Effect, MutableRef, Predicate } from "effect"
import type { Scope } from "effect"

import { PortUnavailable, SandboxError, UserUnknown } from "./SandboxError.ts"
import { faultAnswer, readBody, reset, send, sendPage, sendTruncated } from "./TogetherConnection.ts"
import { controlRequest, editUser, forget, markUser } from "./TogetherControl.ts"
import type { ResetPart } from "./TogetherControl.ts"
import { inject, isApplied, take } from "./TogetherFaults.ts"
import type { Fault, FaultRule } from "./TogetherFaults.ts"
import type { Fields } from "./TogetherFields.ts"
import * as Judge from "./TogetherJudge.ts"
import type { Registration } from "./TogetherPrograms.ts"
import { decideRequest, membersOf } from "./TogetherRoutes.ts"
import type { Answer, Body } from "./TogetherRoutes.ts"
import { settingsOf } from "./TogetherSettings.ts"
import type { TogetherSandboxOptions, TogetherSettings } from "./TogetherSettings.ts"
import { openState } from "./TogetherState.ts"
import type { TogetherState, TogetherWorld } from "./TogetherState.ts"
import { everyone } from "./TogetherUsers.ts"
import type { Mark, TogetherUser } from "./TogetherUsers.ts"

/** A running stand-in. What it offers here is also offered below `/_sandbox/` of its url; none of it is judged. */
export interface TogetherSandbox {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
  readonly port: number
  readonly report: Effect.Effect<Judge.JudgeReport>
  /** Everybody with their marks, those who are gone included, in the order of creation. */
  readonly users: Effect.Effect<ReadonlyArray<TogetherUser>>
  readonly registrations: Effect.Effect<ReadonlyArray<Registration>>
  /** From now on 409 ("conflicted"), 410 ("gone"), or an ordinary user again (null). The key is employeeId or userId. */
  readonly mark: (key: string, as: Mark | null) => Effect.Effect<void, SandboxError>
  /** Changes fields at Together without the vendor's rules: drift. */
  readonly edit: (key: string, fields: Fields) => Effect.Effect<void, SandboxError>
  readonly inject: (rules: FaultRule | ReadonlyArray<FaultRule>) => Effect.Effect<void>
  /** Forgets the named parts, or everything. */
  readonly reset: (parts?: ReadonlyArray<ResetPart>) => Effect.Effect<void, SandboxError>
}

/** The entry of this package. */
export const TogetherSandbox: {
  /** Starts a stand-in; it stops, and saves once more, when the scope closes. */
  readonly start: (options?: TogetherSandboxOptions) => Effect.Effect<TogetherSandbox, SandboxError, Scope.Scope>
} = {
  start: Effect.fn("TogetherSandbox.start")(function* (options: TogetherSandboxOptions | undefined) {
    const settings = settingsOf(options ?? {})
    const state = yield* openState(settings)
    yield* Effect.addFinalizer(() => Effect.ignore(state.save))
    const context = yield* Effect.context()
    const clock = yield* Clock.Clock
    const vendor: Vendor = { settings, state, clock, fork: Effect.runForkWith(context) }
    const port = yield* listen(settings.port, (request, response) => accept(vendor, request, response))
    return handleOf(port, state)
  }, Effect.provide(NodeFileSystem.layer))
}

interface Vendor {
  readonly settings: TogetherSettings
  readonly state: TogetherState
  readonly clock: Clock.Clock
  readonly fork: (effect: Effect.Effect<void>) => { readonly interruptUnsafe: () => void }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
}

const accept = (vendor: Vendor, request: IncomingMessage, response: ServerResponse): void => {
  const exchange = { request, response, url: urlOf(request) }
  const control = exchange.url.pathname.startsWith("/_sandbox/")
  const effect = control ? controlled(vendor, exchange) : judged(vendor, exchange)
  const fiber = vendor.fork(Effect.catchDefect(effect, (defect) => failed(response, String(defect))))
  response.on("close", () => fiber.interruptUnsafe())
}

/** The synchronous part runs before this function returns: the arrival is stamped here and nowhere later. */
const judged = (vendor: Vendor, exchange: Exchange): Effect.Effect<void> => {
  const { clock, state } = vendor
  const subject = { method: exchange.request.method ?? "", path: exchange.url.pathname }
  const before = MutableRef.get(state.world)
  const arrival = { ...subject, at: monotonic(clock), wall: clock.currentTimeMillisUnsafe() }
  const [request, judge] = Judge.arrive(before.judge, arrival)
  const [fault, faults] = take(before.faults, subject)
  MutableRef.set(state.world, { ...before, judge, faults })
  const over = () => judging(state, (current) => Judge.end(current, request.id, monotonic(clock)))
  exchange.response.on("finish", over)
  exchange.response.on("close", over)
  return answerJudged(vendor, exchange, request, fault)
}

const answerJudged = Effect.fnUntraced(
  function* (vendor: Vendor, exchange: Exchange, request: Judge.JudgedRequest, fault: Fault | undefined) {
    const body = yield* readBody(exchange.request, vendor.settings.maxBodyBytes)
    const answer = decide(vendor, exchange, request, fault, body)
    yield* vendor.state.save
    yield* deliver(vendor, exchange, request, fault, answer)
  },
  (effect, _vendor, { response }) => Effect.catchTag(effect, "SandboxError", (error) => failed(response, error.message))
)

/** Applies the request unless a fault or the rate stands before it, and says what would be answered. */
const decide = (
  { clock, settings, state }: Vendor,
  { request, url }: Exchange,
  { id, method, violations }: Judge.JudgedRequest,
  fault: Fault | undefined,
  body: Body
): Answer => {
  const tooFast = fault === undefined && settings.enforceRate && violations.length > 0
  const world = MutableRef.get(state.world)
  const header = (name: string) => headerOf(request, name)
  const decision =
    isApplied(fault) && !tooFast ? decideRequest(world, { method, url, header, body }, settings) : undefined
  const found = { members: membersOf(body), duplicates: decision?.duplicates ?? 0 }
  MutableRef.set(state.world, {
    ...world,
    users: decision?.users ?? world.users,
    registrations: decision?.registrations ?? world.registrations,
    judge: Judge.decide(world.judge, id, found)
  })
  if (fault?.kind === "status") return faultAnswer(fault, clock.currentTimeMillisUnsafe())
  return decision?.answer ?? { status: 429, body: { error: "slow down your request rate" } }
}

const deliver = Effect.fnUntraced(function* (
  { settings, state }: Vendor,
  { request, response }: Exchange,
  { id }: Judge.JudgedRequest,
  fault: Fault | undefined,
  answer: Answer
) {
  if (fault?.kind === "hang") return yield* Effect.never
  const wait = settings.latency + (fault?.kind === "delay" ? fault.ms : 0)
  if (wait > 0) yield* Effect.sleep(wait)
  if (fault?.kind === "reset-before" || fault?.kind === "reset-after") return reset(request)
  const status = fault?.kind === "html" ? 200 : answer.status
  judging(state, (judge) => Judge.answer(judge, id, status))
  if (fault?.kind === "html") return sendPage(response)
  return fault?.kind === "truncated" ? sendTruncated(response, answer) : send(response, answer)
})

const controlled = Effect.fnUntraced(
  function* ({ settings, state }: Vendor, { request, response, url }: Exchange) {
    const body = yield* readBody(request, settings.maxBodyBytes)
    const outcome = controlRequest(MutableRef.get(state.world), request.method ?? "", url.pathname, body)
    if (outcome.world !== undefined) {
      MutableRef.set(state.world, outcome.world)
      yield* state.save
    }
    send(response, outcome.answer)
  },
  (effect, _vendor, { response }) => Effect.catchTag(effect, "SandboxError", (error) => failed(response, error.message))
)

const handleOf = (port: number, state: TogetherState): TogetherSandbox => {
  const world = Effect.sync(() => MutableRef.get(state.world))
  const change = (next: (world: TogetherWorld) => TogetherWorld) =>
    Effect.andThen(
      Effect.sync(() => MutableRef.update(state.world, next)),
      state.save
    )
  const changeUser = Effect.fnUntraced(function* (
    key: string,
    next: (world: TogetherWorld) => TogetherWorld | undefined
  ) {
    const changed = next(MutableRef.get(state.world))
    if (changed === undefined) return yield* new SandboxError({ reason: new UserUnknown({ key }) })
    return yield* change(() => changed)
  })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    report: Effect.map(world, ({ judge }) => Judge.report(judge)),
    users: Effect.map(world, ({ users }) => everyone(users)),
    registrations: Effect.map(world, ({ registrations }) => registrations),
    mark: (key, as) => changeUser(key, (current) => markUser(current, key, as)),
    edit: (key, fields) => changeUser(key, (current) => editUser(current, key, fields)),
    inject: (rules) =>
      Effect.sync(() => {
        MutableRef.update(state.world, (current) => ({ ...current, faults: inject(current.faults, [rules].flat()) }))
      }),
    reset: (parts) => change((current) => forget(current, parts))
  }
}

const listen = (port: number, accept: (request: IncomingMessage, response: ServerResponse) => void) =>
  Effect.acquireRelease(open(port, accept), close).pipe(
    Effect.map((server) => {
      const address = server.address()
      return address === null || Predicate.isString(address) ? port : address.port
    })
  )

const open = (port: number, accept: (request: IncomingMessage, response: ServerResponse) => void) =>
  Effect.callback<Server, SandboxError>((resume) => {
    const server = createServer({ keepAliveTimeout: 75_000 }, accept)
    server.once("error", (error) =>
      resume(Effect.fail(new SandboxError({ reason: new PortUnavailable({ port, detail: error.message }) })))
    )
    server.listen(port, "127.0.0.1", () => resume(Effect.succeed(server)))
  })

const close = (server: Server) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

const judging = (state: TogetherState, next: (judge: Judge.Judge) => Judge.Judge): void => {
  MutableRef.update(state.world, (world) => ({ ...world, judge: next(world.judge) }))
}

/** The stand-in itself is in trouble, for instance because its disk is full. */
const failed = (response: ServerResponse, detail: string): Effect.Effect<void> =>
  Effect.sync(() => {
    if (!response.headersSent) send(response, { status: 500, body: { error: `the sandbox failed: ${detail}` } })
  })

const monotonic = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000

const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value.join(",") : value
}

/** The path alone comes from the client; a target that is no path leads to a 404. */
const urlOf = ({ headers, url }: IncomingMessage): URL => {
  const base = `http://${headers.host ?? "127.0.0.1"}`
  return new URL(URL.canParse(url ?? "", base) ? (url ?? "") : "/", URL.canParse(base) ? base : "http://127.0.0.1")
}
