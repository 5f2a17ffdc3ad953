/**
 * The work of `rollcall serve`: reads every source on its schedule, keeps Together up to date, and answers the Directory
 * API and the operations API, for as long as it runs.
 *
 * Registers the configured organizations, brings their tables up to the log, and then keeps them so: whatever another
 * process appended by other rules, and each day that begins, is caught up with. A database that is away is waited for,
 * also at the start.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { EventLog, type StoreError } from "@rollcall/core/contract/EventLog"
import { LaneAttention } from "@rollcall/core/contract/Lane"
import { Organizations } from "@rollcall/core/contract/Organizations"
import * as DirectoryServer from "@rollcall/directory-api/DirectoryServer"
import { Upkeep } from "@rollcall/directory-store/Upkeep"
import { Cause, Context, Effect, Exit, Latch, Layer, Schedule, Scope } from "effect"
import { HttpServer } from "effect/http"

import type { LoadedConfiguration, Organization } from "./ConfigurationFile.ts"
import { portTaken } from "./Failure.ts"
import type { App } from "./observability/Endpoints.ts"
import { type ActiveAlarm, ActiveAlarms, makeObservability } from "./observability/Observability.ts"
import { observing } from "./observability/Telemetry.ts"
import * as OperationsServer from "./operations/OperationsServer.ts"
import type { Output } from "./Output.ts"
import { rootKeyIn } from "./RootKeyVariable.ts"
import { Gate } from "./service/Gate.ts"
import { Service, makeService, runService } from "./service/Service.ts"
import { stores } from "./Stores.ts"

/** Where it listens. */
export interface Place {
  readonly host: string
  readonly port: number
}

/** Does not end before it is told to. */
export const serveAll = Effect.fnUntraced(function* (configuration: LoadedConfiguration, place: Place, output: Output) {
  const rootKey = yield* rootKeyIn(process.env)
  const gate = new Gate()
  const serving = Effect.gen(function* () {
    const { endpoints, provideLane, watch } = yield* makeObservability
    const door = yield* openDoor(place, gate, endpoints.app)
    const stored = yield* patiently(Layer.build(stores(configuration, process.env)))
    // Whoever is being answered is answered to the end before the database closes.
    yield* Effect.addFinalizer(() => door.close)
    return yield* Effect.gen(function* () {
      for (const organization of configuration.organizations) yield* register(organization)
      yield* keepUp
      const service = yield* makeService(configuration)
      yield* watch.pipe(
        Effect.provideService(Service, service),
        Effect.provideService(ActiveAlarms, () => activeAlarms(service))
      )
      const answering = Effect.gen(function* () {
        const stopping = yield* Latch.make()
        const beside = OperationsServer.beside({
          rootKey,
          service,
          folder: configuration.folder,
          stop: stopping.await
        })
        const app = yield* DirectoryServer.app({ rootKey, beside })
        yield* endpoints.open(Effect.provideContext(app, stored))
        // Before the server waits for its clients to go: who follows progress would not.
        yield* Effect.addFinalizer(() => stopping.open)
      })
      const upkeep = Effect.repeat(Effect.catchDefect(keepUp, told), Schedule.spaced("5 seconds"))
      const running = Effect.gen(function* () {
        yield* answering
        yield* announce(output, door.url)
        yield* Effect.forkScoped(upkeep)
        return yield* runService(service)
      })
      // What operators have sent is watched like the rest.
      return yield* provideLane(running)
    }).pipe(Effect.provideContext(stored))
  }).pipe(
    Effect.scoped,
    Effect.onInterrupt(() => Effect.logInfo("Stopped.")),
    Effect.provideService(LaneAttention, gate.attention),
    Effect.provide(observing(process.env))
  )
  yield* Effect.uninterruptibleMask((restore) => Effect.catchCause(restore(serving), stopped(output)))
})

/** The database may come later than the service; whatever else is wrong with it is told at once. */
const patiently = <A, R>(building: Effect.Effect<A, StoreError, R>): Effect.Effect<A, StoreError, R> =>
  building.pipe(
    Effect.tapError((error) => (isAway(error) ? Effect.logWarning(`Waiting: ${error.message}`) : Effect.void)),
    Effect.retry({ while: isAway, schedule: Schedule.spaced("2 seconds") })
  )

const isAway = ({ reason }: StoreError): boolean => reason._tag === "StoreUnavailable"

const activeAlarms = ({ organizations }: Service["Service"]): ReadonlyArray<ActiveAlarm> =>
  organizations.flatMap(({ alarms, organization }) =>
    alarms.standing().map(({ alarm }) => ({ organization: organization.id, alarm }))
  )

/** Listens from the first moment, so that it can be asked what it waits for. */
const openDoor = Effect.fnUntraced(function* ({ host, port }: Place, gate: Gate, app: App) {
  const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
  const server = Layer.provideMerge(
    HttpServer.serve(app),
    NodeHttpServer.layer(() => gate.server(), { host, port })
  )
  const listening = yield* Effect.catchTag(Layer.buildWithScope(server, scope), "ServeError", ({ cause }) =>
    Effect.fail(portTaken(host, port, cause))
  )
  const { address } = Context.get(listening, HttpServer.HttpServer)
  return { url: HttpServer.formatAddress(address), close: Scope.close(scope, Exit.void) }
})

/** Being told to stop is how it ends: requests under way were answered, the database is closed. */
const stopped =
  (output: Output) =>
  <E>(cause: Cause.Cause<E>): Effect.Effect<void, E> =>
    Cause.hasInterruptsOnly(cause) ? output.line("Stopped.") : Effect.failCause(cause)

const register = Effect.fnUntraced(function* ({ apps, id }: Organization) {
  const log = yield* EventLog
  const organizations = yield* Organizations
  yield* organizations.register(id, apps(yield* log.salt(id)))
})

/** A database that is away for a while is no reason to stop: the requests are told, and this is tried again. */
const keepUp = Effect.gen(function* () {
  const { bringUp, organizations } = yield* Upkeep
  for (const log of yield* organizations) yield* bringUp(log)
}).pipe(Effect.catchTag("StoreError", (error) => Effect.logWarning(`The Directory's tables wait: ${error.message}`)))

/** A fault of ours must not end the upkeep unseen. */
const told = (defect: unknown) => Effect.logError("The Directory's tables wait.", Cause.die(defect))

const announce = Effect.fnUntraced(function* (output: Output, url: string) {
  yield* Effect.annotateLogs(Effect.logInfo("Serving."), { url })
  yield* output.line(`Directory API: ${url}`)
  yield* output.line(`  ${url}/docs describes it, \`rollcall token\` makes tokens; stop with Ctrl-C`)
  yield* output.line(`Operations API: ${url}/ops/docs; \`rollcall status --server ${url}\``)
  yield* output.result({ url })
})
