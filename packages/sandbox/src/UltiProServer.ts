import { createServer } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"

/**
 * The stand-in of UKG Pro over real HTTP on 127.0.0.1: `UltiProSandbox.start` gives a running tenant that stops with its
 * scope. Used by the demo and by tests of the source, as an independent judge of it.
 * The tenant lives in memory and its days pass only when somebody lets them. It reads the time of requests from the Clock it
 * was started under and never listens on any other address.
 */
import { Clock, Effect, MutableRef, Predicate } from "effect"
import type { Scope } from "effect"

import { PortUnavailable, SandboxError, SettingUnusable } from "./SandboxError.ts"
import { reset, send, sendTruncated } from "./TogetherConnection.ts"
import type { ChangesWindow } from "./UltiProChanges.ts"
import { isDay } from "./UltiProDates.ts"
import type { Day } from "./UltiProDates.ts"
import { daysAfter } from "./UltiProDays.ts"
import { inject, noFaults, take } from "./UltiProFaults.ts"
import type { Fault, FaultRule, Faults } from "./UltiProFaults.ts"
import type { Happening } from "./UltiProHappenings.ts"
import * as Judge from "./UltiProJudge.ts"
import type { HumanResources } from "./UltiProPeople.ts"
import { humanResourcesOf } from "./UltiProPopulation.ts"
import { faultAnswer, problem } from "./UltiProProblems.ts"
import type { Answer } from "./UltiProProblems.ts"
import { askedPage, decideRequest } from "./UltiProRoutes.ts"
import { settingsOf } from "./UltiProSettings.ts"
import type { UltiProCredentials, UltiProSandboxOptions, UltiProScope, UltiProSettings } from "./UltiProSettings.ts"
import { truthOf } from "./UltiProTruth.ts"
import type { TruePerson } from "./UltiProTruth.ts"

/** A running stand-in. Nothing it offers here is judged or met by a fault. */
export interface UltiProSandbox {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
  readonly port: number
  readonly report: Effect.Effect<Judge.UltiProReport>
  /** Forgets what the judge has seen. */
  readonly pardon: Effect.Effect<void>
  /** Everybody as HR know them today. */
  readonly truth: Effect.Effect<ReadonlyArray<TruePerson>>
  /** How many people there are, those who left and those who are still to come included. */
  readonly people: Effect.Effect<number>
  readonly today: Effect.Effect<Day>
  /** Lets days pass, one by default, and says what happened on them. */
  readonly advance: (days?: number) => Effect.Effect<ReadonlyArray<Happening>>
  readonly inject: (rules: FaultRule | ReadonlyArray<FaultRule>) => Effect.Effect<void>
  /** Forgets the faults that are still to come. */
  readonly calm: Effect.Effect<void>
  /** Permissions from now on. */
  readonly setScopes: (scopes: ReadonlyArray<UltiProScope>) => Effect.Effect<void>
  /** Credentials from now on, as after a rotation. */
  readonly setCredentials: (credentials: UltiProCredentials) => Effect.Effect<void>
}

/** The entry of this stand-in. */
export const UltiProSandbox: {
  /** Starts a stand-in; it stops when the scope closes. */
  readonly start: (options?: UltiProSandboxOptions) => Effect.Effect<UltiProSandbox, SandboxError, Scope.Scope>
} = {
  start: Effect.fn("UltiProSandbox.start")(function* (options: UltiProSandboxOptions | undefined) {
    const settings = yield* usable(settingsOf(options ?? {}))
    const world = MutableRef.make(freshWorld(settings))
    const context = yield* Effect.context()
    const clock = yield* Clock.Clock
    const vendor: Vendor = { world, clock, fork: Effect.runForkWith(context) }
    const port = yield* listen(settings.port, (request, response) => accept(vendor, request, response))
    return handleOf(port, world)
  })
}

/** Everything that changes; credentials and scopes of the moment are in `settings`. */
interface World {
  readonly settings: UltiProSettings
  readonly hr: HumanResources
  readonly changes: ChangesWindow | undefined
  readonly judge: Judge.Judge
  readonly faults: Faults
}

interface Vendor {
  readonly world: MutableRef.MutableRef<World>
  readonly clock: Clock.Clock
  readonly fork: (effect: Effect.Effect<void>) => { readonly interruptUnsafe: () => void }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
}

const freshWorld = (settings: UltiProSettings): World => ({
  settings,
  hr: humanResourcesOf(settings),
  changes: undefined,
  judge: Judge.freshJudge,
  faults: inject(noFaults, settings.faults)
})

const usable = Effect.fnUntraced(function* (settings: UltiProSettings) {
  const { companies, maxPerPage, population, today } = settings
  if (!isDay(today)) return yield* refuse("today", `"${today}" is no day of the form YYYY-MM-DD`)
  if (companies.length === 0) return yield* refuse("companies", "there must be one at least")
  if (!Number.isInteger(population) || population < 1) return yield* refuse("population", "it must be 1 or more")
  if (!Number.isInteger(maxPerPage) || maxPerPage < 1) return yield* refuse("maxPerPage", "it must be 1 or more")
  return settings
})

const refuse = (setting: string, detail: string) =>
  new SandboxError({ reason: new SettingUnusable({ setting, detail }) })

/** The synchronous part runs before this function returns: the arrival is stamped here and nowhere later. */
const accept = (vendor: Vendor, request: IncomingMessage, response: ServerResponse): void => {
  const exchange = { request, response, url: urlOf(request) }
  request.resume()
  const [id, fault] = arrived(vendor, exchange)
  const over = () => judging(vendor, (judge) => Judge.end(judge, id, monotonic(vendor.clock)))
  response.on("finish", over)
  response.on("close", over)
  const effect = Effect.catchDefect(answered(vendor, exchange, id, fault), (defect) => failed(response, String(defect)))
  const fiber = vendor.fork(effect)
  response.on("close", () => fiber.interruptUnsafe())
}

const arrived = ({ clock, world }: Vendor, { request, url }: Exchange): readonly [number, Fault | undefined] => {
  const before = MutableRef.get(world)
  const subject = { method: request.method ?? "", path: url.pathname, page: askedPage(url) }
  const query = Object.fromEntries(url.searchParams)
  const [id, judge] = Judge.arrive(before.judge, { ...subject, query, arrivedAt: monotonic(clock) })
  const [fault, faults] = take(before.faults, subject)
  MutableRef.set(world, { ...before, judge, faults })
  return [id, fault]
}

const answered = Effect.fnUntraced(function* (
  vendor: Vendor,
  exchange: Exchange,
  id: number,
  fault: Fault | undefined
) {
  const { request, response } = exchange
  if (fault?.kind === "hang") return yield* Effect.never
  const { latency } = MutableRef.get(vendor.world).settings
  const wait = latency + (fault?.kind === "delay" ? fault.ms : 0)
  if (wait > 0) yield* Effect.sleep(wait)
  if (fault?.kind === "reset") return reset(request)
  const answer = decide(vendor, exchange, fault)
  judging(vendor, (judge) => Judge.answer(judge, id, answer.status))
  if (fault?.kind === "html") return sendPage(response)
  return fault?.kind === "truncated" ? sendTruncated(response, answer) : send(response, answer)
})

const decide = ({ clock, world }: Vendor, { request, url }: Exchange, fault: Fault | undefined): Answer => {
  const now = clock.currentTimeMillisUnsafe()
  if (fault?.kind === "status") return faultAnswer(fault, now)
  if (fault?.kind === "html") return { status: 200 }
  const header = (name: string) => headerOf(request, name)
  const decision = decideRequest(MutableRef.get(world), { method: request.method ?? "", url, header, now, fault })
  MutableRef.update(world, (current) => ({ ...current, changes: decision.changes }))
  return decision.answer
}

const handleOf = (port: number, ref: MutableRef.MutableRef<World>): UltiProSandbox => {
  const look = <A>(read: (world: World) => A) => Effect.sync(() => read(MutableRef.get(ref)))
  const change = (next: (world: World) => World) =>
    Effect.sync(() => {
      MutableRef.update(ref, next)
    })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    report: look(({ judge }) => Judge.report(judge)),
    pardon: change((world) => ({ ...world, judge: Judge.pardoned(world.judge) })),
    truth: look(({ hr }) => truthOf(hr)),
    people: look(({ hr }) => hr.people.length),
    today: look(({ hr }) => hr.today),
    advance: (days = 1) =>
      Effect.sync(() => {
        const { happened, hr } = daysAfter(MutableRef.get(ref).hr, days)
        MutableRef.update(ref, (world) => ({ ...world, hr }))
        return happened
      }),
    inject: (rules) => change((world) => ({ ...world, faults: inject(world.faults, [rules].flat()) })),
    calm: change((world) => ({ ...world, faults: { ...world.faults, rules: [] } })),
    setScopes: (scopes) => change((world) => ({ ...world, settings: { ...world.settings, scopes } })),
    setCredentials: (credentials) => change((world) => ({ ...world, settings: { ...world.settings, credentials } }))
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

const judging = ({ world }: Vendor, next: (judge: Judge.Judge) => Judge.Judge): void => {
  MutableRef.update(world, (current) => ({ ...current, judge: next(current.judge) }))
}

/** What a proxy or a maintenance page would say. */
const sendPage = (response: ServerResponse): void => {
  const page =
    "<!doctype html><html><head><title>UKG Pro</title></head><body><h1>Scheduled maintenance</h1></body></html>"
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page)
}

/** The stand-in itself is in trouble. */
const failed = (response: ServerResponse, detail: string): Effect.Effect<void> =>
  Effect.sync(() => {
    if (!response.headersSent) send(response, problem(500, `The sandbox failed: ${detail}`))
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
